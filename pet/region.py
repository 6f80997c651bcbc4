"""A drawn region on the grid of a PET series: a mask in its bounding box, and what the reader called it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pet.refusal import Flag
from pet.volume import Box, Grid

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept as (value, scheme, meaning)."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Region:
    """One segment or ROI: ``mask`` within ``box`` of the series' volume.

    ``number`` is Segment Number or ROI Number, ``category`` and ``kind`` the coded category and type (segments),
    ``interpreted`` the RT ROI Interpreted Type (structure sets), ``site`` the anatomic region.
    """

    source: Literal["SEG", "RTSTRUCT"]
    number: int
    label: str
    mask: Mask
    box: Box
    tracking_id: str | None = None
    tracking_uid: str | None = None
    category: Code | None = None
    kind: Code | None = None
    site: Code | None = None
    interpreted: str | None = None
    flags: tuple[Flag, ...] = ()

    @property
    def name(self) -> str:
        """What identifies it over time: the tracking id, else the label."""
        return self.tracking_id or self.label

    @property
    def empty(self) -> bool:
        """Whether no voxel belongs to it."""
        return not self.mask.any()

    def indices(self) -> NDArray[np.int64]:
        """Slice, row and column numbers of its voxels in the whole volume (n x 3)."""
        return np.argwhere(self.mask) + np.array([side.start for side in self.box])


def boxed(mask: Mask) -> tuple[Mask, Box]:
    """A mask over a whole volume cut to its bounding box; an empty mask keeps one voxel, unset."""
    found = ndimage.find_objects(mask.astype(np.uint8))
    if not found:
        box: Box = (slice(0, 1), slice(0, 1), slice(0, 1))
        return np.zeros((1, 1, 1), bool), box
    first, second, third = found[0]
    return mask[found[0]].copy(), (first, second, third)


def nearest_slice(grid: Grid, offset: float, tolerance: float) -> int | None:
    """The slice whose place along the normal is within ``tolerance`` (mm) of ``offset``; null if none is."""
    nearest = int(np.abs(grid.offsets - offset).argmin())
    return nearest if abs(grid.offsets[nearest] - offset) <= tolerance else None
