"""Faults in what readers measured; their recorded responses and sums follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from criteria.vocabulary import Change, Role, State
from simulation.faults.fault import Catalogue, Picker, Planted, Stage, numbers, shown
from simulation.faults.sheets import ROW, Sheets

READS = Catalogue(Stage.READS)
SHEET = "measurement"
Found = Iterable[Planted]

LESION = ("subject_id", "evaluator", "lesion_id")
TARGET = pl.col("role") == Role.TARGET
NON_TARGET = pl.col("role") == Role.NON_TARGET
MEASURED = pl.col("state") == State.MEASURED
NODE = pl.col("is_node")
BASELINE = pl.col("timepoint") == 0
LATER = pl.col("timepoint") > 0
FIRST_READER = pl.col("evaluator") == "INVESTIGATOR"
SIMPLE = pl.col("state").is_in([State.MERGED.value, State.SPLIT.value]).any().over("subject_id").not_()


def _of(row: dict[str, Any], *names: str) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == row[name] for name in names)


def _planted(row: dict[str, Any], field: str, after: object, before: object = None, gone: bool = False) -> Planted:
    return Planted(
        sheet=SHEET,
        row=None if gone else row[ROW],
        subject=row["subject_id"],
        evaluator=row["evaluator"],
        visit=row["visit"],
        lesion=row["lesion_id"],
        field=field,
        before=shown(before if before is not None else row.get(field)),
        after=shown(after),
    )


def _resize(sheets: Sheets, row: dict[str, Any], mm: float) -> Found:
    """Give one record another size; the other diameter keeps its proportion."""
    node = row["is_node"]
    size = row["short_axis_mm"] if node else row["longest_diameter_mm"]
    other = round((row["longest_diameter_mm"] if node else row["perpendicular_mm"]) * mm / size, 1)
    longest, across = (other, mm) if node else (mm, other)
    sheets.change(SHEET, [row[ROW]], longest_diameter_mm=longest, perpendicular_mm=across)
    if node:
        sheets.change(SHEET, [row[ROW]], short_axis_mm=across)
    yield _planted(row, "short_axis_mm" if node else "longest_diameter_mm", mm)


@READS.add("TARGET-BELOW-10-MM", "A target of 8 mm", matter="R11-BL-01", rule="TARGET_BELOW_10_MM")
def _(sheets: Sheets, pick: Picker) -> Found:
    small = pl.col("longest_diameter_mm").is_between(10, 16)
    row = pick.first(sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, TARGET, BASELINE, MEASURED, ~NODE, small))
    return _resize(sheets, row, 8.0)


@READS.add("TARGET-NODE-BELOW-15-MM", "A target node of 12 mm", matter="R11-BL-02", rule="TARGET_NODE_BELOW_15_MM")
def _(sheets: Sheets, pick: Picker) -> Found:
    row = pick.first(sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, TARGET, BASELINE, MEASURED, NODE))
    return _resize(sheets, row, 12.0)


def _another_target(sheets: Sheets, rows: pl.DataFrame, organ: str | None) -> Found:
    lesion = "T09" if rows["lesion_id"][0].startswith("T") else f"{rows['lesion_id'][0][:3]}T09"
    values: dict[str, Any] = {"lesion_id": lesion, "place": 90}
    if organ:
        values["organ"] = organ
    added = sheets.add(SHEET, rows, **values)
    first = rows.row(0, named=True)
    yield _planted({**first, ROW: added[0], "lesion_id": lesion}, "role", "TARGET", "")


@READS.add("SIX-TARGETS", "A sixth target", matter="R11-BL-03, R11-BL-08", rule="BASELINE_MORE_THAN_5_TARGETS")
def _(sheets: Sheets, pick: Picker) -> Found:
    targets = (BASELINE & TARGET).sum().over("subject_id", "evaluator")
    rows = sheets.rows(SHEET, SIMPLE).filter(targets == 5).filter(FIRST_READER, TARGET)
    row = pick.first(rows.filter(BASELINE))
    return _another_target(sheets, rows.filter(_of(row, *LESION)), "SPLEEN")


@READS.add(
    "THREE-TARGETS-IN-ORGAN",
    "A third target in one organ",
    matter="R11-BL-03, R11-BL-08",
    rule="BASELINE_MORE_THAN_2_TARGETS_IN_ORGAN",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    of_reader = ("subject_id", "evaluator")
    targets = (BASELINE & TARGET).sum().over(of_reader)
    in_organ = (BASELINE & TARGET).sum().over(*of_reader, "organ")
    rows = sheets.rows(SHEET, SIMPLE).filter((targets <= 4) & (in_organ == 2)).filter(FIRST_READER, TARGET)
    row = pick.first(rows.filter(BASELINE))
    return _another_target(sheets, rows.filter(_of(row, *LESION)), None)


@READS.add("NEW-LESION-AT-BASELINE", "A new lesion at baseline", matter="R11-NL-01", rule="NEW_LESION_AT_BASELINE")
def _(sheets: Sheets, pick: Picker) -> Found:
    row = pick.first(sheets.rows(SHEET).filter(FIRST_READER, NON_TARGET, BASELINE, ~NODE))
    chosen = sheets.rows(SHEET, pl.col(ROW) == row[ROW])
    added = sheets.add(SHEET, chosen, lesion_id="NEW09", role=Role.NEW.value, state=State.UNEQUIVOCAL.value, place=91)
    yield _planted({**row, ROW: added[0], "lesion_id": "NEW09"}, "role", "NEW", "")


@READS.add(
    "DIAMETERS-SWAPPED", "Longest and short diameter interchanged", matter="WHO-01", rule="SHORT_AXIS_EXCEEDS_LONGEST"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    unequal = pl.col("longest_diameter_mm").is_between(pl.col("perpendicular_mm") + 3, pl.col("perpendicular_mm") * 1.5)
    large = pl.col("perpendicular_mm") >= 12
    row = pick.first(sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, TARGET, LATER, MEASURED, ~NODE, unequal, large))
    sheets.change(
        SHEET,
        [row[ROW]],
        longest_diameter_mm=row["perpendicular_mm"],
        perpendicular_mm=row["longest_diameter_mm"],
    )
    yield _planted(row, "longest_diameter_mm", row["perpendicular_mm"])


@READS.add("DECIMAL-SLIP", "A diameter ten times too large", matter="plausible growth", rule="SIZE_JUMP")
def _(sheets: Sheets, pick: Picker) -> Found:
    row = pick.first(
        sheets.rows(SHEET, SIMPLE).filter(
            FIRST_READER, TARGET, LATER, MEASURED, ~NODE, pl.col("longest_diameter_mm").is_between(12, 35)
        )
    )
    return _resize(sheets, row, round(row["longest_diameter_mm"] * 10, 1))


@READS.add("CENTIMETRES", "A diameter in centimetres under the unit mm", matter="GEN-01", rule="SIZE_JUMP")
def _(sheets: Sheets, pick: Picker) -> Found:
    row = pick.first(
        sheets.rows(SHEET, SIMPLE).filter(
            FIRST_READER, TARGET, LATER, MEASURED, ~NODE, pl.col("longest_diameter_mm") >= 30
        )
    )
    return _resize(sheets, row, round(row["longest_diameter_mm"] / 10, 1))


@READS.add(
    "LESION-REAPPEARS",
    "A target absent at one visit, measured at the next",
    matter="R11-TL-04",
    rule="LESION_REAPPEARS",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    lesion = pl.col("timepoint").is_between(1, 3).sum().over(LESION)
    rows = sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, TARGET, MEASURED, ~NODE).filter(lesion == 3)
    row = pick.first(rows.filter(pl.col("timepoint") == 2))
    sheets.change(SHEET, [row[ROW]], state=State.ABSENT.value, longest_diameter_mm=0.0, perpendicular_mm=0.0)
    yield _planted(row, "state", State.ABSENT.value)


@READS.add("LESION-ROLE-CHANGES", "A non-target called target once", matter="lesion record", rule="LESION_ROLE_CHANGES")
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, TARGET, MEASURED, ~NODE, pl.col("timepoint") == 2)
    row = pick.first(rows)
    sheets.change(SHEET, [row[ROW]], role=Role.NON_TARGET.value, state=State.PRESENT.value)
    sheets.change(SHEET, [row[ROW]], longest_diameter_mm=None, perpendicular_mm=None)
    yield _planted(row, "role", Role.NON_TARGET.value)


@READS.add(
    "TARGET-WITHOUT-BASELINE", "A target without baseline record", matter="R11-BL-06", rule="TARGET_WITHOUT_BASELINE"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    several = (BASELINE & TARGET).sum().over("subject_id", "evaluator") > 1
    rows = sheets.rows(SHEET, SIMPLE).filter(several).filter(FIRST_READER, TARGET)
    rows = rows.filter(pl.len().over(LESION) > 3)
    row = pick.first(rows.filter(BASELINE))
    sheets.remove(SHEET, numbers(rows.filter(_of(row, *LESION), pl.col("timepoint") <= 0)))
    yield _planted(row, "lesion_id", "no record", row["lesion_id"], gone=True)


@READS.add(
    "TARGET-WITHOUT-RECORD",
    "A target left out at a follow-up",
    matter="R11-TL-05, R11-FU-05",
    rule="TARGET_WITHOUT_RECORD",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    several = (BASELINE & TARGET).sum().over("subject_id", "evaluator") > 1
    rows = sheets.rows(SHEET, SIMPLE).filter(several).filter(FIRST_READER, TARGET, MEASURED)
    row = pick.first(rows.filter(pl.col("timepoint") == 1))
    sheets.remove(SHEET, [row[ROW]])
    yield _planted(row, "lesion_id", "no record", row["lesion_id"], gone=True)


@READS.add("BASELINE-NOT-READ", "A reader without a baseline", matter="GEN-03", rule="BASELINE_MISSING")
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET, SIMPLE).filter(pl.col("evaluator") == "RADIOLOGIST 2")
    row = pick.first(rows.filter((pl.col("timepoint") > 0).any().over("subject_id")).filter(BASELINE))
    sheets.remove(SHEET, numbers(rows.filter(_of(row, "subject_id"), pl.col("timepoint") <= 0)))
    yield _planted({**row, "lesion_id": ""}, "assessment_date", "no record", gone=True)


def _move(sheets: Sheets, rows: pl.DataFrame, days: int) -> Found:
    moved = pl.col("assessment_date") + pl.duration(days=days)
    sheets.change(SHEET, numbers(rows), assessment_date=moved, assessment_dtc=moved.dt.to_string("%Y-%m-%d"))
    for record in rows.filter(pl.struct("evaluator").is_first_distinct()).iter_rows(named=True):
        yield _planted({**record, "lesion_id": ""}, "assessment_date", f"{days:+d} days", record["assessment_date"])


@READS.add(
    "BASELINE-DATES-DIFFER",
    "Two readers date the baseline differently",
    matter="GEN-03",
    rule="BASELINE_DATE_DIFFERS_BY_READER",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET).filter(BASELINE, pl.col("evaluator") == "RADIOLOGIST 2")
    row = pick.first(rows)
    return _move(sheets, rows.filter(_of(row, "subject_id")), -2)


@READS.add("BASELINE-TOO-OLD", "A baseline scan 50 days before the start", matter="GEN-03", rule="BASELINE_TOO_OLD")
def _(sheets: Sheets, pick: Picker) -> Found:
    first = pl.col("timepoint").min().over("subject_id") == 0
    rows = sheets.rows(SHEET).filter(first).filter(BASELINE)
    row = pick.first(rows)
    return _move(sheets, rows.filter(_of(row, "subject_id")), -35)


@READS.add(
    "BASELINE-AFTER-DOSE", "A baseline scan after the first dose", matter="GEN-03", rule="BASELINE_AFTER_FIRST_DOSE"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET).filter(BASELINE)
    row = pick.first(rows)
    return _move(sheets, rows.filter(_of(row, "subject_id")), 35)


@READS.add(
    "VISITS-OUT-OF-ORDER", "A visit dated before the one before it", matter="GEN-07", rule="ASSESSMENT_OUT_OF_ORDER"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET).filter(pl.col("timepoint") == 2, FIRST_READER, pl.col("state") != State.NOT_DONE)
    row = pick.first(rows.filter(pl.col("visit").str.starts_with("WEEK")))
    return _move(sheets, rows.filter(_of(row, "subject_id")), -75)


@READS.add(
    "VISIT-LATE", "A scan 20 days after its planned day", matter="visit windows", rule="ASSESSMENT_OUTSIDE_WINDOW"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    at = (pl.col("timepoint") == 1) & pl.col("visit").str.starts_with("WEEK") & (pl.col("state") != State.NOT_DONE)
    rows = sheets.rows(SHEET).filter(at)
    row = pick.first(rows)
    return _move(sheets, rows.filter(_of(row, "subject_id")), 18)


@READS.add(
    "CONFIRMATION-EARLY",
    "A confirmation scan 12 days after the progression",
    matter="IR-04, IR-05",
    rule="CONFIRMATION_SCAN_EARLY",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET).filter(pl.col("visit").str.starts_with("UNSCHEDULED"))
    row = pick.first(rows)
    return _move(sheets, rows.filter(_of(row, "subject_id")), -20)


@READS.add(
    "METHOD-CHANGES", "Lesions followed by MRI once, else by CT", matter="R11 4.1, same method", rule="METHOD_CHANGES"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET).filter(FIRST_READER, pl.col("timepoint") == 2, pl.col("method").is_not_null())
    row = pick.first(rows)
    sheets.change(SHEET, numbers(rows.filter(_of(row, "subject_id"))), method="MRI")
    yield _planted(row, "method", "MRI")


@READS.add(
    "LESION-VANISHES", "A target of 30 mm or more absent at the next visit", matter="R11-FU-03", rule="LESION_VANISHES"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, TARGET, MEASURED, ~NODE)
    rows = rows.filter(pl.col("longest_diameter_mm").shift(1).over(LESION) >= 30)
    row = pick.first(rows.filter(pl.col("timepoint") == pl.col("timepoint").max().over("subject_id")).filter(LATER))
    sheets.change(SHEET, [row[ROW]], state=State.ABSENT.value, longest_diameter_mm=0.0, perpendicular_mm=0.0)
    yield _planted(row, "state", State.ABSENT.value)


@READS.add(
    "COPIED-FORWARD",
    "All diameters equal to those of the visit before",
    matter="plausible measurement",
    rule="COPIED_FORWARD",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, TARGET, MEASURED, pl.col("timepoint").is_in([1, 2]))
    both = rows.filter((pl.len().over(LESION) == 2).all().over("subject_id"))
    several = both.filter(pl.col("lesion_id").n_unique().over("subject_id") >= 3)
    row = pick.first(several.filter(pl.col("timepoint") == 2))
    own = several.filter(_of(row, "subject_id")).sort("lesion_id", "timepoint")
    for lesion in own.partition_by("lesion_id"):
        before, after = lesion.row(0, named=True), lesion.row(1, named=True)
        names = ("longest_diameter_mm", "perpendicular_mm", "short_axis_mm")
        sheets.change(SHEET, [after[ROW]], **{name: before[name] for name in names})
        yield _planted(after, "longest_diameter_mm", before["longest_diameter_mm"])


@READS.add(
    "NON-TARGET-WORSE-YET-SMALLER",
    "Unequivocal progression of a non-target that decreased",
    matter="R11-NT-03",
    rule="PROGRESSION_YET_SMALLER",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    decreased = pl.col("change_from_previous") == Change.DECREASED
    row = pick.first(sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, NON_TARGET, LATER, decreased, ~NODE))
    sheets.change(SHEET, [row[ROW]], state=State.UNEQUIVOCAL_PROGRESSION.value)
    yield _planted(row, "state", State.UNEQUIVOCAL_PROGRESSION.value)


@READS.add(
    "NEW-NODE-NORMAL", "An unequivocal new node with a short axis of 6 mm", matter="R11-NL-03", rule="NEW_NODE_NORMAL"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    new_node = (pl.col("role") == Role.NEW) & NODE & (pl.col("state") == State.UNEQUIVOCAL)
    rows = sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, new_node)
    row = pick.first(rows.filter(pl.struct(LESION).is_first_distinct()))
    return _resize(sheets, row, 6.0)


@READS.add(
    "NEW-LESION-REUSES-TARGET-ID",
    "A new lesion under the identifier of a target",
    matter="lesion identifiers",
    rule="LESION_ROLE_CHANGES",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, pl.col("role") == Role.NEW)
    row = pick.first(rows.filter(pl.struct(LESION).is_first_distinct()))
    taken = sheets.rows(SHEET, _of(row, "subject_id", "evaluator"), TARGET, LATER)
    number = taken.filter(pl.col("timepoint") == row["timepoint"]).head(1)
    sheets.remove(SHEET, numbers(number))
    sheets.change(SHEET, [row[ROW]], lesion_id=number["lesion_id"][0])
    yield _planted(row, "lesion_id", number["lesion_id"][0])


@READS.add("NON-TARGET-NODE-NORMAL", "A non-target node of 7 mm", matter="R11-BL-02", rule="NON_TARGET_NODE_NORMAL")
def _(sheets: Sheets, pick: Picker) -> Found:
    seen = pl.col("short_axis_mm") > 0
    row = pick.first(sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, NON_TARGET, BASELINE, NODE, seen))
    return _resize(sheets, row, 7.0)


def _left_out(sheets: Sheets, pick: Picker, gone: pl.Expr, at: pl.Expr) -> Found:
    """Take records of a non-target lesion out."""
    rows = sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, NON_TARGET).filter(pl.len().over(LESION) > 3)
    row = pick.first(rows.filter(at))
    sheets.remove(SHEET, numbers(rows.filter(_of(row, *LESION), gone)))
    yield _planted(row, "lesion_id", "no record", row["lesion_id"], gone=True)


@READS.add(
    "NON-TARGET-WITHOUT-RECORD",
    "A non-target left out at a follow-up",
    matter="R11-NT-04",
    rule="NON_TARGET_WITHOUT_RECORD",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    return _left_out(sheets, pick, pl.col("timepoint") == 1, pl.col("timepoint") == 1)


@READS.add(
    "NON-TARGET-WITHOUT-BASELINE",
    "A non-target without baseline record",
    matter="R11-NL-01",
    rule="NON_TARGET_WITHOUT_BASELINE",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    return _left_out(sheets, pick, pl.col("timepoint") <= 0, BASELINE)


@READS.add(
    "NEW-LESION-STAYS-EQUIVOCAL",
    "A new lesion called equivocal at every visit",
    matter="R11-NL-02",
    rule="NEW_LESION_STAYS_EQUIVOCAL",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET, SIMPLE).filter(FIRST_READER, pl.col("role") == Role.NEW)
    row = pick.first(rows.filter(pl.len().over(LESION) >= 3))
    sheets.change(SHEET, numbers(rows.filter(_of(row, *LESION))), state=State.EQUIVOCAL.value)
    yield _planted(row, "state", State.EQUIVOCAL.value)


@READS.add(
    "MERGED-INTO-UNKNOWN",
    "A lesion merged into one that is not there",
    matter="R11-FU-04",
    rule="JOINED_LESION_UNKNOWN",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    row = pick.first(sheets.rows(SHEET).filter(FIRST_READER, pl.col("state") == State.MERGED))
    merged = sheets.rows(SHEET, _of(row, *LESION), pl.col("other_lesion_id").is_not_null())
    sheets.change(SHEET, numbers(merged), other_lesion_id="T77")
    yield _planted(row, "other_lesion_id", "T77")


@READS.add(
    "CONFIRMATION-LATE",
    "The scan after a new lesion five weeks late",
    matter="IR-04, IR-06",
    rule="CONFIRMATION_SCAN_LATE",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    rows = sheets.rows(SHEET, SIMPLE)
    seen = (pl.col("role") == Role.NEW) & (pl.col("state") == State.UNEQUIVOCAL)
    first = pl.col("timepoint").filter(seen).min().over("subject_id")
    last = (pl.col("timepoint") == 2) & (pl.col("timepoint") == pl.col("timepoint").max().over("subject_id"))
    last &= first == 1
    planned = pl.col("visit").str.starts_with("WEEK") & (pl.col("state") != State.NOT_DONE)
    row = pick.first(rows.filter(last & planned))
    return _move(sheets, rows.filter(_of(row, "subject_id", "timepoint")), 35)
