"""Event and censoring sources as data (rule book 11.3): what ends the time at risk, and why.

A profile says by its policies what new anticancer therapy, missed assessments, a missing baseline, the end of
treatment, clinical progression and progression between visits do; from them follow the events, the earliest of which
counts, and the censorings, the earliest of which wins over the event. Both are expressions over one row per course
with the columns

- ``start_date``, ``progression_date``, ``death_date``, ``new_therapy_date``, ``discontinuation_date``,
  ``discontinuation_reason``, ``end_of_study_reason``, ``clinical_date`` (the first clinical progression from the start
  on);
- ``scheduled_date``: the planned visit after a progression between two visits, null for one at a visit;
- ``event_date`` (null without event), ``of_progression`` (it is a progression and no death of the same day),
  ``has_baseline``, ``judged`` (progression counts: the baseline is adequate, or the profile needs none),
  ``open_at_cutoff`` (the progression waits for a confirmation that is not due yet), ``open_at_therapy`` (new therapy
  came before its confirmation, and the option censors it);
- ``last_date``, ``last_before_event``, ``last_before_therapy``: the last adequate assessment overall, strictly before
  the event or an earlier progression, and up to the new therapy (null where there is none), each with its time point
  in ``*_timepoint``;
- ``missed_since_start``, ``missed_before_event``: too many assessments were missed from the start, or from the last
  adequate one, to the event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import polars as pl

from criteria.assessment_schedule import GapRule

NewTherapyPolicy = Literal["censor", "event", "ignore"]
MissedAssessmentsPolicy = Literal["censor", "ignore"]
NoBaselinePolicy = Literal["censor", "event"]
DiscontinuationPolicy = Literal["censor", "follow"]
ClinicalPolicy = Literal["ignore", "predefined", "event"]
ProgressionDatePolicy = Literal["scan", "scheduled_visit"]

EVENT = pl.col("event_date").is_not_null()
ASSESSED = pl.col("last_date").is_not_null()
JUDGED = pl.col("judged")
STOPPED = pl.col("discontinuation_date").is_not_null() & ~pl.col("discontinuation_reason").str.contains(
    "PROGRESS|RELAPSE|DETERIORATION|DEATH|DIED|COMPLETE"
)
"""Treatment ended for toxicity or another reason than progression, death or completion."""


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event: its reason, its date, and the record that gave it.

    ``timepoint`` names the column with the time point of the response, ``clinical`` a record of the clinical status;
    with neither it is a date of the subject.
    """

    reason: str
    date: pl.Expr
    timepoint: str | None = None
    clinical: bool = False


@dataclass(frozen=True, slots=True)
class Censoring:
    """One reason for censoring: when it applies, and at which date (``at`` is a column, the start where null)."""

    reason: str
    applies: pl.Expr
    at: str | None


PROGRESSION = Event("Disease progression", pl.when(JUDGED).then("progression_date"), "progression_timepoint")
AT_A_VISIT = Event(
    "Disease progression",
    pl.when(JUDGED & pl.col("scheduled_date").is_null()).then("progression_date"),
    "progression_timepoint",
)
BETWEEN_VISITS = Event(
    "Disease progression, dated on the scheduled visit",
    pl.when(JUDGED).then("scheduled_date"),
    "progression_timepoint",
)
DEATH = Event("Death", pl.col("death_date"))
CLINICAL_PROGRESSION = Event("Clinical progression", pl.when(JUDGED).then("clinical_date"), clinical=True)
THERAPY_CHANGE = Event("New anticancer therapy", pl.when(JUDGED).then("new_therapy_date"))

NO_BASELINE = Censoring(
    "No baseline assessment",
    ~pl.col("has_baseline") & (~EVENT | pl.col("missed_since_start")).fill_null(True),
    at=None,
)
NO_BASELINE_NO_EVENT = Censoring("No baseline assessment", ~pl.col("has_baseline") & ~EVENT, at=None)
NEW_THERAPY = Censoring(
    "New anticancer therapy",
    JUDGED & pl.col("new_therapy_date").is_not_null() & (~EVENT | (pl.col("new_therapy_date") < pl.col("event_date"))),
    at="last_before_therapy",
)
UNCONFIRMED_AT_THERAPY = Censoring(
    "New anticancer therapy before the confirmation", EVENT & pl.col("open_at_therapy"), at="last_before_event"
)
OPEN_AT_CUTOFF = Censoring(
    "Unconfirmed progression, confirmation not due", EVENT & pl.col("open_at_cutoff"), at="last_before_event"
)
MISSED_ASSESSMENTS = Censoring(
    "Two or more missed assessments", EVENT & JUDGED & pl.col("missed_before_event"), at="last_before_event"
)
STOPPED_BEFORE_PROGRESSION = Censoring(
    "Treatment stopped before the progression",
    EVENT & JUDGED & STOPPED & pl.col("of_progression") & (pl.col("discontinuation_date") < pl.col("progression_date")),
    at="last_before_event",
)
NO_PROGRESSION_BEFORE_DEATH = Censoring(
    "Death without progression", ~EVENT & pl.col("death_date").is_not_null(), at="last_date"
)
NO_ASSESSMENT = Censoring("No post-baseline assessment", ~EVENT & ~ASSESSED, at=None)
CLINICAL_ONLY = Censoring(
    "Clinical progression without imaging", ~EVENT & pl.col("clinical_date").is_not_null(), at="last_date"
)
LOST = Censoring("Lost to follow-up", ~EVENT & (pl.col("end_of_study_reason") == "LOST TO FOLLOW-UP"), at="last_date")
WITHDRAWN = Censoring(
    "Withdrew consent", ~EVENT & pl.col("end_of_study_reason").str.contains("WITHDRAW"), at="last_date"
)
STOPPED_TREATMENT = Censoring("Treatment stopped, no progression", ~EVENT & STOPPED, at="last_date")
NO_PROGRESSION = Censoring("No progression", ~EVENT, at="last_date")
WITHOUT_EVENT = (
    NO_PROGRESSION_BEFORE_DEATH,
    NO_ASSESSMENT,
    CLINICAL_ONLY,
    LOST,
    WITHDRAWN,
    STOPPED_TREATMENT,
    NO_PROGRESSION,
)

