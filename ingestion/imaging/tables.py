"""The table of the imaging charter: where series depart from it."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from protocol.imaging import LIMITS

CHARTER_DEVIATION = Table(
    name="core.charter_deviation",
    meaning="One row per series, or visit, and limit of the imaging charter that it does not keep",
    key=("study_id", "subject_id", "visit", "modality", "scan_id", "limit_name", "expected"),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
        Column("timepoint", pl.Int32, "time point of the visit, as in core.visit_scan"),
        Column("visit", pl.String, "visit, as in core.visit_scan"),
        Column("modality", pl.String, "Modality: CT, MR, PT, ..."),
        Column("scan_id", pl.String, "Series Instance UID; the visit where it is the visit that lacks something"),
        Column("series_instance_uid", pl.String, "Series Instance UID; null for a deviation of the visit"),
        Column("scan_date", pl.Date, "date of the scan"),
        Column("charter_version", pl.String, "version of the charter in force on that date"),
        Column("limit_name", pl.String, "limit of the charter", allowed=LIMITS),
        Column("value", pl.String, "what the series has; null where its files do not say"),
        Column("expected", pl.String, "what the charter asks for"),
        Column("baseline_series_uid", pl.String, "series of the baseline that it was compared with"),
        Column("met_by", pl.String, "another series of the visit and modality that keeps the limit"),
        Column("severity", pl.String, "weight of the deviation", allowed=("MAJOR", "MINOR")),
        Column("sentence", pl.String, "the deviation in words"),
    ),
)

TABLES = (CHARTER_DEVIATION,)
