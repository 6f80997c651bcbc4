"""The structure of faultless DICOM files (PS3.5 chapter 7): where the elements stand, without pydicom.

Explicit and implicit VR little endian, also with compressed pixel data. Whatever is not as the standard says, or is
rare, raises `IrregularError`: pydicom then reads the file, and says what is wrong with it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword

from ingestion.dicom.plain_values import IrregularError, text_of_bytes
from ingestion.dicom.signature import LONG_VRS, UNDEFINED_LENGTH, VRS

CHARACTER_SET = 0x00080005
PIXEL_REPRESENTATION = 0x00280103
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_SHORT_VRS = VRS - LONG_VRS

_explicit = struct.Struct("<HH2sH").unpack_from
_implicit = struct.Struct("<HHL").unpack_from
_length = struct.Struct("<L").unpack_from


class BeyondBufferError(Exception):
    """The element goes on after what has been read of the file."""


@dataclass(frozen=True, slots=True)
class Element:
    """A value as `pydicom.dataelem.DataElement` offers it: a text, or the items of a sequence."""

    value: str | list[PlainItem] | None


class PlainItem:
    """A data set or an item of a sequence; answers by keyword like a `pydicom.Dataset`, as far as the index asks.

    ``raw`` holds the VR and the bytes of each element by tag, in place of the bytes the items of a sequence of
    undefined length.
    """

    __slots__ = ("codec", "implicit", "raw")

    def __init__(self, raw: dict[int, tuple[bytes, Any]], *, implicit: bool, codec: str) -> None:
        self.raw = raw
        self.implicit = implicit
        self.codec = codec

    def __contains__(self, keyword: str) -> bool:
        return tag_for_keyword(keyword) in self.raw

    def __getitem__(self, keyword: str) -> Element:
        tag = tag_for_keyword(keyword)
        assert tag is not None
        vr, value = self.raw[tag]
        known = vr_of(tag)
        if vr != known and not (self.implicit and not vr):
            raise IrregularError("another VR than the dictionary's")
        if known != b"SQ":
            return Element(text_of_bytes(known, value, self.codec))
        represented = self.raw.get(PIXEL_REPRESENTATION)
        if represented is not None and (represented[0] not in (b"US", b"") or len(represented[1]) not in (0, 2)):
            raise IrregularError("another Pixel Representation than one number")
        if isinstance(value, bytes):
            value = self._items(value)
        return Element(value)

    def _items(self, value: bytes) -> list[PlainItem]:
        try:
            return items_of(value, 0, len(value), implicit=self.implicit, codec=self.codec)[0]
        except (BeyondBufferError, struct.error):
            raise IrregularError("a sequence that is longer than its value") from None


_KNOWN_VRS: dict[int, bytes] = {}


def vr_of(tag: int) -> bytes:
    """The VR of a tag in pydicom's dictionary."""
    if tag not in _KNOWN_VRS:
        _KNOWN_VRS[tag] = dictionary_VR(tag).encode()
    return _KNOWN_VRS[tag]


def attribute(element: bytes, *, implicit: bool) -> tuple[int, bytes, bytes]:
    """Tag, VR and value of a whole element of defined length."""
    tag, vr, start, _ = implicit_header(element, 0) if implicit else header(element, 0)
    return tag, vr, element[start:]


def header(content: bytes, position: int) -> tuple[int, bytes, int, int]:
    """Tag, VR, start and length of the value of an element with explicit VR."""
    group, element, vr, length = _explicit(content, position)
    if vr in _SHORT_VRS:
        return group << 16 | element, vr, position + 8, length
    if vr in LONG_VRS:
        return group << 16 | element, vr, position + 12, _length(content, position + 8)[0]
    raise IrregularError("a VR that is none")


def tag_at(content: bytes, position: int) -> int:
    """The tag of the element at ``position``."""
    group, element, _ = _implicit(content, position)
    return int(group << 16 | element)


