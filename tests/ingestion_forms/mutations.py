"""Forms spoilt cell by cell, and a naive reader that says what a cell may come to."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date

import polars as pl

from ingestion.forms import codes
from ingestion.forms.canonical import Forms

WORDS = (
    *("", "0", "-1", "1e9", "nan", "inf", "12,5", "12.5", "1.234,5", "cm", "mm", "ABSENT", "PRESENT", "PR", "PD", "CR"),
    *("UNEQUIVOCAL", "TOO SMALL TO MEASURE", "NOT DONE", "2024-02-30", "2024-02-29", "2024-01", "05.03.2024", "TARGET"),
    *(
        "NEW",
        "T01",
        "S-01",
        "S-99",
        "1",
        "2",
        "2.5",
        "LDIAM",
        "MERGED",
        "9999-99-99",
        "=1+1",
        "<b>&amp;",
        '"',
        "\t",
        "ü",
    ),
    *("0x10", "１２", "1_000", "+5", " 7 ", "7\u00a0", ".5", "5.", "1E2", "--", "NULL", "true", "Y", "ü"),
)


@dataclass(frozen=True)
class Mutation:
    """One cell that was changed."""

    row: int
    column: str
    old: str | None
    new: str


def mutated(
    table: pl.DataFrame, choice: random.Random, share: float, first: int
) -> tuple[pl.DataFrame, list[Mutation]]:
    """The table with about ``share`` of its ``first`` rows changed in one cell each."""
    cells = table.to_dict(as_series=False)
    done = []
    for row in range(first):
        if choice.random() >= share:
            continue
        column = choice.choice(table.columns)
        old = cells[column][row]
        new = choice.choice([choice.choice(WORDS), _nudged(old, choice)])
        cells[column][row] = new
        done.append(Mutation(row, column, old, new))
    return pl.DataFrame(cells, schema=table.schema), done


def _nudged(old: str | None, choice: random.Random) -> str:
    """A slip of the pen: a digit, a letter, a swap, a doubling."""
    text = list(old or "7")
    place = choice.randrange(len(text))
    match choice.randrange(4):
        case 0:
            text[place] = choice.choice("0123456789.,-XYZ ")
        case 1:
            del text[place]
        case 2:
            text.insert(place, choice.choice("0123456789.-x"))
        case _:
            text[place], text[place - 1] = text[place - 1], text[place]
    return "".join(text)


def plain_number(text: str | None) -> float | None:
    """The number that a person reads; None for anything else."""
    try:
        number = float((text or "").strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def plain_day(text: str | None) -> date | None:
    """The day that a person reads in ISO 8601."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def records_of(frame: pl.DataFrame, name: str) -> list[str]:
    """Rows of the file that a core table names as its source, records that became one row each on their own."""
    of_file = frame.filter(pl.col("source_name") == name)["source_record"]
    return [record for records in of_file for record in records.split(",")]


def unread(rows: pl.DataFrame, row_column: str) -> set[str]:
    """TR rows of tests that are known and not read: they are left out on purpose."""
    tests = pl.col("TRTESTCD").str.to_uppercase().str.strip_chars().is_in(codes.TESTS_NOT_READ)
    return set(rows.filter(tests.fill_null(False))[row_column].cast(pl.String))


def all_tables(forms: Forms) -> list[pl.DataFrame]:
    """The frames of all core tables that name their source."""
    names = [name for name in Forms.__dataclass_fields__ if name != "subject_group"]
    return [getattr(forms, name).frame for name in names]
