"""imRECIST, section 6: new lesions in the sum, and progression that a later assessment can negate (IM-01 to IM-07)."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, responses, table


def overall(evaluate: Evaluate, text: str) -> list[str]:
    return evaluate.overall(table(text), "imRECIST")


def test_IM_02_a_measurable_new_lesion_joins_the_sum(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 80 | 78\nNEW01 lung | - | 12")
    response = evaluate.timepoint_responses(rows, "imRECIST")[0]
    assert response["target_sum"] == pytest.approx(90)
    assert response["baseline_sum"] == pytest.approx(80)
    assert response["overall_response"] == "SD"


@pytest.mark.parametrize("cell", ["9.9", "+", "!", "ts", "?12"])
def test_IM_02_a_new_lesion_that_is_not_measurable_stays_outside(evaluate: Evaluate, cell: str) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 80 | 80\nNEW01 lung | - | {cell}")
    response = evaluate.timepoint_responses(rows, "imRECIST")[0]
    assert response["target_sum"] == pytest.approx(80)
    assert response["overall_response"] == "SD"


@pytest.mark.parametrize(("short_axis", "total"), [("14.9", 80), ("15", 95)])
def test_IM_02_a_new_node_joins_from_15_mm_short_axis(evaluate: Evaluate, short_axis: str, total: float) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 80 | 80\nNEW01 node | - | {short_axis}")
    assert evaluate.timepoint_responses(rows, "imRECIST")[0]["target_sum"] == pytest.approx(total)


def test_IM_02_a_lesion_joins_when_it_becomes_measurable_and_then_stays(evaluate: Evaluate) -> None:
    rows = table("""
        lesion     | BL | d57 | d113 | d169 | d225
        T01 liver  | 80 | 80  | 80   | 80   | 80
        NEW01 lung | -  | 6   | 12   | ts   | 0
    """)
    sums = [r["target_sum"] for r in evaluate.timepoint_responses(rows, "imRECIST")]
    assert sums == pytest.approx([80, 92, 85, 80])


def test_IM_02_two_new_lesions_of_an_organ_and_five_in_total(evaluate: Evaluate) -> None:
    rows = table("""
        lesion       | BL  | d57
        T01 pelvis   | 400 | 400
        NEW01 liver  | -   | 11
        NEW02 liver  | -   | 13
        NEW03 liver  | -   | 12
        NEW04 lung   | -   | 14
        NEW05 lung   | -   | 15
        NEW06 skin   | -   | 10
        NEW07 brain  | -   | 16
    """)
    response = evaluate.timepoint_responses(rows, "imRECIST")[0]
    assert response["target_sum"] == pytest.approx(400 + 16 + 15 + 14 + 13 + 12)


def test_IM_02_a_slot_is_not_freed_by_a_lesion_that_vanished(evaluate: Evaluate) -> None:
    rows = table("""
        lesion      | BL  | d57 | d113
        T01 pelvis  | 100 | 100 | 100
        NEW01 liver | -   | 11  | 0
        NEW02 liver | -   | 12  | 0
        NEW03 liver | -   | -   | 14
    """)
    assert evaluate.timepoint_responses(rows, "imRECIST")[1]["target_sum"] == pytest.approx(100)


def test_IM_03_non_target_progression_is_not_progression(evaluate: Evaluate) -> None:
    assert overall(evaluate, "lesion | BL | d57\nT01 liver | 80 | 80\nNT01 bone | + | !!") == ["SD"]


@pytest.mark.parametrize(
    ("target", "new", "expected"),
    [("80", "16", "PD"), ("80", "15.9", "SD"), ("45", "11", "PR"), ("46", "10.1", "SD"), ("95.9", "0", "SD")],
)
def test_IM_04_thresholds_on_the_total(evaluate: Evaluate, target: str, new: str, expected: str) -> None:
    assert overall(evaluate, f"lesion | BL | d57\nT01 liver | 80 | {target}\nNEW01 lung | - | {new}") == [expected]


def test_IM_04_the_increase_is_at_least_5_mm(evaluate: Evaluate) -> None:
    assert overall(evaluate, "lesion | BL | d57 | d113\nT01 liver | 20 | 24.9 | 25") == ["SD", "PD"]


def test_IM_04_the_nadir_holds_the_new_lesions_of_its_time_point(evaluate: Evaluate) -> None:
    rows = table("""
        lesion     | BL | d57 | d113
        T01 liver  | 80 | 40  | 48
        NEW01 lung | -  | 20  | 20
    """)
    responses = evaluate.timepoint_responses(rows, "imRECIST")
    assert responses[1]["nadir_sum"] == pytest.approx(60)
    assert [r["overall_response"] for r in responses] == ["SD", "SD"]


@pytest.mark.parametrize(
    ("rule", "target", "nontarget", "new", "expected"),
    [
        ("everything gone", "0", "0", "0", "CR"),
        ("a non-target is left", "0", "+", "0", "PR"),
        ("a non-target is not evaluable", "0", "NE", "0", "PR"),
        ("a non-target progresses", "0", "!!", "0", "PR"),
        ("a new lesion outside the sum is left", "0", "0", "6", "PR"),
        ("30 % less, whatever the rest", "56", "!!", "6", "PR"),
        ("less than 30 % less", "56.1", "0", "6", "SD"),
        ("a target is not evaluable", "NE", "0", "0", "NE"),
    ],
)
def test_overall_table(evaluate: Evaluate, rule: str, target: str, nontarget: str, new: str, expected: str) -> None:
    text = f"lesion | BL | d57\nT01 liver | 80 | {target}\nNT01 bone | + | {nontarget}\nNEW01 lung | - | {new}"
    assert overall(evaluate, text) == [expected], rule


def test_overall_table_a_new_lesion_of_the_sum_that_is_not_evaluable_makes_the_total_incomplete(
    evaluate: Evaluate,
) -> None:
    text = "lesion | BL | d57 | d113 | d169\nT01 liver | 80 | 60 | 50 | 90\nNEW01 lung | - | 12 | NE | NE"
    assert overall(evaluate, text) == ["SD", "NE", "PD"]


@pytest.mark.parametrize(
    ("nontarget", "new", "expected"),
    [
        ("0", "0", "CR"),
        ("+", "0", "NON-CR/NON-PD"),
        ("NE", "0", "NE"),
        ("!!", "0", "NON-CR/NON-PD"),
        ("0", "6", "NON-CR/NON-PD"),
        ("0", "12", "NON-CR/NON-PD"),
        ("!!", "12", "NON-CR/NON-PD"),
    ],
)
def test_overall_table_without_targets(evaluate: Evaluate, nontarget: str, new: str, expected: str) -> None:
    assert overall(evaluate, f"lesion | BL | d57\nNT01 bone | + | {nontarget}\nNEW01 lung | - | {new}") == [expected]


def test_without_targets_the_new_lesions_progress_against_their_own_nadir(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL | d57 | d113 | d169 | d225
        NT01 bone  | +  | +   | +    | +    | +
        NEW01 lung | -  | 20  | 12   | 16.9 | 17
    """
    assert overall(evaluate, text) == ["NON-CR/NON-PD", "NON-CR/NON-PD", "NON-CR/NON-PD", "PD"]


