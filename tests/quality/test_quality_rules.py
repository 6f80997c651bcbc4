"""Every rule by example: rows that satisfy it and rows that do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from criteria.table import Table
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT
from quality.catalogue import RULES
from quality.example_tables import Example, example_of, without_example, written_examples
from quality.rule import Present, Unique
from quality.run import Query, run_checks

TODAY = date(2024, 12, 31)
BY_ID = {rule.id: rule for rule in RULES}
WITH_KEY_RULES = (SUBJECT, MEASUREMENT, RECORDED_RESPONSE)

ONE_SUBJECT = "core.subject\nsubject_id\nA1\n\n"


def subject(columns: str, values: str) -> str:
    return f"core.subject\n{columns}\n{values}"


def reads(columns: str, *rows: str) -> str:
    return ONE_SUBJECT + "\n".join(("core.measurement", columns, *rows))


def responses(columns: str, *rows: str) -> str:
    return "\n\n" + "\n".join(("core.recorded_response", columns, *rows))


def derived(columns: str, *rows: str) -> str:
    return "\n\n" + "\n".join(("analysis.timepoint_response", columns, *rows))


def table(name: str, columns: str, *rows: str) -> str:
    return "\n\n" + "\n".join((name, columns, *rows))


def checked(columns: str, *rows: str) -> str:
    return "core.pet_scan\nscan_id\nS" + table("analysis.pet_check", columns, *rows)


def injected(columns: str, *rows: str) -> str:
    return "core.injection\nlesion_id\nT1" + table("analysis.injection_deviation", columns, *rows)


def scan(columns: str, *rows: str) -> str:
    return "\n".join(("core.visit_scan", columns, *rows))


MEASURED = "timepoint | longest_diameter_mm"
DATED = "timepoint | assessment_date"
STATES = "timepoint | state | longest_diameter_mm"

EDGES = (
    Example(
        "ASSESSMENT_OUTSIDE_WINDOW",
        passes=reads("timepoint | visit | assessment_date", "1 | WEEK 6 | 2024-03-12")
        + table("quality.visit_window", "visit | planned_day | minus | plus", "* | - | 1 | 1", "WEEK 6 | 43 | 7 | 21"),
        fails=reads("timepoint | visit | assessment_date", "0 | BASELINE | 2024-01-13", "1 | WEEK 6 | 2024-03-18")
        + table(
            "quality.visit_window",
            "visit | planned_day | minus | plus",
            "BASELINE | -1 | 28 | 0",
            "WEEK 6 | 43 | 7 | 20",
        ),
    ),
    Example(
        "BASELINE_MORE_THAN_2_TARGETS_IN_ORGAN",
        passes=reads(
            "lesion_id | organ | role", "T1 | LUNG, LEFT | TARGET", "T2 | LUNG | TARGET", "N1 | LUNG | NON-TARGET"
        ),
        fails=reads("lesion_id | organ", "T1 | LUNG, LEFT", "T2 | LUNG", "T3 | RIGHT LUNG"),
    ),
    Example(
        "BASELINE_MORE_THAN_2_TARGETS_IN_ORGAN",
        passes=reads("lesion_id | organ | is_node", "T1 | AXILLA | true", "T2 | NECK | true", "T3 | LIVER | false"),
        fails=reads("lesion_id | organ | is_node", "T1 | AXILLA | true", "T2 | NECK | true", "T3 | GROIN | true"),
    ),
    Example(
        "ASSESSMENT_OUT_OF_ORDER",
        passes=reads(
            "timepoint | state | assessment_date",
            "0 | MEASURED | 2024-01-10",
            "1 | NOT_DONE | 2024-06-01",
            "2 | MEASURED | 2024-04-26",
        ),
        fails=reads(DATED, "0 | 2024-01-10", "1 | 2024-03-01", "2 | 2024-03-01"),
    ),
    Example(
        "EVALUATOR_CODED",
        passes=reads("subject_id | evaluator", "A1 | READER 1", "A2 | READER 1"),
        fails=reads("evaluator", "(blank)"),
    ),
    Example(
        "TARGET_BELOW_10_MM",
        passes=reads("role | longest_diameter_mm", "TARGET | 10", "NON-TARGET | 4"),
        fails=reads("state | longest_diameter_mm", "TOO_SMALL | -"),
    ),
    Example(
        "TARGET_WITHOUT_RECORD",
        passes=reads(
            "timepoint | lesion_id | state",
            "0 | T1 | MEASURED",
            "0 | T2 | MEASURED",
            "1 | T1 | MEASURED",
            "1 | T2 | MERGED",
            "2 | T1 | MEASURED",
        ),
        fails=reads(
            "timepoint | lesion_id | state",
            "0 | T1 | MEASURED",
            "0 | T2 | MEASURED",
            "1 | T1 | MEASURED",
            "2 | T1 | MEASURED",
            "2 | T2 | MERGED",
        ),
    ),
    Example(
        "MEASUREMENTS_WITHOUT_RESPONSE",
        passes=reads(
            "evaluator | timepoint | state",
            "READER 1 | 1 | MEASURED",
            "READER 1 | 2 | NOT_DONE",
            "READER 2 | 1 | MEASURED",
        )
        + responses("timepoint", "1"),
        fails=reads("evaluator | timepoint", "READER 1 | 1", "READER 2 | 1")
        + responses("evaluator | timepoint", "READER 1 | 1", "READER 2 | 2"),
    ),
    Example(
        "SUM_NOT_AS_COMPUTED",
        passes=reads(
            "lesion_id | role | state | longest_diameter_mm",
            "T1 | TARGET | MEASURED | 20",
            "T2 | TARGET | TOO_SMALL | -",
            "T3 | TARGET | ABSENT | -",
            "N1 | NON-TARGET | MEASURED | 40",
        )
        + table("core.recorded_sum", "sum_mm", "25"),
        fails=reads("lesion_id | state | longest_diameter_mm", "T1 | MEASURED | 20", "T2 | TOO_SMALL | 3")
        + table("core.recorded_sum", "sum_mm", "25"),
    ),
)

NOT_APPLICABLE = {
    "SUM_NOT_AS_COMPUTED": reads(
        "lesion_id | state | longest_diameter_mm", "T1 | MEASURED | 20", "T2 | NOT_EVALUABLE | -"
    )
    + table("core.recorded_sum", "sum_mm", "20"),
    "OVERALL_RESPONSE_NOT_AS_DERIVED": reads("timepoint", "0")
    + responses("criterion | response", "iRECIST | iUPD")
    + derived("criterion | overall_response", "RECIST 1.1 | PD"),
    "REFERENCE_DATE_MISSING": reads("timepoint", "0").replace("subject_id\nA1", "reference_date\n-"),
    "BASELINE_TOO_OLD": reads("assessment_date", "2020-01-01").replace("subject_id\nA1", "reference_date\n-"),
    "ALIVE_AFTER_DEATH": subject("last_alive_date | death_date", "2024-06-01 | -"),
}

EXAMPLES = tuple(example for rule in RULES if (example := example_of(rule)) is not None)


@pytest.mark.parametrize("example", (*EXAMPLES, *EDGES), ids=lambda example: example.rule)
def test_rule_passes_its_good_rows_and_finds_its_bad_ones(example: Example, warehouse: Callable[..., Query]) -> None:
    rule = BY_ID[example.rule]
    good = run_checks(warehouse(example.passes), [rule], today=TODAY)
    assert good.outcomes.select("status", "failed").row(0) == ("PASS", 0), good.outcomes["reason"][0]
    assert good.findings.is_empty()
    bad = run_checks(warehouse(example.fails), [rule], today=TODAY)
    keys = 1 if isinstance(rule.expectation, Unique) else example.failed
    assert bad.outcomes.select("status", "failed", "listed").row(0) == ("FAIL", example.failed, keys)
    assert bad.findings["rule_id"].unique().to_list() == [rule.id]
    assert not bad.findings["message"].str.contains(r"[{}]").any()


@pytest.mark.parametrize("rule_id", NOT_APPLICABLE)
def test_rule_is_skipped_where_no_row_is_its_concern(rule_id: str, warehouse: Callable[..., Query]) -> None:
    outcome = run_checks(warehouse(NOT_APPLICABLE[rule_id]), [BY_ID[rule_id]]).outcomes.row(0, named=True)
    assert outcome["status"] == "SKIPPED"
    assert outcome["reason"].endswith("to which the rule applies")


def test_every_rule_has_an_example() -> None:
    assert without_example(RULES) == []
    assert set(written_examples()) <= set(BY_ID)


@pytest.mark.parametrize("table", WITH_KEY_RULES, ids=lambda table: table.name)
def test_every_key_column_has_a_blocking_rule(table: Table) -> None:
    blocking = {rule.expectation for rule in RULES if rule.table == table.name and rule.blocking}
    assert {Unique(table.key), *(Present(column) for column in table.key)} <= blocking
