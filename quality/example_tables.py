"""Examples of every rule as text: rows that satisfy it and rows that do not, beside the rules in ``quality/examples``.

A file has a section ``## RULE_ID`` a rule, with the blocks ``passes`` and ``fails`` (with the number of failing rows
where it is not 1). A block holds tables: name, header, rows with cells between ``|``; ``-`` is no value. Columns that
are left out have usual values. Rules that every declared table brings along get their examples from the declaration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import polars as pl

from quality.check_views import INPUTS
from quality.rule import OneOf, Present, Rule, Unique

_SECTION = re.compile(r"^## (?P<rule>\w+)\n+passes\n+(?P<passes>.*?)\n+fails(?P<failed> \d+)?\n+(?P<fails>.*)", re.S)


@dataclass(frozen=True, slots=True)
class Example:
    """Rows of tables, as text, that satisfy a rule, and rows of which ``failed`` do not."""

    rule: str
    passes: str
    fails: str
    failed: int = 1


@cache
def written_examples() -> Mapping[str, Example]:
    """The examples that are written down, by rule id; raises ValueError for a section that cannot be read."""
    files = sorted(resources.files("quality").joinpath("examples").iterdir(), key=lambda file: file.name)
    texts = [file.read_text(encoding="utf-8") for file in files if file.name.endswith(".txt")]
    sections = [section for text in texts for section in re.split(r"^(?=## )", text, flags=re.M) if section.strip()]
    found = [_example(section) for section in sections]
    return {example.rule: example for example in found}


def example_of(rule: Rule) -> Example | None:
    """The example of a rule: the written one, else that of a declared key or code; None where there is none."""
    return written_examples().get(rule.id) or _declared(rule)


def _example(section: str) -> Example:
    read = _SECTION.match(section)
    if read is None:
        raise ValueError(f"no example of a rule: {section[:80]!r}")
    return Example(read["rule"], read["passes"].strip(), read["fails"].strip(), int(read["failed"] or 1))


def _declared(rule: Rule) -> Example | None:
    match rule.expectation:
        case Unique(columns):
            row = " | ".join(_usual(rule.table, column) for column in columns)
            head = f"{rule.table}\n{' | '.join(columns)}"
            return Example(rule.id, f"{head}\n{row}", f"{head}\n{row}\n{row}", failed=2)
        case Present(column):
            return _one_column(rule, column, _usual(rule.table, column), "-")
        case OneOf(column, values):
            return _one_column(rule, column, values[0], "SOMETHING ELSE")
    return None


def _one_column(rule: Rule, column: str, good: str, bad: str) -> Example:
    head = f"{rule.table}\n{column}"
    return Example(rule.id, f"{head}\n{good}", f"{head}\n{bad}")


def _usual(table: str, column: str) -> str:
    """A value of a column, as text."""
    declared = next(known for known in INPUTS[table].columns if known.name == column)
    if declared.allowed:
        return declared.allowed[0]
    if declared.dtype == pl.Date:
        return "2024-01-10"
    return "1" if declared.dtype in (pl.Int32, pl.Int64, pl.Float64) else "A1"


def without_example(rules: Iterable[Rule]) -> list[str]:
    """Rules that have no example."""
    return [rule.id for rule in rules if example_of(rule) is None]
