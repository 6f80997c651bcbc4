"""iRECIST, section 5.5: best response and the progression that counts (IR-17 to IR-25)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, responses

DAYS = (57, 113, 169, 225, 281)


def course(*overall: str) -> list[dict[str, Any]]:
    return responses(", ".join(f"{what} d{on}" for what, on in zip(overall, DAYS, strict=False)))


@pytest.mark.parametrize(
    ("overall", "expected"),
    [
        ("iCR iCR iCR iUPD iCPD", "iCR"),
        ("iCR iPR iSD iUPD iCPD", "iCR"),
        ("iUPD iPR iCR iCR iCR", "iCR"),
        ("iUPD iSD iCR iUPD iCPD", "iCR"),
        ("iUPD NE iCR iCR iCR", "iCR"),
        ("iUPD iPR iPR iPR iPR", "iPR"),
        ("iUPD iPR iSD iUPD iCPD", "iPR"),
        ("iUPD iSD iPR iPR iUPD", "iPR"),
        ("iUPD NE iPR iUPD iCPD", "iPR"),
        ("iUPD iSD iSD iUPD iCPD", "iSD"),
        ("iUPD iSD iUPD iCPD NA", "iSD"),
        ("iUPD iSD NE iUPD iCPD", "iSD"),
        ("iUPD iCPD NA NA NA", "iCPD"),
        ("iUPD iUPD iCPD NA NA", "iCPD"),
        ("iUPD NE NE NE NE", "iUPD"),
    ],
)
def test_table_3_of_the_iRECIST_paper(evaluate: Evaluate, overall: str, expected: str) -> None:
    assert evaluate.best_response(course(*overall.split()), "iRECIST")["best_response"] == expected


@pytest.mark.parametrize(
    ("overall", "expected"),
    [
        ("NON-iCR/NON-iUPD iUPD iCPD", "NON-iCR/NON-iUPD"),
        ("NE iUPD iCPD", "iCPD"),
        ("NE iUPD", "iUPD"),
        ("NE NE", "NE"),
        ("iSD iUPD", "iSD"),
    ],
)
def test_IR_17_order_of_the_best_response(evaluate: Evaluate, overall: str, expected: str) -> None:
    assert evaluate.best_response(course(*overall.split()), "iRECIST")["best_response"] == expected


def test_IR_17_assessments_after_confirmed_progression_are_ignored(evaluate: Evaluate) -> None:
    found = evaluate.best_response(course("iUPD", "iCPD", "iPR"), "iRECIST")
    assert found["best_response"] == "iCPD"
    assert found["first_response_date"] is None


@pytest.mark.parametrize(
    ("overall", "expected"),
    [("iUPD d43, iSD d85", "iSD"), ("iSD d36, iUPD d64, iCPD d99", "iCPD"), ("iSD d42", "NE"), ("iSD d43", "iSD")],
)
def test_IR_18_stable_disease_counts_from_42_days(evaluate: Evaluate, overall: str, expected: str) -> None:
    assert evaluate.best_response(responses(overall), "iRECIST")["best_response"] == expected


@pytest.mark.parametrize(
    ("overall", "expected"),
    [
        ("iPR iPR", "iPR"),
        ("iPR NE iCR", "iPR"),
        ("iPR iSD iPR", "iSD"),
        ("iPR iUPD iPR", "iSD"),
        ("iCR NE iCR", "iCR"),
    ],
)
def test_IR_19_confirmed_best_response(evaluate: Evaluate, overall: str, expected: str) -> None:
    assert evaluate.best_response(course(*overall.split()), "iRECIST")["confirmed_best_response"] == expected


@pytest.mark.parametrize(
    ("rule", "overall", "expected"),
    [
        ("IR-20 the confirmed episode gives the date of its first iUPD", "iSD iUPD iUPD iCPD", 113),
        ("IR-20 a voided iUPD is never used", "iUPD iSD iUPD iCPD", 169),
        ("IR-20 a voided iUPD alone is no progression", "iUPD iSD iPR", None),
        ("IR-11 NE does not end the episode", "iUPD NE iCPD", 57),
        ("IR-21 unconfirmed and never voided", "iSD iUPD iUPD", 113),
        ("IR-21 no further assessment", "iSD iUPD", 113),
        ("IR-21 only NE after it", "iUPD NE NE", 57),
        ("IR-09 a new episode after a reset stays open", "iUPD iPR iUPD", 169),
    ],
)
def test_progression_that_counts(evaluate: Evaluate, rule: str, overall: str, expected: int | None) -> None:
    found = evaluate.best_response(course(*overall.split()), "iRECIST")
    assert found["progression_date"] == (None if expected is None else day(expected)), rule


def test_new_therapy_before_the_confirmation_leaves_the_unconfirmed_progression_standing(evaluate: Evaluate) -> None:
    found = evaluate.best_response(course("iSD", "iUPD", "iSD"), "iRECIST", {"new_therapy_date": day(120)})
    assert found["progression_date"] == day(113)


def test_IR_24_a_voided_iUPD_does_not_end_the_response(evaluate: Evaluate) -> None:
    given = course("iPR", "iUPD", "iPR", "iUPD", "iCPD")
    duration = evaluate.event_time(given, "iRECIST", "fda", endpoint="DOR")
    assert duration is not None
    assert (duration["start_date"], duration["end_date"], duration["event"]) == (day(57), day(225), True)


def test_IR_24_without_a_response_there_is_no_duration(evaluate: Evaluate) -> None:
    assert evaluate.event_time(course("iSD", "iUPD", "iCPD"), "iRECIST", "fda", endpoint="DOR") is None


def test_IR_25_time_to_response_counts_a_response_after_an_iUPD(evaluate: Evaluate) -> None:
    time = evaluate.event_time(course("iUPD", "iSD", "iPR"), "iRECIST", "fda", endpoint="TTR")
    assert time is not None
    assert (time["end_date"], time["days"], time["event"]) == (day(169), 169, True)
