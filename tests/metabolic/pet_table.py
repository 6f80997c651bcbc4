"""PET reads as small text tables, and what the engine makes of them.

One line a lesion, one column a scan: ``BL`` or a study day such as ``d64``. A cell is SULpeak and words: ``0`` gone,
``NE`` not evaluable, ``-`` no record, ``+`` seen without a value; ``max=7.6`` SUVmax, ``mm=12`` functional diameter,
``ct=20`` size on CT, ``tlg=30``, ``mtv=5``, ``bg`` at background, ``IRAE`` and the other natures. Before the cells
stand the name of the lesion, its organ (``node`` makes a lymph node), and its role where the reader gave one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from criteria.metabolic.outcomes import all_best_metabolic_responses, all_metabolic_event_times
from criteria.metabolic.registry import metabolic_criterion
from criteria.metabolic.tables import PET_CHECK
from criteria.metabolic.timepoint import MetabolicResponses, PetReads, metabolic_responses
from criteria.table import Table
from criteria.tables import TIMEPOINT_RESPONSE
from criteria.vocabulary import LesionNature
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from ingestion.tables import CLINICAL_STATUS, RECORDED_RESPONSE, SUBJECT

Row = dict[str, Any]
DAY_1 = date(2024, 1, 1)
COURSE: Row = {"study_id": "STUDY", "subject_id": "1", "evaluator": "READER"}
WORDS = {"max": "suv_max", "mm": "functional_diameter_mm", "ct": "longest_diameter_mm", "tlg": "tlg_g", "mtv": "mtv_ml"}
NUMBERS = {**WORDS, "bsa": "suv_mean_bsa", "peak": "suv_peak", "vol": "ct_volume_ml", "smax": "sul_max"}


def day(number: int) -> date:
    return DAY_1 + timedelta(days=number - 1)


def days_of(text: str) -> list[int]:
    header = text.strip().splitlines()[0].split("|")[1:]
    return [1 if cell.strip() == "BL" else int(cell.strip().removeprefix("d")) for cell in header]


def lesions(text: str, **course: Any) -> list[Row]:
    body = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]
    return [
        {**COURSE, **course, "timepoint": number, "visit": f"VISIT {number}", "assessment_date": day(on)}
        | lesion(*name.split())
        | finding(cell)
        for name, *cells in body
        for number, (on, cell) in enumerate(zip(days_of(text), cells, strict=True))
        if cell != "-"
    ]


def lesion(lesion_id: str, organ: str, role: str | None = None) -> Row:
    return {"lesion_id": lesion_id, "organ": organ.replace("_", " "), "is_node": "node" in organ, "role": role}


def finding(cell: str) -> Row:
    first, *words = cell.split()
    if first in ("0", "NE"):
        return {"status": "RESOLVED" if first == "0" else "NE"}
    found: Row = {"status": "PRESENT"}
    if first != "+":
        found["sul_peak"] = float(first)
    for word in words:
        name, _, value = word.partition("=")
        if word == "bg":
            found["above_background"] = False
        elif word in LesionNature.__members__:
            found["nature"] = word
        elif word in ("LEFT", "RIGHT"):
            found["side"] = word
        else:
            found[NUMBERS[name]] = float(value)
    return found


def liver(text: str, *values: tuple[float, float] | None, region: str = "LIVER") -> list[Row]:
    """Mean and standard deviation of SUL of a region at the scans of a table; None where it is not usable."""
    return [
        {**COURSE, "timepoint": number, "assessment_date": day(on), "region": region, "usable": value is not None}
        | ({"sul_mean": value[0], "sul_sd": value[1]} if value else {})
        for number, (on, value) in enumerate(zip(days_of(text), values, strict=True))
    ]


def frame(table: Table, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in table.schema}, schema=table.schema)


def reads(
    rows: Sequence[Row],
    *,
    references: Sequence[Row] = (),
    cycles: Mapping[int, int] | None = None,
    recist: Mapping[int, str] | None = None,
    clinical: Sequence[Row] = (),
    checks: Sequence[Row] = (),
    subject: Row | None = None,
) -> PetReads:
    """What the engine reads of one subject; ``cycles`` and ``recist`` are by time point."""
    who = {"study_id": "STUDY", "subject_id": "1"}
    return PetReads(
        lesions=frame(PET_LESION, rows),
        references=frame(PET_REFERENCE, references),
        scans=frame(PET_SCAN, [who | {"timepoint": at, "cycles_before": n} for at, n in (cycles or {}).items()]),
        checks=frame(PET_CHECK, [COURSE | dict(row) for row in checks]),
        clinical=frame(CLINICAL_STATUS, [who | dict(row) for row in clinical]),
        subjects=frame(SUBJECT, [who | {"reference_date": DAY_1, "first_dose_date": DAY_1} | (subject or {})]),
        recorded=RECORDED_RESPONSE.empty(),
        responses=frame(
            TIMEPOINT_RESPONSE,
            [
                COURSE | {"criterion": "RECIST 1.1", "origin": "DERIVED", "timepoint": at, "overall_response": response}
                for at, response in (recist or {}).items()
            ],
        ),
    )


def judged(text: str, criterion: str, given: Mapping[str, Any] | None = None, **options: Any) -> list[Row]:
    """Response and details of every scan, in order."""
    found = respond(text, criterion, given, **options)
    both = found.responses.join(found.details.select("timepoint", pl.exclude(found.responses.columns)), on="timepoint")
    return both.sort("assessment_date", "timepoint").to_dicts()


def respond(text: str, criterion: str, given: Mapping[str, Any] | None = None, **options: Any) -> MetabolicResponses:
    return metabolic_responses(reads(lesions(text), **dict(given or {})), metabolic_criterion(criterion, **options))


def overall(text: str, criterion: str, given: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
    return [row["overall_response"] for row in judged(text, criterion, given, **options)]


def best(text: str, criterion: str, given: Mapping[str, Any] | None = None, **options: Any) -> Row:
    known = reads(lesions(text), **dict(given or {}))
    declared = metabolic_criterion(criterion, **options)
    found = metabolic_responses(known, declared)
    (row,) = all_best_metabolic_responses(found.responses, known.lesions, known.subjects, [declared]).to_dicts()
    return row


def times(text: str, criterion: str, given: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Row]:
    known = reads(lesions(text), **dict(given or {}))
    declared = metabolic_criterion(criterion, **options)
    found = metabolic_responses(known, declared)
    rows = all_metabolic_event_times(found.responses, known.lesions, known.subjects, [declared], ["fda"], 56, 7)
    return {row["endpoint"]: row for row in rows.to_dicts()}
