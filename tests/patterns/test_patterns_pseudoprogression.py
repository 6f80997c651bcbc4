"""Pseudoprogression by every definition of section 9.1."""

from __future__ import annotations

import pytest

from criteria.pseudoprogression import pseudoprogression
from tests.patterns.study import ALL_CRITERIA, Course, by_definition, course, present, reads
from tests.spec.table import Row, day

FIVE = ("not_confirmed", "subsequent_response", "target_spike")


def sums(text: str, criterion: str = "iRECIST", **dates: int) -> dict[str, Row]:
    """One target measured as ``BL 100, d57 125, d85 90``."""
    columns, sizes = zip(*(item.split() for item in text.split(",")), strict=True)
    table = f"lesion | {' | '.join(columns)}\nT01 lung | {' | '.join(sizes)}"
    return course(table, (criterion,), **dates).pseudoprogression(criterion)


def test_9_1_not_confirmed_I_E1_the_reset_of_the_first_progression() -> None:
    found = sums("BL 100, d57 125, d85 90, d169 115, d197 121")["not_confirmed"]
    assert (found["present"], found["onset_date"], found["resolution_date"]) == ("Y", day(57), day(85))
    assert (found["early"], found["value"], found["threshold"], found["chosen"]) == (True, 56.0, 84.0, True)
    assert found["explanation"] == "progression of 2024-02-26; SD on 2024-03-25"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BL 100, d57 100, d113 100", "N"),
        ("BL 100, d57 125, d85 131", "N"),
        ("BL 100, d57 125, d85 125, d113 90", "N"),
        ("BL 100, d57 125", "NOT_EVALUABLE"),
        ("BL 100, d57 125, d85 NE", "NOT_EVALUABLE"),
        ("BL 100, d57 125, d85 NE, d113 90", "Y"),
        ("BL 100, d57 NE", "NOT_EVALUABLE"),
        ("BL 100, d57 125, d85 60", "Y"),
        ("BL 100, d57 90, d113 115, d141 100", "Y"),
    ],
)
@pytest.mark.parametrize("criterion", ["RECIST 1.1", "iRECIST", "itRECIST"])
def test_9_1_not_confirmed_the_next_valid_assessment_decides(criterion: str, text: str, expected: str) -> None:
    assert sums(text, criterion)["not_confirmed"]["present"] == expected


@pytest.mark.parametrize(("on", "expected"), [(84, "NOT_EVALUABLE"), (85, "Y"), (86, "Y")])
def test_9_1_not_confirmed_the_next_assessment_is_28_days_on_or_more(on: int, expected: str) -> None:
    assert sums(f"BL 100, d57 125, d{on} 90")["not_confirmed"]["present"] == expected


def test_9_1_not_confirmed_a_scan_within_28_days_is_passed_over() -> None:
    assert sums("BL 100, d57 125, d70 90, d85 131")["not_confirmed"]["present"] == "N"


@pytest.mark.parametrize(("onset", "early"), [(84, True), (85, True), (86, False)])
def test_9_1_early_is_84_days_or_less_after_the_start(onset: int, early: bool) -> None:
    assert sums(f"BL 100, d{onset} 125, d150 90")["not_confirmed"]["early"] is early


@pytest.mark.parametrize(("therapy", "expected"), [(57, "N"), (70, "N"), (85, "N"), (86, "Y")])
def test_9_1_new_anticancer_therapy_up_to_the_resolution_excludes_it(therapy: int, expected: str) -> None:
    assert sums("BL 100, d57 125, d85 90", new_therapy=therapy)["not_confirmed"]["present"] == expected


TWO = """
lesion     | BL | d57 | d113
T01 lung   | 50 | 70  | 40
T02 liver  | 30 | 30  | 30
"""


