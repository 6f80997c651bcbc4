"""When the radiopharmaceutical was administered: the first plausible candidate (3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from pet.header import SeriesHeader
from pet.refusal import Flag, NotQuantifiedError, Refusal


@dataclass(frozen=True, slots=True)
class InjectionTime:
    """The time of administration and what to mind."""

    at: datetime
    flags: tuple[Flag, ...]


def injection_time(
    series: SeriesHeader, reference: datetime, first_acquisition: datetime | None, max_uptake_h: float
) -> InjectionTime:
    """The administration: DateTime, then time of day, then GE's private DateTime, then the DateTime's time of day.

    Plausible is 0 < reference - administration <= ``max_uptake_h``. A time of day is taken on the series' date, a day
    earlier when that is after the earliest acquisition. Where the DateTime fails and a later candidate holds (15 of
    32 real scans carry a date one day late), RP_DATETIME_DATE_MISMATCH says so.
    Raises INJECTION_TIME_MISSING and INJECTION_TIME_IMPLAUSIBLE.
    """
    tried = []
    first = first_acquisition or reference
    for at, crossed in _candidates(series, reference, first):
        if timedelta(0) < reference - at <= timedelta(hours=max_uptake_h):
            late = series.injection_moment is not None and at != series.injection_moment
            flags = [Flag.RP_DATETIME_DATE_MISMATCH] * late + [Flag.MIDNIGHT_CROSSED] * crossed
            return InjectionTime(at, tuple(flags))
        tried.append(at)
    if not tried:
        raise NotQuantifiedError(
            Refusal.INJECTION_TIME_MISSING, "neither Radiopharmaceutical Start DateTime nor Start Time is given"
        )
    given = ", ".join(f"{at:%Y-%m-%d %H:%M:%S}" for at in dict.fromkeys(tried))
    reason = f"administered {given}; the reference time is {reference:%Y-%m-%d %H:%M:%S}, the limit {max_uptake_h} h"
    raise NotQuantifiedError(Refusal.INJECTION_TIME_IMPLAUSIBLE, reason)


def _candidates(series: SeriesHeader, reference: datetime, first: datetime) -> Iterator[tuple[datetime, bool]]:
    """Candidates in order, each with whether it was moved over midnight."""
    if series.injection_moment is not None:
        yield series.injection_moment, False
    if series.injection_time is not None:
        yield _on_day(series, series.injection_time, reference, first)
    if series.ge_injection is not None:
        yield series.ge_injection, False
    if series.injection_moment is not None:
        yield _on_day(series, series.injection_moment.time(), reference, first)


def _on_day(series: SeriesHeader, at: time, reference: datetime, first: datetime) -> tuple[datetime, bool]:
    day = (series.series_moment or reference).date()
    moment = datetime.combine(day, at)
    return (moment - timedelta(days=1), True) if moment > first else (moment, False)
