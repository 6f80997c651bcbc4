"""The rows of core.pet_scan, core.pet_reference, core.pet_lesion and core.pet_burden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from criteria.vocabulary import LesionNature, LesionStatus
from ingestion.dicom.index import ScanFile
from pet.body import LeanBody, body, lean_body
from pet.burden import Burden, burden
from pet.drawn import Drawing
from pet.header import SeriesHeader
from pet.lean_body import body_surface_area
from pet.lesions import Measured
from pet.naming import Lesion
from pet.plausibility import body_flags
from pet.reading import PetScan
from pet.references import Reference
from pet.refusal import QUANTIFIED, Flag, joined
from pet.volume import Volume
from protocol.pet_options import PetOptions

Row = dict[str, Any]


@dataclass(frozen=True)
class LesionResult:
    """A lesion's drawing with what was measured of it."""

    drawing: Drawing
    lesion: Lesion
    measured: Measured


def scan_row(uid: str, files: tuple[ScanFile, ...], header: SeriesHeader | None, options: PetOptions) -> Row:
    """What the header says of a scan, quantified or not; ``uid`` is the Series Instance UID."""
    first = min(files, key=lambda each: each.source_name, default=None)
    row: Row = {
        "scan_id": uid,
        "series_instance_uid": uid,
        "source_sha256": first.sha256 if first else None,
        "source_name": first.source_name if first else None,
        "source_record": uid,
        "lbm_formula": options.lbm,
    }
    if header is None:
        return row
    person = body(header)
    return row | {
        "units": header.units,
        "decay_correction": header.decay_correction,
        "radiopharmaceutical": header.radiopharmaceutical,
        "injected_activity_mbq": None if person.dose is None else person.dose / 1e6,
        "half_life_s": person.half_life,
        "weight_kg": person.weight,
        "height_m": person.height,
        "lbm_kg": lean_body(person, options).mass,
        "manufacturer": header.manufacturer,
        "manufacturer_model": header.model,
        "station": header.station,
        "reconstruction": header.reconstruction,
        "harmonised": True if header.station in options.harmonised_scanners else None,
    }


def suv_row(scan: PetScan, lean: LeanBody, median: float | None) -> Row:
    """What SUV and SUL of a quantified scan rest on."""
    suv, grid = scan.suv, scan.volume.grid
    timed = suv.injection is not None and suv.reference is not None
    return {
        "status": QUANTIFIED,
        "injection_datetime": suv.injection,
        "reference_datetime": suv.reference,
        "uptake_min": (suv.reference - suv.injection).total_seconds() / 60 if timed else None,  # type: ignore[operator]
        "suv_factor": float(suv.factors[0]),
        "sul_factor": lean.sul_factor,
        "voxel_mm": "x".join(f"{side:.6g}" for side in reversed(grid.spacing)),
        "slices": grid.shape[0],
        "body_median_suv": median,
        "flags": joined((*scan.flags, *lean.flags, *body_flags(median))),
    }


def reference_row(reference: Reference, evaluator: str, lean: LeanBody, scan: PetScan, uid: str) -> Row:
    """A reference region in SUVbw and SUL."""
    x, y, z = reference.centre or (None, None, None)
    return {
        "evaluator": evaluator,
        "region": reference.region.value,
        "usable": reference.usable,
        "suv_mean": reference.mean,
        "suv_sd": reference.sd,
        "suv_max": reference.maximum,
        "sul_mean": _times(reference.mean, lean.sul_factor),
        "sul_sd": _times(reference.sd, lean.sul_factor),
        "voxels": reference.voxels,
        "centre_x_mm": x,
        "centre_y_mm": y,
        "centre_z_mm": z,
        "frame_of_reference_uid": scan.volume.grid.frame_of_reference,
        "series_instance_uid": uid,
        "flags": joined((*reference.flags, *lean.flags)),
        "source_record": uid,
    }


