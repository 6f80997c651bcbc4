"""iRECIST, section 5.6: the worked examples, with RECIST 1.1 for contrast."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, table


def check(
    evaluate: Evaluate, text: str, overall: list[str], best: str, progression: int | None, **options: str
) -> None:
    responses = evaluate.timepoint_responses(table(text), "iRECIST", **options)
    found = evaluate.best_response(responses, "iRECIST")
    assert [r["overall_response"] for r in responses] == overall
    assert found["best_response"] == best
    assert found["progression_date"] == (None if progression is None else day(progression))


I_E1 = """
    lesion    | BL | d57 | d85 | d169 | d197
    T01 liver | 60 | 75  | 55  | 70   | 74
    T02 lung  | 40 | 50  | 35  | 45   | 47
"""


def test_I_E1_pseudoprogression_reset_and_second_iUPD_confirmed(evaluate: Evaluate) -> None:
    check(evaluate, I_E1, ["iUPD", "iSD", "iUPD", "iCPD"], "iSD", 169)


def test_I_E1_under_RECIST(evaluate: Evaluate) -> None:
    responses = evaluate.timepoint_responses(table(I_E1), "RECIST 1.1")
    best = evaluate.best_response(responses, "RECIST 1.1")
    assert (best["best_response"], best["progression_date"]) == ("PD", day(57))


I_E4 = """
    lesion      | BL | d57 | d113 | d141 | d197
    T01 liver   | 60 | 40  | 40   | 40   | 40
    T02 lung    | 40 | 25  | 25   | 25   | 25
    NEW01 liver | -  | -   | 12   | 12   | 0
"""


def test_I_E4_scenario_F(evaluate: Evaluate) -> None:
    check(evaluate, I_E4, ["iPR", "iUPD", "iUPD", "iPR"], "iPR", None)


def test_I_E4_is_censored_at_its_last_assessment(evaluate: Evaluate) -> None:
    responses = evaluate.timepoint_responses(table(I_E4), "iRECIST")
    time = evaluate.event_time(responses, "iRECIST", "fda")
    assert time is not None
    assert (time["end_date"], time["event"]) == (day(197), False)


def test_I_E4_without_looking_at_static_new_lesions(evaluate: Evaluate) -> None:
    assert evaluate.overall(table(I_E4), "iRECIST", nl_persist_rule="tl_ntl_only")[2] == "iPR"


def test_I_E6_another_category_confirms(evaluate: Evaluate) -> None:
    check(
        evaluate,
        """
        lesion      | BL  | d57 | d85
        T01 liver   | 100 | 125 | 123
        NEW01 lung  | -   | -   | 6
        """,
        ["iUPD", "iCPD"],
        "iCPD",
        57,
    )


@pytest.mark.parametrize(
    ("reference", "overall", "best", "progression"),
    [
        ("iupd_first", ["iUPD", "iUPD", "iUPD", "iUPD", "iPR"], "iPR", None),
        ("episode_min", ["iUPD", "iUPD", "iUPD", "iCPD", "NA"], "iCPD", 57),
    ],
)
def test_I_E11_reference_of_the_further_increase_after_a_dip(
    evaluate: Evaluate, reference: str, overall: list[str], best: str, progression: int | None
) -> None:
    check(
        evaluate,
        """
        lesion    | BL  | d57 | d85 | d113 | d141 | d169
        T01 liver | 100 | 124 | 122 | 124  | 128  | 65
        """,
        overall,
        best,
        progression,
        icpd_reference=reference,
    )


def test_I_E13_node(evaluate: Evaluate) -> None:
    check(
        evaluate,
        """
        lesion   | BL | d57 | d85
        T01 node | 16 | 22  | 9
        T02 lung | 30 | 34  | 0
        """,
        ["iUPD", "iCR"],
        "iCR",
        None,
    )
