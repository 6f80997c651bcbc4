"""How well a criterion's early prediction of benefit holds against RECIST 1.1 (PC-6, PC-7, PI-10, IP-11)."""

from __future__ import annotations

import polars as pl
from statsmodels.stats.proportion import proportion_confint

from cohorts.tables import PREDICTED_BENEFIT

SUBJECT = ("study_id", "subject_id")
READ = (*SUBJECT, "evaluator")
REFERENCE = "RECIST 1.1"
MEASURES = {
    "SENSITIVITY": ("true_positive", ("true_positive", "false_negative")),
    "SPECIFICITY": ("true_negative", ("true_negative", "false_positive")),
    "ACCURACY": (None, ("true_positive", "true_negative", "false_positive", "false_negative")),
}


SIX_MONTHS = "PECRIT"
"""The criterion whose benefit is stable disease of six months (PC-6)."""


def predicted_benefit(
    details: pl.DataFrame, best: pl.DataFrame, six_months: pl.DataFrame, *, confidence: float = 0.95
) -> pl.DataFrame:
    """Sensitivity, specificity and accuracy of predicted benefit, a frame of mart.predicted_benefit.

    ``details`` is analysis.metabolic_response, of which the first prediction of each subject counts; ``best`` is
    analysis.best_response, whose clinical benefit by RECIST 1.1 (derived, same evaluator, else the only one) is the
    truth; for PECRIT that of ``six_months``, the same with stable disease of six months. Subjects whose benefit is
    pending or not known do not count.
    """
    predicted = (
        details.filter(pl.col("benefit").is_not_null())
        .sort(*READ, "criterion", "timepoint")
        .group_by(*READ, "criterion", maintain_order=True)
        .agg(predicted=pl.col("benefit").first() == "Y")
    )
    of_pecrit = pl.col("criterion") == SIX_MONTHS
    parts = ((predicted.filter(~of_pecrit), best), (predicted.filter(of_pecrit), six_months))
    judged = pl.concat([_with_truth(*part) for part in parts])
    said, was = pl.col("predicted"), pl.col("benefit")
    counts = judged.group_by("study_id", "evaluator", "criterion").agg(
        true_positive=(said & was).sum().cast(pl.Int64),
        false_positive=(said & ~was).sum().cast(pl.Int64),
        true_negative=(~said & ~was).sum().cast(pl.Int64),
        false_negative=(~said & was).sum().cast(pl.Int64),
    )
    rows = pl.concat(
        counts.with_columns(
            measure=pl.lit(measure),
            right=pl.col(right) if right else pl.col("true_positive") + pl.col("true_negative"),
            total=pl.sum_horizontal(of),
        )
        for measure, (right, of) in MEASURES.items()
    ).filter(pl.col("total") > 0)
    lower, upper = proportion_confint(
        rows["right"].to_numpy(), rows["total"].to_numpy(), alpha=1 - confidence, method="beta"
    )
    return PREDICTED_BENEFIT.conform(
        rows.with_columns(
            value=pl.col("right") / pl.col("total"),
            lower=pl.Series(lower, dtype=pl.Float64),
            upper=pl.Series(upper, dtype=pl.Float64),
            confidence=pl.lit(confidence),
        )
        .drop("right", "total")
        .sort(PREDICTED_BENEFIT.key)
    )


def _with_truth(predicted: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    truth = best.filter(
        (pl.col("criterion") == REFERENCE)
        & (pl.col("origin") == "DERIVED")
        & pl.col("clinical_benefit").is_in(["Y", "N"])
        & (pl.col("best_response") != "MISSING")
    ).select(*READ, benefit=pl.col("clinical_benefit") == "Y")
    only = truth.filter(pl.len().over(SUBJECT) == 1).select(*SUBJECT, other="benefit")
    return (
        predicted.join(truth, on=READ, how="left")
        .join(only, on=SUBJECT, how="left")
        .with_columns(benefit=pl.coalesce("benefit", "other"))
        .filter(pl.col("benefit").is_not_null())
    )
