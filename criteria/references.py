"""What sums and lesions are compared with along a course: baseline, nadir, the extremes of each lesion."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from criteria.components import Burden, baseline_sum
from criteria.courses import Courses
from criteria.lesions import NEVER, any_lesion
from criteria.reads import NO_SIZE, Booleans, Integers


@dataclass(slots=True)
class Sums:
    """The baseline and the nadir of every course at the position under judgement, with the position of the nadir.

    ``smallest`` and ``largest`` are sizes of targets, ``largest`` of new lesions too, by lesion; ``counted`` says at
    which positions the sum counted, ``joined_at`` from which position a new lesion belongs to it.
    """

    courses: Courses
    baseline: Integers = field(init=False)
    nadir: Integers = field(init=False)
    nadir_at: Integers = field(init=False)
    smallest: Integers = field(init=False)
    largest: Integers = field(init=False)
    counted: Booleans = field(init=False)
    joined_at: Integers = field(init=False)

    def __post_init__(self) -> None:
        targets, new = self.courses.targets, self.courses.new
        self.baseline = baseline_sum(self.courses)
        self.nadir, self.nadir_at = self.baseline.copy(), np.zeros(len(self.baseline), dtype=np.int64)
        self.smallest = np.where(targets.known[:, 0], targets.size[:, 0], NO_SIZE)
        self.largest = np.concatenate([self.smallest, np.full(new.known_from.shape, NO_SIZE)], axis=1)
        self.counted = self.courses.exists & (np.arange(self.courses.shape[1]) == 0)
        self.joined_at = np.full(new.known_from.shape, NEVER)

    def lower(self, k: int, now: Burden, has_targets: Booleans, counted: Booleans) -> None:
        """A complete sum becomes the nadir when it is the smallest so far (GEN-04)."""
        self.counted[:, k] = counted
        lower = counted & now.complete & ((self.nadir < 0) | (now.total < self.nadir))
        lower &= ~has_targets | (self.baseline >= 0)
        self.nadir = np.where(lower, now.total, self.nadir)
        self.nadir_at = np.where(lower, k, self.nadir_at)
        width = self.smallest.shape[1]
        targets = now.size[:, :width]
        measured = counted[:, None] & (targets >= 0) & ~now.merged[:, :width]
        smaller = np.where(self.smallest < 0, targets, np.minimum(self.smallest, targets))
        self.smallest = np.where(measured, smaller, self.smallest)
        ever = self.largest[:, : now.size.shape[1]]
        np.maximum(ever, now.size, out=ever, where=counted[:, None])

    def leave(self, k: int) -> Booleans:
        """Targets that leave the assessment at ``k`` take their share of baseline and nadir with them (R11-FU-06).

        The courses that this concerns; ``local_therapy_target`` = drop_and_rebaseline.
        """
        leaving = any_lesion(self.courses.targets.known_until == k)
        where = np.flatnonzero(leaving)
        if where.size:
            totals, complete = self._earlier(k, where)
            self.baseline[where] = np.where(complete[:, 0], totals[:, 0], NO_SIZE)
            self.nadir[where], self.nadir_at[where] = self._lowest(where, totals, complete, k)
        return leaving

    def nadir_before(self, k: int, until: Integers, where: Booleans) -> tuple[Integers, Integers]:
        """The nadir over the positions before ``until`` (courses) of the lesions that count at ``k``, and its place."""
        rows = np.flatnonzero(where)
        totals, complete = self._earlier(k, rows)
        complete &= np.arange(k)[None, :] < until[rows, None]
        return self._lowest(rows, totals, complete, k)

    def _earlier(self, k: int, where: Integers) -> tuple[Integers, Booleans]:
        """Sums before ``k`` of the lesions that count at ``k``, and which are complete and counted."""
        targets, new = self.courses.targets, self.courses.new
        position = np.arange(k)[None, :, None]
        members = targets.known[where, :k] & targets.known[where, k][:, None, :]
        joined = position >= self.joined_at[where][:, None, :]
        known = np.concatenate([members, joined], axis=2)
        size = np.concatenate([targets.size[where, :k], new.size[where, :k]], axis=2)
        complete = any_lesion(known) & ~any_lesion(known & (size < 0)) & self.counted[where, :k]
        return np.where(known & (size >= 0), size, 0).sum(axis=2), complete

    def _lowest(self, where: Integers, totals: Integers, complete: Booleans, k: int) -> tuple[Integers, Integers]:
        has_targets = any_lesion(self.courses.targets.known[where, k])
        valid = complete & (~has_targets | (self.baseline[where] >= 0))[:, None]
        sums = np.where(valid, totals, np.iinfo(np.int64).max)
        found = valid.any(axis=1)
        return np.where(found, sums.min(axis=1), NO_SIZE), np.where(found, sums.argmin(axis=1), 0)
