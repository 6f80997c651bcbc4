"""iRECIST, section 5.3: opening, keeping and voiding an unconfirmed progression (IR-09 to IR-16)."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, table


def overall(evaluate: Evaluate, text: str, **options: str) -> list[str]:
    return evaluate.overall(table(text), "iRECIST", **options)


def test_IR_09_stable_disease_voids_and_the_next_progression_starts_anew_against_the_nadir(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113 | d169 | d225\nT01 liver | 100 | 125 | 90 | 108 | 113")
    responses = evaluate.timepoint_responses(rows, "iRECIST")
    assert [r["overall_response"] for r in responses] == ["iUPD", "iSD", "iUPD", "iCPD"]
    assert evaluate.best_response(responses, "iRECIST")["progression_date"] == day(169)


def test_IR_09_the_nadir_is_not_re_baselined(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57 | d113 | d169 | d225\nT01 liver | 100 | 50 | 60 | 55 | 60"
    assert overall(evaluate, text) == ["iPR", "iUPD", "iPR", "iUPD"]


def test_IR_10_shrinkage_that_is_still_progression_keeps_the_first_date(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113 | d169\nT01 liver | 100 | 130 | 125 | 120")
    responses = evaluate.timepoint_responses(rows, "iRECIST")
    best = evaluate.best_response(responses, "iRECIST")
    assert [r["overall_response"] for r in responses] == ["iUPD", "iUPD", "iUPD"]
    assert (best["best_response"], best["progression_date"]) == ("iUPD", day(57))


def test_IR_11_not_evaluable_between_does_not_end_the_episode(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113 | d169\nT01 liver | 100 | 125 | NE | 130")
    responses = evaluate.timepoint_responses(rows, "iRECIST")
    assert [r["overall_response"] for r in responses] == ["iUPD", "NE", "iCPD"]
    assert evaluate.best_response(responses, "iRECIST")["progression_date"] == day(57)


def test_GEN_09_an_assessment_not_done_does_not_end_the_episode(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57 | d113 | d169\nT01 liver | 100 | 125 | ND | 130"
    assert overall(evaluate, text) == ["iUPD", "NE", "iCPD"]


SCENARIO_B = """
    lesion     | BL  | d57 | d113
    T01 liver  | 100 | 100 | 65
    NEW01 lung | -   | 12  | 12
"""
SCENARIO_F = """
    lesion     | BL  | d57 | d113 | d169
    T01 liver  | 100 | 65  | 65   | 65
    NEW01 lung | -   | -   | 12   | 12
"""


def test_IR_12_scenario_B_a_better_target_category_relieves_a_static_new_lesion(evaluate: Evaluate) -> None:
    assert overall(evaluate, SCENARIO_B) == ["iUPD", "iPR"]


def test_IR_12_scenario_F_an_unchanged_target_category_does_not(evaluate: Evaluate) -> None:
    assert overall(evaluate, SCENARIO_F) == ["iPR", "iUPD", "iUPD"]


@pytest.mark.parametrize(
    ("rule", "expected"), [("tl_ntl_only", ["iPR", "iUPD", "iPR"]), ("resolution", ["iPR", "iUPD", "iUPD"])]
)
def test_IR_12_the_rule_for_persisting_new_lesions_is_an_option(
    evaluate: Evaluate, rule: str, expected: list[str]
) -> None:
    assert overall(evaluate, SCENARIO_F, nl_persist_rule=rule) == expected


def test_IR_12_resolution_does_not_relieve_while_a_new_lesion_is_visible(evaluate: Evaluate) -> None:
    assert overall(evaluate, SCENARIO_B, nl_persist_rule="resolution") == ["iUPD", "iUPD"]


def test_IR_12_without_targets_the_non_target_category_is_compared(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL | d57 | d113 | d169
        NT01 bone  | +  | +   | +    | +
        NEW01 lung | -  | 12  | 12   | 0
    """
    assert overall(evaluate, text) == ["iUPD", "iUPD", "NON-iCR/NON-iUPD"]


