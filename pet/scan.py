"""One PET scan of one subject's visit: from its files and the regions drawn on it to the rows of the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from criteria.vocabulary import ReferenceRegion
from ingestion.dicom.index import ScanFile
from pet.body import LeanBody, body, lean_body
from pet.coverage import coverage
from pet.diameters import Diameter
from pet.drawn import Drawing, Unusable, drawings
from pet.lesions import measured
from pet.metabolic_volume import Liver
from pet.naming import Lesion
from pet.plausibility import body_median
from pet.reading import PetScan, read_header, read_scan
from pet.references import Reference, reference_at, reference_in
from pet.refusal import Flag, NotQuantifiedError, Refusal
from pet.rows import LesionResult, Row, burden_rows, lesion_row, reference_row, scan_row, suv_row
from protocol.pet_options import PetOptions


@dataclass(frozen=True, slots=True)
class Centre:
    """A reference region's place at baseline: patient coordinates in mm, and the frame that they are in."""

    evaluator: str
    region: ReferenceRegion
    point: tuple[float, float, float]
    frame_of_reference: str | None


@dataclass(frozen=True)
class ScanTask:
    """A PET series in its visit, its files in any order, and the segmentations drawn on it."""

    study_id: str
    subject_id: str
    timepoint: int
    visit: str
    scan_date: date | None
    series_instance_uid: str
    files: tuple[ScanFile, ...]
    segmentations: tuple[ScanFile, ...] = ()
    centres: tuple[Centre, ...] = ()
    diameters: tuple[Diameter, ...] = ()
    input_hash: str = ""

    def place(self) -> Row:
        """Subject, time point, visit and date."""
        return {
            "study_id": self.study_id,
            "subject_id": self.subject_id,
            "timepoint": self.timepoint,
            "visit": self.visit,
            "assessment_date": self.scan_date,
        }


@dataclass
class ScanResult:
    """Rows of one scan; ``scan``, ``lesions`` in memory for pictures and radiomics as long as this object lives."""

    task: ScanTask
    scan_row: Row
    lesion_rows: list[Row] = field(default_factory=list)
    reference_rows: list[Row] = field(default_factory=list)
    burden_rows: list[Row] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    scan: PetScan | None = None
    lesions: list[LesionResult] = field(default_factory=list)


def settings_json(options: PetOptions) -> str:
    """The options as stored beside every value."""
    return json.dumps(options.settings(), sort_keys=True)


def quantified(task: ScanTask, options: PetOptions) -> ScanResult:
    """Everything that is measured of one scan; a refusal becomes its coded status, never an exception."""
    uid = task.series_instance_uid
    base = {**task.place(), "settings": settings_json(options), "input_hash": task.input_hash}
    try:
        scan = _read(task, options)
    except NotQuantifiedError as error:
        header = read_header([file.path for file in task.files])
        row = {**base, **scan_row(uid, task.files, header, options)}
        row |= {"status": error.code.value, "status_reason": error.reason}
        return ScanResult(task, row)
    lean = lean_body(body(scan.header), options)
    found, unusable = drawings(task.segmentations, scan.volume.grid, options)
    median = body_median(scan.volume)
    row = {**base, **scan_row(uid, task.files, scan.header, options), **suv_row(scan, lean, median)}
    result = ScanResult(task, row, unusable=unusable, scan=scan)
    references = _references(scan, found, task, options)
    result.reference_rows = [
        {**base, **reference_row(reference, evaluator, lean, scan, uid)}
        for (evaluator, _), reference in references.items()
    ]
    for drawing in found:
        if not isinstance(drawing.meaning, Lesion):
            continue
        liver = _liver(references, drawing.evaluator, lean)
        result.lesions.append(
            LesionResult(
                drawing, drawing.meaning, measured(scan.volume, drawing.region, lean.sul_factor, liver, options)
            )
        )
    result.scan_row["coverage"] = coverage(scan.volume, [each.drawing.region for each in result.lesions])
    result.lesion_rows = [{**base, **lesion_row(each, scan, lean, uid, options)} for each in result.lesions]
    result.burden_rows = [{**base, **each} for each in burden_rows(result.lesions, scan.volume, lean, uid, options)]
    return result


def _read(task: ScanTask, options: PetOptions) -> PetScan:
    try:
        return read_scan([file.path for file in sorted(task.files, key=lambda each: each.source_name)], options)
    except NotQuantifiedError:
        raise
    except Exception as error:  # contents that are not what the standard says
        raise NotQuantifiedError(Refusal.NOT_READABLE, f"{type(error).__name__}: {error}") from error


def _references(
    scan: PetScan, found: Sequence[Drawing], task: ScanTask, options: PetOptions
) -> dict[tuple[str, ReferenceRegion], Reference]:
    """Drawn reference regions by evaluator; those not drawn stand where the evaluator's baseline had them."""
    drawn: dict[tuple[str, ReferenceRegion], list[Drawing]] = {}
    for drawing in found:
        if isinstance(drawing.meaning, ReferenceRegion):
            drawn.setdefault((drawing.evaluator, drawing.meaning), []).append(drawing)
    references = {
        key: reference_in(scan.volume, key[1], [each.region for each in several], options)
        for key, several in drawn.items()
    }
    if options.reference_from_baseline:
        for centre in task.centres:
            key = (centre.evaluator, centre.region)
            if key not in references:
                references[key] = _at_baseline_centre(scan, centre, options)
    return references


def _at_baseline_centre(scan: PetScan, centre: Centre, options: PetOptions) -> Reference:
    reference = reference_at(scan.volume, centre.region, np.array(centre.point), options)
    flags = [Flag.CENTRE_FROM_BASELINE]
    if centre.frame_of_reference != scan.volume.grid.frame_of_reference:
        flags.append(Flag.CENTRE_OTHER_FRAME)
    return replace(reference, flags=(*reference.flags, *flags))


def _liver(references: Mapping[tuple[str, ReferenceRegion], Reference], evaluator: str, lean: LeanBody) -> Liver | None:
    """The evaluator's usable liver, else anybody's: the liver of a scan is one."""
    own = references.get((evaluator, ReferenceRegion.LIVER))
    others = [each for (_, region), each in references.items() if region is ReferenceRegion.LIVER]
    for each in (own, *others):
        if each is not None and each.usable and each.mean is not None and each.sd is not None and lean.sul_factor:
            return Liver(each.mean * lean.sul_factor, each.sd * lean.sul_factor)
    return None
