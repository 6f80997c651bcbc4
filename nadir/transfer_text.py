"""A transfer's report as lines of text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from nadir.transfer import TransferReport

LINES = 40


def lines(report: TransferReport) -> Iterator[str]:
    """The report, each part cut at ``LINES`` lines; the written report has all of them."""
    yield report.title
    yield "  " + ", ".join(f"{row['number']:,} {row['what']}" for row in report.summary.iter_rows(named=True))
    yield from _part("Files", report.files, _file)
    yield from _part("Not used, by reason", report.reasons, _reason)
    yield from _part("Not used", report.rejects, _reject)
    yield from _part("Changes", report.changes, _change)


def _part(title: str, frame: pl.DataFrame, line: Any) -> Iterator[str]:
    if frame.is_empty():
        return
    yield ""
    yield title
    for row in frame.head(LINES).iter_rows(named=True):
        yield "  " + line(row)
    if frame.height > LINES:
        yield f"  ... {frame.height - LINES:,} more; --out FILE writes all of them"


def _file(row: dict[str, Any]) -> str:
    sheet = f", sheet {row['sheet']}" if row["sheet"] else ""
    counts = [f"{row[name] or 0:,} {name}" for name in ("inserted", "corrected", "withdrawn", "rejected") if row[name]]
    read = f"{row['form'] or 'no form'}, {row['rows'] or 0:,} rows, {row['in_use'] or 0:,} count"
    superseded = "" if row["newest"] else "; replaced or taken away since"
    remarks = f"; {row['remarks']}" if row["remarks"] else ""
    return f"{row['file']}{sheet}: {', '.join([read, *counts])}{superseded}{remarks}"


def _reason(row: dict[str, Any]) -> str:
    rows = f" (rows {row['rows']}{', ...' if row['times'] > 5 else ''})" if row["rows"] else ""
    field = f"{row['field']}: " if row["field"] else ""
    return f"{row['times']:,} x {row['file']}: {field}{row['reason']}{rows}"


def _reject(row: dict[str, Any]) -> str:
    place = f" row {row['row']}" if row["row"] else ""
    subject = f", subject {row['subject']}" if row["subject"] else ""
    cell = f"{row['field']} = {row['value']!r}: " if row["field"] else ""
    return f"{row['file']}{place}{subject}: {cell}{row['reason']}; {row['remedy']}"


def _change(row: dict[str, Any]) -> str:
    old, new = (f"{row[f'{side}_file']} row {row[f'{side}_row']}" for side in ("old", "new"))
    record = f"{row['kind']} {row['form']} {row['record'] or ''}".rstrip()
    reason = f"; {row['reason']}" if row["reason"] else ""
    match row["kind"]:
        case "INSERTED":
            return f"{record}: {new}{reason}"
        case "WITHDRAWN":
            return f"{record}: was {old}{reason}"
        case _:
            return f"{record}: {row['field']} {row['old_value']!r} -> {row['new_value']!r} ({old} -> {new}){reason}"
