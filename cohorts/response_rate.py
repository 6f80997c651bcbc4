"""Rates of response, disease control, clinical benefit and durable response with exact confidence intervals."""

from __future__ import annotations

import polars as pl
from statsmodels.stats.proportion import proportion_confint

from cohorts.groups import by_group
from cohorts.tables import READS_KEY, RESPONSE_RATE

PREFIXES = ("", "i", "ir", "im", "it")
RESPONSE = frozenset({"CMR", "PMR", *(prefix + code for prefix in PREFIXES for code in ("CR", "PR"))})
CONTROL = RESPONSE | {
    "SMD",
    "NON_CMR_NON_PMD",
    "NON-iCR/NON-iUPD",
    *(prefix + "SD" for prefix in PREFIXES),
    *(prefix + "NN" for prefix in PREFIXES[1:]),
    *(f"NON-{prefix}CR/NON-{prefix}PD" for prefix in PREFIXES),
}
MEASURES = {
    "ORR": ("best_response", RESPONSE),
    "CONFIRMED ORR": ("confirmed_best_response", RESPONSE),
    "DCR": ("best_response", CONTROL),
    "CONFIRMED DCR": ("confirmed_best_response", CONTROL),
    "CBR": ("clinical_benefit", frozenset({"Y"})),
    "DRR": ("durable_response", frozenset({"Y"})),
}


def response_rate(best_response: pl.DataFrame, subject: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """ORR and DCR, unconfirmed and confirmed, CBR and DRR, with Clopper-Pearson intervals (rule book 11.2).

    ``best_response`` is `analysis.best_response`, ``subject`` is `core.subject`. The denominator is every row of the
    evaluator, criterion and origin: NE and missing responses count as non-responders, and so do benefits and durable
    responses that are still PENDING. Where no subject of an evaluator, criterion and origin has a confirmed best
    response (not even PD or NE), confirmation was not assessed and there are no confirmed rates; so it is with
    clinical benefit and durable response. Returns `mart.response_rate` in the order of its key.
    """
    counts = [_count(best_response, subject, measure, column, codes) for measure, (column, codes) in MEASURES.items()]
    rates = pl.concat(counts)
    lower, upper = proportion_confint(
        rates["responders"].to_numpy(), rates["subjects"].to_numpy(), alpha=1 - confidence, method="beta"
    )
    return RESPONSE_RATE.conform(
        rates.with_columns(
            (pl.col("responders") / pl.col("subjects")).alias("rate"),
            pl.Series("lower", lower, dtype=pl.Float64),
            pl.Series("upper", upper, dtype=pl.Float64),
            pl.lit(confidence).alias("confidence"),
        )
    ).sort(RESPONSE_RATE.key)


def _count(
    best_response: pl.DataFrame, subject: pl.DataFrame, measure: str, column: str, codes: frozenset[str]
) -> pl.DataFrame:
    rows = best_response.select(*READS_KEY, "subject_id", pl.col(column).cast(pl.String).alias("response"))
    if column != "best_response":
        rows = rows.filter(pl.col("response").is_not_null().any().over(READS_KEY))
    return (
        by_group(rows, subject)
        .group_by(*READS_KEY, "group_by", "group_value")
        .agg(
            pl.len().cast(pl.Int64).alias("subjects"),
            pl.col("response").is_in(sorted(codes)).fill_null(False).sum().cast(pl.Int64).alias("responders"),
        )
        .with_columns(pl.lit(measure).alias("measure"))
    )
