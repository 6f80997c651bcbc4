"""The rule catalogue: every quality rule, by id, by table and by the rows it checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from quality.rule import Rule
from quality.rules import injection, measurement, pet, response, scan, subject, visit
from quality.tables import RULE

RULES: tuple[Rule, ...] = (
    *subject.RULES,
    *visit.RULES,
    *measurement.RULES,
    *response.RULES,
    *scan.RULES,
    *pet.RULES,
    *injection.RULES,
)


def rules_by_table(rules: Iterable[Rule] = RULES) -> dict[str, tuple[Rule, ...]]:
    """The rules of each table to correct, in catalogue order."""
    return _grouped(rules, lambda rule: rule.table)


def rules_by_rows(rules: Iterable[Rule] = RULES) -> dict[str, tuple[Rule, ...]]:
    """The rules of each check view or table whose rows are checked together, in catalogue order."""
    return _grouped(rules, lambda rule: rule.rows)


def rule_frame(rules: Iterable[Rule] = RULES) -> pl.DataFrame:
    """The catalogue as a table (`quality.tables.RULE`)."""
    rows = [
        (
            rule.id,
            rule.title,
            rule.table,
            ", ".join(rule.keys),
            rule.category.value,
            rule.severity.value,
            rule.blocking,
            rule.source,
            rule.message,
        )
        for rule in rules
    ]
    return RULE.conform(pl.DataFrame(rows, schema=RULE.schema, orient="row"))


def _grouped(rules: Iterable[Rule], name: Callable[[Rule], str]) -> dict[str, tuple[Rule, ...]]:
    groups: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        groups[name(rule)] = (*groups.get(name(rule), ()), rule)
    return groups
