"""SAS version 5 transport files (XPT) as text records."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyreadstat

from ingestion.forms.delimited import Records, UnreadableFileError

SIGNATURE = b"HEADER RECORD*******LIB"
SAS_EPOCH_ORDINAL = date(1960, 1, 1).toordinal()


def read_transport(path: Path) -> tuple[Records, str]:
    """The records of the first member (first record = 1), every value as text, and the member's name.

    Numbers are written with up to 15 significant digits, dates as ISO 8601. Raises `UnreadableFileError`.
    """
    try:
        columns, about = pyreadstat.read_xport(str(path), output_format="dict")
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise UnreadableFileError(f"not a readable SAS transport file: {error}", "export the file again") from error
    header = list(columns)
    as_text = [[_text(name, value) for value in values] for name, values in columns.items()]
    rows = [(number, list(values)) for number, values in enumerate(zip(*as_text, strict=True), start=1)]
    return Records(header=header, rows=rows), str(about.table_name or "")


def _text(name: str, value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        if name.upper().endswith("DTC"):
            return date.fromordinal(SAS_EPOCH_ORDINAL + int(value)).isoformat()
        return format(value, ".15g")
    return str(value)
