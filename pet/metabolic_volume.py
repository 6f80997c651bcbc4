"""Metabolic tumour volume by every method, and total lesion glycolysis (3.8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from pet.region import Mask
from pet.volume import Floats
from protocol.pet_options import MtvMethod, PetOptions

RELATIVE: dict[str, float] = {"MTV_41": 0.41, "MTV_42": 0.42, "MTV_50": 0.50}
FIXED_SUV: dict[str, float] = {"MTV_F25": 2.5, "MTV_F40": 4.0}
NEIGHBOURS = {6: 1, 18: 2, 26: 3}
EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Liver:
    """Mean and standard deviation of SUL in the liver, which two methods rest on."""

    sul_mean: float
    sul_sd: float


def threshold(
    method: str, suv_max: float, sul_factor: float | None, liver: Liver | None, formula: str = "A"
) -> float | None:
    """The least SUVbw of a method's voxels; null where it needs SUL or a liver that is not there.

    MTV_PL: SUL >= 1.5 x liver mean + 2 SD (``formula`` B: 1.5 x (mean + 2 SD)), the measurability of PERCIST;
    MTV_L2: SUL >= liver mean + 2 SD.
    """
    if method in RELATIVE:
        return RELATIVE[method] * suv_max
    if method in FIXED_SUV:
        return FIXED_SUV[method]
    if method == "MASK":
        return -np.inf
    if liver is None or not sul_factor:
        return None
    above = 2 * liver.sul_sd
    if method == "MTV_L2":
        return (liver.sul_mean + above) / sul_factor
    limit = 1.5 * (liver.sul_mean + above) if formula == "B" else 1.5 * liver.sul_mean + above
    return limit / sul_factor


def metabolic_mask(suv: Floats, mask: Mask, least: float, connectivity: int | None) -> Mask:
    """The voxels of ``mask`` with SUVbw >= ``least``; holes stay. Compared with the tolerance of section 0.

    ``connectivity`` 6, 18 or 26 keeps only what hangs together with the hottest voxel; null keeps all.
    """
    if not np.isfinite(least):
        return mask
    above = mask & (suv >= least - EPSILON * max(1.0, abs(least)))
    if connectivity is None or not above.any():
        return above
    labels, _ = ndimage.label(above, structure=ndimage.generate_binary_structure(3, NEIGHBOURS[connectivity]))
    hottest = np.unravel_index(int(np.where(above, suv, -np.inf).argmax()), suv.shape)
    found: Mask = labels == labels[hottest]
    return found


def connectivity_of(method: str, options: PetOptions) -> int | None:
    """The connectivity that a method's volume asks for (``mtv_connected``); null for none."""
    wanted = options.mtv_connected == "ALL" or (options.mtv_connected == "RELATIVE" and method in RELATIVE)
    return options.mtv_connectivity if wanted else None


METHODS: tuple[MtvMethod, ...] = ("MTV_41", "MTV_42", "MTV_F25", "MTV_F40", "MTV_PL", "MTV_L2")
