"""The rule catalogue: every quality rule, by id, by table and by the rows it checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import polars as pl

from quality.rule import Rule
from quality.rules import (
    dates,
    follow_up,
    injection,
    laboratory,
    measurement,
    pet,
    pet_read,
    reader,
    response,
    scan,
    series,
    subject,
    transfer,
    visit,
)
from quality.tables import RULE

BUILT_IN = "NADIR"
RULES: tuple[Rule, ...] = (
    *subject.RULES,
    *dates.RULES,
    *visit.RULES,
    *measurement.RULES,
    *follow_up.RULES,
    *response.RULES,
    *reader.RULES,
    *scan.RULES,
    *series.RULES,
    *pet.RULES,
    *pet_read.RULES,
    *laboratory.RULES,
    *injection.RULES,
    *transfer.RULES,
)


def rules_by_table(rules: Iterable[Rule] = RULES) -> dict[str, tuple[Rule, ...]]:
    """The rules of each table to correct, in catalogue order."""
    return _grouped(rules, lambda rule: rule.table)


def rules_by_rows(rules: Iterable[Rule] = RULES) -> dict[str, tuple[Rule, ...]]:
    """The rules of each check view or table whose rows are checked together, in catalogue order."""
    return _grouped(rules, lambda rule: rule.rows)


def rule_frame(rules: Iterable[Rule] = RULES, files: Mapping[str, str] | None = None) -> pl.DataFrame:
    """The catalogue as a table (`quality.tables.RULE`); ``files`` are those of the study's own rules, by rule id."""
    defined_in = files or {}
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
            rule.sentence,
            "; ".join(f"{known.name} = {known.shown} {known.unit}".rstrip() for known in rule.parameters) or None,
            not rule.off,
            defined_in.get(rule.id, BUILT_IN),
        )
        for rule in rules
    ]
    return RULE.conform(pl.DataFrame(rows, schema=RULE.schema, orient="row"))


def _grouped(rules: Iterable[Rule], name: Callable[[Rule], str]) -> dict[str, tuple[Rule, ...]]:
    groups: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        groups[name(rule)] = (*groups.get(name(rule), ()), rule)
    return groups
