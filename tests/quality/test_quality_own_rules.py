"""A study's own rules: SQL files with a header, evaluated like the built-in ones, unable to touch anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quality.catalogue import RULES
from quality.own_rules import own_rules
from quality.run import CheckRun, Query, run_checks

READS = """
core.subject
subject_id
A1

core.measurement
lesion_id | organ | longest_diameter_mm
T1 | BONE | 20
T2 | LIVER | 25
"""
HEADER = """\
-- id: BONE_TARGET
-- title: No bone lesion is a target
-- table: core.measurement
-- keys: subject_id, evaluator, timepoint, lesion_id
-- severity: ERROR
-- category: CONFORMANCE
-- field: organ
-- message: Subject {subject_id}, lesion {lesion_id}: {organ} chosen as target. Please choose another.
"""
SELECT = "select *, case when role = 'TARGET' then organ <> 'BONE' end as ok from core.measurement"


def run(folder: Path, query: Query, **files: str) -> CheckRun:
    """A check with the rule files alone, by their names."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return run_checks(query, [], own_rules(folder, RULES))


def test_its_rows_are_findings_like_any_other(tmp_path: Path, warehouse: Callable[..., Query]) -> None:
    found = run(tmp_path / "rules", warehouse(READS), bone=HEADER + SELECT)
    outcome = found.outcomes.row(0, named=True)
    assert (outcome["rule_id"], outcome["status"], outcome["checked"], outcome["failed"]) == (
        "BONE_TARGET",
        "FAIL",
        2,
        1,
    )
    finding = found.findings.row(0, named=True)
    assert (finding["severity"], finding["subject_id"], finding["value"]) == ("ERROR", "A1", "BONE")
    assert finding["message"] == "Subject A1, lesion T1: BONE chosen as target. Please choose another."


def test_pass_and_skip_are_told_apart(tmp_path: Path, warehouse: Callable[..., Query]) -> None:
    clean = run(tmp_path / "rules", warehouse(READS.replace("BONE", "LUNG")), bone=HEADER + SELECT)
    assert clean.outcomes["status"].to_list() == ["PASS"]
    empty = run(tmp_path / "rules", warehouse(), bone=HEADER + SELECT)
    assert empty.outcomes.select("status", "reason").row(0) == ("SKIPPED", "core.measurement has no rows")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SELECT, "the header lacks id, title, table, keys, message; write `-- id: ...` at the top"),
        (HEADER, "there is no SELECT below the header"),
        (HEADER.replace("-- field", "-- feild") + SELECT, "unknown header line 'feild' (did you mean 'field'?)"),
        (HEADER.replace("BONE_TARGET", "bone target") + SELECT, "id 'bone target': use 3 to 64 capital letters"),
        (HEADER.replace("BONE_TARGET", "SIZE_JUMP") + SELECT, "id SIZE_JUMP is that of a built-in rule"),
        (HEADER.replace("core.measurement", "core.measurements") + SELECT, "did you mean core.measurement?"),
        (HEADER.replace("CONFORMANCE", "BEAUTY") + SELECT, "category 'BEAUTY': write one of CONFORMANCE"),
        (HEADER + SELECT.replace("organ", "organs"), "organs"),
        (HEADER + "select study_id, true as ok from core.measurement", "the SELECT gives no column subject_id"),
        (HEADER + SELECT.replace("as ok", "as okay"), "the SELECT gives no column ok"),
        (HEADER + SELECT.replace("organ <> 'BONE'", "1"), "the column ok is Int"),
        (HEADER + "drop table core.measurement", "Only reading statements run here"),
        (HEADER + SELECT + "; drop table core.measurement", "Write one statement; this is 2."),
        (HEADER + "copy core.measurement to 'stolen.csv'", "Only reading statements run here"),
        (HEADER + "select *, true as ok from read_csv('/etc/passwd')", "disabled"),
        (HEADER + "select *, true as ok from read_text('/etc/passwd')", "disabled"),
        (HEADER + "from given", "given"),
    ],
)
def test_a_broken_file_is_an_execution_error_of_its_rule_alone(
    text: str, words: str, tmp_path: Path, warehouse: Callable[..., Query]
) -> None:
    sound = HEADER.replace("BONE_TARGET", "SOUND_RULE") + SELECT
    query = warehouse(READS)
    found = run(tmp_path / "rules", query, broken=text, sound=sound)
    broken, other = found.outcomes.sort("status").iter_rows(named=True)
    assert (broken["status"], broken["failed"], other["status"]) == ("ERROR", 0, "FAIL")
    assert words in broken["reason"]
    assert broken["reason"].startswith("rules/broken.sql: ")
    assert found.findings["rule_id"].unique().to_list() == ["SOUND_RULE"]
    assert query("select count(*) as n from core.measurement").item() == 2


def test_an_id_that_two_files_have_is_told(tmp_path: Path, warehouse: Callable[..., Query]) -> None:
    found = run(tmp_path / "rules", warehouse(READS), a=HEADER + SELECT, b=HEADER + SELECT)
    assert found.outcomes["rule_id"].to_list() == ["BONE_TARGET", "rules/b.sql"]
    assert "that of rules/a.sql already" in found.outcomes["reason"][1]


def test_a_study_without_rules_of_its_own_has_none(tmp_path: Path) -> None:
    assert own_rules(tmp_path / "rules", RULES) == ()
