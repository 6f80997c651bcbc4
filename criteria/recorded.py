"""Responses as a reader recorded them, in the form of derived ones, so that the same later steps run on both."""

from __future__ import annotations

import polars as pl

from criteria.declaration import Judged
from criteria.response_courses import category_codes
from criteria.tables import TIMEPOINT_RESPONSE
from criteria.vocabulary import Component, Origin

KEY = ("study_id", "subject_id", "evaluator", "criterion", "timepoint")
CLAUSE = "RECORDED"


def recorded_timepoint_responses(recorded: pl.DataFrame, declared: Judged, subjects: pl.DataFrame) -> pl.DataFrame:
    """Recorded responses of one criterion (core.recorded_response) as rows of analysis.timepoint_response.

    A recorded overall response that is no code of the criterion stays out of the later steps (its overall response
    becomes null); time points without a recorded overall response are left out.
    """
    of_criterion = recorded.filter((pl.col("criterion") == declared.name) & (pl.col("timepoint") > 0))
    known = list(category_codes(declared))

    def part(component: Component) -> pl.Expr:
        return pl.col("response").filter(pl.col("component") == component).first()

    new = part(Component.NEW_LESION)
    frame = (
        of_criterion.group_by(KEY)
        .agg(
            pl.col("visit").first(),
            pl.col("assessment_date").filter(pl.col("component") == Component.OVERALL).first(),
            overall_response=part(Component.OVERALL),
            target_response=part(Component.TARGET),
            nontarget_response=part(Component.NON_TARGET),
            new_lesion=pl.when(new.is_in(["Y", "N", "EQUIVOCAL", "NE"])).then(new),
        )
        .filter(pl.col("overall_response").is_not_null() & pl.col("assessment_date").is_not_null())
        .join(subjects.select("study_id", "subject_id", "reference_date"), on=["study_id", "subject_id"], how="left")
    )
    days = (pl.col("assessment_date") - pl.col("reference_date")).dt.total_days()
    frame = frame.with_columns(
        origin=pl.lit(Origin.RECORDED.value),
        study_day=days + (days >= 0).cast(pl.Int64),
        clause=pl.lit(CLAUSE),
        explanation=pl.format("{} as recorded by {}", "overall_response", "evaluator"),
        overall_response=pl.when(pl.col("overall_response").is_in(known)).then("overall_response"),
    )
    return TIMEPOINT_RESPONSE.conform(frame.drop("reference_date").sort(KEY))
