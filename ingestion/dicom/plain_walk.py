"""Walking through a faultless DICOM file up to its pixel data, from one element to the next."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from typing import Any

from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from ingestion.dicom.plain_elements import (
    CHARACTER_SET,
    PIXELS,
    BeyondBufferError,
    PlainItem,
    check_pixels,
    header,
    implicit_header,
    items_of,
    looks_explicit,
    must_be_sequence,
)
from ingestion.dicom.plain_values import IrregularError, codec_of, uid_of
from ingestion.dicom.signature import UNDEFINED_LENGTH

FIRST_READ = 1 << 14
REMEMBERED = 1 << 16
_PREAMBLE = 128
_META_GROUP, _NO_DATA_SET = b"\2\0", (b"", b"\0\0")
_META_LENGTH = 0x00020000
_FIRST_OF_META = (b"\2\0\0\0", b"\2\0\1\0", b"\2\0\2\0")
_META_UIDS = {
    0x00020002: "MediaStorageSOPClassUID",
    0x00020003: "MediaStorageSOPInstanceUID",
    0x00020010: "TransferSyntaxUID",
}
_FOREIGN_SYNTAXES = (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tags to read: attributes as whole elements, and those that are asked for by keyword (sequences)."""

    attributes: frozenset[int]
    by_keyword: frozenset[int]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file of ``size`` bytes, the first of which were read; its meta information and where that ends."""

    handle: int
    size: int
    content: bytes
    meta: dict[str, str]
    start: int
    implicit: bool


@dataclass(slots=True)
class Walked:
    """The data set of a file up to its pixel data.

    ``starts`` are the positions of its elements and of what follows them; ``attributes`` the wanted ones by their
    number; ``raw`` VR and bytes, or items, by tag of those to be asked for by keyword.
    """

    opened: Opened
    content: bytes = b""
    starts: list[int] = field(default_factory=list)
    attributes: dict[int, bytes] = field(default_factory=dict)
    raw: dict[int, tuple[bytes, Any]] = field(default_factory=dict)
    pixels: bool = False

    @property
    def codec(self) -> str:
        """The codec of the data set's texts."""
        return codec_of(self.raw.get(CHARACTER_SET, (b"CS", b""))[1])

    def item(self) -> PlainItem:
        """The data set, to be asked by keyword."""
        return PlainItem(self.raw, implicit=self.opened.implicit, codec=self.codec)


