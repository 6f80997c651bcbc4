"""What a planted fault is: data that says what is wrong, which rule should find it, and how it is planted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from simulation.faults.sheets import ROW, NoSubjectError


class Stage(StrEnum):
    """Where a fault is planted: in what the readers measured (their responses follow), in the forms, in the scans."""

    READS = "READS"
    FORMS = "FORMS"
    SCANS = "SCANS"


class Expects(StrEnum):
    """What a fault should lead to: a row that is refused, or a finding of a quality rule."""

    REJECT = "REJECT"
    FINDING = "FINDING"


@dataclass(frozen=True, slots=True)
class Planted:
    """One thing that was planted: where it stands and what was there before.

    ``sheet`` and ``row`` name the row of a table (``row`` None: the row is gone); ``sop_instance_uid`` the scan.
    """

    sheet: str
    row: int | None
    subject: str
    field: str
    before: str
    after: str
    evaluator: str = ""
    visit: str = ""
    lesion: str = ""
    sop_instance_uid: str = ""


class Picker:
    """Gives every fault a subject of its own, so that no finding has two causes."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def first(self, rows: pl.DataFrame, subject: str = "subject_id") -> dict[str, Any]:
        """The first row of a subject that has no fault yet; raises `NoSubjectError`."""
        free = rows.filter(~pl.col(subject).is_in(sorted(self._taken)))
        if free.is_empty():
            raise NoSubjectError("no subject is left for it; simulate more subjects")
        row = free.row(0, named=True)
        self._taken.add(row[subject])
        return row


Plant = Callable[..., Iterable[Planted]]
"""Plants in `Sheets` with a `Picker`, or (stage SCANS) in the objects of one visit by path."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the catalogue.

    ``matter`` is the clause that is broken (rule book id, table, attribute); ``rule`` the quality rule that should
    find it; ``finds`` the words by which a reject's reason is known; ``needs`` the folder
    of objects (CT, PT, SEG, SR) without which a scan cannot have it.
    """

    id: str
    title: str
    stage: Stage
    matter: str
    plant: Plant
    rule: str = ""
    expects: Expects = Expects.FINDING
    finds: str = ""
    needs: str = ""


REFUSED = "ROW_REFUSED"
"""The rule that finds every row that is refused."""


class Catalogue:
    """Collects the faults of a module."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.faults: list[Fault] = []

    def add(
        self, fault_id: str, title: str, *, matter: str, rule: str = "", rejected: str = "", needs: str = ""
    ) -> Callable[[Plant], Plant]:
        """Register the decorated function; ``rejected`` are words of the reject's reason, where rows are refused."""

        def register(plant: Plant) -> Plant:
            expects = Expects.REJECT if rejected else Expects.FINDING
            found_by = rule or (REFUSED if rejected else "")
            self.faults.append(Fault(fault_id, title, self.stage, matter, plant, found_by, expects, rejected, needs))
            return plant

        return register


def shown(value: object) -> str:
    """A value as it stands in the key."""
    return "" if value is None else str(value)


def numbers(rows: pl.DataFrame) -> list[int]:
    """The lasting numbers of rows."""
    return rows[ROW].to_list()
