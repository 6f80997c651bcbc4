"""The components of a response to intratumoural therapy: injected and other lesions (rule book 7.2, IT-02 to IT-12).

A target counts as injected (T-I) from the first time point on at which it has been injected, and never back (IT-04).
Membership is that of the time point under judgement: every earlier sum of a component is made again of its present
members, so that a lesion that moves takes its own baseline and its earlier sizes with it (7.2, rotation). All time
points count, whatever the overall response does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from criteria.components import Burden, References, burden_of, nontarget_category, target_category
from criteria.courses import Courses
from criteria.decision import CATEGORIES, CR, NA, NE, PD, PR, SD, Codes
from criteria.declaration import Morphologic
from criteria.lesions import NEVER, Lesions, any_lesion
from criteria.reads import NO_SIZE, Booleans, Integers

WORST_LAST = (NA, CR, PR, SD, NE, PD)
PATTERNS = (
    ("CONCORDANT RESPONSE", "LOCAL-ONLY RESPONSE", "MIXED: LOCAL RESPONSE, SYSTEMIC PROGRESSION"),
    ("ABSCOPAL-DOMINANT RESPONSE", "STABLE", "SYSTEMIC PROGRESSION"),
    ("MIXED: ABSCOPAL RESPONSE, LOCAL PROGRESSION", "LOCAL PROGRESSION", "CONCORDANT PROGRESSION"),
)
"""Rows: injected lesions respond, are stable, progress; columns: the others, a new lesion being progression (7.3)."""


@dataclass(frozen=True, slots=True)
class Component:
    """Targets of one class at one position, each of the shape (courses): sums are `NO_SIZE` where they are unknown.

    ``previous``, ``baseline`` and ``nadir`` are sums of the present members at the time point before, at the baseline
    and at the time point where they were smallest.
    """

    lesions: Integers
    total: Integers
    complete: Booleans
    previous: Integers
    baseline: Integers
    nadir: Integers
    iterative: Codes
    cumulative: Codes


@dataclass(frozen=True, slots=True)
class Classes:
    """Both classes of targets and of non-targets at one position; ``rotated`` counts the targets injected since."""

    injected: Component
    noninjected: Component
    nontarget_injected: Codes
    nontarget_noninjected: Codes
    rotated: Integers


def classes(k: int, courses: Courses, declared: Morphologic) -> Classes:
    """The components at position ``k`` (IT-02 to IT-09, IT-12)."""
    targets, nontargets = courses.targets, courses.nontargets
    candidates = _with_new_lesions(k, courses) if declared.injected_new_lesions else targets
    before = targets.injected[:, k - 1] if k > 1 else targets.injected[:, k]
    never = np.zeros(len(courses.exists), dtype=bool)

    def called(among: Booleans) -> Codes:
        return nontarget_category(k, nontargets, never, declared, among).category

    return Classes(
        injected=_component(k, candidates, candidates.injected[:, k], declared),
        noninjected=_component(k, targets, ~targets.injected[:, k], declared),
        nontarget_injected=called(nontargets.injected[:, k]),
        nontarget_noninjected=called(~nontargets.injected[:, k]),
        rotated=(targets.known[:, k] & targets.injected[:, k] & ~before).sum(axis=1),
    )


def _with_new_lesions(k: int, courses: Courses) -> Lesions:
    """The targets, and the new lesions as targets from when they are both shown and injected (7.2).

    What a new lesion measured first stands for its baseline and for the time points before.
    """
    new = courses.new
    position = np.arange(new.size.shape[1])[None, :, None]
    shown = position >= new.known_from[:, None]
    measured = ((new.size >= 0) & shown)[:, : k + 1]
    first = np.where(measured.any(axis=1), measured.argmax(axis=1), 0)
    own = np.take_along_axis(new.size, first[:, None], axis=1)
    before = (position < first[:, None]) & courses.exists[:, :, None]
    counted = np.where(new.known_from == NEVER, NEVER, 0)
    as_targets = replace(
        new,
        size=np.where(before, own, new.size),
        injected=new.injected & shown,
        known_from=counted,
    )
    return courses.targets.beside(as_targets)


def _component(k: int, targets: Lesions, among: Booleans, declared: Morphologic) -> Component:
    members = targets.known[:, k] & among
    now = burden_of(k, [(targets, members)])
    sums = _earlier_sums(k, targets, members)
    known = sums != NO_SIZE
    nadir = np.where(known, sums, np.iinfo(np.int64).max).min(axis=1)
    nadir = np.where(known.any(axis=1), nadir, NO_SIZE)
    previous, baseline = sums[:, k - 1], sums[:, 0]
    return Component(
        lesions=members.sum(axis=1),
        total=now.total,
        complete=now.complete,
        previous=previous,
        baseline=baseline,
        nadir=nadir,
        iterative=_category(now, members, previous, previous, declared),
        cumulative=_category(now, members, baseline, nadir, declared),
    )


def _earlier_sums(k: int, targets: Lesions, members: Booleans) -> Integers:
    """Sums of the members at every position before ``k``; `NO_SIZE` where one then known had no size, or none was."""
    known = targets.known[:, :k] & members[:, None, :]
    size = targets.size[:, :k]
    complete = any_lesion(known) & ~any_lesion(known & (size < 0))
    return np.where(complete, np.where(known, size, 0).sum(axis=2), NO_SIZE)


def _category(now: Burden, members: Booleans, reference: Integers, nadir: Integers, declared: Morphologic) -> Codes:
    """RECIST 1.1 thresholds: CR and PR against the reference, PD against the nadir (IT-05, IT-07 to IT-09)."""
    never = np.zeros(len(reference), dtype=bool)
    smallest = np.full(members.shape, NO_SIZE)
    references = References(reference, nadir, smallest, never)
    return target_category(now, any_lesion(members), references, declared).category


def injected_response(found: Classes, declared: Morphologic) -> Codes:
    """The response of the injected targets that stands for them (IT-10)."""
    return found.injected.cumulative if declared.injected_reference == "baseline_nadir" else found.injected.iterative


def worst_component(courses: Courses, declared: Morphologic) -> Codes | None:
    """Per course and position the worse of both target components, where the overall response asks for it (7.3)."""
    if declared.overall_target == "combined_sod":
        return None
    rank = np.zeros(len(WORST_LAST), dtype=np.int8)
    rank[list(WORST_LAST)] = np.arange(len(WORST_LAST))
    worst = np.full(courses.shape, NA)
    for k in range(1, courses.shape[1]):
        found = classes(k, courses, declared)
        both = (rank[injected_response(found, declared)], rank[found.noninjected.cumulative])
        worst[:, k] = np.array(WORST_LAST)[np.maximum(*both)]
    return worst


def pattern(injected: Codes, noninjected: Codes, new_lesion: Booleans) -> Integers:
    """Number of the pattern in `PATTERNS`, row by row; -1 where a component has none (7.3)."""
    place = np.full(len(CATEGORIES), -1)
    place[[CR, PR, SD, PD]] = (0, 0, 1, 2)
    row, column = place[injected], np.where(new_lesion, 2, place[noninjected])
    return np.where((row >= 0) & (column >= 0), row * 3 + column, -1)
