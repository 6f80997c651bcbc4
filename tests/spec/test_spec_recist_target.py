"""RECIST 1.1, section 2.3: target response, its order and its thresholds (R11-TL-01 to R11-TL-07, GEN-02)."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import table


def target(evaluate: Evaluate, text: str) -> list[str]:
    return [r["target_response"] for r in evaluate.timepoint_responses(table(text), "RECIST 1.1")]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("100 | 70", ["PR"]),
        ("100 | 70.1", ["SD"]),
        ("100 | 69.9", ["PR"]),
        ("100 | 120", ["PD"]),
        ("100 | 119.9", ["SD"]),
        ("19 | 22.8", ["SD"]),
        ("19 | 24", ["PD"]),
        ("20 | 24.9", ["SD"]),
        ("20 | 25", ["PD"]),
        ("24.9 | 29.9", ["PD"]),
        ("25.1 | 30.1", ["SD"]),
        ("25 | 30", ["PD"]),
        ("33.3 | 39.96", ["PD"]),
        ("33.3 | 39.9", ["SD"]),
        ("14.7 | 10.29", ["PR"]),
    ],
)
def test_GEN_02_thresholds_are_inclusive_and_exact(evaluate: Evaluate, sizes: str, expected: list[str]) -> None:
    assert target(evaluate, f"lesion | BL | d57\nT01 liver | {sizes}") == expected


def test_R11_TL_02_every_target_absent_is_complete_response(evaluate: Evaluate) -> None:
    assert target(evaluate, "lesion | BL | d57\nT01 liver | 30 | 0\nT02 lung | 20 | 0") == ["CR"]


@pytest.mark.parametrize(("short_axis", "expected"), [("9.9", "CR"), ("10", "PR"), ("0", "CR"), ("ts", "CR")])
def test_R11_TL_02_a_node_is_normal_below_10_mm(evaluate: Evaluate, short_axis: str, expected: str) -> None:
    assert target(evaluate, f"lesion | BL | d57\nT01 node | 20 | {short_axis}\nT02 lung | 20 | 0") == [expected]


def test_R11_TL_02_precedes_progression_when_a_normal_node_drifts(evaluate: Evaluate) -> None:
    assert target(
        evaluate,
        """
        lesion   | BL | d57 | d113
        T01 node | 20 | 4   | 9.9
        T02 lung | 20 | 0   | 0
        """,
    ) == ["CR", "CR"]


def test_R11_TL_02_a_lesion_too_small_to_measure_is_not_gone(evaluate: Evaluate) -> None:
    assert target(evaluate, "lesion | BL | d57\nT01 liver | 30 | ts") == ["PR"]


def test_R11_TL_03_needs_20_percent_and_5_mm_over_the_nadir(evaluate: Evaluate) -> None:
    assert target(
        evaluate,
        """
        lesion    | BL | d57 | d113 | d169
        T01 liver | 30 | 20  | 24   | 25
        """,
    ) == ["PR", "SD", "PD"]


def test_R11_TL_03_partial_sum_that_already_progresses_is_progression(evaluate: Evaluate) -> None:
    assert target(evaluate, "lesion | BL | d57\nT01 liver | 20 | 45\nT02 lung | 15 | 35\nT03 lung | 15 | NE") == ["PD"]


def test_R11_TL_03_progression_beats_partial_response(evaluate: Evaluate) -> None:
    assert target(
        evaluate,
        """
        lesion    | BL  | d57 | d113
        T01 liver | 100 | 40  | 50
        """,
    ) == ["PR", "PD"]


def test_R11_TL_04_zero_nadir_needs_5_mm_while_no_overall_complete_response_was_given(evaluate: Evaluate) -> None:
    assert target(
        evaluate,
        """
        lesion    | BL | d57 | d113 | d169
        T01 liver | 30 | 0   | 4.9  | 5
        NT01 bone | +  | +   | +    | +
        """,
    ) == ["CR", "PR", "PD"]


@pytest.mark.parametrize("cell", ["1", "ts", "ts2"])
def test_R11_TL_04_after_overall_complete_response_any_reappearance_is_progression(
    evaluate: Evaluate, cell: str
) -> None:
    assert target(evaluate, f"lesion | BL | d57 | d113\nT01 liver | 30 | 0 | {cell}") == ["CR", "PD"]


def test_R11_TL_04_after_overall_complete_response_a_node_reappears_at_10_mm(evaluate: Evaluate) -> None:
    assert target(
        evaluate,
        """
        lesion   | BL | d57 | d113 | d169
        T01 node | 20 | 8   | 9.9  | 10
        """,
    ) == ["CR", "CR", "PD"]


def test_R11_TL_04_complete_response_is_remembered_across_not_evaluable(evaluate: Evaluate) -> None:
    assert target(
        evaluate,
        """
        lesion    | BL | d57 | d113 | d169
        T01 liver | 30 | 0   | NE   | 2
        """,
    ) == ["CR", "NE", "PD"]


def test_R11_TL_05_a_missing_target_is_not_evaluable_whatever_the_rest_did(evaluate: Evaluate) -> None:
    assert target(evaluate, "lesion | BL | d57\nT01 liver | 40 | 5\nT02 lung | 10 | NE") == ["NE"]


def test_R11_TL_06_partial_response_compares_with_baseline_and_does_not_stick(evaluate: Evaluate) -> None:
    assert target(
        evaluate,
        """
        lesion    | BL  | d57 | d113 | d169
        T01 liver | 100 | 70  | 70   | 80
        """,
    ) == ["PR", "PR", "SD"]
