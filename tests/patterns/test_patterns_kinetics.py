"""Tumour kinetics, KIN-01 to KIN-08, and the cases in which they cannot be had."""

from __future__ import annotations

import pytest

from tests.patterns.study import course
from tests.spec.table import day

K_E1 = """
lesion   | pre60 | BL | d57
T01 lung | 50    | 60 | 90
"""


def test_KIN_01_months_are_days_over_30_4375() -> None:
    found = course(K_E1).kinetics()
    assert found["REFERENCE"]["days"] == 60
    assert found["REFERENCE"]["months"] == pytest.approx(1.97125, abs=1e-5)
    assert found["EXPERIMENTAL"]["months"] == pytest.approx(1.83984, abs=1e-5)


def test_KIN_02_only_targets_measured_at_both_scans_count() -> None:
    found = course(
        """
        lesion     | pre60 | BL | d57
        T01 lung   | 50    | 60 | 90
        T02 liver  | -     | 20 | 25
        T03 liver  | 10    | 12 | NE
        NT01 bone  | +     | +  | ++
        NEW01 lung | -     | -  | !30
        """
    ).kinetics()
    assert (found["REFERENCE"]["lesions"], found["REFERENCE"]["from_sum_mm"], found["REFERENCE"]["to_sum_mm"]) == (
        2,
        60.0,
        72.0,
    )
    exp = found["EXPERIMENTAL"]
    assert (exp["lesions"], exp["from_sum_mm"], exp["to_sum_mm"]) == (2, 80.0, 115.0)


def nodes(axis: str, before: tuple[float | None, float | None], after: tuple[float | None, float | None]) -> object:
    small = course("lesion | BL | d57\nT01 node | 15 | 20")
    sizes = {0: before, 1: after}
    rows = [
        dict(row) | dict(zip(("longest_diameter_mm", "short_axis_mm"), sizes[row["timepoint"]], strict=True))
        for row in small.rows
    ]
    exp = type(small)(rows, small.subject).kinetics(tgr_node_axis=axis)["EXPERIMENTAL"]
    return exp["from_sum_mm"], exp["to_sum_mm"]


def test_KIN_02_nodes_by_short_axis_or_by_longest_diameter_the_same_at_both_ends() -> None:
    both, short_only = (30.0, 15.0), (None, 20.0)
    assert nodes("sa", both, (40.0, 20.0)) == (15.0, 20.0)
    assert nodes("ld", both, (40.0, 20.0)) == (30.0, 40.0)
    assert nodes("ld", both, short_only) == (15.0, 20.0)
    assert nodes("sa", (30.0, None), (40.0, 20.0)) == (None, None)
    assert nodes("ld", (30.0, None), short_only) == (None, None)


def test_KIN_02_merged_and_split_targets_count_as_one() -> None:
    merged = course(
        """
        lesion    | pre60 | BL | d57
        T01 liver | 20    | 20 | 45
        T02 liver | 15    | 15 | >T01
        T03 lung  | 30    | 30 | 20
        T03a lung | -     | -  | s12<T03
        """
    ).kinetics()
    assert merged["REFERENCE"]["from_sum_mm"] == 65.0
    exp = merged["EXPERIMENTAL"]
    assert (exp["lesions"], exp["from_sum_mm"], exp["to_sum_mm"]) == (2, 65.0, 77.0)


def test_KIN_02_absent_and_too_small_targets_have_a_size() -> None:
    exp = course("lesion | BL | d57\nT01 lung | 20 | 0\nT02 lung | 20 | ts\nT03 liver | 20 | ts3").kinetics()[
        "EXPERIMENTAL"
    ]
    assert (exp["lesions"], exp["to_sum_mm"]) == (3, 8.0)


def test_KIN_03_KIN_04_reference_check_values_of_TG() -> None:
    found = course(K_E1).kinetics()
    assert found["REFERENCE"]["tumour_growth"] == pytest.approx(0.27747, abs=5e-6)
    assert found["EXPERIMENTAL"]["tumour_growth"] == pytest.approx(0.66114, abs=5e-6)


def test_KIN_05_reference_check_values_of_TGR() -> None:
    found = course(K_E1).kinetics()
    assert found["REFERENCE"]["tumour_growth_rate"] == pytest.approx(31.98, abs=5e-3)
    assert found["EXPERIMENTAL"]["tumour_growth_rate"] == pytest.approx(93.70, abs=5e-3)
    slower = course(K_E1.replace("50 ", "40 ")).kinetics()
    assert slower["REFERENCE"]["tumour_growth_rate"] == pytest.approx(85.35, abs=5e-3)


