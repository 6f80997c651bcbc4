"""Where the files belong that cannot be read: by the series in their folder, else by the names in their path."""

from __future__ import annotations

import polars as pl

from ingestion.dicom.series_kind import Kind
from ingestion.imaging.subject_labels import subjects_of
from protocol.imaging import SubjectLabels

SERIES = ("series_instance_uid", "modality", "body_part", "kind", "label", "subject_id")


def unreadable_scans(
    rejects: pl.DataFrame, instances: pl.DataFrame, named: pl.DataFrame, subject_ids: pl.Series, rule: SubjectLabels
) -> pl.DataFrame:
    """One row per rejected file with what is known of it (study_id, source_name, reason, scan_date and `SERIES`).

    ``rejects`` are those of core.instance, ``named`` the series with their labels and subjects. A file belongs to the
    series of its folder when all readable images there are of one series, and to the subject of that series; else to
    the subject that a part of its path names.
    """
    files = rejects.select("study_id", "source_name", "reason").unique("source_name", keep="first", maintain_order=True)
    images = named.filter(pl.col("kind") != Kind.OBJECT).select("series_instance_uid")
    folders = (
        instances.join(images, on="series_instance_uid", how="semi")
        .select("series_instance_uid", folder=_folder())
        .group_by("folder")
        .agg(pl.col("series_instance_uid").first(), series=pl.col("series_instance_uid").n_unique())
        .filter(pl.col("series") == 1)
        .drop("series")
    )
    beside = (
        files.with_columns(folder=_folder())
        .join(folders, on="folder", how="left")
        .join(named.select(SERIES).drop_nulls("series_instance_uid"), on="series_instance_uid", how="left")
    )
    by_path = _subjects_in_paths(files["source_name"], subject_ids, rule)
    return beside.join(by_path, on="source_name", how="left").select(
        "study_id",
        "source_name",
        "reason",
        *SERIES[:-2],
        pl.coalesce("label", "path_label").alias("label"),
        pl.coalesce("subject_id", "path_subject").alias("subject_id"),
        scan_date=pl.lit(None, dtype=pl.Date),
    )


def _folder() -> pl.Expr:
    return pl.col("source_name").str.extract(r"^(.*)/[^/]*$").fill_null("")


def _subjects_in_paths(names: pl.Series, subject_ids: pl.Series, rule: SubjectLabels) -> pl.DataFrame:
    """The one subject that the parts of each path name (source_name, path_label, path_subject)."""
    parts = (
        pl.DataFrame({"source_name": names}, schema={"source_name": pl.String})
        .with_columns(label=pl.col("source_name").str.replace(r"\.[^./]*$", "").str.split("/"))
        .explode("label")
    )
    found = parts.join(subjects_of(parts["label"], subject_ids, rule).drop_nulls(), on="label")
    return (
        found.group_by("source_name")
        .agg(
            path_label=pl.col("label").first(),
            path_subject=pl.col("subject_id").first(),
            subjects=pl.col("subject_id").n_unique(),
        )
        .filter(pl.col("subjects") == 1)
        .drop("subjects")
    )
