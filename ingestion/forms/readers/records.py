"""What a reader gives of a file: its tables as text, whatever the format."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import polars as pl

from ingestion.forms.sifting import ROW

MISSING = ("", ".")
ROW_TYPE = pl.UInt32


class UnreadableFileError(ValueError):
    """A file cannot be read; ``remedy`` says what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the protocol says of a file that the file does not say itself."""

    encoding: str | None = None
    delimiter: str | None = None
    known_columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that cannot be used, beside its rows."""

    reason: str
    remedy: str
    record: str | None = None
    field: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """One table of a file: a sheet, a member, a data set, an item group, or the whole of a delimited file.

    ``table`` has the columns ``"0"``, ``"1"``, ... in the order of ``header``, all text, empty cells null, and `_row`.
    ``sheet`` is what a row number is counted in; null where a file has one table. ``name`` is the data set's own name.
    ``ragged`` holds the records with another number of fields than the header. ``marks`` are the columns of ``table``
    beyond the header's (ODM: what a row does to the records received before).
    """

    header: list[str]
    table: pl.DataFrame
    name: str = ""
    sheet: str | None = None
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)
    remarks: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is a header and nothing below it."""
        return self.table.is_empty() and not self.ragged and not self.problems


def positions(width: int) -> list[str]:
    """The names of a table's columns before the header is applied."""
    return [str(number) for number in range(width)]


def table_of(rows: Sequence[Sequence[str | None]], numbers: Sequence[int], width: int) -> pl.DataFrame:
    """Text rows of equal width with their record numbers as a table."""
    columns: Iterable[Sequence[str | None]] = zip(*rows, strict=True) if rows else [[]] * width
    data = {
        name: pl.Series(name, values, dtype=pl.String) for name, values in zip(positions(width), columns, strict=True)
    }
    return cleaned(pl.DataFrame(data)).with_columns(pl.Series(ROW, numbers, dtype=ROW_TYPE))


def cleaned(table: pl.DataFrame) -> pl.DataFrame:
    """Text columns without surrounding blanks; what stands for a missing value is null."""
    text = pl.col(pl.String).str.strip_chars()
    return table.with_columns(pl.when(~text.is_in(MISSING)).then(text))


def without_blank_rows(table: pl.DataFrame) -> pl.DataFrame:
    """The rows with a value in any column."""
    return table.filter(pl.any_horizontal(pl.all().exclude(ROW).is_not_null())) if table.width > 1 else table.clear()


def trimmed_header(header: Sequence[str]) -> list[str]:
    """Column names without surrounding blanks, without the nameless ones at the end."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return names


def plain_number(value: float) -> str:
    """A number as people write it: whole ones without a point, at most 15 significant digits, no rounding noise."""
    if math.isnan(value) or math.isinf(value):
        return ""
    text = format(value, ".15g")
    if "e" in text and abs(value) < 1e15 and abs(value) >= 1e-7:
        text = format(value, ".15f").rstrip("0").rstrip(".")
    return text


def cell_text(value: Any) -> str:
    """A typed cell as text: numbers plain, dates ISO 8601, a time of day only where there is one."""
    match value:
        case bool():
            return "Y" if value else "N"
        case float():
            return plain_number(value)
        case timedelta():
            return plain_number(value.total_seconds())
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(timespec=_precision(value))
        case time():
            return value.isoformat(timespec=_precision(value))
        case _:
            return "" if value is None else str(value)


def _precision(value: datetime | time) -> str:
    return "minutes" if value.second == 0 and value.microsecond == 0 else "seconds"
