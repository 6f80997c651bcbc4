"""RECIST 1.1, section 2.4: new lesions (R11-NL-01 to R11-NL-06) and the date they give (DT-02, DT-03)."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, table


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("4", "Y"),
        ("+", "Y"),
        ("ts", "Y"),
        ("++", "Y"),
        ("!", "Y"),
        ("!!", "Y"),
        ("?", "EQUIVOCAL"),
        ("?12", "EQUIVOCAL"),
        ("0", "N"),
        ("0mm", "N"),
        ("-", "N"),
        ("NE", "NE"),
    ],
)
def test_new_lesion_category(evaluate: Evaluate, cell: str, expected: str) -> None:
    rows = table(f"""
        lesion     | BL | d57
        T01 liver  | 30 | 30
        NEW01 lung | -  | {cell}
    """)
    response = evaluate.timepoint_responses(rows, "RECIST 1.1")[0]
    assert response["new_lesion"] == expected
    assert response["overall_response"] == ("PD" if expected == "Y" else "SD")


def test_R11_NL_02_an_equivocal_lesion_counts_from_its_first_scan_when_it_becomes_unequivocal(
    evaluate: Evaluate,
) -> None:
    rows = table("""
        lesion     | BL | d57 | d113 | d169
        T01 liver  | 30 | 30  | 30   | 30
        NEW01 lung | -  | -   | ?    | 8
    """)
    responses = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [r["overall_response"] for r in responses] == ["SD", "PD", "PD"]
    assert responses[1]["progression_date"] == day(113)
    assert evaluate.best_response(responses, "RECIST 1.1")["progression_date"] == day(113)


def test_R11_NL_02_an_equivocal_lesion_that_goes_away_is_no_progression(evaluate: Evaluate) -> None:
    rows = table("""
        lesion     | BL | d57 | d113 | d169
        T01 liver  | 30 | 0   | 0    | 0
        NEW01 lung | -  | ?   | ?    | 0
    """)
    assert evaluate.overall(rows, "RECIST 1.1") == ["CR", "CR", "CR"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("10 | 10", ["Y", "Y"]),
        ("9.9 | 9.9", ["N", "N"]),
        ("9 | 11", ["N", "EQUIVOCAL"]),
        ("8 | 13", ["N", "Y"]),
        ("8 | 12.9", ["N", "EQUIVOCAL"]),
        ("0 | 10", ["N", "Y"]),
        ("+ | 12", ["Y", "Y"]),
        ("ts | 9.9", ["N", "N"]),
        ("ts | 10", ["N", "Y"]),
        ("?12 | 14", ["EQUIVOCAL", "EQUIVOCAL"]),
        ("?12 | 17", ["Y", "Y"]),
        ("8 | 11 | 13", ["N", "Y", "Y"]),
        ("8 | 11 | 12", ["N", "EQUIVOCAL", "EQUIVOCAL"]),
    ],
)
def test_R11_NL_03_a_new_node_reaches_10_mm_and_5_mm_over_its_smallest_visible_size(
    evaluate: Evaluate, cells: str, expected: list[str]
) -> None:
    days = ["d57", "d113", "d169"][: len(expected)]
    rows = table(f"""
        lesion     | BL | {" | ".join(days)}
        T01 liver  | 30 | {" | ".join("30" for _ in days)}
        NEW01 node | -  | {cells}
    """)
    assert [r["new_lesion"] for r in evaluate.timepoint_responses(rows, "RECIST 1.1")] == expected


@pytest.mark.parametrize(
    ("target", "nontarget", "expected"),
    [("0", "0", "NE"), ("0", "+", "PR"), ("20", "0", "PR"), ("30", "0", "SD")],
)
def test_R11_NL_05_new_lesions_not_evaluable_turn_only_a_complete_response_into_not_evaluable(
    evaluate: Evaluate, target: str, nontarget: str, expected: str
) -> None:
    rows = table(f"""
        lesion     | BL | d57
        T01 liver  | 30 | {target}
        NT01 bone  | +  | {nontarget}
        NEW01 lung | -  | NE
    """)
    assert evaluate.overall(rows, "RECIST 1.1") == [expected]


def test_DT_02_progression_is_dated_by_the_earliest_scan_that_showed_it(evaluate: Evaluate) -> None:
    rows = table("""
        lesion     | BL | d57
        T01 liver  | 30 | 40
        T02 lung   | 30 | 40@-1
        NT01 bone  | +  | !!@-2
        NEW01 lung | -  | 8@-3
    """)
    response = evaluate.timepoint_responses(rows, "RECIST 1.1")[0]
    assert response["assessment_date"] == day(57)
    assert response["progression_date"] == day(54)


def test_DT_02_progression_by_the_sum_is_dated_on_the_last_target_scan(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57
        T01 liver | 30 | 40@-5
        T02 lung  | 30 | 40@-2
        NT01 bone | +  | +
    """)
    assert evaluate.timepoint_responses(rows, "RECIST 1.1")[0]["progression_date"] == day(55)
