"""Data quality at a glance: findings and queries by rule, site and reader, release after release."""

from __future__ import annotations

import polars as pl

from quality.queries import reader
from quality.tables import ACTIVE, DATA_QUALITY, STATUSES

PLACE = ("study_id", "rule_id", "site", "evaluator")
NONE = "NONE"


def data_quality(
    findings: pl.DataFrame,
    queries: pl.DataFrame,
    subjects: pl.DataFrame,
    rules: pl.DataFrame,
    release_id: str,
) -> pl.DataFrame:
    """The rows of `DATA_QUALITY` of one release, from its quality.finding, quality.query, core.subject, quality.rule.

    A rule has a row wherever it has a finding or a query, also a resolved one.
    """
    sites = subjects.select("study_id", "subject_id", "site")
    found = (
        findings.with_columns(evaluator=reader())
        .join(sites, on=["study_id", "subject_id"], how="left")
        .group_by(_places())
        .agg(findings=pl.len(), subjects=pl.col("subject_id").drop_nulls().n_unique())
    )
    active = pl.col("status").is_in(ACTIVE)
    followed = queries.group_by(_places()).agg(
        **{status.lower(): (pl.col("status") == status).sum() for status in STATUSES},
        oldest_days=pl.col("age_days").filter(active).max(),
    )
    counts = ["findings", "subjects", *(status.lower() for status in STATUSES)]
    return DATA_QUALITY.conform(
        found.join(followed, on=PLACE, how="full", coalesce=True)
        .join(rules.select("rule_id", "category", "severity"), on="rule_id", how="left")
        .with_columns(pl.col(counts).fill_null(0), release_id=pl.lit(release_id))
        .select(*DATA_QUALITY.schema)
        .sort(PLACE)
    )


def over_releases(own: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """The rows of this release behind those of the earlier ones, as the release before it holds them."""
    return DATA_QUALITY.conform(pl.concat([earlier, own])).sort(DATA_QUALITY.key)


def _places() -> list[pl.Expr]:
    named = [pl.col(name).fill_null(NONE) for name in ("site", "evaluator")]
    return [pl.col("study_id"), pl.col("rule_id"), *named]
