"""Adjudication for each endpoint or each time point instead of the whole subject (``adj_unit``, BR-03)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cohorts.review.readers import SUBJECT
from criteria.vocabulary import Component

READ = (*SUBJECT, "criterion", "origin")
READERS = (1, 2)
NO_MARKS = {"study_id": pl.String, "subject_id": pl.String, "evaluator": pl.String, "timepoint": pl.Int32}
BEST = -1
"""Stands for the time point of a marked best response."""


def marked_records(measurements: pl.DataFrame, recorded: pl.DataFrame) -> pl.DataFrame:
    """Which reader's records are marked as accepted at each time point: study_id, subject_id, evaluator, timepoint.

    ``measurements`` and ``recorded`` are core.measurement and core.recorded_response; a marked best response stands at
    time point -1.
    """
    accepted = pl.col("accepted").fill_null(False)
    best = pl.when(pl.col("component") == Component.BEST).then(BEST).otherwise("timepoint").cast(pl.Int32)
    parts = (
        measurements.filter(accepted).select(tuple(NO_MARKS)),
        recorded.filter(accepted).with_columns(timepoint=best).select(tuple(NO_MARKS)),
    )
    return pl.concat(parts).unique()


def by_endpoint(
    pairs: pl.DataFrame,
    chosen: Mapping[str, tuple[str, pl.Expr]],
    timepoint_response: pl.DataFrame,
    marks: pl.DataFrame | None,
) -> pl.DataFrame:
    """One row per pair and variable: its two values, whether they trigger, and whose record is marked.

    ``chosen`` names each variable's column and its trigger. A best response is marked itself, a date at the time point
    that has it.
    """
    dated = timepoint_response.select(
        *READ, "evaluator", "timepoint", "assessment_date", date=pl.coalesce("progression_date", "assessment_date")
    )
    rows = []
    for item, (column, trigger) in chosen.items():
        values = [pl.col(f"{column}_{number}").cast(pl.String).alias(f"value_{number}") for number in READERS]
        items = pairs.with_columns(*values, unit=pl.lit("ENDPOINT"), item=pl.lit(item), triggered_by=trigger)
        if column.endswith("_date"):
            by = "assessment_date" if item == "RSPDT" else "date"
            items = _marked_at(items, dated, by, column, marks)
        else:
            items = _marked(items.with_columns(timepoint_1=pl.lit(BEST), timepoint_2=pl.lit(BEST)), marks)
        rows.append(items)
    return pl.concat(rows, how="diagonal")


def by_timepoint(pairs: pl.DataFrame, timepoint_response: pl.DataFrame, marks: pl.DataFrame | None) -> pl.DataFrame:
    """One row per pair and time point that either reader has: both overall responses, and whose records are marked."""
    own = timepoint_response.select(*READ, "evaluator", "timepoint", value="overall_response")
    known = pl.concat(
        pairs.select(*READ, evaluator=f"reader_{number}").join(own, on=[*READ, "evaluator"]).select(*READ, "timepoint")
        for number in READERS
    ).unique()
    items = pairs.join(known, on=READ)
    for number in READERS:
        one = own.rename({"evaluator": f"reader_{number}", "value": f"value_{number}"})
        items = items.join(one, on=[*READ, f"reader_{number}", "timepoint"], how="left")
    items = items.with_columns(timepoint_1="timepoint", timepoint_2="timepoint")
    differs = pl.col("value_1").ne_missing(pl.col("value_2"))
    return _marked(items, marks).with_columns(
        unit=pl.lit("TIMEPOINT"),
        item=pl.col("timepoint").cast(pl.String),
        triggered_by=pl.when(differs).then(pl.lit("OVERALL")),
    )


def _marked_at(
    items: pl.DataFrame, dated: pl.DataFrame, by: str, column: str, marks: pl.DataFrame | None
) -> pl.DataFrame:
    """The items with the marks at the time point whose date is each reader's value."""
    for number in READERS:
        at = dated.group_by(*READ, pl.col("evaluator").alias(f"reader_{number}"), pl.col(by).alias("on")).agg(
            pl.col("timepoint").min().alias(f"timepoint_{number}")
        )
        items = items.with_columns(on=f"{column}_{number}")
        items = items.join(at, on=[*READ, f"reader_{number}", "on"], how="left").drop("on")
    return _marked(items, marks)


def _marked(items: pl.DataFrame, marks: pl.DataFrame | None) -> pl.DataFrame:
    """The items with ``accepted_1`` and ``accepted_2``: the reader's record at his time point is marked."""
    known = pl.DataFrame(schema=NO_MARKS) if marks is None else marks.unique()
    for number in READERS:
        one = known.rename({"evaluator": f"reader_{number}", "timepoint": f"timepoint_{number}"})
        on = [*SUBJECT, f"reader_{number}", f"timepoint_{number}"]
        items = items.drop(f"accepted_{number}", strict=False).with_columns(
            pl.col(f"timepoint_{number}").cast(pl.Int32)
        )
        items = items.join(one.with_columns(pl.lit(True).alias(f"accepted_{number}")), on=on, how="left")
    return items.with_columns(pl.col("accepted_1", "accepted_2").fill_null(False))
