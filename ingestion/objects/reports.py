"""Structured reports to `core.sr_measurement`."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ingestion.dicom.index import ScanFile
from ingestion.objects.place import placed_objects
from ingestion.objects.reading import read_once
from ingestion.objects.report import SR_CLASSES, read_report
from ingestion.objects.tables import SR_MEASUREMENT
from ingestion.reject import Parsed
from ingestion.tables import REJECT
from protocol.imaging import SubjectLabels

REMEDY = "check the measurement where it was made and send a corrected report"


def sr_measurements(
    study_id: str,
    files: Sequence[ScanFile],
    known: pl.DataFrame,
    instances: pl.DataFrame,
    series: pl.DataFrame,
    scans: pl.DataFrame,
    subject_ids: pl.Series,
    rule: SubjectLabels,
) -> Parsed:
    """One row per measurement of the study's structured reports (`SR_MEASUREMENT`).

    ``files`` are all received scans, ``known`` the rows of an earlier run; ``instances``, ``series`` and ``scans`` are
    core.instance, core.series and core.visit_scan. A measurement refers to the series of its own images or of its
    source series, else to all that the report rests on. Values that were refused and files that cannot be read are
    rejects.
    """
    wanted = set(instances.filter(pl.col("sop_class_uid").is_in(SR_CLASSES))["sha256"])
    chosen = [file for file in files if file.sha256 in wanted]
    read = read_once(study_id, chosen, known, SR_MEASUREMENT, lambda file: read_report(file.path))
    frame = placed_objects(_with_series(read.frame, instances), series, scans, subject_ids, rule)
    frame = SR_MEASUREMENT.conform(frame.sort(SR_MEASUREMENT.key))
    return Parsed(frame, pl.concat([read.rejects, _refused(frame)]))


def _with_series(measurements: pl.DataFrame, instances: pl.DataFrame) -> pl.DataFrame:
    """The series of the images referred to, through the images that were received or the report's own words."""
    numbered = measurements.with_row_index("_row")
    series_of = instances.select(
        "sop_instance_uid", series="series_instance_uid", objects=pl.col("referenced_series_uids").str.split("\\")
    ).unique("sop_instance_uid", keep="first", maintain_order=True)
    reached = (
        numbered.select("_row", sop_instance_uid=pl.col("referenced_sop_instance_uids").str.split("\\"))
        .explode("sop_instance_uid")
        .join(series_of, on="sop_instance_uid")
        .select("_row", series=pl.concat_list(pl.col("series"), pl.col("objects").fill_null([])))
        .explode("series")
        .group_by("_row")
        .agg(pl.col("series").drop_nulls().unique().sort().str.join("\\"))
    )
    return (
        numbered.join(reached, on="_row", how="left")
        .with_columns(
            referenced_series_uids=pl.coalesce(
                pl.col("series").replace("", None), "source_series_uid", "evidence_series_uids"
            )
        )
        .select(measurements.columns)
    )


def _refused(measurements: pl.DataFrame) -> pl.DataFrame:
    refused = measurements.filter(pl.col("refusal").is_not_null())
    named = pl.concat_str("tracking_id", "statistic", "name", separator=" ", ignore_nulls=True)
    return REJECT.conform(
        refused.select(
            "study_id",
            "source_name",
            "source_sha256",
            "source_record",
            "subject_id",
            stage=pl.lit(SR_MEASUREMENT.name),
            field=named,
            value="value_received",
            reason="refusal",
            remedy=pl.lit(REMEDY),
        )
    )
