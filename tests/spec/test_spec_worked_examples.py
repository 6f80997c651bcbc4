"""The worked examples of sections 1, 3, 4 and 8 with the outcomes beside them; others stand with their sections."""

from __future__ import annotations

import pytest

from criteria.registry import CRITERIA, criterion
from tests.spec.evaluate import Evaluate
from tests.spec.table import day, table
from tests.spec.test_spec_imrecist import X_1

WHO_E1 = """
    lesion    | BL    | d57   | d85   | d169
    T01 liver | 30x20 | 20x15 | 18x15 | 24x20
    T02 lung  | 20x20 | 15x10 | 14x10 | 14x10
"""
WHO_E2 = "lesion | BL | d57\nT01 liver | 10x10 | 12x11\nT02 lung | 40x30 | 44x25"
IRC_E1 = """
    lesion      | BL    | d85   | d113  | d141
    T01 liver   | 20x20 | 14x20 | 10x16 | 10x15
    T02 lung    | 30x20 | 21x20 | 22x10 | 20x10
    NEW01 liver | -     | 10x10 | 8x8   | 7x7
"""
IRC_E3 = "lesion | BL | d85 | d113\nT01 liver | 20x20 | 25x20 | 26x20\nT02 lung | 30x20 | 40x20 | 40x20"
IRR_E1 = "lesion | BL | d57 | d85\nT01 liver | 20 | 24.5 | 24.7"
IRR_E3 = """
    lesion      | BL | d57 | d85 | d113
    T01 liver   | 35 | 25  | 18  | 17
    T02 lung    | 25 | 15  | 12  | 11
    NEW01 liver | -  | 15  | 10  | 9
"""
NISHINO = {"irrecist_variant": "nishino2013"}

EXAMPLES = [
    ("WHO-E1", WHO_E1, "WHO", {}, [450, 410, 620], ["PR", "PR", "PD"], "PR", 169),
    ("WHO-E1", WHO_E1, "mWHO", {}, [450, 410, 620], ["PR", "PR", "PD"], "PR", 169),
    ("WHO-E2", WHO_E2, "WHO", {}, [1232], ["PD"], "PD", 57),
    ("WHO-E2", WHO_E2, "mWHO", {}, [1232], ["SD"], "SD", None),
    ("IRC-E1", IRC_E1, "irRC", {}, [800, 444, 399], ["irSD", "irPR", "irPR"], "irPR", None),
    ("IRC-E1", IRC_E1, "WHO", {}, [700, 380, 350], ["PD", "PD", "PD"], "PD", 85),
    ("IRC-E1", IRC_E1, "mWHO", {}, [700, 380, 350], ["PD", "PD", "PD"], "PD", 85),
    ("IRC-E3", IRC_E3, "irRC", {}, [1300, 1320], ["irPD", "irPD"], "irPD", 85),
    ("IRR-E1", IRR_E1, "irRECIST", {}, [24.5, 24.7], ["irSD", "irSD"], "irSD", None),
    ("IRR-E1", IRR_E1, "irRECIST", NISHINO, [24.5, 24.7], ["irPD", "irPD"], "irPD", 57),
    ("IRR-E3", IRR_E3, "irRECIST", {}, [55, 40, 37], ["irSD", "irPR", "irPR"], "irPR", None),
    ("IRR-E3", IRR_E3, "RECIST 1.1", {}, [40, 30, 28], ["PD", "PD", "PD"], "PD", 57),
]


@pytest.mark.parametrize(
    ("example", "text", "name", "options", "sums", "overall", "best", "progression"),
    EXAMPLES,
    ids=[f"{e[0]} under {e[2]}{' nishino2013' if e[3] else ''}" for e in EXAMPLES],
)
def test_example(
    evaluate: Evaluate,
    example: str,
    text: str,
    name: str,
    options: dict[str, str],
    sums: list[float],
    overall: list[str],
    best: str,
    progression: int | None,
) -> None:
    given = evaluate.timepoint_responses(table(text), name, **options)
    found = evaluate.best_response(given, name, **options)
    assert [r["target_sum"] for r in given] == pytest.approx(sums), example
    assert [r["overall_response"] for r in given] == overall
    assert found["best_response"] == best
    assert found["progression_date"] == (None if progression is None else day(progression))


def test_IRC_E1_has_no_event_and_is_censored_at_its_last_assessment(evaluate: Evaluate) -> None:
    given = evaluate.timepoint_responses(table(IRC_E1), "irRC")
    time = evaluate.event_time(given, "irRC", "fda")
    assert time is not None
    assert (time["event"], time["end_date"]) == (False, day(141))


@pytest.mark.parametrize("name", CRITERIA)
def test_X_1_one_patient_through_every_criterion(evaluate: Evaluate, name: str) -> None:
    expected = {
        "WHO": ["PD", "PD", "SD"],
        "mWHO": ["PD", "PD", "SD"],
        "RECIST 1.1": ["PD", "PD", "PR"],
        "irRC": ["irSD", "irSD", "irSD"],
        "irRECIST": ["irSD", "irSD", "irPR"],
        "iRECIST": ["iUPD", "iPR", "iPR"],
        "imRECIST": ["SD", "SD", "PR"],
        "itRECIST": ["itUPD", "PR", "PR"],
    }[name]
    assert evaluate.overall(table(X_1), name) == expected


SUMMARY = [
    ("WHO", None, None, 50, 25, 0),
    ("mWHO", 10, 5, 50, 25, 0),
    ("RECIST 1.1", 5, 2, 30, 20, 5),
    ("irRC", 10, 5, 50, 25, 0),
    ("irRECIST", 5, 2, 30, 20, 5),
    ("iRECIST", 5, 2, 30, 20, 5),
    ("imRECIST", 5, 2, 30, 20, 5),
    ("itRECIST", 5, 2, 30, 20, 5),
]


@pytest.mark.parametrize(("name", "total", "organ", "partial", "percent", "millimetres"), SUMMARY)
def test_the_summary_of_section_8_is_the_declarations(
    name: str, total: int | None, organ: int | None, partial: int, percent: int, millimetres: int
) -> None:
    declared = criterion(name)
    assert (declared.targets.total, declared.targets.per_organ) == (total, organ)
    assert declared.partial.percent == partial
    assert (declared.progression.percent, declared.progression.absolute_mm) == (percent, millimetres)
