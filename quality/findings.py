"""From outcomes to findings: one row per rule and offending key, with the message to the site."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from string import Formatter

import polars as pl

from quality.outcome import Outcome
from quality.rule import Rule
from quality.tables import FINDING

NO_VALUE = "(no value)"


def findings(outcomes: Iterable[Outcome], rules: Iterable[Rule]) -> pl.DataFrame:
    """The findings of the failed rules (`quality.tables.FINDING`), ordered by rule and row key.

    The fingerprint is the hash of rule id and row key, so the same discrepancy keeps it from refresh to refresh;
    rows that share a key under one rule are one finding.
    """
    by_id = {rule.id: rule for rule in rules}
    frames = [rule_findings(by_id[found.rule_id], found.rows) for found in outcomes if found.rows.height]
    if not frames:
        return FINDING.empty()
    return FINDING.conform(
        pl.concat(frames).unique("fingerprint", keep="first", maintain_order=True).sort("rule_id", "row_key")
    )


def rule_findings(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    """The findings of one rule on its failing rows (`quality.tables.FINDING`)."""
    subject = pl.col("subject_id") if "subject_id" in rows.columns else pl.lit(None)
    value = pl.col(rule.field) if rule.field else pl.lit(None)
    found = rows.select(
        study_id=pl.col("study_id").cast(pl.String),
        rule_id=pl.lit(rule.id),
        severity=pl.lit(rule.severity.value),
        table_name=pl.lit(rule.table),
        subject_id=subject.cast(pl.String),
        row_key=pl.struct(rule.keys).struct.json_encode(),
        field=pl.lit(rule.field, dtype=pl.String),
        value=value.cast(pl.String),
        message=_message(rule.sentence),
    )
    prints = pl.Series("fingerprint", [fingerprint(rule.id, key) for key in found["row_key"]], dtype=pl.String)
    return found.with_columns(prints).select(*FINDING.schema)


def fingerprint(rule_id: str, row_key: str) -> str:
    """The identity of a finding: first 16 hexadecimal digits of the SHA-256 of rule id and row key."""
    return sha256(f"{rule_id}\n{row_key}".encode()).hexdigest()[:16]


def _message(template: str) -> pl.Expr:
    parts: list[pl.Expr] = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(pl.lit(text))
        if name:
            parts.append(pl.col(name).cast(pl.String).fill_null(NO_VALUE))
    return pl.concat_str(parts)
