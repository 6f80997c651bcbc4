"""Censoring profiles as data (rule book 11.3): which reasons end the time at risk before an event.

A profile lists its censorings. Each is an expression over one row per course with the columns

- ``start_date``, ``event_date`` (null without event), ``has_baseline``;
- ``last_date``, ``last_before_event``, ``last_before_therapy``: the last adequate assessment overall, strictly before
  the event, and up to the new therapy (null where there is none), each with its time point in ``*_timepoint``;
- ``new_therapy_date``, ``end_of_study_reason``, ``gap_days`` (the longest allowed gap between assessments).

The earliest censoring that applies ends the time; without one, the event counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

EVENT = pl.col("event_date").is_not_null()
ASSESSED = pl.col("last_date").is_not_null()
START = pl.col("start_date")


@dataclass(frozen=True, slots=True)
class Censoring:
    """One reason for censoring: when it applies, and at which date (``at`` is a column, the start where null)."""

    reason: str
    applies: pl.Expr
    at: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of censorings; ``needs_baseline``: progression counts only against an adequate baseline."""

    name: str
    source: str
    censorings: tuple[Censoring, ...]
    needs_baseline: bool


def _gap(*since_the_last_of: str) -> pl.Expr:
    since = pl.coalesce(*since_the_last_of)
    return (pl.col("event_date") - since).dt.total_days() > pl.col("gap_days")


NO_BASELINE = Censoring(
    "No baseline assessment", ~pl.col("has_baseline") & (~EVENT | _gap("start_date")).fill_null(True), at=None
)
NO_BASELINE_NO_EVENT = Censoring("No baseline assessment", ~pl.col("has_baseline") & ~EVENT, at=None)
NEW_THERAPY = Censoring(
    "New anticancer therapy",
    pl.col("has_baseline")
    & pl.col("new_therapy_date").is_not_null()
    & (~EVENT | (pl.col("new_therapy_date") < pl.col("event_date"))),
    at="last_before_therapy",
)
MISSED_ASSESSMENTS = Censoring(
    "Two or more missed assessments",
    EVENT & pl.col("has_baseline") & _gap("last_before_event", "start_date"),
    at="last_before_event",
)
NO_ASSESSMENT = Censoring("No post-baseline assessment", ~EVENT & ~ASSESSED, at=None)
LOST = Censoring("Lost to follow-up", ~EVENT & (pl.col("end_of_study_reason") == "LOST TO FOLLOW-UP"), at="last_date")
WITHDRAWN = Censoring(
    "Withdrew consent", ~EVENT & pl.col("end_of_study_reason").str.contains("WITHDRAW"), at="last_date"
)
NO_PROGRESSION = Censoring("No progression", ~EVENT, at="last_date")
WITHOUT_EVENT = (NO_ASSESSMENT, LOST, WITHDRAWN, NO_PROGRESSION)

FDA = Profile(
    name="fda",
    source="FDA 2007 cancer endpoints guidance, appendix 3 table A",
    censorings=(NO_BASELINE, NEW_THERAPY, MISSED_ASSESSMENTS, *WITHOUT_EVENT),
    needs_baseline=True,
)
EMA_ITT = Profile(
    name="ema_itt",
    source="EMA 2012 PFS/DFS methodology appendix",
    censorings=(NO_BASELINE_NO_EVENT, *WITHOUT_EVENT),
    needs_baseline=False,
)

PROFILES = MappingProxyType({profile.name: profile for profile in (FDA, EMA_ITT)})


class UnknownProfileError(ValueError):
    """A censoring profile that is not declared."""


def profile_named(name: str) -> Profile:
    """The declared profile of that name."""
    if name not in PROFILES:
        raise UnknownProfileError(f"unknown censoring profile {name!r}; profiles are: {', '.join(PROFILES)}")
    return PROFILES[name]
