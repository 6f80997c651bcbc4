"""Further growth of a progression that waits to be confirmed (5.2); arrays have the shape (courses, lesions)."""

from __future__ import annotations

import numpy as np

from criteria.declaration import Unconfirmed
from criteria.lesions import Lesions, any_lesion
from criteria.reads import HUNDREDTHS, NO_SIZE, Booleans, Integers


def confirming(lesions: Lesions, k: int, rule: Unconfirmed) -> Booleans:
    """Lesions whose growth confirms: all, or only those not injected (section 7.3)."""
    if rule.injected_growth:
        return np.ones_like(lesions.injected[:, k])
    return ~lesions.injected[:, k]


def rises(size: Integers, reference: Integers, lesions: Booleans, rule: Unconfirmed) -> Booleans:
    """At least the growth asked for over those lesions of the reference; one not assessed adds nothing (IR-15)."""
    compared = (reference >= 0) & lesions
    now = np.where(compared & (size >= 0), size, 0).sum(axis=1)
    then = np.where(compared, reference, 0).sum(axis=1)
    return any_lesion(compared) & (now - then >= rule.growth_mm * HUNDREDTHS)


def falls(size: Integers, reference: Integers, rule: Unconfirmed) -> Booleans:
    """As much less over the lesions of the reference, all of them assessed (IR-12)."""
    compared = reference >= 0
    measured = ~any_lesion(compared & (size < 0))
    fall = np.where(compared, reference - size, 0).sum(axis=1)
    return measured & (fall >= rule.growth_mm * HUNDREDTHS)


def any_increase(lesions: Lesions, k: int, last: Integers) -> Booleans:
    """Lesions larger than at their last assessment, by any amount or in the reader's word (C-NLNT).

    ``last`` is the size at that assessment.
    """
    size = lesions.size[:, k]
    larger = np.where(size >= 0, (last >= 0) & (size > last), last == 0)
    return larger | lesions.grown[:, k] | lesions.progressed[:, k]


def follow(reference: Integers, now: Integers, where: Booleans, *, only_down: bool) -> None:
    """Take the present sizes as reference for the courses in ``where`` that show the same lesions, if smaller in sum
    where ``only_down`` (``icpd_reference``)."""
    same_lesions = ((reference >= 0) == (now >= 0)).all(axis=1)
    takes = where & same_lesions
    if only_down:
        takes &= now.sum(axis=1) < reference.sum(axis=1)
    reference[takes] = now[takes]


def sizes(lesions: Lesions, k: int, among: Booleans) -> Integers:
    """The sizes at a position of some lesions, `NO_SIZE` for the others."""
    return np.where(among, lesions.size[:, k], NO_SIZE)
