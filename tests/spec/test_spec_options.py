"""Options of sections 1 to 8 (section 14): every reading of a named option, and that the readings differ."""

from __future__ import annotations

from typing import Any

import pytest

from criteria.best_response import best_responses
from criteria.declaration import UnknownOptionError
from criteria.registry import CRITERIA, criterion
from criteria.tables import TIMEPOINT_RESPONSE
from ingestion.tables import SUBJECT
from tests.spec.evaluate import SUBJECT_1, Evaluate, frame
from tests.spec.table import responses, say, table

FAQ = "lesion | BL | d57 | d113 | d169 | d225 | d281\nT01 liver | 100 | 70 | 70 | 80 | 80 | 80"


@pytest.mark.parametrize(
    ("reading", "expected"), [("literal", ["PR", "PR", "SD", "SD", "SD"]), ("rwg_sticky", ["PR"] * 5)]
)
def test_pr_persistence_is_a_matter_of_display(evaluate: Evaluate, reading: str, expected: list[str]) -> None:
    given = evaluate.timepoint_responses(table(FAQ), "RECIST 1.1", pr_persistence=reading)
    assert [r["overall_response"] for r in given] == expected
    best = evaluate.best_response(given, "RECIST 1.1", pr_persistence=reading)
    assert (best["best_response"], best["confirmed_best_response"]) == ("PR", "PR")


