"""The course of an unconfirmed progression: opened, confirmed, kept open or reset (iRECIST, rule book 5.2 and 5.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from criteria.components import Burden
from criteria.courses import HUNDREDTHS, Booleans, Courses, Integers
from criteria.decision import CPD, CR, NA, NE, NEW_EQUIVOCAL, NEW_N, NN, PD, PR, SD, UPD, Codes
from criteria.declaration import Morphologic, Unconfirmed
from criteria.flags import Flag, mark
from criteria.new_lesions import NewLesionCounts

CONFIRMATIONS = ("C-T", "C-NT", "C-NLT", "C-NLNT", "C-NLN", "C-X")
"""The ways to a confirmed progression, in the order in which they are named (rule book 5.2)."""

IMPROVEMENT = np.zeros(16, dtype=np.int8)
IMPROVEMENT[[SD, NN]] = 1
IMPROVEMENT[PR] = 2
IMPROVEMENT[CR] = 3


@dataclass(slots=True)
class Step:
    """What one position came to, per course."""

    overall: Codes
    table_row: Codes
    confirmed_by: Codes
    episode: Integers
    flags: Integers


@dataclass(slots=True)
class Episodes:
    """The open episode of every course, walked position by position."""

    courses: Courses
    sums: Burden
    new: NewLesionCounts
    declared: Morphologic
    rule: Unconfirmed
    open: Booleans = field(init=False)
    ended: Booleans = field(init=False)
    opened_at: Integers = field(init=False)
    opened_day: Integers = field(init=False)
    by_target: Booleans = field(init=False)
    by_nontarget: Booleans = field(init=False)
    by_new: Booleans = field(init=False)
    followed_up: Booleans = field(init=False)
    target_at_opening: Codes = field(init=False)
    nontarget_at_opening: Codes = field(init=False)
    reference_sum: Integers = field(init=False)
    reference_sizes: Integers = field(init=False)
    smallest_sizes: Integers = field(init=False)

    def __post_init__(self) -> None:
        n, _, slots = self.new.sizes.shape
        for name in ("open", "ended", "by_target", "by_nontarget", "by_new", "followed_up"):
            setattr(self, name, np.zeros(n, dtype=bool))
        for name in ("opened_at", "opened_day", "reference_sum"):
            setattr(self, name, np.zeros(n, dtype=np.int64))
        self.target_at_opening = np.zeros(n, dtype=np.int8)
        self.nontarget_at_opening = np.zeros(n, dtype=np.int8)
        self.reference_sizes = np.full((n, slots), -1, dtype=np.int64)
        self.smallest_sizes = np.full((n, slots), -1, dtype=np.int64)

    def early(self, k: int) -> Booleans:
        """Scans too soon after the opening of the episode to count for anything (IR-05)."""
        tolerance = self.declared.options.early_tol_days
        return self.open & (self.courses.day[:, k] - self.opened_day < self.rule.after_days - tolerance)

    def step(self, k: int, live: Booleans, target: Codes, nontarget: Codes, doubt: Codes) -> Step:
        """Judge position ``k`` of the courses in ``live`` (present, not ended, not early) and move on.

        ``doubt`` is the new-lesion category without certain new lesions (N, EQUIVOCAL or NE).
        """
        listed, row = self._listed(k, target, nontarget, doubt)
        by_new = (self.new.first_seen[:, k] > 0) | self._known_new_progressed(k)
        triggered = (target == PD) | (nontarget == PD) | by_new
        opens = live & ~self.open & triggered
        waiting = live & self.open

        confirmed_by = self._confirmed_by(k, target, nontarget, by_new)
        late = waiting & ~self.followed_up & (self.courses.day[:, k] - self.opened_day > self.rule.by_days)
        if self.declared.options.late_confirmation == "reject":
            confirmed_by[late] = -1
        confirms = waiting & (confirmed_by >= 0)
        persists = waiting & ~confirms & self._persists(k, target, nontarget, by_new)
        resets = waiting & ~confirms & ~persists & (listed != NE)

        overall = np.where(opens | persists, UPD, np.where(confirms, CPD, listed)).astype(np.int8)
        self._open(k, opens, target, nontarget)
        self._take_references(k, opens | persists, target, nontarget, by_new)
        episode = np.where(self.open | opens, self.opened_at, -1)
        self.open = (self.open | opens) & ~(confirms | resets)
        self.ended |= confirms
        self.followed_up |= waiting & (overall != NE)
        self.by_target &= self.open
        self.by_nontarget &= self.open
        self.by_new &= self.open
        self._remember_smallest(k, live)
        return Step(
            overall=overall,
            table_row=row,
            confirmed_by=np.where(confirms, confirmed_by, -1).astype(np.int8),
            episode=episode,
            flags=mark(late, Flag.LATE_CONFIRM) | mark(resets, Flag.RESET),
        )

    def _listed(self, k: int, target: Codes, nontarget: Codes, doubt: Codes) -> tuple[Codes, Codes]:
        """The decision table without progression; a remaining new lesion is no complete response (IR-13)."""
        listed, row = self.declared.table.overall(target, nontarget, doubt)
        capped = (listed == CR) & self.new.remaining[:, k]
        return np.where(capped, PR, listed).astype(np.int8), row

    def _known_new_progressed(self, k: int) -> Booleans:
        """Known new lesions that progress by themselves (IR-12, IR-14)."""
        sizes = self.new.sizes[:, k]
        comparable = (sizes >= 0) & (self.smallest_sizes >= 0)
        smallest = np.where(comparable, self.smallest_sizes, 0).sum(axis=1)
        rise = np.where(comparable, sizes, 0).sum(axis=1) - smallest
        threshold = self.declared.progression
        larger = (100 * rise >= threshold.percent * smallest) & (rise >= threshold.absolute_mm * HUNDREDTHS)
        return (larger & (rise > 0)) | (self.new.progressed[:, k] > 0)

    def _confirmed_by(self, k: int, target: Codes, nontarget: Codes, by_new: Booleans) -> Codes:
        """Number of the first confirmation that holds, -1 for none (C-T, C-NT, C-NLT, C-NLNT, C-NLN, C-X)."""
        growth = self.rule.growth_mm * HUNDREDTHS
        sizes = self.new.sizes[:, k]
        comparable = (sizes >= 0) & (self.reference_sizes >= 0)
        new_growth = np.where(comparable, sizes - self.reference_sizes, 0).sum(axis=1)
        holds = [
            self.by_target & self.sums.assessed[:, k] & (self.sums.total[:, k] - self.reference_sum >= growth),
            self.by_nontarget & (self.courses.nontargets.grown[:, k] > 0),
            self.by_new & (new_growth >= growth),
            self.by_new & (self.new.grown[:, k] > 0),
            self.by_new & (self.new.first_seen[:, k] > 0),
            ((target == PD) & ~self.by_target) | ((nontarget == PD) & ~self.by_nontarget) | (by_new & ~self.by_new),
        ]
        return np.select(holds, range(len(holds)), default=-1).astype(np.int8)

    def _persists(self, k: int, target: Codes, nontarget: Codes, by_new: Booleans) -> Booleans:
        """No confirmation, but the progression still stands (IR-10, IR-12)."""
        standing = self.by_new & self.new.remaining[:, k] & ~self._relieved(k, target, nontarget)
        return (target == PD) | (nontarget == PD) | standing | by_new

    def _relieved(self, k: int, target: Codes, nontarget: Codes) -> Booleans:
        """A remaining new lesion no longer holds the progression open (IR-12, ``nl_persist_rule``)."""
        sizes = self.new.sizes[:, k]
        comparable = (sizes >= 0) & (self.reference_sizes >= 0)
        shrinkage = np.where(comparable, self.reference_sizes - sizes, 0).sum(axis=1)
        threshold = self.rule.growth_mm * HUNDREDTHS
        without_targets = target == NA
        now = np.where(without_targets, nontarget, target)
        then = np.where(without_targets, self.nontarget_at_opening, self.target_at_opening)
        match self.declared.options.nl_persist_rule:
            case "category_improvement":
                return (now != NE) & (IMPROVEMENT[now] > IMPROVEMENT[then])
            case "any_shrinkage":
                smaller = self.sums.complete[:, k] & (self.reference_sum - self.sums.total[:, k] >= threshold)
                return smaller | (shrinkage >= threshold)
            case "tl_ntl_only":
                return np.ones_like(self.open)
            case "resolution":
                return np.zeros_like(self.open)

    def _open(self, k: int, opens: Booleans, target: Codes, nontarget: Codes) -> None:
        self.opened_at[opens] = k
        self.opened_day[opens] = self.courses.day[opens, k]
        self.followed_up[opens] = False
        self.target_at_opening[opens] = target[opens]
        self.nontarget_at_opening[opens] = nontarget[opens]
        self.reference_sum[opens] = self.sums.total[opens, k]
        self.reference_sizes[opens] = self.new.sizes[opens, k]

    def _take_references(self, k: int, where: Booleans, target: Codes, nontarget: Codes, by_new: Booleans) -> None:
        """Categories that progress now, and the sums later growth is compared with (``icpd_reference``)."""
        joins_target = where & (target == PD) & ~self.by_target
        joins_new = where & by_new & ~self.by_new
        self.reference_sum[joins_target] = self.sums.total[joins_target, k]
        self.reference_sizes[joins_new] = self.new.sizes[joins_new, k]
        stays = where & self.open & self.sums.complete[:, k]
        total, sizes = self.sums.total[:, k], self.new.sizes[:, k]
        measured = where[:, None] & self.open[:, None] & (sizes >= 0)
        match self.declared.options.icpd_reference:
            case "episode_min":
                self.reference_sum = np.where(stays, np.minimum(self.reference_sum, total), self.reference_sum)
                self.reference_sizes = np.where(measured, np.minimum(self.reference_sizes, sizes), self.reference_sizes)
            case "previous_tp":
                self.reference_sum = np.where(stays, total, self.reference_sum)
                self.reference_sizes = np.where(measured, sizes, self.reference_sizes)
            case "iupd_first":
                pass
        self.by_target |= joins_target
        self.by_nontarget |= where & (nontarget == PD)
        self.by_new |= joins_new

    def _remember_smallest(self, k: int, live: Booleans) -> None:
        sizes = self.new.sizes[:, k]
        measured = live[:, None] & (sizes >= 0)
        smaller = np.where(self.smallest_sizes < 0, sizes, np.minimum(self.smallest_sizes, sizes))
        self.smallest_sizes = np.where(measured, smaller, self.smallest_sizes)


def doubtful(new_category: Codes) -> Codes:
    """The new-lesion category without certain new lesions, for the table of an open or closed episode."""
    return np.where(new_category >= NEW_EQUIVOCAL, new_category, NEW_N).astype(np.int8)
