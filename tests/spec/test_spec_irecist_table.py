"""iRECIST, section 5.4: the time point table with and without an open unconfirmed progression."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import table

TARGET = {"iCR": "0", "iPR": "60", "iSD": "100", "NE": "NE", "iUPD": "125"}
NON_TARGET = {"iCR": "0", "NON-iCR/NON-iUPD": "+", "NE": "NE"}

ROWS = [
    ("iCR", "iCR", "iCR"),
    ("iCR", "NON-iCR/NON-iUPD", "iPR"),
    ("iCR", "NE", "iPR"),
    ("iPR", "iCR", "iPR"),
    ("iPR", "NON-iCR/NON-iUPD", "iPR"),
    ("iPR", "NE", "iPR"),
    ("iSD", "iCR", "iSD"),
    ("iSD", "NON-iCR/NON-iUPD", "iSD"),
    ("iSD", "NE", "iSD"),
    ("NE", "iCR", "NE"),
    ("NE", "NON-iCR/NON-iUPD", "NE"),
    ("NE", "NE", "NE"),
    ("iUPD", "iCR", "iUPD"),
    ("iUPD", "NON-iCR/NON-iUPD", "iUPD"),
    ("iUPD", "NE", "iUPD"),
]


@pytest.mark.parametrize(("target", "nontarget", "expected"), ROWS)
def test_without_an_open_progression(evaluate: Evaluate, target: str, nontarget: str, expected: str) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 100 | {TARGET[target]}\nNT01 bone | + | {NON_TARGET[nontarget]}")
    assert evaluate.overall(rows, "iRECIST") == [expected]


@pytest.mark.parametrize(("target", "nontarget", "expected"), ROWS)
def test_with_an_open_progression_of_the_target(evaluate: Evaluate, target: str, nontarget: str, expected: str) -> None:
    rows = table(f"""
        lesion    | BL  | d57 | d113
        T01 liver | 100 | 125 | {TARGET[target]}
        NT01 bone | +   | +   | {NON_TARGET[nontarget]}
    """)
    assert evaluate.overall(rows, "iRECIST") == ["iUPD", expected]


@pytest.mark.parametrize("target", ["iCR", "iPR", "iSD"])
@pytest.mark.parametrize(("nontarget", "expected"), [("!!", "iUPD"), ("++", "iCPD"), ("!!^", "iCPD")])
def test_open_progression_of_the_non_target(evaluate: Evaluate, target: str, nontarget: str, expected: str) -> None:
    rows = table(f"""
        lesion    | BL  | d57              | d113
        T01 liver | 100 | {TARGET[target]} | {TARGET[target]}
        NT01 bone | +   | !!               | {nontarget}
    """)
    assert evaluate.overall(rows, "iRECIST") == ["iUPD", expected]


@pytest.mark.parametrize(
    ("target", "nontarget", "expected"),
    [("125", "!!", "iUPD"), ("130", "!!", "iCPD"), ("125", "!!^", "iCPD"), ("122", "!!", "iUPD")],
)
def test_open_progression_of_target_and_non_target(
    evaluate: Evaluate, target: str, nontarget: str, expected: str
) -> None:
    rows = table(f"""
        lesion    | BL  | d57 | d113
        T01 liver | 100 | 125 | {target}
        NT01 bone | +   | !!  | {nontarget}
    """)
    assert evaluate.overall(rows, "iRECIST") == ["iUPD", expected]


@pytest.mark.parametrize(
    ("target", "nontarget", "measured", "smaller", "expected"),
    [
        ("125", "!!", "12", "6", "iUPD"),
        ("120", "!!", "10", "4", "iUPD"),
        ("130", "!!", "12", "6", "iCPD"),
        ("125", "!!^", "12", "6", "iCPD"),
        ("125", "!!", "17", "6", "iCPD"),
        ("125", "!!", "12", "7", "iCPD"),
    ],
)
def test_open_progression_of_every_category(
    evaluate: Evaluate, target: str, nontarget: str, measured: str, smaller: str, expected: str
) -> None:
    rows = table(f"""
        lesion     | BL  | d57 | d113
        T01 liver  | 100 | 125 | {target}
        NT01 bone  | +   | !!  | {nontarget}
        NEW01 lung | -   | 12  | {measured}
        NEW02 skin | -   | 6   | {smaller}
    """)
    assert evaluate.overall(rows, "iRECIST") == ["iUPD", expected]


@pytest.mark.parametrize(
    ("nontarget", "expected"), [("0", "iCR"), ("+", "NON-iCR/NON-iUPD"), ("NE", "NE"), ("!!", "iUPD"), ("!!^", "iCPD")]
)
def test_open_progression_without_targets(evaluate: Evaluate, nontarget: str, expected: str) -> None:
    rows = table(f"lesion | BL | d57 | d113\nNT01 bone | + | !! | {nontarget}")
    assert evaluate.overall(rows, "iRECIST") == ["iUPD", expected]
