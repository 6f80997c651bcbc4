"""Rules that every declared table brings along: its key is there and unique, its coded columns hold their codes."""

from __future__ import annotations

from criteria.table import Table
from quality.rule import Category, OneOf, Present, Rule, Severity, Unique


def key_rules(table: Table) -> tuple[Rule, ...]:
    """Blocking rules: every key column has a value, and no two rows share a key."""
    name = table.name.partition(".")[2]
    whole = ", ".join(f"{column} {{{column}}}" for column in table.key)
    unique = Rule(
        id=f"{name}_key_repeated".upper(),
        title=f"One row per {', '.join(table.key)}",
        table=table.name,
        rows=table.name,
        keys=table.key,
        category=Category.CONFORMANCE,
        severity=Severity.ERROR,
        blocking=True,
        source="declaration of the table",
        message=f"More than one record exists for {whole}. Please keep one and withdraw the others.",
        expectation=Unique(table.key),
    )
    return (unique, *(_key_column(table, name, column) for column in table.key))


def _key_column(table: Table, name: str, column: str) -> Rule:
    others = ", ".join(f"{other} {{{other}}}" for other in table.key if other != column)
    return Rule(
        id=f"{name}_{column}_missing".upper(),
        title=f"{column} is given",
        table=table.name,
        rows=table.name,
        keys=table.key,
        category=Category.CONFORMANCE,
        severity=Severity.ERROR,
        blocking=True,
        source="declaration of the table",
        message=f"A record has no {column} ({others}). Please supply it.",
        field=column,
        expectation=Present(column),
    )


def coded_rule(table: Table, column: str) -> Rule:
    """Blocking rule: the column holds one of the codes that the table's declaration allows."""
    allowed = next(declared.allowed for declared in table.columns if declared.name == column)
    if allowed is None:
        raise ValueError(f"{table.name}.{column} is not declared as coded")
    whole = ", ".join(f"{key} {{{key}}}" for key in table.key)
    return Rule(
        id=f"{table.name.partition('.')[2]}_{column}_not_coded".upper(),
        title=f"{column} is one of its codes",
        table=table.name,
        rows=table.name,
        keys=table.key,
        category=Category.CONFORMANCE,
        severity=Severity.ERROR,
        blocking=True,
        source="declaration of the table",
        message=f"The {column} {{{column}}} is not one of {', '.join(allowed)} ({whole}). Please correct it.",
        field=column,
        expectation=OneOf(column, allowed),
    )
