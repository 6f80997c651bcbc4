"""The tables of the de-identification check: what each file's content gave, and the findings by series."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table

_STUDY = Column("study_id", pl.String, "study (the name of its folder)")
_SEVERITY = Column("severity", pl.String, "MAJOR: tells who, or how to reach them", allowed=("MAJOR", "MINOR"))

CHECKED_FILE = Table(
    name="raw.deidentification_file",
    meaning="Scans whose content was checked for identifiers, each content once",
    key=("study_id", "sha256"),
    columns=(
        _STUDY,
        Column("sha256", pl.String, "SHA-256 of the file"),
        Column("rules", pl.String, "hash of the rules and options that it was checked by"),
        Column("finding_set", pl.String, "what was found, in raw.deidentification_set; null: nothing"),
    ),
)

FINDING_SET = Table(
    name="raw.deidentification_set",
    meaning="What was found in files, each set of findings once",
    key=("study_id", "finding_set", "number"),
    columns=(
        _STUDY,
        Column("finding_set", pl.String, "hash of the set's findings"),
        Column("number", pl.Int32, "number of the finding in its set"),
        Column("check_name", pl.String, "what was checked"),
        Column("attribute", pl.String, "attribute by its keywords, or private creator"),
        Column("action", pl.String, "action of the Basic Profile: X remove, Z empty, D dummy value"),
        Column("value", pl.String, "what was found, masked"),
        _SEVERITY,
        Column("said", pl.String, "the finding in words"),
    ),
)

CHECKS = (
    *("IDENTIFIER", "TEXT", "PRIVATE", "OVERLAY", "PIXEL_TEXT", "BURNED_IN", "PATH"),
    *("NOT_MARKED", "NO_METHOD", "OPTION_NOT_NAMED", "NOT_CHECKED"),
    *("DATES_DIFFER", "DUMMY_DATE", "TRIAL_MODULE", "SUBJECT_MISMATCH", "REFERENCE_NOT_HERE"),
)

DEIDENTIFICATION_FINDING = Table(
    name="core.deidentification_finding",
    meaning="What de-identification (PS3.15 annex E) left or broke, one row per series and finding; it changes no data",
    key=("study_id", "scan_id", "check_name", "attribute", "value"),
    columns=(
        _STUDY,
        Column("subject_id", pl.String, "subject of the series; null where no subject is known"),
        Column("scan_id", pl.String, "Series Instance UID, or the name of a file without a series"),
        Column("check_name", pl.String, "what was checked", allowed=CHECKS),
        Column("attribute", pl.String, "attribute by its keywords, private creator, or path"),
        Column("value", pl.String, "what was found, masked: first letter and length; empty where nothing is to show"),
        Column("action", pl.String, "action of the Basic Profile (table E.1-1): X remove, Z empty, D dummy value"),
        _SEVERITY,
        Column("files", pl.Int64, "files of the series with the finding"),
        Column("source_name", pl.String, "first of these by name, as path below incoming/"),
        Column("sentence", pl.String, "the finding in words"),
    ),
)

TABLES = (CHECKED_FILE, FINDING_SET, DEIDENTIFICATION_FINDING)