class Walker:
    """Finds the wanted elements of files, one after the other.

    The same heads of elements (tag, VR, length) come in nearly every file: each is understood once, as the step to the
    next element, which is negative where the element is a wanted attribute.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._meta_steps: dict[bytes, int] = {}
        self._steps: dict[bool, dict[bytes, int]] = {False: {}, True: {}}

    def open(self, handle: int, size: int) -> Opened:
        """The file meta information (PS3.10 section 7.1); raises `IrregularError` for a rare transfer syntax."""
        content = os.pread(handle, FIRST_READ, 0)
        if content[_PREAMBLE : _PREAMBLE + 4] != b"DICM":
            raise IrregularError("no preamble")
        if content[_PREAMBLE + 4 : _PREAMBLE + 8] not in _FIRST_OF_META:
            raise IrregularError("another beginning of the file meta information than its length, version or class")
        position = _PREAMBLE + 4
        uids: dict[str, str] = {}
        step_of = self._meta_steps.get
        while content[position : position + 2] == _META_GROUP:
            step = step_of(content[position : position + 8]) or step_of(content[position : position + 12])
            position += self._understand_meta(content, position, uids) if step is None else step
        if content[position : position + 2] in _NO_DATA_SET:
            raise IrregularError("no data set after the file meta information")
        syntax = uids.get("TransferSyntaxUID")
        if syntax is None or syntax in _FOREIGN_SYNTAXES:
            raise IrregularError("a transfer syntax that is rare")
        implicit = syntax == ImplicitVRLittleEndian
        if implicit and looks_explicit(content, position):
            raise IrregularError("explicit VR where implicit VR is declared")
        return Opened(handle, size, content, uids, position, implicit)

    def walk(self, opened: Opened) -> Walked:
        """The wanted elements of the file; every other one is checked for its place.

        Raises `IrregularError`, and `OSError` when the file cannot be read.
        """
        content = opened.content
        while True:
            try:
                return self._walk(content, opened)
            except (BeyondBufferError, struct.error):
                if len(content) >= opened.size:
                    raise IrregularError("it ends within an element") from None
                content += os.pread(opened.handle, 3 * len(content), len(content))

    def step(self, content: bytes, position: int, *, implicit: bool) -> int:
        """The step over the element at ``position``; 0 when its like was not met before."""
        steps = self._steps[implicit]
        return steps.get(content[position : position + 8]) or steps.get(content[position : position + 12], 0)

    def _understand_meta(self, content: bytes, position: int, uids: dict[str, str]) -> int:
        """The length of an element of the file meta information; one of those asked for goes to ``uids``."""
        tag, vr, start, length = header(content, position)
        end = start + length
        if tag in _META_UIDS:
            if vr != b"UI" or end > len(content) or _META_UIDS[tag] in uids:
                raise IrregularError("no UID where there should be one")
            uids[_META_UIDS[tag]] = uid_of(content[start:end])
        elif tag == _META_LENGTH and (vr, length) != (b"UL", 4):
            raise IrregularError("a length that is none")
        else:
            _remember(self._meta_steps, content[position:start], end - position)
        return end - position

    def _walk(self, content: bytes, opened: Opened) -> Walked:
        walked = Walked(opened, content)
        attributes, begin = walked.attributes, walked.starts.append
        implicit, position, size, read = opened.implicit, opened.start, opened.size, len(content)
        steps = self._steps[implicit]
        step_of = steps.get
        number = 0
        while position < size:
            begin(position)
            step = step_of(content[position : position + 8]) or step_of(content[position : position + 12])
            if step is None:
                end = self._understand(content, position, steps, walked.raw, implicit=implicit)
                if end is None:
                    check_pixels(opened.handle, content, position, size, implicit=implicit)
                    walked.pixels = True
                    return walked
                step = end - position if end > 0 else end
            if step < 0:
                step = -step
                if position + step > read:
                    raise BeyondBufferError
                attributes[number] = content[position : position + step]
            position += step
            number += 1
        if position != size:
            raise IrregularError("another end than that of the last element")
        begin(position)
        return walked

    def _understand(
        self,
        content: bytes,
        position: int,
        steps: dict[bytes, int],
        raw: dict[int, tuple[bytes, Any]],
        *,
        implicit: bool,
    ) -> int | None:
        """Where an element ends; minus its length for a wanted attribute, and None for pixel data."""
        tag, vr, start, length = implicit_header(content, position) if implicit else header(content, position)
        if tag in PIXELS:
            return None
        if tag >> 16 == 0xFFFE or tag in raw:
            raise IrregularError("a delimiter out of place, or an element that stands twice")
        if length == UNDEFINED_LENGTH:
            must_be_sequence(content, tag, vr, start)
            codec = codec_of(raw.get(CHARACTER_SET, (b"CS", b""))[1])
            items, end = items_of(content, start, None, implicit=implicit, codec=codec)
            if tag in self._wanted.attributes:
                raise IrregularError("an attribute of undefined length")
            if tag in self._wanted.by_keyword:
                raw[tag] = vr, items
            return end
        end = start + length
        if tag in self._wanted.by_keyword:
            if end > len(content):
                raise BeyondBufferError
            raw[tag] = vr, content[start:end]
            return end
        step = position - end if tag in self._wanted.attributes else end - position
        _remember(steps, content[position:start], step)
        return step if step < 0 else end


def _remember(steps: dict[bytes, int], head: bytes, step: int) -> None:
    if len(steps) >= REMEMBERED:
        steps.clear()
    steps[head] = step
