"""A study with scans, reports and a segmentation through `nadir refresh`: visits, charter, identifiers, reads."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from protocol.study import Study, init_study
from tests.ingestion_objects import made
from tests.nadir.command_line import Said, nadir

pytestmark = pytest.mark.xdist_group("nadir_scans")

FORMS = {
    "dm.csv": "DOMAIN,USUBJID,RFSTDTC,RFXSTDTC,ARM,ARMCD,SEX,SITEID\n"
    "DM,TRIAL-01-001,2024-01-15,2024-01-15,A,A,F,01\nDM,TRIAL-01-002,2024-01-15,2024-01-15,A,A,M,01\n",
    "tu.csv": "DOMAIN,USUBJID,TULNKID,TUTESTCD,TUSTRESC,TULOC,TUEVAL,TUEVALID,VISITNUM,VISIT,TUDTC\n"
    "TU,TRIAL-01-002,T01,TUMIDENT,TARGET,LIVER,INDEPENDENT ASSESSOR,RADIOLOGIST 1,1,SCREENING,2024-01-10\n",
    "tr.csv": "DOMAIN,USUBJID,TRLNKID,TRTESTCD,TRSTRESC,TRSTRESN,TRSTRESU,TREVAL,TREVALID,VISITNUM,VISIT,TRDTC\n"
    "TR,TRIAL-01-002,T01,LDIAM,50,50,mm,INDEPENDENT ASSESSOR,RADIOLOGIST 1,1,SCREENING,2024-01-10\n",
}
PROTOCOL = r"""
criteria: [RECIST 1.1]
visits: {baseline: [SCREENING], schedule: [{visit: WEEK 8, day: 57}]}
imaging:
  subject:
    pattern: '^(?P<site>\d{2})(?P<subject>\d{3})$'
    subject_id: 'TRIAL-{site}-{subject}'
  observers: {'Reader^One': RADIOLOGIST 1}
  charter:
    - version: "1"
      expected: [{modality: CT}]
      limits: [{modality: CT, slice_thickness_mm: {max: 5}, same_scanner: true}]
