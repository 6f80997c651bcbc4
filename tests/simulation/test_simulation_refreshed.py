"""Whole simulated studies through a real refresh: every planted fault is found, and a clean study raises nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from protocol.study import Study
from quality.catalogue import RULES
from simulation.faults.catalogue import BY_ID, FAULTS
from simulation.faults.fault import Expects, Stage
from simulation.faults.unplanted import UNPLANTED
from simulation.settings import Settings
from simulation.study import simulate_study
from tests.assets.refreshing import ask, current, refresh

CLINICAL = {rule.id for rule in RULES if not rule.blocking}


@dataclass(frozen=True)
class Refreshed:
    """What a release says of a simulated study."""

    key: pl.DataFrame
    not_planted: dict[str, str]
    outcomes: pl.DataFrame
    findings: pl.DataFrame


def refreshed(folder: Path, settings: Settings, *, with_faults: bool) -> Refreshed:
    """Simulate a study into ``folder``, refresh it, and read its release."""
    written = simulate_study(settings, folder, faults=FAULTS if with_faults else ())
    study = Study(folder)
    run = refresh(study)
    assert run.failed == {}
    release = current(study)
    file = folder / "truth" / "faults.csv"
    return Refreshed(
        key=pl.read_csv(file, infer_schema_length=0).fill_null("") if with_faults else pl.DataFrame(),
        not_planted=written.not_planted,
        outcomes=ask(release, "select * from quality.outcome"),
        findings=ask(release, "select rule_id, subject_id, message from quality.finding"),
    )


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """A study with every fault, scans included."""
    settings = Settings(subjects=260, seed=3, pet=0.7, missed=0.05, scans=14, scan_visits=5)
    return refreshed(tmp_path_factory.mktemp("faulty") / "SIM", settings, with_faults=True)


@pytest.mark.slow
def test_every_fault_is_planted_and_found_by_its_rule(faulty: Refreshed) -> None:
    assert faulty.not_planted == {}
    found = set(faulty.findings.select("rule_id", "subject_id").iter_rows())
    rules = {rule for rule, _ in found}
    for fault, rule, subject in faulty.key.select("fault", "rule", "subject_id").iter_rows():
        of_subject = BY_ID[fault].stage is not Stage.SCANS and BY_ID[fault].expects is Expects.FINDING
        assert (rule, subject) in found if of_subject else rule in rules, fault


@pytest.mark.slow
def test_every_rule_is_found_but_those_that_cannot_be_planted(faulty: Refreshed) -> None:
    failed = set(faulty.outcomes.filter(pl.col("status") == "FAIL")["rule_id"])
    assert CLINICAL - failed == set(UNPLANTED)
    assert faulty.outcomes.filter(pl.col("status") == "ERROR").is_empty()


@pytest.mark.slow
def test_a_clean_study_of_a_thousand_subjects_raises_nothing(tmp_path: Path) -> None:
    clean = refreshed(tmp_path / "SIM", Settings(subjects=1000, seed=17), with_faults=False)
    assert clean.findings.is_empty(), clean.findings
    assert set(clean.outcomes["status"]) <= {"PASS", "SKIPPED"}


def test_what_cannot_be_planted_are_rules_without_a_fault() -> None:
    assert set(UNPLANTED) <= CLINICAL
    assert not set(UNPLANTED) & {fault.rule for fault in FAULTS}
    assert all(fault.rule in CLINICAL for fault in FAULTS)
