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


def response_rate(
    best_response: pl.DataFrame,
    subject: pl.DataFrame,
    subgroups: pl.DataFrame | None = None,
    *,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """ORR and DCR, unconfirmed and confirmed, CBR and DRR, with Clopper-Pearson and Wilson intervals (11.2).

    ``best_response`` is `analysis.best_response`, ``subject`` is `core.subject`, ``subgroups`` `core.subject_group`.
    The denominator is every row of the
    evaluator, criterion and origin: NE and missing responses count as non-responders, and so do benefits and durable
    responses that are still PENDING. Where no subject of an evaluator, criterion and origin has a confirmed best
    response (not even PD or NE), confirmation was not assessed and there are no confirmed rates; so it is with
    clinical benefit and durable response. Returns `mart.response_rate` in the order of its key.
    """
    rates = (
        by_group(counted(best_response), subject, subgroups)
        .group_by(*READS_KEY, "group_by", "group_value", "measure")
        .agg(pl.len().alias("subjects"), pl.col("responds").sum().cast(pl.Int64).alias("responders"))
    )
    exact, wilson = (_interval(rates, method, confidence) for method in ("beta", "wilson"))
    return RESPONSE_RATE.conform(
        rates.with_columns(
            (pl.col("responders") / pl.col("subjects")).alias("rate"),
            exact[0].alias("lower"),
            exact[1].alias("upper"),
            wilson[0].alias("wilson_lower"),
            wilson[1].alias("wilson_upper"),
            pl.lit(confidence).alias("confidence"),
        )
    ).sort(RESPONSE_RATE.key)


def counted(best_response: pl.DataFrame) -> pl.DataFrame:
    """One row per read, subject and measure: whether the subject ``responds``, i.e. counts in the numerator.

    A measure that was not assessed for any subject of an evaluator, criterion and origin has no rows.
    """
    rows = []
    for measure, (column, codes) in MEASURES.items():
        response = pl.col(column).cast(pl.String)
        assessed = best_response
        if column != "best_response":
            assessed = best_response.filter(response.is_not_null().any().over(READS_KEY))
        responds = response.is_in(sorted(codes)).fill_null(False)
        rows.append(
            assessed.select(*READS_KEY, "subject_id", pl.lit(measure).alias("measure"), responds.alias("responds"))
        )
    return pl.concat(rows)


def _interval(rates: pl.DataFrame, method: str, confidence: float) -> tuple[pl.Series, pl.Series]:
    lower, upper = proportion_confint(
        rates["responders"].to_numpy(), rates["subjects"].to_numpy(), alpha=1 - confidence, method=method
    )
    return pl.Series(lower, dtype=pl.Float64), pl.Series(upper, dtype=pl.Float64)
