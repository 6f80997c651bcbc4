"""The header of a faultless DICOM file without pydicom, many times as fast.

Attributes of the data set itself are understood once per value and remembered, since the files of a series say the
same; attributes within sequences go the way that those of pydicom's data sets go.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path

from pydicom.datadict import tag_for_keyword

from ingestion.dicom.attributes import typed_value
from ingestion.dicom.completion import complete_acquisition, complete_from_meta, complete_from_sequences
from ingestion.dicom.fields import ACQUISITION_DATETIME, FIELDS, REFERENCE_SEQUENCES, Field
from ingestion.dicom.plain_elements import CHARACTER_SET, PIXEL_REPRESENTATION, attribute, vr_of
from ingestion.dicom.plain_series import Before, Columns, OtherLayoutError, changes
from ingestion.dicom.plain_values import IrregularError, text_of_bytes
from ingestion.dicom.plain_walk import REMEMBERED, Opened, Walked, Walker, Wanted

LONGEST_BEFORE = 1 << 20
"""Bytes of a file that is kept to compare the next one with."""


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return int(tag)


def _fields_by_tag() -> dict[int, tuple[Field, ...]]:
    found: dict[int, tuple[Field, ...]] = {}
    for field in (*FIELDS, ACQUISITION_DATETIME):
        first = field.places[0]
        if len(first) == 1:
            found[_tag(first[0])] = (*found.get(_tag(first[0]), ()), field)
    return found


_FIELDS_OF = _fields_by_tag()
_DEEP = tuple(field for field in FIELDS if any(len(place) > 1 for place in field.places))
_SEQUENCES = frozenset(
    (*(_tag(place[0]) for field in _DEEP for place in field.places if len(place) > 1), *map(_tag, REFERENCE_SEQUENCES))
)
_FRAMES = _tag("PerFrameFunctionalGroupsSequence")


class PlainReader:
    """Reads the headers of faultless files, one after the other."""

    def __init__(self) -> None:
        self._walker = Walker(Wanted(frozenset(_FIELDS_OF), _SEQUENCES | {CHARACTER_SET, PIXEL_REPRESENTATION}))
        self._understood: dict[tuple[bool, str], dict[bytes, Columns]] = {}
        self._before: Before | None = None

    def read(self, path: Path) -> tuple[Columns, tuple[str, ...]] | None:
        """Values and remarks of a file's header; None for a file that pydicom must read, or nobody can."""
        try:
            handle = os.open(path, os.O_RDONLY)
        except OSError:
            return None
        try:
            return self._header(self._walker.open(handle, os.fstat(handle).st_size))
        except (OSError, IrregularError, struct.error):
            return None
        finally:
            os.close(handle)

    def _header(self, opened: Opened) -> tuple[Columns, tuple[str, ...]] | None:
        values = self._values_by_changes(opened)
        if values is None:
            values = self._values(opened)
        values["size"] = opened.size
        remarks: list[str] = []
        acquired = values.pop(ACQUISITION_DATETIME.column, None)
        complete_from_meta(opened.meta, values, remarks)
        complete_acquisition(acquired, values)
        if "sop_instance_uid" not in values:
            return None
        return values, tuple(remarks)

    def _values_by_changes(self, opened: Opened) -> Columns | None:
        """The values of the file before, but for what differs; None when the two are too different."""
        before = self._before
        if before is None:
            return None
        try:
            changed = changes(before, opened, self._walker)
        except OtherLayoutError:
            return None
        values = before.values.copy()
        columns_of = self._reader_of(before.walked)
        for change in changed:
            if change.element is None:
                continue
            columns = columns_of(change.element)
            if before.layered and not columns:
                return None
            for column in before.columns[change.number]:
                values.pop(column, None)
            values.update(columns)
        return values

    def _values(self, opened: Opened) -> Columns:
        """The values of a file by itself, which from now on is the one before."""
        walked = self._walker.walk(opened)
        columns_of = self._reader_of(walked)
        found = {number: columns_of(element) for number, element in walked.attributes.items()}
        tags = {element[:4] for element in walked.attributes.values()}
        if len(tags) < len(found) or not found:
            raise IrregularError("an attribute that stands twice, or none")
        values: Columns = {"pixel_data": walked.pixels}
        for columns in found.values():
            values.update(columns)
        layered = not _SEQUENCES.isdisjoint(walked.raw)
        if layered:
            _add_deep(walked, values)
        if _FRAMES not in walked.raw and len(walked.content) <= LONGEST_BEFORE:
            self._before = Before(walked.content, walked, found, values.copy(), layered)
        return values

    def _reader_of(self, walked: Walked) -> Callable[[bytes], Columns]:
        """What gives the columns of an attribute; it raises `IrregularError` where a remark is due."""
        implicit, codec = walked.opened.implicit, walked.codec
        known = self._understood.setdefault((implicit, codec), {})

        def columns_of(element: bytes) -> Columns:
            columns = known.get(element)
            if columns is None:
                columns = _understood(element, implicit=implicit, codec=codec)
                if len(known) >= REMEMBERED:
                    known.clear()
                known[element] = columns
            return columns

        return columns_of


def _understood(element: bytes, *, implicit: bool, codec: str) -> Columns:
    tag, vr, value = attribute(element, implicit=implicit)
    known = vr_of(tag)
    if vr not in (known, b""):
        raise IrregularError("another VR than the dictionary's")
    text = text_of_bytes(known, value, codec)
    if text is None:
        return {}
    parts = text.split("\\")
    try:
        return {
            field.column: field.parse(text if field.part is None else parts[field.part].strip())
            for field in _FIELDS_OF[tag]
        }
    except (ValueError, IndexError):
        raise IrregularError("a value that needs a remark") from None


def _add_deep(walked: Walked, values: Columns) -> None:
    """What sequences say; raises `IrregularError` where a remark is due."""
    remarks: list[str] = []
    dataset = walked.item()
    for field in _DEEP:
        if field.column not in values:
            value = typed_value(dataset, field, remarks)
            if value is not None:
                values[field.column] = value
    complete_from_sequences(dataset, values, remarks)
    if remarks:
        raise IrregularError("a sequence that needs a remark")


read_plain = PlainReader().read
