"""Quality: the rule catalogue evaluated on the working file, its findings stored, and asset checks that report it.

Structural rules run right behind the core tables and stop everything that would build on broken ones. All rules run
once more when the analysis is there; clinical ones never stop anything.
"""

import warnings
from collections.abc import Iterator, Sequence

import dagster as dg
import polars as pl

from assets.partitions import studies
from assets.reporting import asset_key, materialized, spec
from assets.session import StudySession
from quality.catalogue import RULES, rule_frame, rules_by_table
from quality.rule import Rule
from quality.run import run_checks
from quality.study_rules import study_rules
from quality.visit_windows import visit_windows

RULE, OUTCOME, FINDING, WINDOW = "quality.rule", "quality.outcome", "quality.finding", "quality.visit_window"
INPUTS = (
    "landing.file",
    "landing.event",
    "raw.change",
    "core.subject",
    "core.therapy",
    "core.clinical_status",
    "core.laboratory",
    "core.injection",
    "core.visit",
    "core.measurement",
    "core.recorded_response",
    "core.recorded_sum",
    "core.series",
    "core.visit_scan",
    "core.unmatched_scan",
    "core.charter_deviation",
    "core.deidentification_finding",
    "core.segmentation",
    "core.pet_scan",
    "core.pet_lesion",
    "core.pet_reference",
    "core.measurement_conflict",
    "core.pet_report",
    "analysis.timepoint_response",
    "analysis.best_response",
    "analysis.pet_check",
    "analysis.injection_deviation",
)
STRUCTURAL = tuple(rule for rule in RULES if rule.blocking)
CLINICAL = tuple(rule for rule in RULES if not rule.blocking)


@dg.multi_asset(
    specs=[spec(table, INPUTS, {"great_expectations"}) for table in (RULE, WINDOW, OUTCOME, FINDING)],
    partitions_def=studies,
    name="quality",
)
def quality(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Evaluates the whole catalogue and keeps what it found."""
    study, rules = session.study, study_rules(session.study)
    every = (*rules.built_in, *(own.rule for own in rules.own))
    with session.warehouse() as warehouse:
        files = {own.rule.id: own.file for own in rules.own}
        yield materialized(RULE, warehouse.put(RULE, rule_frame(every, files)))
        yield materialized(WINDOW, warehouse.put(WINDOW, visit_windows(study.name, study.protocol.visits)))
        run = run_checks(warehouse.query, rules.built_in, rules.own, session.today)
        failed = run.outcomes.filter(pl.col("status") == "FAIL").height
        yield materialized(OUTCOME, warehouse.put(OUTCOME, run.outcomes), failed=failed)
        yield materialized(FINDING, warehouse.put(FINDING, run.findings))


def check_name(rule: Rule) -> str:
    """The asset check of a rule."""
    return rule.id.replace("-", "_")


def _specs(rules: Sequence[Rule]) -> list[dg.AssetCheckSpec]:
    """The checks of the rules, one result a study; Dagster calls partitioned checks a preview, which the lock pins."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                check_name(rule),
                asset=asset_key(rule.table),
                description=f"{rule.title} ({rule.source})",
                blocking=rule.blocking,
                additional_deps=None if rule.blocking else [asset_key(OUTCOME)],
                partitions_def=studies,
            )
            for rule in rules
        ]


def _results(outcomes: pl.DataFrame, rules: Sequence[Rule]) -> Iterator[dg.AssetCheckResult]:
    """One result a rule; only an error of the rule itself or a failing structural rule has severity ERROR."""
    by_rule = {row["rule_id"]: row for row in outcomes.iter_rows(named=True)}
    for rule in rules:
        row = by_rule[rule.id]
        broken = row["status"] == "ERROR"
        yield dg.AssetCheckResult(
            passed=row["status"] in ("PASS", "SKIPPED"),
            check_name=check_name(rule),
            asset_key=asset_key(rule.table),
            severity=dg.AssetCheckSeverity.ERROR if rule.blocking or broken else dg.AssetCheckSeverity.WARN,
            metadata={name: row[name] for name in ("status", "reason", "checked", "failed") if row[name] is not None},
        )


def structural_check(table: str, rules: Sequence[Rule]) -> dg.AssetChecksDefinition:
    """Blocking checks of one core table: what builds on it runs only when they pass."""

    @dg.multi_asset_check(specs=_specs(rules), name=f"check_{table.replace('.', '_')}_structure")
    def check(session: dg.ResourceParam[StudySession]) -> Iterator[dg.AssetCheckResult]:
        with session.warehouse() as warehouse:
            yield from _results(run_checks(warehouse.query, rules).outcomes, rules)

    return check


def clinical_check(table: str, rules: Sequence[Rule]) -> dg.AssetChecksDefinition:
    """Checks of one table that report what the catalogue found; they stop nothing."""

    @dg.multi_asset_check(specs=_specs(rules), name=f"check_{table.replace('.', '_')}")
    def check(session: dg.ResourceParam[StudySession]) -> Iterator[dg.AssetCheckResult]:
        with session.warehouse() as warehouse:
            yield from _results(warehouse.frame(OUTCOME), rules)

    return check


CHECKS = (
    *(structural_check(table, rules) for table, rules in rules_by_table(STRUCTURAL).items()),
    *(clinical_check(table, rules) for table, rules in rules_by_table(CLINICAL).items()),
)
