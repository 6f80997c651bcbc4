"""Lesion tables of the worked examples: text with one line a lesion and one column an assessment.

Columns are study days, ``BL`` is day 1 (2024-01-01); those left of it, such as ``d-59``, lie before the baseline. A
lesion's prefix says its role (T, NT, NEW); the organ ``node`` makes it a lymph node, measured by its short axis. Cells:
``12`` millimetres, ``20x15`` two diameters, ``0`` gone, ``ts`` too small to measure, ``+`` present, ``!!`` unequivocal
progression, ``NE`` not evaluable, ``-`` no record; a star marks a lesion that has been injected by then.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from ingestion.tables import MEASUREMENT

DAY_1 = date(2024, 1, 1)
ROLES = {"T": "TARGET", "NT": "NON-TARGET", "NEW": "NEW"}
STATES = {"0": "ABSENT", "ts": "TOO_SMALL", "+": "PRESENT", "!!": "UNEQUIVOCAL_PROGRESSION", "NE": "NOT_EVALUABLE"}
CAPTION = (
    "Columns are study days (BL is day 1, 2024-01-01), cells millimetres: `20x15` two diameters, `0` gone, `ts` too "
    "small to measure, `+` present, `!!` unequivocal progression, `NE` not evaluable, `-` no record, `*` injected."
)


def day(number: int) -> date:
    """The date of a study day."""
    return DAY_1 + timedelta(days=number - 1)


def measurements(text: str) -> pl.DataFrame:
    """A lesion table as rows of core.measurement, all of one course."""
    header, *body = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    days = [1 if column == "BL" else int(column.removeprefix("d")) for column in header[1:]]
    baseline = header[1:].index("BL")
    rows = [
        {"study_id": "EXAMPLE", "subject_id": "1", "evaluator": "INVESTIGATOR", "timepoint": number - baseline}
        | {"assessment_date": day(on)}
        | _lesion(*name.split())
        | _finding(cell.removesuffix("*"), node=name.endswith(" node"))
        | {"injected": cell.endswith("*")}
        for name, *cells in body
        for number, (on, cell) in enumerate(zip(days, cells, strict=True))
        if cell != "-"
    ]
    columns = {name: [row.get(name) for row in rows] for name in MEASUREMENT.schema}
    return pl.DataFrame(columns, schema=MEASUREMENT.schema)


def _lesion(lesion_id: str, organ: str) -> dict[str, object]:
    role = ROLES[lesion_id.rstrip("0123456789")]
    return {"lesion_id": lesion_id, "role": role, "organ": organ, "is_node": organ == "node"}


def _finding(cell: str, *, node: bool) -> dict[str, object]:
    if cell in STATES:
        return {"state": STATES[cell]}
    longest, _, across = cell.partition("x")
    found: dict[str, object] = {"state": "MEASURED"}
    if across:
        found |= {"longest_diameter_mm": float(longest), "perpendicular_mm": float(across)}
    if node:
        found["short_axis_mm"] = float(across or longest)
    elif not across:
        found["longest_diameter_mm"] = float(longest)
    return found