BY_NO_BASELINE = MappingProxyType({"censor": (NO_BASELINE,), "event": (NO_BASELINE_NO_EVENT,)})
BY_NEW_THERAPY = MappingProxyType({"censor": (NEW_THERAPY, UNCONFIRMED_AT_THERAPY), "event": (), "ignore": ()})
BY_MISSED_ASSESSMENTS = MappingProxyType({"censor": (MISSED_ASSESSMENTS,), "ignore": ()})
BY_DISCONTINUATION = MappingProxyType({"censor": (STOPPED_BEFORE_PROGRESSION,), "follow": ()})
EVENTS_OF_PROGRESSION = MappingProxyType({"scan": (PROGRESSION,), "scheduled_visit": (AT_A_VISIT, BETWEEN_VISITS)})
EVENTS_OF_NEW_THERAPY = MappingProxyType({"censor": (), "event": (THERAPY_CHANGE,), "ignore": ()})
EVENTS_OF_CLINICAL_PROGRESSION = MappingProxyType({"ignore": (), "predefined": (), "event": (CLINICAL_PROGRESSION,)})


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of policies, each with one value for every situation of 11.3.

    ``nact``: new anticancer therapy before the event. ``missed_assessments``: two or more missed before it, counted by
    ``gap_max``. ``no_baseline`` = event: progression counts whether or not the baseline was adequate.
    ``discontinuation`` = censor: a progression seen after treatment was stopped for another reason does not count.
    ``clinical``: clinical progression without imaging is no event, one where the protocol says so beforehand
    (``clinical_pd_is_event``), or always one. ``progression_date`` = scheduled_visit: a progression between two
    visits is dated on the planned one that follows.
    """

    name: str
    source: str
    nact: NewTherapyPolicy
    missed_assessments: MissedAssessmentsPolicy
    no_baseline: NoBaselinePolicy
    discontinuation: DiscontinuationPolicy = "follow"
    clinical: ClinicalPolicy = "predefined"
    progression_date: ProgressionDatePolicy = "scan"
    gap_max: GapRule = "intervals_and_windows"

    @property
    def needs_baseline(self) -> bool:
        """Progression counts only against an adequate baseline."""
        return self.no_baseline == "censor"

    @property
    def events(self) -> tuple[Event, ...]:
        """What ends the time as an event; of events of one date the first gives the reason."""
        return (
            *EVENTS_OF_PROGRESSION[self.progression_date],
            DEATH,
            *EVENTS_OF_CLINICAL_PROGRESSION[self.clinical],
            *EVENTS_OF_NEW_THERAPY[self.nact],
        )

    @property
    def censorings(self) -> tuple[Censoring, ...]:
        """What ends the time without an event; of censorings at one date the first gives the reason."""
        return (
            *BY_NO_BASELINE[self.no_baseline],
            *BY_NEW_THERAPY[self.nact],
            OPEN_AT_CUTOFF,
            *BY_MISSED_ASSESSMENTS[self.missed_assessments],
            *BY_DISCONTINUATION[self.discontinuation],
            *WITHOUT_EVENT,
        )

    def with_clinical_events(self) -> Profile:
        """This profile where the protocol says that clinical progression is an event (``clinical_pd_is_event``)."""
        return replace(self, clinical="event") if self.clinical == "predefined" else self


FDA = Profile(
    name="fda",
    source="FDA 2007 cancer endpoints guidance, appendix 3 table A (principles; its rows not re-read)",
    nact="censor",
    missed_assessments="censor",
    no_baseline="censor",
    discontinuation="censor",
)
FDA_SENSITIVITY_INV = replace(
    FDA,
    name="fda_sensitivity_inv",
    source="FDA 2007 cancer endpoints guidance, appendix 3 tables B and C (sensitivity analysis; not re-read)",
    nact="event",
    missed_assessments="ignore",
    clinical="event",
    progression_date="scheduled_visit",
)
EMA_ITT = Profile(
    name="ema_itt",
    source="EMA 2012 PFS/DFS methodology appendix (as reported; not re-read)",
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
