"""What a blinded release says of findings and queries: nothing that names the treatment."""

from __future__ import annotations

import polars as pl

from quality.tables import FINDING, QUERY, QUERY_EVENT

TREATMENT = ("arm", "agent", "lot", "therapy")
"""Columns by which a subject's treatment is known."""
UNKNOWN_RULE = "the rule of this query is no longer in use"


def blinded_quality(
    findings: pl.DataFrame, queries: pl.DataFrame, events: pl.DataFrame, rules: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """quality.finding, quality.query and quality.query_event of a blinded release, by name; ``rules`` is quality.rule.

    A row that shows the treatment in its key, its value or its message stays, and so does one whose rule is not known
    any more; its key and value are null, and its message is the rule's title.
    """
    named = "|".join(TREATMENT)
    by_rule = rules.select(
        "rule_id",
        "title",
        by_treatment=pl.col("row_keys").str.contains(rf"(^|, )({named})(,|$)")
        | pl.col("message").str.contains(rf"\{{({named})[}}!:]"),
    )
    silent = _of_treatment(queries, by_rule).filter("of_treatment")["fingerprint"]
    told = ~pl.col("fingerprint").is_in(silent.implode())
    return {
        FINDING.name: FINDING.conform(_withheld(findings, by_rule)),
        QUERY.name: QUERY.conform(_withheld(queries, by_rule)),
        QUERY_EVENT.name: events.with_columns(pl.when(told).then("value")),
    }


def _of_treatment(frame: pl.DataFrame, by_rule: pl.DataFrame) -> pl.DataFrame:
    shown = pl.col("by_treatment").fill_null(True) | pl.col("field").is_in(TREATMENT).fill_null(False)
    return frame.join(by_rule, on="rule_id", how="left", maintain_order="left").with_columns(of_treatment=shown)


def _withheld(frame: pl.DataFrame, by_rule: pl.DataFrame) -> pl.DataFrame:
    hidden = pl.col("of_treatment")
    return (
        _of_treatment(frame, by_rule)
        .with_columns(
            pl.when(~hidden).then("row_key"),
            pl.when(~hidden).then("value"),
            message=pl.when(hidden).then(pl.col("title").fill_null(UNKNOWN_RULE)).otherwise("message"),
        )
        .select(frame.columns)
    )
