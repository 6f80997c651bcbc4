"""The schedule of assessments: how long a gap may be, and to which visit a progression belongs (rule book 11.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

Days = npt.NDArray[np.int64]
GapRule = Literal["intervals_and_windows", "intervals", "missed_windows"]
MISSED = 2
"""Consecutive assessments that may not be missed."""


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One planned assessment: its study day and the days of its window before and after it."""

    day: int
    before: int = 7
    after: int = 7


@dataclass(frozen=True, slots=True)
class Schedule:
    """When assessments are planned.

    ``interval_days`` and ``window_days`` hold from the start; each change (study day, interval) holds from its day on.
    ``visits`` are the planned ones where they are known, else they follow from the intervals.
    """

    interval_days: int = 56
    window_days: int = 7
    changes: tuple[tuple[int, int], ...] = ()
    visits: tuple[PlannedVisit, ...] = ()

    def interval_at(self, day: Days) -> Days:
        """The interval in force on each study day: that of the last change up to it."""
        changes = sorted(self.changes)
        intervals = np.array([self.interval_days, *(interval for _, interval in changes)], dtype=np.int64)
        return intervals[np.searchsorted([since for since, _ in changes], day, side="right")]

    def longest_gap(self, day: Days, rule: GapRule) -> Days:
        """Days that may pass after an assessment on that study day: two intervals in force then, and two windows."""
        first = self.interval_at(day)
        windows = MISSED * self.window_days if rule == "intervals_and_windows" else 0
        return first + self.interval_at(day + first) + windows

    def missed(self, start: pl.Series, end: pl.Series, reference: pl.Series, rule: GapRule) -> pl.Series:
        """Whether two consecutive assessments or more were missed from ``start`` to ``end`` (dates; null stays null).

        By the length of the gap, or under ``missed_windows`` by the planned windows that lie wholly within it.
        """
        known = (start.is_not_null() & end.is_not_null() & reference.is_not_null()).to_numpy()
        first, last = (_study_day(dates, reference) for dates in (start, end))
        if rule == "missed_windows":
            planned = self.planned(int(last[known].max(initial=0)))
            opens = np.array(sorted(visit.day - visit.before for visit in planned), dtype=np.int64)
            closes = np.array(sorted(visit.day + visit.after for visit in planned), dtype=np.int64)
            within = np.searchsorted(closes, last) - np.searchsorted(opens, first, side="right")
            too_long = within >= MISSED
        else:
            too_long = last - first > self.longest_gap(first, rule)
        return pl.Series("missed", np.where(known, too_long, False), dtype=pl.Boolean).set(~pl.Series(known), None)

    def planned(self, until: int) -> tuple[PlannedVisit, ...]:
        """The planned visits in order, up to that study day where they follow from the intervals."""
        if self.visits:
            return tuple(sorted(self.visits, key=lambda visit: visit.day))
        days = [1]
        while days[-1] <= until:
            days.append(days[-1] + int(self.interval_at(np.array(days[-1:]))[0]))
        return tuple(PlannedVisit(day, self.window_days, self.window_days) for day in days[1:])

    def scheduled(self, dates: pl.Series, reference: pl.Series) -> pl.Series:
        """The date of the planned visit that follows a date between two visits; null within a window or after the last.

        Only with ``visits``: without a schedule nothing lies between its visits.
        """
        day, planned = _study_day(dates, reference), self.planned(0) if self.visits else ()
        following = np.full(len(day), -1, dtype=np.int64)
        for visit in reversed(planned):
            following = np.where(day < visit.day - visit.before, visit.day, following)
            following = np.where((day >= visit.day - visit.before) & (day <= visit.day + visit.after), -1, following)
        moved = pl.DataFrame({"reference": reference, "date": dates, "day": following})
        day_of = pl.col("reference") + pl.duration(days=pl.col("day") - 1)
        return moved.select(pl.when((pl.col("day") > 0) & pl.col("date").is_not_null()).then(day_of).alias("on"))["on"]


def _study_day(dates: pl.Series, reference: pl.Series) -> Days:
    """Days since the reference date, which is day 1; 0 where a date is not known."""
    days = (dates - reference).dt.total_days() + 1
    return days.fill_null(0).to_numpy().astype(np.int64)


def visits_in_data(visits: pl.DataFrame, window_days: int) -> tuple[PlannedVisit, ...]:
    """The planned assessments after the baseline by the days that the visits themselves name (core.visit)."""
    planned = (
        visits.filter((pl.col("timepoint") > 0) & (pl.col("planned_day") > 1))
        .group_by("visit")
        .agg(day=pl.col("planned_day").mode().min())
    )
    days = sorted(set(planned["day"].to_list()))
    return tuple(PlannedVisit(day, window_days, window_days) for day in days)
