"""A whole check of a warehouse: outcomes, findings, what is skipped, what blocks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from criteria.table import Table
from quality.catalogue import RULES, rule_frame, rules_by_rows, rules_by_table
from quality.check_views import INPUTS, check_view, inputs
from quality.findings import fingerprint, rule_findings
from quality.parameters import sql_values
from quality.rule import Category, Severity
from quality.run import Query, blocking_failures, run_checks
from quality.tables import FINDING, OUTCOME, RULE, TABLES
from tests.quality.text_tables import read_tables
from warehouse.store import Warehouse

BY_ID = {rule.id: rule for rule in RULES}

CLEAN_STUDY = """
core.subject
site | reference_date | randomisation_date | first_dose_date | last_alive_date | death_date | new_therapy_date
101 | 2024-01-15 | 2024-01-15 | 2024-01-16 | 2024-06-01 | 2024-07-01 | 2024-05-02

core.visit
timepoint | visit | planned_day | occurred | start_date
0 | BASELINE | -5 | true | 2024-01-10
1 | WEEK 6 | 43 | true | 2024-02-26

core.measurement
evaluator | timepoint | visit | assessment_date | lesion_id | state | longest_diameter_mm | short_axis_mm | is_node
READER 1 | 0 | BASELINE | 2024-01-10 | T1 | MEASURED | 30.0 | 20.0 | false
READER 1 | 0 | BASELINE | 2024-01-10 | T2 | MEASURED | 25.0 | 18.0 | true
READER 1 | 1 | WEEK 6 | 2024-02-26 | T1 | MEASURED | 28.0 | 20.0 | false
READER 1 | 1 | WEEK 6 | 2024-02-26 | T2 | MEASURED | 25.0 | 18.0 | true
READER 2 | 0 | BASELINE | 2024-01-10 | T1 | MEASURED | 21.0 | 20.0 | false
READER 2 | 1 | WEEK 6 | 2024-02-26 | T1 | ABSENT | 0 | 0 | false

core.recorded_response
evaluator | timepoint | visit | assessment_date | component | response
READER 1 | 1 | WEEK 6 | 2024-02-26 | OVERALL | SD
READER 1 | 1 | WEEK 6 | 2024-02-26 | TARGET | SD
READER 1 | 1 | WEEK 6 | 2024-02-26 | NON-TARGET | NA
READER 2 | 1 | WEEK 6 | 2024-02-26 | OVERALL | CR

core.recorded_sum
evaluator | timepoint | sum_mm
READER 1 | 0 | 48.0
READER 1 | 1 | 46.0

analysis.timepoint_response
evaluator | overall_response | target_response | nontarget_response
READER 1 | SD | SD | NA
READER 2 | CR | CR | NA

