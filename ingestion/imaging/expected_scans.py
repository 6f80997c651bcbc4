"""Scans that the imaging charter expects of a visit and that did not come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from criteria.table import Dtype
from ingestion.dicom.series_kind import Kind
from ingestion.imaging.planned_visits import SUBJECT
from protocol.imaging import Charter

VERSION: dict[str, Dtype] = {"version": pl.String, "effective": pl.Date}
EXPECTED: dict[str, Dtype] = {
    "version": pl.String,
    "modality": pl.String,
    "named_visit": pl.String,
    "regions": pl.List(pl.String),
}


def with_charter_version(frame: pl.DataFrame, day: pl.Expr, charter: Sequence[Charter]) -> pl.DataFrame:
    """The frame with ``version``: the charter's version in force on the day, null before the first."""
    versions = pl.DataFrame(
        [(one.version, one.effective or date.min) for one in charter], schema=VERSION, orient="row"
    ).sort("effective")
    return (
        frame.with_columns(effective=day.cast(pl.Date))
        .sort("effective", maintain_order=True)
        .join_asof(versions, on="effective", strategy="backward")
        .drop("effective")
    )


def expectations(plan: pl.DataFrame, charter: Sequence[Charter]) -> pl.DataFrame:
    """Every subject's visits with each modality expected there, and the body regions (``modality``, ``regions``)."""
    rows = [
        (one.version, scan.modality, visit, list(scan.body_regions))
        for one in charter
        for scan in one.expected
        for visit in scan.visits or (None,)
    ]
    expected = pl.DataFrame(rows, schema=EXPECTED, orient="row")
    dated = with_charter_version(plan, pl.coalesce("form_start", "planned_date"), charter)
    meant = pl.col("named_visit").is_null() & pl.col("scheduled") | (pl.col("named_visit") == pl.col("visit"))
    return (
        dated.join(expected, on="version")
        .filter(meant.fill_null(False))
        .group_by(*plan.columns, "version", "modality", maintain_order=True)
        .agg(regions=pl.col("regions").explode().drop_nulls().unique().sort())
    )


def expected_scans(
    plan: pl.DataFrame, subjects: pl.DataFrame, placed: pl.DataFrame, charter: Sequence[Charter], today: date
) -> pl.DataFrame:
    """A row for every expected scan that did not come, MISSING or NOT_DUE (`ingestion.dicom.tables.VISIT_SCAN`).

    ``placed`` are the scans with their visits. Only an IMAGE is what is expected.
    """
    place = [*SUBJECT, "visit", "modality"]
    at_visit = placed.filter((pl.col("near") < 3) & ~pl.col("again"))
    came = at_visit.filter(pl.col("kind") == Kind.IMAGE).select(place).unique()
    kinds = pl.col("kind").unique().sort().str.join(", ")
    others = at_visit.filter(pl.col("kind") != Kind.IMAGE).group_by(place).agg(others=kinds)
    ends = subjects.select(
        *SUBJECT,
        ended=pl.min_horizontal("death_date", "end_of_study_date"),
        followed_until=pl.min_horizontal("death_date", "end_of_study_date", pl.lit(today)),
    )
    wanted = (
        expectations(plan, charter)
        .join(came, on=place, how="anti")
        .join(others, on=place, how="left")
        .join(ends, on=SUBJECT, how="left")
    )
    not_performed = ~pl.col("occurred").fill_null(True)
    held = pl.col("form_start").is_not_null()
    overdue = (pl.col("window_end") < pl.col("followed_until")).fill_null(False)
    missing = not_performed | held | overdue
    reason = (
        pl.when(not_performed)
        .then(pl.lit("the visit is recorded as not performed"))
        .when(held)
        .then(pl.format("the forms record the visit on {}", "form_start"))
        .when(overdue)
        .then(pl.format("the window ended on {}", "window_end"))
        .when(pl.col("window_end").is_null())
        .then(pl.lit("no reference date, so no planned date"))
        .when(pl.col("ended") <= pl.col("window_end"))
        .then(pl.format("the subject's follow-up ended on {}", "ended"))
        .otherwise(pl.format("the window ends on {}", "window_end"))
    )
    return wanted.select(
        *SUBJECT,
        *("timepoint", "visit", "modality", "planned_date", "window_start", "window_end"),
        scan_id=pl.coalesce(pl.col("planned_date").cast(pl.String), pl.col("form_start").cast(pl.String), "visit"),
        status=pl.when(missing).then(pl.lit("MISSING")).otherwise(pl.lit("NOT_DUE")),
        reason=pl.concat_str(reason, pl.format("only {} came", "others"), separator="; ", ignore_nulls=True),
    )
