"""iRECIST, sections 5.1 and 5.2: the ways to iCPD and their window (C-T to C-X, IR-01 to IR-06)."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, table


def overall(evaluate: Evaluate, text: str, **options: str) -> list[str]:
    return evaluate.overall(table(text), "iRECIST", **options)


def test_IR_01_before_any_progression_the_responses_are_those_of_RECIST(evaluate: Evaluate) -> None:
    text = """
        lesion    | BL  | d57 | d113 | d169 | d225
        T01 liver | 100 | 90  | 70   | NE   | 0
        NT01 bone | +   | +   | +    | +    | 0
    """
    assert overall(evaluate, text) == ["iSD", "iPR", "NE", "iCR"]


def test_IR_01_non_target_only(evaluate: Evaluate) -> None:
    assert overall(evaluate, "lesion | BL | d57 | d113\nNT01 bone | + | + | 0") == ["NON-iCR/NON-iUPD", "iCR"]


@pytest.mark.parametrize(
    "progressing",
    ["T01 liver | 100 | 120", "T01 liver | 100 | 100\nNT01 bone | + | !!", "T01 liver | 100 | 100\nNEW01 lung | - | 4"],
    ids=["target", "non-target", "new lesion"],
)
def test_IR_02_the_first_progression_is_unconfirmed(evaluate: Evaluate, progressing: str) -> None:
    assert overall(evaluate, f"lesion | BL | d57\n{progressing}") == ["iUPD"]


@pytest.mark.parametrize(("second", "expected"), [("130", "iCPD"), ("129.9", "iUPD"), ("125", "iUPD"), ("120", "iUPD")])
def test_C_T_the_target_sum_rises_by_5_mm_more(evaluate: Evaluate, second: str, expected: str) -> None:
    assert overall(evaluate, f"lesion | BL | d57 | d85\nT01 liver | 100 | 125 | {second}") == ["iUPD", expected]


def test_C_T_increments_are_additive(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57 | d113 | d169\nT01 liver | 100 | 125 | 129 | 131"
    assert overall(evaluate, text) == ["iUPD", "iUPD", "iCPD"]


@pytest.mark.parametrize(
    ("second", "expected"), [("++", "iCPD"), ("!!^", "iCPD"), ("!!", "iUPD"), ("+", "iSD"), ("NE", "iSD")]
)
def test_C_NT_any_further_growth_of_a_progressing_non_target(evaluate: Evaluate, second: str, expected: str) -> None:
    text = f"lesion | BL | d57 | d113\nT01 liver | 100 | 100 | 100\nNT01 bone | + | !! | {second}"
    assert overall(evaluate, text) == ["iUPD", expected]


@pytest.mark.parametrize(("second", "expected"), [("17", "iCPD"), ("16.9", "iUPD"), ("12", "iUPD"), ("0", "iSD")])
def test_C_NLT_measured_new_lesions_grow_by_5_mm(evaluate: Evaluate, second: str, expected: str) -> None:
    text = f"lesion | BL | d57 | d113\nT01 liver | 100 | 100 | 100\nNEW01 lung | - | 12 | {second}"
    assert overall(evaluate, text) == ["iUPD", expected]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("6", "6.1", "iCPD"),
        ("6", "6", "iUPD"),
        ("+", "++", "iCPD"),
        ("+", "+^", "iCPD"),
        ("+", "+", "iUPD"),
        ("+", "0", "iSD"),
    ],
)
def test_C_NLNT_any_growth_of_the_other_new_lesions(evaluate: Evaluate, first: str, second: str, expected: str) -> None:
    text = f"lesion | BL | d57 | d113\nT01 liver | 100 | 100 | 100\nNEW01 lung | - | {first} | {second}"
    assert overall(evaluate, text) == ["iUPD", expected]


def test_C_NLN_another_new_lesion(evaluate: Evaluate) -> None:
    text = """
        lesion      | BL  | d57 | d113
        T01 liver   | 100 | 100 | 60
        NEW01 lung  | -   | 12  | 12
        NEW02 brain | -   | -   | 4
    """
    assert overall(evaluate, text) == ["iUPD", "iCPD"]


@pytest.mark.parametrize(
    "text",
    [
        """
        lesion    | BL  | d57 | d113
        T01 liver | 100 | 125 | 125
        NT01 bone | +   | +   | !!
        """,
        """
        lesion    | BL  | d57 | d113
        T01 liver | 100 | 100 | 120
        NT01 bone | +   | !!  | !!
        """,
        """
        lesion     | BL  | d57 | d113
        T01 liver  | 100 | 100 | 120
        NEW01 lung | -   | 12  | 12
        """,
        """
        lesion     | BL  | d57 | d113
        T01 liver  | 100 | 125 | 70
        NEW01 lung | -   | -   | 4
        """,
    ],
    ids=["non-target after target", "target after non-target", "target after new lesion", "new lesion after target"],
)
def test_C_X_progression_in_another_category(evaluate: Evaluate, text: str) -> None:
    assert overall(evaluate, text) == ["iUPD", "iCPD"]


def test_C_X_needs_the_size_rules_of_RECIST(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL  | d57 | d113
        T01 liver  | 100 | 100 | 119
        NEW01 lung | -   | 12  | 12
    """
    assert overall(evaluate, text) == ["iUPD", "iUPD"]


