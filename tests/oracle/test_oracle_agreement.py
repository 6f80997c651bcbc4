"""The vectorised engine agrees with the reference reading on many random courses."""

from __future__ import annotations

import pytest

from criteria.assessment_schedule import PlannedVisit, Schedule
from tests.oracle.comparison import Batch, batch, clinical_frame, compare_best, compare_responses, compare_times
from tests.oracle.evaluation import CRITERIA
from tests.spec.evaluate import declaration, load

VISITS = ((57, 7, 7), (113, 7, 3), (169, 2, 7), (260, 14, 14))


@pytest.fixture(scope="module")
def courses() -> Batch:
    return batch(1500, seed=20240101)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_time_point_responses_agree(courses: Batch, criterion: str) -> None:
    declared = declaration(criterion, {})
    found = load("criteria.timepoint", "timepoint_responses")(courses.measurements, declared)
    differences = compare_responses(courses, found, criterion)
    assert not differences.count, f"{criterion}: {differences}"


@pytest.mark.parametrize("criterion", CRITERIA)
def test_best_responses_agree(courses: Batch, criterion: str) -> None:
    declared = declaration(criterion, {})
    responses = load("criteria.timepoint", "timepoint_responses")(courses.measurements, declared)
    found = load("criteria.best_response", "best_responses")(responses, declared, courses.subject_frame)
    differences = compare_best(courses, responses, found, criterion)
    assert not differences.count, f"{criterion}: {differences}"


@pytest.mark.parametrize("profile", ["fda", "fda_sensitivity_inv", "ema_itt"])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_event_times_agree(courses: Batch, criterion: str, profile: str) -> None:
    declared = declaration(criterion, {})
    responses = load("criteria.timepoint", "timepoint_responses")(courses.measurements, declared)
    best = load("criteria.best_response", "best_responses")(responses, declared, courses.subject_frame)
    schedule = Schedule(visits=tuple(PlannedVisit(*visit) for visit in VISITS))
    found = load("criteria.event_time", "event_times")(
        responses,
        best,
        declared,
        courses.subject_frame,
        profile,
        schedule=schedule,
        clinical=clinical_frame(courses),
    )
    differences = compare_times(courses, responses, best, found, criterion, profile, visits=VISITS, clinical=True)
    assert not differences.count, f"{criterion}, {profile}: {differences}"
