"""What a blinded release says of findings and queries: nothing that names the treatment."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from quality.catalogue import RULES
from quality.rule import Rule
from quality.tables import FINDING, QUERY, QUERY_EVENT

TREATMENT = frozenset({"arm", "agent", "lot", "therapy"})
"""Columns by which a subject's treatment is known."""


def names_treatment(rule: Rule) -> bool:
    """Whether a finding of the rule shows the treatment, in its key, its value or its message."""
    return not TREATMENT.isdisjoint({*rule.keys, *rule.message_columns, rule.field})


def blinded_quality(
    findings: pl.DataFrame, queries: pl.DataFrame, events: pl.DataFrame, rules: Iterable[Rule] = RULES
) -> dict[str, pl.DataFrame]:
    """quality.finding, quality.query and quality.query_event of a blinded release, by name.

    A row about the treatment stays; its key and value are null, and its message is the rule's title.
    """
    titles = {rule.id: rule.title for rule in rules if names_treatment(rule)}
    silent = queries.filter(pl.col("rule_id").is_in(list(titles)))["fingerprint"]
    told = pl.col("fingerprint").is_in(silent.implode())
    return {
        FINDING.name: _withheld(findings, titles),
        QUERY.name: _withheld(queries, titles),
        QUERY_EVENT.name: events.with_columns(pl.when(~told).then("value")),
    }


def _withheld(frame: pl.DataFrame, titles: dict[str, str]) -> pl.DataFrame:
    of_treatment = pl.col("rule_id").is_in(list(titles))
    title = pl.col("rule_id").replace_strict(titles, default=None, return_dtype=pl.String)
    return frame.with_columns(
        pl.when(~of_treatment).then("row_key"),
        pl.when(~of_treatment).then("value"),
        message=pl.when(of_treatment).then(title).otherwise("message"),
    )
