"""Telling DICOM files from others by their first bytes."""

from __future__ import annotations

import struct
from pathlib import Path

from pydicom.datadict import dictionary_has_tag
from pydicom.valuerep import VR

UNDEFINED_LENGTH = 0xFFFFFFFF
_FIRST_GROUPS = (0x0002, 0x0008)
VRS = frozenset(vr.value.encode() for vr in VR if len(vr.value) == 2)
LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})


def looks_like_dicom(path: Path) -> bool:
    """Whether a file is DICOM by content (PS3.10 section 7.1), whatever its name.

    True for the prefix DICM after the preamble, and for a file without preamble whose first element is one that
    a data set can begin with (group 0002 or 0008, known, no longer than the file). Raises `OSError` when the
    file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(144)
        size = file.seek(0, 2)
    return head[128:132] == b"DICM" or _begins_data_set(head, size)


def _begins_data_set(head: bytes, size: int) -> bool:
    if len(head) < 12:
        return False
    for order in "<>":
        group, element, length = struct.unpack_from(f"{order}HHL", head)
        if group not in _FIRST_GROUPS or not dictionary_has_tag(group << 16 | element):
            continue
        vr = head[4:6]
        if vr in LONG_VRS:
            length = struct.unpack_from(f"{order}L", head, 8)[0]
        elif vr in VRS:
            length = struct.unpack_from(f"{order}H", head, 6)[0]
        if length <= size or length == UNDEFINED_LENGTH:
            return True
    return False
