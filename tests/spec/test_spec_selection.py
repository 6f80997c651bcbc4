"""Which lesions read as targets are targets of a criterion (R11-BL-03 to -05, IRC-02, IT-02, IT-03)."""

from __future__ import annotations

from typing import Any

import pytest

from criteria.registry import CRITERIA
from tests.spec.evaluate import Evaluate
from tests.spec.table import Row, say, table

ON_RECIST = ("RECIST 1.1", "irRECIST", "iRECIST", "imRECIST")
BY_PRODUCT = ("WHO", "mWHO", "irRC")


def baseline(evaluate: Evaluate, rows: list[Row], name: str, **options: Any) -> float:
    return float(evaluate.timepoint_responses(rows, name, **options)[0]["baseline_sum"])


def lesions(*sizes: str) -> list[Row]:
    """One lesion a size, written as `organ size`, unchanged at the second scan."""
    body = [f"T{n:02} {organ} | {size} | {size}" for n, (organ, size) in enumerate(map(str.split, sizes), start=1)]
    return table("\n".join(["lesion | BL | d57", *body]))


SEVEN = ("liver 30x10", "liver 20x10", "liver 25x10", "lung 40x10", "bone 15x10", "skin 12x10", "brain 11x10")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, 30 + 25 + 40 + 15 + 12) for name in ON_RECIST),
        ("itRECIST", 30 + 25 + 40 + 15 + 12),
        *((name, 1530) for name in BY_PRODUCT),
    ],
)
def test_R11_BL_03_the_largest_lesions_within_the_limits_of_the_criterion(
    evaluate: Evaluate, name: str, expected: float
) -> None:
    assert baseline(evaluate, lesions(*SEVEN), name) == expected


@pytest.mark.parametrize("name", CRITERIA)
def test_target_selection_as_read_takes_every_lesion_that_was_read_as_a_target(evaluate: Evaluate, name: str) -> None:
    expected = 1530 if name in BY_PRODUCT else 153
    assert baseline(evaluate, lesions(*SEVEN), name, target_selection="as_read") == expected


@pytest.mark.parametrize("name", ["RECIST 1.1", "imRECIST"])
@pytest.mark.parametrize(
    ("third", "nontarget", "overall"), [("0", "CR", "CR"), ("5", "NON-CR/NON-PD", "PR"), ("NE", "NE", "PR")]
)
def test_a_lesion_beyond_the_limits_is_a_non_target(
    evaluate: Evaluate, name: str, third: str, nontarget: str, overall: str
) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 30 | 0\nT02 liver | 20 | 0\nT03 liver | 10 | {third}")
    given = evaluate.timepoint_responses(rows, name)[0]
    assert (given["nontarget_response"], given["overall_response"]) == (nontarget, overall)


