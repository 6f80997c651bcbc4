"""Who is counted in the response rates (``orr_population``, rule book 11.2)."""

from __future__ import annotations

from typing import Literal

import polars as pl

from criteria.vocabulary import Role

Population = Literal["itt", "treated", "measurable"]
SUBJECT = ("study_id", "subject_id")


def in_population(
    best_response: pl.DataFrame, subjects: pl.DataFrame, measurements: pl.DataFrame, population: Population
) -> pl.DataFrame:
    """The best responses of the subjects that count; NE and missing responses stay among them.

    ``best_response`` is analysis.best_response, ``subjects`` core.subject, ``measurements`` core.measurement. itt:
    everybody; treated: with a first dose; measurable: with a target lesion at the baseline by that evaluator, or by
    any for one who has no measurements (recorded responses, an accepted reader).
    """
    if population == "itt":
        return best_response
    if population == "treated":
        treated = subjects.filter(pl.col("first_dose_date").is_not_null()).select(SUBJECT)
        return best_response.join(treated, on=SUBJECT, how="semi")
    targets = measurements.filter((pl.col("timepoint") == 0) & (pl.col("role") == Role.TARGET))
    own = best_response.join(measurements.select("evaluator").unique(), on="evaluator", how="semi")
    others = best_response.join(measurements.select("evaluator").unique(), on="evaluator", how="anti")
    return pl.concat(
        [
            own.join(targets.select(*SUBJECT, "evaluator").unique(), on=[*SUBJECT, "evaluator"], how="semi"),
            others.join(targets.select(SUBJECT).unique(), on=SUBJECT, how="semi"),
        ]
    )
