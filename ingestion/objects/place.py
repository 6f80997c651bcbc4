"""The subject and the visit of an object, from the scans that it refers to."""

from __future__ import annotations

import polars as pl

from ingestion.imaging.subject_labels import subjects_of
from protocol.imaging import SubjectLabels

PLACE = ("subject_id", "timepoint", "visit", "scan_date")
OBJECT = "source_sha256"


def placed_objects(
    objects: pl.DataFrame, series: pl.DataFrame, scans: pl.DataFrame, subject_ids: pl.Series, rule: SubjectLabels
) -> pl.DataFrame:
    """The objects with subject_id, timepoint, visit and scan_date in place of what they had.

    ``series`` is core.series, ``scans`` core.visit_scan. The scan is the latest of the series referred to that was
    matched to a visit, else the latest of the object's own DICOM study; without one, the subject is that of the label
    of the object's own series.
    """
    bare = objects.drop(PLACE).with_row_index("_row")
    dated = scans.filter(pl.col("series_instance_uid").is_not_null() & (pl.col("status") != "UNREADABLE")).select(
        *PLACE, referred="series_instance_uid"
    )
    of_study = dated.join(series.select("study_instance_uid", referred="series_instance_uid"), on="referred").select(
        *PLACE, "study_instance_uid"
    )
    by_reference = (
        bare.select("_row", referred=pl.col("referenced_series_uids").str.split("\\"))
        .explode("referred")
        .join(dated, on="referred")
    )
    by_study = bare.select("_row", "study_instance_uid").join(of_study, on="study_instance_uid")
    labels = series.select("series_instance_uid", label=rule.label)
    own = (
        bare.select("_row", "series_instance_uid")
        .join(labels, on="series_instance_uid")
        .join(subjects_of(labels["label"], subject_ids, rule), on="label")
        .select("_row", own_subject="subject_id")
    )
    found = (
        bare.join(_latest(by_reference), on="_row", how="left")
        .join(_latest(by_study).rename({name: f"study_{name}" for name in PLACE}), on="_row", how="left")
        .join(own, on="_row", how="left")
    )
    referred = pl.col("subject_id").is_not_null()
    return found.with_columns(
        *(pl.when(referred).then(name).otherwise(f"study_{name}").alias(name) for name in PLACE[1:]),
        pl.coalesce("subject_id", "study_subject_id", "own_subject").alias("subject_id"),
    ).select(objects.columns)


def _latest(candidates: pl.DataFrame) -> pl.DataFrame:
    ordered = candidates.sort("scan_date", pl.col("timepoint").is_not_null(), "visit", nulls_last=False)
    return ordered.group_by("_row").agg(pl.col(name).last() for name in PLACE)
