"""The findings by series: those of single files, and those that only the whole transfer shows."""

from __future__ import annotations

import polars as pl

from ingestion.deidentification.checked import Checked
from ingestion.deidentification.consistency import (
    KEY,
    burned_in,
    paths,
    references,
    study_dates,
    subjects_differ,
    trial,
)
from ingestion.deidentification.tables import DEIDENTIFICATION_FINDING
from ingestion.imaging.subject_labels import subjects_of
from protocol.imaging import SubjectLabels


def deidentification_findings(
    checked: Checked,
    instances: pl.DataFrame,
    series: pl.DataFrame,
    subjects: pl.DataFrame,
    rule: SubjectLabels,
) -> pl.DataFrame:
    """One row per series and finding (`DEIDENTIFICATION_FINDING`).

    ``checked`` are the files' own findings; ``instances``, ``series`` and ``subjects`` core.instance, core.series and
    core.subject. Added are: identifiers of other subjects in headers and paths, names in paths, studies with several
    dates, protocols and sites of the trial that disagree, references to what was not received, and Burned In
    Annotation.
    """
    scans = instances.with_columns(scan_id=pl.coalesce("series_instance_uid", "source_name"))
    whole = series.with_columns(scan_id="series_instance_uid")
    ids = subjects["subject_id"]
    parts = [
        _of_files(checked, scans),
        subjects_differ(whole, ids, rule),
        paths(scans, ids, rule),
        study_dates(scans),
        trial(whole, subjects, ids, rule),
        references(scans),
        burned_in(whole),
    ]
    found = pl.concat([_complete(part, scans) for part in parts])
    labels = whole.select("scan_id", label=rule.label)
    named = labels.join(subjects_of(labels["label"], ids, rule), on="label", how="left").select("scan_id", "subject_id")
    return DEIDENTIFICATION_FINDING.conform(
        found.with_columns(pl.col("value").fill_null(""))
        .unique(DEIDENTIFICATION_FINDING.key, keep="first", maintain_order=True)
        .join(named, on="scan_id", how="left")
        .select(DEIDENTIFICATION_FINDING.schema.keys())
        .sort(DEIDENTIFICATION_FINDING.key)
    )


def _complete(part: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    """The columns of a finding; a finding of the whole series has all its files."""
    if "files" not in part.columns:
        counted = scans.group_by("scan_id").agg(files=pl.len().cast(pl.Int64), source_name=pl.col("source_name").min())
        part = part.join(counted, on="scan_id", how="left")
    columns = ("value", "action")
    part = part.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in columns if c not in part.columns)
    return part.select(
        *KEY, "check_name", "attribute", *columns, "severity", pl.col("files").cast(pl.Int64), "source_name", "sentence"
    )


def _of_files(checked: Checked, scans: pl.DataFrame) -> pl.DataFrame:
    return (
        scans.select(*KEY, "sha256", "source_name")
        .join(checked.files.select("sha256", "finding_set"), on="sha256")
        .join(checked.sets.drop("study_id", "number"), on="finding_set")
        .group_by(*KEY, "check_name", "attribute", "value", maintain_order=True)
        .agg(
            pl.col("action", "severity").first(),
            pl.len().alias("files"),
            pl.col("source_name").min(),
            pl.col("said").first().alias("sentence"),
        )
    )
