"""A small trial as text tables."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingestion.forms.canonical import Forms, canonical
from ingestion.forms.sifting import PROVENANCE

DM = """
USUBJID RFSTDTC    ARM
S1      2024-01-05 A
S2      2024-01-08 B
"""


def rows_of(text: str, sha256: str = "sha") -> pl.DataFrame:
    """A received frame from a text table; `-` is empty, `_` inside a word a space, rows are numbered from 2."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    columns: dict[str, Any] = {name: [] for name in header}
    for line in lines:
        assert len(line) == len(header), line
        for name, value in zip(header, line, strict=True):
            columns[name].append(None if value == "-" else value.replace("_", " "))
    frame = pl.DataFrame(columns, schema=dict.fromkeys(header, pl.String))
    return frame.with_columns(
        pl.int_range(2, pl.len() + 2, dtype=PROVENANCE["_row"]).alias("_row"),
        pl.lit("form.csv").alias("_source_name"),
        pl.lit(sha256).alias("_source_sha256"),
    )


def study(*, dm: str = DM, options: dict[str, Any] | None = None, **domains: str) -> Forms:
    """The canonical tables of a study given as text tables per domain."""
    received = {name.upper(): rows_of(text, f"sha of {name}") for name, text in domains.items()}
    if dm:
        received["DM"] = rows_of(dm)
    return canonical("STUDY", received, **(options or {}))
