"""The part of the body in the field, as far as the volume itself shows it (Q-13)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from pet.region import Region
from pet.volume import Volume

BODY_ABOVE = 0.1
AIR_CM2 = 20.0
TO_THIGH_MM = 850.0


def coverage(volume: Volume, lesions: Iterable[Region]) -> str | None:
    """LIMITED where a lesion reaches the first or last slice, and so may go on outside of the field.

    A slice with less than 20 cm2 above SUV 0.1 is air: with air beyond the head the vertex is in the field, with air
    beyond both ends the feet are too; from the vertex 850 mm reach the thigh. Null where both ends cut through the
    body, since a volume does not tell the skull base from the shoulders: the form says it then.
    """
    last = volume.grid.shape[0] - 1
    if any(each.mask[place].any() for each in lesions for place, at in _ends(each) if at in (0, last)):
        return "LIMITED"
    feet, head = (0, last) if volume.grid.normal[2] > 0 else (last, 0)
    if abs(volume.grid.normal[2]) < 0.5 or not _is_air(volume, head):
        return None
    if _is_air(volume, feet):
        return "VERTEX_TO_FEET"
    return "VERTEX_TO_THIGH" if np.ptp(volume.grid.offsets) >= TO_THIGH_MM else None


def _ends(region: Region) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and the last slice of a region's mask, with their numbers in the volume."""
    along = region.box[0]
    return (0, along.start), (region.mask.shape[0] - 1, along.stop - 1)


def _is_air(volume: Volume, place: int) -> bool:
    plane = volume.suv((slice(place, place + 1), slice(None), slice(None)))
    _, row, column = volume.grid.spacing
    return bool((plane > BODY_ABOVE).sum() * row * column / 100 < AIR_CM2)
