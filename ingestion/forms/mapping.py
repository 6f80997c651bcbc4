"""A received table in the study's own words put into the default encoding, as the protocol's mapping says."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import polars as pl

from criteria.table import Column
from ingestion.forms.sifting import Check, join_rejects, sift
from ingestion.forms.templates.declared import TEMPLATES
from ingestion.forms.transactions import REMOVE, TRANSACTION
from ingestion.forms.units import factor_between
from ingestion.reject import Parsed
from protocol.forms import FormMapping, Forms

NUMBER_ENDINGS = ("STRESN", "STRESC", "ORRES", "NRLO", "NRHI", "VISITNUM", "VISITDY", "DOSE")
UNIT_COLUMNS = {"STRESN": "STRESU", "STRESC": "STRESU", "ORRES": "ORRESU"}
WITH_COMMA = r"^([+-]?\d+),(\d+)$"
WITH_POINT = r"^[+-]?\d*\.\d+$"
TIME = r"(?:[T ]+(\d{1,2}:\d{2}(?::\d{2})?))?"
DAY_MONTH_YEAR = rf"^(\d{{1,2}})[./ -](\d{{1,2}})[./ -](\d{{4}}){TIME}$"
MONTH_YEAR = r"^(\d{1,2})[./-](\d{4})$"


def mapping_of(forms: Forms, name: str, sheet: str | None = None) -> int | None:
    """The first mapping that matches the file (path or name) and, where given, the sheet; its place in the protocol."""
    base = PurePosixPath(name).name
    for number, mapping in enumerate(forms.mappings):
        of_file = any(fnmatchcase(text.lower(), mapping.match.lower()) for text in (name, base))
        if of_file and (sheet is None or fnmatchcase(sheet.lower(), mapping.sheet.lower())):
            return number
    return None


def renamed(header: Sequence[str], mapping: FormMapping | None) -> tuple[list[str], list[str]]:
    """The header in upper case with foreign names translated, and the foreign names that it has."""
    names = {_plain(foreign): own.upper() for foreign, own in (mapping.columns if mapping else {}).items()}
    found = [name for name in header if _plain(name) in names]
    return [names.get(_plain(name), name.upper()) for name in header], found


def in_default_encoding(rows: pl.DataFrame, form: str, mapping: FormMapping, *, study_id: str, stage: str) -> Parsed:
    """The rows with constants, codes, numbers, dates, units and deletion flags as the mapping says.

    ``rows`` have the form's column names. Rejected are numbers with a point where the protocol declares the comma.
    """
    case = str.lower if form in TEMPLATES else str.upper
    for name, value in mapping.constants.items():
        column = case(name)
        present = pl.col(column) if column in rows.columns else pl.lit(None, dtype=pl.String)
        rows = rows.with_columns(present.fill_null(value).alias(column))
    for name, words in mapping.codes.items():
        if case(name) in rows.columns:
            rows = rows.with_columns(_translated(case(name), words))
    numbers, dates = _columns(rows, form)
    rejects = []
    if mapping.decimal == "comma":
        checks = [_pointed(name) for name in numbers]
        rows, wrong = sift(rows, checks, study_id=study_id, stage=stage)
        rejects.append(wrong)
        rows = rows.with_columns(pl.col(numbers).str.replace(WITH_COMMA, "$1.$2")) if numbers else rows
    if dates:
        rows = rows.with_columns(_iso(name, mapping.dates).alias(name) for name in dates)
    rows, alien = _in_own_units(rows, form, {case(k): unit for k, unit in mapping.units.items()}, study_id, stage)
    rejects.append(alien)
    if mapping.deleted is not None and case(mapping.deleted.column) in rows.columns:
        gone = (
            pl.col(case(mapping.deleted.column)).str.to_uppercase().is_in([v.upper() for v in mapping.deleted.values])
        )
        rows = rows.with_columns(pl.when(gone).then(pl.lit(REMOVE)).alias(TRANSACTION))
    return Parsed(rows, join_rejects(rejects))


def _plain(name: str) -> str:
    return " ".join(name.upper().split())


def _translated(column: str, words: dict[str, str]) -> pl.Expr:
    """The column's values translated, whatever their case; those that the protocol does not name stay."""
    meanings = {_plain(word): meaning for word, meaning in words.items()}
    plain = pl.col(column).str.to_uppercase().str.replace_all(r"\s+", " ")
    found = plain.replace_strict(meanings, default=None, return_dtype=pl.String)
    return pl.coalesce(found, column).alias(column)


