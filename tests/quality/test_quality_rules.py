"""Every rule by example: rows that satisfy it and rows that do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import pytest

from criteria.table import Table
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT
from quality.catalogue import RULES
from quality.rule import OneOf, Present, Rule, Unique
from quality.run import Query, run_checks
from tests.quality.text_tables import frame_of

BY_ID = {rule.id: rule for rule in RULES}
WITH_KEY_RULES = (SUBJECT, MEASUREMENT, RECORDED_RESPONSE)

ONE_SUBJECT = "core.subject\nsubject_id\nA1\n\n"


@dataclass(frozen=True)
class Example:
    rule: str
    passes: str
    fails: str
    failed: int = 1


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

EXAMPLES = (
    # subjects
    Example(
        "REFERENCE_DATE_MISSING",
        passes=reads("timepoint", "0", "1"),
        fails=reads("timepoint", "0", "1").replace("subject_id\nA1", "reference_date | first_dose_date\n- | -"),
    ),
    Example(
        "ALIVE_AFTER_DEATH",
        passes=subject("last_alive_date | death_date", "2024-06-01 | 2024-06-01"),
        fails=subject("last_alive_date | death_date", "2024-06-02 | 2024-06-01"),
    ),
    Example(
        "NEW_THERAPY_BEFORE_FIRST_DOSE",
        passes=subject("first_dose_date | new_therapy_date", "2024-01-15 | 2024-05-01"),
        fails=subject("first_dose_date | new_therapy_date", "2024-01-15 | 2024-01-14"),
    ),
    Example(
        "DOSED_BEFORE_RANDOMISATION",
        passes=subject("first_dose_date | randomisation_date", "2024-01-15 | 2024-01-15"),
        fails=subject("first_dose_date | randomisation_date", "2024-01-15 | 2024-01-16"),
    ),
    Example(
        "BASELINE_DATE_DIFFERS_BY_READER",
        passes=reads("evaluator | assessment_date", "READER 1 | 2024-01-10", "READER 2 | 2024-01-10"),
        fails=reads("evaluator | assessment_date", "READER 1 | 2024-01-10", "READER 2 | 2024-01-03"),
    ),
    # visits and assessments
    Example(
        "VISIT_WITHOUT_READS",
        passes=reads("timepoint", "0") + table("core.visit", "timepoint | occurred", "0 | true", "1 | false"),
        fails=reads("timepoint", "0") + table("core.visit", "timepoint | occurred", "0 | true", "1 | true"),
    ),
    Example(
        "VISIT_NOT_DONE_BUT_READ",
        passes=reads("timepoint | state", "0 | MEASURED", "1 | NOT_DONE")
        + table("core.visit", "timepoint | occurred", "1 | false"),
        fails=reads("timepoint | state", "0 | MEASURED", "1 | MEASURED")
        + table("core.visit", "timepoint | occurred", "1 | false"),
    ),
    Example(
        "EVALUATOR_CODED",
        passes=reads("evaluator", "READER 1", "READER 2"),
        fails=reads("timepoint | evaluator", "0 | READER 1", "1 | Reader 1"),
        failed=2,
    ),
    Example("BASELINE_MISSING", passes=reads("timepoint", "0", "1"), fails=reads("timepoint", "1", "2")),
    Example(
        "BASELINE_TOO_OLD",
        passes=reads("assessment_date", "2023-12-18"),
        fails=reads("assessment_date", "2023-12-17"),
    ),
    Example(
        "BASELINE_AFTER_FIRST_DOSE",
        passes=reads("assessment_date", "2024-01-15"),
        fails=reads("assessment_date", "2024-01-16"),
    ),
    Example(
        "BASELINE_MORE_THAN_5_TARGETS",
        passes=reads("lesion_id", *(f"T{n}" for n in range(5))),
        fails=reads("lesion_id", *(f"T{n}" for n in range(6))),
    ),
    Example(
        "BASELINE_MORE_THAN_2_TARGETS_IN_ORGAN",
        passes=reads("lesion_id | organ", "T1 | LIVER", "T2 | LIVER", "T3 | LUNG"),
        fails=reads("lesion_id | organ", "T1 | LIVER", "T2 | LIVER", "T3 | LIVER"),
    ),
    Example(
        "ASSESSMENT_OUT_OF_ORDER",
        passes=reads(DATED, "0 | 2024-01-10", "1 | 2024-03-01", "2 | 2024-04-26"),
        fails=reads(DATED, "0 | 2024-01-10", "1 | 2024-04-26", "2 | 2024-03-01"),
    ),
    Example(
        "ASSESSMENT_OUTSIDE_WINDOW",
        passes=reads(DATED, "1 | 2024-02-25")
        + table("core.visit", "timepoint | planned_day", "1 | 43")
        + table("quality.visit_window", "minus | plus", "7 | 7"),
        fails=reads(DATED, "1 | 2024-03-12")
        + table("core.visit", "timepoint | planned_day", "1 | 43")
        + table("quality.visit_window", "minus | plus", "7 | 7"),
    ),
    Example(
        "MEASUREMENTS_WITHOUT_RESPONSE",
        passes=reads("timepoint", "0", "1") + responses("timepoint", "1"),
        fails=reads("timepoint", "0", "1", "2") + responses("timepoint", "1"),
    ),
    # lesion records
    *(
        Example(f"{name.upper()}_NEGATIVE", passes=reads(f"{name}_mm", "0"), fails=reads(f"{name}_mm", "-4.0"))
        for name in ("longest_diameter", "short_axis", "perpendicular")
    ),
    Example("MEASUREMENT_SUBJECT_UNKNOWN", passes=reads("subject_id", "A1"), fails=reads("subject_id", "A1", "A-1")),
    Example(
        "MEASUREMENT_AFTER_DEATH",
        passes=subject("death_date", "2024-06-01") + table("core.measurement", "assessment_date", "2024-06-01"),
        fails=subject("death_date", "2024-06-01") + table("core.measurement", "assessment_date", "2024-06-02"),
    ),
    Example(
        "MEASUREMENT_DATE_PARTIAL",
        passes=reads("assessment_dtc", "2024-01-10T09:30"),
        fails=reads("assessment_dtc", "2024-01"),
    ),
    Example(
        "TARGET_SIZE_MISSING",
        passes=reads(
            "lesion_id | is_node | longest_diameter_mm | short_axis_mm", "T1 | false | 20 | -", "T2 | true | - | 18"
        ),
        fails=reads(
            "lesion_id | is_node | longest_diameter_mm | short_axis_mm", "T1 | false | 20 | -", "T2 | true | 25 | -"
        ),
    ),
    Example(
        "TARGET_BELOW_10_MM",
        passes=reads(MEASURED, "0 | 10.0", "1 | 4.0"),
        fails=reads(MEASURED, "0 | 9.9", "1 | 4.0"),
    ),
    Example(
        "TARGET_NODE_BELOW_15_MM",
        passes=reads("is_node | short_axis_mm", "true | 15.0"),
        fails=reads("is_node | short_axis_mm", "true | 14.9"),
    ),
    Example(
        "NEW_LESION_AT_BASELINE",
        passes=reads("timepoint | role", "1 | NEW"),
        fails=reads("timepoint | role", "0 | NEW"),
    ),
    Example(
        "SHORT_AXIS_EXCEEDS_LONGEST",
        passes=reads("longest_diameter_mm | perpendicular_mm", "20 | 20"),
        fails=reads("longest_diameter_mm | perpendicular_mm", "20 | 20.1"),
    ),
    Example(
        "SIZE_JUMP",
        passes=reads(MEASURED, "0 | 12.3", "1 | 36.9", "2 | 12.3"),
        fails=reads(MEASURED, "0 | 12.3", "1 | 37.0", "2 | 12.3"),
        failed=2,
    ),
    Example(
        "LESION_REAPPEARS",
        passes=reads(STATES, "0 | MEASURED | 20", "1 | ABSENT | 0", "2 | NOT_EVALUABLE | -", "3 | ABSENT | 0"),
        fails=reads(STATES, "0 | MEASURED | 20", "1 | ABSENT | 0", "2 | NOT_EVALUABLE | -", "3 | MEASURED | 8"),
    ),
    Example(
        "LESION_ROLE_CHANGES",
        passes=reads("timepoint | role", "0 | TARGET", "1 | TARGET"),
        fails=reads("timepoint | role", "0 | TARGET", "1 | NON-TARGET"),
    ),
    Example(
        "LESION_ORGAN_CHANGES",
        passes=reads("timepoint | organ", "0 | LIVER", "1 | Liver"),
        fails=reads("timepoint | organ", "0 | LIVER", "1 | LUNG"),
    ),
    Example(
        "TARGET_WITHOUT_BASELINE",
        passes=reads(
            "timepoint | lesion_id | role | state",
            *("0 | T1 | TARGET | MEASURED", "1 | T1 | TARGET | SPLIT", "1 | T2 | TARGET | SPLIT"),
            "1 | N1 | NEW | UNEQUIVOCAL",
        ),
        fails=reads("timepoint | lesion_id | role", "0 | T1 | TARGET", "1 | T1 | TARGET", "1 | T2 | TARGET"),
    ),
    Example(
        "TARGET_WITHOUT_RECORD",
        passes=reads("timepoint | lesion_id", "0 | T1", "0 | T2", "1 | T1", "1 | T2"),
        fails=reads("timepoint | lesion_id", "0 | T1", "0 | T2", "1 | T1"),
    ),
    # recorded responses and sums
    Example(
        "RESPONSE_MISSING",
        passes=responses("response", "NE"),
        fails=responses("response", "-"),
    ),
    Example(
        "RESPONSE_SUBJECT_UNKNOWN",
        passes=ONE_SUBJECT + responses("subject_id", "A1").strip(),
        fails=ONE_SUBJECT + responses("subject_id", "A2").strip(),
    ),
    Example(
        "RESPONSE_AFTER_DEATH",
        passes=subject("death_date", "2024-06-01") + responses("assessment_date", "2024-06-01"),
        fails=subject("death_date", "2024-06-01") + responses("assessment_date", "2024-06-02"),
    ),
    Example(
        "RESPONSE_WITHOUT_MEASUREMENTS",
        passes=reads("timepoint", "0", "1") + responses("timepoint | response", "1 | SD", "2 | NE"),
        fails=reads("timepoint", "0", "1") + responses("timepoint | response", "1 | SD", "2 | PD"),
    ),
    *(
        Example(
            f"{rule}_RESPONSE_NOT_AS_DERIVED",
            passes=reads("timepoint", "0")
            + responses("component | response", f"{component} | PR")
            + derived(column, "PR"),
            fails=reads("timepoint", "0")
            + responses("component | response", f"{component} | PR")
            + derived(column, "SD"),
        )
        for rule, component, column in (
            ("OVERALL", "OVERALL", "overall_response"),
            ("TARGET", "TARGET", "target_response"),
            ("NON_TARGET", "NON-TARGET", "nontarget_response"),
        )
    ),
    Example(
        "SUM_NOT_AS_COMPUTED",
        passes=reads(
            "lesion_id | is_node | longest_diameter_mm | short_axis_mm",
            "T1 | false | 20.3 | 11",
            "T2 | true | 30 | 18.2",
        )
        + table("core.recorded_sum", "sum_mm", "38.55"),
        fails=reads(
            "lesion_id | is_node | longest_diameter_mm | short_axis_mm",
            "T1 | false | 20.3 | 11",
            "T2 | true | 30 | 18.2",
        )
        + table("core.recorded_sum", "sum_mm", "38.56"),
    ),
    # PET scans and injections
    *(
        Example(
            rule=f"PET_{check.replace('-', '_')}",
            passes=checked("check_id | result", f"{check} | PASS", f"{check} | WARN", f"{other} | FAIL"),
            fails=checked("check_id | result", f"{check} | FAIL"),
        )
        for check, other in ((f"Q-{n:02}", f"Q-{n % 18 + 1:02}") for n in range(1, 19))
    ),
    Example(
        "INJECTION_DEVIATION",
        passes=injected("severity", "WARN"),
        fails=injected("severity", "ERROR"),
    ),
    Example(
        "INJECTION_REMARK",
        passes=injected("severity", "ERROR"),
        fails=injected("severity", "WARN"),
    ),
    # scans
    Example(
        "SCAN_WITHOUT_SUBJECT",
        passes="core.series\nseries_instance_uid\n1.1",
        fails="core.series\nseries_instance_uid\n1.1\n1.9" + table("core.unmatched_scan", "scan_id", "1.9", "a/b.dcm"),
        failed=2,
    ),
    Example("SCAN_MISSING", passes=scan("status", "RECEIVED"), fails=scan("status | kind", "MISSING | -")),
    Example(
        "SCAN_OUTSIDE_WINDOW",
        passes=scan("status", "RECEIVED"),
        fails=scan("scan_id | status", "1.1 | EARLY", "1.2 | LATE"),
        failed=2,
    ),
    Example("SCAN_UNSCHEDULED", passes=scan("status", "LATE"), fails=scan("status", "UNSCHEDULED")),
    Example("SCAN_UNREADABLE", passes=scan("status", "RECEIVED"), fails=scan("status", "UNREADABLE")),
    Example(
        "CHARTER_DEVIATION",
        passes="core.charter_deviation\nseverity\nMINOR",
        fails="core.charter_deviation\nseverity\nMAJOR",
    ),
    Example(
        "IDENTIFIER_LEFT",
        passes="core.deidentification_finding\nseverity\nMINOR",
        fails="core.deidentification_finding\nseverity\nMAJOR",
    ),
    Example(
        "SEGMENTATION_WITHOUT_IMAGES",
        passes="core.segmentation\ninstances_here | series_here\n4 | true",
        fails="core.segmentation\nsegment_number | instances_here | series_here\n1 | 3 | true\n2 | 0 | false",
        failed=2,
    ),
    Example(
        "PET_REPORT_DIFFERS",
        passes="core.pet_report\nlesion_id | reported | recomputed\nT1 | 5.0 | 5.0",
        fails="core.pet_report\nlesion_id | reported | recomputed | flag\nT1 | 5.3 | 5.0 | REPORTED_DIFFERS",
    ),
    Example(
        "REPORT_DIFFERS_FROM_FORM",
        passes=reads("lesion_id", "T1"),
        fails=reads("lesion_id", "T1") + table("core.measurement_conflict", "form_value | report_value", "40 | 42.5"),
    ),
)

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

BY_DECLARATION = [
    rule for rule in RULES if isinstance(rule.expectation, Unique | Present | OneOf) and rule.id != "RESPONSE_MISSING"
]


@pytest.mark.parametrize("example", (*EXAMPLES, *EDGES), ids=lambda example: example.rule)
def test_rule_passes_its_good_rows_and_finds_its_bad_ones(example: Example, warehouse: Callable[..., Query]) -> None:
    rule = BY_ID[example.rule]
    good = run_checks(warehouse(example.passes), [rule])
    assert good.outcomes.select("status", "failed").row(0) == ("PASS", 0), good.outcomes["reason"][0]
    assert good.findings.is_empty()
    bad = run_checks(warehouse(example.fails), [rule])
    assert bad.outcomes.select("status", "failed", "listed").row(0) == ("FAIL", example.failed, example.failed)
    assert bad.findings["rule_id"].unique().to_list() == [rule.id]
    assert not bad.findings["message"].str.contains(r"[{}]").any()


@pytest.mark.parametrize("rule_id", NOT_APPLICABLE)
def test_rule_is_skipped_where_no_row_is_its_concern(rule_id: str, warehouse: Callable[..., Query]) -> None:
    outcome = run_checks(warehouse(NOT_APPLICABLE[rule_id]), [BY_ID[rule_id]]).outcomes.row(0, named=True)
    assert outcome["status"] == "SKIPPED"
    assert outcome["reason"].endswith("to which the rule applies")


def bad_row(rule: Rule) -> pl.DataFrame:
    good = read_default(rule.table)
    match rule.expectation:
        case Unique():
            return pl.concat([good, good])
        case Present(column):
            return good.with_columns(pl.lit(None, dtype=good.schema[column]).alias(column))
        case OneOf(column):
            return good.with_columns(pl.lit("SOMETHING ELSE").alias(column))
    raise AssertionError(rule)


def read_default(name: str) -> pl.DataFrame:
    change = {"change_from_previous": ["UNCHANGED"]} if name == MEASUREMENT.name else {}
    return frame_of(name, {"study_id": ["S1"], **change})


@pytest.mark.parametrize("rule", BY_DECLARATION, ids=lambda rule: rule.id)
def test_declared_key_and_code_is_checked(rule: Rule, warehouse: Callable[..., Query]) -> None:
    good = run_checks(warehouse({rule.table: read_default(rule.table)}), [rule])
    assert good.outcomes["status"].to_list() == ["PASS"]
    bad = run_checks(warehouse({rule.table: bad_row(rule)}), [rule])
    assert bad.outcomes["status"].to_list() == ["FAIL"]
    assert bad.findings.height == 1


def test_every_rule_has_an_example() -> None:
    assert {example.rule for example in EXAMPLES} | {rule.id for rule in BY_DECLARATION} == set(BY_ID)


@pytest.mark.parametrize("table", WITH_KEY_RULES, ids=lambda table: table.name)
def test_every_key_column_has_a_blocking_rule(table: Table) -> None:
    blocking = {rule.expectation for rule in RULES if rule.table == table.name and rule.blocking}
    assert {Unique(table.key), *(Present(column) for column in table.key)} <= blocking
