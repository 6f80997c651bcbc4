"""What a drawn region is: a lesion, a reference region, or neither; by its codes, then by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from criteria.vocabulary import LesionNature, ReferenceRegion
from pet.region import Region
from protocol.pet_options import PetOptions

ABNORMAL = {"49755003", "M-01000"}
NEOPLASM = {"108369006", "M-80003", "86049000", "14799000", "M-80006", "367651003", "M-8FFFF"}
NODES = re.compile(r"lymph ?node|\bnod(e|al|es)\b", re.IGNORECASE)
CODED: dict[str, ReferenceRegion] = {
    "10200004": ReferenceRegion.LIVER,
    "T-62000": ReferenceRegion.LIVER,
    "15825003": ReferenceRegion.BLOOD_POOL,
    "113262008": ReferenceRegion.BLOOD_POOL,
    "281130003": ReferenceRegion.BLOOD_POOL,
    "T-42000": ReferenceRegion.BLOOD_POOL,
    "T-42300": ReferenceRegion.BLOOD_POOL,
    "78961009": ReferenceRegion.SPLEEN,
    "T-C3000": ReferenceRegion.SPLEEN,
    "14016003": ReferenceRegion.MARROW,
    "T-C1000": ReferenceRegion.MARROW,
}
ORGAN_TYPES = ("ORGAN", "EXTERNAL", "AVOIDANCE", "SUPPORT", "FIXATION", "MARKER", "REGISTRATION")
SIDES = {"left": "LEFT", "right": "RIGHT"}


@dataclass(frozen=True, slots=True)
class Lesion:
    """A region taken for a lesion: its id over time, site, side, whether a node, and what it is taken for."""

    lesion_id: str
    organ: str | None
    side: str | None
    is_node: bool | None
    nature: LesionNature


def meaning_of(region: Region, options: PetOptions) -> Lesion | ReferenceRegion | None:
    """A lesion, the reference region it is, or null for any other organ or object.

    A segment coded as abnormal or neoplastic, or a ROI of type GTV, is a lesion whatever its name. A normal structure
    is a reference by its type code or its name, else nothing. Without codes the name decides: references and the
    ``ignored_names`` first, all else is a lesion.
    """
    drawn_as_lesion = (region.category is not None and region.category.value in ABNORMAL) or (
        region.kind is not None and region.kind.value in NEOPLASM
    )
    if drawn_as_lesion or region.interpreted == "GTV":
        return _lesion(region, options)
    if region.kind is not None and region.kind.value in CODED:
        return CODED[region.kind.value]
    text = " ".join(filter(None, (region.label, region.tracking_id))).replace("_", " ")
    patterns = {
        ReferenceRegion.LIVER: options.liver_names,
        ReferenceRegion.BLOOD_POOL: options.blood_pool_names,
        ReferenceRegion.SPLEEN: options.spleen_names,
        ReferenceRegion.MARROW: options.marrow_names,
    }
    for reference, pattern in patterns.items():
        if re.search(pattern, text, re.IGNORECASE):
            return reference
    normal = region.category is not None or region.interpreted in ORGAN_TYPES
    if normal or re.search(options.ignored_names, text, re.IGNORECASE):
        return None
    return _lesion(region, options)


def _lesion(region: Region, options: PetOptions) -> Lesion:
    site = region.site.meaning if region.site else None
    text = " ".join(
        filter(None, (region.label, region.tracking_id, region.kind.meaning if region.kind else None, site))
    )
    spoken = text.replace("_", " ")
    is_node = True if NODES.search(spoken) else None
    return Lesion(region.name, site, side_of(spoken), is_node, nature_of(spoken, options))


def nature_of(spoken: str, options: PetOptions) -> LesionNature:
    """What a focus is taken for by its names; TUMOUR when they say nothing else."""
    found = (name for name, pattern in options.natures.items() if re.search(pattern, spoken, re.IGNORECASE))
    return LesionNature(next(found, LesionNature.TUMOUR))


def side_of(spoken: str) -> str | None:
    """The side of the body that names speak of."""
    return next((code for word, code in SIDES.items() if re.search(rf"\b{word}\b", spoken, re.IGNORECASE)), None)
