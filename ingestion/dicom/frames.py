"""Where the frames of an enhanced multi-frame object lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingestion.dicom.values import real

PARALLEL = 1e-3


@dataclass(frozen=True, slots=True)
class NoStack:
    """The frames do not make a stack of parallel slices."""

    remark: str


def frame_positions(
    positions: Sequence[str | None], orientations: Sequence[str | None], shared_orientation: object
) -> str | NoStack | None:
    """Each frame's place along the normal of the slices (PS3.3 C.7.6.16.2.3), separated by a backslash, in mm.

    ``positions`` and ``orientations`` are each frame's own; a frame without an orientation has the shared one.
    None when no frame has a position.
    """
    if all(position is None for position in positions):
        return None
    try:
        places = np.array([_numbers(position, 3) for position in positions])
        cosines = np.array([_numbers(own or shared_orientation, 6) for own in orientations])
    except ValueError:
        return NoStack("not every frame has a position and an orientation")
    if np.abs(cosines - cosines[0]).max() > PARALLEL:
        return NoStack("the frames are not parallel")
    normal = np.cross(cosines[0, :3], cosines[0, 3:])
    along = places @ normal
    return "\\".join(f"{place:.6g}" if abs(place) < 1e-4 else f"{place:.4f}" for place in along)


def _numbers(text: object, count: int) -> list[float]:
    numbers = [real(part) for part in str(text).split("\\")]
    if len(numbers) != count:
        raise ValueError(f"needs {count} numbers")
    return numbers
