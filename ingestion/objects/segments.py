"""Reading the segments of a SEG (PS3.3 A.51) and the regions of an RTSTRUCT (A.19): everything but their voxels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset

from ingestion.dicom.attributes import items, text_of
from ingestion.dicom.headers import Unreadable
from ingestion.dicom.quiet import quiet
from ingestion.dicom.values import clean, day, integer
from ingestion.objects.codes import code, meaning

SEG_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
RTSTRUCT_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
_RESEND = "export the object again from the program that made it"


def read_segments(path: Path) -> list[dict[str, Any]] | Unreadable:
    """One row per segment or region of the file (columns of `SEGMENTATION`); never raises for what it contains."""
    try:
        with quiet():
            dataset = dcmread(path, stop_before_pixels=True, force=True)
            remarks: list[str] = []
            sop_class = text_of(dataset, "SOPClassUID")
            if sop_class not in (*SEG_CLASSES, RTSTRUCT_CLASS):
                return Unreadable(f"SOP class {sop_class} is neither SEG nor RTSTRUCT", _RESEND)
            rows = (_regions if sop_class == RTSTRUCT_CLASS else _segments)(dataset, remarks)
    except Exception as error:  # pydicom raises nearly every type for damaged content
        return Unreadable(f"cannot be read: {clean(str(error))}", _RESEND)
    if not rows:
        return Unreadable("it has no segments or regions", _RESEND)
    numbers = Counter(row["segment_number"] for row in rows)
    if None in numbers or max(numbers.values()) > 1:
        return Unreadable("its segments or regions are not numbered, or share a number", _RESEND)
    about = {
        "sop_instance_uid": text_of(dataset, "SOPInstanceUID"),
        "source_record": text_of(dataset, "SOPInstanceUID"),
        "series_instance_uid": text_of(dataset, "SeriesInstanceUID"),
        "study_instance_uid": text_of(dataset, "StudyInstanceUID"),
        "content_date": _date(dataset, remarks),
        "remarks": "; ".join(dict.fromkeys(remarks)) or None,
    }
    return [{**row, **about} for row in rows]


def _date(dataset: Dataset, remarks: list[str]) -> Any:
    for keyword in ("ContentDate", "StructureSetDate"):
        text = text_of(dataset, keyword)
        if text is not None:
            try:
                return day(text)
            except ValueError as error:
                remarks.append(f"{keyword} {text!r} {error}")
    return None


def _segments(dataset: Dataset, remarks: list[str]) -> list[dict[str, Any]]:
    kind = text_of(dataset, "SegmentationType")
    sources, frames = _frames(dataset, remarks)
    sequence = items(dataset, "ReferencedSeriesSequence", remarks)
    series = [uid for item in sequence if (uid := text_of(item, "SeriesInstanceUID"))]
    whole = sources[None] or _instances(sequence, "ReferencedInstanceSequence", remarks)
    rows = []
    for segment in items(dataset, "SegmentSequence", remarks):
        number = _number(segment, "SegmentNumber", remarks)
        named = sources[number] or whole
        rows.append(
            {
                "object": "SEG",
                "segment_number": number,
                "label": text_of(segment, "SegmentLabel"),
                "description": text_of(segment, "SegmentDescription"),
                "tracking_id": text_of(segment, "TrackingID"),
                "tracking_uid": text_of(segment, "TrackingUID"),
                "category": meaning(segment, "SegmentedPropertyCategoryCodeSequence", remarks),
                "property": meaning(segment, "SegmentedPropertyTypeCodeSequence", remarks),
                "property_code": code(segment, "SegmentedPropertyTypeCodeSequence", remarks),
                "anatomic_region": meaning(segment, "AnatomicRegionSequence", remarks),
                "algorithm_type": text_of(segment, "SegmentAlgorithmType"),
                "algorithm_name": _algorithm(segment, remarks),
                "segmentation_type": kind,
                "frames": None if kind == "LABELMAP" else frames[number],
                "frame_of_reference_uid": text_of(dataset, "FrameOfReferenceUID"),
                "referenced_series_uids": _joined(series),
                "referenced_sop_instance_uids": _joined(named),
                "referenced_instances": len(named),
            }
        )
    return rows


def _algorithm(segment: Dataset, remarks: list[str]) -> str | None:
    identified = items(segment, "SegmentationAlgorithmIdentificationSequence", remarks)
    return text_of(segment, "SegmentAlgorithmName") or (text_of(identified[0], "AlgorithmName") if identified else None)


def _frames(dataset: Dataset, remarks: list[str]) -> tuple[dict[int | None, set[str]], Counter[int | None]]:
    """Instances that each segment's frames were drawn on (None: of no segment alone), and its frames."""
    shared = items(dataset, "SharedFunctionalGroupsSequence", remarks)
    common = _segment_of(shared[0], remarks) if shared else None
    sources: defaultdict[int | None, set[str]] = defaultdict(set)
    frames: Counter[int | None] = Counter()
    for group in (*shared[:1], *items(dataset, "PerFrameFunctionalGroupsSequence", remarks)):
        number = _segment_of(group, remarks) or common
        if group is not (shared[0] if shared else None):
            frames[number] += 1
        for derivation in items(group, "DerivationImageSequence", remarks):
            sources[number] |= _uids(items(derivation, "SourceImageSequence", remarks))
    return sources, frames


