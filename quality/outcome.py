"""How a rule came out: four statuses that are never mixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl


class Status(StrEnum):
    """PASS and FAIL speak of the data; ERROR says the rule could not be evaluated, SKIPPED that it had no input."""

    PASS = "PASS"
    FAIL = "FAIL"
    ERROR = "ERROR"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule's result: how many rows it applied to, how many failed, and the listed failing rows themselves."""

    rule_id: str
    status: Status
    reason: str | None = None
    checked: int = 0
    failed: int = 0
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
