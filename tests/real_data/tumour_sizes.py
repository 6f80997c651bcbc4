"""Published tumour sizes (one lesion a patient, one size a visit) as rows of core.measurement."""

from __future__ import annotations

from datetime import date

import polars as pl

from criteria.vocabulary import Role, State
from ingestion.tables import MEASUREMENT, SUBJECT

STUDY, EVALUATOR, LESION = "SIZES", "PUBLISHED", "T01"
DAY_0 = date(2000, 1, 1)
PATIENT = ["arm", "patient"]


def measurements(sizes: pl.DataFrame) -> pl.DataFrame:
    """Rows of core.measurement from columns patient, day, diam_raw, arm, diam_mm, all text.

    Every (arm, patient) is one course with one target. The baseline is the last visit up to day 0, else the first.
    Rows without a day are left out, as is a second row of the same day.
    """
    day, size = pl.col("day"), pl.col("diam_mm")
    visits = (
        sizes.with_columns(day.cast(pl.Int64), size.cast(pl.Float64))
        .drop_nulls("day")
        .unique([*PATIENT, "day"], keep="first", maintain_order=True)
        .sort(*PATIENT, "day")
    )
    before = (day <= 0).cast(pl.Int32).sum().over(PATIENT)
    place = pl.int_range(pl.len(), dtype=pl.Int32).over(PATIENT)
    state = (
        pl.when(size == 0)
        .then(pl.lit(State.ABSENT.value))
        .when(size > 0)
        .then(pl.lit(State.MEASURED.value))
        .when(pl.col("diam_raw") == "TOO SMALL TO MEASURE")
        .then(pl.lit(State.TOO_SMALL.value))
        .when(pl.col("diam_raw") == "NOT EVALUABLE")
        .then(pl.lit(State.NOT_EVALUABLE.value))
        .otherwise(pl.lit(State.NOT_DONE.value))
    )
    return MEASUREMENT.conform(
        visits.select(
            study_id=pl.lit(STUDY),
            subject_id=pl.format("{} {}", *PATIENT),
            evaluator=pl.lit(EVALUATOR),
            timepoint=place - (before - 1).clip(lower_bound=0),
            assessment_date=pl.lit(DAY_0) + pl.duration(days=day),
            lesion_id=pl.lit(LESION),
            role=pl.lit(Role.TARGET.value),
            is_node=pl.lit(False),
            state=state,
            longest_diameter_mm=size,
        )
    )


def subjects(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of core.subject: day 0 is the reference date."""
    return SUBJECT.conform(rows.select("study_id", "subject_id", reference_date=pl.lit(DAY_0)).unique())
