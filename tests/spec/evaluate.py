"""One way to ask either implementation: the reference reading (``oracle``) and the engine (``engine``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from criteria.table import Table
from criteria.tables import BEST_RESPONSE, TIMEPOINT_RESPONSE
from ingestion.tables import CLINICAL_STATUS, MEASUREMENT, SUBJECT
from tests.oracle import evaluation as oracle
from tests.spec.table import day

Record = Mapping[str, Any]

IMPLEMENTATIONS = ("oracle", "engine")
SUBJECT_1: dict[str, Any] = {
    "reference_date": day(1),
    "death_date": None,
    "last_alive_date": None,
    "new_therapy_date": None,
}
COURSE = {"study_id": "STUDY", "subject_id": "1"}


@dataclass(frozen=True)
class Evaluate:
    """Responses, best response and event times of one course by one implementation."""

    implementation: str

    def timepoint_responses(self, rows: Sequence[Record], criterion: str, **options: Any) -> list[dict[str, Any]]:
        """Responses in date order, with the columns of analysis.timepoint_response."""
        if self.implementation == "oracle":
            return oracle.timepoint_responses(rows, criterion, **options)
        engine = load("criteria.timepoint", "timepoint_responses")
        status = frame(CLINICAL_STATUS, options.pop("clinical_status", ()))
        found = engine(frame(MEASUREMENT, rows), declaration(criterion, options), clinical_status=status)
        return list(found.sort("assessment_date", "timepoint").to_dicts())

    def overall(self, rows: Sequence[Record], criterion: str, **options: Any) -> list[str]:
        """The overall responses only."""
        return [r["overall_response"] for r in self.timepoint_responses(rows, criterion, **options)]

    def best_response(
        self, responses: Sequence[Record], criterion: str, subject: Record | None = None, **options: Any
    ) -> dict[str, Any]:
        """Best response of the given time point responses."""
        subject = SUBJECT_1 | dict(subject or {})
        if self.implementation == "oracle":
            return oracle.best_response(responses, criterion, subject, **options)
        engine = load("criteria.best_response", "best_responses")
        status = frame(CLINICAL_STATUS, options.pop("clinical_status", ()))
        found = engine(
            self._responses(responses, criterion), declaration(criterion, options), frame(SUBJECT, [subject]), status
        )
        return dict(found.row(0, named=True))

    def event_time(
        self,
        responses: Sequence[Record],
        criterion: str,
        profile: str,
        subject: Record | None = None,
        *,
        endpoint: str = "PFS",
        interval_days: int = 56,
        window_days: int = 7,
        **options: Any,
    ) -> dict[str, Any] | None:
        """PFS, TTR, DOR (under the criterion's own prefix: iPFS, ...) or OS; None when it does not apply."""
        subject = SUBJECT_1 | dict(subject or {})
        best = self.best_response(responses, criterion, subject, **options)
        if endpoint != "OS":
            endpoint = oracle.CRITERIA[criterion].pfs.removesuffix("PFS") + endpoint
        if self.implementation == "oracle":
            found = oracle.event_times(
                responses, best, criterion, subject, profile, interval_days=interval_days, window_days=window_days
            )
            return found.get(endpoint)
        if endpoint == "OS":
            survival = load("criteria.event_time", "overall_survival")(frame(SUBJECT, [subject]), profile)
            return dict(survival.row(0, named=True))
        engine = load("criteria.event_time", "event_times")
        times = engine(
            self._responses(responses, criterion),
            BEST_RESPONSE.conform(pl.DataFrame([best], schema=BEST_RESPONSE.schema)),
            declaration(criterion, options),
            frame(SUBJECT, [subject]),
            profile,
            interval_days=interval_days,
            window_days=window_days,
        )
        rows = times.filter(pl.col("endpoint") == endpoint).to_dicts()
        return rows[0] if rows else None

    def _responses(self, responses: Sequence[Record], criterion: str) -> pl.DataFrame:
        own = {"criterion": criterion, "origin": "DERIVED", "evaluator": "INVESTIGATOR"}
        return frame(TIMEPOINT_RESPONSE, [own | dict(response) for response in responses])


def load(module: str, function: str) -> Any:
    """A function of the engine."""
    return getattr(pytest.importorskip(module, exc_type=ModuleNotFoundError), function)


def declaration(criterion: str, options: Mapping[str, Any]) -> Any:
    """The engine's declaration of a criterion with its options; skips while it does not know the criterion."""
    if criterion not in load("criteria.registry", "CRITERIA"):
        pytest.skip(f"the engine does not know {criterion}")
    return load("criteria.registry", "criterion")(criterion, **options)


def frame(table: Table, rows: Sequence[Record]) -> pl.DataFrame:
    """The rows as a frame of a declared table, all of one course."""
    own = COURSE | ({"evaluator": "INVESTIGATOR"} if "evaluator" in table.schema else {})
    named = [own | {name: row.get(name) for name in row if name in table.schema} for row in rows]
    columns = {name: [row.get(name) for row in named] for name in table.schema}
    return pl.DataFrame(columns, schema=table.schema)
