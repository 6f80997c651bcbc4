"""Frames on the terminal and in files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nadir.errors import UserError

WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": lambda frame, path: frame.write_csv(path),
    ".json": lambda frame, path: frame.write_json(path),
    ".parquet": lambda frame, path: frame.write_parquet(path),
}


def table(frame: pl.DataFrame, title: str | None = None) -> Table:
    """A frame as a table for the terminal; numbers to the right, nothing for null."""
    shown = Table(title=title, title_justify="left", header_style="bold")
    for name, dtype in frame.schema.items():
        shown.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        shown.add_row(*(_cell(value) for value in row))
    return shown


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame in the format of the file's suffix: .csv, .json or .parquet."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UserError(f"{path}: cannot write {path.suffix or 'a file without suffix'}; use {', '.join(WRITERS)}")
    try:
        writer(frame, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from error


def show(console: Console, frame: pl.DataFrame, title: str | None = None, rows: int = 40) -> None:
    """Print a frame; on a terminal at most ``rows`` of it, into a pipe as CSV."""
    if not console.is_terminal and title is None:
        sys.stdout.write(frame.write_csv())
        return
    console.print(table(frame.head(rows), title))
    if frame.height > rows:
        console.print(f"... {frame.height - rows} more rows; --out FILE writes all of them", style="dim")


def complain_of_rejects(console: Console, rejects: pl.DataFrame) -> None:
    """Print what could not be used: file, row, field, value, why, and what to do (rows of raw.reject)."""
    console.print(f"{rejects.height} rows were not used:", style="bold red")
    for row in rejects.iter_rows(named=True):
        cell = f"{row['field']} = {row['value']!r}: " if row["field"] else ""
        text = f"{row['source_name']} row {row['source_record']}: {cell}{row['reason']}; {row['remedy']}"
        console.print(f"  {escape(text)}", soft_wrap=True)