def test_IR_13_a_visible_new_lesion_allows_no_complete_response(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL  | d57 | d113 | d169
        T01 liver  | 100 | 100 | 0    | 0
        NEW01 lung | -   | 12  | 12   | 0
    """
    assert overall(evaluate, text) == ["iUPD", "iPR", "iCR"]


def test_IR_13_a_new_node_below_10_mm_is_gone(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL  | d57 | d113
        T01 liver  | 100 | 100 | 0
        NEW01 node | -   | 16  | 9.9
    """
    assert overall(evaluate, text) == ["iUPD", "iCR"]


@pytest.mark.parametrize(("size", "expected"), [("17", "iUPD"), ("16.9", "iPR"), ("12", "iPR")])
def test_IR_14_a_known_measured_new_lesion_opens_again_at_20_percent_and_5_mm(
    evaluate: Evaluate, size: str, expected: str
) -> None:
    text = f"""
        lesion     | BL  | d57 | d113 | d169
        T01 liver  | 100 | 100 | 65   | 65
        NEW01 lung | -   | 12  | 12   | {size}
    """
    assert overall(evaluate, text) == ["iUPD", "iPR", expected]


@pytest.mark.parametrize(("cell", "expected"), [("!!", "iUPD"), ("++", "iPR"), ("+", "iPR")])
def test_IR_14_another_known_new_lesion_opens_again_by_unequivocal_growth_only(
    evaluate: Evaluate, cell: str, expected: str
) -> None:
    text = f"""
        lesion     | BL  | d57 | d113 | d169
        T01 liver  | 100 | 100 | 65   | 65
        NEW01 lung | -   | +   | +    | {cell}
    """
    assert overall(evaluate, text) == ["iUPD", "iPR", expected]


def test_IR_14_a_further_new_lesion_opens_again(evaluate: Evaluate) -> None:
    text = """
        lesion      | BL  | d57 | d113 | d169
        T01 liver   | 100 | 100 | 65   | 65
        NEW01 lung  | -   | 12  | 12   | 12
        NEW02 brain | -   | -   | -    | 4
    """
    assert overall(evaluate, text) == ["iUPD", "iPR", "iUPD"]


@pytest.mark.parametrize(
    ("first", "again", "expected"), [("12", "5", "iUPD"), ("12", "4.9", "iPR"), ("+", "+", "iUPD"), ("6", "2", "iUPD")]
)
def test_IR_12_a_new_lesion_that_vanished_and_returns(
    evaluate: Evaluate, first: str, again: str, expected: str
) -> None:
    text = f"""
        lesion     | BL  | d57     | d113 | d169
        T01 liver  | 100 | 100     | 65   | 65
        NEW01 lung | -   | {first} | 0    | {again}
    """
    assert overall(evaluate, text) == ["iUPD", "iPR", expected]


def test_IR_12_a_returned_new_lesion_that_stays_unchanged_opens_only_once(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL  | d57 | d113 | d169 | d225 | d281
        T01 liver  | 100 | 100 | 65   | 65   | 0    | 0
        NEW01 lung | -   | +   | 0    | +    | +    | +
    """
    assert overall(evaluate, text) == ["iUPD", "iPR", "iUPD", "iPR", "iPR"]


def test_5_3_an_otherwise_complete_response_with_new_lesions_not_evaluable_keeps_the_episode_open(
    evaluate: Evaluate,
) -> None:
    text = """
        lesion     | BL  | d57 | d113 | d169
        T01 liver  | 100 | 125 | 0    | 0
        NEW01 lung | -   | -   | NE   | 8
    """
    assert overall(evaluate, text) == ["iUPD", "NE", "iCPD"]


def test_GEN_09_an_assessment_not_done_is_NE_while_a_new_lesion_holds_the_episode_open(evaluate: Evaluate) -> None:
    text = """
        lesion     | BL  | d57 | d113 | d169
        T01 liver  | 100 | 100 | ND   | 100
        NEW01 lung | -   | 12  | ND   | 12
    """
    assert overall(evaluate, text) == ["iUPD", "NE", "iUPD"]


def test_IR_13_without_targets_a_visible_new_lesion_leaves_neither_complete_nor_partial_response(
    evaluate: Evaluate,
) -> None:
    text = """
        lesion     | BL | d57 | d113 | d169
        NT01 bone  | +  | +   | 0    | 0
        NEW01 lung | -  | 12  | 12   | 0
    """
    assert overall(evaluate, text) == ["iUPD", "NON-iCR/NON-iUPD", "iCR"]


@pytest.mark.parametrize(("other", "expected"), [("29", "iCPD"), ("28.9", "iUPD")])
def test_IR_15_a_missing_new_lesion_leaves_the_partial_sum_to_confirm(
    evaluate: Evaluate, other: str, expected: str
) -> None:
    text = f"""
        lesion     | BL  | d57 | d113
        T01 liver  | 100 | 100 | 100
        NEW01 lung | -   | 12  | NE
        NEW02 skin | -   | 12  | {other}
    """
    assert overall(evaluate, text) == ["iUPD", expected]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [("9 | 9 | 9", "iUPD"), ("9 | 9 | 9.1", "iCPD"), ("9 | 9 | 12", "iCPD"), ("12 | 12 | 12.1", "iUPD")],
)
def test_IR_16_a_new_lesion_keeps_its_class_when_it_becomes_measurable(
    evaluate: Evaluate, sizes: str, expected: str
) -> None:
    text = f"""
        lesion     | BL  | d57 | d113 | d169
        T01 liver  | 100 | 100 | 100  | 100
        NEW01 lung | -   | {sizes}
    """
    assert overall(evaluate, text) == ["iUPD", "iUPD", expected]


def test_DT_03_an_equivocal_lesion_dates_the_episode_back(evaluate: Evaluate) -> None:
    rows = table("""
        lesion     | BL  | d57 | d113 | d169
        T01 liver  | 100 | 100 | 100  | 100
        NEW01 lung | -   | ?   | +    | ++
    """)
    responses = evaluate.timepoint_responses(rows, "iRECIST")
    assert [r["overall_response"] for r in responses] == ["iUPD", "iUPD", "iCPD"]
    assert evaluate.best_response(responses, "iRECIST")["progression_date"] == day(57)
