"""Reading a file by what it has in common with the one before: files of a series differ in a few elements only.

Stretches of elements that are byte for byte the same mean the same, so that only those in between are looked at.
"""

from __future__ import annotations

import os
from bisect import bisect_left, insort
from dataclasses import dataclass, field

from ingestion.dicom.fields import Value
from ingestion.dicom.plain_elements import PIXELS, check_pixels, tag_at
from ingestion.dicom.plain_walk import FIRST_READ, Opened, Walked, Walker

Columns = dict[str, Value]


class OtherLayoutError(Exception):
    """The file has other elements than the one before."""


@dataclass(frozen=True, slots=True)
class Before:
    """A file that was read: its bytes, its elements and what they say.

    ``columns`` are those of each wanted attribute by its number, ``values`` those of the whole data set; ``layered``
    says that some stand in a sequence and count where the attribute is empty. ``differing`` are the numbers of
    elements that were seen to differ in files after it.
    """

    content: bytes
    walked: Walked
    columns: dict[int, Columns]
    values: Columns
    layered: bool
    differing: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Changed:
    """An element that differs from that of the file before: its number, and its bytes where it is a wanted one."""

    number: int
    element: bytes | None


def changes(before: Before, opened: Opened, walker: Walker) -> list[Changed]:
    """The elements of a file that differ from those of the file before.

    Raises `OtherLayoutError` when the two have not the same elements one by one, and `IrregularError` when pixel data
    are not all there or the file does not end where its last element does.
    """
    walked, starts = before.walked, before.walked.starts
    if (opened.implicit, opened.meta["TransferSyntaxUID"]) != (
        walked.opened.implicit,
        walked.opened.meta["TransferSyntaxUID"],
    ):
        raise OtherLayoutError
    content, position = _enough(before, opened), opened.start
    found, number, last = [], 0, len(starts) - 1
    while number < last:
        same = _same_until(before, content, position, number, last)
        position += starts[same] - starts[number]
        number = same
        if number == last:
            break
        size = abs(walker.step(content, position, implicit=opened.implicit))
        same_tag = content[position : position + 4] == before.content[starts[number] : starts[number] + 4]
        if not size or not same_tag or position + size > len(content):
            raise OtherLayoutError
        found.append(Changed(number, content[position : position + size] if number in before.columns else None))
        position += size
        number += 1
    _check_end(before, opened, content, position)
    return found


def _enough(before: Before, opened: Opened) -> bytes:
    """The bytes of the file as far as its data set reaches if it is about as long as the one before."""
    needed = before.walked.starts[-1] - before.walked.opened.start + opened.start + 1024
    have = len(opened.content)
    if needed <= FIRST_READ or have == opened.size:
        return opened.content
    return opened.content + os.pread(opened.handle, needed - have, have)


def _same_until(before: Before, content: bytes, position: int, number: int, last: int) -> int:
    """The number of the next element that differs; it is remembered, so that later files are compared up to it."""
    starts, differing = before.walked.starts, before.differing
    at = bisect_left(differing, number)
    until = differing[at] if at < len(differing) else last
    if _equal(before, content, position, number, until):
        return until
    stretch = 1 << (until - number).bit_length()
    start = number
    while stretch:
        end = number + stretch
        offset = starts[number] - starts[start]
        if end <= until and _equal(before, content, position + offset, number, end):
            number = end
        stretch >>= 1
    insort(differing, number)
    return number


def _equal(before: Before, content: bytes, position: int, number: int, until: int) -> bool:
    starts = before.walked.starts
    stretch = before.content[starts[number] : starts[until]]
    return content.startswith(stretch, position)


def _check_end(before: Before, opened: Opened, content: bytes, position: int) -> None:
    if not before.walked.pixels:
        if position != opened.size:
            raise OtherLayoutError
        return
    if position + 12 > len(content) or tag_at(content, position) not in PIXELS:
        raise OtherLayoutError
    check_pixels(opened.handle, content, position, opened.size, implicit=opened.implicit)
