"""WHO, mWHO, irRC, irRECIST and itRECIST: their rules and worked examples (sections 1, 3, 4 and 7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, responses, table

WHO_E1 = """
    lesion    | BL    | d57   | d85   | d169
    T01 liver | 30x20 | 20x15 | 18x15 | 24x20
    T02 lung  | 20x20 | 15x10 | 14x10 | 14x10
"""
WHO_E2 = """
    lesion    | BL    | d57
    T01 skin  | 10x10 | 12x11
    T02 liver | 40x30 | 44x25
"""
IRC_E1 = """
    lesion      | BL    | d85   | d113  | d141
    T01 liver   | 20x20 | 14x20 | 10x16 | 10x15
    T02 lung    | 30x20 | 21x20 | 22x10 | 20x10
    NEW01 liver | -     | 10x10 | 8x8   | 7x7
"""
IRC_E3 = """
    lesion    | BL    | d85   | d113
    T01 liver | 20x20 | 25x20 | 26x20
    T02 lung  | 30x20 | 40x20 | 40x20
"""
IRR_E1 = "lesion | BL | d57 | d85\nT01 liver | 20 | 24.5 | 24.7"
IRR_E3 = """
    lesion      | BL | d57 | d85 | d113
    T01 liver   | 35 | 25  | 18  | 17
    T02 lung    | 25 | 15  | 12  | 11
    NEW01 liver | -  | 15  | 10  | 9
"""
IT_E1 = """
    lesion    | BL | d57 | d113
    T01 skin  | 30 | 15  | 8
    T02 skin  | 20 | 18  | 17
    T03 liver | 25 | 26  | 18
    T04 lung  | 15 | 16  | 12