def test_pr_persistence_does_not_confirm_a_response(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113 | d169\nT01 liver | 100 | 70 | 80 | 70")
    given = evaluate.timepoint_responses(rows, "RECIST 1.1", pr_persistence="rwg_sticky")
    assert [r["overall_response"] for r in given] == ["PR", "PR", "PR"]
    assert evaluate.best_response(given, "RECIST 1.1")["confirmed_best_response"] == "SD"


@pytest.mark.parametrize(("last", "expected"), [("120", "PD"), ("0", "CR")])
def test_pr_persistence_ends_with_progression_or_complete_response(
    evaluate: Evaluate, last: str, expected: str
) -> None:
    rows = table(f"lesion | BL | d57 | d113 | d169\nT01 liver | 100 | 70 | {last} | 75")
    found = evaluate.overall(rows, "imRECIST", pr_persistence="rwg_sticky")
    assert found == ["PR", expected, "PD" if last == "0" else "SD"]


@pytest.mark.parametrize(("second", "kept"), [("d84", "irSD"), ("d85", "irPR")])
def test_pr_persistence_keeps_a_confirmed_response_where_confirmation_is_required(
    evaluate: Evaluate, second: str, kept: str
) -> None:
    rows = table(f"lesion | BL | d57 | {second} | d169\nT01 liver | 20x20 | 10x20 | 10x20 | 11x20")
    assert evaluate.overall(rows, "irRC", pr_persistence="rwg_sticky") == ["irPR", "irPR", kept]


PARTIAL = [
    ("small whatever the third is", "10", "10", "NE", "PR"),
    ("stable whatever the third is", "38", "38", "NE", "SD"),
    ("the third may have gone or not", "29", "29", "NE", "NE"),
    ("complete response is not certain", "0", "0", "NE", "NE"),
]


@pytest.mark.parametrize(("rule", "first", "second", "third", "expected"), PARTIAL, ids=[p[0] for p in PARTIAL])
@pytest.mark.parametrize("ok", [True, False])
def test_R11_TL_05_partial_pr_ok_keeps_what_missing_targets_cannot_change(
    evaluate: Evaluate, rule: str, first: str, second: str, third: str, expected: str, ok: bool
) -> None:
    rows = table(f"""
        lesion    | BL | d57
        T01 liver | 40 | {first}
        T02 lung  | 40 | {second}
        T03 skin  | 10 | {third}
    """)
    assert evaluate.overall(rows, "RECIST 1.1", partial_pr_ok=ok) == [expected if ok else "NE"], rule


@pytest.mark.parametrize("ok", [True, False])
def test_R11_TL_05_an_incomplete_sum_is_flagged_and_never_the_nadir(ok: bool) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 80 | 30 | 37\nT02 lung | 10 | NE | 3")
    given = Evaluate("engine").timepoint_responses(rows, "RECIST 1.1", partial_pr_ok=ok)
    assert ("PARTIAL" in (given[0]["flags"] or "")) is ok
    assert given[1]["nadir_sum"] == pytest.approx(90)


REAPPEARS = "lesion | BL | d57 | d113\nT01 liver | 30 | 0 | 4"


@pytest.mark.parametrize("name", ["RECIST 1.1", "iRECIST", "itRECIST"])
@pytest.mark.parametrize(
    ("option", "indistinct", "good"),
    [("pd", True, False), ("downgrade_first_cr_to_pr", False, False), ("downgrade_first_cr_to_pr", True, True)],
)
def test_CR_01_cr_reappearance_downgrades_only_on_the_word_of_the_reader(
    evaluate: Evaluate, name: str, option: str, indistinct: bool, good: bool
) -> None:
    rows = say(table(REAPPEARS), "T01", since=2, indistinct_before=indistinct)
    codes = {"RECIST 1.1": ("CR", "PR", "PD"), "iRECIST": ("iCR", "iPR", "iUPD"), "itRECIST": ("CR", "PR", "itUPD")}
    complete, partial, progression = codes[name]
    expected = [partial, partial] if good else [complete, progression]
    assert evaluate.overall(rows, name, cr_reappearance=option) == expected


def test_CR_01_a_non_target_that_was_only_indistinct_downgrades_too(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 30 | 0 | 0\nNT01 bone | + | 0 | +")
    again = say(rows, "NT01", since=2, indistinct_before=True)
    assert evaluate.overall(again, "RECIST 1.1") == ["CR", "PD"]
    assert evaluate.overall(again, "RECIST 1.1", cr_reappearance="downgrade_first_cr_to_pr") == ["PR", "PR"]


@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize("as_ne", [True, False])
def test_R11_BOR_04_missing_as_ne(name: str, as_ne: bool) -> None:
    """Another subject without any assessment stands beside one that was assessed."""
    own = {"criterion": name, "origin": "DERIVED", "evaluator": "INVESTIGATOR"}
    assessed = frame(TIMEPOINT_RESPONSE, [own | row for row in responses("NE d57")])
    subjects = frame(SUBJECT, [SUBJECT_1, SUBJECT_1 | {"subject_id": "2"}])
    found = best_responses(assessed, criterion(name, missing_as_ne=as_ne), subjects)
    missing = found.filter(subject_id="2")["best_response"].item()
    not_evaluable = "irNE" if name == "irRECIST" else "NE"
    assert missing == (not_evaluable if as_ne else "MISSING")


def both(evaluate: Evaluate, text: str, name: str, option: str, *values: Any) -> list[list[str]]:
    return [evaluate.overall(table(text), name, **{option: value}) for value in values]


def test_WHO_02_who_min_mm(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57\nT01 liver | 20x20 | 20x20\nT02 lung | 9x9 | 12x12"
    assert both(evaluate, text, "WHO", "who_min_mm", None, 10) == [["PD"], ["SD"]]


@pytest.mark.parametrize(("most", "expected"), [(None, "PD"), (2, "SD"), ((3, 1), "SD"), ((3, 2), "PD")])
def test_WHO_02_who_max_lesions(evaluate: Evaluate, most: Any, expected: str) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 20x20 | 20x20\nT02 lung | 15x15 | 15x15\nT03 lung | 9x9 | 12x12")
    assert evaluate.overall(rows, "WHO", who_max_lesions=most) == [expected]


def test_WHO_02_who_unidimensional(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57\nT01 liver | 40 | 20\nT02 lung | 30 | 15"
    assert both(evaluate, text, "WHO", "who_unidimensional", False, True) == [["NE"], ["PR"]]
    mixed = table("lesion | BL | d57\nT01 liver | 20x20 | 20x20\nT02 lung | 40 | 20")
    given = evaluate.timepoint_responses(mixed, "mWHO", who_unidimensional=True)[0]
    assert (given["baseline_sum"], given["target_sum"]) == (440, 420)


def test_WHO_03_who_node_normal_lt10(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57\nT01 node | 30x20 | 12x9.9"
    assert both(evaluate, text, "WHO", "who_node_normal_lt10", False, True) == [["PR"], ["CR"]]


def test_WHO_08_who_tstm_mm(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 20x20 | ts")
    sums = [evaluate.timepoint_responses(rows, "WHO", who_tstm_mm=mm)[0]["target_sum"] for mm in (5, 3)]
    assert sums == [25, 9]


@pytest.mark.parametrize(("days", "best"), [(28, "SD"), (57, "NE")])
def test_WHO_07_who_min_nc_days(evaluate: Evaluate, days: int, best: str) -> None:
    assert evaluate.best_response(responses("SD d57"), "WHO", who_min_nc_days=days)["best_response"] == best


def test_IRC_04_irrc_index_min_mm(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57\nT01 liver | 20x20 | 20x20\nT02 lung | 9x9 | 15x15"
    assert both(evaluate, text, "irRC", "irrc_index_min_mm", 5, 10) == [["irPD"], ["irSD"]]


def test_IRC_04_irrc_node_normal_lt10(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57\nT01 node | 30x20 | 12x9.9"
    assert both(evaluate, text, "irRC", "irrc_node_normal_lt10", False, True) == [["irPR"], ["irCR"]]


@pytest.mark.parametrize(
    ("new", "joins"), [("11x6", True), ("9.9x9.9", False), ("5x5", False)], ids=["long", "short", "smallest of irRC"]
)
def test_IRC_03_irrc_new_min_of_the_seed_asks_for_the_longest_diameter(
    evaluate: Evaluate, new: str, joins: bool
) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 20x20 | 20x20\nNEW01 lung | - | {new}")
    longest, across = map(float, new.split("x"))
    for option, expected in (("5x5", True), ("seed_10mm_node15", joins)):
        given = evaluate.timepoint_responses(rows, "irRC", irrc_new_min=option)[0]
        assert given["target_sum"] == pytest.approx(400 + longest * across * expected)


def test_irrc_nonmeasurable_only(evaluate: Evaluate) -> None:
    text = "lesion | BL | d57 | d113\nNT01 bone | + | + | !!"
    assert both(evaluate, text, "irRC", "irrc_nonmeasurable_only", "report_as_irNN", "ne") == [
        ["irNN", "irPD"],
        ["NE", "NE"],
    ]


@pytest.mark.parametrize(("allowed", "best"), [(False, "irPD"), (True, "irPR")])
@pytest.mark.parametrize("name", ["irRC", "irRECIST"])
def test_allow_response_after_confirmed_pd(evaluate: Evaluate, name: str, allowed: bool, best: str) -> None:
    course = responses("irPD d57, irPD d85, irPR d113, irPR d141")
    found = evaluate.best_response(course, name, allow_response_after_confirmed_pd=allowed)
    assert found["best_response"] == best


@pytest.mark.parametrize("variant", ["bohnsack2014", "nishino2013"])
def test_irrecist_strict_gt20(evaluate: Evaluate, variant: str) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 50 | 60")
    found = [
        evaluate.overall(rows, "irRECIST", irrecist_variant=variant, irrecist_strict_gt20=strict)
        for strict in (False, True)
    ]
    assert found == [["irPD"], ["irSD"]]


@pytest.mark.parametrize(("on", "late"), [(141, False), (142, True)])
def test_irRECIST_a_second_look_after_84_days_decides_and_is_flagged(evaluate: Evaluate, on: int, late: bool) -> None:
    rows = table(f"lesion | BL | d57 | d{on}\nT01 liver | 50 | 60 | 60")
    given = evaluate.timepoint_responses(rows, "irRECIST")
    assert [r["overall_response"] for r in given] == ["irPD", "irPD"]
    assert ("LATE_CONFIRM" in (given[1]["flags"] or "")) is late


LOOK = "lesion | BL | d57 | d85 | d120\nT01 liver | 100 | 125 | 131 | 131"


def test_IR_04_icpd_min_days_and_icpd_max_days(evaluate: Evaluate) -> None:
    assert evaluate.overall(table(LOOK), "iRECIST")[1] == "iCPD"
    assert evaluate.overall(table(LOOK), "iRECIST", icpd_min_days=35) == ["iUPD", "iUPD", "iCPD"]
    late = table("lesion | BL | d57 | d120\nT01 liver | 100 | 125 | 131")
    flags = [evaluate.timepoint_responses(late, "iRECIST", icpd_max_days=days)[1]["flags"] or "" for days in (56, 63)]
    assert ["LATE_CONFIRM" in flag for flag in flags] == [True, False]


@pytest.mark.parametrize(
    ("window", "second", "late"), [((28, 84), "itCPD", True), ([35, 98], "itUPD", False)], ids=["default", "other"]
)
def test_itrecist_confirm_days(evaluate: Evaluate, window: Any, second: str, late: bool) -> None:
    assert evaluate.overall(table(LOOK), "itRECIST", itrecist_confirm_days=window)[1] == second
    rows = table("lesion | BL | d57 | d142\nT01 liver | 100 | 125 | 131")
    given = evaluate.timepoint_responses(rows, "itRECIST", itrecist_confirm_days=window)[1]
    assert ("LATE_CONFIRM" in (given["flags"] or "")) is late


GROWS = """
    lesion     | BL | d57 | d113
    T01 skin   | 50 | 75  | {}
    T02 liver  | 50 | 50  | {}
    NT01 skin  | +  | {}  | {}
    NEW01 lung | -  | {}  | {}
"""


@pytest.mark.parametrize(
    ("rule", "cells", "lesion"),
    [
        ("C-T", ("81", "50", "+", "+", "-", "-"), "T01"),
        ("C-NT", ("75", "50", "!!", "!!^", "-", "-"), "NT01"),
        ("C-NLT", ("75", "50", "+", "+", "12", "17"), "NEW01"),
        ("C-NLNT", ("75", "50", "+", "+", "6", "7"), "NEW01"),
    ],
)
def test_itrecist_confirmation_counts_injected_growth(
    evaluate: Evaluate, rule: str, cells: tuple[str, ...], lesion: str
) -> None:
    rows = table(GROWS.format(*cells))
    injected = say(rows, lesion, since=1, injected=True)
    option = "itrecist_confirmation_counts_injected_growth"
    assert evaluate.overall(injected, "itRECIST") == ["itUPD", "itCPD"]
    assert evaluate.overall(injected, "itRECIST", **{option: False}) == ["itUPD", "itUPD"]
    assert evaluate.overall(rows, "itRECIST", **{option: False}) == ["itUPD", "itCPD"], "the lesion is not injected"
    clause = Evaluate("engine").timepoint_responses(injected, "itRECIST")[1]["clause"]
    assert clause == rule


@pytest.mark.parametrize("name", ["RECIST 1.1", "irRECIST", "iRECIST", "imRECIST", "itRECIST"])
def test_R11_BL_02_node_2x_slice_is_an_option_of_every_criterion_by_diameter(name: str) -> None:
    assert not criterion(name).measure.node_2x_slice
    assert criterion(name, node_2x_slice=True).measure.node_2x_slice


@pytest.mark.parametrize(
    ("cell", "organ", "thickness", "node_2x", "joins"),
    [
        ("10", "lung", 5.0, False, True),
        ("15.9", "lung", 8.0, False, False),
        ("16", "lung", 8.0, False, True),
        ("15", "node", 8.0, False, True),
        ("15", "node", 8.0, True, False),
        ("16", "node", 8.0, True, True),
    ],
)
def test_R11_BL_01_and_02_thick_slices(
    evaluate: Evaluate, cell: str, organ: str, thickness: float, node_2x: bool, joins: bool
) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 100 | 100\nNEW01 {organ} | - | {cell}")
    rows = say(rows, "NEW01", slice_thickness_mm=thickness)
    given = evaluate.timepoint_responses(rows, "imRECIST", node_2x_slice=node_2x)[0]
    assert given["target_sum"] == pytest.approx(100 + float(cell) * joins)


@pytest.mark.parametrize(("cell", "joins"), [("19.9", False), ("20", True)])
def test_R11_BL_01_on_a_chest_film_a_lesion_is_measurable_from_20_mm(
    evaluate: Evaluate, cell: str, joins: bool
) -> None:
    rows = say(table(f"lesion | BL | d57\nT01 liver | 150 | 150\nNEW01 lung | - | {cell}"), "NEW01", method="X-RAY")
    given = evaluate.timepoint_responses(rows, "imRECIST")[0]
    assert given["target_sum"] == pytest.approx(150 + float(cell) * joins)


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("WHO", "who_min_mm", "ten"),
        ("mWHO", "who_max_lesions", (1, 2, 3)),
        ("itRECIST", "itrecist_confirm_days", 28),
        ("irRC", "irrc_node_normal_lt10", "yes"),
        ("irRC", "irrc_index_min_mm", 7),
        ("iRECIST", "icpd_min_days", -1),
    ],
)
def test_a_value_that_an_option_does_not_take_is_refused(name: str, option: str, value: Any) -> None:
    with pytest.raises(UnknownOptionError, match=option):
        criterion(name, **{option: value})


def test_settings_add_up_whatever_their_order() -> None:
    together = {"irrecist_strict_gt20": True, "irrecist_variant": "nishino2013"}
    one, other = criterion("irRECIST", **together), criterion("irRECIST", **dict(reversed(together.items())))
    assert one == other
    assert (one.progression.strict, one.progression.absolute_mm) == (True, 0)
