"""A PET series as one volume: stored values, the factor of each slice, and where the voxels lie in the patient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Grid:
    """Where voxels lie: slices, rows, columns in the order of the arrays.

    ``positions`` is the centre of the first voxel of every slice in patient coordinates (n x 3, mm), ascending along
    ``normal``; ``across`` points along a row (increasing column), ``down`` along a column (increasing row).
    ``spacing`` is the distance of slices (median), rows and columns in mm.
    """

    positions: Floats
    across: Floats
    down: Floats
    spacing: tuple[float, float, float]
    shape: tuple[int, int, int]
    instances: tuple[str, ...]
    frame_of_reference: str | None = None

    @cached_property
    def normal(self) -> Floats:
        """Unit vector across the slices."""
        return np.cross(self.across, self.down)

    @cached_property
    def offsets(self) -> Floats:
        """Place of every slice along the normal, mm."""
        offsets: Floats = self.positions @ self.normal
        return offsets

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel, ml."""
        return float(np.prod(self.spacing)) / 1000

    def points(self, indices: NDArray[np.int64] | Floats) -> Floats:
        """Patient coordinates (n x 3, mm) of voxels given by whole slice, and row and column numbers (n x 3)."""
        slices = np.asarray(indices[:, 0], dtype=np.int64)
        rows, columns = indices[:, 1:2] * self.spacing[1], indices[:, 2:3] * self.spacing[2]
        found: Floats = self.positions[slices] + columns * self.across + rows * self.down
        return found

    def indices(self, point: Floats) -> Floats:
        """Row and column numbers are exact, the slice number is interpolated, for a point in patient coordinates."""
        along = float(np.interp(point @ self.normal, self.offsets, np.arange(self.shape[0])))
        away = point - self.positions[round(along)]
        return np.array([along, away @ self.down / self.spacing[1], away @ self.across / self.spacing[2]])

    def contains(self, point: Floats) -> bool:
        """Whether a point lies within the voxel centres of the outermost slices, rows and columns."""
        depth = float(point @ self.normal)
        _, row, column = self.indices(point)
        inside = self.offsets[0] <= depth <= self.offsets[-1]
        return bool(inside and 0 <= row <= self.shape[1] - 1 and 0 <= column <= self.shape[2] - 1)


@dataclass(frozen=True)
class Volume:
    """Stored values (slices x rows x columns, whole numbers) and what makes SUVbw of them, slice by slice.

    Only the box that is asked for is converted, so a series costs two bytes a voxel.
    """

    stored: NDArray[np.integer]
    factors: Floats
    grid: Grid

    def suv(self, box: Box | None = None) -> Floats:
        """SUVbw of a box, g/ml, float64."""
        stored = self.stored if box is None else self.stored[box]
        factors = self.factors if box is None else self.factors[box[0]]
        found: Floats = stored * factors[:, None, None]
        return found

    def projection(self, axis: int) -> Floats:
        """Maximum-intensity projection along rows (1, from the front) or columns (2, from the side): slices x other."""
        found: Floats = self.stored.max(axis=axis) * self.factors[:, None]
        return found


def widened(box: Box, margin: tuple[int, int, int], shape: tuple[int, int, int]) -> Box:
    """The box with a margin of voxels on every side, within the volume."""
    first, second, third = (
        slice(max(side.start - more, 0), min(side.stop + more, size))
        for side, more, size in zip(box, margin, shape, strict=True)
    )
    return first, second, third
