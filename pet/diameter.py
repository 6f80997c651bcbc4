"""Functional diameter: the longest axis of the uptake (3.8)."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from pet.region import Mask
from pet.volume import Floats

HULL_FROM = 64


def max_feret(mask: Mask, spacing: tuple[float, float, float]) -> float:
    """The largest distance in mm between two points of the surface of a mask (slices, rows, columns).

    The surface passes half-way between a voxel of the mask and its neighbour outside, as a mesh at half height does
    (IBSI maximum 3D diameter), so a single voxel is as long as its longest side.
    """
    points = _surface(mask) * np.array(spacing)
    if len(points) == 0:
        return 0.0
    if len(points) > HULL_FROM:
        with suppress(QhullError):
            points = points[ConvexHull(points).vertices]
    return float(pdist(points).max())


def _surface(mask: Mask) -> Floats:
    """Centres of the faces between the mask and its outside, in voxels."""
    padded = np.pad(mask, 1)
    inside = np.argwhere(padded)
    faces = []
    for axis in range(3):
        for step in (-1, 1):
            move = np.zeros(3, dtype=int)
            move[axis] = step
            outside = ~padded[tuple((inside + move).T)]
            faces.append(inside[outside] + move / 2)
    return np.concatenate(faces) if faces else np.empty((0, 3))


def equivalent_sphere(volume_ml: float) -> float:
    """The diameter in mm of a sphere of that volume."""
    return 10 * (6 * volume_ml / math.pi) ** (1 / 3)
