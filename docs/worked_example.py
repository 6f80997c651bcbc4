"""Worked examples: lesion tables run through the engine, for the pages of the criteria."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import yaml

from criteria.best_response import best_responses
from criteria.declaration import Morphologic
from criteria.event_time import event_times
from criteria.injected_responses import injected_responses
from criteria.registry import criterion
from criteria.timepoint import timepoint_responses
from docs.lesion_table import DAY_1, measurements
from docs.markdown import code, table
from ingestion.tables import SUBJECT

FOLDER = Path(__file__).parent / "examples"
ALL = "all"
RESPONSES = {
    "study_day": "day",
    "target_sum": "sum",
    "target_response": "target",
    "nontarget_response": "non-target",
    "new_lesion": "new",
    "overall_response": "response",
    "clause": "clause",
    "explanation": "why",
}
COMPONENTS = {
    "study_day": "day",
    "injected_response": "injected",
    "injected_iterative": "against the time point before",
    "injected_cumulative": "against baseline and nadir",
    "noninjected_response": "not injected",
    "pattern": "pattern",
    "explanation": "why",
}


@dataclass(frozen=True, slots=True)
class Example:
    """One lesion table, what it shows, and under which criteria: criterion name to options, one entry a run."""

    title: str
    shows: str
    lesions: str
    under: tuple[Mapping[str, Mapping[str, object] | None], ...]


def examples() -> tuple[Example, ...]:
    """The examples of ``docs/examples``, in the order of their file names."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.txt")))


def _read(path: Path) -> Example:
    head, _, lesions = path.read_text(encoding="utf-8").partition("\n---\n")
    said = yaml.safe_load(head)
    return Example(said["title"], said["shows"], lesions, tuple(said["under"]))


def examples_of(name: str) -> str:
    """The worked examples of a criterion with what the engine makes of them."""
    blocks = []
    for example in examples():
        runs = [options or {} for run in example.under for under, options in run.items() if under == name]
        if runs:
            blocks += [f"### {example.title}", f"{example.shows}", code(example.lesions)]
            blocks += [worked(example, criterion(name).with_options(options), options) for options in runs]
    return "\n\n".join(blocks)


def worked(example: Example, declared: Morphologic, options: Mapping[str, object]) -> str:
    """Responses, best response and progression-free survival of an example under one criterion."""
    reads = measurements(example.lesions)
    responses = example_responses(reads, declared)
    with_options = ", ".join(f"`{name}` = `{value}`" for name, value in options.items())
    blocks = [f"With {with_options}:"] if options else []
    blocks.append(table(RESPONSES.values(), responses.select(RESPONSES.keys()).rows()))
    blocks += _components(reads, declared, responses)
    blocks.append(example_outcome(reads, responses, declared))
    return "\n\n".join(blocks)


def example_responses(reads: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """Time point responses of an example in the order of their days."""
    return timepoint_responses(reads, declared, _subject(reads)).sort("study_day")


def example_outcome(reads: pl.DataFrame, responses: pl.DataFrame, declared: Morphologic) -> str:
    """Best response and progression-free survival of an example as one sentence."""
    subjects = _subject(reads)
    best = best_responses(responses, declared, subjects)
    times = event_times(responses, best, declared, subjects)
    (found,) = best.to_dicts()
    endpoint = declared.endpoints.progression_free_survival
    (time,) = times.filter(pl.col("endpoint") == endpoint).to_dicts()
    what = "event" if time["event"] else "censored"
    return (
        f"Best response **{found['best_response']}** (confirmed {found['confirmed_best_response']}); {endpoint}: "
        f"{what} on day {time['days']}, {time['end_date']} ({time['reason']})."
    )


def _components(reads: pl.DataFrame, declared: Morphologic, responses: pl.DataFrame) -> list[str]:
    if declared.injected_reference is None:
        return []
    found = injected_responses(reads, declared).join(responses.select("timepoint", "study_day"), on="timepoint")
    return (
        [table(COMPONENTS.values(), found.sort("study_day").select(COMPONENTS.keys()).rows())] if found.height else []
    )


def _subject(reads: pl.DataFrame) -> pl.DataFrame:
    """The subject of an example: reference date day 1, alive at the last assessment."""
    last: date = reads.select(pl.col("assessment_date").max()).item()
    row = {"study_id": "EXAMPLE", "subject_id": "1", "reference_date": DAY_1, "last_alive_date": last}
    return pl.DataFrame({name: [row.get(name)] for name in SUBJECT.schema}, schema=SUBJECT.schema)
