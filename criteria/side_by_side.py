"""All criteria of a study from the same reads: responses, best responses and times to event side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from criteria.best_response import best_responses
from criteria.censoring import Profile
from criteria.declaration import Morphologic
from criteria.evaluators import with_accepted_reader
from criteria.event_time import event_times, overall_survival
from criteria.reads import arranged
from criteria.recorded import recorded_timepoint_responses
from criteria.table import Table
from criteria.tables import BEST_RESPONSE, EVENT_TIME, TIMEPOINT_RESPONSE
from criteria.timepoint import responses_of


def all_timepoint_responses(
    measurements: pl.DataFrame,
    recorded: pl.DataFrame,
    subjects: pl.DataFrame,
    criteria: Sequence[Morphologic],
    accepted_reader: str | None = None,
    clinical_status: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Derived and recorded responses under every criterion (analysis.timepoint_response).

    ``measurements``, ``recorded``, ``subjects`` and ``clinical_status`` are core.measurement,
    core.recorded_response, core.subject and core.clinical_status; with ``accepted_reader`` the accepted central reads
    appear once more under that evaluator (BR-03).
    """
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
    return in_order if recorded.is_empty() else _together(TIMEPOINT_RESPONSE, [in_order, *collected])


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


def all_event_times(
    responses: pl.DataFrame,
    best: pl.DataFrame,
    subjects: pl.DataFrame,
    criteria: Sequence[Morphologic],
    profiles: Sequence[str | Profile],
    interval_days: int,
    window_days: int,
) -> pl.DataFrame:
    """Times to event under every criterion and censoring profile, and overall survival (analysis.event_time)."""
    by_criterion = (
        event_times(responses, best, declared, subjects, profile, interval_days, window_days)
        for declared in criteria
        for profile in profiles
    )
    survival = (overall_survival(subjects, profile) for profile in profiles)
    return _together(EVENT_TIME, [*by_criterion, *survival])


def _together(table: Table, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([table.empty(), *frames]).sort(table.key)
