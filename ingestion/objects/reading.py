"""Objects are read once: rows of contents that were read before are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from criteria.table import Table
from ingestion.dicom.headers import Unreadable
from ingestion.dicom.index import ScanFile
from ingestion.reject import Parsed
from ingestion.tables import REJECT

Rows = list[dict[str, Any]]
Read = Callable[[ScanFile], Rows | Unreadable]


def read_once(study_id: str, files: Sequence[ScanFile], known: pl.DataFrame, table: Table, read: Read) -> Parsed:
    """Rows of ``table`` for the files, each content read at most once, and a reject per file that cannot be read.

    ``known`` are rows of an earlier run; a content (SHA-256) that has rows there is not read again.
    """
    by_content = {file.sha256: file for file in sorted(files, key=lambda file: file.source_name, reverse=True)}
    kept = known.filter(pl.col("source_sha256").is_in(list(by_content)))
    read_before = set(kept["source_sha256"])
    rows: Rows = []
    rejects = []
    for sha256, file in sorted(by_content.items(), key=lambda item: item[1].source_name):
        if sha256 in read_before:
            continue
        found = read(file)
        if isinstance(found, Unreadable):
            rejects.append(
                {
                    "study_id": study_id,
                    "stage": table.name,
                    "source_name": file.source_name,
                    "source_sha256": sha256,
                    "reason": found.reason,
                    "remedy": found.remedy,
                }
            )
            continue
        origin = {"study_id": study_id, "source_sha256": sha256, "source_name": file.source_name}
        rows.extend({**row, **origin} for row in found)
    names = pl.DataFrame(
        [(sha256, file.source_name) for sha256, file in by_content.items()],
        schema={"source_sha256": pl.String, "source_name": pl.String},
        orient="row",
    )
    new = pl.DataFrame(rows, schema=table.schema)
    frame = pl.concat([kept, new]).drop("source_name").join(names, on="source_sha256", how="left")
    return Parsed(
        table.conform(frame.select(list(table.schema))), REJECT.conform(pl.DataFrame(rejects, schema=REJECT.schema))
    )
