"""SUVpeak: the mean over a sphere of 1 ml (3.7)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pet.refusal import Flag
from pet.region import Mask, Region
from pet.volume import Box, Floats, Volume, widened
from protocol.pet_options import PetOptions

RADIUS_MM = 10 * (3 / (4 * math.pi)) ** (1 / 3)
SUBDIVISIONS = 41
INVALID_ABOVE = 1.05
ROUNDING = 0.005
"""What a peak may lie below the mean by the rounding of stored values alone, as in a region of even uptake."""
VOXELS_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class Kernel:
    """The voxels of the sphere around a voxel centre: their offsets (n x 3), their weights (sum 1), its volume."""

    offsets: NDArray[np.int64]
    weights: Floats
    volume_ml: float

    @property
    def reach(self) -> tuple[int, int, int]:
        """Voxels to either side."""
        first, second, third = np.abs(self.offsets).max(axis=0).tolist()
        return first, second, third


@lru_cache(maxsize=64)
def kernel(spacing: tuple[float, float, float], weighting: str, radius: float = RADIUS_MM) -> Kernel:
    """The sphere on voxels of ``spacing`` mm (slices, rows, columns).

    FRACTIONAL weighs a voxel by the share of its volume in the sphere: exact along the columns of 41 x 41
    subdivisions of its face, so that the kernel has 1.000 +- 0.002 ml. CENTRE takes the voxels whose centre lies
    within the radius (IBSI).
    """
    reach = [math.ceil(radius / side) for side in spacing]
    axes = [np.arange(-more, more + 1) for more in reach]
    offsets = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    if weighting == "CENTRE":
        share = (np.linalg.norm(offsets * spacing, axis=1) <= radius).astype(float)
    else:
        share = _shares(offsets, np.array(spacing), radius)
    inside = share > 0
    volume = float(share.sum() * np.prod(spacing)) / 1000
    return Kernel(offsets[inside], share[inside] / share.sum(), volume)


def _shares(offsets: NDArray[np.int64], spacing: Floats, radius: float) -> Floats:
    steps = (np.arange(SUBDIVISIONS) + 0.5) / SUBDIVISIONS - 0.5
    rows = (offsets[:, 1, None] + steps) * spacing[1]
    columns = (offsets[:, 2, None] + steps) * spacing[2]
    squared = radius**2 - rows[:, :, None] ** 2 - columns[:, None, :] ** 2
    half = np.sqrt(np.maximum(squared, 0))
    low = ((offsets[:, 0] - 0.5) * spacing[0])[:, None, None]
    chord = np.minimum(half, low + spacing[0]) - np.maximum(-half, low)
    found: Floats = np.maximum(chord, 0).mean(axis=(1, 2)) / spacing[0]
    return found


@dataclass(frozen=True, slots=True)
class Peak:
    """The peak, where its sphere is centred (slice, row, column), and what to mind; null when there is none."""

    value: float | None
    centre: tuple[int, int, int] | None
    flags: tuple[Flag, ...]


def peak(volume: Volume, region: Region, options: PetOptions) -> Peak:
    """SUVpeak of a region by the configured kernel, search and containment, checked by 3.7.

    GLOBAL looks at every voxel of the region, LOCAL at those of its largest value. IMAGE keeps the sphere within the
    image, MASK within the region. The value is refused (PEAK_INVALID) when not positive, above 1.05 x the maximum, or
    below the mean; the last not for regions in which no whole sphere has room, whose mean may well be higher.
    """
    sphere = kernel(volume.grid.spacing, options.peak_kernel)
    box = widened(region.box, sphere.reach, volume.grid.shape)
    suv = volume.suv(box)
    mask = _placed(region, box, suv.shape)
    values = suv[mask]
    centres = np.argwhere(mask & (suv == values.max())) if options.peak_search == "LOCAL" else np.argwhere(mask)
    centres = _contained(centres, sphere, mask if options.peak_contain == "MASK" else None, suv.shape)
    if len(centres) == 0:
        return Peak(None, None, (Flag.PEAK_NOT_CONTAINED,))
    means = _means(suv, centres, sphere)
    best = int(means.argmax())
    value = float(means[best])
    start = np.array([side.start for side in box])
    first, second, third = (centres[best] + start).tolist()
    mean = float(values.mean())
    small = values.size * volume.grid.voxel_ml < sphere.volume_ml
    if not small and value < mean:
        small = len(_contained(np.argwhere(mask), sphere, mask, suv.shape)) == 0
    flags, valid = peak_flags(value, mean, float(values.max()), small=small)
    return Peak(value if valid else None, (first, second, third), flags)


def peak_flags(value: float, mean: float, maximum: float, *, small: bool = False) -> tuple[tuple[Flag, ...], bool]:
    """The rules for a peak (3.7), measured or reported: what to mind, and whether it is a peak at all."""
    flags = [Flag.BELOW_PEAK_VOLUME] * small + [Flag.PEAK_GT_MAX] * (value > maximum * (1 + ROUNDING))
    if value <= 0 or value > INVALID_ABOVE * maximum or (value < mean * (1 - ROUNDING) and not small):
        return (*flags, Flag.PEAK_INVALID), False
    return tuple(flags), True


def _placed(region: Region, box: Box, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, bool)
    within = tuple(
        slice(inner.start - outer.start, inner.stop - outer.start) for inner, outer in zip(region.box, box, strict=True)
    )
    mask[within] = region.mask
    return mask


def _contained(
    centres: NDArray[np.int64], sphere: Kernel, mask: Mask | None, shape: tuple[int, ...]
) -> NDArray[np.int64]:
    """The centres whose whole sphere lies in the image, and in the mask where one is given."""
    low, high = sphere.offsets.min(axis=0), sphere.offsets.max(axis=0)
    centres = centres[((centres + low >= 0) & (centres + high < np.array(shape))).all(axis=1)]
    if mask is None or len(centres) == 0:
        return centres
    flat, steps = _flat(centres, sphere, shape)
    return centres[mask.reshape(-1)[flat[:, None] + steps].all(axis=1)]


def _means(suv: Floats, centres: NDArray[np.int64], sphere: Kernel) -> Floats:
    flat, steps = _flat(centres, sphere, suv.shape)
    values = suv.reshape(-1)
    parts = range(0, len(flat), max(VOXELS_AT_ONCE // len(steps), 1))
    return np.concatenate([values[flat[at : at + parts.step, None] + steps] @ sphere.weights for at in parts])


def _flat(
    centres: NDArray[np.int64], sphere: Kernel, shape: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    return centres @ strides, sphere.offsets @ strides
