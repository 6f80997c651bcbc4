"""The burden and the categories of the components at one position: targets with measured new lesions, non-targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from criteria.courses import Courses
from criteria.decision import CR, NA, NE, NED, NEW_NE, NN, PD, PR, SD, Codes
from criteria.declaration import Morphologic
from criteria.lesions import Lesions, any_lesion
from criteria.measures import Increase
from criteria.reads import HUNDREDTHS, NO_DATE, NO_SIZE, Booleans, Integers


@dataclass(frozen=True, slots=True)
class Burden:
    """What adds to the sum at one position; sizes and flags have the shape (courses, lesions), the rest (courses).

    ``counted`` lesions belong to the sum, ``size`` is `NO_SIZE` where one has none.
    """

    counted: Booleans
    size: Integers
    left: Booleans
    measurable: Booleans
    merged: Booleans
    last_day: Integers

    @property
    def total(self) -> Integers:
        """Sum over the assessed lesions."""
        return np.where(self.size >= 0, self.size, 0).sum(axis=1)

    @property
    def complete(self) -> Booleans:
        """There are lesions, and every one has a size."""
        return any_lesion(self.counted) & ~any_lesion(self.counted & (self.size < 0))

    @property
    def gone(self) -> Booleans:
        """Every lesion absent, every node below its normal short axis, all assessed (R11-TL-02)."""
        return self.complete & ~any_lesion(self.left & self.counted)


def burden(k: int, courses: Courses, joined: Booleans | None = None) -> Burden:
    """The targets at position ``k``, with the new lesions that have joined the sum where the criterion adds them."""
    parts = [(courses.targets, courses.targets.known[:, k])]
    if joined is not None:
        parts.append((courses.new, joined))
    return burden_of(k, parts)


def burden_of(k: int, parts: Sequence[tuple[Lesions, Booleans]]) -> Burden:
    """Lesions, each with those of them that count at position ``k`` (courses, lesions), as one burden."""
    counted = np.concatenate([known for _, known in parts], axis=1)

    def together(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(lesions, name)[:, k] for lesions, _ in parts], axis=1)

    days = np.where(counted & together("recorded"), together("day"), np.int64(-1)).max(axis=1, initial=-1)
    return Burden(
        counted=counted,
        size=np.where(counted, together("size"), NO_SIZE),
        left=together("left"),
        measurable=together("measurable"),
        merged=together("merged"),
        last_day=np.where(days < 0, NO_DATE, days),
    )


def baseline_sum(courses: Courses) -> Integers:
    """Sum of the targets at the baseline; `NO_SIZE` without a target or where one has no size (GEN-03)."""
    first = burden(0, courses)
    return np.where(courses.exists[:, 0] & first.complete, first.total, NO_SIZE)


def increased(size: Integers, reference: Integers, by: Increase) -> Booleans:
    """Whether a size exceeds its reference by both parts of the threshold, in exact arithmetic (GEN-02)."""
    rise = size - reference
    share, least = 100 * rise, by.percent * reference
    enough = share > least if by.strict else share >= least
    return (reference >= 0) & (rise > 0) & enough & (rise >= by.absolute_mm * HUNDREDTHS)


def risen(now: Burden, nadir: Integers, smallest: Integers, declared: Morphologic) -> Booleans:
    """Whether the burden progressed over its nadir (R11-TL-03, R11-TL-04, WHO-05, IRC-11)."""
    by = declared.progression
    if by.of == "any_lesion":
        return any_lesion(now.counted & (now.size >= 0) & increased(now.size, smallest, by))
    rises = increased(now.total, nadir, by)
    if by.after_zero == "measurable":
        rises = np.where(nadir == 0, any_lesion(now.measurable & now.counted), rises)
    if declared.options.zero_nadir_rule == "any_reappearance":
        rises |= (nadir == 0) & (now.total > 0)
    return rises


@dataclass(frozen=True, slots=True)
class References:
    """What a position is compared with: baseline, nadir, each lesion's extremes, and an earlier overall CR.

    ``smallest`` and ``largest`` have the shape (courses, lesions) of the burden; ``largest`` is asked for only where a
    lesion that is missing may be estimated (``partial_pr_ok``).
    """

    baseline: Integers
    nadir: Integers
    smallest: Integers
    had_complete_response: Booleans
    largest: Integers | None = None


@dataclass(frozen=True, slots=True)
class TargetResult:
    """Target category at one position, which special rule made it progression, and whether targets were missing."""

    category: Codes
    from_zero: Booleans
    reappeared: Booleans
    partial: Booleans


def target_category(now: Burden, has_targets: Booleans, references: References, declared: Morphologic) -> TargetResult:
    """Response of the burden against baseline and nadir (R11-TL-01 to R11-TL-07, in that order).

    Courses without targets are NA, unless the criterion adds new lesions to the sum and that has grown by itself.
    """
    found = _judged(now, references, declared)
    alone = risen(now, references.nadir, references.smallest, declared)
    alone &= (references.nadir >= 0) & declared.new_lesions_alone
    category = np.where(has_targets, found.category, np.where(alone, PD, NA)).astype(np.int8)
    return replace(found, category=category, reappeared=found.reappeared & (category == PD))


def _judged(now: Burden, references: References, declared: Morphologic) -> TargetResult:
    """The category as if there were targets."""
    rises = risen(now, references.nadir, references.smallest, declared)
    reappeared = np.zeros_like(rises)
    if declared.cr_reappearance_is_pd:
        reappeared = references.had_complete_response & any_lesion(now.left & now.counted)
    has_baseline = references.baseline >= 0
    progressed = (rises | reappeared) & has_baseline
    gone = now.gone & has_baseline
    if not declared.options.cr_precedes_pd:
        gone &= ~progressed
    incomplete = ~now.complete | ~has_baseline
    shrunk = 100 * now.total <= (100 - declared.partial.percent) * references.baseline
    category = np.select([gone, progressed, incomplete, shrunk], [CR, PD, NE, PR], default=SD).astype(np.int8)
    partial = np.zeros_like(rises)
    if declared.options.partial_pr_ok and references.largest is not None:
        certain = _certain(now, references.largest, references, declared)
        partial = (category == NE) & has_baseline & (certain != NE)
        category = np.where(partial, certain, category)
    return TargetResult(
        category=category, from_zero=rises & (references.nadir == 0), reappeared=reappeared & ~rises, partial=partial
    )


def _certain(now: Burden, largest: Integers, references: References, declared: Morphologic) -> Codes:
    """PR or SD where the missing lesions, gone or as large as ever, cannot change it; else NE (R11-TL-05)."""
    missing = now.counted & (now.size < 0)
    least = replace(now, size=np.where(missing, 0, now.size))
    most = replace(
        now,
        size=np.where(missing, largest, now.size),
        left=now.left | missing,
        measurable=now.measurable | missing,
    )
    lower, upper = (_judged(bound, replace(references, largest=None), declared).category for bound in (least, most))
    return np.where((lower == upper) & np.isin(lower, (PR, SD)), lower, NE).astype(np.int8)


@dataclass(frozen=True, slots=True)
class NonTargetResult:
    """Non-target category at one position, and the scan that showed progression."""

    category: Codes
    day: Integers


def nontarget_category(
    k: int,
    nontargets: Lesions,
    had_complete_response: Booleans,
    declared: Morphologic,
    among: Booleans | None = None,
) -> NonTargetResult:
    """Non-target response at position ``k`` (R11-NT-01 to R11-NT-04; after an overall CR also CR-01).

    Only the lesions in ``among`` (courses, lesions), where given.
    """
    known = nontargets.known[:, k] if among is None else nontargets.known[:, k] & among
    called = known & nontargets.progressed[:, k]
    visible = known & nontargets.left[:, k]
    progressed = any_lesion(called)
    if declared.cr_reappearance_is_pd:
        progressed = progressed | (had_complete_response & any_lesion(visible))
    missing = any_lesion(known & ~nontargets.looked[:, k])
    category = np.select([~any_lesion(known), progressed, missing, any_lesion(visible)], [NA, PD, NE, NN], default=CR)
    shown = np.where(any_lesion(called)[:, None], called, visible)
    return NonTargetResult(
        category=category.astype(np.int8),
        day=np.where(shown, nontargets.day[:, k], NO_DATE).min(axis=1, initial=NO_DATE),
    )


def unknown_if_hidden(overall: Codes, new_category: Codes, declared: Morphologic) -> Codes:
    """The overall response where new lesions could not be looked for (R11-NL-05, ``nl_ne_rule``)."""
    unknown = new_category == NEW_NE
    match declared.options.nl_ne_rule:
        case "ne_if_cr":
            hidden = unknown & np.isin(overall, (CR, NED))
        case "ne_always":
            hidden = unknown & (overall != PD)
        case "as_no":
            return overall
    return np.where(hidden, NE, overall).astype(np.int8)
