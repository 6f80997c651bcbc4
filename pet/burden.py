"""Total metabolic tumour volume and glycolysis: the union of lesions (3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pet.region import Mask
from pet.volume import Box, Volume


@dataclass(frozen=True, slots=True)
class Burden:
    """Total metabolic tumour volume (ml) and glycolysis (g of SUVbw) over the union of lesions, each voxel once."""

    volume_ml: float
    glycolysis: float
    lesions: int


def burden(volume: Volume, parts: Sequence[tuple[Box, Mask]]) -> Burden:
    """The union of the masks of lesions; overlapping voxels count once (TMTV, TTLG)."""
    if not parts:
        return Burden(0.0, 0.0, 0)
    seen: dict[int, Mask] = {}
    for box, mask in parts:
        for offset in range(mask.shape[0]):
            plane = seen.setdefault(box[0].start + offset, np.zeros(volume.grid.shape[1:], bool))
            plane[box[1], box[2]] |= mask[offset]
    voxel = volume.grid.voxel_ml
    count = sum(int(plane.sum()) for plane in seen.values())
    total = sum(
        float(volume.stored[number][plane].astype(float).sum()) * float(volume.factors[number])
        for number, plane in seen.items()
    )
    return Burden(count * voxel, total * voxel, len(parts))
