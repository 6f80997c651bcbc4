"""Scans against subjects and visits (imaging notes 2.1, 2.4): what is received, early, late, missing, unscheduled."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
import yaml

from ingestion.imaging.subject_labels import subjects_of
from ingestion.imaging.visit_scans import VisitScans, visit_scans
from protocol.imaging import Imaging, SubjectLabels
from protocol.model import Visits
from tests.ingestion_imaging import trial

SCHEDULE = {"schedule": [{"visit": "WEEK 8", "day": 57}, {"visit": "WEEK 16", "day": 113}], "baseline": ["SCREENING"]}
CHARTER = [{"version": "1", "expected": [{"modality": "CT"}]}]
TODAY = date(2024, 12, 31)


def match(
    series: pl.DataFrame,
    *,
    subjects: pl.DataFrame | None = None,
    visits: pl.DataFrame | None = None,
    instances: pl.DataFrame | None = None,
    rejects: pl.DataFrame | None = None,
    schedule: dict[str, Any] | None = None,
    today: date = TODAY,
    data_cutoff: date | None = None,
    **imaging: Any,
) -> VisitScans:
    return visit_scans(
        trial.instances() if instances is None else instances,
        series,
        trial.rejects() if rejects is None else rejects,
        trial.subjects() if subjects is None else subjects,
        trial.visits() if visits is None else visits,
        schedule=Visits.model_validate(SCHEDULE if schedule is None else schedule),
        imaging=Imaging.model_validate(imaging),
        today=today,
        data_cutoff=data_cutoff,
    )


def rows(found: VisitScans, *columns: str) -> list[tuple[Any, ...]]:
    return found.frame.select(columns).rows()


# WEEK 8 is day 57: 2024-03-11, its window 2024-03-04 to 2024-03-18
@pytest.mark.parametrize(
    ("day", "visit", "timepoint", "status", "days_off"),
    [
        ("2024-01-15", "SCREENING", 0, "RECEIVED", 0),
        ("2023-12-18", "SCREENING", 0, "RECEIVED", -28),
        ("2023-12-17", "SCREENING", 0, "EARLY", -29),
        ("2024-01-16", "SCREENING", 0, "LATE", 1),
        ("2024-03-04", "WEEK 8", 1, "RECEIVED", -7),
        ("2024-03-18", "WEEK 8", 1, "RECEIVED", 7),
        ("2024-03-03", "WEEK 8", 1, "EARLY", -8),
        ("2024-03-19", "WEEK 8", 1, "LATE", 8),
        ("2024-04-01", "WEEK 8", 1, "LATE", 21),
        ("2024-04-02", "UNSCHEDULED", None, "UNSCHEDULED", None),
        ("2024-05-06", "WEEK 16", 2, "RECEIVED", 0),
    ],
)
def test_a_scan_belongs_to_the_nearest_window_within_the_tolerance(
    day: str, visit: str, timepoint: int | None, status: str, days_off: int | None
) -> None:
    found = match(trial.series({"scan_date": day}))
    assert rows(found, "visit", "timepoint", "status", "days_off") == [(visit, timepoint, status, days_off)]


def test_a_visit_over_several_days_is_one_visit() -> None:
    found = match(
        trial.series(
            {"scan_date": "2024-03-11", "modality": "CT", "body_part": "CHEST"},
            {"scan_date": "2024-03-14", "modality": "MR", "body_part": "LIVER"},
        )
    )
    assert rows(found, "modality", "visit", "timepoint", "status") == [
        ("CT", "WEEK 8", 1, "RECEIVED"),
        ("MR", "WEEK 8", 1, "RECEIVED"),
    ]


def test_the_forms_dates_go_before_the_windows() -> None:
    late = trial.visits(
        {"visit": "SCREENING", "timepoint": 0, "start_date": "2024-01-10", "end_date": "2024-01-12"},
        {"visit": "WEEK 8", "timepoint": 1, "start_date": "2024-05-02", "end_date": "2024-05-03"},
    )
    found = match(trial.series({"scan_date": "2024-05-03"}, {"scan_date": "2024-01-11"}), visits=late)
    assert rows(found, "visit", "timepoint", "status") == [("SCREENING", 0, "RECEIVED"), ("WEEK 8", 1, "LATE")]


def test_time_points_are_those_of_the_forms() -> None:
    forms = trial.visits(
        {"visit": "SCREENING", "timepoint": 0, "start_date": "2024-01-10"},
        {"visit": "WEEK 16", "timepoint": 7, "start_date": "2024-05-06"},
    )
    found = match(trial.series({"scan_date": "2024-05-06"}, {"scan_date": "2024-03-11"}), visits=forms)
    assert rows(found, "visit", "timepoint") == [("WEEK 16", 7), ("WEEK 8", None)]


def test_a_second_scan_outside_of_the_window_is_unscheduled() -> None:
    found = match(trial.series({"scan_date": "2024-03-12"}, {"scan_date": "2024-03-20"}))
    assert rows(found, "visit", "status") == [("UNSCHEDULED", "UNSCHEDULED"), ("WEEK 8", "RECEIVED")]
    assert found.frame["reason"][0] == "2 days outside of WEEK 8, which has such a scan already"


def test_a_visit_that_only_the_forms_know_is_unscheduled_with_its_time_point() -> None:
    forms = trial.visits({"visit": "UNSCHEDULED 1.1", "timepoint": 2, "start_date": "2024-04-02"})
    found = match(trial.series({"scan_date": "2024-04-02"}), visits=forms)
    assert rows(found, "visit", "timepoint", "status") == [("UNSCHEDULED 1.1", 2, "UNSCHEDULED")]


def test_expected_scans_that_did_not_come_are_missing_once_the_window_has_ended() -> None:
    found = match(trial.series({"scan_date": "2024-01-10"}), charter=CHARTER, today=date(2024, 3, 19))
    assert rows(found, "visit", "status", "scan_id", "reason") == [
        ("SCREENING", "RECEIVED", "1.1", "within the window 2023-12-18 to 2024-01-15"),
        ("WEEK 16", "NOT_DUE", "2024-05-06", "the window ends on 2024-05-13"),
        ("WEEK 8", "MISSING", "2024-03-11", "the window ended on 2024-03-18"),
    ]
    waiting = match(trial.series({"scan_date": "2024-01-10"}), charter=CHARTER, today=date(2024, 3, 18))
    assert waiting.frame.filter(visit="WEEK 8")["status"].item() == "NOT_DUE"


def test_no_scan_is_missing_after_the_end_of_follow_up() -> None:
    dead = trial.subjects({"subject_id": "A1", "death_date": "2024-03-10"})
    found = match(trial.series({"scan_date": "2024-01-10"}), subjects=dead, charter=CHARTER)
    (row,) = found.frame.filter(visit="WEEK 8").rows(named=True)
    assert (row["status"], row["reason"]) == ("NOT_DUE", "the subject's follow-up ended on 2024-03-10")


def test_a_visit_of_the_forms_without_its_scan_is_missing_before_the_window_ends() -> None:
    forms = trial.visits({"visit": "WEEK 8", "timepoint": 1, "start_date": "2024-03-05"})
    found = match(trial.series(), visits=forms, charter=CHARTER, today=date(2024, 3, 6))
    (row,) = found.frame.filter(visit="WEEK 8").rows(named=True)
    assert (row["status"], row["reason"]) == ("MISSING", "the forms record the visit on 2024-03-05")


def test_a_visit_recorded_as_not_performed_says_so() -> None:
    forms = trial.visits({"visit": "WEEK 8", "timepoint": 1, "start_date": "2024-03-11", "occurred": False})
    (row,) = match(trial.series(), visits=forms, charter=CHARTER).frame.filter(visit="WEEK 8").rows(named=True)
    assert (row["status"], row["reason"]) == ("MISSING", "the visit is recorded as not performed")


def test_a_localiser_does_not_make_a_visit_complete() -> None:
    found = match(trial.series({"scan_date": "2024-03-11", "kind": "LOCALISER"}), charter=CHARTER)
    of_week = found.frame.filter(visit="WEEK 8").select("kind", "status", "reason").rows()
    assert ("LOCALISER", "RECEIVED", "within the window 2024-03-04 to 2024-03-18") in of_week
    assert (None, "MISSING", "the window ended on 2024-03-18; only LOCALISER came") in of_week


def test_expected_scans_follow_the_charter_version_of_the_day() -> None:
    charter = [
        {"version": "1", "expected": [{"modality": "CT"}]},
        {
            "version": "2",
            "effective": "2024-05-01",
            "expected": [{"modality": "CT"}, {"modality": "PT", "visits": ["WEEK 16"]}],
        },
    ]
    found = match(trial.series(), charter=charter)
    assert sorted(rows(found, "visit", "modality")) == [
        ("SCREENING", "CT"),
        ("WEEK 16", "CT"),
        ("WEEK 16", "PT"),
        ("WEEK 8", "CT"),
    ]


def test_a_subject_without_reference_date_has_no_windows_and_loses_no_scan() -> None:
    undated = trial.subjects({"subject_id": "A1", "reference_date": None, "first_dose_date": None})
    forms = trial.visits({"visit": "WEEK 8", "timepoint": 1, "start_date": "2024-03-11"})
    found = match(
        trial.series({"scan_date": "2024-03-11"}, {"scan_date": "2025-01-01"}), subjects=undated, visits=forms
    )
    assert sorted(rows(found, "visit", "status")) == [("UNSCHEDULED", "UNSCHEDULED"), ("WEEK 8", "RECEIVED")]


def test_a_scan_without_a_date_is_unscheduled() -> None:
    found = match(trial.series({"scan_date": None}))
    assert rows(found, "visit", "status", "reason") == [("UNSCHEDULED", "UNSCHEDULED", "no date in the headers")]


def test_objects_are_no_scans() -> None:
    assert match(trial.series({"modality": "SR", "kind": "OBJECT", "scan_date": "2024-03-11"})).frame.is_empty()


def test_without_a_schedule_the_planned_days_of_the_forms_count() -> None:
    forms = trial.visits(
        {"visit": "SCREENING", "timepoint": 0, "start_date": "2024-01-10", "planned_day": -5},
        {"visit": "WEEK 8", "timepoint": 1, "start_date": "2024-03-11", "planned_day": 57},
    )
    two = trial.subjects({"subject_id": "A1"}, {"subject_id": "A2"})
    found = match(
        trial.series({"subject_label": "A2", "scan_date": "2024-03-20"}), subjects=two, visits=forms, schedule={}
    )
    assert rows(found, "subject_id", "visit", "timepoint", "status", "days_off") == [("A2", "WEEK 8", 1, "LATE", 9)]


def test_series_of_unknown_subjects_and_of_none_are_listed_with_a_remedy() -> None:
    found = match(
        trial.series(
            {"subject_label": "B7"}, {"subject_label": None}, {"subject_label": "A1\\B7"}, {"scan_date": "2024-03-11"}
        ),
        instances=trial.instances(
            {"source_name": "x/1.dcm", "series_instance_uid": "1.1"},
            {"source_name": "x/9.dcm", "patient_id": "A1"},
        ),
    )
    assert found.unmatched.select("scan_id", "subject_label", "source_name", "reason").rows() == [
        ("1.1", "B7", "x/1.dcm", "B7 is no subject of the study"),
        ("1.2", None, None, "the files name no subject"),
        ("1.3", "A1\\B7", None, "the files name several subjects: A1, B7"),
        ("x/9.dcm", "A1", "x/9.dcm", "the file names no series"),
    ]
    assert found.unmatched["remedy"].null_count() == 0
    assert rows(found, "series_instance_uid") == [("1.4",)]


def test_an_unreadable_file_stands_at_the_visit_of_its_folder_or_at_the_subject_of_its_path() -> None:
    found = match(
        trial.series({"scan_date": "2024-03-11"}),
        instances=trial.instances({"source_name": "scans/w8/1.dcm", "series_instance_uid": "1.1"}),
        rejects=trial.rejects("scans/w8/2.dcm", "A1/extra/3.dcm", "somewhere/4.dcm"),
    )
    broken = found.frame.filter(status="UNREADABLE").select("scan_id", "subject_id", "visit", "modality", "reason")
    assert broken.rows() == [
        ("A1/extra/3.dcm", "A1", "UNSCHEDULED", "UNKNOWN", "truncated: it ends"),
        ("scans/w8/2.dcm", "A1", "WEEK 8", "CT", "truncated: it ends"),
    ]
    assert found.unmatched["scan_id"].to_list() == ["somewhere/4.dcm"]


def test_a_scan_after_the_data_cutoff_is_a_reject() -> None:
    found = match(trial.series({"scan_date": "2024-03-11"}, {"scan_date": "2024-03-12"}), data_cutoff=date(2024, 3, 11))
    assert rows(found, "series_instance_uid") == [("1.1",)]
    assert found.rejects.select("source_record", "field", "value", "reason").rows() == [
        ("1.2", "scan_date", "2024-03-12", "the scan lies after the data cut-off 2024-03-11")
    ]


def test_every_series_ends_in_one_row() -> None:
    days = [str(date(2023, 12, 1 + n % 28)) for n in range(60)]
    labels = ["A1", "A2", "B9", None]
    given = trial.series(*({"scan_date": day, "subject_label": labels[n % 4]} for n, day in enumerate(days)))
    found = match(given, subjects=trial.subjects({"subject_id": "A1"}, {"subject_id": "A2"}), charter=CHARTER)
    placed = found.frame["series_instance_uid"].drop_nulls().to_list() + found.unmatched["scan_id"].to_list()
    assert sorted(placed) == sorted(given["series_instance_uid"])


RULE = r"""
pattern: '^(?P<site>\d{2})-?(?P<subject>\d{3})$'
subject_id: 'TRIAL-{site}-{subject}'
known_as: {TEST01: TRIAL-01-009}
"""


@pytest.mark.parametrize(
    ("label", "subject"),
    [
        ("01007", "TRIAL-01-007"),
        ("01-007 ", "TRIAL-01-007"),
        ("trial-01-007", "TRIAL-01-007"),
        ("TEST01", "TRIAL-01-009"),
        ("01-777", None),
        ("7", None),
    ],
)
def test_labels_become_subjects_by_the_protocols_rule(label: str, subject: str | None) -> None:
    rule = SubjectLabels.model_validate(yaml.safe_load(RULE))
    known = pl.Series(["TRIAL-01-007", "TRIAL-01-009"])
    assert subjects_of(pl.Series([label]), known, rule).rows() == [(label, subject)]