def _segment_of(group: Dataset, remarks: list[str]) -> int | None:
    found = items(group, "SegmentIdentificationSequence", remarks)
    return _number(found[0], "ReferencedSegmentNumber", remarks) if found else None


def _regions(dataset: Dataset, remarks: list[str]) -> list[dict[str, Any]]:
    contours = {
        _number(item, "ReferencedROINumber", remarks): items(item, "ContourSequence", remarks)
        for item in items(dataset, "ROIContourSequence", remarks)
    }
    observed = {
        _number(item, "ReferencedROINumber", remarks): item
        for item in items(dataset, "RTROIObservationsSequence", remarks)
    }
    series_of = _series_of_instances(dataset, remarks)
    every_series = set(series_of.values()) | _contoured_series(dataset, remarks)
    rows = []
    for region in items(dataset, "StructureSetROISequence", remarks):
        number = _number(region, "ROINumber", remarks)
        drawn, seen = contours.get(number, []), observed.get(number, Dataset())
        named = _instances(drawn, "ContourImageSequence", remarks)
        series = {series_of[uid] for uid in named if uid in series_of} or every_series
        rows.append(
            {
                "object": "RTSTRUCT",
                "segment_number": number,
                "label": text_of(region, "ROIName"),
                "description": text_of(region, "ROIDescription"),
                "tracking_id": text_of(region, "TrackingID"),
                "tracking_uid": text_of(region, "TrackingUID"),
                "category": text_of(seen, "RTROIInterpretedType"),
                "property": meaning(seen, "RTROIIdentificationCodeSequence", remarks),
                "property_code": code(seen, "RTROIIdentificationCodeSequence", remarks),
                "anatomic_region": meaning(seen, "AnatomicRegionSequence", remarks),
                "algorithm_type": text_of(region, "ROIGenerationAlgorithm"),
                "algorithm_name": text_of(region, "ROIGenerationDescription"),
                "contours": len(drawn),
                "contour_types": _joined(kind for item in drawn if (kind := text_of(item, "ContourGeometricType"))),
                "frame_of_reference_uid": text_of(region, "ReferencedFrameOfReferenceUID"),
                "referenced_series_uids": _joined(series),
                "referenced_sop_instance_uids": _joined(named),
                "referenced_instances": len(named),
            }
        )
    return rows


def _contoured_series(dataset: Dataset, remarks: list[str]) -> set[str]:
    return {uid for series in _rt_series(dataset, remarks) if (uid := text_of(series, "SeriesInstanceUID"))}


def _series_of_instances(dataset: Dataset, remarks: list[str]) -> dict[str, str]:
    return {
        uid: series_uid
        for series in _rt_series(dataset, remarks)
        if (series_uid := text_of(series, "SeriesInstanceUID"))
        for uid in _uids(items(series, "ContourImageSequence", remarks))
    }


def _rt_series(dataset: Dataset, remarks: list[str]) -> list[Dataset]:
    return [
        series
        for frame in items(dataset, "ReferencedFrameOfReferenceSequence", remarks)
        for study in items(frame, "RTReferencedStudySequence", remarks)
        for series in items(study, "RTReferencedSeriesSequence", remarks)
    ]


def _instances(holders: Iterable[Dataset], sequence: str, remarks: list[str]) -> set[str]:
    return {uid for holder in holders for uid in _uids(items(holder, sequence, remarks))}


def _uids(found: Iterable[Dataset]) -> set[str]:
    return {uid for item in found if (uid := text_of(item, "ReferencedSOPInstanceUID"))}


def _number(dataset: Dataset, keyword: str, remarks: list[str]) -> int | None:
    text = text_of(dataset, keyword)
    if text is None:
        return None
    try:
        return integer(text)
    except ValueError as error:
        remarks.append(f"{keyword} {text!r} {error}")
        return None


def _joined(texts: Iterable[str]) -> str | None:
    return "\\".join(sorted(set(texts))) or None
