"""Response rates of lesions: injected, not injected and not visceral, visceral (metabolic issue; HI and HL rules)."""

from __future__ import annotations

import polars as pl
from statsmodels.stats.proportion import proportion_confint

from cohorts.tables import LESION_RESPONSE_RATE
from criteria.injection_log import with_injected_status
from criteria.lesion_sizes import lesion_sizes
from criteria.metabolic.components import non_visceral

LESION = ("study_id", "subject_id", "evaluator", "lesion_id")
RESPONDS_PERCENT, NODE_NORMAL_MM = 30, 10
HUNDREDTHS = 100


def lesion_response_rate(
    measurements: pl.DataFrame, injections: pl.DataFrame, *, confidence: float = 0.95
) -> pl.DataFrame:
    """Lesions measured at baseline and later: how many were gone, and how many 30 % smaller, at their best.

    ``measurements`` and ``injections`` are core.measurement and core.injection; a lesion is injected when it was so
    at its last scan, by the log or by the reader (HL-4). A frame of mart.lesion_response_rate.
    """
    sized = lesion_sizes(with_injected_status(measurements, injections).filter(pl.col("timepoint") >= 0))
    status = (
        with_injected_status(measurements, injections)
        .group_by(LESION)
        .agg(injected=pl.col("injected").fill_null(False).any(), organ=pl.col("organ").drop_nulls().first())
    )
    baseline = sized.filter((pl.col("timepoint") == 0) & (pl.col("size") > 0)).select(*LESION, "is_node", first="size")
    later = sized.filter((pl.col("timepoint") > 0) & pl.col("size").is_not_null())
    best = later.group_by(LESION).agg(best=pl.col("size").min())
    lesions = baseline.join(best, on=LESION).join(status, on=LESION, how="left")
    visceral = ~(pl.col("is_node").fill_null(False) | non_visceral(pl.col("organ")))
    group = (
        pl.when("injected")
        .then(pl.lit("INJECTED"))
        .when(visceral)
        .then(pl.lit("VISCERAL"))
        .otherwise(pl.lit("NOT INJECTED, NOT VISCERAL"))
    )
    normal = pl.col("is_node").fill_null(False) & (pl.col("best") < NODE_NORMAL_MM * HUNDREDTHS)
    counted = (
        lesions.with_columns(lesion_group=group)
        .group_by("study_id", "evaluator", "lesion_group")
        .agg(
            lesions=pl.len().cast(pl.Int64),
            subjects=pl.col("subject_id").n_unique().cast(pl.Int64),
            complete=((pl.col("best") == 0) | normal).sum().cast(pl.Int64),
            responding=(100 * pl.col("best") <= (100 - RESPONDS_PERCENT) * pl.col("first")).sum().cast(pl.Int64),
        )
    )
    lower, upper = proportion_confint(
        counted["responding"].to_numpy(), counted["lesions"].to_numpy(), alpha=1 - confidence, method="beta"
    )
    return LESION_RESPONSE_RATE.conform(
        counted.with_columns(
            rate=pl.col("responding") / pl.col("lesions"),
            lower=pl.Series(lower, dtype=pl.Float64),
            upper=pl.Series(upper, dtype=pl.Float64),
            confidence=pl.lit(confidence),
        ).sort(LESION_RESPONSE_RATE.key)
    )
