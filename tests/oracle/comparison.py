"""The engine's frames beside the reference reading, course by course; used by the agreement tests and by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import polars as pl

from ingestion.tables import CLINICAL_STATUS, MEASUREMENT, SUBJECT
from tests.oracle import best, evaluation
from tests.oracle.courses import many_courses

Row = dict[str, Any]

GENERIC = best.GENERIC | dict.fromkeys(("iUPD", "iCPD", "itUPD", "itCPD"), "PD")
COMPONENTS = ("target_response", "nontarget_response")
RESPONSES = (*COMPONENTS, "new_lesion", "overall_response", "baseline_sum", "nadir_sum")
BEST = (
    "best_response",
    "confirmed_best_response",
    "first_response_date",
    "confirmed_first_response_date",
    "progression_date",
    "clinical_benefit",
    "durable_response",
)
TIMES = ("start_date", "end_date", "days", "event", "reason")


@dataclass
class Differences:
    """How often each kind of difference occurs, and the first courses that show it."""

    compared: int = 0
    count: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, example: str) -> None:
        """One more difference of this kind."""
        self.count[kind] += 1
        shown = self.examples.setdefault(kind, [])
        if len(shown) < 3:
            shown.append(example)

    def __str__(self) -> str:
        lines = [f"{self.count.total()} of {self.compared} courses differ"]
        lines += [f"{n:6d}  {kind}  e.g. {', '.join(self.examples[kind])}" for kind, n in self.count.most_common()]
        return "\n".join(lines)


@dataclass(frozen=True)
class Batch:
    """Many random courses, as rows and as the frames that the engine takes."""

    courses: dict[str, list[Row]]
    subjects: dict[str, Row]
    measurements: pl.DataFrame
    subject_frame: pl.DataFrame
    status_frame: pl.DataFrame


def clinical_frame(given: Batch) -> pl.DataFrame:
    """The clinical progressions of the subjects as core.clinical_status."""
    rows = [
        {
            "study_id": subject["study_id"],
            "subject_id": subject["subject_id"],
            "assessment_date": subject["clinical_date"],
            "clinical_progression": True,
        }
        for subject in given.subjects.values()
        if subject["clinical_date"] is not None
    ]
    return _frame(rows, CLINICAL_STATUS.schema)


def batch(count: int, seed: int, *, facts: bool = False) -> Batch:
    """Random courses and their subjects, with ``facts`` also what is said beside the sizes."""
    rows, subjects = many_courses(count, seed, facts=facts)
    names = ("study_id", "subject_id")
    status = [{name: one[name] for name in names} | row for one in subjects for row in one.get("clinical_status", ())]
    return Batch(
        {key: list(course) for key, course in groupby(rows, key=lambda row: str(row["subject_id"]))},
        {subject["subject_id"]: subject for subject in subjects},
        _frame(rows, MEASUREMENT.schema),
        _frame(subjects, SUBJECT.schema),
        _frame(status, CLINICAL_STATUS.schema),
    )


def _frame(rows: Sequence[Row], schema: Any) -> pl.DataFrame:
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)


def compare_responses(given: Batch, found: pl.DataFrame, criterion: str, **options: Any) -> Differences:
    """The first difference of each course in its time point responses."""
    engine = {(row["subject_id"], row["timepoint"]): row for row in found.to_dicts()}
    differences = Differences()
    seen = set()
    for subject, course in given.courses.items():
        differences.compared += 1
        status = given.subjects[subject].get("clinical_status", ())
        expected = evaluation.timepoint_responses(course, criterion, clinical_status=status, **options)
        seen |= {(subject, response["timepoint"]) for response in expected}
        for kind, timepoint in _first(_response_differences(expected, engine, subject)):
            differences.add(kind, f"{subject} time point {timepoint}")
    for subject, timepoint in engine.keys() - seen:
        differences.add("time point that should not be there", f"{subject} time point {timepoint}")
    return differences


def _first(items: Iterator[tuple[str, int]]) -> list[tuple[str, int]]:
    found = next(items, None)
    return [] if found is None else [found]


def _response_differences(
    expected: Sequence[Row], engine: dict[tuple[str, int], Row], subject: str
) -> Iterator[tuple[str, int]]:
    for response in expected:
        timepoint = response["timepoint"]
        other = engine.get((subject, timepoint))
        if other is None:
            yield "time point missing", timepoint
            continue
        if response["overall_response"] == other["overall_response"] == "NA":
            continue
        for name in RESPONSES:
            theirs = GENERIC.get(other[name], other[name]) if name in COMPONENTS else other[name]
            if not same(response[name], theirs):
                yield f"{name}: {_spell(response[name])} expected, {_spell(theirs)} found", timepoint


def compare_best(
    given: Batch, responses: pl.DataFrame, found: pl.DataFrame, criterion: str, **options: Any
) -> Differences:
    """Best responses of the engine against the reference, both made from the engine's time point responses."""
    engine = {row["subject_id"]: row for row in found.to_dicts()}
    differences = Differences()
    for subject, course in _courses_of(responses).items():
        differences.compared += 1
        own = given.subjects[subject]
        status = own.get("clinical_status", ())
        expected = evaluation.best_response(course, criterion, own, clinical_status=status, **options)
        for name in BEST:
            if not same(expected[name], engine[subject][name]):
                kind = f"{name}: {_spell(expected[name])} expected, {_spell(engine[subject][name])} found"
                differences.add(kind, subject)
                break
    return differences


def compare_times(
    given: Batch,
    responses: pl.DataFrame,
    bests: pl.DataFrame,
    found: pl.DataFrame,
    criterion: str,
    profile: str,
    **known: Any,
) -> Differences:
    """Event times of the engine against the reference, both made from the engine's responses.

    ``known``: planned visits and whether the clinical status is known, as of `tests.oracle.events`.
    """
    engine = {(row["subject_id"], row["endpoint"]): row for row in found.to_dicts()}
    best_of = {row["subject_id"]: row for row in bests.to_dicts()}
    differences = Differences()
    for subject, course in _courses_of(responses).items():
        expected = evaluation.event_times(
            course, best_of[subject], criterion, given.subjects[subject], profile, **known
        )
        for endpoint, time in expected.items():
            if endpoint == "OS":
                continue
            differences.compared += 1
            other = engine.get((subject, endpoint))
            if other is None:
                differences.add(f"{endpoint} missing", subject)
                continue
            for name in TIMES:
                if not same(time[name], other[name]):
                    kind = f"{endpoint} {name}: {_spell(time[name])} expected, {_spell(other[name])} found"
                    differences.add(kind, subject)
                    break
    return differences


def _courses_of(responses: pl.DataFrame) -> dict[str, list[Row]]:
    ordered = responses.sort("subject_id", "assessment_date", "timepoint").to_dicts()
    return {key: list(course) for key, course in groupby(ordered, key=lambda row: str(row["subject_id"]))}


def same(expected: Any, found: Any) -> bool:
    """Equal; numbers to within a millionth, texts without regard to case."""
    if isinstance(expected, float) and isinstance(found, float):
        return abs(expected - found) < 1e-6
    if isinstance(expected, str) and isinstance(found, str):
        return expected.lower() == found.lower()
    return bool(expected == found)


def _spell(value: Any) -> str:
    return value if isinstance(value, str) else "nothing" if value is None else type(value).__name__
