"""EORTC, PERCIST, imPERCIST5 and PERCIST5 by the rule book's tables and examples (5.1, 5.2, 5.5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.metabolic.pet_table import best, judged, liver, overall, times

TWO = "lesion | BL | d64\n"
CYCLES: dict[str, Any] = {"cycles": {1: 4}}


def targets(*pairs: tuple[str, str]) -> str:
    """Lesions of one organ each, baseline and follow-up."""
    organs = ("lung", "liver", "adrenal", "bone", "skin", "brain", "spleen")
    return TWO + "\n".join(f"L{n} {organs[n]} | {a} | {b}" for n, (a, b) in enumerate(pairs))


def maxima(*pairs: tuple[float, float]) -> str:
    return targets(*((f"+ max={a}", f"+ max={b}") for a, b in pairs))


def test_E1_EO_5_sum_of_30_to_21_is_a_partial_response() -> None:
    (row,) = judged(maxima((12, 9), (10, 7), (8, 5)), "EORTC", CYCLES)
    assert (row["overall_response"], row["clause"], row["target_sum"], row["baseline_sum"]) == ("PMR", "EO-5", 21, 30)
    assert row["pct_from_baseline"] == pytest.approx(-30)


def test_E3_EO_6_EO_7_EO_9_exactly_25_percent_up_is_stable() -> None:
    assert overall(maxima((20, 25)), "EORTC", CYCLES) == ["SMD"]
    assert overall(maxima((20, 25.2)), "EORTC", CYCLES) == ["PMD"]


def test_E4_EO_7_a_new_lesion_is_progression() -> None:
    (row,) = judged(maxima((18, 15)) + "\nN1 node | - | + max=5.1", "EORTC", CYCLES)
    assert (row["overall_response"], row["clause"]) == ("PMD", "EO-7")


def test_E5_EO_1_EO_4_all_like_the_surrounding_tissue_is_complete() -> None:
    assert overall(maxima((12, 1), (10, 1)).replace("max=1\n", "max=1 bg\n") + " bg", "EORTC", CYCLES) == ["CMR"]
    assert overall(targets(("+ max=12", "0"), ("+ max=9", "0")), "EORTC", CYCLES) == ["CMR"]


def test_EO_4_persisting_lesions_that_are_no_target_leave_a_partial_response() -> None:
    text = targets(("+ max=12", "0")).replace("lung", "lung TARGET") + "\nL9 bone NON-TARGET | + max=3 | + max=3"
    (row,) = judged(text, "EORTC", CYCLES)
    assert (row["overall_response"], row["clause"]) == ("PMR", "EO-4 persisting")


@pytest.mark.parametrize(
    ("cycles", "now", "gap", "expected"),
    [
        (1, 17.0, "SMD", "PMR"),
        (1, 17.01, "SMD", "SMD"),
        (2, 17.0, "SMD", "SMD"),
        (2, 17.0, "PMR", "PMR"),
        (2, 15.0, "SMD", "SMD"),
        (2, 14.99, "SMD", "PMR"),
    ],
)
def test_EO_5_EO_8_EO_9_EO_11_the_fall_that_counts_depends_on_the_cycles(
    cycles: int, now: float, gap: str, expected: str
) -> None:
    assert overall(maxima((20, now)), "EORTC", {"cycles": {1: cycles}}, eortc_gap=gap) == [expected]


def test_EO_11_without_the_number_of_cycles_25_percent_count_and_the_result_is_flagged() -> None:
    (row,) = judged(maxima((20, 17)), "EORTC")
    assert (row["overall_response"], row["flags"]) == ("SMD", "CYCLES_MISSING")


def test_EO_7_EO_10_a_target_whose_uptake_grows_by_more_than_20_percent_progresses() -> None:
    text = TWO + "L1 lung | + max=10 mm=20 | + max=9 mm={}"
    assert overall(text.format(24), "EORTC", CYCLES) == ["SMD"]
    assert overall(text.format(24.1), "EORTC", CYCLES) == ["PMD"]
    assert overall(text.format(24.1), "EORTC", CYCLES, eortc_extent_min_abs_mm=5) == ["SMD"]


def test_EO_2_EO_3_quantity_and_aggregation_are_options() -> None:
    text = TWO + "L1 lung | 4 max=12 bsa=6 | 4 max=6 bsa=8\nL2 bone | 3 max=6 bsa=3 | 3 max=9 bsa=3"
    assert overall(text, "EORTC", CYCLES) == ["SMD"]
    assert overall(text, "EORTC", CYCLES, eortc_quantity="SUVMEAN_BSA") == ["SMD"]
    assert overall(text, "EORTC", CYCLES, eortc_quantity="SULPEAK") == ["SMD"]
    assert overall(text, "EORTC", CYCLES, eortc_aggregation="HOTTEST_SAME_LESION") == ["PMR"]
    assert overall(text, "EORTC", CYCLES, eortc_aggregation="WORST_LESION") == ["PMD"]


def test_EO_3_at_most_five_lesions_and_two_an_organ() -> None:
    lines = [
        f"L{n} {organ} | + max={20 - n} | + max={20 - n}"
        for n, organ in enumerate(["lung"] * 3 + ["bone", "skin", "liver", "brain"])
    ]
    (row,) = judged(TWO + "\n".join(lines), "EORTC", CYCLES)
    assert row["lesions"] == "L0, L1, L3, L4, L5"


P_LIVER = liver(TWO, (1.40, 0.15), (1.40, 0.15))


@pytest.mark.parametrize(("formula", "limit", "expected"), [("A", 2.40, "SMD"), ("B", 2.55, "NON_CMR_NON_PMD")])
def test_P1_PE_2_the_liver_limit_by_both_formulas(formula: str, limit: float, expected: str) -> None:
    (row,) = judged(targets(("2.45", "2.45")), "PERCIST", {"references": P_LIVER}, percist_liver_formula=formula)
    assert row["limit"] == pytest.approx(limit)
    assert (row["overall_response"], row["limit_region"]) == (expected, "LIVER")


@pytest.mark.parametrize(("formula", "limit", "expected"), [("A", 2.60, "NON_CMR_NON_PMD"), ("B", 2.40, "SMD")])
def test_P11_PE_3_with_a_diseased_liver_the_blood_pool_gives_the_limit(
    formula: str, limit: float, expected: str
) -> None:
    regions = [*liver(TWO, None, None), *liver(TWO, (1.20, 0.10), (1.2, 0.1), region="BLOOD_POOL")]
    (row,) = judged(targets(("2.5", "2.5")), "PERCIST", {"references": regions}, percist_bloodpool_formula=formula)
    assert row["limit"] == pytest.approx(limit)
    assert (row["overall_response"], row["limit_region"]) == (expected, "BLOOD_POOL")


def test_P2_PE_1_PE_7_PE_14_CH_2_the_hottest_lesion_of_each_scan_need_not_be_the_same() -> None:
    (row,) = judged(TWO + "L1 lung | 8.0 | 4.0\nL2 node | 5.0 | 5.2", "PERCIST")
    assert (row["overall_response"], row["clause"], row["report"]) == ("PMR", "PE-7", "PMR -35, 9")
    assert row["lesions"] == "L2"
    assert row["explanation"].startswith(
        "hottest lesion SULpeak 5.2 is -35.0 % from 8.0 of 2024-01-01, week 9; other lesions left"
    )
    assert row["explanation"].endswith(": PMR -35, 9")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("2.50", "3.26", "SMD"),  # P4: +30.4 %, +0.76
        ("6.0", "7.9", "PMD"),  # P5: +31.7 %, +1.9
        ("9.0", "6.3", "PMR"),  # exactly -30 %
        ("2.6", "1.8", "PMR"),  # exactly -0.8
        ("2.6", "1.81", "SMD"),
        ("10.0", "13.0", "SMD"),  # exactly +30 %
        ("2.0", "2.8", "SMD"),  # exactly +0.8
        ("8.0", "0", "CMR"),
        ("8.0", "1.0 bg", "CMR"),
        ("8.0", "NE", "NE"),
        ("8.0", "-", "NE"),
    ],
)
def test_P4_P5_PE_7_PE_8_PE_12_thresholds_with_their_absolute_parts(before: str, now: str, expected: str) -> None:
    assert overall(targets((before, now), ("2.0", "0")), "PERCIST") == [expected]


def test_PE_7_PE_8_inclusive_and_exclusive_thresholds() -> None:
    assert overall(targets(("9.0", "6.3")), "PERCIST", percist_pmr_inclusive=False) == ["SMD"]
    assert overall(targets(("10.0", "13.0")), "PERCIST", percist_pmd_inclusive=True) == ["PMD"]


def test_P5_PE_13_a_progression_is_to_be_confirmed_within_a_month_unless_visceral_or_seen_on_CT() -> None:
    rising = targets(("6.0", "7.9"))
    assert str(judged(rising, "PERCIST")[0]["confirm_by"]) == "2024-04-04"
    assert judged(rising, "PERCIST", {"recist": {1: "PD"}})[0]["confirm_by"] is None
    assert judged(rising + "\nN1 liver | - | 5", "PERCIST")[0]["confirm_by"] is None
    assert judged(rising + "\nN1 node | - | 5", "PERCIST")[0]["confirm_by"] is not None
    falling = targets(("6.0", "3.0"))
    assert judged(falling, "PERCIST")[0]["confirm_by"] is None
    assert judged(falling, "PERCIST", {"recist": {1: "PD"}})[0]["confirm_by"] is not None


def test_P7_PE_6_a_node_left_above_the_blood_pool_lowers_a_complete_to_a_partial_response() -> None:
    text = TWO + "L1 lung | 8.0 | 1.2 bg\nL2 node | 3.0 | 1.1"
    (row,) = judged(text, "PERCIST", {"references": P_LIVER})
    assert (row["overall_response"], row["clause"], row["target_response"]) == ("PMR", "PE-6 persisting", "CMR")
    assert overall(text + " bg", "PERCIST", {"references": P_LIVER}) == ["CMR"]


def test_PE_6_uptake_at_background_but_not_below_the_liver_is_not_complete() -> None:
    assert overall(targets(("8.0", "1.4 bg")), "PERCIST", {"references": P_LIVER}) == ["PMR"]
    assert overall(targets(("8.0", "1.39 bg")), "PERCIST", {"references": P_LIVER}) == ["CMR"]


def test_P8_PE_10_a_new_lesion_is_progression_whatever_the_target_does() -> None:
    (row,) = judged(targets(("10", "6")) + "\nN1 bone | - | 3", "PERCIST")
    assert (row["overall_response"], row["clause"], row["new_lesions"]) == ("PMD", "PE-10", 1)


def test_PE_4_the_limit_is_asked_of_the_baseline_only() -> None:
    assert overall(targets(("8.0", "2.0")), "PERCIST", {"references": P_LIVER}) == ["PMR"]


def test_PE_9_more_glycolysis_without_a_fall_of_the_uptake_is_progression() -> None:
    (row,) = judged(targets(("5 tlg=40", "5 tlg=70.1")), "PERCIST")
    assert (row["overall_response"], row["clause"]) == ("PMD", "PE-9")
    assert row["pct_tlg"] == pytest.approx(75.25)
    assert overall(targets(("5 tlg=40", "5 tlg=70")), "PERCIST") == ["SMD"]
    assert overall(targets(("5 tlg=40", "4.9 tlg=90")), "PERCIST") == ["SMD"]
    two = targets(("5 tlg=40", "5 tlg=41"), ("4.9 tlg=10", "4.9 tlg=60"))
    assert overall(two, "PERCIST", percist_tlg_scope="TOP5") == ["PMD"]


@pytest.mark.parametrize("other", ["3.0 | 4.0", "3.0 ct=20 | 3.0 ct=25", "3.0 tlg=10 | 3.0 tlg=18"])
def test_PE_11_another_lesion_that_progresses_is_progression(other: str) -> None:
    (row,) = judged(TWO + f"L1 lung | 8.0 | 4.0\nL2 bone | {other}", "PERCIST")
    assert (row["overall_response"], row["clause"]) == ("PMD", "PE-11")


def test_PE_7_another_lesion_that_rises_without_progressing_prevents_the_response() -> None:
    assert overall(TWO + "L1 lung | 8.0 | 4.0\nL2 bone | 2.0 | 2.61", "PERCIST") == ["SMD"]
    assert overall(TWO + "L1 lung | 8.0 | 4.0\nL2 bone | 2.0 | 2.6", "PERCIST") == ["PMR"]


@pytest.mark.parametrize(("now", "expected"), [("0", "CMR"), ("2.0", "NON_CMR_NON_PMD"), ("3.0", "PMD"), ("NE", "NE")])
def test_PE_15_without_a_measurable_lesion_the_words_decide(now: str, expected: str) -> None:
    given = {"references": P_LIVER}
    assert overall(targets(("2.1", now)), "PERCIST", given) == [expected]
    qualitative = "NE" if expected != "PMD" else "PMD"
    assert overall(targets(("2.1", now)), "PERCIST", given, percist_nonmeasurable="NE") == [qualitative]


@pytest.mark.parametrize(
    ("target", "other", "new", "expected"),
    [
        ("0", "0", "", "CMR"),
        ("0", "2.5", "", "PMR"),
        ("4.0", "0", "", "PMR"),
        ("4.0", "3.0", "", "PMR"),
        ("8.0", "0", "", "SMD"),
        ("8.0", "3.0", "", "SMD"),
        ("11", "0", "", "PMD"),
        ("4.0", "4.1", "", "PMD"),
        ("0", "0", "\nN1 bone | - | 2", "PMD"),
        ("NE", "3.0", "", "NE"),
        ("NE", "4.1", "", "PMD"),
    ],
)
def test_PE_12_every_row_of_the_patient_table(target: str, other: str, new: str, expected: str) -> None:
    text = TWO + f"L1 lung | 8.0 | {target}\nL2 adrenal | 3.0 | {other}" + new
    assert overall(text, "PERCIST") == [expected]


def test_CH_1_progression_may_be_measured_from_the_smallest_value() -> None:
    text = "lesion | BL | d57 | d113\nL1 lung | 10 | 4 | 6"
    assert overall(text, "PERCIST") == ["PMR", "PMR"]
    assert overall(text, "PERCIST", pmd_reference="NADIR") == ["PMR", "PMD"]
    assert judged(text, "PERCIST")[1]["pct_from_nadir"] == pytest.approx(50)


def test_CH_3_CH_4_the_best_response_ends_with_the_first_progression() -> None:
    text = "lesion | BL | d57 | d113 | d169\nL1 lung | 10 | 6 | 14 | 0"
    assert overall(text, "PERCIST") == ["PMR", "PMD", "CMR"]
    found = best(text, "PERCIST")
    assert (found["best_response"], str(found["progression_date"])) == ("PMR", "2024-04-22")
    assert found["confirmed_best_response"] is None
    timed = times(text, "PERCIST")
    assert (timed["mPFS"]["days"], timed["mPFS"]["event"]) == (113, True)
    assert (timed["mDOR"]["days"], timed["mTTR"]["days"]) == (57, 57)


def test_CH_3_a_scan_that_failed_the_quality_checks_is_flagged_or_not_evaluable() -> None:
    bad = {"checks": [{"timepoint": 1, "scan_id": "S", "check_id": "Q-01", "result": "FAIL", "evaluator": "ALL"}]}
    (row,) = judged(targets(("10", "14")), "PERCIST", bad)
    assert (row["overall_response"], row["flags"]) == ("PMD", "NO_REFERENCE,QC_FAIL")
    (row,) = judged(targets(("10", "14")), "PERCIST", bad, qc_fail_action="NE")
    assert (row["overall_response"], row["clause"]) == ("NE", "CH-3")


def test_GEN_03_without_a_baseline_nothing_can_be_judged() -> None:
    (row,) = judged("lesion | BL | d64\nL1 lung | - | 8", "PERCIST")
    assert (row["overall_response"], row["clause"], row["flags"]) == ("NE", "GEN-03", "NO_BASELINE")


FIVE = [("12", "8"), ("9", "6"), ("7.5", "5"), ("5", "3.5"), ("4", "3")]


@pytest.mark.parametrize("criterion", ["imPERCIST5", "PERCIST5"])
def test_I1_IMP_2_IMP_5_the_sum_of_five_falls_by_a_third(criterion: str) -> None:
    (row,) = judged(targets(*FIVE), criterion)
    assert (row["overall_response"], row["target_sum"], row["baseline_sum"]) == ("PMR", 25.5, 37.5)
    assert row["pct_from_baseline"] == pytest.approx(-32)


@pytest.mark.parametrize("criterion", ["imPERCIST5", "PERCIST5"])
def test_I4_IMP_4_IMP_7_30_percent_up_is_progression_unless_exclusive(criterion: str) -> None:
    text = targets(("12", "16"), ("8", "10"))
    assert overall(text, criterion) == ["PMD"]
    assert overall(text, criterion, imp5_pmd_inclusive=False) == ["SMD"]
    small = targets(("2.0", "2.7"))
    assert overall(small, criterion) == ["PMD"]
    assert overall(small, criterion, imp5_require_abs=True) == ["SMD"]


def test_I5_IMP_6_IMP_8_IMP_11_a_new_lesion_prevents_the_complete_response() -> None:
    gone = targets(("14", "0"), ("12", "0"))
    assert overall(gone, "imPERCIST5") == overall(gone, "PERCIST5") == ["CMR"]
    new = gone + "\nN1 bone | - | 3.2"
    (row,) = judged(new, "imPERCIST5")
    assert (row["overall_response"], row["report"]) == ("PMR", "PMR -88, 9, new 1")
    (twin,) = judged(new, "PERCIST5")
    assert (twin["overall_response"], twin["clause"]) == ("PMD", "IMP-11")


def test_PE_5_IMP_1_IMP_3_the_follow_up_set_is_the_hottest_five_of_targets_and_new_lesions() -> None:
    text = targets(*FIVE, ("2", "6")) + "\nN1 node | - | 7\nN2 node | - | 1\nN3 node | - | 6.5"
    (row,) = judged(text, "imPERCIST5")
    assert row["lesions"] == "L0, L1, L2, N1, N3"
    assert judged(text, "imPERCIST5", imp5_followup="ANY_LESION_TOP5")[0]["lesions"] == "L0, L1, L5, N1, N3"
    (every,) = judged(text, "imPERCIST5", imp5_followup="BASELINE_TARGETS_PLUS_ALL_NEW")
    assert every["target_sum"] == pytest.approx(25.5 + 14.5)


def test_IMP_10_a_new_lesion_may_have_to_be_measurable() -> None:
    text = targets(("10", "9")) + "\nN1 bone | - | 2.3"
    given = {"references": P_LIVER}
    assert judged(text, "imPERCIST5", given)[0]["target_sum"] == pytest.approx(11.3)
    assert judged(text, "imPERCIST5", given, imp5_new_needs_measurable=True)[0]["target_sum"] == 9


def test_IMP_9_any_scan_is_judged_its_week_is_stated() -> None:
    assert judged(targets(*FIVE), "imPERCIST5")[0]["weeks"] == 9


def test_PM_7_an_early_category_stands_with_its_week() -> None:
    (row,) = judged("lesion | BL | d29\nL1 lung | 8 | 5.2", "PERCIST")
    assert (row["overall_response"], row["report"]) == ("PMR", "PMR -35, 4")
