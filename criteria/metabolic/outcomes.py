"""All metabolic criteria of a study: responses, best metabolic responses and times to event (CH-4, IP-9 to IP-11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from criteria.assessment_schedule import Schedule
from criteria.best_response import best_responses
from criteria.censoring import Profile
from criteria.event_time import event_times
from criteria.metabolic.declaration import Metabolic
from criteria.metabolic.tables import METABOLIC_RESPONSE
from criteria.metabolic.timepoint import MetabolicResponses, PetReads, metabolic_responses
from criteria.recorded import recorded_timepoint_responses
from criteria.table import Table
from criteria.tables import BEST_RESPONSE, EVENT_TIME, TIMEPOINT_RESPONSE

SUBJECT = ("study_id", "subject_id")
CLINICAL = {"CPMD_CLINICAL": "CPMD"}


def all_metabolic_responses(reads: PetReads, criteria: Iterable[Metabolic]) -> MetabolicResponses:
    """Responses under every metabolic criterion (analysis.timepoint_response, analysis.metabolic_response).

    Responses that readers recorded stand among the first, as for the morphologic criteria.
    """
    criteria = tuple(criteria)
    found = [metabolic_responses(reads, declared) for declared in criteria]
    collected = [recorded_timepoint_responses(reads.recorded, declared, reads.subjects) for declared in criteria]
    return MetabolicResponses(
        _together(TIMEPOINT_RESPONSE, [*(each.responses for each in found), *collected]),
        _together(METABOLIC_RESPONSE, (each.details for each in found)),
    )


def all_best_metabolic_responses(
    responses: pl.DataFrame, lesions: pl.DataFrame, subjects: pl.DataFrame, criteria: Sequence[Metabolic]
) -> pl.DataFrame:
    """Best metabolic responses of the subjects with a PET read (analysis.best_response).

    Predictors of benefit have none (PC-7). Metabolic responses are not confirmed, so the columns of confirmed
    responses stay empty.
    """
    with_pet = subjects.join(lesions.select(SUBJECT).unique(), on=SUBJECT, how="semi")
    frames = (_best(responses, with_pet, declared) for declared in criteria if not declared.predictor)
    return _together(BEST_RESPONSE, frames)


def all_metabolic_event_times(
    responses: pl.DataFrame,
    lesions: pl.DataFrame,
    subjects: pl.DataFrame,
    criteria: Sequence[Metabolic],
    profiles: Sequence[str | Profile],
    interval_days: int,
    window_days: int,
    *,
    schedule: Schedule | None = None,
    clinical: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """mPFS, mTTP, mDOR and mTTR under every criterion and censoring profile (analysis.event_time).

    ``schedule`` takes the place of ``interval_days`` and ``window_days``; ``clinical`` is core.clinical_status.
    """
    planned = schedule or Schedule(interval_days, window_days)
    with_pet = subjects.join(lesions.select(SUBJECT).unique(), on=SUBJECT, how="semi")
    frames = []
    for declared in criteria:
        if declared.predictor:
            continue
        counted = without_unconfirmed(responses, declared)
        best = _best(counted, with_pet, declared)
        plain = counted.with_columns(pl.col("overall_response").replace(CLINICAL))
        frames += [
            event_times(plain, best, declared, with_pet, profile, schedule=planned, clinical=clinical)
            for profile in profiles
        ]
    return _together(EVENT_TIME, frames)


def without_unconfirmed(responses: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    """The responses, progressions that were never confirmed taken as not evaluable where the option censors (IP-9)."""
    if declared.missing_confirmation == "PMD":
        return responses
    unconfirmed = (pl.col("criterion") == declared.name) & (pl.col("overall_response") == "UPMD")
    return responses.with_columns(
        overall_response=pl.when(unconfirmed).then(pl.lit("NE")).otherwise("overall_response"),
        progression_date=pl.when(~unconfirmed.fill_null(False)).then("progression_date"),
    )


def _best(responses: pl.DataFrame, subjects: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    plain = responses.with_columns(pl.col("overall_response").replace(CLINICAL))
    best = best_responses(plain, declared, subjects)
    unconfirmed = ("confirmed_best_response", "confirmed_date", "confirmed_first_response_date")
    said = pl.col("explanation").str.replace(r"; response (of \S+ confirmed|not confirmed)", "")
    return best.with_columns(
        *(pl.lit(None, BEST_RESPONSE.schema[name]).alias(name) for name in unconfirmed), explanation=said
    )


def _together(table: Table, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([table.empty(), *frames]).sort(table.key)
