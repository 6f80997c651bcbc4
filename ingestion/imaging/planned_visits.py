"""The visits of each subject: planned by the protocol, and as the forms date them."""

from __future__ import annotations

import polars as pl

from protocol.model import Visits

SUBJECT = ("study_id", "subject_id")
PLAN = {"visit": pl.String, "planned_day": pl.Int32, "before": pl.Int32, "after": pl.Int32, "rank": pl.Int32}


def planned_visits(subjects: pl.DataFrame, visits: pl.DataFrame, protocol: Visits) -> pl.DataFrame:
    """Every subject's visits with their windows and their dates in the forms.

    ``subjects`` and ``visits`` are core.subject and core.visit. Columns: study_id, subject_id, visit, timepoint,
    planned_date, window_start, window_end (null without a reference date), form_start, form_end, occurred (null for a
    visit that no form speaks of), scheduled. The schedule is the protocol's; without one the planned days of the forms,
    with the general window. The baseline's window ends with the reference date. A visit has the number of the forms,
    else its place in the schedule where the forms number their visits the same way.
    """
    baseline = _baseline_visit(visits, protocol)
    plan = _plan(visits, protocol, baseline)
    numbers = _numbers(visits, plan)
    planned = (
        subjects.select(*SUBJECT, "reference_date")
        .join(plan.join(numbers, on="visit", how="left"), how="cross")
        .with_columns(planned_date=_date_of(pl.col("planned_day")))
        .with_columns(
            window_start=pl.col("planned_date") - pl.duration(days="before"),
            window_end=pl.col("planned_date") + pl.duration(days="after"),
            scheduled=pl.lit(True),
        )
    )
    recorded = visits.select(
        *SUBJECT,
        "visit",
        "occurred",
        recorded_timepoint="timepoint",
        form_start=pl.when(pl.col("occurred").fill_null(True)).then(pl.col("start_date")),
        form_end=pl.when(pl.col("occurred").fill_null(True)).then(pl.coalesce("end_date", "start_date")),
    ).filter(pl.col("visit").is_not_null())
    once = recorded.sort("recorded_timepoint").unique([*SUBJECT, "visit"], keep="first", maintain_order=True)
    return (
        planned.join(once, on=[*SUBJECT, "visit"], how="full", coalesce=True)
        .join(subjects.select(SUBJECT), on=SUBJECT, how="semi")
        .select(
            *SUBJECT,
            "visit",
            pl.coalesce("recorded_timepoint", "number").alias("timepoint"),
            *("planned_date", "window_start", "window_end", "form_start", "form_end", "occurred"),
            scheduled=pl.col("scheduled").fill_null(False),
        )
        .sort(*SUBJECT, "visit")
    )


def _baseline_visit(visits: pl.DataFrame, protocol: Visits) -> str:
    recorded = visits.filter(pl.col("timepoint") == 0)["visit"].drop_nulls()
    if not recorded.is_empty():
        return recorded.mode().sort()[0]
    return protocol.baseline[0] if protocol.baseline else "BASELINE"


def _plan(visits: pl.DataFrame, protocol: Visits, baseline: str) -> pl.DataFrame:
    """The schedule with each visit's place in it: 0 = baseline, negative before it."""
    if protocol.schedule:
        rows = [(planned.visit, planned.day, planned.before, planned.after) for planned in protocol.schedule]
    else:
        days = (
            visits.filter(pl.col("planned_day").is_not_null() & (pl.col("timepoint") > 0))
            .group_by("visit")
            .agg(pl.col("planned_day").mode().min())
            .sort("planned_day", "visit")
        )
        rows = [(visit, day, protocol.window_days, protocol.window_days) for visit, day in days.iter_rows()]
    if baseline not in [row[0] for row in rows]:
        rows.append((baseline, 1, protocol.baseline_max_age_days, 0))
    rows.sort(key=lambda row: (row[1], row[0] != baseline))
    place = [row[0] for row in rows].index(baseline)
    ranked = [(*row, number - place) for number, row in enumerate(rows)]
    return pl.DataFrame(ranked, schema=PLAN, orient="row")


def _numbers(visits: pl.DataFrame, plan: pl.DataFrame) -> pl.DataFrame:
    """The time point of each planned visit (visit, number): the forms' own, else its place where they agree."""
    recorded = visits.drop_nulls("visit").group_by("visit").agg(recorded=pl.col("timepoint").mode().min())
    numbered = plan.join(recorded, on="visit", how="left")
    agree = numbered.select((pl.col("recorded") == pl.col("rank")).fill_null(True).all()).item()
    place = pl.col("rank") if agree else pl.lit(None, dtype=pl.Int32)
    return numbered.select("visit", number=pl.coalesce("recorded", place))


def _date_of(study_day: pl.Expr) -> pl.Expr:
    """The date of a study day: day 1 is the reference date, there is no day 0 (GEN-06)."""
    return pl.col("reference_date") + pl.duration(days=study_day - (study_day > 0).cast(pl.Int32))
