"""Worked examples of the metabolic criteria: PET lesions as small text tables, run through the engine.

One line a lesion with its organ, one column a scan. A cell is SULpeak and words: ``0`` gone, ``-`` no record,
``max=12`` SUVmax, ``mm=12`` functional diameter, ``IRAE`` a nature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import yaml

from criteria.metabolic.declaration import Metabolic
from criteria.metabolic.tables import PET_CHECK
from criteria.metabolic.timepoint import PetReads, metabolic_responses
from criteria.table import Table
from criteria.tables import TIMEPOINT_RESPONSE
from docs.lesion_table import DAY_1, day
from docs.markdown import table
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from ingestion.tables import CLINICAL_STATUS, RECORDED_RESPONSE, SUBJECT

FOLDER = Path(__file__).parent / "examples" / "pet"
CAPTION = (
    "Columns are study days (BL is day 1, 2024-01-01), cells SULpeak: `0` gone, `-` no record, `max=` SUVmax, `mm=` "
    "functional diameter, `IRAE` taken for an immune-related adverse event."
)
COURSE = {"study_id": "EXAMPLE", "subject_id": "1", "evaluator": "READER"}
WORDS = {"max": "suv_max", "mm": "functional_diameter_mm"}
RESPONSES = {
    "study_day": "day",
    "target_sum": "value",
    "target_response": "target",
    "nontarget_response": "others",
    "new_lesion": "new",
    "overall_response": "response",
    "clause": "clause",
    "explanation": "why",
}


@dataclass(frozen=True, slots=True)
class Example:
    """One PET table, what it shows, and under which criterion (``all``: every one)."""

    title: str
    shows: str
    under: str
    lesions: str
    recist: dict[int, str] = field(default_factory=dict)
    cycles: dict[int, int] = field(default_factory=dict)


def examples() -> tuple[Example, ...]:
    """The examples of ``docs/examples/pet``, in the order of their file names."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.txt")))


def worked(example: Example, declared: Metabolic) -> str:
    """The responses of an example under one criterion as a table."""
    found = metabolic_responses(_reads(example), declared).responses.sort("study_day")
    return table(RESPONSES.values(), found.select(RESPONSES.keys()).rows())


def outcome(example: Example, declared: Metabolic) -> tuple[str, str, str]:
    """Response, clause and sentence of an example with one scan after the baseline."""
    (row,) = metabolic_responses(_reads(example), declared).responses.to_dicts()
    return row["overall_response"], row["clause"], row["explanation"]


def _read(path: Path) -> Example:
    head, _, lesions = path.read_text(encoding="utf-8").partition("\n---\n")
    return Example(**yaml.safe_load(head), lesions=lesions)


def _reads(example: Example) -> PetReads:
    header, *body = [[cell.strip() for cell in line.split("|")] for line in example.lesions.strip().splitlines()]
    days = [1 if column == "BL" else int(column.removeprefix("d")) for column in header[1:]]
    lesions = [
        {**COURSE, "timepoint": number, "assessment_date": day(on), "lesion_id": name.split()[0]}
        | {"organ": name.split()[1], "is_node": "node" in name}
        | _finding(cell)
        for name, *cells in body
        for number, (on, cell) in enumerate(zip(days, cells, strict=True))
        if cell != "-"
    ]
    who = {"study_id": "EXAMPLE", "subject_id": "1"}
    recist = [
        COURSE | {"criterion": "RECIST 1.1", "origin": "DERIVED", "timepoint": at, "overall_response": response}
        for at, response in example.recist.items()
    ]
    return PetReads(
        lesions=_frame(PET_LESION, lesions),
        references=PET_REFERENCE.empty(),
        scans=_frame(PET_SCAN, [who | {"timepoint": at, "cycles_before": n} for at, n in example.cycles.items()]),
        checks=PET_CHECK.empty(),
        clinical=CLINICAL_STATUS.empty(),
        subjects=_frame(SUBJECT, [who | {"reference_date": DAY_1, "first_dose_date": DAY_1}]),
        recorded=RECORDED_RESPONSE.empty(),
        responses=_frame(TIMEPOINT_RESPONSE, recist),
    )


def _finding(cell: str) -> dict[str, object]:
    value, *words = cell.split()
    if value == "0":
        return {"status": "RESOLVED"}
    found: dict[str, object] = {"status": "PRESENT", "sul_peak": float(value)}
    for word in words:
        name, is_number, number = word.partition("=")
        found |= {WORDS[name]: float(number)} if is_number else {"nature": name}
    return found


def _frame(declared: Table, rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in declared.schema}, schema=declared.schema)