@pytest.mark.parametrize("cell", ["NE", "-"])
@pytest.mark.parametrize(("criterion", "expected"), [("imRECIST", "PR"), ("iRECIST", "iPR")])
def test_a_new_lesion_that_was_left_and_is_not_assessed_again_blocks_complete_response(
    evaluate: Evaluate, cell: str, criterion: str, expected: str
) -> None:
    rows = table(f"lesion | BL | d57 | d113\nT01 liver | 80 | 80 | 0\nNEW01 lung | - | 6 | {cell}")
    assert evaluate.overall(rows, criterion)[1] == expected


@pytest.mark.parametrize(
    ("rule", "course", "progression"),
    [
        ("IM-05 confirmed", "PD d57, PD d85", 57),
        ("IM-05 negated", "PD d57, SD d85", None),
        ("IM-05 negated by PR", "PD d57, PR d85", None),
        ("IM-05 negated, then the next", "PD d57, SD d85, PD d141, PD d197", 141),
        ("no later assessment", "SD d57, PD d113", 113),
        ("27 days later is too early to negate", "PD d57, SD d84", 57),
        ("27 days later is too early, the next negates", "PD d57, PD d84, SD d113", None),
        ("NE is skipped", "PD d57, NE d113, SD d169", None),
        ("NE is skipped, then confirmed", "PD d57, NE d113, PD d169", 57),
        ("only NE follows", "PD d57, NE d113", 57),
        ("no maximum", "PD d57, SD d281", None),
        ("NON-CR/NON-PD negates", "PD d57, NON-CR/NON-PD d113", None),
        ("no progression", "SD d57, PR d113", None),
    ],
)
def test_progression_that_counts(evaluate: Evaluate, rule: str, course: str, progression: int | None) -> None:
    found = evaluate.best_response(responses(course), "imRECIST")
    assert found["progression_date"] == (None if progression is None else day(progression)), rule


