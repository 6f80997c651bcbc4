"""What must hold for every course, whatever its lesions do: properties of the reference reading itself."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.oracle.courses import courses, courses_with_subject
from tests.oracle.evaluation import CRITERIA, best_response, event_times, timepoint_responses
from tests.oracle.events import adequate_baseline

Row = dict[str, Any]

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
ANY_COURSE = st.one_of(courses(), courses(hugging=True))
ANY_SUBJECT = st.one_of(courses_with_subject(), courses_with_subject(hugging=True))


@pytest.mark.parametrize("criterion", CRITERIA)
@given(rows=ANY_COURSE, seed=st.integers(0, 9))
@QUICK
def test_the_order_of_the_rows_does_not_matter(criterion: str, rows: list[Row], seed: int) -> None:
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert timepoint_responses(shuffled, criterion) == timepoint_responses(rows, criterion)


@pytest.mark.parametrize("criterion", CRITERIA)
@given(rows=ANY_COURSE)
@QUICK
def test_every_assessment_after_baseline_has_one_response_in_date_order(criterion: str, rows: list[Row]) -> None:
    found = timepoint_responses(rows, criterion)
    assert sorted(r["timepoint"] for r in found) == sorted({row["timepoint"] for row in rows} - {0})
    assert all(a["assessment_date"] <= b["assessment_date"] for a, b in pairwise(found))


@given(rows=ANY_COURSE)
@QUICK
def test_IR_01_iRECIST_is_RECIST_up_to_the_first_progression(rows: list[Row]) -> None:
    plain = {"iCR": "CR", "iPR": "PR", "iSD": "SD", "NON-iCR/NON-iUPD": "NON-CR/NON-PD", "iUPD": "PD"}
    for recist, immune in zip(
        timepoint_responses(rows, "RECIST 1.1"), timepoint_responses(rows, "iRECIST"), strict=True
    ):
        assert plain.get(immune["overall_response"], immune["overall_response"]) == recist["overall_response"]
        if recist["overall_response"] == "PD":
            break


@given(rows=ANY_COURSE)
@QUICK
def test_IM_02_without_new_lesions_imRECIST_measures_what_RECIST_measures(rows: list[Row]) -> None:
    rows = [row for row in rows if row["role"] != "NEW"]
    recist, immune = timepoint_responses(rows, "RECIST 1.1"), timepoint_responses(rows, "imRECIST")
    for name in ("target_sum", "baseline_sum", "nadir_sum"):
        assert [r[name] for r in recist] == [r[name] for r in immune]


@given(rows=ANY_COURSE)
@QUICK
def test_confirmed_progression_follows_an_unconfirmed_one_by_26_days_or_more(rows: list[Row]) -> None:
    opened = None
    for response in timepoint_responses(rows, "iRECIST"):
        overall = response["overall_response"]
        if overall == "iUPD":
            opened = opened or response["assessment_date"]
        elif overall == "iCPD":
            assert opened is not None
            assert response["assessment_date"] - opened >= timedelta(days=26)
            break
        elif overall != "NE":
            opened = None


@pytest.mark.parametrize("criterion", CRITERIA)
@given(course=ANY_SUBJECT)
@QUICK
def test_confirmation_never_improves_the_best_response(
    criterion: str, course: tuple[list[Row], dict[str, Any]]
) -> None:
    rows, subject = course
    found = best_response(timepoint_responses(rows, criterion), criterion, subject)
    order = ("CR", "PR", "SD")
    confirmed = found["confirmed_best_response"].removeprefix("ir").removeprefix("i")
    free = found["best_response"].removeprefix("ir").removeprefix("i")
    if confirmed in order:
        assert free in order[: order.index(confirmed) + 1]


@pytest.mark.parametrize("criterion", CRITERIA)
@given(course=ANY_SUBJECT)
@QUICK
def test_an_event_under_fda_is_the_same_event_under_ema(
    criterion: str, course: tuple[list[Row], dict[str, Any]]
) -> None:
    rows, subject = course
    found = timepoint_responses(rows, criterion)
    assume(adequate_baseline(found))
    best = best_response(found, criterion, subject)
    fda = event_times(found, best, criterion, subject, "fda")
    ema = event_times(found, best, criterion, subject, "ema_itt")
    for endpoint, time in fda.items():
        assert time["days"] >= 1
        assert ema[endpoint]["days"] >= 1
        if time["event"]:
            assert (ema[endpoint]["end_date"], ema[endpoint]["event"]) == (time["end_date"], True)