quality.visit_window
visit | minus | plus
* | 7 | 7
"""

OPTIONAL = ("quality.visit_window", "analysis.timepoint_response")


def statuses(outcomes: pl.DataFrame) -> dict[str, str]:
    return dict(outcomes.select("rule_id", "status").iter_rows())


def test_clean_study_passes_every_rule(warehouse: Callable[..., Query]) -> None:
    checked = run_checks(warehouse(CLEAN_STUDY))
    found = statuses(checked.outcomes)
    assert set(found.values()) == {"PASS", "SKIPPED"}
    assert sum(status == "PASS" for status in found.values()) >= 75
    assert checked.findings.is_empty(), checked.findings["message"].to_list()
    assert blocking_failures(checked.outcomes) == []


def test_empty_warehouse_skips_every_rule_with_a_reason(warehouse: Callable[..., Query]) -> None:
    outcomes = run_checks(warehouse()).outcomes
    assert set(outcomes["status"]) == {"SKIPPED"}
    assert outcomes["reason"].str.ends_with("has no rows").all()


def test_warehouse_without_tables_skips_every_rule(warehouse: Callable[..., Query]) -> None:
    outcomes = run_checks(warehouse(without=tuple(INPUTS))).outcomes
    assert set(outcomes["status"]) == {"SKIPPED"}
    assert outcomes["reason"].str.ends_with("is not in the warehouse").all()


def test_absent_optional_tables_skip_only_the_rules_that_need_them(warehouse: Callable[..., Query]) -> None:
    outcomes = run_checks(warehouse(CLEAN_STUDY, without=OPTIONAL)).outcomes
    skipped = outcomes.filter(pl.col("reason").str.contains("not in the warehouse"))
    assert dict(skipped.select("rule_id", "reason").iter_rows()) == {
        rule.id: f"{name} is not in the warehouse" for rule in RULES for name in OPTIONAL if name in rule.needs
    }
    assert "ERROR" not in set(outcomes["status"])


def test_working_warehouse_is_checked_and_keeps_what_was_found(tmp_path: Path, warehouse: Callable[..., Query]) -> None:
    frames = read_tables(CLEAN_STUDY.replace("READER 1 | 1 | 46.0", "READER 1 | 1 | 64.0"))
    declared = {table.name: table for table in (*INPUTS.values(), *TABLES)}
    with Warehouse(tmp_path / "warehouse.duckdb", list(declared.values()), study_id="S1") as working:
        working.create()
        for name, frame in frames.items():
            working.put(name, frame)
        checked = run_checks(working.query)
        working.put(RULE.name, rule_frame())
        working.put(OUTCOME.name, checked.outcomes)
        working.put(FINDING.name, checked.findings)
        failed = working.query(
            "select rule_id, title, finding.subject_id from quality.finding join quality.rule using (rule_id)"
        )
    assert failed.rows() == [("SUM_NOT_AS_COMPUTED", BY_ID["SUM_NOT_AS_COMPUTED"].title, "A1")]
    assert checked.outcomes.equals(run_checks(warehouse(frames)).outcomes)


def test_finding_tells_the_site_what_is_wrong_and_where(warehouse: Callable[..., Query]) -> None:
    study = CLEAN_STUDY.replace("READER 1 | 1 | 46.0", "READER 1 | 1 | 64.0")
    finding = run_checks(warehouse(study)).findings.row(0, named=True)
    assert finding == {
        "study_id": "S1",
        "rule_id": "SUM_NOT_AS_COMPUTED",
        "fingerprint": fingerprint("SUM_NOT_AS_COMPUTED", finding["row_key"]),
        "severity": "WARN",
        "table_name": "core.recorded_sum",
        "subject_id": "A1",
        "row_key": '{"study_id":"S1","subject_id":"A1","evaluator":"READER 1","timepoint":1}',
        "field": "sum_mm",
        "value": "64.0",
        "message": "Subject A1, READER 1, WEEK 6 (2024-02-26): the recorded sum is 64.0 mm, the 2 target lesions add "
        "up to 46.0 mm. Please check the sum and the diameters.",
    }


def test_sum_over_longest_diameters_of_nodes_is_named_as_such(warehouse: Callable[..., Query]) -> None:
    study = CLEAN_STUDY.replace("READER 1 | 1 | 46.0", "READER 1 | 1 | 53.0")
    assert run_checks(warehouse(study)).findings["message"].to_list() == [
        "Subject A1, READER 1, WEEK 6 (2024-02-26): the recorded sum is 53.0 mm, the 2 target lesions add up to 46.0 "
        "mm. The recorded sum takes the longest diameter of nodes; their short axis counts. Please check the sum "
        "and the diameters."
    ]


def test_recorded_response_is_answered_with_clause_and_numbers(warehouse: Callable[..., Query]) -> None:
    study = CLEAN_STUDY.replace("OVERALL | SD", "OVERALL | PD")
    findings = run_checks(warehouse(study)).findings
    assert findings["message"].to_list() == [
        "Subject A1, READER 1, WEEK 6, RECIST 1.1, recorded target SD, non-target NA, new lesion (no value): the "
        "overall response is PD, yet no component is. Please correct one.",
        "Subject A1, READER 1, WEEK 6, RECIST 1.1: the OVERALL response is recorded as PD; the measurements give SD "
        "(R11-TL-07: sum 50.0 mm is -3.8 % from baseline). Please confirm the response or correct the measurements.",
    ]


def test_clinical_discrepancy_does_not_block_and_structural_failure_does(warehouse: Callable[..., Query]) -> None:
    clinical = run_checks(warehouse(CLEAN_STUDY.replace("READER 1 | 1 | 46.0", "READER 1 | 1 | 64.0")))
    assert blocking_failures(clinical.outcomes) == []
    structural = run_checks(warehouse(CLEAN_STUDY.replace("T1 | MEASURED | 30.0", "T1 | MEASURED | -30.0")))
    assert blocking_failures(structural.outcomes) == ["LONGEST_DIAMETER_NEGATIVE"]


def test_blocking_rule_that_cannot_be_evaluated_blocks(warehouse: Callable[..., Query]) -> None:
    broken = replace(BY_ID["MEASUREMENT_SUBJECT_UNKNOWN"], message="{no_such_column}")
    outcomes = run_checks(warehouse(CLEAN_STUDY), [broken]).outcomes
    assert statuses(outcomes) == {broken.id: "ERROR"}
    assert "no_such_column" in outcomes["reason"][0]
    assert blocking_failures(outcomes) == [broken.id]


def test_broken_view_does_not_touch_the_other_views(warehouse: Callable[..., Query]) -> None:
    query = warehouse(CLEAN_STUDY)

    def failing(sql: str) -> pl.DataFrame:
        if "ok_lesion_role_changes" in sql:
            raise RuntimeError("disk is full")
        return query(sql)

    outcomes = run_checks(failing).outcomes
    errors = outcomes.filter(pl.col("status") == "ERROR")
    assert errors["rule_id"].to_list() == [rule.id for rule in rules_by_rows()["lesion"]]
    assert set(errors["reason"]) == {"RuntimeError: disk is full"}


def test_fingerprint_stays_when_the_value_changes_and_differs_by_rule_and_key() -> None:
    rule = BY_ID["SIZE_JUMP"]
    row = dict.fromkeys(rule.columns, "x")
    [first], [same], [other] = (
        rule_findings(rule, pl.DataFrame([row | change]))["fingerprint"]
        for change in ({}, {"measured_mm": "y"}, {"lesion_id": "T2"})
    )
    assert first == same
    assert first != other
    assert len(first) == 16
    assert fingerprint("A", "k") != fingerprint("B", "k")


def test_rows_of_one_key_are_one_finding(warehouse: Callable[..., Query]) -> None:
    study = "core.subject\nsubject_id\nA1\nA1\nA2"
    checked = run_checks(warehouse(study), [BY_ID["SUBJECT_KEY_REPEATED"]])
    assert checked.outcomes.select("failed", "listed").row(0) == (2, 1)
    assert checked.findings["subject_id"].to_list() == ["A1"]


def test_findings_do_not_depend_on_the_order_of_the_rows(warehouse: Callable[..., Query]) -> None:
    rows = [f"A{n} | 2024-06-02 | 2024-06-01" for n in range(9)]
    head = "core.subject\nsubject_id | last_alive_date | death_date\n"
    forwards, backwards = (
        run_checks(warehouse(head + "\n".join(lines)), [BY_ID["ALIVE_AFTER_DEATH"]]).findings
        for lines in (rows, rows[::-1])
    )
    assert forwards.equals(backwards)
    assert forwards.height == 9


def test_missing_value_in_a_message_is_said_to_be_missing(warehouse: Callable[..., Query]) -> None:
    study = "core.measurement\nsubject_id | visit | longest_diameter_mm\nA1 | - | -4"
    finding = run_checks(warehouse(study), [BY_ID["LONGEST_DIAMETER_NEGATIVE"]]).findings
    assert finding["message"][0].startswith("Subject A1, READER 1, (no value), lesion T1:")


def test_row_key_is_json_of_the_rule_keys(warehouse: Callable[..., Query]) -> None:
    study = 'core.subject\nsubject_id | last_alive_date | death_date\nA"1 | 2024-06-02 | 2024-06-01'
    finding = run_checks(warehouse(study), [BY_ID["ALIVE_AFTER_DEATH"]]).findings.row(0, named=True)
    assert json.loads(finding["row_key"]) == {"study_id": "S1", "subject_id": 'A"1'}


def test_frames_fit_their_declarations(warehouse: Callable[..., Query]) -> None:
    checked = run_checks(warehouse(CLEAN_STUDY.replace("46.0", "64.0")))
    assert checked.outcomes.schema == pl.Schema(OUTCOME.schema)
    assert checked.findings.schema == pl.Schema(FINDING.schema)
    assert rule_frame().schema == pl.Schema(RULE.schema)
    assert rule_frame().height == len(RULES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_quality_tables_stand_in_the_quality_layer_and_counts_in_the_mart(table: Table) -> None:
    assert table.name.startswith("quality.") or table.name == "mart.data_quality"


def test_rule_ids_are_unique_and_rules_of_the_same_rows_share_their_keys() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(len({rule.keys for rule in group}) == 1 for group in rules_by_rows().values())


def test_grouping_keeps_every_rule_once() -> None:
    for groups in (rules_by_table(), rules_by_rows()):
        assert sorted(rule.id for group in groups.values() for rule in group) == sorted(BY_ID)


def test_clinical_rules_never_block() -> None:
    structural = {Category.CONFORMANCE}
    assert {rule.category for rule in RULES if rule.blocking} == structural
    assert all(rule.severity is Severity.WARN for rule in RULES if not rule.blocking)


@pytest.mark.parametrize("rows", rules_by_rows(), ids=str)
def test_view_has_every_column_that_its_rules_use_and_no_other_check(
    rows: str, warehouse: Callable[..., Query]
) -> None:
    columns = warehouse()(f"select * from ({check_view(rows, INPUTS, sql_values(RULES))})").columns
    used = {name for rule in rules_by_rows()[rows] for name in rule.columns}
    assert used <= set(columns)
    assert {name for name in columns if name.startswith("ok_")} <= used


@pytest.mark.parametrize("rows", rules_by_rows(), ids=str)
def test_rules_say_what_they_need(rows: str) -> None:
    read = set(inputs(rows))
    for rule in rules_by_rows()[rows]:
        assert set(rule.needs) <= read


def test_every_view_is_used() -> None:
    views = {path.stem for path in (Path(__file__).resolve().parents[2] / "quality" / "views").glob("*.sql")}
    assert views == {rows for rows in rules_by_rows() if rows not in INPUTS}


def laleh_reads(path: Path) -> pl.DataFrame:
    """The published diameters as core.measurement: one lesion, time points in order of the days."""
    received = pl.read_csv(path, schema_overrides={"patient": pl.String, "diam_mm": pl.Float64, "day": pl.Int64})
    return received.drop_nulls("day").select(
        study_id=pl.lit("LALEH"),
        subject_id=pl.format("{}/{}", "arm", "patient"),
        evaluator=pl.lit("READER"),
        timepoint=(pl.col("day").rank("dense").over("arm", "patient") - 1).cast(pl.Int32),
        visit=pl.format("DAY {}", "day"),
        assessment_date=pl.date(2020, 1, 1) + pl.duration(days="day"),
        lesion_id=pl.lit("T1"),
        role=pl.lit("TARGET"),
        state=pl.when(pl.col("diam_mm").is_null()).then(pl.lit("NOT_EVALUABLE")).otherwise(pl.lit("MEASURED")),
        longest_diameter_mm="diam_mm",
    )


def test_real_diameters_show_their_known_duplicates(
    shared: Callable[[str], Path], warehouse: Callable[..., Query]
) -> None:
    table = INPUTS["core.measurement"]
    reads = laleh_reads(shared("tumour_sizes") / "laleh2022_tumor_size.csv")
    nulls = [pl.lit(None, dtype=t).alias(n) for n, t in table.schema.items() if n not in reads.columns]
    query = warehouse({table.name: reads.with_columns(nulls).select(*table.schema)})
    rules = [
        BY_ID[name] for name in ("MEASUREMENT_KEY_REPEATED", "LONGEST_DIAMETER_NEGATIVE", "MEASUREMENT_SUBJECT_UNKNOWN")
    ]
    outcomes = {row["rule_id"]: row for row in run_checks(query, rules).outcomes.iter_rows(named=True)}
    assert outcomes["MEASUREMENT_KEY_REPEATED"]["listed"] == 7
    assert outcomes["LONGEST_DIAMETER_NEGATIVE"]["status"] == "PASS"
    unknown = outcomes["MEASUREMENT_SUBJECT_UNKNOWN"]
    first = reads.select(table.key).sort(table.key).head(5_000)
    assert (unknown["failed"], unknown["listed"]) == (reads.height, first.n_unique())
