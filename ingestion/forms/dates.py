"""ISO 8601 dates as SDTM writes them: complete, without day, without month and day (DT-06)."""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl

from ingestion.forms.sifting import Check

DATE = r"^(\d{4})(?:-(\d{2}|-)(?:-(\d{2}|-))?)?(?:T[0-9:.,+Z-]*)?$"
WRITE_DATE = "write the date as YYYY-MM-DD, or YYYY-MM when the day is unknown"
Imputation = Literal["first", "last"]
"""What a date without day, or without month and day, is completed to (``pd_impute``, ``resp_impute``; DT-06)."""


def first_day(dtc: str) -> pl.Expr:
    """First day that the text can mean: the date itself when complete; null when it is no date."""
    year, month, day = _parts(dtc)
    return _date(year, month.fill_null("01"), day.fill_null("01"))


def last_day(dtc: str) -> pl.Expr:
    """Last day that the text can mean: the date itself when complete; null when it is no date."""
    year, month, day = _parts(dtc)
    return (
        pl.when(day.is_null())
        .then(_date(year, month.fill_null("12"), pl.lit("01")).dt.month_end())
        .otherwise(first_day(dtc))
    )


def imputed(dtc: str, by: Imputation) -> pl.Expr:
    """The first or the last day that the text can mean."""
    return first_day(dtc) if by == "first" else last_day(dtc)


def full_date(dtc: str) -> pl.Expr:
    """The date where the text has a day; null otherwise."""
    return pl.when(_parts(dtc)[2].is_not_null()).then(first_day(dtc))


def is_partial(dtc: str) -> pl.Expr:
    """The text is a date without day, or without month and day."""
    return first_day(dtc).is_not_null() & _parts(dtc)[2].is_null()


def date_checks(dtc: str, cutoff: date | None = None) -> tuple[Check, ...]:
    """What can be wrong with a date: not written as one, not in the calendar, after the data cut-off."""
    written = pl.col(dtc).str.contains(DATE)
    checks = (
        Check(dtc, pl.col(dtc).is_not_null() & ~written, "not an ISO 8601 date", WRITE_DATE),
        Check(
            dtc, written & first_day(dtc).is_null(), "no such day in the calendar", f"correct the date: {WRITE_DATE}"
        ),
    )
    if cutoff is None:
        return checks
    return (
        *checks,
        Check(
            dtc,
            first_day(dtc) > cutoff,
            f"after the data cut-off {cutoff.isoformat()}",
            "nothing to do if the record is real; correct the date if it is a slip",
        ),
    )


def completed(rows: pl.DataFrame, dtc: str, known: pl.DataFrame, at_the_end: pl.Expr | None = None) -> pl.DataFrame:
    """The rows with a column ``date``: partial and missing dates completed (DT-06).

    ``known`` (USUBJID, visit_number, date) holds the full dates of each subject and visit: the earliest of them that
    the partial date can mean counts, else the first day of its month or year, where ``at_the_end`` is true the last;
    never a day before the last known one of an earlier visit, as far as the partial date can mean that.
    A missing date takes the earliest.
    """
    otherwise = pl.when(at_the_end.fill_null(False)).then("_last") if at_the_end is not None else pl.lit(None, pl.Date)
    rows = rows.with_row_index("_index").with_columns(_first=first_day(dtc), _last=last_day(dtc))
    incomplete = rows.filter(full_date(dtc).is_null()).select("_index", "_first", "_last", "USUBJID", "visit_number")
    dated = incomplete.join(known, on="USUBJID", suffix="_known")
    at_visit, possible = pl.col("visit_number") == pl.col("visit_number_known"), pl.col("date") <= pl.col("_last")
    found = dated.group_by("_index").agg(
        date=pl.col("date")
        .filter(at_visit & (pl.col("_first").is_null() | (possible & (pl.col("date") >= pl.col("_first")))))
        .min(),
        _before=pl.col("date").filter((pl.col("visit_number_known") < pl.col("visit_number")) & possible).max(),
    )
    return (
        rows.join(found, on="_index", how="left", maintain_order="left")
        .with_columns(
            date=pl.coalesce(full_date(dtc), "date", pl.max_horizontal(pl.coalesce(otherwise, "_first"), "_before"))
        )
        .drop("_index", "_first", "_last", "_before")
    )


def _parts(dtc: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    year, month, day = (pl.col(dtc).str.extract(DATE, group) for group in (1, 2, 3))
    day = pl.when((day != "-") & (month != "-")).then(day)
    return year, pl.when(month != "-").then(month), day


def _date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    return pl.concat_str(year, month, day, separator="-").str.to_date("%Y-%m-%d", strict=False)
