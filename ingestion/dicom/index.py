"""Files of scans to `core.instance`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ingestion.dicom.headers import Unreadable, read_header
from ingestion.dicom.tables import INSTANCE
from ingestion.reject import Parsed
from ingestion.tables import REJECT


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file to index: where its content lies, its path below incoming/, and the SHA-256 of its content."""

    path: Path
    source_name: str
    sha256: str


def index_files(study_id: str, files: Sequence[ScanFile], known: pl.DataFrame | None = None) -> Parsed:
    """One row per DICOM file (`INSTANCE`) and one reject per file that cannot be indexed.

    ``known`` holds rows of `INSTANCE` from an earlier run: a file with the same name and hash is taken from there
    and not read again. Every file ends as exactly one row or one reject, sorted by name.
    """
    known = INSTANCE.empty() if known is None else known
    wanted = pl.DataFrame(
        [(study_id, file.source_name, file.sha256) for file in files],
        schema={"study_id": pl.String, "source_name": pl.String, "sha256": pl.String},
        orient="row",
    )
    kept = known.join(wanted, on=wanted.columns, how="semi")
    read_before = set(kept.select("source_name", "sha256").iter_rows())
    rows, rejects = [], []
    for file in files:
        if (file.source_name, file.sha256) in read_before:
            continue
        header = read_header(file.path)
        if isinstance(header, Unreadable):
            rejects.append(_reject(study_id, file, header))
        else:
            received = {"study_id": study_id, "source_name": file.source_name, "sha256": file.sha256}
            rows.append({**received, **header.values, "remarks": "; ".join(header.remarks) or None})
    new = INSTANCE.conform(pl.DataFrame(rows, schema=INSTANCE.schema))
    frame = INSTANCE.conform(pl.concat([INSTANCE.conform(kept), new])).sort("source_name")
    return Parsed(frame, REJECT.conform(pl.DataFrame(rejects, schema=REJECT.schema)).sort("source_name"))


def _reject(study_id: str, file: ScanFile, unreadable: Unreadable) -> dict[str, str]:
    return {
        "study_id": study_id,
        "stage": INSTANCE.name,
        "source_name": file.source_name,
        "source_sha256": file.sha256,
        "reason": unreadable.reason,
        "remedy": unreadable.remedy,
    }
