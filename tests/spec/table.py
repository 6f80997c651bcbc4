"""Small text tables of a course: lesion rows by assessment columns.

::

    lesion     | BL  | d57 | d113
    T01 liver  | 12  | 10  | 11.5
    NT01 bone  | +   | NE  | !!
    NEW01 node | -   | -   | 12

The lesion's prefix says its role (T, NT, NEW), the organ ``node`` makes it a lymph node measured by short axis.
Columns are study days (d1 = 2024-01-01 = BL). Cells:

======== =============================================  ======== ============================================
12       measured, mm (a node: short axis)              0        absent
20x15    longest diameter x perpendicular               0mm      measured as 0 mm
ts, ts3  too small to measure (with its value)          +        present
++       increased                                      !!       unequivocal progression
?, ?12   equivocal (with its size)                      !, !12   unequivocal (with its size)
NE       not evaluable                                  ND       not done
-        no record                                      >T01     merged into T01
s8<T01   fragment of 8 mm, split from T01
======== =============================================  ======== ============================================

``12^`` adds the reader's word "increased since the previous scan"; ``12@-3`` dates the scan three days earlier.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]

DAY_1 = date(2024, 1, 1)
ROLES = {"T": "TARGET", "NT": "NON-TARGET", "NEW": "NEW"}
WORDS = {
    "0": "ABSENT",
    "+": "PRESENT",
    "++": "INCREASED",
    "!!": "UNEQUIVOCAL_PROGRESSION",
    "NE": "NOT_EVALUABLE",
    "ND": "NOT_DONE",
    "ts": "TOO_SMALL",
    "?": "EQUIVOCAL",
    "!": "UNEQUIVOCAL",
}
SIZED = {"ts": "TOO_SMALL", "?": "EQUIVOCAL", "!": "UNEQUIVOCAL", "s": "SPLIT", "": "MEASURED"}
CELL = re.compile(r"(?P<kind>ts|\?|!|s|)(?P<size>\d+(\.\d+)?)(x(?P<across>\d+(\.\d+)?))?(mm)?(<(?P<other>\w+))?")


def day(number: int) -> date:
    """The date of a study day."""
    return DAY_1 + timedelta(days=number - 1)


def table(text: str) -> list[Row]:
    """Measurement rows (columns of core.measurement) of one course."""
    header, *body = [line.split("|") for line in text.strip().splitlines() if line.strip()]
    columns = [cell.strip() for cell in header[1:]]
    days = [1 if column == "BL" else int(column.removeprefix("d")) for column in columns]
    first = 0 if columns[0] == "BL" else 1
    return [
        row
        for name, *cells in body
        for number, (on, cell) in enumerate(zip(days, cells, strict=True), start=first)
        if (row := read_cell(name.strip(), number, on, cell.strip())) is not None
    ]


def read_cell(name: str, timepoint: int, on: int, cell: str) -> Row | None:
    """One measurement row, or none for ``-``."""
    if cell == "-":
        return None
    lesion, organ = name.split()
    row: Row = {
        "timepoint": timepoint,
        "assessment_date": day(on),
        "lesion_id": lesion,
        "role": ROLES[lesion.rstrip("0123456789abc")],
        "organ": organ,
        "is_node": organ == "node",
        "state": None,
        "longest_diameter_mm": None,
        "short_axis_mm": None,
        "perpendicular_mm": None,
        "change_from_previous": None,
        "other_lesion_id": None,
    }
    cell, _, shift = cell.partition("@")
    row["assessment_date"] += timedelta(days=int(shift or 0))
    if cell.endswith("^"):
        cell = cell.removesuffix("^")
        row["change_from_previous"] = "INCREASED"
    if cell in WORDS:
        row["state"] = WORDS[cell]
    elif cell.startswith(">"):
        row["state"], row["other_lesion_id"] = "MERGED", cell[1:]
    else:
        read = CELL.fullmatch(cell)
        if read is None:
            raise ValueError(f"{name}, day {on}: cell {cell!r} is not known")
        row["state"] = SIZED[read["kind"]]
        row["other_lesion_id"] = read["other"]
        size, across = float(read["size"]), read["across"]
        row["short_axis_mm" if row["is_node"] else "longest_diameter_mm"] = size
        if across is not None:
            row["longest_diameter_mm"], row["perpendicular_mm"] = size, float(across)
            row["short_axis_mm"] = float(across) if row["is_node"] else None
    return row


def say(rows: list[Row], lesion: str, since: int = 0, until: int = 99, **facts: Any) -> list[Row]:
    """The rows with further facts of one lesion, from one time point to another."""
    return [row | facts if row["lesion_id"] == lesion and since <= row["timepoint"] <= until else row for row in rows]


def responses(text: str, *, adequate_baseline: bool = True) -> list[dict[str, Any]]:
    """Time point responses given as ``SD d57, PD d113``; a progression is dated on the scan that showed it.

    Repeated unconfirmed progressions carry the date of the first one, as the episode does.
    """
    out: list[dict[str, Any]] = []
    opened: date | None = None
    for number, item in enumerate(text.split(","), start=1):
        overall, on = item.split()
        when = day(int(on.removeprefix("d")))
        progressing = overall.endswith("PD") and not overall.startswith("NON")
        if progressing and overall.endswith(("UPD", "CPD")):
            opened = opened or when
        elif not overall.endswith("NE"):
            opened = None
        out.append(
            {
                "timepoint": number,
                "assessment_date": when,
                "target_response": "SD" if adequate_baseline else "NE",
                "nontarget_response": "NA",
                "new_lesion": "N",
                "overall_response": overall,
                "target_sum": None,
                "baseline_sum": 100.0 if adequate_baseline else None,
                "nadir_sum": 100.0 if adequate_baseline else None,
                "progression_date": (opened or when) if progressing else None,
                "flags": "",
            }
        )
    return out
