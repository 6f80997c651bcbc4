"""One cell of a form by the declaration of its column: what can be wrong with it, and its typed value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import polars as pl

from criteria.table import Column
from ingestion.forms.dates import date_checks, full_date, is_partial
from ingestion.forms.sifting import Check

Names = Mapping[str, str]
"""The words of a coded column, with what they mean."""

FLAGS = {"TRUE": True, "T": True, "Y": True, "YES": True, "1": True}
FLAGS |= {"FALSE": False, "F": False, "N": False, "NO": False, "0": False}
WHOLE = r"^[+-]?\d{1,9}(?:\.0+)?$"
NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
DECIMAL_COMMA = r"^[+-]?\d+,\d+$"
MOMENT = r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}))?(?:\.\d{1,6})?)?$"
LARGEST = {"mm": 500.0, "g/ml": 1000.0, "ml": 20_000.0, "min": 10_000.0, "kg": 500.0, "m": 2.8, "MBq": 10_000.0}
LARGEST_OF = {"sum_mm": 5000.0}
ANY_SIGN = ("peak_x_mm", "peak_y_mm", "peak_z_mm", "centre_x_mm", "centre_y_mm", "centre_z_mm", "value")


def cell_checks(column: Column, words: Names, data_cutoff: date | None) -> list[Check]:
    """What can be wrong with a cell; ``words`` are those of a coded column, none where any text will do."""
    if words:
        return _code_checks(column.name, words)
    if isinstance(column.dtype, pl.Datetime):
        return _moment_checks(column.name, data_cutoff)
    name, cell = column.name, pl.col(column.name)
    checks: list[Check] = []
    if column.dtype == pl.Date:
        cutoff = None if name.startswith("end_") else data_cutoff
        checks = [*date_checks(name, cutoff), Check(name, is_partial(name), "the date has no day", "write YYYY-MM-DD")]
    elif column.dtype == pl.Boolean:
        unknown = cell.is_not_null() & ~cell.str.to_uppercase().is_in(list(FLAGS))
        checks = [Check(name, unknown, "neither yes nor no", "write Y or N")]
    elif column.dtype in (pl.Int32, pl.Int64):
        numbered = "number the time points 0 (baseline), 1, 2, ..." if name == "timepoint" else "write a whole number"
        checks = [Check(name, ~cell.str.contains(WHOLE), "not a whole number", numbered)]
    elif column.dtype == pl.Float64:
        checks = _number_checks(column)
    return checks


def cell_value(column: Column, words: Names) -> pl.Expr:
    """The typed value of a sound cell."""
    name, dtype = column.name, column.dtype
    value = pl.col(name).cast(dtype, strict=False)
    if words:
        value = _meaning(name, words)
    elif isinstance(dtype, pl.Datetime):
        value = _moment(name)
    elif dtype == pl.Date:
        value = full_date(name)
    elif dtype == pl.Boolean:
        value = pl.col(name).str.to_uppercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)
    elif dtype in (pl.Int32, pl.Int64):
        value = pl.col(name).str.replace(r"\.0+$", "").cast(dtype, strict=False)
    return value


def _code_checks(name: str, words: Names) -> list[Check]:
    unknown = pl.col(name).is_not_null() & _meaning(name, words).is_null()
    remedy = f"write one of {', '.join(dict.fromkeys(words.values()))}"
    return [Check(name, unknown, "unknown code", remedy, known=tuple(words))]


def _moment_checks(name: str, data_cutoff: date | None) -> list[Check]:
    unknown = pl.col(name).is_not_null() & _moment(name).is_null()
    checks = [Check(name, unknown, "not a date with time", "write YYYY-MM-DD, or YYYY-MM-DDThh:mm")]
    if data_cutoff is not None:
        late = _moment(name).dt.date() > data_cutoff
        checks.append(Check(name, late, f"after the data cut-off {data_cutoff}", "correct the date if it is a slip"))
    return checks


def _number_checks(column: Column) -> list[Check]:
    name, cell = column.name, pl.col(column.name)
    value = cell.cast(pl.Float64, strict=False)
    largest = LARGEST_OF.get(name, LARGEST.get(column.unit or ""))
    in_unit = f"write {column.unit or 'the number'} with a decimal point, e.g. 12.5"
    checks = [
        Check(
            name,
            cell.str.contains(DECIMAL_COMMA),
            "not a number: a comma stands in it",
            f"{in_unit}; or declare the decimal comma in the protocol (forms.mappings)",
        ),
        Check(name, ~cell.str.contains(NUMBER) | value.is_infinite(), "not a number", in_unit),
    ]
    if name in ANY_SIGN:
        return checks
    checks.append(Check(name, value < 0, "cannot be negative", "correct the value"))
    if largest is not None:
        limit = f"{largest:g} {column.unit}"
        checks.append(Check(name, value > largest, f"larger than {limit}", f"check value and unit ({column.unit})"))
    return checks


def _meaning(name: str, words: Names) -> pl.Expr:
    """What a code means; case does not matter, nor whether words are joined by a space, hyphen or underscore."""
    by_plain = {plain_word(word): meaning for word, meaning in words.items()}
    plain = pl.col(name).str.to_uppercase().str.replace_all(r"[\s_-]+", "-")
    return plain.replace_strict(by_plain, default=None, return_dtype=pl.String)


def plain_word(word: str) -> str:
    """A code as it is compared: upper case, words joined by hyphens."""
    return re.sub(r"[\s_-]+", "-", word.upper())


def _moment(name: str) -> pl.Expr:
    day, minutes, seconds = (pl.col(name).str.extract(MOMENT, group) for group in (1, 2, 3))
    text = pl.format("{} {}:{}", day, minutes.fill_null("00:00"), seconds.fill_null("00"))
    return text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
