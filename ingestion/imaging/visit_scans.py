"""Scans matched to the subjects and visits of a study: received, early, late, missing, unscheduled, unreadable."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import polars as pl

from ingestion.dicom.series_kind import Kind
from ingestion.dicom.tables import VISIT_SCAN
from ingestion.imaging.expected_scans import expected_scans
from ingestion.imaging.planned_visits import SUBJECT, planned_visits
from ingestion.imaging.subject_labels import subjects_of
from ingestion.imaging.unmatched import unmatched_scans
from ingestion.imaging.unreadable import unreadable_scans
from ingestion.tables import REJECT
from protocol.imaging import Imaging
from protocol.model import Visits

UNSCHEDULED = "UNSCHEDULED"
UNKNOWN = "UNKNOWN"


class VisitScans(NamedTuple):
    """Scans by subject and visit (`VISIT_SCAN`), what belongs to no subject (`UNMATCHED_SCAN`), and rejects."""

    frame: pl.DataFrame
    unmatched: pl.DataFrame
    rejects: pl.DataFrame


def visit_scans(
    instances: pl.DataFrame,
    series: pl.DataFrame,
    rejects: pl.DataFrame,
    subjects: pl.DataFrame,
    visits: pl.DataFrame,
    *,
    schedule: Visits,
    imaging: Imaging,
    today: date,
    data_cutoff: date | None = None,
) -> VisitScans:
    """Every series of images, every unreadable file and every scan that the charter expects, by subject and visit.

    ``instances`` and ``series`` are core.instance and core.series, ``rejects`` the rejects of core.instance,
    ``subjects`` and ``visits`` core.subject and core.visit. A series belongs to the visit whose form dates hold its
    scan date, else to the visit in whose window it lies, else to the nearest within the protocol's tolerance, unless
    that visit has such a scan already. A visit without an expected scan is MISSING when its window ended before
    ``today``, the subject's death and the end of the study, or when the forms say that it took place; else NOT_DUE.
    SEG, SR, RTSTRUCT and other objects are no scans; one that belongs to no subject is unmatched like a scan. Scans
    after ``data_cutoff`` are rejects and used by nothing.
    """
    ids = subjects["subject_id"]
    labels = _labels(series, instances, imaging)
    mapped = subjects_of(labels["label"], ids, imaging.subject)
    named = labels.join(mapped, on="label", how="left")
    ours = named.filter(pl.col("subject_id").is_not_null() & pl.col("series_instance_uid").is_not_null())
    too_late = (pl.col("scan_date") > pl.lit(data_cutoff, dtype=pl.Date)).fill_null(False)
    images = ours.filter(pl.col("kind") != Kind.OBJECT)
    scans = images.filter(~too_late)
    plan = planned_visits(subjects, visits, schedule)
    placed = _placed(scans, plan, imaging.visit_tolerance_days)
    unreadable = unreadable_scans(rejects, instances, named, ids, imaging.subject)
    broken = _unreadable(unreadable.filter(pl.col("subject_id").is_not_null()), placed)
    wanted = expected_scans(plan, subjects, placed, imaging.charter, today)
    frame = pl.concat([VISIT_SCAN.conform(part) for part in (_declared(placed), broken, wanted)]).sort(VISIT_SCAN.key)
    return VisitScans(frame, unmatched_scans(named, unreadable), _rejects(images.filter(too_late), data_cutoff))


def _rejects(scans: pl.DataFrame, data_cutoff: date | None) -> pl.DataFrame:
    rejects = scans.select(
        *("study_id", "source_name", "subject_id"),
        stage=pl.lit(VISIT_SCAN.name),
        source_record="series_instance_uid",
        field=pl.lit("scan_date"),
        value=pl.col("scan_date").cast(pl.String),
        reason=pl.lit(f"the scan lies after the data cut-off {data_cutoff}"),
        remedy=pl.lit("nothing to do, or move data_cutoff in protocol.yaml"),
    )
    return REJECT.conform(rejects)


def _labels(series: pl.DataFrame, instances: pl.DataFrame, imaging: Imaging) -> pl.DataFrame:
    """Series, and files without a series, with the label that names their subject."""
    label = imaging.subject.label
    files = instances.with_columns(subject_label=pl.coalesce("clinical_trial_subject_id", "patient_id"))
    first = files.group_by("series_instance_uid").agg(pl.col("source_name").min())
    columns = ("study_id", "series_instance_uid", "modality", "body_part", "kind", "scan_date", "files")
    whole = series.join(first, on="series_instance_uid", how="left").select(
        *columns, "source_name", scan_id="series_instance_uid", label=label
    )
    alone = files.filter(pl.col("series_instance_uid").is_null()).select(
        "study_id",
        "series_instance_uid",
        "modality",
        "body_part",
        kind=pl.lit(None, dtype=pl.String),
        scan_date=pl.coalesce("acquisition_date", "series_date", "content_date", "study_date"),
        files=pl.lit(1, dtype=pl.Int64),
        source_name="source_name",
        scan_id="source_name",
        label=label,
    )
    return pl.concat([whole, alone])


def _placed(scans: pl.DataFrame, plan: pl.DataFrame, tolerance: int) -> pl.DataFrame:
    """Each scan with its visit, status and reason."""
    day = pl.col("scan_date")
    off_form = _days_outside(day, pl.col("form_start"), pl.col("form_end"))
    off_window = _days_outside(day, pl.col("window_start"), pl.col("window_end"))
    candidates = (
        scans.join(plan, on=SUBJECT, how="left")
        .with_columns(off_form=off_form, off_window=off_window)
        .with_columns(
            away=pl.coalesce("off_form", "off_window"),
            near=pl.when(pl.col("off_form") == 0)
            .then(0)
            .when((pl.col("off_window") == 0) & (pl.col("off_form").fill_null(0) <= tolerance))
            .then(1)
            .when(pl.coalesce("off_form", "off_window") <= tolerance)
            .then(2)
            .otherwise(3),
            days_off=(day - pl.col("planned_date")).dt.total_days(),
        )
    )
    best = candidates.sort(
        "near", "away", pl.col("days_off").abs(), "visit", nulls_last=True, maintain_order=True
    ).unique(["study_id", "series_instance_uid"], keep="first", maintain_order=True)
    place = [*SUBJECT, "visit", "modality", "body_part"]
    within = best.filter((pl.col("near") < 2) & (pl.col("kind") == Kind.IMAGE)).select(place).unique()
    taken = best.join(within.with_columns(again=pl.lit(True)), on=place, how="left", nulls_equal=True)
    return taken.with_columns(again=pl.col("again").fill_null(False) & (pl.col("near") == 2)).with_columns(_status())


def _days_outside(day: pl.Expr, first: pl.Expr, last: pl.Expr) -> pl.Expr:
    before, after = (first - day).dt.total_days(), (day - last).dt.total_days()
    return pl.max_horizontal(before, after, pl.when(before.is_not_null()).then(0))


def _status() -> list[pl.Expr]:
    day, near = pl.col("scan_date"), pl.col("near")
    window = pl.format("{} to {}", "window_start", "window_end")
    decided = [
        (day.is_null(), UNSCHEDULED, pl.lit("no date in the headers")),
        (pl.col("visit").is_null(), UNSCHEDULED, pl.lit("the subject has no planned or recorded visit")),
        (
            near == 3,
            UNSCHEDULED,
            pl.format("nearest visit {} is {} days away", "visit", "away").fill_null(
                "no visit of the subject is dated"
            ),
        ),
        (
            pl.col("again"),
            UNSCHEDULED,
            pl.format("{} days outside of {}, which has such a scan already", "away", "visit"),
        ),
        (
            ~pl.col("scheduled"),
            UNSCHEDULED,
            pl.format("{} is recorded in the forms, not planned by the protocol", "visit"),
        ),
        (day < pl.col("window_start"), "EARLY", pl.format("{} is before the window {}", "scan_date", window)),
        (day > pl.col("window_end"), "LATE", pl.format("{} is after the window {}", "scan_date", window)),
        (pl.col("window_start").is_null(), "RECEIVED", pl.lit("no reference date, so no window to compare with")),
    ]
    status, reason = pl.lit("RECEIVED"), pl.format("within the window {}", window)
    for holds, code, text in reversed(decided):
        status = pl.when(holds.fill_null(False)).then(pl.lit(code)).otherwise(status)
        reason = pl.when(holds.fill_null(False)).then(text).otherwise(reason)
    return [status.alias("status"), reason.alias("reason")]


def _declared(placed: pl.DataFrame) -> pl.DataFrame:
    """A scan that no visit takes stands under UNSCHEDULED, without the nearest visit's plan."""
    no_visit = (pl.col("near") == 3) | pl.col("again") | pl.col("visit").is_null() | pl.col("scan_date").is_null()
    plan = ("timepoint", "planned_date", "window_start", "window_end", "days_off")
    return placed.with_columns(
        pl.when(~no_visit).then(pl.col(plan)),
        visit=pl.when(no_visit).then(pl.lit(UNSCHEDULED)).otherwise("visit"),
        modality=pl.col("modality").fill_null(UNKNOWN),
    ).select(name for name in VISIT_SCAN.schema)


def _unreadable(files: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Files that cannot be read, at the visit of the series that lies in the same folder."""
    of_series = _declared(placed).select(
        "series_instance_uid",
        *("timepoint", "visit", "scan_date", "planned_date", "window_start", "window_end", "days_off"),
    )
    return (
        files.join(of_series, on="series_instance_uid", how="left")
        .with_columns(
            pl.col("modality").fill_null(UNKNOWN),
            pl.col("visit").fill_null(UNSCHEDULED),
            scan_id="source_name",
            status=pl.lit("UNREADABLE"),
        )
        .select(name for name in VISIT_SCAN.schema)
    )