@pytest.mark.parametrize(
    ("lesion", "since", "expected"), [("T01", 2, "N"), ("T01", 1, "Y"), ("T02", 2, "Y"), ("T01", 3, "Y")]
)
@pytest.mark.parametrize("kind", ["SURGERY", "RADIOTHERAPY"])
def test_9_1_local_treatment_of_the_growing_lesion_before_the_resolution_excludes_it(
    kind: str, lesion: str, since: int, expected: str
) -> None:
    """Treated between the progression and the next assessment; not before, not later, not another lesion."""
    rows = [
        row | ({"local_therapy": kind} if row["lesion_id"] == lesion and row["timepoint"] >= since else {})
        for row in reads(TWO)
    ]
    studied = Course(rows, {}, ("iRECIST",))
    found = pseudoprogression(studied.measurements, course(TWO, ("iRECIST",)).responses, studied.best, studied.subjects)
    row = by_definition(found.filter(criterion="iRECIST"))["not_confirmed"]
    assert row["present"] == expected
    assert ("treated locally before 2024-04-22" in row["explanation"]) == (expected == "N")


@pytest.mark.parametrize("name", ["NEW01 liver", "NT01 liver"])
def test_9_1_a_new_lesion_that_is_removed_is_no_pseudoprogression(name: str) -> None:
    seen = "-  | !12 | 0" if name.startswith("NEW") else "+ | !! | 0"
    rows = reads(f"lesion | BL | d57 | d113\nT01 lung | 50 | 50 | 50\n{name} | {seen}")
    treated = [
        row | ({"local_therapy": "SURGERY"} if row["timepoint"] == 2 and row["role"] != "TARGET" else {})
        for row in rows
    ]
    assert Course(rows, {}, ("iRECIST",)).pseudoprogression("iRECIST")["not_confirmed"]["present"] == "Y"
    assert Course(treated, {}, ("iRECIST",)).pseudoprogression("iRECIST")["not_confirmed"]["present"] == "N"


def test_9_1_a_new_lesion_or_a_non_target_that_recedes() -> None:
    new = "lesion | BL | d57 | d113\nT01 lung | 50 | 50 | 50\nNEW01 liver | - | !12 | 0"
    found = course(new, ("iRECIST",)).pseudoprogression("iRECIST")
    assert (found["not_confirmed"]["present"], found["target_spike"]["present"]) == ("Y", "N")
    growing = "lesion | BL | d57 | d113\nT01 lung | 50 | 50 | 50\nNT01 liver | + | !! | +"
    found = course(growing, ("iRECIST",)).pseudoprogression("iRECIST")
    assert (found["not_confirmed"]["present"], found["target_spike"]["present"]) == ("Y", "N")


def test_9_1_subsequent_response_asks_for_a_later_response() -> None:
    at_once = sums("BL 100, d57 125, d85 70")["subsequent_response"]
    assert at_once["present"] == "Y"
    later = sums("BL 100, d57 125, d85 90, d141 70")["subsequent_response"]
    assert (later["present"], later["resolution_date"]) == ("Y", day(85))
    assert later["explanation"].endswith("response on 2024-05-20")
    assert sums("BL 100, d57 125, d85 90, d141 71")["subsequent_response"]["present"] == "N"
    assert sums("BL 100, d57 125, d85 131, d141 70")["subsequent_response"]["present"] == "N"
    assert sums("BL 100, d57 125")["subsequent_response"]["present"] == "NOT_EVALUABLE"


@pytest.mark.parametrize(("therapy", "expected"), [(141, "N"), (142, "Y")])
def test_9_1_subsequent_response_without_new_therapy(therapy: int, expected: str) -> None:
    found = sums("BL 100, d57 125, d85 90, d141 70", new_therapy=therapy)
    assert found["subsequent_response"]["present"] == expected


def spd(text: str, **dates: int) -> dict[str, str]:
    """irRC on one lesion of 100 mm x the given second diameter."""
    columns, sizes = zip(*(item.split() for item in text.split(",")), strict=True)
    cells = [size if size == "NE" else f"100x{size}" for size in sizes]
    table = f"lesion | {' | '.join(columns)}\nT01 lung | {' | '.join(cells)}"
    return present(course(table, ("irRC",), **dates).pseudoprogression("irRC"))


