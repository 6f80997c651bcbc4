"""Metrics of the central review: adjudication, winning readers, and the site against the centre (BR-06)."""

from __future__ import annotations

import polars as pl

from cohorts.groups import by_group
from cohorts.review.readers import SUBJECT, central, read_responses
from cohorts.tables import REVIEW_METRICS

READ = (*SUBJECT, "criterion", "origin")
COUNTED = ("study_id", "evaluator", "criterion", "origin", "group_by", "group_value")
ALL = "ALL"


def review_metrics(
    adjudication: pl.DataFrame,
    best_response: pl.DataFrame,
    found: pl.DataFrame,
    subject: pl.DataFrame,
    *,
    adj_date_tol: int = 0,
) -> pl.DataFrame:
    """Rates of the review by criterion, origin, arm and cohort.

    ``adjudication`` is mart.adjudication, ``best_response`` analysis.best_response, ``found`` `readers`, ``subject``
    core.subject. ADJUDICATION RATE: adjudicated of all subjects (time points, endpoints: ``adj_unit``) with two central
    reads. WIN RATE of a reader: accepted of his adjudicated and decided ones. DISAGREEMENT INDEX of a reader: overruled
    of all that he read, in percent. PROGRESSION DATE and RESPONSE DATE DISCORDANCE: two central readers who differ in
    that date, of all subjects with two reads. EARLY and LATE DISCREPANCY RATE of the site against the
    accepted reader, or the only central one: progressions that the site saw earlier or alone, of all that it saw; those
    that it saw later or not, of all that differ in either way; dates within ``adj_date_tol`` days agree. Returns
    `mart.review_metrics` in the order of its key; a rate whose denominator is 0 has no row.
    """
    rows = pl.concat(
        [
            *_of_readers(adjudication),
            *_of_dates(adjudication, adj_date_tol),
            *_of_sites(adjudication, best_response, found, adj_date_tol),
        ]
    )
    counted = (
        by_group(rows, subject)
        .filter("counts")
        .group_by(*COUNTED, "metric")
        .agg(numerator=pl.col("hit").sum().cast(pl.Int64), denominator=pl.len().cast(pl.Int64))
    )
    percent = pl.when(pl.col("metric") == "DISAGREEMENT INDEX").then(100.0).otherwise(1.0)
    measured = counted.with_columns(value=percent * pl.col("numerator") / pl.col("denominator"))
    return REVIEW_METRICS.conform(measured).sort(REVIEW_METRICS.key)


def _of_readers(adjudication: pl.DataFrame) -> list[pl.DataFrame]:
    decided = pl.col("adjudicated") & pl.col("accepted_reader").is_not_null()
    won = (pl.col("accepted_reader") == pl.col("evaluator")).fill_null(False)
    reads = pl.concat(adjudication.with_columns(evaluator=reader) for reader in ("reader_1", "reader_2"))
    together = adjudication.with_columns(evaluator=pl.lit(ALL))
    return [
        _metric(together, "ADJUDICATION RATE", pl.lit(True), pl.col("adjudicated")),
        _metric(reads, "WIN RATE", decided, won),
        _metric(reads, "DISAGREEMENT INDEX", pl.lit(True), decided & ~won),
    ]


def _of_dates(adjudication: pl.DataFrame, tolerance: int) -> list[pl.DataFrame]:
    """How often two central readers differ in a date by more than the tolerance, or only one has it."""
    once = adjudication.unique(READ, keep="any").with_columns(evaluator=pl.lit(ALL))
    return [
        _metric(once, f"{name} DATE DISCORDANCE", pl.lit(True), _apart(f"{column}_1", f"{column}_2", tolerance))
        for name, column in (("RESPONSE", "first_response_date"), ("PROGRESSION", "progression_date"))
    ]


def _apart(one: str, two: str, tolerance: int) -> pl.Expr:
    days = (pl.col(one) - pl.col(two)).dt.total_days().abs()
    return pl.col(one).ne_missing(pl.col(two)) & (days > tolerance).fill_null(True)


def _of_sites(
    adjudication: pl.DataFrame, best_response: pl.DataFrame, found: pl.DataFrame, tolerance: int
) -> list[pl.DataFrame]:
    of_progression = pl.col("item").is_in(["ALL", "PDDT"]) & pl.col("accepted_reader").is_not_null()
    accepted = adjudication.filter(of_progression).select(*READ, evaluator=pl.col("accepted_reader"))
    centres = read_responses(best_response, central(found))
    alone = centres.filter(pl.len().over(READ) == 1).select(*READ, "evaluator")
    chosen = centres.join(pl.concat([accepted, alone]), on=[*READ, "evaluator"], how="semi")
    sites = read_responses(best_response, found.filter("site"))
    both = sites.join(chosen.select(*READ, central_date="progression_date"), on=READ)
    site, centre = pl.col("progression_date"), pl.col("central_date")
    apart = (site - centre).dt.total_days()
    early = site.is_not_null() & (centre.is_null() | (apart < -tolerance))
    late = centre.is_not_null() & (site.is_null() | (apart > tolerance))
    return [
        _metric(both, "EARLY DISCREPANCY RATE", site.is_not_null(), early),
        _metric(both, "LATE DISCREPANCY RATE", early | late, late),
    ]


def _metric(rows: pl.DataFrame, metric: str, counts: pl.Expr, hit: pl.Expr) -> pl.DataFrame:
    return rows.select(
        *READ, "evaluator", metric=pl.lit(metric), counts=counts.fill_null(False), hit=hit.fill_null(False)
    )
