"""Injected and other lesions under intratumoural therapy (rule book 7.1 to 7.3)."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from criteria.injected_responses import injected_responses, injected_summary
from criteria.injected_tables import INJECTED_RESPONSE
from criteria.registry import criterion
from criteria.timepoint import timepoint_responses
from ingestion.tables import MEASUREMENT
from tests.oracle.injected import injected_responses as reference_responses
from tests.spec.evaluate import frame
from tests.spec.table import Row, table
from tests.spec.test_spec_vectors import load_vector

IT_E1 = """
    lesion    | BL | d57 | d113
    T01 skin  | 30 | 15  | 8
    T02 skin  | 20 | 18  | 17
    T03 liver | 25 | 26  | 18
    T04 lung  | 15 | 16  | 12
"""
INJECTED_AFTER = {"T01": 0, "T02": 0, "T04": 1}


def injected(text: str, after: dict[str, int]) -> list[Row]:
    """The rows, with each of the lesions injected first after that time point."""
    rows = table(text)
    return [row | {"injected": row["timepoint"] > after.get(row["lesion_id"], 99)} for row in rows]


def found(rows: list[Row], **options: Any) -> list[dict[str, Any]]:
    """Rows of analysis.injected_response by the engine."""
    return injected_responses(frame(MEASUREMENT, rows), criterion("itRECIST", **options)).to_dicts()


def both(rows: list[Row], column: str) -> list[Any]:
    """A column by time point, for which the engine and the reference reading agree."""
    by_engine = [row[column] for row in found(rows)]
    assert by_engine == [row[column] for row in reference_responses(rows)]
    return by_engine


def overall(rows: list[Row], **options: Any) -> list[str]:
    responses = timepoint_responses(frame(MEASUREMENT, rows), criterion("itRECIST", **options))
    return responses["overall_response"].to_list()


@pytest.mark.parametrize(
    ("column", "vector"),
    [
        ("injected_iterative", "tpr_injected_iterative"),
        ("injected_cumulative", "tpr_injected_cumulative"),
        ("noninjected_response", "tpr_noninjected"),
    ],
)
def test_IT_E1_components(column: str, vector: str) -> None:
    assert both(injected(IT_E1, INJECTED_AFTER), column) == load_vector("IT-E1")[vector]


def test_IT_E1_sums_references_and_patterns() -> None:
    first, second = found(injected(IT_E1, INJECTED_AFTER))
    assert (first["injected_sum"], first["noninjected_sum"], first["target_sum"]) == (33, 42, 75)
    assert first["pattern"] == "LOCAL-ONLY RESPONSE"
    assert (second["injected_previous_sum"], second["injected_baseline_sum"]) == (49, 65)
    assert second["noninjected_baseline_sum"] == 25
    assert second["newly_injected_targets"] == 1
    assert second["injected_pct_from_previous"] == pytest.approx(-24.49, abs=0.005)
    assert "injected targets (3) 37.0 mm, -24.49 % from 49.0 mm at the previous time point: SD" in second["explanation"]
    assert "1 newly injected" in second["explanation"]


def test_IT_04_a_lesion_that_is_no_longer_injected_stays_among_the_injected() -> None:
    rows = injected(IT_E1, INJECTED_AFTER)
    forgotten = [row | {"injected": row["injected"] and row["timepoint"] == 1} for row in rows]
    assert both(forgotten, "injected_targets") == [2, 2]


def test_IT_05_a_component_without_targets_is_not_applicable() -> None:
    everything = dict.fromkeys(("T01", "T02", "T03", "T04"), 0)
    assert both(injected(IT_E1, everything), "noninjected_response") == ["NA", "NA"]
    later = found(injected(IT_E1, {"T01": 1}))
    assert [row["injected_response"] for row in later] == ["NA", "PR"]
    assert [row["clause"] for row in later] == ["IT-05", "IT-08"]


def test_a_course_without_injections_has_no_components() -> None:
    assert both(injected(IT_E1, {}), "pattern") == []
    assert injected_responses(frame(MEASUREMENT, []), criterion("itRECIST")).schema == INJECTED_RESPONSE.schema


@pytest.mark.parametrize(
    ("sizes", "iterative", "cumulative"),
    [
        ("50 | 35", ["PR"], ["PR"]),
        ("50 | 35.1", ["SD"], ["SD"]),
        ("50 | 30 | 36", ["PR", "PD"], ["PR", "PD"]),
        ("50 | 30 | 35.9", ["PR", "SD"], ["PR", "SD"]),
        ("50 | 30 | 34 | 36", ["PR", "SD", "SD"], ["PR", "PR", "PD"]),
        ("50 | 40 | 28", ["SD", "PR"], ["SD", "PR"]),
        ("50 | 40 | 33", ["SD", "SD"], ["SD", "PR"]),
        ("50 | 0 | 0", ["CR", "CR"], ["CR", "CR"]),
        ("50 | NE | 30", ["NE", "NE"], ["NE", "PR"]),
    ],
)
def test_IT_08_and_IT_09_against_the_previous_time_point_and_against_baseline_and_nadir(
    sizes: str, iterative: list[str], cumulative: list[str]
) -> None:
    days = " | ".join(["BL", "d57", "d113", "d169"][: sizes.count("|") + 1])
    rows = injected(f"lesion | {days}\nT01 skin | {sizes}", {"T01": 0})
    assert both(rows, "injected_iterative") == iterative
    assert both(rows, "injected_cumulative") == cumulative


def test_IT_07_a_lesion_that_moves_leaves_the_other_lesions_with_their_own_nadir() -> None:
    rows = injected(
        """
        lesion    | BL | d57 | d113
        T01 liver | 40 | 20  | 25
        T02 lung  | 40 | 50  | 60
        """,
        {"T02": 1},
    )
    assert both(rows, "noninjected_response") == ["SD", "PD"]
    assert both(rows, "injected_iterative") == ["NA", "PD"]
    assert [row["noninjected_nadir_sum"] for row in found(rows)] == [80, 20]


@pytest.mark.parametrize(
    ("option", "expected"), [("both", ["PR", "SD"]), ("previous", ["PR", "SD"]), ("baseline_nadir", ["PR", "PR"])]
)
def test_IT_10_which_response_stands_for_the_injected_targets(option: str, expected: list[str]) -> None:
    rows = found(injected(IT_E1, INJECTED_AFTER), itrecist_injected_reference=option)
    assert [row["injected_response"] for row in rows] == expected


def test_IT_11_summary_of_a_course() -> None:
    rows = injected(IT_E1, INJECTED_AFTER)
    summary = injected_summary(injected_responses(frame(MEASUREMENT, rows), criterion("itRECIST")))
    (row,) = summary.to_dicts()
    assert (row["timepoints_cr"], row["timepoints_pr"], row["timepoints_sd"], row["timepoints_pd"]) == (0, 1, 1, 0)
    assert row["best_cumulative"] == "PR"
    assert row["best_pct_from_baseline"] == pytest.approx(-43.08, abs=0.005)


def test_IT_12_injected_and_other_non_targets_are_judged_separately() -> None:
    rows = injected(
        """
        lesion    | BL | d57 | d113
        T01 skin  | 20 | 20  | 20
        NT01 skin | +  | 0   | 0
        NT02 bone | +  | +   | !!
        """,
        {"NT01": 0},
    )
    assert both(rows, "nontarget_injected") == ["CR", "CR"]
    assert both(rows, "nontarget_noninjected") == ["NON-CR/NON-PD", "PD"]
    assert overall(rows) == ["SD", "itUPD"]


@pytest.mark.parametrize(
    ("mine", "other", "new", "expected"),
    [
        ("10", "10", "-", "CONCORDANT RESPONSE"),
        ("0", "40", "-", "LOCAL-ONLY RESPONSE"),
        ("10", "60", "-", "MIXED: LOCAL RESPONSE, SYSTEMIC PROGRESSION"),
        ("10", "10", "12", "MIXED: LOCAL RESPONSE, SYSTEMIC PROGRESSION"),
        ("40", "10", "-", "ABSCOPAL-DOMINANT RESPONSE"),
        ("40", "40", "-", "STABLE"),
        ("40", "60", "-", "SYSTEMIC PROGRESSION"),
        ("40", "40", "12", "SYSTEMIC PROGRESSION"),
        ("60", "10", "-", "MIXED: ABSCOPAL RESPONSE, LOCAL PROGRESSION"),
        ("60", "40", "-", "LOCAL PROGRESSION"),
        ("60", "60", "-", "CONCORDANT PROGRESSION"),
        ("NE", "60", "-", None),
        ("10", "NE", "-", None),
    ],
)
def test_pattern_matrix(mine: str, other: str, new: str, expected: str | None) -> None:
    rows = injected(
        f"lesion | BL | d57\nT01 skin | 40 | {mine}\nT02 liver | 40 | {other}\nNEW01 lung | - | {new}", {"T01": 0}
    )
    assert both(rows, "pattern") == [expected]


def test_the_overall_target_category_is_that_of_all_targets_or_of_the_worse_component() -> None:
    rows = injected("lesion | BL | d57\nT01 skin | 60 | 10\nT02 liver | 40 | 48", {"T01": 0})
    assert overall(rows) == ["PR"]
    assert overall(rows, itrecist_overall_target="worst_component") == ["itUPD"]


def test_the_overall_response_does_not_depend_on_which_lesions_are_injected() -> None:
    assert overall(injected(IT_E1, INJECTED_AFTER)) == overall(injected(IT_E1, {})) == ["SD", "PR"]


def test_IT_02_and_IT_03_five_injected_and_five_other_targets_two_an_organ() -> None:
    targets = criterion("itRECIST").targets
    assert (targets.injected, targets.total, targets.per_organ) == (5, 5, 2)
    assert criterion("itRECIST", itrecist_max_per_organ=None).targets.per_organ is None


def test_endpoints_carry_the_criterion_in_their_names() -> None:
    endpoints = criterion("itRECIST").endpoints
    assert (endpoints.progression_free_survival, endpoints.duration_of_response, endpoints.time_to_response) == (
        "itPFS",
        "itDOR",
        "itTTR",
    )


def test_the_components_of_many_courses_come_in_the_order_of_the_key() -> None:
    rows = pl.concat(
        frame(MEASUREMENT, injected(IT_E1, INJECTED_AFTER)).with_columns(subject_id=pl.lit(subject))
        for subject in ("2", "10", "1")
    )
    keys = injected_responses(rows, criterion("itRECIST")).select(INJECTED_RESPONSE.key)
    assert keys.equals(keys.sort(INJECTED_RESPONSE.key))
    assert keys.height == 6


def test_IT_02_itrecist_new_injected_in_TI_lets_an_injected_new_lesion_join_with_its_first_size() -> None:
    rows = injected(
        """
        lesion     | BL | d57 | d113 | d169
        T01 skin   | 30 | 30  | 30   | 30
        T02 liver  | 30 | 30  | 30   | 30
        NEW01 skin | 0  | 20  | 10   | 5
        """,
        {"T01": 0, "NEW01": 1},
    )
    plain = found(rows)
    assert [row["injected_sum"] for row in plain] == [30, 30, 30]
    joined = found(rows, itrecist_new_injected_in_TI=True)
    assert [row["injected_sum"] for row in joined] == [30, 40, 35]
    assert [row["injected_previous_sum"] for row in joined] == [30, 50, 40]
    assert [row["injected_baseline_sum"] for row in joined] == [30, 50, 50]
    assert [row["injected_cumulative"] for row in joined] == ["SD", "SD", "PR"]
    assert [row["noninjected_sum"] for row in joined] == [30, 30, 30]
    assert overall(rows) == overall(rows, itrecist_new_injected_in_TI=True)
