"""The same table written in every format that forms come in."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import polars as pl
import pyreadstat
import xlsxwriter

NUMERIC = ("STRESN", "VISITNUM", "VISITDY", "SEQ", "DOSE", "STDY", "ENDY")


def text_columns(frame: pl.DataFrame) -> list[str]:
    """The columns that were received, without provenance."""
    return [name for name in frame.columns if not name.startswith("_")]


def is_number(name: str, frame: pl.DataFrame) -> bool:
    """A numeric variable of SDTM whose values are all numbers."""
    numbers = frame[name].cast(pl.Float64, strict=False)
    return name.endswith(NUMERIC) and numbers.null_count() == frame[name].null_count()


def write_csv(frame: pl.DataFrame, path: Path, domain: str) -> None:
    frame.write_csv(path)


def write_excel(frame: pl.DataFrame, path: Path, domain: str) -> None:
    """Numbers as numbers, everything else as text, one sheet named like the domain, two title rows above."""
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet(domain)
        sheet.write_string(0, 0, f"Export of {domain}")
        for place, name in enumerate(frame.columns):
            sheet.write_string(2, place, name)
            numeric = is_number(name, frame)
            for row, value in enumerate(frame[name], start=3):
                if value is not None:
                    sheet.write(row, place, float(value)) if numeric else sheet.write_string(row, place, value)


def write_xpt(frame: pl.DataFrame, path: Path, domain: str) -> None:
    typed = frame.with_columns(pl.col(name).cast(pl.Float64) for name in frame.columns if is_number(name, frame))
    pyreadstat.write_xport(typed.to_pandas(), str(path), table_name=domain[:8], file_format_version=5)


def _dataset(frame: pl.DataFrame, domain: str) -> tuple[dict[str, object], list[list[object]]]:
    numeric = [is_number(name, frame) for name in frame.columns]
    about = {
        "datasetJSONCreationDateTime": "2024-03-04T06:00:00",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": f"IG.{domain}",
        "name": domain,
        "label": domain,
        "records": frame.height,
        "columns": [
            {"itemOID": f"IT.{domain}.{name}", "name": name, "label": name, "dataType": "double" if n else "string"}
            for name, n in zip(frame.columns, numeric, strict=True)
        ],
    }
    rows = [
        [float(value) if n and value is not None else value for value, n in zip(row, numeric, strict=True)]
        for row in frame.iter_rows()
    ]
    return about, rows


def write_json(frame: pl.DataFrame, path: Path, domain: str) -> None:
    about, rows = _dataset(frame, domain)
    path.write_text(json.dumps({**about, "rows": rows}, indent=1), encoding="utf-8")


def _lines(frame: pl.DataFrame, domain: str) -> str:
    about, rows = _dataset(frame, domain)
    return "\n".join(json.dumps(line) for line in (about, *rows)) + "\n"


def write_ndjson(frame: pl.DataFrame, path: Path, domain: str) -> None:
    path.write_text(_lines(frame, domain), encoding="utf-8")


def write_dsjc(frame: pl.DataFrame, path: Path, domain: str) -> None:
    path.write_bytes(zlib.compress(_lines(frame, domain).encode()))


def write_odm(frame: pl.DataFrame, path: Path, domain: str) -> None:
    """A snapshot with one item group a row."""
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ')
        file.write('FileType="Snapshot" FileOID="F" ODMVersion="1.3.2" CreationDateTime="2024-03-04T06:00:00">\n')
        file.write('<ClinicalData StudyOID="S" MetaDataVersionOID="V">\n')
        for number, row in enumerate(frame.iter_rows(named=True), start=1):
            subject = row.get("USUBJID") or row.get("subject_id") or ""
            items = "".join(
                f"<ItemData ItemOID={quoteattr(f'IT.{domain}.{name}')} Value={quoteattr(value)}/>"
                for name, value in row.items()
                if value is not None
            )
            file.write(
                f'<SubjectData SubjectKey={quoteattr(subject)}><StudyEventData StudyEventOID="SE">'
                f'<FormData FormOID="F.{domain}"><ItemGroupData ItemGroupOID="IG.{domain}" '
                f'ItemGroupRepeatKey="{number}">{items}</ItemGroupData></FormData></StudyEventData></SubjectData>\n'
            )
        file.write("</ClinicalData></ODM>\n")


WRITERS: dict[str, Callable[[pl.DataFrame, Path, str], None]] = {
    ".csv": write_csv,
    ".xlsx": write_excel,
    ".xpt": write_xpt,
    ".json": write_json,
    ".ndjson": write_ndjson,
    ".dsjc": write_dsjc,
    ".xml": write_odm,
}
