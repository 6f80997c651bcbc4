"""Faults that write other values into the fields of one row: most faults of forms are no more than that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from simulation.faults.fault import Catalogue, Picker, Planted, shown
from simulation.faults.sheets import ROW, Sheets

Values = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]
LESION_COLUMNS = ("TRLNKID", "TULNKID", "lesion_id")


def subject_column(rows: pl.DataFrame) -> str:
    """USUBJID in SDTM, subject_id in nadir's own forms."""
    return "USUBJID" if "USUBJID" in rows.columns else "subject_id"


def planted(sheet: str, row: Mapping[str, Any], field: str, after: object, *, gone: bool = False) -> Planted:
    """What was done to one field of one row."""

    def of(*names: str) -> str:
        return next((str(row[name]) for name in names if row.get(name) is not None), "")

    return Planted(
        sheet=sheet,
        row=None if gone else row[ROW],
        subject=of("USUBJID", "subject_id"),
        evaluator=of("TREVALID", "RSEVALID", "TUEVALID", "TREVAL", "RSEVAL", "TUEVAL", "evaluator"),
        visit=of("VISIT", "visit"),
        lesion=of(*LESION_COLUMNS),
        field=field,
        before=shown(row.get(field)),
        after=shown(after),
    )


def edit(
    catalogue: Catalogue,
    fault_id: str,
    title: str,
    *,
    sheet: str,
    where: pl.Expr,
    values: Values,
    matter: str,
    rule: str = "",
    rejected: str = "",
    copy: bool = False,
) -> None:
    """Register a fault that writes ``values`` into the first row of a free subject for which ``where`` holds.

    ``values`` may depend on the row. With ``copy`` they go into a copy of the row behind it. The first value is the
    one that the key names.
    """

    def plant(sheets: Sheets, pick: Picker) -> Iterable[Planted]:
        rows = sheets.rows(sheet, where)
        row = pick.first(rows, subject_column(rows))
        new = values(row) if callable(values) else values
        if copy:
            number = sheets.add(sheet, rows.filter(pl.col(ROW) == row[ROW]), **new)[0]
        else:
            sheets.change(sheet, [row[ROW]], **new)
            number = row[ROW]
        field = next(iter(new), "")
        yield planted(sheet, {**row, ROW: number}, field, new.get(field, "the row once more"))

    catalogue.add(fault_id, title, matter=matter, rule=rule, rejected=rejected)(plant)


def edit_all(
    catalogue: Catalogue,
    fault_id: str,
    title: str,
    *,
    sheet: str,
    where: pl.Expr,
    same: tuple[str, ...],
    values: Values,
    matter: str,
    rule: str = "",
    rejected: str = "",
) -> None:
    """As `edit`, into all rows that share ``same`` with the chosen one; without values the rows are taken out."""

    def plant(sheets: Sheets, pick: Picker) -> Iterable[Planted]:
        rows = sheets.rows(sheet, where)
        row = pick.first(rows, subject_column(rows))
        chosen = sheets.rows(sheet, *(pl.col(name).eq_missing(pl.lit(row[name])) for name in same))
        new = values(row) if callable(values) else values
        if new:
            sheets.change(sheet, chosen[ROW].to_list(), **new)
            field = next(iter(new))
            yield planted(sheet, row, field, new[field])
        else:
            sheets.remove(sheet, chosen[ROW].to_list())
            yield planted(sheet, row, same[-1], "no record", gone=True)

    catalogue.add(fault_id, title, matter=matter, rule=rule, rejected=rejected)(plant)
