"""The parameters of rules in SQL: a check view names one ``$<rule id>.<name>``, in small letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from quality.rule import Rule, Value
from warehouse.ddl import literal as sql_text

TODAY = "study.today"
"""The day up to which something can be overdue: null in SQL where none is given."""

_NAMED = re.compile(r"\$([a-z0-9_]+\.[a-z0-9_]+)")


def sql_values(rules: Iterable[Rule], today: date | None = None) -> dict[str, str]:
    """The SQL of every parameter by the name that views call it by; of rules named twice the later ones count."""
    values = {f"{rule.id.lower()}.{known.name}": literal(known.value) for rule in rules for known in rule.parameters}
    return values | {TODAY: "null::date" if today is None else f"date '{today}'"}


def filled(sql: str, values: Mapping[str, str]) -> str:
    """SQL with the values in place of the parameters; raises KeyError for one that no rule declares."""
    return _NAMED.sub(lambda found: values[found[1]], sql)


def literal(value: Value) -> str:
    """A value in SQL: a literal, a list in parentheses, or rows (name, lowest, highest)."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return sql_text(value)
        case tuple():
            return f"({', '.join(map(sql_text, value)) or 'null'})"
        case _:
            rows = ", ".join(f"({sql_text(name)}, {low!r}, {high!r})" for name, (low, high) in value.items())
            return f"(values {rows})"