def test_KIN_06_the_periods_run_to_the_baseline_and_to_the_first_scan() -> None:
    found = course(
        """
        lesion   | pre90 | pre30 | pre10 | BL | d29 | d57
        T01 lung | 40    | 50    | 55    | 60 | 70  | 90
        """
    ).kinetics()
    ref, exp = found["REFERENCE"], found["EXPERIMENTAL"]
    assert (ref["from_timepoint"], ref["from_date"], ref["to_date"]) == (-2, day(-29), day(1))
    assert (exp["to_timepoint"], exp["to_date"], exp["days"]) == (1, day(29), 28)


@pytest.mark.parametrize(("gap", "known"), [(13, False), (14, True), (15, True)])
def test_KIN_06_a_scan_less_than_ref_gap_min_before_the_baseline_does_not_count(gap: int, known: bool) -> None:
    ref = course(f"lesion | pre{gap} | BL | d57\nT01 lung | 50 | 60 | 90").kinetics()["REFERENCE"]
    assert (ref["tumour_growth_rate"] is not None) is known
    assert ref["reason"] == (None if known else "no scan at least 14 d before the baseline")


@pytest.mark.parametrize(("gap", "known"), [(90, True), (91, True), (92, False)])
def test_KIN_06_ref_gap_max_limits_the_age_of_the_earlier_scan(gap: int, known: bool) -> None:
    ref = course(f"lesion | pre{gap} | BL | d57\nT01 lung | 50 | 60 | 90").kinetics(ref_gap_max=91)["REFERENCE"]
    assert (ref["tumour_growth_rate"] is not None) is known


@pytest.mark.parametrize(("on", "known"), [(57, True), (58, False)])
def test_KIN_06_exp_max_days_limits_the_first_scan(on: int, known: bool) -> None:
    exp = course(f"lesion | BL | d{on}\nT01 lung | 60 | 90").kinetics(exp_max_days=56)["EXPERIMENTAL"]
    assert (exp["tumour_growth_rate"] is not None) is known


def test_KIN_06_a_scan_that_was_not_done_is_no_scan() -> None:
    exp = course("lesion | BL | d29 | d57\nT01 lung | 60 | ND | 90").kinetics()["EXPERIMENTAL"]
    assert exp["to_timepoint"] == 2


def test_KIN_06_a_scan_under_new_anticancer_therapy_is_no_scan_on_treatment() -> None:
    exp = course("lesion | BL | d57\nT01 lung | 60 | 90", new_therapy=57).kinetics()["EXPERIMENTAL"]
    assert exp["reason"] == "no scan on treatment"


def test_KIN_07_TGK_is_mm_a_day() -> None:
    found = course(K_E1).kinetics()
    assert found["REFERENCE"]["tumour_growth_kinetics"] == pytest.approx(10 / 60)
    assert found["EXPERIMENTAL"]["tumour_growth_kinetics"] == pytest.approx(30 / 56)


def test_KIN_08_pace_in_percent_or_mm_a_month() -> None:
    found = course(K_E1).kinetics()
    assert found["REFERENCE"]["pace_percent"] == pytest.approx(10.15, abs=5e-3)
    assert found["EXPERIMENTAL"]["pace_percent"] == pytest.approx(27.18, abs=5e-3)
    assert found["EXPERIMENTAL"]["pace_mm"] == pytest.approx(30 / 1.83984, abs=1e-3)


def test_10_without_a_scan_before_the_baseline_growth_is_not_evaluable() -> None:
    ref = course("lesion | BL | d57\nT01 lung | 60 | 90").kinetics()["REFERENCE"]
    assert (ref["tumour_growth_rate"], ref["tumour_growth_kinetics"]) == (None, None)
    assert ref["reason"] == "no scan before the baseline"


def test_10_a_sum_of_zero_has_no_growth_rate_but_a_TGK() -> None:
    exp = course("lesion | BL | d57\nT01 lung | 60 | 0").kinetics()["EXPERIMENTAL"]
    assert exp["tumour_growth_rate"] is None
    assert exp["tumour_growth_kinetics"] == pytest.approx(-60 / 56)
    assert exp["clause"] == "KIN-04"
    floored = course("lesion | BL | d57\nT01 lung | 60 | 0").kinetics(tgr_floor_mm=1)["EXPERIMENTAL"]
    assert floored["tumour_growth"] == pytest.approx(3 * -4.0943446 / 1.8398357, rel=1e-6)


def test_10_a_course_without_baseline_has_no_kinetics() -> None:
    found = course("lesion | d57 | d113\nT01 lung | 60 | 90").kinetics()
    assert {row["reason"] for row in found.values()} == {"no baseline scan"}
