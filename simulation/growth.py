"""True sizes of lesions at given days (the model of `simulation.classes`)."""

from __future__ import annotations

import numpy as np

from simulation.draws import Booleans, Floats
from simulation.lesions import BASELINE, FRAGMENT, MIMIC, NORMAL_NODE_MM, Lesions

GONE_MM = 3.0
TRANSIENT_MM = 12.0
FRAGMENT_SHARE = 0.3
SLOW_MM = 120.0


def true_sizes(lesions: Lesions, day: Floats) -> Floats:
    """Sizes in mm (subjects, visits, places) at ``day`` (subjects, visits; in order; day 0 is the randomisation).

    Sizes have a resolution of 0.1 mm, that of a perfect reader. A lesion that falls below 3 mm is gone for good (0);
    a node shrinks to the 6 mm of a normal one. A merged lesion is 0 from then on and its partner takes it in; a
    fragment takes its share from its partner. Days that are not finite give 0.
    """
    known = np.isfinite(day)
    t = np.where(known, day, 0.0)[:, :, None]
    size = _baseline_lesions(lesions, t)
    size[:, :, BASELINE:FRAGMENT] = _new_lesions(lesions, t)[:, :, BASELINE:FRAGMENT]
    size[:, :, MIMIC] = _new_lesions(lesions, t)[:, :, MIMIC]
    started = lesions.present[:, None, :] & (t >= lesions.appears[:, None, :])
    size = np.where(started, _slowed(size), 0)
    gone = np.logical_or.accumulate((size < GONE_MM) & started & known[:, :, None] & (t > 0), axis=1)
    early = lesions.transient[:, None, :] & (t < lesions.appears[:, None, :] + lesions.peak[:, None, :])
    size = np.where(gone & ~early & ~lesions.node[:, None, :], 0, size)
    size = _merged_and_split(lesions, size.round(1), day)
    return np.where(known[:, :, None], np.round(size, 1), 0)


def response_factor(lesions: Lesions, t: Floats) -> Floats:
    """Size at day ``t`` (subjects, visits, 1) as a share of the size at the start."""
    after = np.maximum(t, 0)
    shrink, grow, swell, peak = (getattr(lesions, name)[:, None, :] for name in ("shrink", "grow", "swell", "peak"))
    factor = np.exp(-shrink * after) + np.exp(grow * after) - 1 + swell * _bump(after / peak)
    return factor * np.exp(lesions.before[:, None, :] * np.minimum(t, 0))


def _slowed(size: Floats) -> Floats:
    """Growth slows down beyond 120 mm, towards 220 mm at most."""
    beyond = np.maximum(size - SLOW_MM, 0)
    return np.where(size > SLOW_MM, SLOW_MM + 100 * (1 - np.exp(-beyond / 100)), size)


def _bump(share_of_peak: Floats) -> Floats:
    """Rises from 0 to 1 at the peak and falls to 0 again."""
    return (share_of_peak * np.exp(1 - share_of_peak)) ** 3


def _baseline_lesions(lesions: Lesions, t: Floats) -> Floats:
    floor = np.where(lesions.node, NORMAL_NODE_MM, 0)[:, None, :]
    return floor + (lesions.size[:, None, :] - floor) * response_factor(lesions, t)


def _new_lesions(lesions: Lesions, t: Floats) -> Floats:
    age = np.maximum(t - np.maximum(lesions.appears, 0)[:, None, :], 0)
    rate = np.clip(lesions.grow, 0.003, 0.0068)[:, None, :]
    growing = lesions.size[:, None, :] * np.exp(rate * age)
    return np.where(lesions.transient[:, None, :], TRANSIENT_MM * _bump(age / lesions.peak[:, None, :]), growing)


def merged(lesions: Lesions, day: Floats) -> Booleans:
    """Where a lesion has merged into its partner (subjects, visits, places)."""
    since = np.where(np.isfinite(day), day, -np.inf)[:, :, None] >= lesions.joins[:, None, :]
    joined = since & (lesions.partner >= 0)[:, None, :]
    joined[:, :, FRAGMENT] = False
    return joined


def _merged_and_split(lesions: Lesions, size: Floats, day: Floats) -> Floats:
    """Second lesion into the first (0.8 of its length is added), or a fragment away from the first."""
    joined = merged(lesions, day)[:, :, 1]
    since = np.where(np.isfinite(day), day, -np.inf) >= lesions.joins[:, None, FRAGMENT]
    split = since & (lesions.partner[:, FRAGMENT] == 0)[:, None] & (size[:, :, 0] >= 2 * GONE_MM / FRAGMENT_SHARE)
    whole = size[:, :, 0].copy()
    fragment = np.where(split, FRAGMENT_SHARE * whole, 0).round(1)
    size[:, :, FRAGMENT] = fragment
    size[:, :, 0] = np.where(joined, whole + 0.8 * size[:, :, 1], whole - fragment)
    size[:, :, 1] = np.where(joined, 0, size[:, :, 1])
    return size
