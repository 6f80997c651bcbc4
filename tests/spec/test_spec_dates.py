"""Section 11.1: the scans that date responses and progressions (DT-01 to DT-05), and the options that change them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, table

ENGINE = Evaluate("engine")
PD_DATE_RULES = ("by_trigger", "earliest_scan_in_tp", "last_scan_in_tp")


def only(text: str, criterion: str = "RECIST 1.1", **options: Any) -> dict[str, Any]:
    """The response of the only assessment after the baseline."""
    [response] = ENGINE.timepoint_responses(table(text), criterion, **options)
    return response


@pytest.mark.parametrize(("option", "expected"), [("last_scan", 57), ("first_scan", 53)])
def test_DT_01_a_response_is_dated_on_the_last_scan_of_its_time_point_or_on_the_first(
    option: str, expected: int
) -> None:
    found = only("lesion | BL | d57\nT01 liver | 30 | 20@-4\nNT01 bone | + | +", tp_response_date=option)
    assert (found["overall_response"], found["assessment_date"]) == ("PR", day(expected))
    assert found["study_day"] == expected


SCANS = {
    "new lesion": ("T01 liver | 30 | 30@-2\nNT01 bone | + | +\nNEW01 lung | - | 12@-4", (53, 53, 57)),
    "non-target": ("T01 liver | 30 | 30@-2\nNT01 bone | + | !!@-1\nNT02 lung | + | +", (56, 55, 57)),
    "sum of targets": ("T01 liver | 30 | 45@-6\nT02 lung | 20 | 20@-3\nNT01 bone | + | +", (54, 51, 57)),
    "sum, earlier new lesion": ("T01 liver | 30 | 45\nNEW01 lung | - | 12@-5", (52, 52, 57)),
    "sum, later new lesion": ("T01 liver | 30 | 45@-5\nNEW01 lung | - | 12", (52, 52, 57)),
}


@pytest.mark.parametrize("trigger", SCANS)
@pytest.mark.parametrize("criterion", ["RECIST 1.1", "iRECIST"])
def test_DT_02_a_progression_is_dated_on_the_scan_that_showed_it_or_by_its_option(trigger: str, criterion: str) -> None:
    lesions, days = SCANS[trigger]
    for rule, expected in zip(PD_DATE_RULES, days, strict=True):
        found = only(f"lesion | BL | d57\n{lesions}", criterion, pd_date_rule=rule)
        assert found["overall_response"] in ("PD", "iUPD")
        assert found["progression_date"] == day(expected), rule


@pytest.mark.parametrize("rule", PD_DATE_RULES)
def test_DT_02_a_response_has_no_date_of_progression_under_any_rule(rule: str) -> None:
    assert only("lesion | BL | d57\nT01 liver | 30 | 20@-4", pd_date_rule=rule)["progression_date"] is None


def test_DT_03_a_new_lesion_found_equivocal_first_is_dated_on_that_scan() -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 30 | 30 | 30\nNEW01 lung | - | ?8@-3 | !12")
    found = ENGINE.timepoint_responses(rows, "RECIST 1.1")
    assert [r["progression_date"] for r in found] == [day(54), day(113)]
    best = ENGINE.best_response(found, "RECIST 1.1")
    assert best["progression_date"] == day(54)
    late = ENGINE.timepoint_responses(rows, "RECIST 1.1", equivocal_backdate=False)
    assert [r["progression_date"] for r in late] == [None, day(113)]


@pytest.mark.parametrize("rule", PD_DATE_RULES)
def test_DT_04_with_confirmation_the_first_unconfirmed_progression_is_dated(rule: str) -> None:
    rows = table("lesion | BL | d57 | d92\nT01 liver | 50 | 65@-3 | 70\nNT01 bone | + | + | +")
    found = ENGINE.timepoint_responses(rows, "iRECIST", pd_date_rule=rule)
    assert [r["overall_response"] for r in found] == ["iUPD", "iCPD"]
    expected = day(57) if rule == "last_scan_in_tp" else day(54)
    assert [r["progression_date"] for r in found] == [expected, expected]
    assert ENGINE.best_response(found, "iRECIST", pd_date_rule=rule)["progression_date"] == expected


@pytest.mark.parametrize("option", ["last_scan", "first_scan"])
def test_DT_05_a_confirmed_response_is_dated_on_the_first_of_the_pair(option: str) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 50 | 30@-3 | 30\nNT01 bone | + | + | +")
    found = ENGINE.timepoint_responses(rows, "RECIST 1.1", tp_response_date=option)
    best = ENGINE.best_response(found, "RECIST 1.1")
    first = day(57) if option == "last_scan" else day(54)
    assert (best["confirmed_best_response"], best["confirmed_date"]) == ("PR", first)
    assert best["confirmed_first_response_date"] == first


def test_DT_01_windows_count_from_the_date_that_the_option_chooses() -> None:
    """The second look lies 28 days after the last scan, but 25 after the first scan of its own time point."""
    rows = table("lesion | BL | d57 | d85\nT01 liver | 50 | 30 | 30@-3\nNT01 bone | + | + | +")
    for option, confirmed in (("last_scan", "PR"), ("first_scan", "SD")):
        found = ENGINE.timepoint_responses(rows, "RECIST 1.1", tp_response_date=option)
        assert ENGINE.best_response(found, "RECIST 1.1")["confirmed_best_response"] == confirmed
