"""Latent courses of tumours under immunotherapy, as ranges of the parameters of one growth model.

The size of a lesion t days after the start is its size at the start times

    exp(-shrink t) + exp(grow t) - 1 + swell ((t / peak) exp(1 - t / peak))^3

The first three terms are the regression-growth model of Stein 2008 (Oncologist 13:1046) and Stein 2011 (Clin Cancer
Res 17:907), a relative of Claret 2009 (J Clin Oncol 27:4103); the last is a transient swelling by immune cells
(Wolchok 2009, Clin Cancer Res 15:7412). Before the start a lesion grows with exp(before t). Rates are per day and stay
below 0.0072: no lesion changes threefold between two assessments of eight weeks, also when one of them is missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Range = tuple[float, float]
NONE: Range = (0.0, 0.0)


class LatentClass(StrEnum):
    """What the tumour of a subject really does."""

    DURABLE = "DURABLE RESPONDER"
    RESPONDER = "RESPONDER"
    PSEUDOPROGRESSOR = "PSEUDOPROGRESSOR"
    DISSOCIATED = "DISSOCIATED RESPONDER"
    STABLE = "STABLE"
    PROGRESSOR = "PROGRESSOR"
    HYPERPROGRESSOR = "HYPERPROGRESSOR"


@dataclass(frozen=True, slots=True)
class Course:
    """Parameters of a latent class: rates per day, swelling as a share of the first size, survival in days.

    ``other_shrink`` and ``other_grow`` hold for every second lesion. ``new_lesions`` is the chance of each place for a
    new lesion, ``transient`` that of a new lesion that vanishes again.
    """

    shrink: Range
    grow: Range
    before: Range
    survival_days: int
    swell: Range = NONE
    other_shrink: Range | None = None
    other_grow: Range | None = None
    new_lesions: float = 0.0
    transient: float = 0.0


COURSES: dict[LatentClass, Course] = {
    LatentClass.DURABLE: Course(shrink=(0.0062, 0.0071), grow=NONE, before=(0.001, 0.003), survival_days=2400),
    LatentClass.RESPONDER: Course(
        shrink=(0.0062, 0.0071), grow=(0.0005, 0.0011), before=(0.001, 0.003), survival_days=1300, new_lesions=0.1
    ),
    LatentClass.PSEUDOPROGRESSOR: Course(
        shrink=(0.0030, 0.0036),
        grow=NONE,
        before=(0.001, 0.002),
        survival_days=1500,
        swell=(0.55, 0.65),
        transient=0.35,
    ),
    LatentClass.DISSOCIATED: Course(
        shrink=(0.0064, 0.0071),
        grow=NONE,
        before=(0.001, 0.003),
        survival_days=750,
        other_shrink=NONE,
        other_grow=(0.0042, 0.0056),
        new_lesions=0.1,
    ),
    LatentClass.STABLE: Course(
        shrink=(0.0008, 0.0016), grow=(0.0006, 0.0012), before=(0.0005, 0.0015), survival_days=650, new_lesions=0.05
    ),
    LatentClass.PROGRESSOR: Course(
        shrink=NONE, grow=(0.0035, 0.0052), before=(0.003, 0.0045), survival_days=340, new_lesions=0.3
    ),
    LatentClass.HYPERPROGRESSOR: Course(
        shrink=NONE, grow=(0.0066, 0.0071), before=(0.0008, 0.0014), survival_days=170, new_lesions=0.4
    ),
}