def lesion_row(found: LesionResult, scan: PetScan, lean: LeanBody, uid: str, options: PetOptions) -> Row:
    """A lesion in SUVbw and SUL."""
    drawing, lesion, values = found.drawing, found.lesion, found.measured
    person, grid, sul = body(scan.header), scan.volume.grid, lean.sul_factor
    bsa = None
    if person.weight and person.height:
        bsa = values.mean * 1e4 * body_surface_area(person.weight, person.height) / (1000 * person.weight)
    centre = values.peak.centre
    x, y, z = (None, None, None) if centre is None else grid.points(np.array([centre]))[0].tolist()
    mtv = values.volumes[options.mtv_method]
    basis = 1.0 if options.tlg_basis == "SUV" else sul
    tlg = None if mtv is None or basis is None else basis * (values.mean_in_volume or 0.0) * mtv
    return {
        "evaluator": drawing.evaluator,
        "lesion_id": lesion.lesion_id,
        "organ": lesion.organ,
        "side": lesion.side,
        "is_node": lesion.is_node,
        "status": LesionStatus.PRESENT.value,
        "nature": lesion.nature.value,
        "suv_max": values.maximum,
        "suv_mean": values.mean,
        "suv_peak": values.peak.value,
        "sul_max": _times(values.maximum, sul),
        "sul_mean": _times(values.mean, sul),
        "sul_peak": _times(values.peak.value, sul),
        "suv_mean_bsa": bsa,
        "mtv_ml": mtv,
        "mtv_method": options.mtv_method,
        **{f"{name.lower()}_ml": values.volumes[name] for name in values.volumes if name not in ("MTV_50", "MASK")},
        "region_ml": values.region_ml,
        "tlg_g": tlg,
        "tlg_basis": options.tlg_basis,
        "functional_diameter_mm": values.diameter_mm,
        "peak_x_mm": x,
        "peak_y_mm": y,
        "peak_z_mm": z,
        "measured_from": drawing.region.source,
        "region_number": drawing.region.number,
        "series_instance_uid": uid,
        "flags": joined((*values.flags, *lean.flags)),
        "source_sha256": drawing.source.sha256,
        "source_name": drawing.source.source_name,
        "source_record": drawing.sop_instance_uid,
    }


def burden_rows(
    lesions: list[LesionResult], volume: Volume, lean: LeanBody, uid: str, options: PetOptions
) -> list[Row]:
    """The union of the lesions of every evaluator, of tumour alone and, as sensitivity, of every nature."""
    basis = 1.0 if options.tlg_basis == "SUV" else lean.sul_factor
    rows = []
    for evaluator in dict.fromkeys(each.drawing.evaluator for each in lesions):
        every = [each for each in lesions if each.drawing.evaluator == evaluator]
        tumour = [each for each in every if each.lesion.nature is LesionNature.TUMOUR]
        total, wide = _union(tumour, volume), _union(every, volume)
        fixed = burden(volume, [(each.drawing.region.box, each.measured.fixed) for each in tumour])
        rows.append(
            {
                "evaluator": evaluator,
                "scan_id": uid,
                "lesions": len(tumour),
                "tmtv_ml": total.volume_ml if total else None,
                "ttlg_g": _times(total.glycolysis, basis) if total else None,
                "tlg_basis": options.tlg_basis,
                "mtv_method": options.mtv_method,
                "tmtv_f40_ml": fixed.volume_ml,
                "sensitivity_tmtv_ml": wide.volume_ml if wide else None,
                "sensitivity_ttlg_g": _times(wide.glycolysis, basis) if wide else None,
                "flags": None if wide else joined([Flag.LIVER_MISSING]),
            }
        )
    return rows


def _union(lesions: list[LesionResult], volume: Volume) -> Burden | None:
    """Null when the method's volume of a lesion is not computable."""
    parts = [(each.drawing.region.box, each.measured.core) for each in lesions]
    known = [(box, core) for box, core in parts if core is not None]
    return burden(volume, known) if len(known) == len(parts) else None


def _times(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else value * factor
