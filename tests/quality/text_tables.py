"""Frames of the declared tables from small text tables."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from quality.check_views import INPUTS

SPECIAL: dict[str, str | None] = {"-": None, "(blank)": " "}

DEFAULTS: dict[str, dict[str, str]] = {
    "core.subject": {
        "study_id": "S1",
        "subject_id": "A1",
        "reference_date": "2024-01-15",
        "first_dose_date": "2024-01-15",
    },
    "core.visit": {
        "study_id": "S1",
        "subject_id": "A1",
        "timepoint": "0",
        "visit": "BASELINE",
        "start_date": "2024-01-10",
        "occurred": "true",
    },
    "core.measurement": {
        "study_id": "S1",
        "subject_id": "A1",
        "evaluator": "READER 1",
        "timepoint": "0",
        "visit": "VISIT",
        "assessment_date": "2024-01-10",
        "assessment_dtc": "2024-01-10",
        "lesion_id": "T1",
        "role": "TARGET",
        "organ": "LIVER",
        "is_node": "false",
        "state": "MEASURED",
    },
    "core.recorded_response": {
        "study_id": "S1",
        "subject_id": "A1",
        "evaluator": "READER 1",
        "criterion": "RECIST 1.1",
        "timepoint": "1",
        "visit": "VISIT",
        "assessment_date": "2024-03-01",
        "component": "OVERALL",
        "response": "SD",
    },
    "core.recorded_sum": {"study_id": "S1", "subject_id": "A1", "evaluator": "READER 1", "timepoint": "0"},
    "analysis.timepoint_response": {
        "study_id": "S1",
        "subject_id": "A1",
        "evaluator": "READER 1",
        "criterion": "RECIST 1.1",
        "origin": "DERIVED",
        "timepoint": "1",
        "overall_response": "SD",
        "target_response": "SD",
        "nontarget_response": "NON-CR/NON-PD",
        "clause": "R11-TL-07",
        "explanation": "sum 50.0 mm is -3.8 % from baseline",
    },
    "core.pet_scan": {"study_id": "S1", "subject_id": "A1", "timepoint": "1"},
    "core.pet_report": {
        "study_id": "S1",
        "subject_id": "A1",
        "evaluator": "READER 1",
        "timepoint": "1",
        "sop_instance_uid": "1.2.3",
        "field": "suv_max",
    },
    "analysis.pet_check": {
        "study_id": "S1",
        "subject_id": "A1",
        "evaluator": "ALL",
        "timepoint": "1",
        "scan_id": "S",
        "message": "uptake of 93.8 min; 50 to 70 are asked for",
    },
    "core.injection": {"study_id": "S1", "subject_id": "A1", "agent": "T-VEC", "visit_number": "1"},
    "analysis.injection_deviation": {
        "study_id": "S1",
        "subject_id": "A1",
        "agent": "T-VEC",
        "visit_number": "1",
        "lesion_id": "T1",
        "code": "VOLUME_EXCEEDS_TABLE",
        "clause": "8.2",
        "message": "3.0 ml into a lesion of 40.0 mm; the table allows 2.0 ml",
    },
    "core.series": {"study_id": "S1", "series_instance_uid": "1.1", "subject_label": "A1", "kind": "IMAGE"},
    "core.unmatched_scan": {"study_id": "S1", "scan_id": "1.9", "reason": "B7 is no subject of the study"},
    "core.visit_scan": {
        "study_id": "S1",
        "subject_id": "A1",
        "visit": "WEEK 8",
        "modality": "CT",
        "scan_id": "1.1",
        "kind": "IMAGE",
        "scan_date": "2024-03-11",
        "status": "RECEIVED",
    },
    "core.charter_deviation": {
        "study_id": "S1",
        "subject_id": "A1",
        "visit": "WEEK 8",
        "modality": "CT",
        "scan_id": "1.1",
        "limit_name": "slice_thickness_mm",
        "expected": "at most 5 mm",
        "sentence": "slice thickness is 7 mm",
    },
    "core.deidentification_finding": {
        "study_id": "S1",
        "scan_id": "1.1",
        "check_name": "IDENTIFIER",
        "attribute": "PatientName",
        "value": "S... (7 characters)",
        "sentence": "Patient's Name is not the subject's identifier",
    },
    "core.segmentation": {
        "study_id": "S1",
        "source_sha256": "ab",
        "segment_number": "1",
        "object": "SEG",
        "referenced_instances": "4",
    },
    "core.measurement_conflict": {
        "study_id": "S1",
        "subject_id": "A1",
        "evaluator": "READER 1",
        "timepoint": "0",
        "lesion_id": "T1",
        "field": "longest_diameter_mm",
    },
    "core.therapy": {
        "study_id": "S1",
        "subject_id": "A1",
        "category": "STUDY TREATMENT",
        "therapy": "ANTI-PD-1",
        "start_date": "2024-02-01",
    },
    "core.clinical_status": {"study_id": "S1", "subject_id": "A1", "assessment_date": "2024-03-01", "visit": "WEEK 8"},
    "core.laboratory": {
        "study_id": "S1",
        "subject_id": "A1",
        "test": "LDH",
        "visit": "WEEK 8",
        "collection_date": "2024-03-01",
        "source_record": "2",
    },
    "core.pet_lesion": {
        "study_id": "S1",
        "subject_id": "A1",
        "evaluator": "READER 1",
        "timepoint": "1",
        "lesion_id": "T1",
        "status": "PRESENT",
    },
    "core.pet_reference": {"study_id": "S1", "subject_id": "A1", "evaluator": "READER 1", "timepoint": "1"},
    "analysis.best_response": {
        "study_id": "S1",
        "subject_id": "A1",
        "evaluator": "READER 1",
        "criterion": "RECIST 1.1",
        "origin": "DERIVED",
    },
    "landing.file": {"study_id": "S1", "source_name": "forms/tr.csv", "current": "true"},
    "landing.event": {"study_id": "S1", "source_name": "forms/tr.csv", "event": "ARRIVED"},
    "raw.reject": {"study_id": "S1", "stage": "core.measurement", "reason": "not a number", "remedy": "write a number"},
    "raw.change": {"study_id": "S1", "form": "TR", "subject_id": "A1", "record_key": "A1|LDIAM|T1|2"},
    "quality.visit_window": {"study_id": "S1", "visit": "*", "minus": "7", "plus": "7"},
}


def frame_of(name: str, columns: Mapping[str, list[str | None]]) -> pl.DataFrame:
    """A frame of a declared table from columns of text, without its checks: quality rules get the bad rows too."""
    table = INPUTS[name]
    given = pl.DataFrame(dict(columns), schema_overrides=dict.fromkeys(columns, pl.String))
    defaults = {column: text for column, text in DEFAULTS.get(name, {}).items() if column not in columns}
    text = given.with_columns(pl.lit(value).alias(column) for column, value in defaults.items())

    def typed(column: str, dtype: pl.DataType) -> pl.Expr:
        if column not in text.columns:
            return pl.lit(None, dtype=dtype).alias(column)
        if dtype == pl.Boolean:
            return (pl.col(column) == "true").alias(column)
        if isinstance(dtype, pl.Datetime):
            return pl.col(column).str.to_datetime().cast(dtype)
        return pl.col(column).str.to_date() if dtype == pl.Date else pl.col(column).cast(dtype)

    return text.select(typed(column, dtype) for column, dtype in table.schema.items())


def read_tables(text: str) -> dict[str, pl.DataFrame]:
    """Frames by table name from blocks ``name``, header, rows; cells stand between ``|``, ``-`` is no value."""
    frames: dict[str, pl.DataFrame] = {}
    for block in text.strip().split("\n\n"):
        name, header, *lines = (line.strip() for line in block.strip().splitlines())
        cells = [[cell.strip() for cell in line.split("|")] for line in lines]
        names = [column.strip() for column in header.split("|")]
        columns = {n: [SPECIAL.get(row[i], row[i]) for row in cells] for i, n in enumerate(names)}
        frames[name] = frame_of(name, columns)
    return frames