"""
TARGET = {"id": "T01", "long": 50.0, "short": 40.0}


def ask(home: Path, sql: str) -> list[tuple[object, ...]]:
    return pl.read_csv(io.StringIO(nadir(home, "sql", "TRIAL", sql).out)).rows()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studies")


@pytest.fixture(scope="module")
def study(home: Path) -> Study:
    study = init_study(home, "TRIAL")
    study.protocol_file.write_text(PROTOCOL)
    for name, text in FORMS.items():
        (study.incoming / "forms" / name).write_text(text)
    scans = study.incoming / "dicom"
    baseline = made.ct("01001", "20240110", DeviceSerialNumber="1")
    made.write(scans / "01001" / "screening", *baseline, made.report(baseline, [TARGET]), made.seg(baseline))
    made.write(scans / "stranger", *made.ct("99999", "20240110"))
    other = made.ct("01002", "20240110", DeviceSerialNumber="1")
    made.write(scans / "01002" / "screening", *other, made.report(other, [{**TARGET, "long": 47.0}]))
    whole = next((scans / "01002" / "screening").glob("CT*")).read_bytes()
    (scans / "01002" / "screening" / "broken.dcm").write_bytes(whole[:400])
    return study


@pytest.fixture(scope="module")
def first(study: Study, home: Path) -> Said:
    return nadir(home, "refresh", "TRIAL")


@pytest.fixture(scope="module")
def second(first: Said, study: Study, home: Path) -> Said:
    """Week 8 of one subject arrives: thicker slices of another scanner, the lesion smaller."""
    week_8 = made.ct("01001", "20240311", DeviceSerialNumber="2", SliceThickness="7.5")
    smaller = {**TARGET, "long": 30.0, "short": 20.0}
    made.write(study.incoming / "dicom" / "01001" / "week8", *week_8, made.report(week_8, [smaller]))
    return nadir(home, "refresh", "TRIAL")


def test_the_refresh_publishes_the_scans_at_their_visits(first: Said, home: Path) -> None:
    assert first.code == 0, first
    sql = "SELECT subject_id, timepoint, visit, modality, status FROM core.visit_scan ORDER BY ALL"
    assert ask(home, sql) == [
        ("TRIAL-01-001", 0, "SCREENING", "CT", "RECEIVED"),
        ("TRIAL-01-001", 1, "WEEK 8", "CT", "MISSING"),
        ("TRIAL-01-002", 0, "SCREENING", "CT", "RECEIVED"),
        ("TRIAL-01-002", 0, "SCREENING", "CT", "UNREADABLE"),
        ("TRIAL-01-002", 1, "WEEK 8", "CT", "MISSING"),
    ]
    assert ask(home, "SELECT subject_label, reason FROM core.unmatched_scan") == [
        (99999, "99999 is no subject of the study")
    ]


def test_lesions_of_reports_are_reads_and_forms_win(first: Said, home: Path) -> None:
    sql = "SELECT subject_id, evaluator, lesion_id, role, longest_diameter_mm FROM core.measurement ORDER BY ALL"
    assert ask(home, sql) == [
        ("TRIAL-01-001", "RADIOLOGIST 1", "T01", "TARGET", 50.0),
        ("TRIAL-01-002", "RADIOLOGIST 1", "T01", "TARGET", 50.0),
    ]
    assert ask(home, "SELECT form_value, report_value FROM core.measurement_conflict") == [(50.0, 47.0)]


def test_segments_name_their_images(first: Said, home: Path) -> None:
    sql = "SELECT subject_id, visit, label, frames, instances_here, series_here FROM core.segmentation ORDER BY label"
    assert ask(home, sql) == [
        ("TRIAL-01-001", "SCREENING", "Lesion 1", 1, 1, True),
        ("TRIAL-01-001", "SCREENING", "Lesion 2", 2, 2, True),
    ]


def test_what_is_wrong_with_scans_becomes_findings(first: Said, home: Path) -> None:
    sql = "SELECT DISTINCT rule_id FROM quality.finding ORDER BY 1"
    found = {rule for (rule,) in ask(home, sql)}
    expected = {
        "SCAN_WITHOUT_SUBJECT",
        "SCAN_MISSING",
        "SCAN_UNREADABLE",
        "IDENTIFIER_LEFT",
        "REPORT_DIFFERS_FROM_FORM",
    }
    assert expected <= found
    assert "CHARTER_DEVIATION" not in found
    checks = (
        "SELECT DISTINCT check_name FROM core.deidentification_finding WHERE subject_id = 'TRIAL-01-001' ORDER BY 1"
    )
    assert ("NOT_MARKED",) in ask(home, checks)


def test_a_later_scan_fills_its_visit_and_gives_a_response(second: Said, home: Path) -> None:
    assert second.code == 0, second
    sql = "SELECT subject_id, status FROM core.visit_scan WHERE visit = 'WEEK 8' ORDER BY ALL"
    assert ask(home, sql) == [("TRIAL-01-001", "RECEIVED"), ("TRIAL-01-002", "MISSING")]
    deviations = "SELECT limit_name, value, severity FROM core.charter_deviation ORDER BY 1"
    assert ask(home, deviations) == [
        ("same_scanner", "device serial number 2", "MAJOR"),
        ("slice_thickness_mm", "7.5 mm", "MAJOR"),
    ]
    responses = """SELECT visit, target_sum, overall_response FROM analysis.timepoint_response
                   WHERE subject_id = 'TRIAL-01-001' AND timepoint = 1"""
    assert ask(home, responses) == [("WEEK 8", 30.0, "PR")]


def test_a_response_leads_back_to_the_report(second: Said, home: Path) -> None:
    sql = """SELECT count(*) FROM core.measurement AS lesion JOIN core.instance AS report
             ON report.sha256 = lesion.source_sha256 AND report.sop_instance_uid = lesion.source_record
             WHERE lesion.subject_id = 'TRIAL-01-001' AND report.modality = 'SR'"""
    assert ask(home, sql) == [(2,)]