@pytest.mark.parametrize(
    ("text", "early", "late"),
    [
        ("BL 40, d57 50, d85 40", "Y", "N"),
        ("BL 40, d57 49.9, d85 40", "N", "N"),
        ("BL 40, d57 50, d85 50", "N", "N"),
        ("BL 40, d85 50, d113 40", "Y", "N"),
        ("BL 40, d86 50, d114 40", "N", "Y"),
        ("BL 40, d57 50, d85 40, d141 50, d169 40", "Y", "Y"),
        ("BL 40, d57 50, d85 50, d141 40, d197 50, d225 40", "N", "N"),
        ("BL 40, d57 50", "NOT_EVALUABLE", "N"),
        ("BL 40, d113 50, d130 40", "N", "NOT_EVALUABLE"),
        ("BL 40, d57 NE", "NOT_EVALUABLE", "NOT_EVALUABLE"),
    ],
)
def test_9_1_hodi2016_early_and_late(text: str, early: str, late: str) -> None:
    assert spd(text) == {"hodi2016_early": early, "hodi2016_late": late}


def test_9_1_target_spike_is_read_from_the_targets_alone() -> None:
    table = "lesion | BL | d57 | d113\nT01 lung | 50 | 65 | 50\nNEW01 liver | - | !12 | !20"
    found = present(course(table, ("iRECIST",)).pseudoprogression("iRECIST"))
    assert found == {"not_confirmed": "N", "subsequent_response": "N", "target_spike": "Y"}


def test_9_1_target_spike_later_than_the_first_progression() -> None:
    table = "lesion | BL | d57 | d113 | d169\nT01 lung | 50 | 50 | 65 | 50\nNEW01 liver | - | !12 | 0 | 0"
    found = course(table, ("iRECIST",)).pseudoprogression("iRECIST")["target_spike"]
    assert (found["present"], found["onset_date"], found["resolution_date"]) == ("Y", day(113), day(169))


def test_9_1_every_definition_reads_the_criteria_that_it_speaks_of() -> None:
    every = course("lesion | BL | d57 | d85\nT01 lung | 50x40 | 65x50 | 50x40", ALL_CRITERIA)
    by_criterion = {name: set(every.pseudoprogression(name)) for name in ALL_CRITERIA}
    family = set(FIVE)
    assert {name for name, keys in by_criterion.items() if keys == family} == {"RECIST 1.1", "iRECIST", "itRECIST"}
    assert by_criterion["irRC"] == {"hodi2016_early", "hodi2016_late"}
    assert not by_criterion["WHO"] | by_criterion["imRECIST"] | by_criterion["irRECIST"]


def test_9_1_pseudoprogression_def_marks_the_definition_that_the_study_reports() -> None:
    one = course("lesion | BL | d57\nT01 lung | 50 | 65")
    found = one.pseudoprogression("RECIST 1.1", pseudoprogression_def="target_spike")
    assert {key for key, row in found.items() if row["chosen"]} == {"target_spike"}


def test_9_1_without_a_reference_date_early_and_late_cannot_be_told_apart() -> None:
    dated = course("lesion | BL | d57 | d85\nT01 lung | 50x40 | 65x50 | 50x40", ("irRC", "iRECIST"))
    undated = Course(dated.rows, {"reference_date": None}, dated.criteria)
    assert set(present(undated.pseudoprogression("irRC")).values()) == {"NOT_EVALUABLE"}
    found = undated.pseudoprogression("iRECIST")["not_confirmed"]
    assert (found["present"], found["early"], found["value"]) == ("Y", None, None)


def test_9_1_GEN_07_of_two_responses_on_one_date_the_worst_counts() -> None:
    twice = course("lesion | BL | d57 | d57 | d85\nT01 lung | 100 | 100 | 125 | 90", ("iRECIST",))
    found = twice.pseudoprogression("iRECIST")["not_confirmed"]
    assert (found["present"], found["onset_date"]) == ("Y", day(57))
