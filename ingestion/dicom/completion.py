"""Columns of `core.instance` that follow from others, or from the file meta information and the references."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydicom import config
from pydicom.uid import UID

from ingestion.dicom.attributes import items, text_at, text_of, typed_value
from ingestion.dicom.fields import ACQUISITION_DATETIME, REFERENCE_SEQUENCES, Value
from ingestion.dicom.frames import frame_positions

META_UIDS = ("MediaStorageSOPInstanceUID", "MediaStorageSOPClassUID", "TransferSyntaxUID")


def complete(dataset: Any, values: dict[str, Value], remarks: list[str]) -> None:
    """Add to the ``values`` of the fields what a data set with its file meta information says beside them."""
    meta = {keyword: text_of(dataset.file_meta, keyword) for keyword in META_UIDS}
    complete_from_meta(meta, values, remarks)
    complete_acquisition(typed_value(dataset, ACQUISITION_DATETIME, remarks), values)
    complete_from_sequences(dataset, values, remarks)


def complete_from_meta(meta: Mapping[str, str | None], values: dict[str, Value], remarks: list[str]) -> None:
    """UIDs that the data set lacks, from the file meta information; the transfer syntax and the SOP class's name.

    ``meta`` holds the texts of the `META_UIDS` by keyword.
    """
    for column, keyword in (
        ("sop_instance_uid", "MediaStorageSOPInstanceUID"),
        ("sop_class_uid", "MediaStorageSOPClassUID"),
    ):
        stored = meta.get(keyword)
        if stored is None:
            continue
        if column not in values:
            values[column] = stored
            remarks.append(f"{column} is the file meta information's {keyword}")
        elif values[column] != stored:
            remarks.append(f"{column} {values[column]} differs from the file meta information's {stored}")
    if values["pixel_data"]:
        values.setdefault("number_of_frames", 1)
    syntax = meta.get("TransferSyntaxUID")
    if syntax is not None:
        values["transfer_syntax_uid"] = syntax
    if "sop_class_uid" in values:
        name = _name_of_class(str(values["sop_class_uid"]))
        if name is not None:
            values["sop_class"] = name


@lru_cache(maxsize=256)
def _name_of_class(uid: str) -> str | None:
    name = UID(uid, validation_mode=config.IGNORE).name
    return None if name == uid else str(name)


def complete_acquisition(acquired: Any, values: dict[str, Value]) -> None:
    """Date and time of Acquisition DateTime where Acquisition Date is missing."""
    if acquired is None or "acquisition_date" in values:
        return
    values["acquisition_date"] = acquired.date()
    values.setdefault("acquisition_time", acquired.time())


def complete_from_sequences(dataset: Any, values: dict[str, Value], remarks: list[str]) -> None:
    """Places of the frames, and the series and instances that the data set refers to."""
    _complete_frames(dataset, values, remarks)
    for column, uids in zip(
        ("referenced_series_uids", "referenced_sop_instance_uids"), _references(dataset, remarks), strict=True
    ):
        if uids:
            values[column] = "\\".join(sorted(uids))


def _complete_frames(dataset: Any, values: dict[str, Value], remarks: list[str]) -> None:
    groups = items(dataset, "PerFrameFunctionalGroupsSequence", remarks)
    if not groups:
        return
    found = frame_positions(
        [text_at(group, ("PlanePositionSequence", "ImagePositionPatient"), remarks) for group in groups],
        [text_at(group, ("PlaneOrientationSequence", "ImageOrientationPatient"), remarks) for group in groups],
        values.get("image_orientation"),
    )
    if isinstance(found, str):
        values["frame_positions"] = found
    elif found is not None:
        values.pop("image_orientation", None)
        remarks.append(found.remark)


def _references(dataset: Any, remarks: list[str], depth: int = 6) -> tuple[set[str], set[str]]:
    """Series and instances that a data set names in its reference sequences, nested up to ``depth`` levels."""
    series: set[str] = set()
    instances: set[str] = set()
    if depth == 0:
        return series, instances
    for keyword in REFERENCE_SEQUENCES:
        for item in items(dataset, keyword, remarks):
            named = text_of(item, "SeriesInstanceUID")
            if named is not None:
                series.add(named)
            named = text_of(item, "ReferencedSOPInstanceUID")
            if named is not None:
                instances.add(named)
            deeper_series, deeper_instances = _references(item, remarks, depth - 1)
            series |= deeper_series
            instances |= deeper_instances
    return series, instances
