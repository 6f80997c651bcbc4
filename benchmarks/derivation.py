"""All morphologic criteria from lesion rows to times to event, against reading the same rows and one windowed sum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from benchmarks import cohort
from benchmarks.measure import Cost, cost, in_child
from benchmarks.report import Section
from criteria.best_response import best_responses
from criteria.declaration import Morphologic
from criteria.event_time import event_times
from criteria.registry import CRITERIA
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses
from criteria.timepoint import timepoint_responses
from ingestion.tables import RECORDED_RESPONSE

SIZES = (1_000, 10_000, 100_000)
QUICK_SIZES = (200, 400)
REPEATS = 3
GOAL_RATIO = 25
GOAL_GB = 6
INTERVAL_DAYS, WINDOW_DAYS = 42, 7
ROWS, SUBJECTS = "measurements.parquet", "subjects.parquet"


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a cohort of one size cost; times in seconds of wall clock, memory in GB."""

    subjects: int
    reference: float
    together: float
    gigabytes: float
    alone: dict[str, float]

    @property
    def ratio(self) -> float:
        """Cost of one criterion of all side by side, in references."""
        return self.together / len(self.alone) / self.reference


def run(quick: bool) -> tuple[Section, list[Derivation]]:
    """Measure every size, each step in a process of its own."""
    found = []
    for subjects in QUICK_SIZES if quick else SIZES:
        with TemporaryDirectory() as folder:
            in_child(_write, subjects, Path(folder))
            (reference, alone), _ = in_child(_alone, Path(folder))
            together, gigabytes = in_child(_together, Path(folder))
        found.append(Derivation(subjects, reference.wall, together.wall, gigabytes, alone))
    return _section(found), found


def _write(subjects: int, folder: Path) -> None:
    cohort.measurements(subjects).write_parquet(folder / ROWS)
    cohort.subjects(subjects).write_parquet(folder / SUBJECTS)


def _alone(folder: Path) -> tuple[Cost, dict[str, float]]:
    reference = cost(lambda: _reference(folder), REPEATS)
    return reference, {
        name: cost(lambda declared=declared: _derive(folder, declared)).wall  # type: ignore[misc]
        for name, declared in CRITERIA.items()
    }


def _together(folder: Path) -> Cost:
    return cost(lambda: _derive_all(folder))


def _reference(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / ROWS).with_columns(
        target_sum=pl.col("longest_diameter_mm").sum().over("study_id", "subject_id", "evaluator", "timepoint")
    )


def _derive(folder: Path, declared: Morphologic) -> pl.DataFrame:
    subjects = pl.read_parquet(folder / SUBJECTS)
    responses = timepoint_responses(pl.read_parquet(folder / ROWS), declared, subjects)
    best = best_responses(responses, declared, subjects)
    return event_times(responses, best, declared, subjects, "fda", INTERVAL_DAYS, WINDOW_DAYS)


def _derive_all(folder: Path) -> pl.DataFrame:
    subjects, criteria = pl.read_parquet(folder / SUBJECTS), list(CRITERIA.values())
    responses = all_timepoint_responses(pl.read_parquet(folder / ROWS), RECORDED_RESPONSE.empty(), subjects, criteria)
    best = all_best_responses(responses, subjects, criteria)
    return all_event_times(responses, best, subjects, criteria, ["fda"], INTERVAL_DAYS, WINDOW_DAYS)


def _section(found: list[Derivation]) -> Section:
    return Section(
        title="Criteria: from lesion rows to times to event",
        intro=(
            f"{len(CRITERIA)} criteria, 10 visits and 6 lesions a subject, from the Parquet file to time point "
            "responses, best responses and times to event with their clauses and sentences. The reference reads the "
            "same file and makes one windowed sum in Polars; a ratio is seconds by seconds of the reference. *Side by "
            "side* shares the reading, as a refresh does; *alone* runs one criterion by itself."
        ),
        header=(
            "subjects",
            "reference, s",
            "all side by side, s",
            "ratio per criterion",
            "peak memory, GB",
            *(f"{name} alone, ratio" for name in CRITERIA),
        ),
        rows=tuple(
            (
                f"{size.subjects:,}",
                f"{size.reference:.3f}",
                f"{size.together:.2f}",
                f"{size.ratio:.1f}",
                f"{size.gigabytes:.2f}",
                *(f"{seconds / size.reference:.1f}" for seconds in size.alone.values()),
            )
            for size in found
        ),
        outcome=_outcome(found[-2], found[-1]),
    )


def _outcome(smaller: Derivation, largest: Derivation) -> str:
    goal = (
        f"Goal: at most {GOAL_RATIO} references per criterion and less than {GOAL_GB} GB at {SIZES[-1]:,} subjects, "
        "linear in subjects"
    )
    if largest.subjects < SIZES[-1]:
        return f"{goal}; not judged at {largest.subjects:,} subjects."
    reached = largest.ratio <= GOAL_RATIO and largest.gigabytes < GOAL_GB
    growth = largest.together / smaller.together * smaller.subjects / largest.subjects
    return (
        f"{goal}. {'Reached' if reached else 'Missed'}; from {smaller.subjects:,} to {largest.subjects:,} subjects the "
        f"time per subject changes by a factor of {growth:.2f}."
    )
