"""Courses on the terminal: criteria side by side, visit by visit, at any width."""

from __future__ import annotations

import re

import polars as pl
import pytest
from rich.console import Console

from criteria.registry import CRITERIA
from criteria.side_by_side import all_best_responses, all_timepoint_responses
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT
from nadir.explain import explained
from tests.spec.evaluate import frame
from tests.spec.table import day, table

VISITS = (57, 113, 169, 225, 281, 337, 393, 449, 505)
LESIONS = (
    "lesion | BL | " + " | ".join(f"d{on}" for on in VISITS) + "\n"
    "T01 liver | 60 | 75 | 55 | 50 | 50 | 50 | 50 | 50 | 50 | 70\n"
    "NT01 bone | + | + | + | + | + | + | + | + | + | +"
)


def shown(width: int) -> str:
    reads, person = frame(MEASUREMENT, table(LESIONS)), frame(SUBJECT, [{"reference_date": day(1)}])
    criteria = list(CRITERIA.values())
    responses = all_timepoint_responses(reads, RECORDED_RESPONSE.empty(), person, criteria)
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        for part in explained(responses.sample(fraction=1, shuffle=True, seed=3), best(responses, person)):
            console.print(part)
    return captured.get()


def best(responses: pl.DataFrame, person: pl.DataFrame) -> pl.DataFrame:
    return all_best_responses(responses, person, list(CRITERIA.values()))


@pytest.mark.parametrize(("width", "tables"), [(80, 3), (140, 2), (200, 1)])
def test_all_criteria_stand_side_by_side_with_every_visit_and_no_word_is_cut(width: int, tables: int) -> None:
    text = shown(width)
    assert max(map(len, text.splitlines())) <= width
    heads = re.findall(r"criterion +┃((?: +\d{4}-\d\d-\d\d +┃)+)", text)
    assert len(heads) == tables
    assert [date for head in heads for date in re.findall(r"\d{4}-\d\d-\d\d", head)] == [str(day(on)) for on in VISITS]
    [first, *_] = re.findall(r"┡.*?└", text, re.DOTALL)
    assert re.findall(r"^│ ([\w.]+(?: [\d.]+)?) +│", first, re.MULTILINE) == list(CRITERIA)


@pytest.mark.parametrize("width", [80, 140])
def test_every_visit_has_the_sentence_of_every_criterion(width: int) -> None:
    text = " ".join(shown(width).split())
    for number, on in enumerate(VISITS, start=1):
        part = text.split(f"{day(on)} · time point {number}")[1].split(f"· time point {number + 1}")[0]
        for name in CRITERIA:
            assert name in part, (on, name)
    first = text.split("· time point 1 ")[1].split("· time point 2")[0]
    assert "RECIST 1.1 PD R11-TL-03" in first
    assert "+15.0 mm from the nadir 60.0 mm" in first.replace("  ", " ")
    assert "iUPD, to be confirmed" in first
