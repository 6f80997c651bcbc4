"""Progressions that await a second look: the nadir that it is compared with, and whether it came late (IRC-08)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from criteria.decision import NE, PD, Codes
from criteria.declaration import SecondLook
from criteria.flags import Flag, mark
from criteria.reads import NO_DATE, Booleans, Integers
from criteria.references import Sums


@dataclass(slots=True)
class Waiting:
    """Since when each course awaits a second look at a progression, and whether one has confirmed it."""

    since: Integers
    over: Booleans

    def see(self, rule: SecondLook, day: Integers, starts: Booleans, live: Booleans, confirms: Booleans) -> Booleans:
        """Open and close the wait at one position; where a second look took place."""
        waiting = self.since != NO_DATE
        judged = live & ~self.over & waiting & (day - self.since >= rule.after_days)
        opens = live & ~self.over & ~waiting & starts
        self.over |= judged & confirms
        self.since = np.where(opens, day, np.where(judged, NO_DATE, self.since))
        return judged


@dataclass(slots=True)
class Pending:
    """The nadir in force: while a progression by the sum awaits its second look, that before the progression."""

    sums: Sums
    rule: SecondLook | None
    by_sum: Waiting = field(init=False)
    by_any: Waiting = field(init=False)
    position: Integers = field(init=False)
    nadir: Integers = field(init=False)
    nadir_at: Integers = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.sums.baseline)
        self.by_sum = Waiting(np.full(n, NO_DATE), np.zeros(n, dtype=bool))
        self.by_any = Waiting(np.full(n, NO_DATE), np.zeros(n, dtype=bool))
        self.position = np.zeros(n, dtype=np.int64)
        self.nadir, self.nadir_at = self.sums.baseline.copy(), np.zeros(n, dtype=np.int64)

    def in_force(self) -> tuple[Integers, Integers]:
        """The nadir of every course, and its position."""
        sums, waiting = self.sums, self.by_sum.since != NO_DATE
        return np.where(waiting, self.nadir, sums.nadir), np.where(waiting, self.nadir_at, sums.nadir_at)

    def leave(self, k: int, leaving: Booleans) -> None:
        """Targets that left the assessment at ``k`` are no part of the nadir before the progression either."""
        where = leaving & (self.by_sum.since != NO_DATE)
        if where.any():
            self.nadir[where], self.nadir_at[where] = self.sums.nadir_before(k, self.position, where)

    def see(self, k: int, target: Codes, overall: Codes, nadir: Integers, nadir_at: Integers) -> Integers:
        """What position ``k`` came to, compared with that nadir; the flags of a second look after its window."""
        rule, courses = self.rule, self.sums.courses
        if rule is None:
            return np.zeros(len(overall), dtype=np.int64)
        day, live, progressed = courses.day[:, k], courses.exists[:, k] & (overall != NE), overall == PD
        if rule.keeps_nadir:
            before = self.by_sum.since
            self.by_sum.see(rule, day, (target == PD) & (nadir >= 0), live, progressed)
            opened = (before == NO_DATE) & (self.by_sum.since != NO_DATE)
            self.position = np.where(opened, k, self.position)
            self.nadir = np.where(opened, nadir, self.nadir)
            self.nadir_at = np.where(opened, nadir_at, self.nadir_at)
        if rule.by_days is None:
            return np.zeros(len(overall), dtype=np.int64)
        late = day - self.by_any.since > rule.by_days
        return mark(self.by_any.see(rule, day, progressed, live, progressed) & late, Flag.LATE_CONFIRM)
