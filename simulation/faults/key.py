"""The key of planted faults: what was planted where, and what should find it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from simulation.faults.fault import Fault, Planted
from simulation.faults.reads import SHEET as MEASUREMENT_SHEET
from simulation.faults.sheets import ROW, Sheets

COLUMNS = (
    *("fault", "title", "expects", "rule", "matter", "reject_reason", "file", "record", "sop_instance_uid"),
    *("subject_id", "evaluator", "visit", "lesion_id", "field", "before", "after"),
)
TESTS = {"longest_diameter_mm": "LDIAM", "short_axis_mm": "LPERP", "state": "TUMSTATE"}


def fault_key(
    planted: Iterable[tuple[Fault, Planted]], sheets: Sheets, files: Mapping[str, str], header_rows: Mapping[str, int]
) -> pl.DataFrame:
    """One row a planted fault and place: `COLUMNS`.

    ``files`` gives the file of each table, ``header_rows`` how many records its header counts (a CSV 1, a transport
    file 0); ``record`` is the number of the row in the file, as rejects and findings name it, empty where it is gone.
    """
    rows = []
    for fault, what in planted:
        sheet, row = _place(what, sheets)
        position = None if row is None else sheets.position(sheet, row)
        record = "" if position is None else str(position + header_rows.get(sheet, 0) + 1)
        rows.append(
            (
                *(fault.id, fault.title, fault.expects.value, fault.rule, fault.matter, fault.finds),
                *(files.get(sheet, sheet), record, what.sop_instance_uid),
                *(what.subject, what.evaluator, what.visit, what.lesion, what.field, what.before, what.after),
            )
        )
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def _place(what: Planted, sheets: Sheets) -> tuple[str, int | None]:
    """The table and row of a planted fault; one in the measurements is found again in TR, or in nadir's own form."""
    if what.sheet != MEASUREMENT_SHEET:
        return what.sheet, what.row
    if "TR" in sheets:
        reader = pl.coalesce("TREVALID", "TREVAL") == what.evaluator
        at = [pl.col("USUBJID") == what.subject, reader, pl.col("VISIT") == what.visit]
        lesion = [pl.col("TRLNKID") == what.lesion] if what.lesion else []
        found = sheets.rows("TR", *at, *lesion)
        same_test = found.filter(pl.col("TRTESTCD") == TESTS.get(what.field, ""))
        found = found if same_test.is_empty() else same_test
        return "TR", None if what.row is None or found.is_empty() else found[ROW][0]
    at = [pl.col(name) == value for name, value in (("subject_id", what.subject), ("visit", what.visit))]
    found = sheets.rows(MEASUREMENT_SHEET, *at, pl.col("evaluator") == what.evaluator)
    found = found.filter(pl.col("lesion_id") == what.lesion) if what.lesion else found
    return MEASUREMENT_SHEET, None if what.row is None or found.is_empty() else found[ROW][0]
