"""Excel and OpenDocument workbooks: every sheet with rows is a table; typed cells become plain text."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    XmlError,
    ZipError,
)

from ingestion.forms.readers.records import (
    ReadOptions,
    Records,
    UnreadableFileError,
    cell_text,
    table_of,
    trimmed_header,
)

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
HEADER_WITHIN = 30
MOST_CELLS = 50_000_000
EXPORT_AGAIN = "open it in Excel and save it again, or send CSV (UTF-8)"
CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
BLOCK = 1 << 20


def read_workbook(path: Path, options: ReadOptions) -> Iterator[Records]:
    """The visible sheets with rows, each with the row numbers that Excel shows.

    The header is the row among the first ones with the most known column names, else the first row with text.
    Raises `UnreadableFileError`.
    """
    _refuse_a_bomb(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            for about in workbook.sheets_metadata:
                if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible:
                    sheet = workbook.get_sheet_by_name(about.name)
                    rows = sheet.to_python(skip_empty_area=False) if sheet.height else []
                    records = _records(rows, about.name, options)
                    if records is not None:
                        yield records
    except PasswordError as error:
        raise UnreadableFileError("the workbook is protected by a password", "send it without one") from error
    except (CalamineError, XmlError, ZipError, OSError) as error:
        raise UnreadableFileError(f"not a readable workbook: {error}", EXPORT_AGAIN) from error


def _records(rows: Sequence[Sequence[Any]], sheet: str, options: ReadOptions) -> Records | None:
    text = [[cell_text(cell) for cell in row] for row in rows]
    place = _header_place(text, options.known_columns)
    if place is None:
        return None
    header = trimmed_header(text[place])
    width = len(header)
    below = [(number, row) for number, row in enumerate(text[place + 1 :], start=place + 2) if any(map(str.strip, row))]
    fitting = [(number, row[:width]) for number, row in below if not any(map(str.strip, row[width:]))]
    surplus = [(number, row) for number, row in below if any(map(str.strip, row[width:]))]
    table = table_of([row for _, row in fitting], [number for number, _ in fitting], width)
    remarks = (f"header in row {place + 1}",) if place else ()
    return Records(header, table, name=sheet, sheet=sheet, ragged=surplus, remarks=remarks)


def _header_place(rows: Sequence[Sequence[str]], known: frozenset[str]) -> int | None:
    """The row that is the header: most known column names, at least two; else the first row that is not blank."""
    candidates = [number for number, row in enumerate(rows) if any(map(str.strip, row))][:HEADER_WITHIN]
    if not candidates:
        return None
    matches = {number: len({cell.strip().upper() for cell in rows[number]} & known) for number in candidates}
    best = max(candidates, key=lambda number: (matches[number], -number))
    return best if matches[best] > 1 else candidates[0]


def _refuse_a_bomb(path: Path) -> None:
    """A sheet whose farthest cell spans more cells than any form has would fill the memory before it is seen."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                    _refuse_far_cells(archive, member)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFileError(f"not a readable workbook: {error}", EXPORT_AGAIN) from error


def _refuse_far_cells(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    last_column = last_row = 0
    overlap = b""
    with archive.open(member) as file:
        while content := file.read(BLOCK):
            block = overlap + content
            for column, row in CELL.findall(block):
                last_column, last_row = max(last_column, _column(column)), max(last_row, int(row))
            overlap = block[-64:]
            if last_column * last_row > MOST_CELLS:
                raise UnreadableFileError(
                    f"a sheet spans {last_row:,} rows and {last_column:,} columns",
                    "delete the stray cells far from the table, or send CSV (UTF-8)",
                )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
