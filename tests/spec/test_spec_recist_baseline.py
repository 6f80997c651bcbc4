"""RECIST 1.1, section 2.1: what the baseline gives to the responses (R11-BL-01 to R11-BL-08)."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import table


def test_R11_BL_06_sum_adds_longest_diameters_and_short_axes_of_nodes(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL    | d57
        T01 liver | 30x20 | 28x18
        T02 node  | 25x16 | 24x15
    """)
    response = evaluate.timepoint_responses(rows, "RECIST 1.1")[0]
    assert response["baseline_sum"] == pytest.approx(46)
    assert response["target_sum"] == pytest.approx(43)


def test_baseline_is_the_first_nadir(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57
        T01 liver | 50 | 60
    """)
    response = evaluate.timepoint_responses(rows, "RECIST 1.1")[0]
    assert response["nadir_sum"] == pytest.approx(50)
    assert response["overall_response"] == "PD"


@pytest.mark.parametrize("baseline", ["NE", "-", "ND"])
def test_target_without_a_baseline_value_leaves_the_targets_not_evaluable(evaluate: Evaluate, baseline: str) -> None:
    rows = table(f"""
        lesion    | BL         | d57 | d113
        T01 liver | 30         | 10  | 90
        T02 lung  | {baseline} | 20  | 20
    """)
    responses = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [r["target_response"] for r in responses] == ["NE", "NE"]
    assert [r["overall_response"] for r in responses] == ["NE", "NE"]
    assert {r["baseline_sum"] for r in responses} == {None}


def test_targets_without_any_baseline_are_not_evaluable(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | d57 | d113
        T01 liver | 30  | 10
    """)
    assert evaluate.overall(rows, "RECIST 1.1") == ["NE", "NE"]


def test_R11_BL_07_without_targets_the_target_response_does_not_apply(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57
        NT01 bone | +  | +
    """)
    response = evaluate.timepoint_responses(rows, "RECIST 1.1")[0]
    assert response["target_response"] == "NA"
    assert response["overall_response"] == "NON-CR/NON-PD"


def test_R11_BL_08_a_selection_beyond_five_and_two_is_still_evaluated(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57
        T01 liver | 10 | 7
        T02 liver | 10 | 7
        T03 liver | 10 | 7
        T04 lung  | 10 | 7
        T05 lung  | 10 | 7
        T06 lung  | 10 | 7
    """)
    assert evaluate.overall(rows, "RECIST 1.1") == ["PR"]


def test_assessments_before_baseline_are_left_out(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57
        T01 liver | 50 | 50
    """)
    earlier = [rows[0] | {"timepoint": -1, "longest_diameter_mm": 10.0}]
    assert evaluate.overall([*earlier, *rows], "RECIST 1.1") == ["SD"]


def test_a_lesion_called_new_at_baseline_is_left_out(evaluate: Evaluate) -> None:
    rows = table("""
        lesion      | BL | d57
        T01 liver   | 50 | 50
        NEW01 liver | 12 | 12
    """)
    assert evaluate.overall(rows, "RECIST 1.1") == ["SD"]


def test_GEN_03_a_fragment_of_a_target_that_was_not_read_at_baseline_means_no_baseline(evaluate: Evaluate) -> None:
    rows = table("""
        lesion     | BL | d57
        NT01 bone  | +  | +
        T02 liver  | -  | s8<T01
        NEW01 lung | -  | 12
    """)
    given = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert given[0]["target_response"] == "NE"
    time = evaluate.event_time(given, "RECIST 1.1", "fda")
    assert time is not None
    assert (time["event"], time["reason"]) == (False, "No baseline assessment")
