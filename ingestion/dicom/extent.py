"""Whether a DICOM file is all there: its last element and its pixel data end inside the file."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset

from ingestion.dicom.signature import LONG_VRS, UNDEFINED_LENGTH, VRS

_CHARACTER_SET = 0x00080005
_ITEM = (0xFFFE, 0xE000)
_DELIMITER = (0xFFFE, 0xE0DD)
_PIXELS = ((0x7FE0, 0x0010), (0x7FE0, 0x0008), (0x7FE0, 0x0009))


class BrokenFileError(Exception):
    """The file is not what was sent."""

    kind: str


class TruncatedError(BrokenFileError):
    """The file ends before its content does."""

    kind = "truncated"


class DamagedError(BrokenFileError):
    """The file's content is not what its structure says."""

    kind = "damaged"


def check_content(dataset: FileDataset) -> None:
    """Raise `TruncatedError` when nothing, or only the name of the character set, follows the meta information."""
    if all(tag == _CHARACTER_SET for tag, _ in dataset.items()):
        raise TruncatedError("there is no data set after the file meta information")


def check_elements(dataset: FileDataset, size: int) -> None:
    """Raise `TruncatedError` when an element of a data set read up to its pixel data runs past ``size`` bytes."""
    for tag, element in dataset.items():
        if not isinstance(element, RawDataElement) or element.length == UNDEFINED_LENGTH:
            continue
        missing = element.value_tell + element.length - size
        if missing > 0:
            raise TruncatedError(f"element {tag} ends {missing} bytes after the end of the file")


def has_pixels(file: BinaryIO, dataset: FileDataset, size: int) -> bool:
    """Whether pixel data follow at the file's position; raises `TruncatedError` when they are not all there.

    Encapsulated pixel data are walked item by item (PS3.5 annex A.4) up to their sequence delimiter; raises
    `DamagedError` when something else stands between.
    """
    implicit, little = dataset.original_encoding  # implicit elements also occur in files that declare explicit ones
    order = "<" if little else ">"
    head = file.read(8)
    if len(head) < 8 or struct.unpack_from(f"{order}HH", head) not in _PIXELS:
        return False
    vr = head[4:6]
    if implicit or vr not in VRS:
        length = struct.unpack_from(f"{order}L", head, 4)[0]
    elif vr in LONG_VRS:
        long = file.read(4)
        if len(long) < 4:
            raise TruncatedError("the file ends in the length of its pixel data")
        length = struct.unpack(f"{order}L", long)[0]
    else:
        length = struct.unpack_from(f"{order}H", head, 6)[0]
    if length == UNDEFINED_LENGTH:
        _walk_items(file, size)
    elif file.tell() + length > size:
        raise TruncatedError(f"the file holds {size - file.tell()} of {length} bytes of pixel data")
    return True


def _walk_items(file: BinaryIO, size: int) -> None:
    items = 0
    while len(head := file.read(8)) == 8:
        group, element, length = struct.unpack("<HHL", head)
        if (group, element) == _DELIMITER:
            return
        if (group, element) != _ITEM:
            raise DamagedError(f"what follows item {items} of its compressed pixel data is not an item")
        if file.tell() + length > size:
            raise TruncatedError(f"the file ends in item {items + 1} of its compressed pixel data")
        file.seek(length, 1)
        items += 1
    raise TruncatedError(f"the file ends after item {items} of its compressed pixel data, without their delimiter")
