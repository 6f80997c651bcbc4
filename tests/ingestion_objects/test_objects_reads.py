"""Lesions of structured reports as reads beside those of the forms: the forms win, a conflict is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from pydicom.sr.codedict import codes

from ingestion.dicom.index import ScanFile, index_files
from ingestion.dicom.series import series
from ingestion.imaging.visit_scans import visit_scans
from ingestion.objects.reads import Reads, merged_reads
from ingestion.objects.reports import sr_measurements
from ingestion.objects.tables import SR_MEASUREMENT
from ingestion.reject import Parsed
from ingestion.tables import MEASUREMENT
from protocol.imaging import Imaging
from protocol.model import Visits
from tests.ingestion_imaging import trial
from tests.ingestion_objects import made

READER = {"Reader^One": "RADIOLOGIST 1"}
T01 = {"id": "T01", "long": 42.5, "short": 30.0}
NODE = {"id": "NT02", "long": 18.0, "short": 12.25, "site": codes.SCT.LymphNode}


def received(files: list[ScanFile], known: pl.DataFrame | None = None) -> tuple[Parsed, pl.DataFrame]:
    instances = index_files("S", files).frame
    whole = series(instances)
    subjects = trial.subjects({"subject_id": "A1"})
    scans = visit_scans(
        instances,
        whole,
        trial.rejects(),
        subjects,
        trial.visits(),
        schedule=Visits.model_validate({"schedule": [{"visit": "WEEK 8", "day": 57}]}),
        imaging=Imaging(),
        today=date(2025, 1, 1),
    ).frame
    known = SR_MEASUREMENT.empty() if known is None else known
    parsed = sr_measurements("S", files, known, instances, whole, scans, subjects["subject_id"], Imaging().subject)
    return parsed, scans


def forms(*rows: dict[str, Any]) -> pl.DataFrame:
    return trial.frame(
        MEASUREMENT,
        rows,
        subject_id="A1",
        evaluator="RADIOLOGIST 1",
        reader_role="INDEPENDENT ASSESSOR",
        timepoint=1,
        visit="WEEK 8",
        state="MEASURED",
        source_name="forms/tr.csv",
        source_record="7",
    )


def merged(files: list[ScanFile], *rows: dict[str, Any], observers: dict[str, str] = READER) -> Reads:
    parsed, scans = received(files)
    return merged_reads(forms(*rows), parsed.frame, scans, observers)


def test_axes_of_a_report_are_reads_with_the_reports_uid(tmp_path: Path) -> None:
    images = made.ct()
    report = made.report(images, [T01, NODE])
    found = merged(made.write(tmp_path, *images, report))
    node, target = found.frame.sort("lesion_id").rows(named=True)
    expected = {
        "subject_id": "A1",
        "evaluator": "RADIOLOGIST 1",
        "reader_role": "INDEPENDENT ASSESSOR",
        "timepoint": 1,
        "visit": "WEEK 8",
        "assessment_date": date(2024, 3, 11),
        "lesion_id": "T01",
        "role": "TARGET",
        "organ": "LIVER",
        "is_node": False,
        "state": "MEASURED",
        "longest_diameter_mm": 42.5,
        "perpendicular_mm": 30.0,
        "short_axis_mm": None,
        "method": "CT SCAN",
        "source_record": report.SOPInstanceUID,
    }
    assert {name: target[name] for name in expected} == expected
    assert (node["role"], node["is_node"], node["short_axis_mm"]) == ("NON-TARGET", True, 12.25)
    assert found.conflicts.is_empty()
    assert found.rejects.is_empty()


def test_the_form_wins_and_the_difference_is_a_conflict(tmp_path: Path) -> None:
    images = made.ct()
    files = made.write(tmp_path, *images, made.report(images, [T01]))
    found = merged(files, {"lesion_id": "T01", "longest_diameter_mm": 40.0, "perpendicular_mm": 30.04})
    assert found.frame["longest_diameter_mm"].to_list() == [40.0]
    assert found.conflicts.select("lesion_id", "field", "form_value", "report_value", "form_source").rows() == [
        ("T01", "longest_diameter_mm", 40.0, 42.5, "forms/tr.csv row 7")
    ]


def test_a_lesion_of_the_forms_that_they_lack_at_this_visit_is_added(tmp_path: Path) -> None:
    images = made.ct()
    files = made.write(tmp_path, *images, made.report(images, [T01]))
    baseline = {"lesion_id": "T01", "timepoint": 0, "visit": "SCREENING", "role": "TARGET", "organ": "LUNG"}
    found = merged(files, baseline, {"lesion_id": "T02", "role": "TARGET"})
    added = found.frame.filter(lesion_id="T01", timepoint=1).select("organ", "longest_diameter_mm").rows()
    assert added == [("LUNG", 42.5)]


def test_a_lesion_strange_to_the_forms_read_is_not_counted_twice(tmp_path: Path) -> None:
    images = made.ct()
    files = made.write(tmp_path, *images, made.report(images, [{**T01, "id": "Lesion A"}]))
    found = merged(files, {"lesion_id": "T01", "longest_diameter_mm": 42.0})
    assert found.frame["lesion_id"].to_list() == ["T01"]
    assert found.rejects.select("value", "reason").rows() == [
        ("Lesion A", "the forms have RADIOLOGIST 1's read of WEEK 8 and no such lesion")
    ]


def test_a_later_report_replaces_an_earlier_one(tmp_path: Path) -> None:
    images = made.ct()
    first = made.report(images, [T01], at="20240401 120000")
    corrected = made.report(images, [{**T01, "long": 41.0}], number=2, at="20240402 080000")
    found = merged(made.write(tmp_path, *images, corrected, first))
    assert found.frame["longest_diameter_mm"].to_list() == [41.0]


def test_a_device_reads_only_when_the_protocol_says_so(tmp_path: Path) -> None:
    images = made.ct()
    files = made.write(tmp_path, *images, made.report(images, [T01], observer="AutoMeasure", device=True))
    assert merged(files).frame.is_empty()
    assert merged(files).rejects["reason"].to_list() == ["no person observed"]
    named = merged(files, observers={"AutoMeasure": "SOFTWARE"})
    assert named.frame["evaluator"].to_list() == ["SOFTWARE"]


def test_a_person_whom_the_protocol_does_not_name_reads_under_the_own_name(tmp_path: Path) -> None:
    images = made.ct()
    files = made.write(tmp_path, *images, made.report(images, [T01]))
    assert merged(files, observers={}).frame["evaluator"].to_list() == ["Reader One"]


def test_a_report_without_its_scan_is_no_read_until_the_scan_comes(tmp_path: Path) -> None:
    images = made.ct()
    report = made.report(images, [T01])
    alone = made.write(tmp_path, report)
    assert merged(alone).rejects["reason"].to_list() == ["the scan that it refers to is at no visit of the subject"]
    parsed, _ = received(alone)
    later, scans = received(made.write(tmp_path, *images), known=parsed.frame)
    assert merged_reads(forms(), later.frame, scans, READER).frame["lesion_id"].to_list() == ["T01"]


def test_refused_values_are_rejects_at_every_refresh_and_the_rest_is_read(tmp_path: Path) -> None:
    images = made.ct()
    files = made.write(tmp_path, *images, made.report(images, [{"id": "T01", "long": -396.0}, NODE]))
    parsed, scans = received(files)
    again, _ = received(files, known=parsed.frame)
    for one in (parsed, again):
        assert one.rejects.select("stage", "subject_id", "field", "value", "reason").rows() == [
            ("core.sr_measurement", "A1", "T01 Long axis", "-396.0", "Long axis is negative")
        ]
    found = merged_reads(forms(), parsed.frame, scans, READER)
    assert found.frame["lesion_id"].to_list() == ["NT02"]
    assert found.rejects["reason"].to_list() == ["no usable axis"]