def test_new_therapy_before_the_next_assessment_leaves_the_progression_standing(evaluate: Evaluate) -> None:
    found = evaluate.best_response(responses("PD d57, SD d113"), "imRECIST", {"new_therapy_date": day(100)})
    assert found["progression_date"] == day(57)


@pytest.mark.parametrize(
    ("rule", "course", "best"),
    [
        ("IM-06 a response after a negated PD counts", "PD d57, SD d85, PR d169", "PR"),
        ("IM-06 nothing after a confirmed PD counts", "SD d57, PD d113, PD d169, PR d225", "SD"),
        ("IM-E4 between PD and its confirmation nothing counts", "PD d57, SD d78, PD d92", "PD"),
        ("a PD without later assessment", "PD d57", "PD"),
        ("a negated PD counts as nothing", "PD d57, NON-CR/NON-PD d113", "NON-CR/NON-PD"),
        ("stable disease needs 42 days", "SD d36, PD d64", "PD"),
    ],
)
def test_best_response(evaluate: Evaluate, rule: str, course: str, best: str) -> None:
    assert evaluate.best_response(responses(course), "imRECIST")["best_response"] == best, rule


IM_E1 = """
    lesion      | BL | d57 | d85 | d169
    T01 liver   | 50 | 50  | 38  | 30
    T02 lung    | 30 | 30  | 22  | 20
    NEW01 liver | -  | 20  | 15  | 5
"""
IM_E2 = """
    lesion      | BL | d57 | d113
    T01 liver   | 50 | 48  | 48
    T02 lung    | 30 | 30  | 30
    NEW01 liver | -  | 12  | 12
    NEW02 lung  | -  | -   | 11
"""
X_1 = """
    lesion      | BL    | d57   | d85   | d141
    T01 liver   | 50x10 | 50x10 | 32x10 | 31x10
    T02 lung    | 50x10 | 50x10 | 33x10 | 31x10
    NEW01 liver | -     | 12x10 | 12x10 | 0
"""


@pytest.mark.parametrize(
    ("text", "criterion", "expected", "best", "confirmed", "progression"),
    [
        (IM_E1, "imRECIST", ["PD", "SD", "PR"], "PR", "SD", None),
        (IM_E1, "RECIST 1.1", None, "PD", "PD", 57),
        (IM_E2, "imRECIST", ["SD", "PD"], "SD", "SD", 113),
        (IM_E2, "RECIST 1.1", None, "PD", "PD", 57),
        (IM_E2, "iRECIST", ["iUPD", "iCPD"], "iCPD", "iCPD", 57),
        (X_1, "RECIST 1.1", None, "PD", "PD", 57),
        (X_1, "iRECIST", ["iUPD", "iPR", "iPR"], "iPR", "iPR", None),
        (X_1, "imRECIST", ["SD", "SD", "PR"], "PR", "SD", None),
        (X_1, "irRECIST", ["irSD", "irSD", "irPR"], "irPR", "irSD", None),
    ],
    ids=[
        "IM-E1",
        "IM-E1 under RECIST",
        "IM-E2",
        "IM-E2 under RECIST",
        "IM-E2 under iRECIST",
        "X-1 under RECIST",
        "X-1 under iRECIST",
        "X-1 under imRECIST",
        "X-1 under irRECIST",
    ],
)
def test_examples(
    evaluate: Evaluate,
    text: str,
    criterion: str,
    expected: list[str] | None,
    best: str,
    confirmed: str,
    progression: int | None,
) -> None:
    given = evaluate.timepoint_responses(table(text), criterion)
    found = evaluate.best_response(given, criterion)
    if expected is not None:
        assert [r["overall_response"] for r in given] == expected
    assert (found["best_response"], found["confirmed_best_response"]) == (best, confirmed)
    assert found["progression_date"] == (None if progression is None else day(progression))


def test_X_1_with_a_larger_new_lesion_progresses_and_is_negated(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL  | d57 | d85 | d141
        T01 liver  | 100 | 100 | 65  | 62
        NEW01 lung | -   | 25  | 25  | 0
    """
    given = evaluate.timepoint_responses(table(text), "imRECIST")
    assert [r["overall_response"] for r in given] == ["PD", "SD", "PR"]
    assert evaluate.best_response(given, "imRECIST")["progression_date"] is None