def test_a_lesion_beyond_the_limits_that_doubles_is_no_progression(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 30 | 30\nT02 liver | 20 | 20\nT03 liver | 10 | 40")
    assert evaluate.overall(rows, "RECIST 1.1") == ["SD"]
    assert evaluate.overall(rows, "RECIST 1.1", target_selection="as_read") == ["PD"]


def test_lesions_beyond_the_limits_are_told() -> None:
    given = Evaluate("engine").timepoint_responses(lesions(*SEVEN), "RECIST 1.1")[0]
    assert given["flags"] == "SURPLUS_TARGETS"
    assert given["explanation"].endswith("2 lesions read as targets count as non-targets")


def test_a_fragment_goes_with_the_lesion_that_it_came_from(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57 | d113
        T01 liver | 30 | 30  | 30
        T02 liver | 20 | 20  | 20
        T03 liver | 10 | 8   | 8
        T04 liver | -  | s6<T03 | 6
        T05 liver | -  | -   | s5<T04
    """)
    assert [r["target_sum"] for r in evaluate.timepoint_responses(rows, "RECIST 1.1")] == [50, 50]
    as_read = evaluate.timepoint_responses(rows, "RECIST 1.1", target_selection="as_read")
    assert [r["target_sum"] for r in as_read] == [64, 69]


def test_IRC_02_ten_lesions_of_the_body_and_five_of_the_skin(evaluate: Evaluate) -> None:
    organs = ["liver"] * 7 + ["lung"] * 6 + ["bone"] * 2 + ["skin"] * 6
    rows = lesions(*(f"{organ} {50 - number}x10" for number, organ in enumerate(organs)))
    body = [50, 49, 48, 47, 46, 43, 42, 41, 40, 39]
    skin = [35, 34, 33, 32, 31]
    assert baseline(evaluate, rows, "irRC") == 10 * sum(body + skin)
    assert baseline(evaluate, rows, "mWHO") == 10 * sum(body)
    assert baseline(evaluate, rows, "WHO") == 10 * sum(50 - number for number in range(len(organs)))


def test_IRC_02_limits_by_organ_do_not_use_up_the_total(evaluate: Evaluate) -> None:
    rows = lesions(*(f"liver {60 - n}x10" for n in range(8)), *(f"lung {30 - n}x10" for n in range(6)))
    assert baseline(evaluate, rows, "irRC") == 10 * (60 + 59 + 58 + 57 + 56 + 30 + 29 + 28 + 27 + 26)


@pytest.mark.parametrize(("size", "counts"), [("5x5", True), ("5x4.9", False), ("20x4.9", False)])
def test_IRC_04_an_index_lesion_is_at_least_5_by_5_mm(evaluate: Evaluate, size: str, counts: bool) -> None:
    longest, across = map(float, size.split("x"))
    rows = lesions("liver 20x20", f"lung {size}")
    assert baseline(evaluate, rows, "irRC") == pytest.approx(400 + longest * across * counts)
    assert baseline(evaluate, rows, "WHO") == pytest.approx(400 + longest * across)


@pytest.mark.parametrize("name", ON_RECIST)
def test_R11_BL_08_a_target_below_the_least_size_is_still_a_target(evaluate: Evaluate, name: str) -> None:
    assert baseline(evaluate, lesions("liver 20x20", "lung 8x8", "node 20x12"), name) == 20 + 8 + 12


def test_a_target_without_a_size_at_baseline_comes_last(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57\nT01 liver | NE | 50\nT02 liver | 20 | 20\nT03 liver | 10 | 10")
    assert baseline(evaluate, rows, "RECIST 1.1") == 30
    without = table("lesion | BL | d57\nT01 liver | NE | 50\nT02 liver | 20 | 20")
    assert evaluate.timepoint_responses(without, "RECIST 1.1")[0]["baseline_sum"] is None


def test_IT_02_and_IT_03_five_injected_and_five_others_two_an_organ_in_each_class(evaluate: Evaluate) -> None:
    rows = lesions(*(f"liver {40 - n}" for n in range(4)), *(f"skin {30 - n}" for n in range(4)), "lung 20", "bone 19")
    for lesion in ("T02", "T04", "T05", "T06", "T07"):
        rows = say(rows, lesion, since=1, injected=True)
    within = (39 + 37) + (30 + 29) + (40 + 38) + 27 + 20 + 19
    assert baseline(evaluate, rows, "itRECIST") == within
    assert baseline(evaluate, rows, "itRECIST", itrecist_max_per_organ=None) == within + 28
    assert baseline(evaluate, rows, "RECIST 1.1") == 40 + 39 + 30 + 29 + 20


@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize(("measurable", "joins"), [(None, True), (True, True), (False, False)])
def test_R11_BL_04_what_the_reader_calls_not_measurable_is_no_target(
    evaluate: Evaluate, name: str, measurable: bool | None, joins: bool
) -> None:
    rows = say(lesions("liver 20x20", "bone 30x10"), "T02", measurable=measurable)
    expected = 400 + 300 * joins if name in BY_PRODUCT else 20 + 30 * joins
    assert baseline(evaluate, rows, name) == expected


@pytest.mark.parametrize("name", ["irRC", "irRECIST", "imRECIST"])
def test_R11_BL_04_a_new_lesion_that_is_not_measurable_joins_no_sum(evaluate: Evaluate, name: str) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 20x20 | 20x20\nNEW01 bone | - | 12x10")
    sums = [
        evaluate.timepoint_responses(say(rows, "NEW01", measurable=word), name)[0]["target_sum"]
        for word in (None, False)
    ]
    assert sums == ([520, 400] if name == "irRC" else [32, 20])


@pytest.mark.parametrize(
    ("measurable", "treated_ok", "joins"), [(None, False, False), (True, False, True), (None, True, True)]
)
@pytest.mark.parametrize("name", ["RECIST 1.1", "irRECIST", "iRECIST", "imRECIST", "itRECIST"])
def test_R11_BL_05_a_lesion_treated_before_the_baseline_is_measurable_only_when_it_progressed(
    evaluate: Evaluate, name: str, measurable: bool | None, treated_ok: bool, joins: bool
) -> None:
    rows = say(lesions("liver 20", "bone 30"), "T02", prior_local_therapy=True, measurable=measurable)
    assert baseline(evaluate, rows, name, prior_local_tx_ok=treated_ok) == 20 + 30 * joins


def test_R11_BL_05_local_therapy_up_to_the_baseline_scan_is_prior(evaluate: Evaluate) -> None:
    rows = say(lesions("liver 20", "bone 30"), "T02", local_therapy="RADIOTHERAPY")
    assert baseline(evaluate, rows, "RECIST 1.1") == 20
    assert baseline(evaluate, rows, "WHO", who_unidimensional=True) == 50, "a rule of RECIST"
