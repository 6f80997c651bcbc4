"""SAS version 5 transport files (XPT): every member, in chunks, as text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyreadstat

from ingestion.forms.readers.records import (
    ROW_TYPE,
    Records,
    UnreadableFileError,
    cell_text,
    cleaned,
    plain_number,
    positions,
)
from ingestion.forms.sifting import ROW

SIGNATURE = b"HEADER RECORD*******LIB"
MEMBER = b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!"
CARD = 80
SAS_EPOCH = date(1960, 1, 1)
ROWS_AT_ONCE = 250_000
LATEST_DAY = (date.max - SAS_EPOCH).days
FAILURES = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError, OverflowError)


def read_transport(path: Path) -> Iterator[Records]:
    """The records of each member (first record = 1), every value as text, with the member's name.

    Numbers are written with up to 15 significant digits, dates as ISO 8601. Raises `UnreadableFileError`.
    """
    members = _member_offsets(path)
    if len(members) == 1:
        yield _read(path, None)
        return
    with TemporaryDirectory() as folder:
        for number, (start, end) in enumerate(zip(members, [*members[1:], path.stat().st_size], strict=True)):
            member = Path(folder) / f"{number}.xpt"
            _cut(path, member, members[0], start, end)
            records = _read(member, None)
            yield Records(records.header, records.table, name=records.name, sheet=records.name or str(number + 1))
            member.unlink()


def _read(path: Path, sheet: str | None) -> Records:
    tables, names, member, start = [], [], "", 0
    while True:
        try:
            frame, about = pyreadstat.read_xport(
                str(path), output_format="polars", row_offset=start, row_limit=ROWS_AT_ONCE
            )
        except FAILURES as error:
            raise UnreadableFileError(f"not a readable SAS transport file: {error}", "export the file again") from error
        names, member = list(about.column_names), str(about.table_name or "")
        text = frame.select(_text(column).alias(str(number)) for number, column in enumerate(frame.get_columns()))
        rows = pl.arange(start + 1, start + 1 + text.height, dtype=ROW_TYPE, eager=True).alias(ROW)
        tables.append(cleaned(text).with_columns(rows))
        start += frame.height
        if frame.height < ROWS_AT_ONCE:
            break
    empty = pl.DataFrame(schema={**dict.fromkeys(positions(len(names)), pl.String), ROW: ROW_TYPE})
    table = pl.concat([empty, *(part for part in tables if part.width == empty.width)])
    return Records(header=names, table=table, name=member.strip(), sheet=sheet)


def _text(column: pl.Series) -> pl.Series:
    """A column as text; numbers are written out once for each distinct value."""
    if column.dtype == pl.String:
        return column
    distinct = column.drop_nulls().unique()
    if column.dtype.is_numeric():
        in_days = column.name.upper().endswith("DTC")
        texts = [_date(value) if in_days else plain_number(value) for value in distinct]
    else:
        texts = [cell_text(value) for value in distinct]
    return column.replace_strict(distinct, pl.Series(texts, dtype=pl.String), default=None, return_dtype=pl.String)


def _date(days: float) -> str:
    """A number of days since 1960 in a date column without a date format; out of the calendar, the number itself."""
    if not 0 <= days + SAS_EPOCH.toordinal() <= LATEST_DAY + SAS_EPOCH.toordinal():
        return plain_number(days)
    return (SAS_EPOCH + timedelta(days=int(days))).isoformat()


def _member_offsets(path: Path) -> list[int]:
    """Where the members begin; a member's header stands at the beginning of a card of 80 bytes."""
    offsets, position, overlap = [], 0, b""
    with path.open("rb") as file:
        while content := file.read(CARD * 100_000):
            block, base = overlap + content, position - len(overlap)
            found = block.find(MEMBER)
            while found >= 0:
                if (base + found) % CARD == 0 and base + found not in offsets:
                    offsets.append(base + found)
                found = block.find(MEMBER, found + 1)
            position += len(content)
            overlap = block[-len(MEMBER) :]
    return offsets or [0]


def _cut(path: Path, member: Path, library: int, start: int, end: int) -> None:
    """A file of its own for one member: the library's header and the member."""
    with path.open("rb") as source, member.open("wb") as copy:
        copy.write(source.read(library))
        source.seek(start)
        remaining = end - start
        while remaining > 0:
            content = source.read(min(1 << 20, remaining))
            if not content:
                break
            copy.write(content)
            remaining -= len(content)
        shutil.copystat(path, member)
