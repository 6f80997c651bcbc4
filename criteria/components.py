"""Categories of the components of a time point: target, non-target and new lesions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from criteria.courses import HUNDREDTHS, Booleans, Courses, Integers, NonTargetLesions
from criteria.decision import CR, NA, NE, NEW_EQUIVOCAL, NEW_N, NEW_NE, NEW_Y, NN, PD, PR, SD, Codes
from criteria.declaration import Increase, Morphologic, NewLesions
from criteria.new_lesions import NOT_JOINED, NewLesionCounts

NO_NADIR = np.int64(-1)


@dataclass(frozen=True, slots=True)
class Burden:
    """What the criterion's sum is made of, per course and position (hundredths of a millimetre).

    ``total`` is the sum over the assessed lesions; it is ``complete`` when none is missing. ``baseline`` is
    `NO_NADIR` where the baseline is incomplete or has no target lesion.
    """

    total: Integers
    complete: Booleans
    gone: Booleans
    visible: Booleans
    assessed: Booleans
    has_targets: Booleans
    measured_new: Booleans
    baseline: Integers


def burden(courses: Courses, new: NewLesionCounts, declared: Morphologic) -> Burden:
    """Sum of targets, with the measured new lesions where the criterion adds them (R11-BL-06, IM-02)."""
    targets = courses.targets
    total, expected, assessed, gone = targets.total, targets.expected, targets.assessed, targets.gone
    measured_new = np.zeros_like(courses.exists)
    if declared.new_lesions is NewLesions.ADDED:
        joined, measured = new.sizes != NOT_JOINED, new.sizes >= 0
        total = total + np.where(measured, new.sizes, 0).sum(axis=2)
        expected = expected + joined.sum(axis=2)
        assessed = assessed + measured.sum(axis=2)
        gone = gone + new.sizes_gone.sum(axis=2)
        measured_new = joined.any(axis=2)
    has_targets = targets.expected[:, 0] > 0
    has_baseline = has_targets & courses.has_baseline
    return Burden(
        total=total,
        complete=(assessed == expected) & (expected > 0),
        gone=(gone == expected) & (expected > 0),
        visible=targets.visible > 0,
        assessed=assessed > 0,
        has_targets=has_targets,
        measured_new=measured_new,
        baseline=np.where(has_baseline, total[:, 0], NO_NADIR),
    )


def increased(total: Integers, reference: Integers, by: Increase, zero_nadir: str = "abs5") -> Booleans:
    """Whether ``total`` exceeds ``reference`` by both parts of the threshold, in exact arithmetic (GEN-02)."""
    rise = total - reference
    enough = (100 * rise >= by.percent * reference) & (rise >= by.absolute_mm * HUNDREDTHS) & (rise > 0)
    if zero_nadir == "any_reappearance":
        enough |= (reference == 0) & (total > 0)
    return enough & (reference >= 0)


@dataclass(frozen=True, slots=True)
class TargetResult:
    """Target category at one position, and which special rule made it progression."""

    category: Codes
    from_zero: Booleans
    reappeared: Booleans


def target_category(
    k: int, sums: Burden, nadir: Integers, had_complete_response: Booleans, declared: Morphologic
) -> TargetResult:
    """Target response at position ``k`` against baseline and nadir (R11-TL-01 to R11-TL-07, in that order)."""
    options = declared.options
    total, complete = sums.total[:, k], sums.complete[:, k]
    rises = sums.assessed[:, k] & increased(total, nadir, declared.progression, options.zero_nadir_rule)
    reappeared = np.zeros_like(rises)
    if declared.cr_reappearance_is_pd:
        reappeared = had_complete_response & sums.visible[:, k]
    progressed = rises | reappeared
    gone = complete & sums.gone[:, k]
    if not options.cr_precedes_pd:
        gone &= ~progressed
    base = sums.baseline
    incomplete = ~complete | (base < 0)
    shrunk = 100 * total <= (100 - declared.partial.percent) * base
    category = np.select([gone, progressed, incomplete, shrunk], [CR, PD, NE, PR], default=SD).astype(np.int8)
    without_targets = np.where(progressed, PD, NA).astype(np.int8)
    return TargetResult(
        category=np.where(sums.has_targets, category, without_targets),
        from_zero=rises & (nadir == 0),
        reappeared=reappeared & (category == PD) & ~rises,
    )


def nontarget_category(
    k: int, nontargets: NonTargetLesions, had_complete_response: Booleans, declared: Morphologic
) -> Codes:
    """Non-target response at position ``k`` (R11-NT-01 to R11-NT-04; after an overall CR also CR-01)."""
    expected, assessed = nontargets.expected[:, k], nontargets.assessed[:, k]
    progressed = nontargets.progressed[:, k] > 0
    if declared.cr_reappearance_is_pd:
        progressed |= had_complete_response & (nontargets.visible[:, k] > 0)
    return np.select(
        [expected == 0, progressed, assessed < expected, nontargets.gone[:, k] == expected],
        [NA, PD, NE, CR],
        default=NN,
    ).astype(np.int8)


def new_lesion_category(k: int, new: NewLesionCounts) -> Codes:
    """New lesions at position ``k``: seen, none, only equivocal ones, or not evaluable (R11-NL-01 to R11-NL-05)."""
    return np.select(
        [
            (new.first_seen[:, k] > 0) | (new.visible[:, k] > 0),
            new.equivocal[:, k] > 0,
            new.not_evaluable[:, k] > 0,
        ],
        [NEW_Y, NEW_EQUIVOCAL, NEW_NE],
        default=NEW_N,
    ).astype(np.int8)
