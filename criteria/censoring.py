"""Event and censoring sources as data (rule book 11.3): what ends the time at risk, and why.

A profile says by three policies what new anticancer therapy, missed assessments and a missing baseline do; from them
follow the events, the earliest of which counts, and the censorings, the earliest of which wins over the event. Both
are expressions over one row per course with the columns

- ``start_date``, ``progression_date``, ``death_date``, ``new_therapy_date``, ``end_of_study_reason``;
- ``event_date`` (null without event), ``has_baseline``, ``judged`` (progression counts: the baseline is adequate, or
  the profile needs none), ``open_at_cutoff`` (the progression waits for a confirmation that is not due yet);
- ``last_date``, ``last_before_event``, ``last_before_therapy``: the last adequate assessment overall, strictly before
  the event, and up to the new therapy (null where there is none), each with its time point in ``*_timepoint``;
- ``gap_days`` (the longest allowed gap between assessments).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import polars as pl

NewTherapyPolicy = Literal["censor", "event", "ignore"]
MissedAssessmentsPolicy = Literal["censor", "ignore"]
NoBaselinePolicy = Literal["censor", "event"]

EVENT = pl.col("event_date").is_not_null()
ASSESSED = pl.col("last_date").is_not_null()
JUDGED = pl.col("judged")


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event: its reason, its date, and the time point that showed it (None: a date of the subject)."""

    reason: str
    date: pl.Expr
    timepoint: str | None = None


@dataclass(frozen=True, slots=True)
class Censoring:
    """One reason for censoring: when it applies, and at which date (``at`` is a column, the start where null)."""

    reason: str
    applies: pl.Expr
    at: str | None


PROGRESSION = Event("Disease progression", pl.when(JUDGED).then("progression_date"), "progression_timepoint")
DEATH = Event("Death", pl.col("death_date"))
THERAPY_CHANGE = Event("New anticancer therapy", pl.when(JUDGED).then("new_therapy_date"))


def _gap(*since_the_last_of: str) -> pl.Expr:
    since = pl.coalesce(*since_the_last_of)
    return (pl.col("event_date") - since).dt.total_days() > pl.col("gap_days")


NO_BASELINE = Censoring(
    "No baseline assessment", ~pl.col("has_baseline") & (~EVENT | _gap("start_date")).fill_null(True), at=None
)
NO_BASELINE_NO_EVENT = Censoring("No baseline assessment", ~pl.col("has_baseline") & ~EVENT, at=None)
NEW_THERAPY = Censoring(
    "New anticancer therapy",
    JUDGED & pl.col("new_therapy_date").is_not_null() & (~EVENT | (pl.col("new_therapy_date") < pl.col("event_date"))),
    at="last_before_therapy",
)
OPEN_AT_CUTOFF = Censoring(
    "Unconfirmed progression, confirmation not due", EVENT & pl.col("open_at_cutoff"), at="last_before_event"
)
MISSED_ASSESSMENTS = Censoring(
    "Two or more missed assessments",
    EVENT & JUDGED & _gap("last_before_event", "start_date"),
    at="last_before_event",
)
NO_PROGRESSION_BEFORE_DEATH = Censoring(
    "Death without progression", ~EVENT & pl.col("death_date").is_not_null(), at="last_date"
)
NO_ASSESSMENT = Censoring("No post-baseline assessment", ~EVENT & ~ASSESSED, at=None)
LOST = Censoring("Lost to follow-up", ~EVENT & (pl.col("end_of_study_reason") == "LOST TO FOLLOW-UP"), at="last_date")
WITHDRAWN = Censoring(
    "Withdrew consent", ~EVENT & pl.col("end_of_study_reason").str.contains("WITHDRAW"), at="last_date"
)
NO_PROGRESSION = Censoring("No progression", ~EVENT, at="last_date")
WITHOUT_EVENT = (NO_PROGRESSION_BEFORE_DEATH, NO_ASSESSMENT, LOST, WITHDRAWN, NO_PROGRESSION)

BY_NO_BASELINE = MappingProxyType({"censor": (NO_BASELINE,), "event": (NO_BASELINE_NO_EVENT,)})
BY_NEW_THERAPY = MappingProxyType({"censor": (NEW_THERAPY,), "event": (), "ignore": ()})
BY_MISSED_ASSESSMENTS = MappingProxyType({"censor": (MISSED_ASSESSMENTS,), "ignore": ()})
EVENTS_OF_NEW_THERAPY = MappingProxyType({"censor": (), "event": (THERAPY_CHANGE,), "ignore": ()})


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of policies on new anticancer therapy (NACT), missed assessments and a missing baseline.

    ``no_baseline`` = event: progression counts whether or not the baseline was adequate.
    """

    name: str
    source: str
    nact: NewTherapyPolicy
    missed_assessments: MissedAssessmentsPolicy
    no_baseline: NoBaselinePolicy

    @property
    def needs_baseline(self) -> bool:
        """Progression counts only against an adequate baseline."""
        return self.no_baseline == "censor"

    @property
    def events(self) -> tuple[Event, ...]:
        """What ends the time as an event; of events of one date the first gives the reason."""
        return (PROGRESSION, DEATH, *EVENTS_OF_NEW_THERAPY[self.nact])

    @property
    def censorings(self) -> tuple[Censoring, ...]:
        """What ends the time without an event; of censorings at one date the first gives the reason."""
        return (
            *BY_NO_BASELINE[self.no_baseline],
            *BY_NEW_THERAPY[self.nact],
            OPEN_AT_CUTOFF,
            *BY_MISSED_ASSESSMENTS[self.missed_assessments],
            *WITHOUT_EVENT,
        )


FDA = Profile(
    name="fda",
    source="FDA 2007 cancer endpoints guidance, appendix 3 table A",
    nact="censor",
    missed_assessments="censor",
    no_baseline="censor",
)
FDA_SENSITIVITY_INV = replace(
    FDA,
    name="fda_sensitivity_inv",
    source="FDA 2007 cancer endpoints guidance, appendix 3 table C (investigator's sensitivity analysis)",
    nact="event",
    missed_assessments="ignore",
)
EMA_ITT = Profile(
    name="ema_itt",
    source="EMA 2012 PFS/DFS methodology appendix",
    nact="ignore",
    missed_assessments="ignore",
    no_baseline="event",
)

PROFILES = MappingProxyType({profile.name: profile for profile in (FDA, FDA_SENSITIVITY_INV, EMA_ITT)})


class UnknownProfileError(ValueError):
    """A censoring profile that is not declared."""


def profile_named(name: str) -> Profile:
    """The declared profile of that name."""
    if name not in PROFILES:
        raise UnknownProfileError(f"unknown censoring profile {name!r}; profiles are: {', '.join(PROFILES)}")
    return PROFILES[name]