"""

EXAMPLES: dict[str, tuple[str, str, dict[str, Any], list[str] | None, str, int | None]] = {
    "WHO-E1": (WHO_E1, "WHO", {}, ["PR", "PR", "PD"], "PR", 169),
    "WHO-E2 any lesion": (WHO_E2, "WHO", {}, ["PD"], "PD", 57),
    "WHO-E2 sum of products": (WHO_E2, "mWHO", {}, ["SD"], "SD", None),
    "IRC-E1": (IRC_E1, "irRC", {}, ["irSD", "irPR", "irPR"], "irPR", None),
    "IRC-E1 under mWHO": (IRC_E1, "mWHO", {}, None, "PD", 85),
    "IRC-E3": (IRC_E3, "irRC", {}, ["irPD", "irPD"], "irPD", 85),
    "IRR-E1 nishino2013": (
        IRR_E1,
        "irRECIST",
        {"irrecist_variant": "nishino2013"},
        ["irPD", "irPD"],
        "irPD",
        57,
    ),
    "IRR-E1 bohnsack2014": (IRR_E1, "irRECIST", {}, ["irSD", "irSD"], "irSD", None),
    "IRR-E3": (IRR_E3, "irRECIST", {}, ["irSD", "irPR", "irPR"], "irPR", None),
    "IRR-E3 under RECIST": (IRR_E3, "RECIST 1.1", {}, None, "PD", 57),
    "IT-E1": (IT_E1, "itRECIST", {}, ["SD", "PR"], "PR", None),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(evaluate: Evaluate, name: str) -> None:
    text, criterion, options, expected, best, progression = EXAMPLES[name]
    given = evaluate.timepoint_responses(table(text), criterion, **options)
    found = evaluate.best_response(given, criterion, **options)
    if expected is not None:
        assert [r["overall_response"] for r in given] == expected
    assert found["best_response"] == best
    assert found["progression_date"] == (None if progression is None else day(progression))


def test_WHO_01_the_size_is_the_sum_of_products(evaluate: Evaluate) -> None:
    given = evaluate.timepoint_responses(table(WHO_E1), "WHO")
    assert given[0]["baseline_sum"] == pytest.approx(1000)
    assert [r["target_sum"] for r in given] == pytest.approx([450, 410, 620])


@pytest.mark.parametrize(
    ("products", "expected"),
    [("20x10 | 10x10", "PR"), ("20x10 | 10.1x10", "SD"), ("20x10 | 25x10", "PD"), ("20x10 | 24.9x10", "SD")],
)
@pytest.mark.parametrize("criterion", ["WHO", "mWHO"])
def test_WHO_04_and_05_thresholds(evaluate: Evaluate, products: str, expected: str, criterion: str) -> None:
    assert evaluate.overall(table(f"lesion | BL | d57\nT01 liver | {products}"), criterion) == [expected]


@pytest.mark.parametrize("criterion", ["WHO", "mWHO"])
def test_WHO_08_any_reappearance_after_zero_is_progression(evaluate: Evaluate, criterion: str) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 20x10 | 0 | 2x1\nNT01 bone | + | + | +")
    assert evaluate.overall(rows, criterion) == ["PR", "PD"]


@pytest.mark.parametrize("criterion", ["WHO", "mWHO"])
@pytest.mark.parametrize(
    ("target", "nontarget", "new", "expected"),
    [
        ("0", "0", "-", "CR"),
        ("0", "+", "-", "PR"),
        ("0", "NE", "-", "PR"),
        ("10x10", "+", "-", "PR"),
        ("20x10", "0", "-", "SD"),
        ("NE", "+", "-", "NE"),
        ("20x10", "!!", "-", "PD"),
        ("10x10", "+", "5x5", "PD"),
    ],
)
def test_WHO_overall_response(
    evaluate: Evaluate, criterion: str, target: str, nontarget: str, new: str, expected: str
) -> None:
    rows = table(f"""
        lesion     | BL    | d57
        T01 liver  | 20x10 | {target}
        NT01 bone  | +     | {nontarget}
        NEW01 lung | -     | {new}
    """)
    assert evaluate.overall(rows, criterion) == [expected]


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("PR d57, PR d85", "PR"),
        ("PR d57, PR d84", "SD"),
        ("PR d57, SD d113", "SD"),
        ("SD d28", "NE"),
        ("SD d29", "SD"),
        ("PD d57", "PD"),
    ],
)
def test_WHO_07_responses_are_confirmed_and_no_change_lasts_28_days(
    evaluate: Evaluate, course: str, expected: str
) -> None:
    assert evaluate.best_response(responses(course), "WHO")["best_response"] == expected


@pytest.mark.parametrize(
    ("rule", "index", "other", "new", "expected"),
    [
        ("everything gone", "0", "0", "0", "irCR"),
        ("non-index left", "0", "+", "0", "irPR"),
        ("non-index progressing", "0", "!!", "0", "irPR"),
        ("non-index not evaluable", "0", "NE", "0", "irPR"),
        ("non-measurable new lesion", "0", "0", "4x4", "irPR"),
        ("half of the burden, non-index progressing", "20x10", "!!", "0", "irPR"),
        ("little change, non-index progressing", "20x20", "!!", "4x4", "irSD"),
        ("a quarter more by a new lesion", "20x20", "+", "10x10", "irPD"),
        ("a little less than a quarter more", "20x20", "+", "9.9x10", "irSD"),
        ("not all assessed", "NE", "+", "0", "NE"),
    ],
)
def test_irRC_overall_response(evaluate: Evaluate, rule: str, index: str, other: str, new: str, expected: str) -> None:
    rows = table(f"""
        lesion     | BL    | d57
        T01 liver  | 20x20 | {index}
        NT01 bone  | +     | {other}
        NEW01 lung | -     | {new}
    """)
    assert evaluate.overall(rows, "irRC") == [expected], rule


@pytest.mark.parametrize(("new", "total"), [("5x5", 425), ("5x4.9", 400), ("+", 400)])
def test_IRC_03_new_lesions_are_measurable_from_5_x_5_mm(evaluate: Evaluate, new: str, total: float) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 20x20 | 20x20\nNEW01 lung | - | {new}")
    assert evaluate.timepoint_responses(rows, "irRC")[0]["target_sum"] == pytest.approx(total)


SECOND_LOOK = [
    ("IRC-08 confirmed", "irPD d57, irPD d85", "irPD", 57),
    ("IRC-09 27 days are too few", "irPD d57, irPD d84, irSD d113", "irSD", None),
    ("IRC-10 annulled", "irPD d57, irSD d113", "irSD", None),
    ("IRC-10 no later assessment", "irSD d57, irPD d113", "irSD", 113),
    ("a response after an annulled irPD", "irPD d57, irPR d85, irPR d113", "irPR", None),
    ("no response after a confirmed irPD", "irPD d57, irPD d85, irPR d113, irPR d141", "irPD", 57),
]


@pytest.mark.parametrize(("rule", "course", "best", "progression"), SECOND_LOOK, ids=[s[0] for s in SECOND_LOOK])
@pytest.mark.parametrize("criterion", ["irRC", "irRECIST"])
def test_second_look(
    evaluate: Evaluate, rule: str, course: str, best: str, progression: int | None, criterion: str
) -> None:
    found = evaluate.best_response(responses(course), criterion)
    assert (found["best_response"], found["progression_date"]) == (
        best,
        None if progression is None else day(progression),
    ), rule


def test_irRC_an_unconfirmed_response_is_stable_disease(evaluate: Evaluate) -> None:
    assert evaluate.best_response(responses("irPR d57, irSD d113"), "irRC")["best_response"] == "irSD"


@pytest.mark.parametrize(
    ("rule", "target", "nontarget", "new", "bohnsack", "nishino"),
    [
        ("everything gone", "0", "0", "0", "irCR", "irCR"),
        ("non-target left", "0", "+", "0", "irPR", "irPR"),
        ("non-measurable new lesion", "0", "0", "6", "irPR", "irPR"),
        ("non-target progressing", "40", "!!", "0", "irPD", "irPR"),
        ("non-measurable new lesion much worse", "60", "+", "!!", "irPD", "irSD"),
        ("measurable new lesion in the sum", "60", "+", "11.9", "irSD", "irSD"),
        ("20 % more by a new lesion", "60", "+", "12", "irPD", "irPD"),
        ("not evaluable", "NE", "+", "0", "irNE", "irNE"),
    ],
)
@pytest.mark.parametrize("variant", ["bohnsack2014", "nishino2013"])
def test_irRECIST_overall_response(
    evaluate: Evaluate, rule: str, target: str, nontarget: str, new: str, bohnsack: str, nishino: str, variant: str
) -> None:
    rows = table(f"""
        lesion     | BL | d57
        T01 liver  | 60 | {target}
        NT01 bone  | +  | {nontarget}
        NEW01 lung | -  | {new}
    """)
    expected = bohnsack if variant == "bohnsack2014" else nishino
    assert evaluate.overall(rows, "irRECIST", irrecist_variant=variant) == [expected], rule


@pytest.mark.parametrize(("nontarget", "expected"), [("0", "irCR"), ("+", "irNN"), ("NE", "irNE"), ("!!", "irPD")])
def test_irRECIST_non_target_only(evaluate: Evaluate, nontarget: str, expected: str) -> None:
    assert evaluate.overall(table(f"lesion | BL | d57\nNT01 bone | + | {nontarget}"), "irRECIST") == [expected]


def test_itRECIST_unconfirmed_and_confirmed_progression(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113 | d169\nT01 liver | 100 | 125 | 100 | 100\nNEW01 lung | - | - | - | 12")
    assert evaluate.overall(rows, "itRECIST") == ["itUPD", "SD", "itUPD"]
    grown = table("lesion | BL | d57 | d113\nT01 liver | 100 | 125 | 130")
    assert evaluate.overall(grown, "itRECIST") == ["itUPD", "itCPD"]


@pytest.mark.parametrize(("on", "late"), [(141, False), (142, True)])
def test_itRECIST_the_window_closes_after_84_days(evaluate: Evaluate, on: int, late: bool) -> None:
    rows = table(f"lesion | BL | d57 | d{on}\nT01 liver | 100 | 125 | 130")
    response = evaluate.timepoint_responses(rows, "itRECIST")[1]
    assert ("LATE_CONFIRM" in (response["flags"] or "")) is late
