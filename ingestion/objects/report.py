"""Reading the measurements of a structured report by TID 1500 and its groups (PS3.16 TID 1410, 1411, 1501)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from ingestion.dicom.attributes import items, text_of
from ingestion.dicom.headers import Unreadable
from ingestion.dicom.quiet import quiet
from ingestion.dicom.values import clean, clock, day
from ingestion.objects.content_tree import Item
from ingestion.objects.plausible import refusals
from ingestion.objects.quantities import derivation, in_unit, quantity

SR_CLASSES = tuple(f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in (22, 33, 34))
FINDING_CATEGORY = Code("276214006", "SCT", "Finding category")
TIME_POINT = Code("C2348792", "UMLS", "Time Point")
_RESEND = "export the report again from the program that made it"
_EVIDENCE = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")


@dataclass(frozen=True, slots=True)
class _Group:
    """The items that speak of one lesion, or of the whole report."""

    item: Item
    number: int | None


def read_report(path: Path) -> list[dict[str, Any]] | Unreadable:
    """One row per measurement of the report (columns of `SR_MEASUREMENT`); never raises for what it contains.

    A report without measurements has no rows. What cannot be understood of an item is a remark on its file's rows;
    values that cannot be are refused (`ingestion.objects.plausible`).
    """
    remarks: list[str] = []
    try:
        with quiet():
            dataset = dcmread(path, force=True)
            if text_of(dataset, "SOPClassUID") not in SR_CLASSES:
                return Unreadable("it is no Enhanced, Comprehensive or Comprehensive 3D SR", _RESEND)
            if not items(dataset, "ContentSequence", remarks):
                return Unreadable("the report has no content", _RESEND)
            root = Item(dataset, remarks)
            rows = [row for group in _groups(root) for row in _measurements(group, root)]
            about = _about(dataset, root, remarks)
    except Exception as error:  # pydicom raises nearly every type for damaged content
        return Unreadable(f"cannot be read: {clean(str(error))}", _RESEND)
    about["remarks"] = "; ".join(dict.fromkeys(remarks)) or None
    numbered = [{**row, **about, "measurement_number": number} for number, row in enumerate(rows, 1)]
    return refusals(numbered)


def _groups(root: Item) -> Iterator[_Group]:
    """The measurement groups in order, then the report as the group of measurements that stand outside of all."""
    found = [one for one in root.below() if one.kind == "CONTAINER" and one.is_named(codes.DCM.MeasurementGroup)]
    for number, item in enumerate(found, 1):
        yield _Group(item, number)
    yield _Group(root, None)


def _measurements(group: _Group, root: Item) -> Iterator[dict[str, Any]]:
    shared = _of_group(group, root)
    numbers = [one for one in group.item.children if one.kind == "NUM"] if group.number else list(_loose(group.item))
    for one in numbers:
        yield {**shared, **_measurement(one, shared)}


def _loose(item: Item) -> Iterator[Item]:
    for child in item.children:
        if child.kind == "NUM":
            yield child
        elif not (child.kind == "CONTAINER" and child.is_named(codes.DCM.MeasurementGroup)):
            yield from _loose(child)


def _of_group(group: _Group, root: Item) -> dict[str, Any]:
    item = group.item
    finding = next(item.find(codes.DCM.Finding), None)
    images = list(_images(child for child in item.children if child.kind != "NUM")) if group.number else []
    return {
        "group_number": group.number,
        "tracking_id": item.said(codes.DCM.TrackingIdentifier),
        "tracking_uid": item.said(codes.DCM.TrackingUniqueIdentifier),
        "finding": finding.text if finding else None,
        "finding_category": item.said(FINDING_CATEGORY),
        "finding_site": item.said(codes.SCT.FindingSite),
        "method": item.said(codes.SCT.MeasurementMethod),
        "line": _line(child for child in item.children if child.kind != "NUM") if group.number else None,
        "time_point": item.said(codes.DCM.ProtocolTimePointIdentifier, codes.DCM.SubjectTimePointIdentifier, TIME_POINT)
        or root.said(codes.DCM.ProtocolTimePointIdentifier, codes.DCM.SubjectTimePointIdentifier, TIME_POINT),
        **_observer(item if next(item.find(codes.DCM.PersonObserverName, codes.DCM.DeviceObserverUID), None) else root),
        **_references(images, item.said(codes.DCM.SourceSeriesForSegmentation)),
    }


def _measurement(item: Item, shared: dict[str, Any]) -> dict[str, Any]:
    name, derived = item.name, next(item.find(codes.DCM.Derivation), None)
    value, received, unit = item.number()
    known = quantity(name) if name else None
    by = derivation(derived.code) if derived and derived.code else None
    refusal = None
    if known and value is not None:
        try:
            value, unit = in_unit(known, value, unit)
        except ValueError as error:
            refusal = str(error)
    own = list(item.images())
    return {
        "name": name.meaning if name else None,
        "name_code": f"{name.scheme_designator}:{name.value}" if name else None,
        "quantity": known,
        "derivation": derived.text if derived else None,
        "statistic": by,
        "method": item.said(codes.SCT.MeasurementMethod) or shared["method"],
        "finding_site": item.said(codes.SCT.FindingSite) or shared["finding_site"],
        "value": value,
        "value_received": received,
        "unit": unit,
        "coordinates": next((child.kind for child in item.below() if child.kind.startswith("SCOORD")), None),
        "line": _line([item]) or shared["line"],
        "refusal": refusal,
        **(_references(own, None) if own else {}),
    }


def _line(found: Iterable[Item]) -> str | None:
    """The end points of the line that was measured on an image: column, row, column, row of pixels."""
    for child in (below for one in found for below in (one, *one.below())):
        if child.kind == "SCOORD" and text_of(child.dataset, "GraphicType") == "POLYLINE":
            ends = text_of(child.dataset, "GraphicData") or ""
            return ends if ends.count("\\") == 3 else None
    return None


def _images(found: Iterable[Item]) -> Iterator[Dataset]:
    for item in found:
        yield from item.images()


def _references(images: list[Dataset], source_series: str | None) -> dict[str, Any]:
    return {
        "referenced_sop_instance_uids": _joined(text_of(image, "ReferencedSOPInstanceUID") for image in images),
        "referenced_frames": _joined(text_of(image, "ReferencedFrameNumber") for image in images),
        "referenced_segments": _joined(text_of(image, "ReferencedSegmentNumber") for image in images),
        "source_series_uid": source_series,
    }


def _observer(item: Item) -> dict[str, Any]:
    person = item.said(codes.DCM.PersonObserverName)
    role = item.said(codes.DCM.PersonObserverRoleInThisProcedure, codes.DCM.PersonObserverRoleInTheOrganization)
    if person:
        return {"observer": person, "observer_type": "PERSON", "observer_role": role}
    device = item.said(codes.DCM.DeviceObserverName, codes.DCM.DeviceObserverUID)
    return {"observer": device, "observer_type": "DEVICE" if device else None, "observer_role": None}


def _about(dataset: Dataset, root: Item, remarks: list[str]) -> dict[str, Any]:
    evidence = [
        (text_of(series, "SeriesInstanceUID"), text_of(instance, "ReferencedSOPInstanceUID"))
        for keyword in _EVIDENCE
        for study in items(dataset, keyword, remarks)
        for series in items(study, "ReferencedSeriesSequence", remarks)
        for instance in items(series, "ReferencedSOPSequence", remarks)
    ]
    return {
        "sop_instance_uid": text_of(dataset, "SOPInstanceUID"),
        "source_record": text_of(dataset, "SOPInstanceUID"),
        "series_instance_uid": text_of(dataset, "SeriesInstanceUID"),
        "study_instance_uid": text_of(dataset, "StudyInstanceUID"),
        "title": root.name.meaning if root.name else None,
        "content_date": _parsed(dataset, "ContentDate", day, remarks),
        "content_time": _parsed(dataset, "ContentTime", clock, remarks),
        "completion": text_of(dataset, "CompletionFlag"),
        "verification": text_of(dataset, "VerificationFlag"),
        "evidence_series_uids": _joined(series for series, _ in evidence),
    }


def _parsed(dataset: Dataset, keyword: str, parse: Any, remarks: list[str]) -> Any:
    text = text_of(dataset, keyword)
    try:
        return None if text is None else parse(text)
    except ValueError as error:
        remarks.append(f"{keyword} {text!r} {error}")
        return None


def _joined(texts: Iterable[str | None]) -> str | None:
    return "\\".join(sorted({text for text in texts if text})) or None
