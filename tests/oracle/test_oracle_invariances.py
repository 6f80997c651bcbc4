"""What must not change responses, best responses and times to event: order, calendar, names, and which study it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from criteria.assessment_schedule import PlannedVisit, Schedule
from criteria.censoring import PROFILES
from criteria.registry import CRITERIA
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses
from ingestion.tables import RECORDED_RESPONSE
from tests.oracle.comparison import batch, clinical_frame

Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]
SHIFT = timedelta(days=1003)


def derived(given: Frames) -> Frames:
    """Responses, best responses and times by one criterion of each kind, with a schedule and the clinical status."""
    measurements, subjects, clinical = given
    criteria = [CRITERIA[name] for name in ("RECIST 1.1", "irRC", "iRECIST", "imRECIST")]
    responses = all_timepoint_responses(measurements, RECORDED_RESPONSE.empty(), subjects, criteria)
    best = all_best_responses(responses, subjects, criteria)
    schedule = Schedule(changes=((169, 84),), visits=(PlannedVisit(57), PlannedVisit(113), PlannedVisit(169)))
    profiles = [PROFILES["fda"], PROFILES["fda_sensitivity_inv"]]
    times = all_event_times(responses, best, subjects, criteria, profiles, 56, 7, schedule=schedule, clinical=clinical)
    return responses, best, times


@pytest.fixture(scope="module")
def given() -> Frames:
    made = batch(150, seed=77)
    return made.measurements, made.subject_frame, clinical_frame(made)


@pytest.fixture(scope="module")
def expected(given: Frames) -> Frames:
    return derived(given)


def compare(found: Frames, expected: Frames, prepared: Callable[[pl.DataFrame], pl.DataFrame] = lambda f: f) -> None:
    for frame, other in zip(found, expected, strict=True):
        assert_frame_equal(prepared(frame), prepared(other))


def test_the_order_of_the_rows_does_not_matter(given: Frames, expected: Frames) -> None:
    mixed = tuple(frame.sample(fraction=1, shuffle=True, seed=9) for frame in given)
    compare(derived(mixed), expected)  # type: ignore[arg-type]


def test_a_shift_of_all_dates_shifts_the_dates_alone(given: Frames, expected: Frames) -> None:
    def later(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.col(pl.Date) + SHIFT)

    back = tuple(frame.with_columns(pl.col(pl.Date) - SHIFT) for frame in derived(tuple(map(later, given))))  # type: ignore[arg-type]
    compare(back, expected, lambda frame: frame.drop("explanation", "source_key", strict=False))  # type: ignore[arg-type]


def test_names_of_lesions_do_not_matter_as_long_as_their_order_stays(given: Frames, expected: Frames) -> None:
    measurements, subjects, clinical = given
    names = sorted({*measurements["lesion_id"], *measurements["other_lesion_id"].drop_nulls()})
    others = {name: f"lesion {place:03d}" for place, name in enumerate(names)}
    renamed = measurements.with_columns(pl.col("lesion_id", "other_lesion_id").replace(others))
    compare(derived((renamed, subjects, clinical)), expected)


def test_two_studies_give_what_one_gives(given: Frames, expected: Frames) -> None:
    subjects = sorted(given[1]["subject_id"])
    first = pl.col("subject_id").is_in(subjects[: len(subjects) // 2])
    named = pl.when(first).then(pl.lit("ONE")).otherwise(pl.lit("TWO")).alias("study_id")
    together = derived(tuple(frame.with_columns(named) for frame in given))  # type: ignore[arg-type]
    apart = [derived(tuple(frame.with_columns(named).filter(half) for frame in given)) for half in (first, ~first)]  # type: ignore[arg-type]
    for number, frame in enumerate(together):
        halves = pl.concat([half[number] for half in apart])
        same = pl.lit("STUDY").alias("study_id")
        key = [
            name for name in ("subject_id", "criterion", "endpoint", "profile", "timepoint") if name in frame.columns
        ]
        assert_frame_equal(halves, frame, check_row_order=False)
        assert_frame_equal(frame.with_columns(same).sort(key), expected[number].sort(key), check_row_order=False)
