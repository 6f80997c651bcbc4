"""Series and files that belong to no subject of the study."""

from __future__ import annotations

import polars as pl

from ingestion.dicom.tables import UNMATCHED_SCAN


def unmatched_scans(named: pl.DataFrame, unreadable: pl.DataFrame) -> pl.DataFrame:
    """What cannot be assigned, with the reason and a remedy (`ingestion.dicom.tables.UNMATCHED_SCAN`).

    ``named`` are series and files without a series, with label and subject_id; ``unreadable`` files likewise.
    """
    no_series = pl.col("series_instance_uid").is_null()
    series = named.filter(pl.col("subject_id").is_null() | no_series).with_columns(_why(no_series))
    files = unreadable.filter(pl.col("subject_id").is_null()).with_columns(
        scan_id="source_name",
        files=pl.lit(1, dtype=pl.Int64),
        remedy=pl.lit("send the file again, in a folder that names its subject"),
    )
    columns = tuple(name for name in UNMATCHED_SCAN.schema if name != "subject_label")
    parts = [part.select(*columns, subject_label="label") for part in (series, files)]
    return UNMATCHED_SCAN.conform(pl.concat(parts, how="vertical_relaxed").sort("scan_id"))


def _why(no_series: pl.Expr) -> list[pl.Expr]:
    label = pl.col("label")
    decided = [
        (
            no_series & pl.col("subject_id").is_not_null(),
            pl.lit("the file names no series"),
            "export the scan again; a file without Series Instance UID cannot be assigned",
        ),
        (
            label.is_null(),
            pl.lit("the files name no subject"),
            "send the series again with the subject's identifier in Clinical Trial Subject ID",
        ),
        (
            label.str.contains("\\", literal=True),
            pl.format("the files name several subjects: {}", label.str.replace_all("\\", ", ", literal=True)),
            "send the series again with one subject's identifier in Clinical Trial Subject ID",
        ),
    ]
    reason = pl.format("{} is no subject of the study", "label")
    remedy = pl.lit("send the DM record, or give imaging.subject in protocol.yaml a rule for the label")
    for holds, said, advice in reversed(decided):
        reason = pl.when(holds).then(said).otherwise(reason)
        remedy = pl.when(holds).then(pl.lit(advice)).otherwise(remedy)
    return [reason.alias("reason"), remedy.alias("remedy")]
