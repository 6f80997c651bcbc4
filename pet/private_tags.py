"""Private attributes that SUV may need, however they arrive: DS or DT text, UN bytes, or a reference (3.2, 3.3)."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from ingestion.dicom.values import clean

FIRST_BLOCK, LAST_BLOCK = 0x10, 0xFF


@dataclass(frozen=True, slots=True)
class PrivateTag:
    """A private attribute: its group, its last two digits, and the creator of its block."""

    group: int
    offset: int
    creator: str


PHILIPS_SUV = PrivateTag(0x7053, 0x00, "Philips PET Private Group")
PHILIPS_ACTIVITY = PrivateTag(0x7053, 0x09, "Philips PET Private Group")
GE_SCAN = PrivateTag(0x0009, 0x0D, "GEMS_PETD_01")
GE_ADMINISTRATION = PrivateTag(0x0009, 0x3B, "GEMS_PETD_01")


def private_text(dataset: Dataset, tag: PrivateTag) -> str | None:
    """The text of a private attribute, null when absent, empty or only referenced.

    The block is that of its creator; where the group names no creator at all (seen after de-identification), the
    usual first block. A block that another creator reserved is never read.
    """
    for block in range(FIRST_BLOCK, LAST_BLOCK + 1):
        creator = Tag(tag.group, block)
        if creator not in dataset:
            if block == FIRST_BLOCK:
                return _text(dataset, tag, FIRST_BLOCK)
            break
        if clean(str(dataset[creator].value)).casefold() == tag.creator.casefold():
            return _text(dataset, tag, block)
    return None


def _text(dataset: Dataset, tag: PrivateTag, block: int) -> str | None:
    place = Tag(tag.group, block << 8 | tag.offset)
    if place not in dataset:
        return None
    try:
        value = dataset[place].value
    except Exception:  # bytes that are no value of the VR that the file claims
        value = dataset.get_item(place, keep_deferred=True).value
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if value is None:
        return None
    return clean(str(value)) or None
