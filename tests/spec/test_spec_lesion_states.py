"""Every state of a lesion under every criterion (sections 0.4, 2.2, 2.4): what it adds and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from criteria.registry import CRITERIA, criterion
from tests.spec.evaluate import Evaluate
from tests.spec.table import day, say, table

BY_PRODUCT = ("WHO", "mWHO", "irRC")
ADDED = ("irRC", "irRECIST", "imRECIST")
PROGRESSION = {"iRECIST": "iUPD", "itRECIST": "itUPD", "irRC": "irPD", "irRECIST": "irPD"}
IR, IRE = {"CR": "irCR", "PR": "irPR", "SD": "irSD"}, {"NE": "irNE"}
CODES = {"irRC": IR, "irRECIST": IR | IRE, "iRECIST": {"CR": "iCR", "PR": "iPR", "SD": "iSD"}}
EVERY = pytest.mark.parametrize("name", CRITERIA)


def printed(name: str, category: str) -> str:
    return PROGRESSION.get(name, "PD") if category == "PD" else CODES.get(name, {}).get(category, category)


def one(evaluate: Evaluate, text: str, name: str, **options: Any) -> dict[str, Any]:
    return evaluate.timepoint_responses(table(text), name, **options)[-1]


TARGET_STATES = [
    ("measured", "20x10", 200, 20, "SD"),
    ("too small, with a size", "ts3", 25, 3, "SD"),
    ("too small, without a size", "ts", 25, 5, "SD"),
    ("absent", "0", 0, 0, "SD"),
    ("measured as 0 mm", "0x0", 0, 0, "SD"),
    ("merged into the other target", ">T01", 0, 0, "SD"),
    ("split", "s20x10", 200, 20, "SD"),
    ("not evaluable", "NE", None, None, "NE"),
    ("not done", "ND", None, None, "NE"),
    ("no record", "-", None, None, "NE"),
    ("present, no size", "+", None, None, "NE"),
]


@EVERY
@pytest.mark.parametrize(
    ("state", "cell", "area", "diameter", "overall"), TARGET_STATES, ids=[s[0] for s in TARGET_STATES]
)
def test_a_target(
    evaluate: Evaluate, name: str, state: str, cell: str, area: int | None, diameter: int | None, overall: str
) -> None:
    found = one(evaluate, f"lesion | BL | d57\nT01 liver | 60x60 | 60x60\nT02 lung | 20x10 | {cell}", name)
    size = area if name in BY_PRODUCT else diameter
    assert found["overall_response"] == printed(name, overall)
    whole = 3600 if name in BY_PRODUCT else 60
    assert found["target_sum"] == pytest.approx(whole + (size or 0))


@EVERY
@pytest.mark.parametrize(("cell", "overall"), [("0", "CR"), ("ts", "PR"), (">T01", "PR"), ("NE", "NE"), ("s6x5", "PR")])
def test_everything_else_has_gone(evaluate: Evaluate, name: str, cell: str, overall: str) -> None:
    found = one(evaluate, f"lesion | BL | d57\nT01 liver | 40x40 | 0\nT02 lung | 20x10 | {cell}", name)
    assert found["overall_response"] == printed(name, overall)


@EVERY
@pytest.mark.parametrize(("cell", "normal"), [("12x9.9", True), ("12x10", False)])
def test_a_target_node(evaluate: Evaluate, name: str, cell: str, normal: bool) -> None:
    found = one(evaluate, f"lesion | BL | d57\nT01 node | 30x20 | {cell}", name)
    assert found["overall_response"] == printed(name, "CR" if normal and name not in BY_PRODUCT else "PR")


NON_TARGET_STATES = [
    ("absent", "0", "CR", "CR"),
    ("present", "+", "PR", "PR"),
    ("larger, not unequivocally", "++", "PR", "PR"),
    ("measured", "30x20", "PR", "PR"),
    ("too small", "ts", "PR", "PR"),
    ("merged", ">T01", "PR", "PR"),
    ("not evaluable", "NE", "PR", "PR"),
    ("not done", "ND", "PR", "PR"),
    ("no record", "-", "PR", "PR"),
    ("unequivocal progression", "!!", "PD", "PR"),
]


@EVERY
@pytest.mark.parametrize(
    ("state", "cell", "overall", "outside"), NON_TARGET_STATES, ids=[s[0] for s in NON_TARGET_STATES]
)
def test_a_non_target_when_the_targets_have_gone(
    evaluate: Evaluate, name: str, state: str, cell: str, overall: str, outside: str
) -> None:
    found = one(evaluate, f"lesion | BL | d57\nT01 liver | 40x40 | 0\nNT01 bone | + | {cell}", name)
    alone = name in ("irRC", "imRECIST")
    assert found["overall_response"] == printed(name, outside if alone else overall)


NEW_STATES = [
    ("measured", "12x10", "Y"),
    ("smaller than measurable", "4x4", "Y"),
    ("unequivocal without a size", "!", "Y"),
    ("present", "+", "Y"),
    ("too small to measure", "ts", "Y"),
    ("equivocal", "?", "EQUIVOCAL"),
    ("equivocal with a size", "?12x10", "EQUIVOCAL"),
    ("absent", "0", "N"),
    ("not evaluable", "NE", "NE"),
    ("no record", "-", "N"),
]


@EVERY
@pytest.mark.parametrize(("state", "cell", "category"), NEW_STATES, ids=[s[0] for s in NEW_STATES])
def test_a_new_lesion(evaluate: Evaluate, name: str, state: str, cell: str, category: str) -> None:
    found = one(evaluate, f"lesion | BL | d57\nT01 liver | 40x40 | 40x40\nNEW01 lung | - | {cell}", name)
    assert found["new_lesion"] == category
    progresses = category == "Y" and name not in ADDED
    if state == "measured" and name in ("irRECIST", "imRECIST"):
        progresses = True
    assert found["overall_response"] == printed(name, "PD" if progresses else "SD")


@EVERY
@pytest.mark.parametrize(("backdate", "on"), [(True, 57), (False, 113)])
def test_R11_NL_02_an_equivocal_new_lesion_is_dated_back(name: str, backdate: bool, on: int) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 40x40 | 40x40 | 40x40\nNEW01 lung | - | ?30x30 | 30x30")
    given = Evaluate("engine").timepoint_responses(rows, name, equivocal_backdate=backdate)
    shown = [r["progression_date"] for r in given if r["overall_response"] == printed(name, "PD")]
    assert shown[0] == day(on)


@EVERY
@pytest.mark.parametrize(("cell", "is_new"), [("12x9", False), ("14x10", True)])
def test_a_new_node_below_10_mm_is_none(evaluate: Evaluate, name: str, cell: str, is_new: bool) -> None:
    found = one(evaluate, f"lesion | BL | d57\nT01 liver | 40x40 | 40x40\nNEW01 node | - | {cell}", name)
    assert found["new_lesion"] == ("Y" if is_new or name in BY_PRODUCT else "N")


@EVERY
def test_a_lesion_that_merged_and_one_that_split(evaluate: Evaluate, name: str) -> None:
    rows = table("""
        lesion    | BL    | d57   | d113      | d169
        T01 liver | 20x20 | 35x20 | 35x20     | 0
        T02 liver | 20x20 | >T01  | >T01      | >T01
        T03 lung  | 20x20 | 20x20 | 10x10     | 0
        T04 lung  | -     | -     | s8x5<T03  | 0
    """)
    given = evaluate.timepoint_responses(rows, name)
    expected = [1100, 840, 0] if name in BY_PRODUCT else [55, 53, 0]
    assert [r["target_sum"] for r in given] == pytest.approx(expected)
    assert given[-1]["overall_response"] != printed(name, "CR"), "a merged lesion has not gone"


TREATED = """
    lesion    | BL    | d57   | d113  | d169
    T01 liver | 20x20 | 20x20 | 20x20 | 28x28
    T02 lung  | 30x30 | 30x30 | 20x20 | 5x5
