"""Clinical status beside the scans: symptoms that led to one, stability, rapid decline (IR-05, IR-07, IRC-12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, responses, table

EARLY = """
    lesion      | BL  | d57 | d71 | d113
    T01 liver   | 100 | 125 | {} | 125
    NEW01 lung  | -   | -   | {} | {}
"""


def status(on: int, **said: Any) -> dict[str, Any]:
    nothing = {"new_symptoms": None, "clinically_stable": None, "rapid_deterioration": None}
    return nothing | {"assessment_date": day(on)} | said


@pytest.mark.parametrize(
    ("rule", "on", "target", "new", "expected"),
    [
        ("symptoms and an additional new lesion", 70, "125", "8", ["iUPD", "iCPD", "NA"]),
        ("on the day of the scan", 71, "125", "8", ["iUPD", "iCPD", "NA"]),
        ("symptoms before the time point before", 57, "125", "8", ["iUPD", "iUPD", "iCPD"]),
        ("symptoms after the scan", 72, "125", "8", ["iUPD", "iUPD", "iCPD"]),
        ("symptoms and growth alone", 70, "150", "-", ["iUPD", "iUPD", "iUPD"]),
    ],
)
@pytest.mark.parametrize("name", ["iRECIST", "itRECIST"])
def test_IR_05_an_early_scan_for_new_symptoms_that_shows_a_new_lesion_confirms(
    evaluate: Evaluate, rule: str, on: int, target: str, new: str, expected: list[str], name: str
) -> None:
    rows = table(EARLY.format(target, new, new))
    plain = [code.replace("iUPD", "itUPD").replace("iCPD", "itCPD") for code in expected]
    found = evaluate.overall(rows, name, clinical_status=[status(on, new_symptoms=True)])
    assert found == (expected if name == "iRECIST" else plain), rule


def test_IR_05_without_symptoms_an_early_scan_confirms_nothing(evaluate: Evaluate) -> None:
    rows = table(EARLY.format("125", "8", "8"))
    assert evaluate.overall(rows, "iRECIST") == ["iUPD", "iUPD", "iCPD"]
    said = [status(70, new_symptoms=False)]
    assert evaluate.overall(rows, "iRECIST", clinical_status=said) == ["iUPD", "iUPD", "iCPD"]


def test_IR_05_the_status_of_a_visit_belongs_to_it_whenever_it_was_taken() -> None:
    rows = [row | {"visit": f"V{row['timepoint']}"} for row in table(EARLY.format("125", "8", "8"))]
    said = [status(75, new_symptoms=True, visit="V2")]
    assert Evaluate("engine").overall(rows, "iRECIST", clinical_status=said) == ["iUPD", "iCPD", "NA"]
    other = [status(71, new_symptoms=True, visit="V3")]
    assert Evaluate("engine").overall(rows, "iRECIST", clinical_status=other) == ["iUPD", "iUPD", "iCPD"]


@pytest.mark.parametrize(
    ("stable", "flag", "words"),
    [
        (True, "CLINICALLY_STABLE", "; clinically stable"),
        (False, "CLINICALLY_UNSTABLE", "; not clinically stable"),
        (None, None, "no new lesion"),
    ],
)
def test_IR_07_an_iUPD_says_whether_the_subject_was_stable_and_stays_what_it_is(
    stable: bool | None, flag: str | None, words: str
) -> None:
    rows = table("lesion | BL | d29 | d57\nT01 liver | 100 | 100 | 125")
    said = [
        status(20, clinically_stable=True),
        status(50, clinically_stable=True),
        status(57, clinically_stable=stable),
    ]
    said = said if stable is not None else said[:1]
    given = Evaluate("engine").timepoint_responses(rows, "iRECIST", clinical_status=said)
    assert [r["overall_response"] for r in given] == ["iSD", "iUPD"]
    assert [r["flags"] for r in given] == [None, flag]
    assert given[1]["explanation"].endswith(words)


DECLINE = [
    ("before the second look", 70, {}, "CONFIRMED", "irPD", 57),
    ("on the day of the second look", 113, {}, "CONFIRMED", "irPD", 57),
    ("after the second look", 114, {}, None, "irSD", None),
    ("before the irPD", 50, {}, None, "irSD", None),
    ("after new therapy, which ends the search", 80, {"new_therapy_date": day(75)}, "UNCONFIRMED", "irPD", 57),
]


@pytest.mark.parametrize(
    ("rule", "on", "subject", "standing", "best", "progression"), DECLINE, ids=[d[0] for d in DECLINE]
)
def test_IRC_12_rapid_decline_ends_the_wait_for_the_second_look(
    evaluate: Evaluate,
    rule: str,
    on: int,
    subject: dict[str, Any],
    standing: str | None,
    best: str,
    progression: int | None,
) -> None:
    course = responses("irPD d57, irSD d113")
    option = {"clinical_status": [status(on, rapid_deterioration=True)], "irrc_rapid_deterioration_confirms": True}
    found = evaluate.best_response(course, "irRC", subject, **option)
    assert (found["progression_status"], found["best_response"]) == (standing, best)
    assert found["progression_date"] == (None if progression is None else day(progression))


def test_IRC_12_is_off_by_default(evaluate: Evaluate) -> None:
    said = [status(70, rapid_deterioration=True)]
    found = evaluate.best_response(responses("irPD d57, irSD d113"), "irRC", clinical_status=said)
    assert (found["progression_status"], found["best_response"]) == (None, "irSD")


def test_IRC_12_rapid_decline_confirms_without_any_later_scan(evaluate: Evaluate) -> None:
    said = {"clinical_status": [status(70, rapid_deterioration=True)], "irrc_rapid_deterioration_confirms": True}
    course = responses("irSD d29, irPD d57")
    assert evaluate.best_response(course, "irRC", **said)["progression_status"] == "CONFIRMED"
    assert evaluate.best_response(course, "irRC")["progression_status"] == "UNCONFIRMED"
