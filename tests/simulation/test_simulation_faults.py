"""A clean study raises nothing; every planted fault is where the key says, and is found by what the key names."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion.forms.canonical import Forms
from quality.catalogue import RULES
from simulation.faults.catalogue import FAULTS, chosen_faults, listed
from simulation.faults.fault import Expects, Picker, Stage
from simulation.faults.sheets import ROW, NoSubjectError, Sheets
from simulation.settings import Settings, SettingsError
from simulation.study import Written, simulate_study
from tests.simulation.receiving import checked


def _key(study: Path) -> pl.DataFrame:
    return pl.read_csv(study / "truth" / "faults.csv", infer_schema_length=0).fill_null("")


def test_a_clean_study_has_no_rejects_and_no_findings(
    clean_study: Path, clean_forms: tuple[Forms, pl.DataFrame]
) -> None:
    tables, rejects = clean_forms
    assert rejects.is_empty(), rejects
    run = checked(clean_study, tables)
    assert run.findings.is_empty(), run.findings["message"].to_list()
    assert set(run.outcomes["status"]) <= {"PASS", "SKIPPED"}


def test_the_catalogue_is_large_and_names_rules_that_exist() -> None:
    assert len(FAULTS) >= 190
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)
    known = {rule.id for rule in RULES}
    assert {fault.rule for fault in FAULTS} <= known
    assert all(fault.finds for fault in FAULTS if fault.expects is Expects.REJECT)
    assert listed().height == len(FAULTS)


def test_every_fault_is_planted_in_a_subject_of_its_own(faulty_study: Written) -> None:
    assert faulty_study.not_planted == {}
    key = _key(faulty_study.folder)
    planted = {fault.id for fault in FAULTS if fault.stage is not Stage.SCANS}
    assert set(key["fault"]) == planted
    subjects = key.filter(pl.col("subject_id") != "").select("fault", "subject_id").unique()
    assert not subjects["subject_id"].is_duplicated().any()


def test_refused_rows_are_those_of_the_key(faulty_study: Written, faulty_forms: tuple[Forms, pl.DataFrame]) -> None:
    _, rejects = faulty_forms
    expected = _key(faulty_study.folder).filter(pl.col("expects") == "REJECT")
    found = {
        (name, record): reason
        for name, record, reason in rejects.select("source_name", "source_record", "reason").iter_rows()
    }
    assert len(found) == expected.height > 25
    for fault, file, record, words in expected.select("fault", "file", "record", "reject_reason").iter_rows():
        assert words in found[file, record], fault


def test_named_rules_find_their_faults(faulty_study: Written, faulty_forms: tuple[Forms, pl.DataFrame]) -> None:
    findings = checked(faulty_study.folder, faulty_forms[0]).findings
    key = _key(faulty_study.folder).filter(pl.col("expects") == "FINDING")
    found = set(findings.select("rule_id", "subject_id").iter_rows())
    assert key["rule"].n_unique() > 90
    for fault, rule, subject in key.select("fault", "rule", "subject_id").iter_rows():
        assert (rule, subject) in found, fault
    planted = _key(faulty_study.folder)["subject_id"].unique().to_list()
    others = findings.filter(~pl.col("subject_id").is_in(planted))
    assert others.is_empty(), others["message"].to_list()


def test_the_record_of_the_key_is_the_row_of_the_file(faulty_study: Written) -> None:
    """What the key says was written stands in that row of the file."""
    key = _key(faulty_study.folder)
    rows = key.filter((pl.col("record") != "") & pl.col("file").str.ends_with("lb.csv"))
    assert rows.height >= 4
    for file, record, field, after in rows.select("file", "record", "field", "after").iter_rows():
        frame = pl.read_csv(faulty_study.folder / "incoming" / file, infer_schema_length=0)
        assert frame[field][int(record) - 2] == after


def test_the_truth_is_that_of_the_trial_without_faults(tmp_path: Path) -> None:
    settings = Settings(subjects=20, seed=3)
    simulate_study(settings, tmp_path / "a" / "SIM")
    simulate_study(settings, tmp_path / "b" / "SIM", faults=chosen_faults("target-below-10-mm, SUM-TRANSPOSED"))
    for name in ("size.parquet", "measurement.parquet", "response.parquet", "subject.csv"):
        assert (tmp_path / "a/SIM/truth" / name).read_bytes() == (tmp_path / "b/SIM/truth" / name).read_bytes()
    assert set(_key(tmp_path / "b" / "SIM")["fault"]) == {"TARGET-BELOW-10-MM", "SUM-TRANSPOSED"}


def test_an_unknown_fault_is_named_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="unknown fault SIXTARGETS; did you mean SIX-TARGETS"):
        chosen_faults("SIXTARGETS")


def test_rows_keep_their_numbers_when_others_come_and_go() -> None:
    sheets = Sheets({"A": pl.DataFrame({"x": [1, 2, 3]})})
    added = sheets.add("A", sheets.rows("A", pl.col("x") == 2), x=20)
    sheets.remove("A", [0])
    sheets.change("A", [2], x=30)
    assert sheets.frames()["A"]["x"].to_list() == [2, 20, 30]
    assert sheets.rows("A", pl.col(ROW) == added[0])["x"].to_list() == [20]
    assert (sheets.position("A", 2), sheets.position("A", 0)) == (2, None)


def test_a_subject_has_one_fault() -> None:
    pick, rows = Picker(), pl.DataFrame({"subject_id": ["A", "A", "B"]})
    assert [pick.first(rows)["subject_id"] for _ in range(2)] == ["A", "B"]
    with pytest.raises(NoSubjectError):
        pick.first(rows)
