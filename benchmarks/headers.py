"""The header index of scans, against pydicom reading the same headers in one process."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydicom import dcmread
from pydicom.data import get_testdata_file

from benchmarks.measure import cost, in_child
from benchmarks.report import Section
from benchmarks.scans import write_scans
from ingestion.dicom.headers import read_header
from ingestion.dicom.index import ScanFile, index_files

FILES, QUICK_FILES = 3_000, 200
GOAL = 10
REPEATS = 3
MIXED = ("CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "liver_1frame.dcm", "MR_small_implicit.dcm", "693_UNCI.dcm")


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds of pydicom and of the index, and wall seconds of the index and of two processes reading headers."""

    files: int
    reference: float
    index: float
    index_wall: float
    two_processes_wall: float

    @property
    def times(self) -> float:
        """How many times as fast the index is, in CPU."""
        return self.reference / self.index


def run(quick: bool) -> Section:
    """Measure a series after another, the same slices in any order, and files that have nothing in common."""
    count = QUICK_FILES if quick else FILES
    with TemporaryDirectory() as folder:
        paths = write_scans(Path(folder), range(count))
        shuffled = random.Random(1).sample(paths, len(paths))
        names = (get_testdata_file(name, download=False) for name in MIXED)
        mixed = [Path(str(name)) for name in names] * (count // len(MIXED))
        chosen: dict[str, Sequence[Path]] = {
            "CT slices, series by series": paths,
            "CT slices in any order": shuffled,
            "six different files in turn": mixed,
        }
        found = {name: in_child(_measured, files)[0] for name, files in chosen.items()}
    times = found["CT slices, series by series"].times
    verdict = "not judged at this size" if quick else "reached" if times >= GOAL else "missed"
    return Section(
        title="DICOM header index",
        intro=(
            "From files to rows of `core.instance`, all columns, in one process with a warm cache. The reference is "
            "pydicom's `dcmread(stop_before_pixels=True)` on the same files, in one process and without taking a value "
            "out. Every value equals pydicom's (tests/ingestion_dicom/test_dicom_plain.py)."
        ),
        header=(
            "files",
            "number",
            "pydicom, files/s",
            "index, files/s",
            "times as fast",
            "wall, two processes by one",
        ),
        rows=tuple(
            (
                name,
                f"{one.files:,}",
                f"{one.files / one.reference:,.0f}",
                f"{one.files / one.index:,.0f}",
                f"{one.times:.1f}",
                f"{one.two_processes_wall / one.index_wall:.2f}",
            )
            for name, one in found.items()
        ),
        outcome=f"Goal: at least {GOAL} times as fast, series by series; {verdict}.",
    )


def _measured(paths: Sequence[Path]) -> Measured:
    files = [ScanFile(path, str(number), str(number)) for number, path in enumerate(paths)]

    def reference() -> None:
        for path in paths:
            dcmread(path, stop_before_pixels=True)

    index = cost(lambda: index_files("S", files), REPEATS)
    with ProcessPoolExecutor(2) as pool:

        def both() -> None:
            list(pool.map(read_header, paths, chunksize=len(paths) // 2 + 1))

        both()
        two = cost(both, REPEATS)
    return Measured(len(paths), cost(reference).cpu, index.cpu, index.wall, two.wall)