def _columns(rows: pl.DataFrame, form: str) -> tuple[list[str], list[str]]:
    """The columns that hold numbers, and those that hold dates."""
    if form in TEMPLATES:
        columns = [column for column in TEMPLATES[form].columns if column.name in rows.columns]
        numbers = [column.name for column in columns if column.dtype == pl.Float64]
        return numbers, [column.name for column in columns if _is_date(column)]
    names = [name for name in rows.columns if not name.startswith("_")]
    return (
        [name for name in names if name.endswith(NUMBER_ENDINGS)],
        [name for name in names if name.endswith("DTC")],
    )


def _is_date(column: Column) -> bool:
    return column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime) or column.name == "assessment_dtc"


def _pointed(name: str) -> Check:
    return Check(
        name,
        pl.col(name).str.contains(WITH_POINT),
        "a decimal point, where the protocol declares the decimal comma",
        "write the number with a comma, or correct the protocol (forms.mappings)",
    )


def _iso(name: str, formats: Sequence[str]) -> pl.Expr:
    """The dates in ISO 8601 by the first format that fits; what fits none stays as it is."""
    readings = [reading for text in formats if text != "iso" for reading in _readings(name, text)]
    return pl.coalesce(*readings, name)


def _readings(name: str, written: str) -> list[pl.Expr]:
    if written not in ("day_first", "month_first"):
        has_time = "%H" in written or "%I" in written
        if has_time:
            moment = pl.col(name).str.to_datetime(written, strict=False, time_unit="us")
            return [moment.dt.to_string("%Y-%m-%dT%H:%M:%S")]
        return [pl.col(name).str.to_date(written, strict=False).dt.to_string("%Y-%m-%d")]
    first, second, year, clock = (pl.col(name).str.extract(DAY_MONTH_YEAR, group) for group in (1, 2, 3, 4))
    day, month = (first, second) if written == "day_first" else (second, first)
    text = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")
    valid = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    with_time = (
        pl.when(clock.is_not_null()).then(pl.concat_str(text, clock.str.zfill(5), separator="T")).otherwise(text)
    )
    of_month, of_year = (pl.col(name).str.extract(MONTH_YEAR, group) for group in (1, 2))
    in_calendar = of_month.cast(pl.Int32, strict=False).is_between(1, 12)
    return [
        pl.when(valid).then(with_time),
        pl.when(in_calendar).then(pl.concat_str(of_year, of_month.str.zfill(2), separator="-")),
    ]


def _in_own_units(rows: pl.DataFrame, form: str, units: dict[str, str], study_id: str, stage: str) -> Parsed:
    """Numbers of a template in the table's units; in SDTM the unit's own column is filled where it is empty.

    Rejected are numbers in a unit that is of another kind than the table's.
    """
    alien = []
    for name, unit in units.items():
        if name not in rows.columns:
            continue
        if form not in TEMPLATES:
            rows = _with_unit(rows, name, unit)
            continue
        own = next((column.unit for column in TEMPLATES[form].columns if column.name == name), None)
        factor = factor_between(unit, own)
        if factor is not None:
            number = pl.col(name).cast(pl.Float64, strict=False)
            text = (number * factor).round(9).cast(pl.String).str.replace(r"\.0$", "")
            rows = rows.with_columns(pl.coalesce(text, name).alias(name))
            continue
        reason = f"the protocol declares {unit}, which is no unit of {name}" + (f" ({own})" if own else "")
        wrong = Check(name, pl.col(name).is_not_null(), reason, "correct the protocol (forms.mappings)")
        rows, rejects = sift(rows, [wrong], study_id=study_id, stage=stage)
        alien.append(rejects)
    return Parsed(rows, join_rejects(alien))


def _with_unit(rows: pl.DataFrame, name: str, unit: str) -> pl.DataFrame:
    """SDTM rows whose result in column ``name`` has a unit, where it has none of its own."""
    ending = next((own for end, own in UNIT_COLUMNS.items() if name.endswith(end)), None)
    if ending is None:
        return rows
    column = name[:2] + ending
    present = pl.col(column) if column in rows.columns else pl.lit(None, dtype=pl.String)
    filled = pl.when(pl.col(name).is_not_null()).then(present.fill_null(unit)).otherwise(present)
    return rows.with_columns(filled.alias(column))
