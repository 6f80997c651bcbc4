"""Which planned tumour assessments took place, when, and whether they were read."""

from __future__ import annotations

from datetime import date

import polars as pl

from cohorts.tables import VISIT_COMPLIANCE

SUBJECT = ("study_id", "subject_id")
UNSEEN = ("NOT_DONE",)


def visit_compliance(
    visits: pl.DataFrame,
    measurements: pl.DataFrame,
    subjects: pl.DataFrame,
    schedule: pl.DataFrame,
    data_cutoff: date | None = None,
) -> pl.DataFrame:
    """Every subject and planned visit with its window, what happened, and by how many evaluators it was read.

    ``visits``, ``measurements`` and ``subjects`` are core.visit, core.measurement and core.subject; ``schedule`` has
    the columns visit, planned_day, minus and plus (days); without it the planned days of the visits themselves count.
    A visit is due when its window closed before the subject's follow-up ended (death, end of study, last known alive,
    ``data_cutoff``), and MISSING when it was due and did not take place. A baseline without a planned day is left out.
    Result: mart.visit_compliance, of which `cohorts.visit_progress` fills the rest.
    """
    planned = _planned(visits, schedule)
    known = subjects.filter(pl.col("reference_date").is_not_null()).select(
        *SUBJECT,
        "reference_date",
        followed_until=pl.min_horizontal(
            "death_date", "end_of_study_date", pl.coalesce("last_alive_date", pl.lit(data_cutoff, dtype=pl.Date))
        ),
    )
    read_by = (
        measurements.filter(~pl.col("state").is_in(UNSEEN))
        .group_by(*SUBJECT, "visit")
        .agg(evaluators=pl.col("evaluator").n_unique().cast(pl.Int32))
    )
    took_place = visits.select(*SUBJECT, "visit", "timepoint", "occurred", "start_date", "end_date")
    frame = (
        known.join(planned, on="study_id")
        .join(took_place, on=[*SUBJECT, "visit"], how="full", coalesce=True)
        .join(read_by, on=[*SUBJECT, "visit"], how="left")
        .filter(pl.col("planned_day").is_not_null() | (pl.col("timepoint") > 0))
        .with_columns(expected_date=_day(pl.col("planned_day")))
        .with_columns(
            window_start=pl.col("expected_date") - pl.duration(days=pl.col("minus")),
            window_end=pl.col("expected_date") + pl.duration(days=pl.col("plus")),
            evaluators=pl.col("evaluators").fill_null(0),
        )
        .with_columns(status=_status())
        .with_columns(days_off=pl.when(pl.col("start_date").is_not_null()).then(_days_off()))
    )
    return VISIT_COMPLIANCE.conform(
        frame.select(name for name in VISIT_COMPLIANCE.schema if name in frame.columns)
        .unique([*SUBJECT, "visit"], keep="first")
        .sort(*SUBJECT, "visit")
    )


def _planned(visits: pl.DataFrame, schedule: pl.DataFrame) -> pl.DataFrame:
    own = schedule.filter(pl.col("planned_day").is_not_null()).select(
        "study_id", "visit", "planned_day", "minus", "plus"
    )
    if not own.is_empty():
        return own
    general = schedule.select("study_id", "minus", "plus").unique("study_id")
    days = visits.filter(pl.col("planned_day").is_not_null() & (pl.col("timepoint") >= 0))
    return (
        days.group_by("study_id", "visit")
        .agg(pl.col("planned_day").mode().min())
        .join(general, on="study_id", how="left")
        .with_columns(pl.col("minus", "plus").fill_null(0))
    )


def _day(study_day: pl.Expr) -> pl.Expr:
    """The date of a study day: day 1 is the reference date, there is no day 0 (GEN-06)."""
    return pl.col("reference_date") + pl.duration(days=study_day - (study_day > 0).cast(pl.Int32))


def _status() -> pl.Expr:
    held = pl.col("occurred").fill_null(True) & pl.col("start_date").is_not_null()
    return (
        pl.when(pl.col("expected_date").is_null() & held)
        .then(pl.lit("UNSCHEDULED"))
        .when(held & (pl.col("start_date") < pl.col("window_start")))
        .then(pl.lit("EARLY"))
        .when(held & (pl.col("start_date") > pl.col("window_end")))
        .then(pl.lit("LATE"))
        .when(held)
        .then(pl.lit("IN WINDOW"))
        .when(~pl.col("occurred"))
        .then(pl.lit("NOT DONE"))
        .when(pl.col("window_end") < pl.col("followed_until"))
        .then(pl.lit("MISSING"))
        .otherwise(pl.lit("NOT DUE"))
    )


def _days_off() -> pl.Expr:
    return (pl.col("start_date") - pl.col("expected_date")).dt.total_days()
