"""Frames of a small trial: subjects, visits of the forms, series, each from a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from criteria.table import Table
from ingestion.dicom.tables import INSTANCE, SERIES
from ingestion.tables import REJECT, SUBJECT, VISIT

REFERENCE = date(2024, 1, 15)


def frame(table: Table, rows: Sequence[Mapping[str, Any]], **defaults: Any) -> pl.DataFrame:
    """Rows of a declared table; ISO dates may be text."""
    full = [{"study_id": "S", **defaults, **row} for row in rows]
    typed = [
        {
            name: date.fromisoformat(value) if table.schema[name] == pl.Date and isinstance(value, str) else value
            for name, value in row.items()
        }
        for row in full
    ]
    return table.conform(pl.DataFrame(typed, schema={name: table.schema[name] for row in typed for name in row}))


def subjects(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return frame(SUBJECT, rows or ({"subject_id": "A1"},), reference_date=REFERENCE, first_dose_date=REFERENCE)


def visits(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return frame(VISIT, rows, subject_id="A1", occurred=True)


def series(*rows: Mapping[str, Any]) -> pl.DataFrame:
    numbered = [{"series_instance_uid": f"1.{number}", **row} for number, row in enumerate(rows, 1)]
    return frame(SERIES, numbered, subject_label="A1", modality="CT", kind="IMAGE", files=1)


def instances(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return frame(INSTANCE, rows)


def rejects(*names: str) -> pl.DataFrame:
    return frame(REJECT, [{"source_name": name} for name in names], stage="core.instance", reason="truncated: it ends")
