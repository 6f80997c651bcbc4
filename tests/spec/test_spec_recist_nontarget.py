"""RECIST 1.1, section 2.4: non-target response (R11-NT-01 to R11-NT-04)."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import table


@pytest.mark.parametrize(
    ("bone", "node", "expected"),
    [
        ("0", "0", "CR"),
        ("0", "9.9", "CR"),
        ("0mm", "0", "CR"),
        ("0", "10", "NON-CR/NON-PD"),
        ("+", "0", "NON-CR/NON-PD"),
        ("ts", "0", "NON-CR/NON-PD"),
        ("++", "0", "NON-CR/NON-PD"),
        ("+^", "+", "NON-CR/NON-PD"),
        (">NT02", "0", "NON-CR/NON-PD"),
        ("?", "0", "NON-CR/NON-PD"),
        ("!!", "+", "PD"),
        ("!!", "NE", "PD"),
        ("NE", "0", "NE"),
        ("NE", "+", "NE"),
        ("-", "0", "NE"),
        ("ND", "0", "NE"),
    ],
)
def test_non_target_category(evaluate: Evaluate, bone: str, node: str, expected: str) -> None:
    rows = table(f"""
        lesion    | BL | d57
        T01 liver | 30 | 30
        NT01 bone | +  | {bone}
        NT02 node | +  | {node}
    """)
    assert evaluate.timepoint_responses(rows, "RECIST 1.1")[0]["nontarget_response"] == expected


def test_R11_NT_03_is_never_derived_from_millimetres(evaluate: Evaluate) -> None:
    rows = table("""
        lesion     | BL | d57
        T01 liver  | 30 | 30
        NT01 liver | 10 | 60
    """)
    assert evaluate.overall(rows, "RECIST 1.1") == ["SD"]


def test_no_non_target_at_baseline_does_not_apply(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 30 | 30")
    assert evaluate.timepoint_responses(rows, "RECIST 1.1")[0]["nontarget_response"] == "NA"


def test_R11_NT_04_a_missing_non_target_blocks_complete_response_only(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57 | d113 | d169
        T01 liver | 30 | 0   | 20   | 0
        NT01 bone | +  | NE  | NE   | 0
    """)
    assert evaluate.overall(rows, "RECIST 1.1") == ["PR", "PD", "CR"]


def test_CR_01_a_non_target_that_reappears_after_overall_complete_response_is_progression(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57 | d113
        T01 liver | 30 | 0   | 0
        NT01 bone | +  | 0   | +
    """)
    responses = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [r["overall_response"] for r in responses] == ["CR", "PD"]


def test_R11_NL_06_a_reappearing_baseline_lesion_is_not_new(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57 | d113
        T01 liver | 30 | 30  | 30
        NT01 bone | +  | 0   | +
    """)
    responses = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [r["new_lesion"] for r in responses] == ["N", "N"]
    assert [r["overall_response"] for r in responses] == ["SD", "SD"]
