"""The body that is scanned: one grid for CT and PET, reference regions, and a place for every lesion.

Coordinates are those of DICOM (mm, x to the left, y to the back, z to the head); volumes are slices x rows x columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from criteria.vocabulary import ReferenceRegion
from simulation.draws import Booleans, Floats
from simulation.lesions import ADRENAL, BONE, LIVER, LUNG, NODE, PLEURA, SKIN
from simulation.trial import Trial

SHAPE = (48, 64, 64)
SLICE_MM, PIXEL_MM = 5.0, 6.0
ORIGIN = (-PIXEL_MM * 31.5, -PIXEL_MM * 31.5, 0.0)
BODY_MM = (175.0, 120.0)
GAP_MM = 8.0
LARGEST_RADIUS_MM = 55.0

SPHERES: Mapping[ReferenceRegion, tuple[tuple[float, float, float, float], ...]] = {
    ReferenceRegion.LIVER: ((-99.0, 3.0, 105.0, 15.0),),
    ReferenceRegion.SPLEEN: ((99.0, 27.0, 115.0, 15.0),),
    ReferenceRegion.MARROW: tuple((3.0, 63.0, z, 9.0) for z in (20.0, 45.0, 70.0, 95.0)),
}
AORTA = (21.0, 39.0, 10.0, 120.0, 160.0)
USUAL = {
    LUNG: (90.0, -15.0, 190.0),
    LIVER: (-80.0, -40.0, 90.0),
    NODE: (10.0, -30.0, 150.0),
    ADRENAL: (45.0, 15.0, 85.0),
    SKIN: (0.0, -95.0, 120.0),
    BONE: (60.0, 60.0, 30.0),
    PLEURA: (110.0, 30.0, 180.0),
}
PAIRED = (LUNG, ADRENAL, PLEURA)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lesion lies: its place in the arrays, and its centre in mm (a voxel's centre)."""

    place: int
    centre: tuple[float, float, float]


@cache
def _axes() -> tuple[Floats, Floats, Floats]:
    z = ORIGIN[2] + SLICE_MM * np.arange(SHAPE[0], dtype=np.float64)
    y = ORIGIN[1] + PIXEL_MM * np.arange(SHAPE[1], dtype=np.float64)
    x = ORIGIN[0] + PIXEL_MM * np.arange(SHAPE[2], dtype=np.float64)
    return z[:, None, None], y[None, :, None], x[None, None, :]


def body() -> Booleans:
    """Voxels of the body, an elliptic cylinder."""
    _, y, x = _axes()
    return np.broadcast_to((x / BODY_MM[0]) ** 2 + (y / BODY_MM[1]) ** 2 <= 1, SHAPE)


def sphere(centre: tuple[float, float, float], diameter_mm: float) -> Booleans:
    """Voxels whose centre lies in the sphere; the voxel of its centre always does."""
    z, y, x = _axes()
    squared = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2
    return squared <= max(diameter_mm / 2, 0.1) ** 2


@cache
def reference_regions() -> dict[ReferenceRegion, Booleans]:
    """The reference regions of the rule book (3.6): liver, descending aorta, spleen, four lumbar bodies."""
    regions = {}
    for region, spheres in SPHERES.items():
        regions[region] = np.logical_or.reduce([sphere((x, y, z), 2 * radius) for x, y, z, radius in spheres])
    z, y, x = _axes()
    across = (x - AORTA[0]) ** 2 + (y - AORTA[1]) ** 2 <= AORTA[2] ** 2
    regions[ReferenceRegion.BLOOD_POOL] = across & (z >= AORTA[3]) & (z <= AORTA[4])
    return regions


def placed_lesions(trial: Trial, subject: int) -> list[Place]:
    """A place for every lesion of a subject, the largest first, as near to its organ as it finds room.

    Spheres of the largest size that a lesion ever has do not touch each other nor the reference regions, as long as
    there is room for it.
    """
    z, y, x = (axis.ravel() for axis in _axes())
    grid = np.stack(np.meshgrid(z[2:-2:2], y, x, indexing="ij"), axis=-1).reshape(-1, 3)[:, ::-1]
    grid = grid[(grid[:, 0] / BODY_MM[0]) ** 2 + (grid[:, 1] / BODY_MM[1]) ** 2 <= 0.95]
    taken = [(np.array(s[:3]), s[3]) for spheres in SPHERES.values() for s in spheres]
    taken += [(np.array([AORTA[0], AORTA[1], height]), AORTA[2]) for height in np.arange(AORTA[3], AORTA[4] + 1, 10)]
    largest = np.minimum(trial.true[subject].max(axis=0) / 2, LARGEST_RADIUS_MM)
    order = sorted(np.nonzero(largest > 0)[0], key=lambda place: -largest[place])
    found = []
    for place in order:
        organ = int(trial.lesions.organ[subject, place])
        usual = np.array(USUAL[organ])
        if organ in PAIRED and not trial.lesions.left[subject, place]:
            usual = usual * np.array([-1, 1, 1])
        room = np.min([np.linalg.norm(grid - centre, axis=1) - radius for centre, radius in taken], axis=0)
        short = np.maximum(largest[place] + GAP_MM - room, 0)
        centre = grid[np.argmin(1000 * short + np.linalg.norm(grid - usual, axis=1))]
        taken.append((centre, float(largest[place])))
        found.append(Place(int(place), (float(centre[0]), float(centre[1]), float(centre[2]))))
    return sorted(found, key=lambda each: each.place)
