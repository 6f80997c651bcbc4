"""mart.visit_compliance: planned visits against what took place."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from cohorts.visit_compliance import visit_compliance
from ingestion.tables import MEASUREMENT, SUBJECT, VISIT

DAY_1 = date(2024, 1, 1)


def day(number: int) -> date:
    return DAY_1 + timedelta(days=number - 1)


def compliance(
    held: dict[str, int | None], until: int, cutoff: int | None = None, readers: tuple[str, ...] = ("R1",)
) -> dict[str, tuple[str, int | None, int]]:
    """Status, days off and number of evaluators by visit; ``held`` gives the study day of a visit, None = not done."""
    subject = {"study_id": "S", "subject_id": "1", "reference_date": DAY_1, "last_alive_date": day(until)}
    visits = [
        {
            "study_id": "S",
            "subject_id": "1",
            "timepoint": number,
            "visit": visit,
            "occurred": on is not None,
            "start_date": None if on is None else day(on),
            "end_date": None if on is None else day(on),
        }
        for number, (visit, on) in enumerate(held.items(), start=1)
    ]
    reads = [
        {
            "study_id": "S",
            "subject_id": "1",
            "evaluator": reader,
            "timepoint": number,
            "visit": visit,
            "lesion_id": "T01",
            "role": "TARGET",
            "state": "MEASURED",
        }
        for number, (visit, on) in enumerate(held.items(), start=1)
        if on is not None
        for reader in readers
    ]
    schedule = pl.DataFrame(
        {"study_id": "S", "visit": ["W8", "W16"], "planned_day": [57, 113], "minus": [7, 7], "plus": [7, 7]}
    )
    found = visit_compliance(
        VISIT.conform(pl.DataFrame(visits, schema_overrides={"start_date": pl.Date, "end_date": pl.Date})),
        MEASUREMENT.conform(pl.DataFrame(reads, schema=list(reads[0]) if reads else MEASUREMENT.schema)),
        SUBJECT.conform(pl.DataFrame([subject])),
        schedule,
        None if cutoff is None else day(cutoff),
    )
    return {row["visit"]: (row["status"], row["days_off"], row["evaluators"]) for row in found.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("on", "status", "off"),
    [(57, "IN WINDOW", 0), (50, "IN WINDOW", -7), (64, "IN WINDOW", 7), (49, "EARLY", -8), (65, "LATE", 8)],
)
def test_a_visit_is_judged_by_its_window_both_ends_included(on: int, status: str, off: int) -> None:
    assert compliance({"W8": on}, until=80)["W8"] == (status, off, 1)


@pytest.mark.parametrize(("until", "status"), [(121, "MISSING"), (120, "NOT DUE"), (60, "NOT DUE")])
def test_a_visit_is_missing_only_when_its_window_closed_during_follow_up(until: int, status: str) -> None:
    assert compliance({"W8": 57}, until=until)["W16"] == (status, None, 0)


def test_a_visit_recorded_as_not_performed_is_not_done() -> None:
    assert compliance({"W8": 57, "W16": None}, until=200)["W16"] == ("NOT DONE", None, 0)


def test_a_visit_outside_the_schedule_is_unscheduled() -> None:
    assert compliance({"W8": 57, "UNSCHEDULED 2.1": 70}, until=80)["UNSCHEDULED 2.1"] == ("UNSCHEDULED", None, 1)


def test_evaluators_of_a_visit_are_counted() -> None:
    assert compliance({"W8": 57}, until=80, readers=("R1", "R2", "INVESTIGATOR"))["W8"][2] == 3
