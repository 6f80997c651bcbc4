"""All criteria of a study from the same reads: responses, best responses and times to event side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from criteria.assessment_schedule import Schedule
from criteria.best_response import best_responses
from criteria.censoring import Profile
from criteria.declaration import Morphologic
from criteria.evaluators import with_accepted_reader, with_accepted_timepoints
from criteria.event_time import event_times, overall_survival, time_to_treatment_failure
from criteria.reads import arranged
from criteria.recist_1_1 import RECIST_1_1
from criteria.recorded import recorded_timepoint_responses
from criteria.table import Table
from criteria.tables import BEST_RESPONSE, EVENT_TIME, TIMEPOINT_RESPONSE
from criteria.timepoint import responses_of

SIX_MONTHS = 183
ACCEPTED = ("study_id", "subject_id", "evaluator", "timepoint", "reader_role", "accepted")


def all_timepoint_responses(
    measurements: pl.DataFrame,
    recorded: pl.DataFrame,
    subjects: pl.DataFrame,
    criteria: Sequence[Morphologic],
    accepted_reader: str | None = None,
    clinical_status: pl.DataFrame | None = None,
    accepted_timepoints: str | None = None,
) -> pl.DataFrame:
    """Derived and recorded responses under every criterion (analysis.timepoint_response).

    ``measurements``, ``recorded``, ``subjects`` and ``clinical_status`` are core.measurement,
    core.recorded_response, core.subject and core.clinical_status; with ``accepted_reader`` the accepted central reads
    appear once more under that evaluator (BR-03), with ``accepted_timepoints`` the responses of the reader who was
    accepted for each time point.
    """
    received = (measurements, recorded)
    if accepted_reader is not None:
        measurements = with_accepted_reader(measurements, accepted_reader)
        recorded = with_accepted_reader(recorded, accepted_reader)
    derived = (
        _together(
            TIMEPOINT_RESPONSE, (responses_of([reads], declared, subjects, clinical_status) for declared in criteria)
        )
        for reads in arranged(measurements)
    )
    collected = (recorded_timepoint_responses(recorded, declared, subjects) for declared in criteria)
    in_order = pl.concat([TIMEPOINT_RESPONSE.empty(), *derived])
    responses = in_order if recorded.is_empty() else _together(TIMEPOINT_RESPONSE, [in_order, *collected])
    if accepted_timepoints is None:
        return responses
    marks = pl.concat(frame.select(ACCEPTED) for frame in received)
    return with_accepted_timepoints(responses, marks, accepted_timepoints).sort(TIMEPOINT_RESPONSE.key)


def all_best_responses(
    responses: pl.DataFrame,
    subjects: pl.DataFrame,
    criteria: Sequence[Morphologic],
    clinical_status: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Best responses under every criterion (analysis.best_response); ``clinical_status`` is core.clinical_status."""
    return _together(
        BEST_RESPONSE, (best_responses(responses, declared, subjects, clinical_status) for declared in criteria)
    )


def benefit_of_six_months(
    responses: pl.DataFrame,
    subjects: pl.DataFrame,
    criteria: Sequence[Morphologic],
    clinical_status: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Best responses under RECIST 1.1 whose clinical benefit asks for stable disease of six months (PC-6)."""
    declared = [each.with_options({"cbr_days": SIX_MONTHS}) for each in criteria if each.name == RECIST_1_1.name]
    return all_best_responses(responses, subjects, declared, clinical_status)


def all_event_times(
    responses: pl.DataFrame,
    best: pl.DataFrame,
    subjects: pl.DataFrame,
    criteria: Sequence[Morphologic],
    profiles: Sequence[str | Profile],
    interval_days: int,
    window_days: int,
    *,
    schedule: Schedule | None = None,
    clinical: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Times to event under every criterion and censoring profile, overall survival and time to treatment failure.

    ``schedule`` takes the place of ``interval_days`` and ``window_days``; ``clinical`` is core.clinical_status. A frame
    of analysis.event_time.
    """
    planned = schedule or Schedule(interval_days, window_days)
    by_criterion = (
        event_times(responses, best, declared, subjects, profile, schedule=planned, clinical=clinical)
        for declared in criteria
        for profile in profiles
    )
    of_subjects = (
        times(subjects, profile) for profile in profiles for times in (overall_survival, time_to_treatment_failure)
    )
    return _together(EVENT_TIME, [*by_criterion, *of_subjects])


def _together(table: Table, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([table.empty(), *frames]).sort(table.key)
