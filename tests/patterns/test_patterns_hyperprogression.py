"""Hyperprogression by every definition of section 10, at the thresholds and on either side of them."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest

from criteria.hyperprogression import DEFINITIONS, LATER_RESPONSE, hyperprogression
from criteria.kinetics import tumour_kinetics
from criteria.registry import criterion
from criteria.side_by_side import all_best_responses
from tests.patterns.study import Course, by_definition, course, ecog, present
from tests.spec.table import day

K_E1 = """
lesion   | pre60 | BL | d57
T01 lung | 50    | 60 | 90
"""
K_E2 = K_E1.replace("50 ", "40 ")
GROWTH = ("champiat2017", "ferrara2018", "kas2020", "saada_bouzid2017", "ferte_tgk", "kato2017", "kim2019")


def one(before: float | None, baseline: float, after: float, on: int = 57, gap: int = 60, **dates: int) -> Course:
    """One target of those sizes, ``gap`` days before the baseline, at it, and on a study day."""
    first = "-" if before is None else before
    return course(f"lesion | pre{gap} | BL | d{on}\nT01 lung | {first} | {baseline} | {after}", **dates)


def tgr(start: float, end: float, days: int) -> float:
    return 100 * (math.pow(end / start, 3 * 30.4375 / days) - 1)


def test_10_every_definition_is_reported_with_its_paper_and_clause() -> None:
    found = course(K_E1).hyperprogression()
    assert set(found) == {definition.key for definition in (*DEFINITIONS, LATER_RESPONSE)}
    assert set(GROWTH) | {"lo_russo2019", "matos2020", "unchanged_growth", "later_response"} == set(found)
    assert all(row["source"] and row["explanation"] for row in found.values())
    assert found["champiat2017"]["clause"] == "10 champiat2017"


def test_10_K_E1() -> None:
    found = course(K_E1, discontinuation=50).hyperprogression()
    expected = {"champiat2017": "Y", "ferrara2018": "Y", "kas2020": "N", "saada_bouzid2017": "Y", "matos2020": "Y"}
    expected |= {"kato2017": "N", "unchanged_growth": "N", "ferte_tgk": "Y"}
    assert {name: found[name]["present"] for name in expected} == expected
    assert found["champiat2017"]["value"] == pytest.approx(2.93, abs=5e-3)
    assert found["ferrara2018"]["value"] == pytest.approx(61.7, abs=5e-2)
    assert found["saada_bouzid2017"]["value"] == pytest.approx(3.21, abs=5e-3)
    assert found["kato2017"]["value"] == pytest.approx(2.68, abs=5e-3)
    assert found["matos2020"]["value"] == 50.0
    assert found["champiat2017"]["onset_date"] == day(57)


def test_10_K_E2_pseudo_hyperprogression() -> None:
    found = course(K_E2).hyperprogression()
    expected = {"champiat2017": "N", "ferrara2018": "N", "saada_bouzid2017": "N", "matos2020": "Y"}
    expected |= {"unchanged_growth": "Y"}
    assert {name: found[name]["present"] for name in expected} == expected
    assert found["unchanged_growth"]["pattern"] == "PSEUDO-HYPERPROGRESSION"
    assert found["unchanged_growth"]["value"] == pytest.approx(1.10, abs=5e-3)
    assert found["ferrara2018"]["value"] == pytest.approx(8.4, abs=5e-2)
    assert found["saada_bouzid2017"]["value"] == pytest.approx(1.61, abs=5e-3)


@pytest.mark.parametrize("after", [80.2, 80.4, 80.6, 80.8, 81.0, 81.2, 81.4, 81.6])
def test_10_champiat2017_progression_and_a_TGR_ratio_of_2(after: float) -> None:
    found = one(50, 60, after).hyperprogression()["champiat2017"]
    ratio = tgr(60, after, 56) / tgr(50, 60, 60)
    assert found["value"] == pytest.approx(ratio)
    assert found["present"] == ("Y" if ratio >= 2 else "N")


def test_10_champiat2017_thresholds_above_lie_on_both_sides_of_2() -> None:
    assert tgr(60, 80.2, 56) < 2 * tgr(50, 60, 60) < tgr(60, 81.6, 56)


def test_10_champiat2017_needs_progression_at_the_first_evaluation() -> None:
    slow = one(59.5, 60, 66)
    assert tgr(60, 66, 56) > 2 * tgr(59.5, 60, 60)
    assert slow.hyperprogression()["champiat2017"]["present"] == "N"
    later = course("lesion | pre60 | BL | d57 | d113\nT01 lung | 59.5 | 60 | 66 | 90").hyperprogression()
    assert later["champiat2017"]["present"] == "N"


@pytest.mark.parametrize(("key", "limit"), [("ferrara2018", 50), ("kas2020", 100)])
def test_10_ferrara2018_kas2020_the_TGR_rises_by_more_than_50_or_100(key: str, limit: int) -> None:
    sides = set()
    for tenth in range(750, 1200, 5):
        after = tenth / 10
        difference = tgr(60, after, 56) - tgr(50, 60, 60)
        if abs(difference - limit) < 5:
            found = one(50, 60, after).hyperprogression()[key]
            assert found["value"] == pytest.approx(difference)
            assert found["present"] == ("Y" if difference > limit else "N")
            sides.add(difference > limit)
    assert sides == {True, False}


@pytest.mark.parametrize(("after", "expected"), [(79.9, "N"), (80, "Y"), (80.1, "Y")])
@pytest.mark.parametrize("key", ["saada_bouzid2017", "ferte_tgk"])
def test_10_saada_bouzid2017_a_TGK_ratio_of_exactly_2_is_enough(key: str, after: float, expected: str) -> None:
    found = one(50, 60, after, on=61).hyperprogression()[key]
    assert found["present"] == expected


def test_10_saada_bouzid2017_ratio_of_tenths_does_not_flip_on_float_noise() -> None:
    assert (30.9 - 30.6) / 60 < 2 * (30.6 - 30.45) / 60
    small = one(30.45, 30.6, 30.9, on=61)
    assert small.hyperprogression(tgk_requires_pd=False)["saada_bouzid2017"]["present"] == "Y"


def test_10_tgk_requires_pd() -> None:
    small = one(59.5, 60, 66)
    assert small.hyperprogression()["saada_bouzid2017"]["present"] == "N"
    assert small.hyperprogression(tgk_requires_pd=False)["saada_bouzid2017"]["present"] == "Y"


@pytest.mark.parametrize(("after", "expected"), [(89.9, "N"), (90, "N"), (90.1, "Y")])
def test_10_kato2017_the_burden_rises_by_more_than_half(after: float, expected: str) -> None:
    found = one(55, 60, after, discontinuation=50).hyperprogression()
    assert found["kato2017"]["present"] == expected


@pytest.mark.parametrize(("after", "expected"), [(79.9, "N"), (80, "N"), (80.1, "Y")])
def test_10_kato2017_more_than_twice_the_pace(after: float, expected: str) -> None:
    found = one(40, 50, after, gap=50, on=61, discontinuation=50).hyperprogression()
    assert found["kato2017"]["value"] == pytest.approx((after / 50 - 1) / 60 / (0.25 / 50))
    assert found["kato2017"]["present"] == expected


def test_10_kato_pace_absolute_compares_mm_a_month() -> None:
    grown = one(40, 50, 80, gap=50, on=61, discontinuation=50)
    assert grown.hyperprogression()["kato2017"]["present"] == "N"
    absolute = grown.hyperprogression(kato_pace="absolute")["kato2017"]
    assert (absolute["present"], absolute["value"]) == ("Y", pytest.approx(2.5))


@pytest.mark.parametrize(("ended", "expected"), [(59, "Y"), (60, "Y"), (61, "N")])
@pytest.mark.parametrize("end", ["discontinuation", "death"])
def test_10_TTF_below_60_875_days(end: str, ended: int, expected: str) -> None:
    found = one(55, 60, 91, **{end: ended}).hyperprogression()
    assert {found["kato2017"]["present"], found["kim2019"]["present"]} == {expected}


def test_10_TTF_is_not_known_while_the_subject_was_followed_for_less_than_two_months() -> None:
    early = one(55, 60, 91, on=57)
    followed = Course(early.rows, {"last_alive_date": day(60)})
    assert followed.hyperprogression()["kato2017"]["present"] == "NOT_EVALUABLE"
    longer = Course(early.rows, {"last_alive_date": day(61)})
    assert longer.hyperprogression()["kato2017"]["present"] == "N"


LO_RUSSO = """
lesion      | BL | d57
T01 lung    | 60 | {after}
{new}
"""
IN_LUNG = "NEW01 lung | - | !\nNEW02 lung | - | !"
IN_LIVER = "NEW01 liver | - | !"


def lo_russo(after: float, new: str, status: Any = None, **how: Any) -> str:
    options = {name: how.pop(name) for name in ("lo_russo_requires_pd", "lo_russo_ecog") if name in how}
    text = LO_RUSSO.format(after=after, new=new)
    return course(text, **how).hyperprogression(status, **options)["lo_russo2019"]["present"]


@pytest.mark.parametrize(("after", "expected"), [(89.9, "N"), (90, "Y")])
def test_10_lo_russo2019_the_sum_rises_by_half(after: float, expected: str) -> None:
    assert lo_russo(after, IN_LIVER, ecog(d1=0, d30=0), discontinuation=40) == expected


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("NEW01 lung | - | !", "N"),
        (IN_LUNG, "Y"),
        ("NEW01 lung | - | !\nNEW02 lung | - | ?", "N"),
        ("NEW01 liver | - | !", "Y"),
        ("NEW01 node | - | !9.9", "N"),
        ("NEW01 node | - | !10", "Y"),
    ],
)
def test_10_lo_russo2019_new_lesions_in_an_involved_or_in_a_new_organ(new: str, expected: str) -> None:
    assert lo_russo(90, new, ecog(d1=0, d30=0), discontinuation=40) == expected


def test_10_lo_russo2019_three_of_five() -> None:
    well, ill = ecog(d1=0, d30=0), ecog(d1=0, d30=2)
    both = IN_LUNG + "\nNEW03 liver | - | !"
    assert lo_russo(90, both, well) == "Y"
    assert lo_russo(90, IN_LUNG, well) == "N"
    assert lo_russo(90, IN_LUNG, ill) == "Y"
    assert lo_russo(66, both, ill) == "Y"
    assert lo_russo(66, both, well) == "N"


def test_10_lo_russo2019_without_ECOG_it_is_decided_where_the_other_four_decide() -> None:
    assert lo_russo(90, IN_LUNG, discontinuation=40) == "Y"
    assert lo_russo(90, IN_LUNG) == "NOT_EVALUABLE"
    assert lo_russo(90, "") == "N"


@pytest.mark.parametrize(
    ("visits", "ps_ge2", "drop_ge2"),
    [
        ({"d1": 0, "d30": 1}, "N", "N"),
        ({"d1": 0, "d30": 2}, "Y", "Y"),
        ({"d1": 1, "d30": 2}, "Y", "N"),
        ({"d1": 2, "d30": 2}, "N", "N"),
        ({"d1": 1, "d61": 3}, "Y", "Y"),
        ({"d1": 1, "d62": 3}, "NOT_EVALUABLE", "NOT_EVALUABLE"),
        ({"d30": 3}, "NOT_EVALUABLE", "NOT_EVALUABLE"),
    ],
)
def test_10_lo_russo_ecog(visits: dict[str, int], ps_ge2: str, drop_ge2: str) -> None:
    status = ecog(**visits)
    assert lo_russo(90, IN_LUNG, status) == ps_ge2
    assert lo_russo(90, IN_LUNG, status, lo_russo_ecog="drop_ge2") == drop_ge2


def test_10_lo_russo_requires_pd() -> None:
    text = "lesion | BL | d57\nT01 lung | 5 | 7.5\nNT01 liver | + | +"
    small = course(text, discontinuation=40)
    assert small.responses["overall_response"].to_list() == ["SD"]
    ill = ecog(d1=0, d30=2)
    assert small.hyperprogression(ill)["lo_russo2019"]["present"] == "N"
    assert small.hyperprogression(ill, lo_russo_requires_pd=False)["lo_russo2019"]["present"] == "Y"


@pytest.mark.parametrize(("on", "expected"), [(56, "Y"), (57, "Y"), (58, "N")])
def test_10_matos2020_progression_within_56_days(on: int, expected: str) -> None:
    assert one(None, 60, 90, on=on).hyperprogression()["matos2020"]["present"] == expected


@pytest.mark.parametrize(
    ("baseline", "after", "expected"),
    [(20, 29.9, "N"), (20, 30, "Y"), (60, 83.9, "N"), (60, 84, "Y"), (60, 84.1, "Y")],
)
def test_10_matos2020_10_mm_and_40_percent(baseline: float, after: float, expected: str) -> None:
    assert one(None, baseline, after).hyperprogression()["matos2020"]["present"] == expected


@pytest.mark.parametrize(
    ("after", "new", "expected"),
    [
        (72, "NEW01 liver | - | !\nNEW02 bone | - | !", "Y"),
        (71.9, "NEW01 liver | - | !\nNEW02 bone | - | !", "N"),
        (72, "NEW01 liver | - | !\nNEW02 liver | - | !", "N"),
        (72, "", "N"),
    ],
)
def test_10_matos2020_20_percent_with_new_lesions_in_two_organs(after: float, new: str, expected: str) -> None:
    found = course(LO_RUSSO.format(after=after, new=new)).hyperprogression()
    assert found["matos2020"]["present"] == expected


def test_10_matos2020_progression_at_the_second_scan_within_eight_weeks() -> None:
    found = course("lesion | BL | d29 | d57\nT01 lung | 60 | 66 | 90").hyperprogression()["matos2020"]
    assert (found["present"], found["onset_date"]) == ("Y", day(57))


def test_10_kim2019_progression_a_doubled_rate_and_a_short_treatment() -> None:
    assert one(50, 60, 90, discontinuation=60).hyperprogression()["kim2019"]["present"] == "Y"
    assert one(50, 60, 90, discontinuation=61).hyperprogression()["kim2019"]["present"] == "N"
    assert one(40, 60, 90, discontinuation=60).hyperprogression()["kim2019"]["present"] == "N"
    by_tgk = one(50, 60, 80.5, on=61, discontinuation=60)
    assert tgr(60, 80.5, 60) < 2 * tgr(50, 60, 60)
    assert by_tgk.hyperprogression()["kim2019"]["present"] == "Y"


def test_10_no_scan_before_the_baseline_leaves_lo_russo_and_matos() -> None:
    found = present(one(None, 60, 90, discontinuation=40).hyperprogression(ecog(d1=0, d30=2)))
    assert {found[key] for key in (*GROWTH, "unchanged_growth")} == {"NOT_EVALUABLE"}
    assert (found["lo_russo2019"], found["matos2020"]) == ("Y", "Y")


def test_10_growth_definitions_are_not_evaluable_even_without_progression_when_data_are_missing() -> None:
    found = present(one(None, 60, 60).hyperprogression())
    assert {found[key] for key in GROWTH} == {"NOT_EVALUABLE"}
    assert found["matos2020"] == "N"


@pytest.mark.parametrize("before", [60, 70])
def test_10_negative_ref_policy(before: float) -> None:
    shrinking = one(before, 60, 90, discontinuation=40)
    found = present(shrinking.hyperprogression())
    ratios = {"champiat2017", "saada_bouzid2017", "ferte_tgk", "kim2019", "kato2017", "unchanged_growth"}
    assert {found[key] for key in ratios} == {"NOT_EVALUABLE"}
    assert (found["ferrara2018"], found["kas2020"]) == ("Y", "Y" if before == 70 else "N")
    policy = present(shrinking.hyperprogression(negative_ref_policy="accelerated_if_exp_positive"))
    assert {policy[key] for key in ratios - {"kato2017", "unchanged_growth"}} == {"Y"}
    assert (policy["unchanged_growth"], policy["kato2017"]) == ("N", "N")
    still = present(one(before, 60, 55).hyperprogression(negative_ref_policy="accelerated_if_exp_positive"))
    assert (still["champiat2017"], still["saada_bouzid2017"]) == ("N", "N")


def test_10_D_of_zero_leaves_the_TGR_definitions_not_evaluable() -> None:
    vanished = one(50, 60, 0).hyperprogression()
    assert {vanished[key]["present"] for key in ("champiat2017", "ferrara2018", "kas2020")} == {"NOT_EVALUABLE"}
    assert vanished["saada_bouzid2017"]["present"] == "N"
    floored = one(50, 60, 0).hyperprogression(tgr_floor_mm=1)
    assert floored["champiat2017"]["present"] == "N"


def test_10_targets_that_are_not_evaluable_at_the_first_scan() -> None:
    found = course(
        "lesion | pre60 | BL | d57\nT01 lung | 50 | 60 | NE\nNEW01 liver | - | - | !", discontinuation=40
    ).hyperprogression()
    assert {found[key]["present"] for key in (*GROWTH, "matos2020")} == {"NOT_EVALUABLE"}
    assert "on treatment: no target measured at both" in found["champiat2017"]["explanation"]


@pytest.mark.parametrize(("low", "high", "expected"), [(0.5, 2.0, "Y"), (1.2, 2.0, "N"), (0.5, 1.05, "N")])
def test_10_pseudo_hpd_ratio(low: float, high: float, expected: str) -> None:
    found = course(K_E2).hyperprogression(pseudo_hpd_ratio=(low, high))
    assert found["unchanged_growth"]["present"] == expected


def test_10_pseudo_hyperprogression_needs_a_burden_rule() -> None:
    found = one(50, 60, 72).hyperprogression(ecog(d1=0, d30=0))
    assert 0.5 < tgr(60, 72, 56) / tgr(50, 60, 60) < 2
    assert found["unchanged_growth"]["present"] == "N"


def test_10_pseudo_hyperprogression_needs_a_difference_of_50_at_most() -> None:
    before, after = tgr(36, 60, 60), tgr(60, 115, 56)
    assert after / before < 2 and after - before > 50
    assert one(36, 60, 115).hyperprogression()["unchanged_growth"]["present"] == "N"


def test_10_pseudo_hyperprogression_as_hyperprogression_with_a_later_response() -> None:
    text = "lesion | pre60 | BL | d57 | d113\nT01 lung | 50 | 60 | 90 | {later}"
    responds = course(text.format(later=30)).hyperprogression()["later_response"]
    assert (responds["present"], responds["onset_date"], responds["resolution_date"]) == ("Y", day(57), day(113))
    assert course(text.format(later=90)).hyperprogression()["later_response"]["present"] == "N"


def test_10_a_subject_without_any_assessment_is_not_evaluable() -> None:
    assessed = course(K_E1)
    subjects = pl.concat([assessed.subjects, assessed.subjects.with_columns(subject_id=pl.lit("2"))])
    best = all_best_responses(assessed.responses, subjects, [criterion("RECIST 1.1")])
    kinetics = tumour_kinetics(assessed.measurements, subjects)
    found = hyperprogression(assessed.measurements, kinetics, assessed.responses, best, subjects)
    missing = by_definition(found.filter(pl.col("subject_id") == "2"))
    assert set(present(missing).values()) == {"NOT_EVALUABLE"}
    assert present(by_definition(found.filter(pl.col("subject_id") == "1"))) == present(assessed.hyperprogression())


@pytest.mark.parametrize("immune", ["iRECIST", "itRECIST"])
def test_10_the_first_progression_of_the_RECIST_family_is_the_same(immune: str) -> None:
    found = course(K_E1, (immune,)).hyperprogression()
    assert present(found) == present(course(K_E1).hyperprogression())
    assert {row["criterion"] for row in found.values()} == {immune}
