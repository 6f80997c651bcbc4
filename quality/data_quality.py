"""Data quality at a glance: findings and queries by rule, site and reader, release after release."""

from __future__ import annotations

import polars as pl

from quality.tables import ACTIVE, DATA_QUALITY, STATUSES

PLACE = ("study_id", "rule_id", "site", "evaluator")
NONE = "NONE"


def data_quality(findings: pl.DataFrame, queries: pl.DataFrame, rules: pl.DataFrame, release_id: str) -> pl.DataFrame:
    """The rows of `DATA_QUALITY` of one release, from its quality.finding, quality.query and quality.rule.

    A rule has a row wherever it has a finding or a query, also a resolved one. Site and reader are those of the query,
    which every finding has.
    """
    found = (
        findings.select("study_id", "fingerprint", "rule_id", "subject_id")
        .join(queries.select("study_id", "fingerprint", "site", "evaluator"), on=["study_id", "fingerprint"])
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


def disagreements(
    held: pl.DataFrame, own: pl.DataFrame | None, earlier: pl.DataFrame | None, release_id: str
) -> list[str]:
    """What is wrong with the mart.data_quality that a release holds; empty = it can be made again to the same rows.

    ``own`` are the release's own rows made anew, ``earlier`` the table of the release before it; None = not known.
    """
    problems = []
    is_own = pl.col("release_id") == release_id
    if own is not None and not held.filter(is_own).sort(DATA_QUALITY.key).equals(own.sort(DATA_QUALITY.key)):
        problems.append(f"{DATA_QUALITY.name} is not what findings and queries of the release come to")
    if earlier is not None and not held.filter(~is_own).sort(DATA_QUALITY.key).equals(earlier.sort(DATA_QUALITY.key)):
        problems.append(f"{DATA_QUALITY.name} does not go on from the release before")
    return problems
