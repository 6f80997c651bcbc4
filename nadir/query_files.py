"""Lists of queries as files: a workbook or a CSV file that a site fills in, and reading it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import xlsxwriter

from ingestion.forms.readers.delimited import read_delimited
from ingestion.forms.readers.excel import read_workbook
from ingestion.forms.readers.records import ReadOptions, Records, UnreadableFileError
from ingestion.forms.sifting import ROW
from nadir.errors import UserError
from nadir.written_files import checked, write_file
from quality.answer import MEANINGS, AnswerKind
from quality.query_sheet import NEEDED, SHOWN, TO_FILL

TITLE, HOW = "Queries", "How to answer"
WIDTHS = {"query": 21, "message": 70, "answer": 50, "last_answer": 30, "answer_kind": 16, "asked_at": 18}
NARROWEST, WIDEST = 10, 26
FORMULA = r"^(?:[=@\t\r]|[+-][^0-9.])"
KNOWN = frozenset({*SHOWN, *TO_FILL})


def write_sheet(frame: pl.DataFrame, out: Path) -> None:
    """Write the list (`quality.query_sheet.sheet`) in the format of the file's suffix: .xlsx or .csv."""
    write_file(frame, out, WRITERS)


def write_by_site(frame: pl.DataFrame, folder: Path, study: str, suffix: str) -> list[Path]:
    """One list a site, ``STUDY_SITE.xlsx``; queries without a site are in ``STUDY_no_site.xlsx``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made: {error.strerror or error}") from error
    written: dict[str, Path] = {}
    for (site,), of_site in frame.sort("site", maintain_order=True).group_by("site", maintain_order=True):
        name = re.sub(r"[^\w.-]+", "_", str(site)) if site else "no_site"
        out = folder / f"{study}_{name}{suffix}"
        if out.name.casefold() in written:
            raise UserError(f"two sites would be written to {out}: export them one by one with --site")
        write_sheet(of_site, out)
        written[out.name.casefold()] = out
    return list(written.values())


def read_sheet(path: Path) -> tuple[pl.DataFrame, list[int]]:
    """The rows of a filled list as text with their ``row`` number, and the rows with too many or too few cells."""
    if not checked(path, tuple(WRITERS)).is_file():
        raise UserError(f"{path}: no such file")
    records = _records(path)
    header = [name.strip().lower() for name in records.header]
    doubled = sorted({name for name in header if name in KNOWN and header.count(name) > 1})
    if doubled:
        raise UserError(f"{path}: column {doubled[0]} is there twice; leave one of them")
    taken = {str(place): name for place, name in enumerate(header) if name in KNOWN}
    frame = records.table.select(ROW, *taken).rename({**taken, ROW: "row"})
    return frame.with_columns(pl.col("row").cast(pl.String)), [number for number, _ in records.ragged]


def _records(path: Path) -> Records:
    options = ReadOptions(known_columns=KNOWN)
    try:
        csv = path.suffix.lower() == ".csv"
        tables = [read_delimited(path, options)] if csv else list(read_workbook(path, options))
    except UnreadableFileError as error:
        raise UserError(f"{path}: {error.reason}; {error.remedy}") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    for table in tables:
        if {name.strip().lower() for name in table.header} >= set(NEEDED):
            return table
    raise UserError(
        f"{path}: no table with the columns {' and '.join(NEEDED)}; fill in a list that `nadir queries export` wrote, "
        "and leave its header as it is"
    )


def _workbook(frame: pl.DataFrame, out: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(out), options) as workbook:
        shown = workbook.add_format({"bold": True, "bg_color": "#EEEEEE", "border": 1})
        asked = workbook.add_format({"bold": True, "bg_color": "#FFD966", "border": 1})
        text = workbook.add_format({"text_wrap": True, "valign": "top"})
        empty = workbook.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFF9E5", "num_format": "@"})
        sheet = workbook.add_worksheet(TITLE)
        for place, name in enumerate(frame.columns):
            to_fill = name in TO_FILL
            sheet.set_column(place, place, _width(frame[name]), empty if to_fill else text)
            sheet.write_string(0, place, name, asked if to_fill else shown)
            for row, value in enumerate(frame[name], start=1):
                if value is None:
                    sheet.write_blank(row, place, None, empty if to_fill else text)
                else:
                    sheet.write(row, place, value, text)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(frame.height, 1), frame.width - 1)
        kinds = frame.columns.index("answer_kind")
        sheet.data_validation(
            1,
            kinds,
            max(frame.height, 1),
            kinds,
            {
                "validate": "list",
                "source": [kind.value for kind in AnswerKind],
                "error_title": "answer_kind",
                "error_message": "choose one of the listed words",
            },
        )
        _explain(workbook.add_worksheet(HOW), shown)


def _explain(sheet: xlsxwriter.worksheet.Worksheet, bold: xlsxwriter.format.Format) -> None:
    rows = (
        ("column", "what to write"),
        ("answer", "the answer in words; rows without an answer are passed over"),
        *(("answer_kind", f"{kind.value}: {meaning}") for kind, meaning in MEANINGS.items()),
        ("answered_by", "who gives the answer"),
        ("the others", "leave as they are; rows can be sorted, filtered and left out"),
    )
    for number, (name, meaning) in enumerate(rows):
        sheet.write_row(number, 0, (name, meaning), bold if number == 0 else None)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 80)


def _width(column: pl.Series) -> int:
    longest = column.cast(pl.String).str.len_chars().max()
    needed = max(len(column.name), int(str(longest or 0))) + 2
    return WIDTHS.get(column.name, min(WIDEST, max(NARROWEST, needed)))


def _csv(frame: pl.DataFrame, out: Path) -> None:
    """With a byte order mark, by which Excel knows UTF-8, and an apostrophe before what it would take for a formula."""
    safe = [
        pl.when(pl.col(name).str.contains(FORMULA))
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(name)
        .alias(name)
        for name, dtype in frame.schema.items()
        if dtype == pl.String
    ]
    frame.with_columns(safe).write_csv(out, include_bom=True)


WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {".xlsx": _workbook, ".csv": _csv}
