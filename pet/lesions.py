"""The quantities of one lesion (3.7, 3.8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pet.diameter import equivalent_sphere, max_feret
from pet.metabolic_volume import METHODS, Liver, connectivity_of, metabolic_mask, threshold
from pet.peak import Peak, peak
from pet.refusal import Flag
from pet.region import Mask, Region
from pet.volume import Floats, Volume
from protocol.pet_options import PetOptions

MAXIMUM_PLAUSIBLE = 100.0
FERET_METHODS = {"READER_MM": "MTV_41", "MTV41_MAX_FERET": "MTV_41", "MTV50_MAX_FERET": "MTV_50"}


@dataclass(frozen=True)
class Measured:
    """Quantities of a region: SUVbw in g/ml, volumes in ml by method (null: not computable), diameter in mm.

    ``core`` is the mask of ``mtv_method`` in the region's box, ``mean_in_volume`` the mean SUVbw in it; ``fixed`` is
    the mask of MTV_F40.
    """

    maximum: float
    mean: float
    peak: Peak
    region_ml: float
    volumes: dict[str, float | None]
    core: Mask | None
    fixed: Mask
    mean_in_volume: float | None
    diameter_mm: float | None
    flags: tuple[Flag, ...]


def measured(
    volume: Volume, region: Region, sul_factor: float | None, liver: Liver | None, options: PetOptions
) -> Measured:
    """All quantities of a region that is not empty."""
    suv, mask, voxel = volume.suv(region.box), region.mask, volume.grid.voxel_ml
    values = suv[mask]
    maximum = float(values.max())
    masks = {name: _mask(name, suv, mask, maximum, sul_factor, liver, options) for name in (*METHODS, "MTV_50", "MASK")}
    volumes = {name: None if found is None else _millilitres(found, voxel, options) for name, found in masks.items()}
    core = masks[options.mtv_method]
    fixed = masks["MTV_F40"]
    found = peak(volume, region, options)
    flags = [*region.flags, *found.flags]
    if core is None:
        flags.append(Flag.LIVER_MISSING)
    if maximum > MAXIMUM_PLAUSIBLE:
        flags.append(Flag.MAXIMUM_IMPLAUSIBLE)
    return Measured(
        maximum=maximum,
        mean=float(values.mean()),
        peak=found,
        region_ml=values.size * voxel,
        volumes=volumes,
        core=core,
        fixed=np.zeros_like(mask) if fixed is None else fixed,
        mean_in_volume=float(suv[core].mean()) if core is not None and core.any() else None,
        diameter_mm=_diameter(masks, volumes, volume, options),
        flags=tuple(dict.fromkeys(flags)),
    )


def _mask(
    method: str,
    suv: Floats,
    mask: Mask,
    maximum: float,
    sul_factor: float | None,
    liver: Liver | None,
    options: PetOptions,
) -> Mask | None:
    least = threshold(method, maximum, sul_factor, liver, options.percist_liver_formula)
    return None if least is None else metabolic_mask(suv, mask, least, connectivity_of(method, options))


def _millilitres(mask: Mask, voxel_ml: float, options: PetOptions) -> float:
    found = int(mask.sum()) * voxel_ml
    return found if found >= options.mtv_min_ml else 0.0


def _diameter(
    masks: dict[str, Mask | None], volumes: dict[str, float | None], volume: Volume, options: PetOptions
) -> float | None:
    """By ``percimt_diameter``; the reader's own millimetres are not in the images, so MTV41 stands in for them."""
    if options.percimt_diameter == "EQUIV_SPHERE":
        found = volumes["MTV_41"]
        return None if found is None else equivalent_sphere(found)
    mask = masks[FERET_METHODS[options.percimt_diameter]]
    return None if mask is None else max_feret(mask, volume.grid.spacing)
