"""Whether a volume in SUV looks like a patient (G-8); a failure is a flag for review, never a refusal."""

from __future__ import annotations

import numpy as np

from pet.refusal import Flag
from pet.volume import Volume

BODY_ABOVE = 0.1
BODY_MEDIAN = (0.2, 1.5)
EVERY_SLICE, EVERY_PIXEL = 4, 2


def body_median(volume: Volume) -> float | None:
    """Median SUVbw of the voxels above 0.1, of every fourth slice and second row and column; null without any."""
    thinned = volume.stored[::EVERY_SLICE, ::EVERY_PIXEL, ::EVERY_PIXEL]
    suv = thinned * volume.factors[::EVERY_SLICE, None, None]
    body = suv[suv > BODY_ABOVE]
    return float(np.median(body)) if body.size else None


def body_flags(median: float | None) -> tuple[Flag, ...]:
    """BODY_MEDIAN_IMPLAUSIBLE outside 0.2 to 1.5, and without any uptake at all."""
    plausible = median is not None and BODY_MEDIAN[0] <= median <= BODY_MEDIAN[1]
    return () if plausible else (Flag.BODY_MEDIAN_IMPLAUSIBLE,)