"""


@EVERY
@pytest.mark.parametrize(
    ("option", "kind", "sums"),
    [
        ("ne", "SURGERY", [50, 20, 28]),
        ("absent_zero", "SURGERY", [50, 20, 28]),
        ("absent_zero", "RADIOTHERAPY", [50, 20, 28]),
        ("drop_and_rebaseline", "EMBOLISATION", [50, 20, 28]),
    ],
)
def test_R11_FU_06_a_target_treated_locally(
    evaluate: Evaluate, name: str, option: str, kind: str, sums: list[int]
) -> None:
    rows = say(table(TREATED), "T02", since=2, local_therapy=kind)
    given = evaluate.timepoint_responses(rows, name, local_therapy_target=option)
    squares = [1300, 400, 784] if name in BY_PRODUCT else sums
    assert [r["target_sum"] for r in given] == pytest.approx(squares)
    overall = [r["overall_response"] for r in given][1:]
    whole, left = (1300, 400) if name in BY_PRODUCT else (50, 20)
    if option == "ne" or kind == "RADIOTHERAPY":
        second, third = "NE", "PD" if name == "WHO" else "NE"
        references = [(whole, whole), (whole, whole)]
    elif option == "absent_zero":
        second, third = "PR", "PD"
        references = [(whole, whole), (whole, left)]
    else:
        second, third = "SD", "PD"
        references = [(left, left), (left, left)]
    assert overall == [printed(name, second), printed(name, third)]
    assert [(r["baseline_sum"], r["nadir_sum"]) for r in given[1:]] == references


def test_R11_FU_06_the_mark_need_not_be_repeated_and_counts_for_targets_only(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 30 | 20 | 20\nT02 lung | 30 | 20 | 20\nNT01 bone | + | + | 0")
    rows = say(say(rows, "T02", since=1, until=1, local_therapy="SURGERY"), "NT01", since=1, local_therapy="SURGERY")
    given = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [r["target_response"] for r in given] == ["NE", "NE"]
    assert [r["nontarget_response"] for r in given] == ["NON-CR/NON-PD", "CR"]


def test_R11_FU_06_the_last_target_that_leaves_leaves_no_targets(evaluate: Evaluate) -> None:
    rows = say(
        table("lesion | BL | d57\nT01 liver | 30 | 30\nNT01 bone | + | +"), "T01", since=1, local_therapy="OTHER"
    )
    found = evaluate.timepoint_responses(rows, "RECIST 1.1", local_therapy_target="drop_and_rebaseline")[0]
    assert (found["target_response"], found["overall_response"]) == ("NA", "NON-CR/NON-PD")


def test_R11_FU_06_an_unconfirmed_progression_is_followed_in_the_lesions_that_are_left(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 30 | 40 | 46\nT02 lung | 30 | 40 | 10")
    rows = say(rows, "T02", since=2, local_therapy="SURGERY")
    assert evaluate.overall(rows, "iRECIST", local_therapy_target="drop_and_rebaseline") == ["iUPD", "iCPD"]
    assert evaluate.overall(rows, "iRECIST") == ["iUPD", "NE"]


def test_R11_FU_06_the_nadir_before_a_progression_loses_the_lesion_too(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113 | d169\nT01 liver | 30 | 20 | 40 | 27\nT02 lung | 30 | 30 | 30 | 30")
    rows = say(rows, "T02", since=3, local_therapy="SURGERY")
    given = evaluate.timepoint_responses(rows, "irRECIST", local_therapy_target="drop_and_rebaseline")
    assert [r["overall_response"] for r in given] == ["irSD", "irPD", "irPD"]
    assert (given[2]["baseline_sum"], given[2]["nadir_sum"]) == (30, 20)


PET = [
    ("PET at baseline: new on the PET", "PET", "PET", "PET", ["PD", "PD"], 57),
    ("no PET at baseline, PET only", "CT SCAN", "PET/CT SCAN", "PET/CT SCAN", ["SD", "SD"], None),
    ("no PET at baseline, confirmed by CT: dated at the PET", "CT SCAN", "PET", "CT SCAN", ["PD", "PD"], 57),
    ("by CT from the start", "CT SCAN", "CT SCAN", "PET", ["PD", "PD"], 57),
]


@pytest.mark.parametrize(("rule", "baseline", "first", "second", "expected", "on"), PET, ids=[p[0] for p in PET])
@pytest.mark.parametrize("backdate", [True, False])
def test_R11_NL_04_a_new_lesion_on_PET(
    rule: str, baseline: str, first: str, second: str, expected: list[str], on: int | None, backdate: bool
) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 40 | 40 | 40\nNEW01 lung | - | 12 | 12")
    rows = say(rows, "T01", until=0, method=baseline)
    rows = say(say(rows, "NEW01", since=1, until=1, method=first), "NEW01", since=2, method=second)
    if backdate:
        assert Evaluate("oracle").overall(rows, "RECIST 1.1") == expected, rule
    given = Evaluate("engine").timepoint_responses(rows, "RECIST 1.1", equivocal_backdate=backdate)
    assert [r["overall_response"] for r in given] == expected, rule
    assert given[0]["progression_date"] == (None if on is None else day(on))
    if "dated at the PET" in rule:
        assert (given[0]["clause"], "PET_CONFIRMED" in given[0]["flags"]) == ("R11-NL-04", True)
    if on is None:
        assert given[0]["new_lesion"] == "EQUIVOCAL"


@pytest.mark.parametrize("name", BY_PRODUCT)
def test_R11_NL_04_is_a_rule_of_RECIST(evaluate: Evaluate, name: str) -> None:
    assert not criterion(name).pet_needs_anatomy
    rows = table("lesion | BL | d57\nT01 liver | 20x20 | 20x20\nNEW01 lung | - | 12x10")
    assert evaluate.timepoint_responses(say(rows, "NEW01", method="PET"), name)[0]["new_lesion"] == "Y"
