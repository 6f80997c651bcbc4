"""Lesion tables in nadir's own columns: what is filled in, and what is told about files and rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.lesion_table import read_lesion_table, read_subject_table, subjects_from_baseline
from ingestion.reject import Parsed

HEADER = "subject_id,timepoint,assessment_date,lesion_id,role,organ,longest_diameter_mm,short_axis_mm,state"
Read = Callable[..., Parsed]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads lines below a header as a lesion table."""

    def lesions(*lines: str, header: str = HEADER, name: str = "lesions.csv") -> Parsed:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines, ""]))
        return read_lesion_table(path)

    return lesions


def only(parsed: Parsed) -> dict[str, Any]:
    assert parsed.rejects.is_empty(), parsed.rejects
    (row,) = parsed.frame.to_dicts()
    return row


STATES = [
    ("S,1,2024-01-05,T1,TARGET,LIVER,20,,", "MEASURED"),
    ("S,1,2024-01-05,T1,TARGET,LIVER,0,,", "ABSENT"),
    ("S,1,2024-01-05,T1,TARGET,LYMPH NODE,30,16,", "MEASURED"),
    ("S,1,2024-01-05,T1,TARGET,LYMPH NODE,,0,", "ABSENT"),
    ("S,1,2024-01-05,T1,TARGET,LIVER,,,too small", "TOO_SMALL"),
    ("S,1,2024-01-05,N1,non target,BONE,,,", "PRESENT"),
    ("S,1,2024-01-05,N1,NEW,BONE,,,unequivocal", "UNEQUIVOCAL"),
]


@pytest.mark.parametrize(("line", "state"), STATES)
def test_a_state_that_is_not_given_follows_from_the_size(read: Read, line: str, state: str) -> None:
    assert only(read(line))["state"] == state


def test_what_is_not_given_is_filled_in(read: Read) -> None:
    row = only(read("S,1.0,2024-01-05,T1,non_target,Lymph node left,,12,"))
    assert (row["study_id"], row["evaluator"], row["visit"]) == ("assess", "INVESTIGATOR", "1")
    assert (row["timepoint"], row["role"], row["is_node"]) == (1, "NON-TARGET", True)
    assert row["assessment_date"] == dt.date(2024, 1, 5)
    assert (row["source_name"], row["source_record"]) == ("lesions.csv", "2")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_and_headers_in_capitals_are_read(read: Read, delimiter: str) -> None:
    line = "S,1,2024-01-05,T1,TARGET,LIVER,20,,".replace(",", delimiter)
    assert only(read(line, header=HEADER.upper().replace(",", delimiter)))["longest_diameter_mm"] == 20


REJECTED = [
    (",1,2024-01-05,T1,TARGET,LIVER,20,,", "subject_id", None, "no subject_id"),
    ("S,one,2024-01-05,T1,TARGET,LIVER,20,,", "timepoint", "one", "not a whole number"),
    ("S,1,2031-02-30,T1,TARGET,LIVER,20,,", "assessment_date", "2031-02-30", ""),
    ("S,1,2024-01,T1,TARGET,LIVER,20,,", "assessment_date", "2024-01", "the date has no day"),
    ("S,1,2024-01-05,T1,TARGTE,LIVER,20,,", "role", "TARGTE", "unknown code"),
    ("S,1,2024-01-05,T1,TARGET,LIVER,,,GONE", "state", "GONE", "unknown code"),
    ("S,1,2024-01-05,T1,TARGET,LIVER,-5,,", "longest_diameter_mm", "-5", "cannot be negative"),
    ("S,1,2024-01-05,T1,TARGET,LIVER,5 cm,,", "longest_diameter_mm", "5 cm", "not a number"),
    ("S,1,2024-01-05,T1,TARGET,LIVER,5000,,", "longest_diameter_mm", "5000", "larger than 500 mm"),
    ("S,1,2024-01-05,T1,TARGET,LIVER,,,", "longest_diameter_mm", None, "a target without diameter"),
    ("S,1,2024-01-05,T1,TARGET,LYMPH NODE,30,,", "short_axis_mm", None, "a target node without short axis"),
]