def implicit_header(content: bytes, position: int) -> tuple[int, bytes, int, int]:
    """The same as `header` with implicit VR, which is left empty."""
    group, element, length = _implicit(content, position)
    return group << 16 | element, b"", position + 8, length


def must_be_sequence(content: bytes, tag: int, vr: bytes, start: int) -> None:
    """Only sequences have an undefined length before pixel data (PS3.5 section 7.1.3)."""
    if vr in (b"SQ", b"UN"):
        return
    if vr:
        raise IrregularError("a value of undefined length")
    try:
        known = vr_of(tag)
    except KeyError:
        known = b"SQ" if tag_at(content, start) == _ITEM else b""
    if known != b"SQ":
        raise IrregularError("a value of undefined length")


def items_of(
    content: bytes, position: int, end: int | None, *, implicit: bool, codec: str
) -> tuple[list[PlainItem], int]:
    """The items of a sequence (PS3.5 section 7.5) up to its delimiter, or up to ``end``; and where it ends."""
    items = []
    while end is None or position < end:
        group, element, length = _implicit(content, position)
        tag = group << 16 | element
        position += 8
        if tag == _SEQUENCE_END and end is None and length == 0:
            break
        if tag != _ITEM:
            raise IrregularError("something else than an item in a sequence")
        bound = None if length == UNDEFINED_LENGTH else position + length
        if (bound or 0) > len(content):
            raise BeyondBufferError
        item, position = _item(content, position, bound, implicit=implicit, codec=codec)
        items.append(item)
    if end is not None and position != end:
        raise IrregularError("a sequence of another length than that of its items")
    return items, position


def _item(content: bytes, position: int, end: int | None, *, implicit: bool, codec: str) -> tuple[PlainItem, int]:
    """One item; within explicit VR it may have implicit VR (PS3.5 section 6.2.2)."""
    implicit = implicit or not looks_explicit(content, position)
    raw: dict[int, tuple[bytes, Any]] = {}
    while end is None or position < end:
        tag, vr, start, length = implicit_header(content, position)
        if tag >> 16 != 0xFFFE and not implicit:
            tag, vr, start, length = header(content, position)
        if tag >> 16 == 0xFFFE:
            if tag != _ITEM_END or end is not None or length != 0:
                raise IrregularError("a delimiter out of place")
            position += 8
            break
        if tag in raw or tag == CHARACTER_SET:
            raise IrregularError("an element that stands twice, or a character set of an item")
        if length == UNDEFINED_LENGTH:
            must_be_sequence(content, tag, vr, start)
            items, position = items_of(content, start, None, implicit=implicit, codec=codec)
            raw[tag] = vr, items
        else:
            position = start + length
            if position > len(content):
                raise BeyondBufferError
            raw[tag] = vr, content[start:position]
    if end is not None and position != end:
        raise IrregularError("an item of another length than that of its elements")
    return PlainItem(raw, implicit=implicit, codec=codec), position


def looks_explicit(content: bytes, position: int) -> bool:
    """Whether two capital letters stand where an explicit VR would."""
    return content[position + 4 : position + 6].isalpha() and content[position + 4 : position + 6].isupper()


def check_pixels(handle: int, content: bytes, position: int, size: int, *, implicit: bool) -> None:
    """Raise `IrregularError` unless the pixel data are all there."""
    if implicit:
        _, _, start, length = implicit_header(content, position)
    else:
        _, _, start, length = header(content, position)
    if length != UNDEFINED_LENGTH:
        if start + length > size:
            raise IrregularError("pixel data that are not all there")
        return
    for tag, after in _fragments(handle, start):
        if tag == _SEQUENCE_END:
            return
        if tag != _ITEM or after > size:
            break
    raise IrregularError("compressed pixel data that are not all there")


def _fragments(handle: int, position: int) -> Iterator[tuple[int, int]]:
    """The tag and the end of each item of compressed pixel data (PS3.5 annex A.4)."""
    while len(head := os.pread(handle, 8, position)) == 8:
        group, element, length = _implicit(head)
        position += 8 + length
        yield group << 16 | element, position
