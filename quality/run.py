"""Run the checks: every rule on its rows, view by view, through one query function."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import polars as pl

from quality.catalogue import RULES, rules_by_rows
from quality.check_views import INPUTS, check_view
from quality.engine import evaluate
from quality.findings import findings
from quality.outcome import Outcome, Status
from quality.rule import Rule
from quality.tables import OUTCOME

Query = Callable[[str], pl.DataFrame]


class CheckRun(NamedTuple):
    """What a check gave: `quality.tables.OUTCOME` and `quality.tables.FINDING`."""

    outcomes: pl.DataFrame
    findings: pl.DataFrame


def run_checks(query: Query, rules: Sequence[Rule] = RULES) -> CheckRun:
    """Check all rules on the warehouse behind ``query`` (SQL text to Polars frame, as `Warehouse.query`).

    A rule whose table, or another table that it needs, is absent or empty is SKIPPED; a view that cannot be queried
    is an ERROR of its rules.
    """
    present = _row_presence(query)
    found = {
        outcome.rule_id: outcome
        for rows, group in rules_by_rows(rules).items()
        for outcome in _check_rows(query, rows, group, present)
    }
    outcomes = [found[rule.id] for rule in rules]
    findings_frame = findings(outcomes, rules)
    return CheckRun(_outcome_frame(outcomes, rules, findings_frame), findings_frame)


def blocking_failures(outcomes: pl.DataFrame) -> list[str]:
    """The blocking rules that stop publishing: those that failed, and those that could not be evaluated."""
    stops = pl.col("blocking") & pl.col("status").is_in([Status.FAIL.value, Status.ERROR.value])
    return outcomes.filter(stops)["rule_id"].to_list()


def _row_presence(query: Query) -> dict[str, bool]:
    """The declared tables that the warehouse has, and whether each has rows."""
    tables = query(
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_catalog = current_database()"
    )
    names = [name for name in INPUTS if name in set(tables["name"])]
    if not names:
        return {}
    counted = query(" union all ".join(f"select '{n}' as name, exists (select 1 from {n}) as filled" for n in names))
    return dict(counted.iter_rows())


def _missing_input(rule: Rule, present: dict[str, bool]) -> str | None:
    for name in (rule.table, *rule.needs):
        if name not in present:
            return f"{name} is not in the warehouse"
        if not present[name]:
            return f"{name} has no rows"
    return None


def _check_rows(query: Query, rows: str, rules: Sequence[Rule], present: dict[str, bool]) -> list[Outcome]:
    reasons = {rule.id: _missing_input(rule, present) for rule in rules}
    skipped = [Outcome(rule.id, Status.SKIPPED, reasons[rule.id]) for rule in rules if reasons[rule.id]]
    due = [rule for rule in rules if not reasons[rule.id]]
    if not due:
        return skipped
    try:
        frame = query(_rows_sql(rows, due, present))
    except Exception as error:  # whatever the query function raises is these rules' ERROR, never a finding
        reason = f"{type(error).__name__}: {error}"
        return [*skipped, *(Outcome(rule.id, Status.ERROR, reason) for rule in due)]
    return [*skipped, *evaluate({rows: frame}, due)]


def _rows_sql(rows: str, rules: Iterable[Rule], present: Collection[str]) -> str:
    columns = dict.fromkeys(name for rule in rules for name in rule.columns)
    keys = dict.fromkeys(name for rule in rules for name in rule.keys)
    return f"select {', '.join(columns)} from ({check_view(rows, present)}) order by {', '.join(keys)}"


def _outcome_frame(outcomes: Sequence[Outcome], rules: Sequence[Rule], found: pl.DataFrame) -> pl.DataFrame:
    listed = dict(found.group_by("rule_id").len().iter_rows())
    rows = [
        (
            rule.id,
            rule.table,
            rule.severity.value,
            rule.blocking,
            outcome.status.value,
            outcome.reason,
            outcome.checked,
            outcome.failed,
            listed.get(rule.id, 0),
        )
        for rule, outcome in zip(rules, outcomes, strict=True)
    ]
    return OUTCOME.conform(pl.DataFrame(rows, schema=OUTCOME.schema, orient="row"))
