"""Run the checks: every rule on its rows, view by view, through one query function."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from quality.catalogue import RULES, rules_by_rows
from quality.check_views import INPUTS, check_view, tables_named
from quality.engine import evaluate
from quality.findings import findings
from quality.outcome import Outcome, Status
from quality.own_rules import OwnRule, own_rows
from quality.parameters import sql_values
from quality.rule import Rule
from quality.tables import OUTCOME

SWITCHED_OFF = "switched off in protocol.yaml"
Query = Callable[[str], pl.DataFrame]


class CheckRun(NamedTuple):
    """What a check gave: `quality.tables.OUTCOME` and `quality.tables.FINDING`."""

    outcomes: pl.DataFrame
    findings: pl.DataFrame


def run_checks(
    query: Query, rules: Sequence[Rule] = RULES, own: Sequence[OwnRule] = (), today: date | None = None
) -> CheckRun:
    """Check all rules on the warehouse behind ``query`` (SQL text to Polars frame, as `Warehouse.query`).

    A rule that is off, or whose table, or another table that it needs, is absent or empty is SKIPPED; a view that
    cannot be queried is an ERROR of its rules, a file that cannot be used one of its own rule. ``own`` are the study's
    own rules; ``today`` is the day up to which something can be overdue, without it nothing is.
    """
    present, values = _row_presence(query), sql_values((*RULES, *rules), today)
    found = {
        outcome.rule_id: outcome
        for rows, group in rules_by_rows(rules).items()
        for outcome in _check_rows(query, rows, group, present, values)
    }
    found |= {each.rule.id: _check_own(query, each, present) for each in own}
    every = (*rules, *(each.rule for each in own))
    outcomes = [found[rule.id] for rule in every]
    findings_frame = findings(outcomes, every)
    return CheckRun(_outcome_frame(outcomes, every, findings_frame), findings_frame)


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


def _reason_to_skip(rule: Rule, present: Mapping[str, bool]) -> str | None:
    if rule.off:
        return SWITCHED_OFF
    for name in (rule.table, *rule.needs):
        if name not in present:
            return f"{name} is not in the warehouse"
        if not present[name]:
            return f"{name} has no rows"
    return None


def _check_rows(
    query: Query, rows: str, rules: Sequence[Rule], present: Mapping[str, bool], values: Mapping[str, str]
) -> list[Outcome]:
    reasons = {rule.id: _reason_to_skip(rule, present) for rule in rules}
    skipped = [Outcome(rule.id, Status.SKIPPED, reasons[rule.id]) for rule in rules if reasons[rule.id]]
    due = [rule for rule in rules if not reasons[rule.id]]
    if not due:
        return skipped
    try:
        frame = query(_rows_sql(rows, due, present, values))
    except Exception as error:  # whatever the query function raises is these rules' ERROR, never a finding
        reason = f"{type(error).__name__}: {error}"
        return [*skipped, *(Outcome(rule.id, Status.ERROR, reason) for rule in due)]
    return [*skipped, *evaluate({rows: frame}, due)]


def _check_own(query: Query, own: OwnRule, present: Mapping[str, bool]) -> Outcome:
    """The outcome of a study's own rule; whatever is wrong with its file or its SQL is its ERROR, never a finding."""
    if own.problem is not None:
        return Outcome(own.rule.id, Status.ERROR, own.problem)
    if reason := _reason_to_skip(own.rule, present):
        return Outcome(own.rule.id, Status.SKIPPED, reason)
    try:
        tables = {
            name: query(f"select * from {name}") if name in present else INPUTS[name].empty()
            for name in tables_named(own.sql)
        }
        frame = own_rows(own, tables)
    except Exception as error:  # as above: the rule's ERROR
        return Outcome(own.rule.id, Status.ERROR, str(error))
    return evaluate({own.rule.rows: frame}, [own.rule])[0]


def _rows_sql(rows: str, rules: Iterable[Rule], present: Collection[str], values: Mapping[str, str]) -> str:
    columns = dict.fromkeys(name for rule in rules for name in rule.columns)
    keys = dict.fromkeys(name for rule in rules for name in rule.keys)
    return f"select {', '.join(columns)} from ({check_view(rows, present, values)}) order by {', '.join(keys)}"


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