@pytest.mark.parametrize(("line", "field", "value", "reason"), REJECTED)
def test_a_wrong_row_is_a_reject_with_field_value_and_remedy_and_the_others_stay(
    read: Read, line: str, field: str, value: str | None, reason: str
) -> None:
    parsed = read("S,0,2024-01-01,T1,TARGET,LIVER,20,,", line)
    assert parsed.frame["timepoint"].to_list() == [0]
    (reject,) = parsed.rejects.to_dicts()
    assert (reject["source_name"], reject["source_record"]) == ("lesions.csv", "3")
    assert (reject["field"], reject["value"]) == (field, value)
    assert reason in reject["reason"]
    assert reject["remedy"]


@pytest.mark.parametrize("value", ["nan", "inf", "NaN", "-inf"])
def test_a_diameter_that_is_no_finite_number_is_a_reject(read: Read, value: str) -> None:
    parsed = read(f"S,1,2024-01-05,T1,TARGET,LIVER,{value},,")
    assert parsed.frame.is_empty()
    assert parsed.rejects["field"].to_list() == ["longest_diameter_mm"]


def test_a_lesion_that_stands_twice_keeps_its_first_row(read: Read) -> None:
    parsed = read("S,1,2024-01-05,T1,TARGET,LIVER,20,,", "S,1,2024-01-05,T1,TARGET,LIVER,25,,")
    assert parsed.frame["longest_diameter_mm"].to_list() == [20]
    assert parsed.rejects["source_record"].to_list() == ["3"]


def test_subjects_are_read_with_their_dates(tmp_path: Path) -> None:
    path = tmp_path / "subjects.csv"
    path.write_text("subject_id,reference_date,death_date,arm\nS,2024-01-10,2024-12-24,A\nR,2024-02-31,,A\n")
    parsed = read_subject_table(path)
    (row,) = parsed.frame.to_dicts()
    assert (row["reference_date"], row["death_date"], row["arm"]) == (dt.date(2024, 1, 10), dt.date(2024, 12, 24), "A")
    assert parsed.rejects.select("source_record", "field", "value").rows() == [("3", "reference_date", "2024-02-31")]


def test_a_subject_in_two_rows_keeps_the_first_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "subjects.csv"
    path.write_text("subject_id,reference_date\nS,2024-01-10\nS,2024-01-11\n")
    parsed = read_subject_table(path)
    assert parsed.frame["reference_date"].to_list() == [dt.date(2024, 1, 10)]
    (reject,) = parsed.rejects.to_dicts()
    assert reject["source_record"] == "3"
    assert reject["reason"] == "contradicts row 2 of subjects.csv, which has the same key and is kept"


def test_subjects_of_two_studies_may_share_an_id(tmp_path: Path) -> None:
    path = tmp_path / "subjects.csv"
    path.write_text("study_id,subject_id,reference_date\nA,S,2024-01-10\nB,S,2024-01-11\n")
    parsed = read_subject_table(path)
    assert parsed.rejects.is_empty()
    assert dict(parsed.frame.select("study_id", "reference_date").iter_rows()) == {
        "A": dt.date(2024, 1, 10),
        "B": dt.date(2024, 1, 11),
    }


def test_without_subjects_the_baseline_scan_is_the_reference_date(read: Read) -> None:
    lesions = read(
        "S,0,2024-01-06,T1,TARGET,LIVER,20,,",
        "S,0,2024-01-05,T2,TARGET,LIVER,20,,",
        "S,1,2024-03-05,T1,TARGET,LIVER,20,,",
        "R,1,2024-03-05,T1,TARGET,LIVER,20,,",
    )
    subjects = subjects_from_baseline(lesions.frame)
    assert dict(subjects.select("subject_id", "reference_date").iter_rows()) == {"S": dt.date(2024, 1, 5), "R": None}
