"""RECIST 1.1, section 2.7: the worked examples."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, table


def check(evaluate: Evaluate, text: str, overall: list[str], best: str, progression: int | None) -> None:
    responses = evaluate.timepoint_responses(table(text), "RECIST 1.1")
    found = evaluate.best_response(responses, "RECIST 1.1")
    assert [r["overall_response"] for r in responses] == overall
    assert found["best_response"] == best
    assert found["progression_date"] == (None if progression is None else day(progression))


def test_R_E1_20_percent_but_less_than_5_mm(evaluate: Evaluate) -> None:
    check(
        evaluate,
        """
        lesion    | BL | d57 | d113 | d169
        T01 liver | 12 | 10  | 11.5 | 13
        T02 lung  | 11 | 9   | 11.3 | 12
        """,
        ["SD", "SD", "PD"],
        "SD",
        169,
    )


def test_R_E3_node_below_10_mm(evaluate: Evaluate) -> None:
    text = """
        lesion   | BL | d57 | d85 | d169 | d225
        T01 node | 18 | 9   | 8   | 9.9  | 13
        T02 lung | 20 | 0   | 0   | 0    | 0
    """
    check(evaluate, text, ["CR", "CR", "CR", "PD"], "CR", 225)
    responses = evaluate.timepoint_responses(table(text), "RECIST 1.1")
    assert evaluate.best_response(responses, "RECIST 1.1")["confirmed_best_response"] == "CR"
    assert responses[0]["target_sum"] == pytest.approx(9)


def test_R_E3_with_a_persisting_non_target(evaluate: Evaluate) -> None:
    check(
        evaluate,
        """
        lesion    | BL | d57 | d85 | d169 | d225
        T01 node  | 18 | 9   | 8   | 9.9  | 13
        T02 lung  | 20 | 0   | 0   | 0    | 0
        NT01 bone | +  | +   | +   | +    | +
        """,
        ["PR", "PR", "PR", "PD"],
        "PR",
        225,
    )


def test_R_E6_missing_lesion(evaluate: Evaluate) -> None:
    case = "lesion | BL | d57\nT01 liver | 20 | {}\nT02 lung | 15 | {}\nT03 lung | 15 | NE"
    check(evaluate, case.format(18, 14), ["NE"], "NE", None)
    check(evaluate, case.format(45, 35), ["PD"], "PD", 57)


def test_R_E8_new_lesion_then_gone(evaluate: Evaluate) -> None:
    rows = table("""
        lesion      | BL | d57 | d113
        T01 lung    | 60 | 40  | 38
        NEW01 liver | -  | 12  | 0
    """)
    responses = evaluate.timepoint_responses(rows, "RECIST 1.1")
    found = evaluate.best_response(responses, "RECIST 1.1")
    assert responses[0]["overall_response"] == "PD"
    assert (found["best_response"], found["progression_date"]) == ("PD", day(57))


def test_R_E9_non_target_only(evaluate: Evaluate) -> None:
    check(
        evaluate,
        """
        lesion       | BL | d57 | d113
        NT01 pleura  | +  | +   | !!
        NT02 node    | 12 | 12  | 12
        """,
        ["NON-CR/NON-PD", "PD"],
        "NON-CR/NON-PD",
        113,
    )
