"""Reference regions: spheres and cylinders of given size where the reader drew, and their statistics (3.6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from criteria.vocabulary import ReferenceRegion
from pet.refusal import Flag
from pet.region import Region
from pet.volume import Box, Floats, Grid, Volume
from protocol.pet_options import PetOptions

DRAWN_TO_SIZE = 2.0
"""A region up to this many times the volume of its reference shape was drawn for it: the centre of mass is meant."""

VERTEBRAE = 4


@dataclass(frozen=True, slots=True)
class Reference:
    """Statistics of a reference region in SUVbw, its centre in patient coordinates (mm), and what to mind."""

    region: ReferenceRegion
    usable: bool
    mean: float | None
    sd: float | None
    maximum: float | None
    voxels: int
    centre: tuple[float, float, float] | None
    flags: tuple[Flag, ...]


def reference_in(volume: Volume, kind: ReferenceRegion, drawn: Sequence[Region], options: PetOptions) -> Reference:
    """The reference region in what was drawn; of several vertebrae the mean of each statistic (REF-M).

    A region about the size of the shape (liver: 3 cm sphere) is taken at its centre of mass; a larger one, such as a
    whole organ, at its deepest point, away from edges. Usable when at least ``reference_contained`` of the shape lies
    in the region; a spleen too small for it takes the largest sphere that fits (REF-S).
    """
    found = [_in_region(volume, kind, region, options) for region in drawn if not region.empty]
    if kind is ReferenceRegion.MARROW:
        return _mean_of(found)
    return max(found, key=lambda each: (each.usable, each.voxels))


def reference_at(volume: Volume, kind: ReferenceRegion, centre: Floats, options: PetOptions) -> Reference:
    """The reference region at a given centre in patient coordinates (mm)."""
    return _measured(volume, kind, centre, _radius(kind, options), options)


def _in_region(volume: Volume, kind: ReferenceRegion, region: Region, options: PetOptions) -> Reference:
    grid, radius = volume.grid, _radius(kind, options)
    shape_ml = _shape_ml(kind, radius, options)
    voxels = region.indices()
    if len(voxels) * grid.voxel_ml <= DRAWN_TO_SIZE * shape_ml:
        centre = grid.points(voxels.astype(float)).mean(axis=0)
    else:
        depth = ndimage.distance_transform_edt(np.pad(region.mask, 1), sampling=grid.spacing)[1:-1, 1:-1, 1:-1]
        deepest = np.array(np.unravel_index(int(depth.argmax()), depth.shape))
        centre = grid.points((deepest + [side.start for side in region.box])[None])[0]
        if kind is ReferenceRegion.SPLEEN:
            radius = min(radius, float(depth.max()))
    measured = _measured(volume, kind, centre, radius, options)
    share = _share_inside(grid, kind, centre, radius, region, options)
    if share < options.reference_contained:
        flags = (*region.flags, *measured.flags, Flag.REFERENCE_NOT_CONTAINED)
        return replace(measured, usable=False, flags=flags)
    return replace(measured, flags=(*region.flags, *measured.flags))


def _radius(kind: ReferenceRegion, options: PetOptions) -> float:
    diameters = {
        ReferenceRegion.LIVER: options.liver_sphere_mm,
        ReferenceRegion.SPLEEN: options.spleen_sphere_mm,
        ReferenceRegion.MARROW: options.marrow_sphere_mm,
        ReferenceRegion.BLOOD_POOL: options.blood_pool_diameter_mm,
    }
    return diameters[kind] / 2


def _shape_ml(kind: ReferenceRegion, radius: float, options: PetOptions) -> float:
    if kind is ReferenceRegion.BLOOD_POOL:
        return math.pi * radius**2 * options.blood_pool_length_mm / 1000
    return 4 / 3 * math.pi * radius**3 / 1000


def _voxels(
    grid: Grid, kind: ReferenceRegion, centre: Floats, radius: float, options: PetOptions
) -> tuple[Box, NDArray[np.int64]]:
    """The voxels whose centre lies in the shape, and a box around them; the cylinder stands along the slices."""
    half = options.blood_pool_length_mm / 2 if kind is ReferenceRegion.BLOOD_POOL else radius
    middle = grid.indices(centre)
    reach = np.array([half, radius, radius]) / grid.spacing
    low = np.maximum(np.floor(middle - reach).astype(int) - 1, 0)
    high = np.minimum(np.ceil(middle + reach).astype(int) + 2, grid.shape)
    high = np.maximum(high, low)
    box = (slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1])), slice(int(low[2]), int(high[2])))
    candidates = np.stack(np.meshgrid(*(np.arange(*pair) for pair in zip(low, high, strict=True)), indexing="ij"), -1)
    candidates = candidates.reshape(-1, 3)
    away = grid.points(candidates) - centre
    if kind is ReferenceRegion.BLOOD_POOL:
        along = away @ grid.normal
        across = np.linalg.norm(away - along[:, None] * grid.normal, axis=1)
        inside = (np.abs(along) <= half) & (across <= radius)
    else:
        inside = np.linalg.norm(away, axis=1) <= radius
    return box, candidates[inside]


def _measured(volume: Volume, kind: ReferenceRegion, centre: Floats, radius: float, options: PetOptions) -> Reference:
    grid = volume.grid
    place = (float(centre[0]), float(centre[1]), float(centre[2]))
    box, voxels = _voxels(grid, kind, centre, radius, options)
    whole = len(voxels) * grid.voxel_ml >= options.reference_contained * _shape_ml(kind, radius, options)
    if len(voxels) <= options.ref_sd_ddof or not grid.contains(centre):
        return Reference(kind, False, None, None, None, len(voxels), place, (Flag.REFERENCE_OUT_OF_IMAGE,))
    start = np.array([side.start for side in box])
    values = volume.suv(box)[tuple((voxels - start).T)]
    mean = float(values.mean())
    flags = [] if whole else [Flag.REFERENCE_OUT_OF_IMAGE]
    if kind is ReferenceRegion.LIVER and not 1.0 <= mean <= 4.5:
        flags.append(Flag.LIVER_IMPLAUSIBLE)
    sd = float(values.std(ddof=options.ref_sd_ddof))
    return Reference(kind, whole, mean, sd, float(values.max()), len(voxels), place, tuple(flags))


def _share_inside(
    grid: Grid, kind: ReferenceRegion, centre: Floats, radius: float, region: Region, options: PetOptions
) -> float:
    """The share of the shape's voxels that lie in the drawn region."""
    _, voxels = _voxels(grid, kind, centre, radius, options)
    local = voxels - np.array([side.start for side in region.box])
    within = ((local >= 0) & (local < region.mask.shape)).all(axis=1)
    return float(region.mask[tuple(local[within].T)].sum() / len(voxels)) if len(voxels) else 0.0


def _mean_of(several: Sequence[Reference]) -> Reference:
    """The mean of each statistic over the usable vertebrae; its centre is that of the first."""
    usable = [each for each in several if each.usable] or list(several)
    flags = tuple(dict.fromkeys(flag for each in usable for flag in each.flags))
    if len(usable) < VERTEBRAE:
        flags = (*flags, Flag.MARROW_FEWER_VERTEBRAE)

    def mean(name: str) -> float | None:
        values = [value for each in usable if (value := getattr(each, name)) is not None]
        return sum(values) / len(values) if values else None

    return replace(
        usable[0],
        usable=any(each.usable for each in several),
        mean=mean("mean"),
        sd=mean("sd"),
        maximum=mean("maximum"),
        voxels=sum(each.voxels for each in usable),
        flags=flags,
    )
