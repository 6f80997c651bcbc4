"""mart.visit_compliance: what came of each visit, who read it, and what is overdue."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from cohorts.tables import ADJUDICATION
from cohorts.visit_compliance import visit_compliance
from cohorts.visit_progress import visit_progress
from ingestion.dicom.tables import VISIT_SCAN
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT, VISIT

DAY_1 = date(2024, 1, 1)
PLAN = {"SCREENING": 1, "W8": 57, "W16": 113}
KEY = {"study_id": "S", "subject_id": "1"}
AS_OF = 200


def on(day: int) -> date:
    return DAY_1 + timedelta(days=day - 1)


def progress(
    held: str,
    reads: str = "",
    *,
    scans: str = "",
    subject: dict[str, Any] | None = None,
    adjudicated: dict[str, Any] | None = None,
    as_of: int = AS_OF,
    expected_readers: tuple[str, ...] = (),
) -> dict[str, dict[str, Any]]:
    """The rows by visit.

    ``held`` names visits held on their planned day (``!`` before it: recorded as not done), ``reads`` are
    ``reader:visit``, ``scans`` are ``visit:status``.
    """
    days = {name.strip("!"): PLAN[name.strip("!")] for name in held.split()}
    numbers = {visit: number for number, visit in enumerate(PLAN)}
    visits = [
        {**KEY, "timepoint": numbers[visit], "visit": visit, "occurred": f"!{visit}" not in held.split()}
        | {"start_date": on(day), "end_date": on(day)}
        for visit, day in days.items()
    ]
    measured = [
        {**KEY, "evaluator": who, "timepoint": numbers[visit], "visit": visit, "lesion_id": "T01"}
        | {"role": "TARGET", "state": "MEASURED", "reader_role": role}
        for who, visit, role in ((*read.split(":"), "")[:3] for read in reads.split())
    ]
    series = [
        {**KEY, "visit": visit, "modality": "CT", "scan_id": f"{visit} {number}", "kind": "IMAGE", "status": status}
        for number, (visit, status) in enumerate(scan.split(":") for scan in scans.split())
    ]
    subjects = SUBJECT.conform(pl.DataFrame([{**KEY, "reference_date": DAY_1} | (subject or {})]))
    reviewed = {**KEY, "criterion": "RECIST 1.1", "origin": "DERIVED", "item": "ALL", "unit": "SUBJECT"}
    schedule = pl.DataFrame(
        {"study_id": "S", "visit": list(PLAN), "planned_day": list(PLAN.values()), "minus": 7, "plus": 7}
    )
    frames = (
        VISIT.conform(pl.DataFrame(visits)) if visits else VISIT.empty(),
        MEASUREMENT.conform(pl.DataFrame(measured)) if measured else MEASUREMENT.empty(),
    )
    found = visit_progress(
        visit_compliance(*frames, subjects, schedule),
        frames[1],
        RECORDED_RESPONSE.empty(),
        subjects,
        VISIT_SCAN.conform(pl.DataFrame(series)) if series else VISIT_SCAN.empty(),
        ADJUDICATION.conform(pl.DataFrame([reviewed | adjudicated])) if adjudicated else ADJUDICATION.empty(),
        as_of=on(as_of),
        expected_readers=expected_readers,
    )
    return {row["visit"]: row for row in found.iter_rows(named=True)}


BOTH = "R1:SCREENING R2:SCREENING R1:W8 R2:W8"


@pytest.mark.parametrize(
    ("held", "scans", "received", "count"),
    [
        ("W8", "W8:RECEIVED W8:LATE", "SCANS AND FORMS", 2),
        ("W8", "", "FORMS", 0),
        ("", "W8:EARLY", "SCANS", 1),
        ("", "W8:MISSING", "NOTHING", 0),
        ("", "W8:UNREADABLE", "NOTHING", 0),
        ("!W8", "", "NOTHING", 0),
    ],
)
def test_what_was_received(held: str, scans: str, received: str, count: int) -> None:
    row = progress(f"SCREENING {held}", "R1:SCREENING", scans=scans)["W8"]
    assert (row["received"], row["scans"]) == (received, count)


@pytest.mark.parametrize(
    ("reads", "named", "read", "expected", "missing"),
    [
        (BOTH, (), "ALL", 2, None),
        ("R1:SCREENING R2:SCREENING R1:W8", (), "SOME", 2, "R2"),
        ("R1:SCREENING R2:SCREENING", (), "NONE", 2, "R1, R2"),
        ("R1:SCREENING R1:W8", ("R1", "R2"), "SOME", 2, "R2"),
        ("R1:SCREENING R1:W8 A:SCREENING:ADJUDICATOR", (), "ALL", 1, None),
        ("R1:SCREENING R1:W8 R2:W8", (), "ALL", 1, None),
    ],
)
def test_by_how_many_of_the_expected_readers_it_was_read(
    reads: str, named: tuple[str, ...], read: str, expected: int, missing: str | None
) -> None:
    row = progress("SCREENING W8", reads, expected_readers=named)["W8"]
    assert (row["read"], row["readers_expected"], row["readers_missing"]) == (read, expected, missing)


@pytest.mark.parametrize(
    ("adjudicated", "accepted", "item", "unit", "expected"),
    [
        (False, "R1", "ALL", "SUBJECT", "NOT REQUIRED"),
        (True, None, "ALL", "SUBJECT", "PENDING"),
        (True, "R2", "ALL", "SUBJECT", "DONE"),
        (True, None, "1", "TIMEPOINT", "PENDING"),
        (True, None, "2", "TIMEPOINT", None),
    ],
)
def test_adjudication_of_the_subject_or_of_the_time_point(
    adjudicated: bool, accepted: str | None, item: str, unit: str, expected: str | None
) -> None:
    given = {"adjudicated": adjudicated, "accepted_reader": accepted, "item": item, "unit": unit}
    assert progress("SCREENING W8", BOTH, adjudicated=given)["W8"]["adjudication"] == expected


@pytest.mark.parametrize(("as_of", "overdue", "days"), [(64, None, None), (65, "VISIT", 1), (200, "VISIT", 136)])
def test_a_visit_is_overdue_from_the_day_after_its_window(as_of: int, overdue: str | None, days: int | None) -> None:
    row = progress("SCREENING", "R1:SCREENING", as_of=as_of)["W8"]
    assert (row["overdue"], row["overdue_days"], row["as_of"]) == (overdue, days, on(as_of))


@pytest.mark.parametrize(
    "subject",
    [
        {"death_date": on(60)},
        {"end_of_study_date": on(64)},
        {"new_therapy_date": on(50)},
        {"discontinuation_date": on(40), "discontinuation_reason": "PROGRESSIVE DISEASE"},
    ],
)
def test_a_visit_is_not_overdue_when_assessments_had_ended_before(subject: dict[str, Any]) -> None:
    assert progress("SCREENING", "R1:SCREENING", subject=subject)["W8"]["overdue"] is None


def test_a_stop_of_treatment_for_another_reason_does_not_end_the_assessments() -> None:
    stopped = {"discontinuation_date": on(40), "discontinuation_reason": "ADVERSE EVENT"}
    row = progress("SCREENING", "R1:SCREENING", subject=stopped)["W8"]
    assert (row["expected"], row["overdue"]) == (True, "VISIT")


def test_a_visit_that_the_forms_say_was_not_done_is_not_overdue() -> None:
    assert progress("SCREENING !W8", "R1:SCREENING")["W8"]["overdue"] is None


def test_a_baseline_is_asked_for_only_where_there_is_none() -> None:
    assert progress("")["SCREENING"]["overdue"] == "VISIT"
    assert progress("SCREENING", "R1:SCREENING")["SCREENING"]["overdue"] is None


def test_scans_come_before_reads_and_reads_before_adjudication() -> None:
    pending = {"adjudicated": True}
    late = {"scans": "W8:RECEIVED W8:MISSING", "adjudicated": pending}
    one = "R1:SCREENING R2:SCREENING R1:W8"
    found = (
        progress("SCREENING W8", one, **late),
        progress("SCREENING W8", one, adjudicated=pending),
        progress("SCREENING W8", BOTH, adjudicated=pending),
        progress("SCREENING W8", BOTH),
    )
    assert [rows["W8"]["overdue"] for rows in found] == ["SCANS", "READ", "ADJUDICATION", None]


def test_the_windows_and_their_status_stay() -> None:
    row = progress("SCREENING W8", BOTH)["W8"]
    assert (row["status"], row["window_end"], row["days_off"], row["evaluators"]) == ("IN WINDOW", on(64), 0, 2)
