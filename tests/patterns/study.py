"""One course, from a small text table of lesions to its patterns.

Columns are study days (``d57``), the baseline (``BL`` = d1 = 2024-01-01) and scans before it (``pre60``: 60 days
earlier); cells are those of `tests.spec.table`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from criteria.dissociated import dissociated_response
from criteria.hyperprogression import hyperprogression
from criteria.kinetics import tumour_kinetics
from criteria.pattern_options import PatternOptions
from criteria.pseudoprogression import pseudoprogression
from criteria.registry import CRITERIA, criterion
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT
from tests.spec.evaluate import frame
from tests.spec.table import DAY_1, Row, day, read_cell

ALL_CRITERIA = tuple(CRITERIA)
RECIST = ("RECIST 1.1",)


def reads(text: str) -> list[Row]:
    """Measurement rows of one course."""
    header, *body = [line.split("|") for line in text.strip().splitlines() if line.strip()]
    columns = [cell.strip() for cell in header[1:]]
    baseline = columns.index("BL") if "BL" in columns else -1
    rows = []
    for name, *cells in body:
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            row = read_cell(name.strip(), place - baseline, 1 if column == "BL" else _day(column), cell.strip())
            if row is not None:
                rows.append(row)
    return rows


def _day(column: str) -> int:
    if column.startswith("pre"):
        return 1 - int(column.removeprefix("pre"))
    return int(column.removeprefix("d"))


@dataclass(frozen=True)
class Course:
    """One subject's lesions and dates (study days), and the criteria that judge them."""

    rows: Sequence[Mapping[str, Any]]
    subject: Mapping[str, Any] = field(default_factory=dict)
    criteria: tuple[str, ...] = RECIST

    @property
    def measurements(self) -> pl.DataFrame:
        return frame(MEASUREMENT, self.rows)

    @property
    def subjects(self) -> pl.DataFrame:
        return frame(SUBJECT, [{"reference_date": DAY_1, "last_alive_date": day(400)} | dict(self.subject)])

    @property
    def responses(self) -> pl.DataFrame:
        declared = [criterion(name) for name in self.criteria]
        return all_timepoint_responses(self.measurements, RECORDED_RESPONSE.empty(), self.subjects, declared)

    @property
    def best(self) -> pl.DataFrame:
        return all_best_responses(self.responses, self.subjects, [criterion(name) for name in self.criteria])

    @property
    def event_times(self) -> pl.DataFrame:
        declared = [criterion(name) for name in self.criteria]
        return all_event_times(self.responses, self.best, self.subjects, declared, ["fda"], 56, 7)

    def kinetics(self, **options: Any) -> dict[str, Row]:
        """Rows of analysis.tumour_kinetics by period."""
        found = tumour_kinetics(self.measurements, self.subjects, PatternOptions(**options))
        return {row["period"]: row for row in found.to_dicts()}

    def hyperprogression(self, ecog: pl.DataFrame | None = None, **options: Any) -> dict[str, Row]:
        """Rows of analysis.pattern by definition."""
        chosen = PatternOptions(**options)
        kinetics = tumour_kinetics(self.measurements, self.subjects, chosen)
        found = hyperprogression(self.measurements, kinetics, self.responses, self.best, self.subjects, ecog, chosen)
        return by_definition(found)

    def dissociated(self, **options: Any) -> dict[str, Row]:
        """Rows of analysis.pattern by definition."""
        return by_definition(dissociated_response(self.measurements, self.subjects, PatternOptions(**options)))

    def pseudoprogression(self, criterion_id: str, **options: Any) -> dict[str, Row]:
        """Rows of analysis.pattern by definition, under one criterion."""
        found = pseudoprogression(
            self.measurements, self.responses, self.best, self.subjects, PatternOptions(**options)
        )
        return by_definition(found.filter(pl.col("criterion") == criterion_id))


def course(text: str, criteria: tuple[str, ...] = RECIST, **dates: int | str | None) -> Course:
    """A course by its table; dates of the subject (``discontinuation``, ``death``, ...) are study days."""
    subject: dict[str, Any] = {
        f"{name}_date": day(number) if isinstance(number, int) else None for name, number in dates.items()
    }
    return Course(reads(text), subject, criteria)


def by_definition(found: pl.DataFrame) -> dict[str, Row]:
    return {row["definition"]: row for row in found.to_dicts()}


def present(rows: Mapping[str, Row]) -> dict[str, str]:
    """Definition to Y, N or NOT_EVALUABLE."""
    return {definition: row["present"] for definition, row in rows.items()}


def ecog(**visits: int) -> pl.DataFrame:
    """Performance status by study day: ``ecog(d1=0, d30=2)``."""
    return pl.DataFrame(
        {
            "subject_id": ["1"] * len(visits),
            "date": [day(int(name.removeprefix("d"))) for name in visits],
            "ecog": list(visits.values()),
        }
    )


def shifted(rows: Sequence[Mapping[str, Any]], days: int) -> list[Row]:
    """The rows with every date moved."""
    return [
        {name: value + timedelta(days=days) if isinstance(value, date) else value for name, value in row.items()}
        for row in rows
    ]
