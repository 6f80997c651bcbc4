"""A study's own limits, severities and switched off rules, as its protocol.yaml says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from protocol.load import parse_protocol
from protocol.model import Protocol
from quality.catalogue import RULES, rule_frame
from quality.check_views import INPUTS, check_view
from quality.parameters import literal, sql_values
from quality.rule import Rule
from quality.run import Query, run_checks
from quality.settings import RuleSettingsError, with_settings

JUMP = """
core.subject
subject_id
A1

core.measurement
timepoint | longest_diameter_mm
0 | 10
1 | 35
"""


def protocol(rules: str, more: str = "") -> Protocol:
    return parse_protocol(f"criteria: [RECIST 1.1]\n{more}quality:\n  rules:\n    {rules}\n", Path("protocol.yaml"))


def chosen(rule_id: str, rules: str, more: str = "") -> Rule:
    found = with_settings(RULES, protocol(rules, more))
    return next(rule for rule in found if rule.id == rule_id)


def outcome(query: Query, rule: Rule) -> dict[str, object]:
    return run_checks(query, [rule]).outcomes.row(0, named=True)


@pytest.mark.parametrize(("factor", "status"), [("3", "FAIL"), ("3.5", "PASS")])
def test_a_limit_of_the_study_is_the_one_that_counts(factor: str, status: str, warehouse: Callable[..., Query]) -> None:
    rule = chosen("SIZE_JUMP", f"SIZE_JUMP: {{factor: {factor}}}")
    run = run_checks(warehouse(JUMP), [rule])
    assert run.outcomes["status"].to_list() == [status]
    assert all(f"more than {factor} times" in message for message in run.findings["message"])


def test_a_limit_set_elsewhere_in_the_protocol_counts_until_the_rule_has_its_own() -> None:
    older = "visits: {baseline_max_age_days: 42}\n"
    assert chosen("BASELINE_TOO_OLD", "SIZE_JUMP: {factor: 4}", older).parameters[0].value == 42
    assert chosen("BASELINE_TOO_OLD", "BASELINE_TOO_OLD: {most_days: 35}", older).parameters[0].value == 35


def test_ranges_are_merged_by_name() -> None:
    limits = chosen("LABORATORY_IMPLAUSIBLE", "LABORATORY_IMPLAUSIBLE: {limits: {LDH: [40, 6000]}}").parameters[0].value
    assert isinstance(limits, dict)
    assert (limits["LDH"], limits["WBC"]) == ([40, 6000], (0.1, 200.0))


def test_severity_and_off_reach_findings_and_outcomes(warehouse: Callable[..., Query]) -> None:
    severe = run_checks(warehouse(JUMP), [chosen("SIZE_JUMP", "SIZE_JUMP: {severity: ERROR}")])
    assert severe.findings["severity"].unique().to_list() == ["ERROR"]
    off = outcome(warehouse(JUMP), chosen("SIZE_JUMP", "SIZE_JUMP: {off: true}"))
    assert (off["status"], off["reason"]) == ("SKIPPED", "switched off in protocol.yaml")


def test_the_rule_table_shows_the_limits_that_were_used() -> None:
    rules = with_settings(RULES, protocol("SIZE_JUMP: {factor: 4.5, off: true}"))
    row = rule_frame(rules).row(by_predicate=pl.col("rule_id") == "SIZE_JUMP", named=True)
    assert (row["parameters"], row["active"], row["defined_in"]) == ("factor = 4.5", False, "NADIR")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("SIZE_JUMPS: {factor: 4}", "quality.rules.SIZE_JUMPS: unknown rule (did you mean 'SIZE_JUMP'?)"),
        ("SIZE_JUMP: {faktor: 4}", "quality.rules.SIZE_JUMP.faktor: unknown limit (did you mean 'factor'?)"),
        ("SIZE_JUMP: {factor: wide}", "quality.rules.SIZE_JUMP.factor = 'wide': expected a number"),
        ("VISIT_OVERDUE: {grace_days: 1.5}", "grace_days = 1.5: expected a whole number"),
        ("SIZE_JUMP: {factor: -1}", "expected a number that is not negative"),
        ("LABORATORY_IMPLAUSIBLE: {limits: {LDH: 4}}", "expected ranges by name"),
        ("SITE_MISSING: {limit: 1}", "SITE_MISSING.limit: this rule has no limits"),
        ("MEASUREMENT_KEY_REPEATED: {off: true}", "a structural rule can neither be switched off nor weakened"),
        ("LONGEST_DIAMETER_NEGATIVE: {severity: WARN}", "a structural rule can neither be switched off nor weakened"),
    ],
)
def test_what_does_not_fit_is_told_with_the_nearest_name_and_a_remedy(rules: str, words: str) -> None:
    with pytest.raises(RuleSettingsError) as error:
        with_settings(RULES, protocol(rules))
    assert words in str(error.value)


def test_a_wrong_severity_is_told_by_the_protocol() -> None:
    with pytest.raises(ValueError, match=r"quality\.rules\.SIZE_JUMP\.severity = 'HIGH'"):
        protocol("SIZE_JUMP: {severity: HIGH}")


def test_every_limit_is_used_by_its_view_or_its_message() -> None:
    """A limit that nothing reads would be a dead option."""
    for rule in RULES:
        for parameter in rule.parameters:
            values = sql_values(RULES) | {f"{rule.id.lower()}.{parameter.name}": "'THE LIMIT'"}
            assert "'THE LIMIT'" in check_view(rule.rows, INPUTS, values), (rule.id, parameter.name)


def test_values_in_sql() -> None:
    values = [literal(value) for value in (True, 3, 2.5, "it's", ("A", "B"), {"LDH": (1.0, 2.0)})]
    assert values == ["true", "3", "2.5", "'it''s'", "('A', 'B')", "(values ('LDH', 1.0, 2.0))"]
    assert sql_values([], date(2024, 1, 2)) == {"study.today": "date '2024-01-02'"}
