"""Faults in the injection log: in PR and SUPPPR, or in nadir's own form of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from simulation.faults.edits import planted
from simulation.faults.fault import Catalogue, Picker, Planted, Stage
from simulation.faults.sheets import ROW, NoSubjectError, Sheets
from simulation.forms.procedures import PR_FIELDS, QUALIFIERS

INJECTION_FORMS = Catalogue(Stage.FORMS)
OWN = "injection"
Row = dict[str, Any]
NAME_OF = {column: name for name, (_, column) in QUALIFIERS.items()}
NUMBERS = ("concentration", "planned_volume_ml", "delivered_volume_ml", "lesion_diameter_mm", "dose")


def injections(sheets: Sheets) -> pl.DataFrame:
    """The injections in the columns of the log, with the number of their row in PR or in nadir's own form."""
    if OWN in sheets:
        return sheets.rows(OWN)
    wide = sheets.rows("SUPPPR").pivot("QNAM", index=["USUBJID", "IDVARVAL"], values="QVAL")
    rows = sheets.rows("PR").with_columns(IDVARVAL=pl.col("PRSEQ").cast(pl.String))
    log = rows.join(wide, on=["USUBJID", "IDVARVAL"], how="left", maintain_order="left").rename(
        {name: column for name, (_, column) in QUALIFIERS.items() if name in wide.columns}
    )
    log = log.rename({"USUBJID": "subject_id", **{name: column for column, name in PR_FIELDS.items()}})
    return log.with_columns(
        pl.col("injection_datetime").str.to_datetime("%Y-%m-%dT%H:%M:%S"),
        pl.col("key_image_pre_date").str.to_date(),
        *(pl.col(name).cast(pl.Float64) for name in NUMBERS),
    )


def write(sheets: Sheets, row: Row, column: str, value: Any) -> tuple[str, int]:
    """Write one value of an injection where it stands; the table and the number of the row that was changed."""
    if OWN in sheets:
        sheets.change(OWN, [row[ROW]], **{column: value})
        return OWN, row[ROW]
    text = value.strftime("%Y-%m-%dT%H:%M:%S") if isinstance(value, datetime) else value
    if column in PR_FIELDS:
        sheets.change("PR", [row[ROW]], **{PR_FIELDS[column]: text})
        return "PR", row[ROW]
    of_row = (pl.col("USUBJID") == row["subject_id"]) & (pl.col("IDVARVAL") == str(row["PRSEQ"]))
    own = sheets.rows("SUPPPR", of_row)
    found = own.filter(pl.col("QNAM") == NAME_OF[column])
    if value is None:
        sheets.remove("SUPPPR", found[ROW].to_list())
        return "PR", row[ROW]
    if found.is_empty():
        label = QUALIFIERS[NAME_OF[column]][0]
        return "SUPPPR", sheets.add("SUPPPR", own.tail(1), QNAM=NAME_OF[column], QLABEL=label, QVAL=str(value))[0]
    sheets.change("SUPPPR", found[ROW].to_list(), QVAL=str(value))
    return "SUPPPR", found[ROW][0]


def _fault(
    name: str, title: str, where: pl.Expr, values: Row | Callable[[Row], Row], matter: str, rule: str = ""
) -> None:
    """Register a fault that writes values into the first injection of a free subject for which ``where`` holds."""

    def plant(sheets: Sheets, pick: Picker) -> Iterable[Planted]:
        if OWN not in sheets and "PR" not in sheets:
            raise NoSubjectError("the trial has no injections")
        row = pick.first(injections(sheets).filter(where))
        new = values(row) if callable(values) else values
        places = {column: write(sheets, row, column, value) for column, value in new.items()}
        column = next(iter(new))
        sheet, number = places[column]
        yield planted(sheet, {**row, ROW: number}, column, new[column])

    INJECTION_FORMS.add(f"INJECTION-{name}", title, matter=matter, rule=rule)(plant)


def _first_at_full_strength(row: Row) -> Row:
    return {"concentration": 1e8, "dose": 1e8 * row["delivered_volume_ml"]}


def _eleven_days_earlier(row: Row) -> Row:
    return {"injection_datetime": row["injection_datetime"] - timedelta(days=11)}


def _image_nine_days_old(row: Row) -> Row:
    return {"key_image_pre_date": row["key_image_pre_date"] - timedelta(days=9)}


def _ten_times_the_dose(row: Row) -> Row:
    return {"dose": row["dose"] * 10}


def _volume(ml: float) -> Callable[[Row], Row]:
    return lambda row: {"delivered_volume_ml": ml, "planned_volume_ml": ml, "dose": row["concentration"] * ml}


SECOND = (pl.col("visit_number") == 2) & (pl.col("lesion_diameter_mm") < 50)
AT_FIRST = pl.col("visit_number") == 1
LARGE = AT_FIRST & (pl.col("lesion_diameter_mm") > 25)
ERROR, WARN = "INJECTION_DEVIATION", "INJECTION_REMARK"

_fault("VOLUME-EXCEEDS-TABLE", "3.9 ml into less than 5 cm", SECOND, _volume(3.9), "8.2 VOLUME_EXCEEDS_TABLE", ERROR)
_fault("VISIT-TOTAL-EXCEEDED", "More than 4 ml at one visit", LARGE, _volume(4.3), "8.2 VISIT_TOTAL_EXCEEDED", ERROR)
_fault(
    *("FIRST-CONCENTRATION", "First visit at 1e8 PFU/mL", AT_FIRST, _first_at_full_strength),
    *("8.2 WRONG_CONCENTRATION", ERROR),
)
_fault(
    *("INTERVAL-SHORT", "The second visit ten days after the first", SECOND, _eleven_days_earlier),
    *("8.2 INTERVAL_SHORT", ERROR),
)
_fault("DOSE-WRONG", "A dose ten times too high for its volume", SECOND, _ten_times_the_dose, "HL-3", ERROR)
_fault("KEY-IMAGE-MISSING", "No key image before it", SECOND, {"key_image_uid_pre": None}, "HL-1", ERROR)
_fault("BASELINE-IMAGE-MISSING", "No key image at baseline", SECOND, {"key_image_uid_baseline": None}, "HL-1", ERROR)
_fault("KEY-IMAGE-OLD", "A key image nine days old", SECOND, _image_nine_days_old, "HL-2", ERROR)
_fault("OPERATOR-CHANGES", "Another operator", SECOND, {"operator": "OP-900"}, "HL-6", WARN)
_fault(
    "LESION-UNKNOWN", "A lesion that nobody follows", SECOND, {"lesion_id": "T66"}, "HL-4", "INJECTED_LESION_UNKNOWN"
)
_fault("LESION-SMALL", "A lesion of 7 mm", SECOND, {"lesion_diameter_mm": 7.0}, "HI-1", WARN)
_fault("LESION-LARGE", "A lesion of 56 mm", SECOND, {"lesion_diameter_mm": 56.0}, "HI-2", WARN)
_fault("SIZE-BY-ULTRASOUND", "A size measured by ultrasound", SECOND, {"measured_on": "US"}, "HL-7", WARN)
_fault(
    *("GRADE-WITHOUT-COMPLICATION", "A grade without complication", SECOND, {"complication_grade": 3}),
    *("8.3", "GRADE_WITHOUT_COMPLICATION"),
)
_fault(
    *("COMPLICATION-WITHOUT-GRADE", "A complication without its grade", SECOND),
    *({"complication": "BLEEDING", "complication_grade": None}, "8.3", "COMPLICATION_WITHOUT_GRADE"),
)
