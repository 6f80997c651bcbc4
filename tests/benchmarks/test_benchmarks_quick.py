"""The benchmarks run at small sizes and write their page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import cohort
from benchmarks.report import Section, page
from criteria.registry import CRITERIA
from criteria.timepoint import timepoint_responses

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_quick_benchmarks_run_and_write_their_page(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--out", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    written = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    for name in CRITERIA:
        assert f"| {name} alone, ratio |" in written
    assert "times as fast" in written


def test_a_page_has_one_column_for_each_size() -> None:
    section = Section("Title", "Intro.", ("subjects", "s"), (("10", "0.1"), ("100", "1.0")), "Goal: reached.")
    written = page([section], plotted=None)
    assert "| subjects | 10 | 100 |\n| --- | ---: | ---: |\n| s | 0.1 | 1.0 |" in written
    assert "![" not in written


def test_a_synthetic_cohort_shows_every_response_and_has_ten_visits_and_six_lesions() -> None:
    rows = cohort.measurements(400)
    assert rows.height == 400 * 10 * 6
    found = timepoint_responses(rows, CRITERIA["RECIST 1.1"], cohort.subjects(400))
    assert set(found["overall_response"]) >= {"PR", "SD", "PD", "NE"}
    assert found.height == 400 * 9
