"""RECIST 1.1, section 2.6: best overall response without and with confirmation (R11-BOR-01 to R11-BOR-04, CR-01)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, responses


def best(evaluate: Evaluate, text: str, **subject: Any) -> tuple[str, str]:
    found = evaluate.best_response(responses(text), "RECIST 1.1", subject)
    return found["best_response"], found["confirmed_best_response"]


@pytest.mark.parametrize(
    ("course", "unconfirmed", "confirmed"),
    [
        ("CR d57, CR d85", "CR", "CR"),
        ("CR d57, SD d113", "CR", "SD"),
        ("CR d15, SD d36", "CR", "PD"),
        ("CR d57, PD d113", "CR", "SD"),
        ("CR d29, PD d57", "CR", "PD"),
        ("CR d57, NE d113", "CR", "SD"),
        ("CR d29, NE d57", "CR", "NE"),
        ("PR d57, CR d85", "CR", "PR"),
        ("PR d57, PR d85", "PR", "PR"),
        ("PR d57, SD d113", "PR", "SD"),
        ("PR d57, PD d113", "PR", "SD"),
        ("PR d29, PD d57", "PR", "PD"),
        ("PR d57, NE d113", "PR", "SD"),
        ("PR d29, NE d57", "PR", "NE"),
        ("NE d57, NE d113", "NE", "NE"),
    ],
)
def test_pairwise_table_of_first_and_next_assessment(
    evaluate: Evaluate, course: str, unconfirmed: str, confirmed: str
) -> None:
    assert best(evaluate, course) == (unconfirmed, confirmed)


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("SD d57, PR d113, CR d169, PD d225", "CR"),
        ("SD d57, PR d113, PD d169", "PR"),
        ("SD d57, PD d113", "SD"),
        ("NON-CR/NON-PD d57, PD d113", "NON-CR/NON-PD"),
        ("PD d57, CR d113", "PD"),
        ("NE d57, PD d113", "PD"),
        ("NE d57", "NE"),
    ],
)
def test_R11_BOR_01_and_02_best_category_up_to_the_first_progression(
    evaluate: Evaluate, course: str, expected: str
) -> None:
    assert best(evaluate, course)[0] == expected


@pytest.mark.parametrize(("course", "expected"), [("SD d42", "NE"), ("SD d43", "SD"), ("SD d42, PD d57", "PD")])
def test_R11_BOR_02_stable_disease_lasts_at_least_42_days(evaluate: Evaluate, course: str, expected: str) -> None:
    assert best(evaluate, course) == (expected, expected)


def test_R11_BOR_02_the_least_duration_of_stable_disease_is_an_option(evaluate: Evaluate) -> None:
    found = evaluate.best_response(responses("SD d50"), "RECIST 1.1", min_sd_days=56)
    assert found["best_response"] == "NE"


@pytest.mark.parametrize(
    ("rule", "course", "confirmed"),
    [
        ("27 days are too few", "PR d57, PR d84", "SD"),
        ("28 days are enough", "PR d57, PR d85", "PR"),
        ("a second look too early does not spoil a later one", "PR d57, PR d64, PR d113", "PR"),
        ("one NE between", "PR d57, NE d85, PR d113", "PR"),
        ("two NE between", "PR d57, NE d85, NE d113, PR d169", "SD"),
        ("SD between", "PR d57, SD d85, PR d113", "SD"),
        ("CR needs CR: PR then CR then CR", "PR d57, CR d113, CR d169", "CR"),
        ("CR with one NE between", "CR d57, NE d85, CR d113", "CR"),
        ("no PR after CR", "PR d57, CR d64, PR d113", "SD"),
        ("no upper limit", "PR d57, PR d281", "PR"),
    ],
)
def test_R11_BOR_03_confirmation(evaluate: Evaluate, rule: str, course: str, confirmed: str) -> None:
    assert best(evaluate, course)[1] == confirmed, rule


def test_R11_BOR_04_a_response_before_42_days_is_not_credited_as_stable_disease(evaluate: Evaluate) -> None:
    assert best(evaluate, "PR d31, PD d57") == ("PR", "PD")


def test_GEN_08_responses_on_or_after_new_therapy_do_not_count(evaluate: Evaluate) -> None:
    assert best(evaluate, "SD d57, PR d113, PR d169", new_therapy_date=day(113)) == ("SD", "SD")
    assert best(evaluate, "SD d57, PR d113, PR d169", new_therapy_date=day(114)) == ("PR", "SD")


def test_DT_05_a_confirmed_response_is_dated_on_the_first_of_the_pair(evaluate: Evaluate) -> None:
    found = evaluate.best_response(responses("PR d57, SD d85, PR d113, PR d169"), "RECIST 1.1")
    assert found["first_response_date"] == day(57)
    assert found["confirmed_first_response_date"] == day(113)
    assert found["confirmed_date"] == day(113)
    assert found["best_response_date"] == day(57)


def test_the_first_progression_is_the_one_that_counts(evaluate: Evaluate) -> None:
    found = evaluate.best_response(responses("SD d57, PD d113, PD d169"), "RECIST 1.1")
    assert found["progression_date"] == day(113)