def test_IR_03_new_lesions_are_never_added_to_the_target_sum(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 100 | 100\nNEW01 lung | - | 40")
    assert evaluate.timepoint_responses(rows, "iRECIST")[0]["target_sum"] == pytest.approx(100)


@pytest.mark.parametrize(
    ("growing", "expected"),
    [(("20.1", "15", "12"), "iUPD"), (("20", "15.1", "12"), "iUPD"), (("20", "15", "12.1"), "iCPD")],
)
def test_IR_03_only_the_two_largest_of_an_organ_are_measured(
    evaluate: Evaluate, growing: tuple[str, str, str], expected: str
) -> None:
    text = f"""
        lesion      | BL  | d57 | d113
        T01 lung    | 100 | 100 | 100
        NEW01 liver | -   | 12  | {growing[2]}
        NEW02 liver | -   | 15  | {growing[1]}
        NEW03 liver | -   | 20  | {growing[0]}
    """
    assert overall(evaluate, text) == ["iUPD", expected]


@pytest.mark.parametrize(("short_axis", "expected"), [("15 | 15.1", "iUPD"), ("14.9 | 15", "iCPD")])
def test_IR_03_a_new_node_is_measured_from_15_mm(evaluate: Evaluate, short_axis: str, expected: str) -> None:
    text = f"lesion | BL | d57 | d113\nT01 lung | 100 | 100 | 100\nNEW01 node | - | {short_axis}"
    assert overall(evaluate, text) == ["iUPD", expected]


@pytest.mark.parametrize(
    ("on", "expected", "flag"),
    [
        (82, "iUPD", "EARLY_SCAN"),
        (83, "iCPD", None),
        (85, "iCPD", None),
        (113, "iCPD", None),
        (114, "iCPD", "LATE_CONFIRM"),
    ],
)
def test_IR_04_the_window_is_28_to_56_days_with_2_days_of_tolerance(
    evaluate: Evaluate, on: int, expected: str, flag: str | None
) -> None:
    rows = table(f"lesion | BL | d57 | d{on}\nT01 liver | 100 | 125 | 140")
    response = evaluate.timepoint_responses(rows, "iRECIST")[1]
    assert response["overall_response"] == expected
    flags = set((response["flags"] or "").split(",")) & {"EARLY_SCAN", "LATE_CONFIRM"}
    assert flags == ({flag} if flag else set())


def test_IR_05_an_early_scan_is_disregarded_for_nadir_and_response(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57 | d70 | d113\nT01 liver | 100 | 125 | 60 | 80"
    assert overall(evaluate, text) == ["iUPD", "iUPD", "iSD"]


def test_IR_05_a_new_lesion_of_an_early_scan_confirms_at_the_next_valid_one(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL  | d57 | d70 | d113
        T01 liver  | 100 | 125 | 125 | 125
        NEW01 lung | -   | -   | 12  | 12
    """
    assert overall(evaluate, text) == ["iUPD", "iUPD", "iCPD"]


def test_IR_06_after_a_look_inside_the_window_any_later_one_confirms_without_flag(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113 | d225\nT01 liver | 100 | 125 | 126 | 131")
    responses = evaluate.timepoint_responses(rows, "iRECIST")
    assert [r["overall_response"] for r in responses] == ["iUPD", "iUPD", "iCPD"]
    assert "LATE_CONFIRM" not in (responses[2]["flags"] or "")


def test_after_confirmed_progression_nothing_is_evaluated(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113 | d169\nT01 liver | 100 | 125 | 130 | 20")
    responses = evaluate.timepoint_responses(rows, "iRECIST")
    best = evaluate.best_response(responses, "iRECIST")
    assert [r["overall_response"] for r in responses] == ["iUPD", "iCPD", "NA"]
    assert (best["best_response"], best["progression_date"]) == ("iCPD", day(57))


def test_IR_09_a_late_first_look_without_confirmation_voids_the_progression_like_any_other(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL | d57  | d113 | d141
        T01 lung   | 20 | 19   | NE   | 18
        NEW01 node | -  | 24.5 | 0    | 7.3
    """
    assert overall(evaluate, text) == ["iUPD", "NE", "iSD"]
