"""Durable response by the alternative definition: a PFS of more than three medians (rule book section 11.2)."""

from __future__ import annotations

import polars as pl

from criteria.pattern_options import DEFAULT, PatternOptions
from criteria.pattern_tables import PATTERN, presence
from criteria.registry import CRITERIA
from criteria.tables import COURSE_KEY

NAME = "DURABLE RESPONSE"
DEFINITION = "durable_alt"
SOURCE = "Pons-Tostivint 2019, JCO Precis Oncol 3"
MEDIANS = 3
TOLERANCE = 1e-8
SURVIVALS = tuple({declared.endpoints.progression_free_survival for declared in CRITERIA.values()})


def durable_response(
    event_times: pl.DataFrame, subjects: pl.DataFrame, profile: str = "fda", options: PatternOptions = DEFAULT
) -> pl.DataFrame:
    """Subjects whose PFS exceeds three times the median of those under the same treatment (durable_alt).

    ``event_times`` is analysis.event_time, of which the PFS of every criterion under one censoring ``profile`` counts;
    ``subjects`` is core.subject, whose arm is the treatment (``durable_alt_ref`` whole_population: all subjects of the
    study). Strictly more than three medians, in days. Not evaluable where the median is not reached, or where a
    censored time has not passed it yet. A frame of analysis.pattern.
    """
    arms = subjects.select("study_id", "subject_id", "arm")
    treatment = pl.col("arm") if options.durable_alt_ref == "same_treatment" else pl.lit(None, pl.String)
    times = (
        event_times.filter(pl.col("endpoint").is_in(SURVIVALS) & (pl.col("profile") == profile))
        .join(arms, on=["study_id", "subject_id"], how="left")
        .select(*COURSE_KEY, "days", "event", treatment=treatment.fill_null("ALL"))
    )
    cohort = ["study_id", "evaluator", "criterion", "origin", "treatment"]
    times = times.join(median_survival(times, cohort), on=cohort, how="left")
    limit = MEDIANS * pl.col("median")
    exceeded = pl.col("days") > limit
    held = pl.when(exceeded | pl.col("event")).then(exceeded)
    frame = times.with_columns(held=held).select(
        *COURSE_KEY,
        present=presence(pl.col("held")),
        pattern=pl.lit(NAME),
        definition=pl.lit(DEFINITION),
        value=pl.col("days").cast(pl.Float64),
        threshold=limit,
        value_unit=pl.lit("d of PFS"),
        source=pl.lit(SOURCE),
        clause=pl.lit(f"11.2 {DEFINITION}"),
        explanation=_explanation(),
    )
    return PATTERN.conform(frame.sort(COURSE_KEY))


def median_survival(times: pl.DataFrame, cohort: list[str]) -> pl.DataFrame:
    """Kaplan-Meier median of each cohort: columns ``cohort`` and ``median``, null where it is not reached.

    ``times`` has ``days`` and ``event``, one row per subject. Where the curve is flat at one half, the median is the
    middle of the flat stretch, which ends at the last time if the curve falls no more.
    """
    at = (
        times.group_by(*cohort, "days")
        .agg(events=pl.col("event").sum(), leaving=pl.len())
        .sort(*cohort, "days")
        .with_columns(at_risk=pl.col("leaving").cum_sum(reverse=True).over(cohort))
        .with_columns(survival=(1 - pl.col("events") / pl.col("at_risk")).cum_prod().over(cohort))
    )
    half = pl.col("days").filter(pl.col("survival") <= 0.5 + TOLERANCE).min()
    less = pl.col("days").filter(pl.col("survival") < 0.5 - TOLERANCE).min()
    return at.group_by(cohort).agg(median=(half + pl.coalesce(less, pl.col("days").max())) / 2)


def _explanation() -> pl.Expr:
    reached = pl.format(
        "PFS of {} d, {}; three medians of the cohort ({}) are {} d",
        "days",
        pl.when("event").then(pl.lit("ended by an event")).otherwise(pl.lit("censored")),
        "treatment",
        MEDIANS * pl.col("median"),
    )
    return pl.coalesce(
        reached, pl.format("PFS of {} d; the median of the cohort ({}) is not reached", "days", "treatment")
    )
