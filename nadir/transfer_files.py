"""A transfer's report as a file for its sender: a workbook, a table of everything to look at, or a page."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from nadir.transfer import TransferReport
from nadir.written_files import write_file

STYLE = (
    "body{font:14px/1.4 sans-serif;margin:2em;max-width:90em}table{border-collapse:collapse;margin:0 0 2em}"
    "th,td{border:1px solid #ccc;padding:.25em .6em;text-align:left;vertical-align:top}th{background:#eee}"
)
WIDEST = 60


def write_report(report: TransferReport, out: Path) -> None:
    """Write the report in the format of the file's suffix: .xlsx, .csv or .html."""
    write_file(report, out, WRITERS)


def _parts(report: TransferReport) -> dict[str, pl.DataFrame]:
    return {
        "Summary": report.summary,
        "Files": report.files,
        "Not used": report.rejects,
        "Reasons": report.reasons,
        "Changes": report.changes,
    }


def _workbook(report: TransferReport, out: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(out), options) as workbook:
        bold = workbook.add_format({"bold": True, "bg_color": "#EEEEEE"})
        for name, frame in _parts(report).items():
            sheet = workbook.add_worksheet(name)
            top = 0
            if name == "Summary":
                sheet.write_string(0, 0, report.title)
                top = 2
            for place, column in enumerate(frame.columns):
                sheet.write_string(top, place, column, bold)
                texts = frame[column].cast(pl.String).str.len_chars().max()
                sheet.set_column(place, place, min(WIDEST, max(len(column), int(str(texts or 0))) + 2))
                sheet.write_column(top + 1, place, [_plain(value) for value in frame[column]])
            sheet.freeze_panes(top + 1, 0)
            if frame.height:
                sheet.autofilter(top, 0, top + frame.height, frame.width - 1)


def _plain(value: Any) -> Any:
    return "" if value is None else value


def _table(report: TransferReport, out: Path) -> None:
    """One row per reject and per change."""
    rejected = report.rejects.select(
        pl.lit("NOT USED").alias("what"), "file", "row", "subject", "form", "field", "value", "reason", "remedy"
    )
    changed = report.changes.select(
        pl.col("kind").alias("what"),
        pl.coalesce("new_file", "old_file").alias("file"),
        pl.coalesce("new_row", "old_row").alias("row"),
        "subject",
        "form",
        "field",
        pl.col("new_value").alias("value"),
        pl.col("reason"),
        pl.format("was {}", "old_value").alias("remedy"),
    )
    pl.concat([rejected, changed]).write_csv(out)


def _page(report: TransferReport, out: Path) -> None:
    parts = [f"<h1>{escape(report.title)}</h1>"]
    for name, frame in _parts(report).items():
        parts.append(f"<h2>{escape(name)}</h2>")
        parts.append(_rows(frame) if frame.height else "<p>none</p>")
    text = "\n".join(parts)
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(report.title)}</title>'
    out.write_text(f"{page}<style>{STYLE}</style>\n{text}\n</html>\n", encoding="utf-8")


def _rows(frame: pl.DataFrame) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in frame.columns)
    body = [
        "<tr>" + "".join(f"<td>{escape(str(_plain(value)))}</td>" for value in row) + "</tr>"
        for row in frame.iter_rows()
    ]
    return "\n".join([f"<table><tr>{head}</tr>", *body, "</table>"])


WRITERS: dict[str, Callable[[TransferReport, Path], None]] = {".xlsx": _workbook, ".csv": _table, ".html": _page}
