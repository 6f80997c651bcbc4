"""Simulated trials that several tests look at."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion.forms.canonical import Forms
from simulation.faults.catalogue import FAULTS
from simulation.faults.fault import Stage
from simulation.settings import PERFECT, Settings
from simulation.study import Written, simulate_study
from simulation.trial import Trial, simulate
from tests.simulation.receiving import received

UNDISTURBED = {"missed": 0.0, "lost": 0.0, "adverse_events": 0.0, "multi_day": 0.0, "unscheduled": 0.0}


@pytest.fixture(scope="session")
def trial() -> Trial:
    """A trial as it comes by default."""
    return simulate(Settings(subjects=150, seed=5))


@pytest.fixture(scope="session")
def perfect() -> Trial:
    """A trial with perfect readers in which nobody is lost or misses a visit."""
    return simulate(Settings(subjects=400, seed=7, errors=PERFECT, mimics=0.0, **UNDISTURBED))


@pytest.fixture(scope="session")
def clean_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study folder without planted faults."""
    return simulate_study(Settings(subjects=100, seed=11), tmp_path_factory.mktemp("clean") / "SIM").folder


@pytest.fixture(scope="session")
def faulty_study(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A study folder with every fault of forms and reads."""
    faults = [fault for fault in FAULTS if fault.stage is not Stage.SCANS]
    return simulate_study(
        Settings(subjects=260, seed=3, pet=0.7, missed=0.05), tmp_path_factory.mktemp("faulty") / "SIM", faults=faults
    )


@pytest.fixture(scope="session")
def clean_forms(clean_study: Path) -> tuple[Forms, pl.DataFrame]:
    """The clean study as received: canonical tables and rejects."""
    return received(clean_study)


@pytest.fixture(scope="session")
def faulty_forms(faulty_study: Written) -> tuple[Forms, pl.DataFrame]:
    """The faulty study as received: canonical tables and rejects."""
    return received(faulty_study.folder)
