"""The check views: SQL whose rows are checked and whose columns ``ok_<rule>`` say what holds of each row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from importlib import resources

from criteria.injection_tables import TABLES as INJECTION_TABLES
from criteria.metabolic.tables import PET_CHECK
from criteria.table import Table
from criteria.tables import TABLES as ANALYSIS_TABLES
from ingestion.change_table import CHANGE
from ingestion.deidentification.tables import DEIDENTIFICATION_FINDING
from ingestion.dicom.tables import SERIES, UNMATCHED_SCAN, VISIT_SCAN
from ingestion.imaging.tables import CHARTER_DEVIATION
from ingestion.objects.tables import MEASUREMENT_CONFLICT, SEGMENTATION
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_REPORT, PET_SCAN
from ingestion.tables import INJECTION
from ingestion.tables import TABLES as CORE_TABLES
from quality.parameters import filled
from quality.tables import VISIT_WINDOW
from warehouse.ddl import sql_type

CHECKED = (
    *CORE_TABLES,
    *(
        SERIES,
        VISIT_SCAN,
        UNMATCHED_SCAN,
        CHARTER_DEVIATION,
        DEIDENTIFICATION_FINDING,
        SEGMENTATION,
        MEASUREMENT_CONFLICT,
    ),
    CHANGE,
    *(PET_SCAN, PET_LESION, PET_REFERENCE, PET_CHECK, PET_REPORT),
    *ANALYSIS_TABLES,
    *(INJECTION, *INJECTION_TABLES),
    VISIT_WINDOW,
)
INPUTS: dict[str, Table] = {table.name: table for table in CHECKED}

_TABLE = re.compile(r"\b(?:" + "|".join(re.escape(name) for name in INPUTS) + r")\b")


def check_view(name: str, present: Collection[str], values: Mapping[str, str]) -> str:
    """The SQL of a check view, or of a declared table as it stands.

    ``present`` are the tables that the warehouse has; a declared table that it has not is read as one without rows.
    ``values`` are the parameters that the view names (`quality.parameters.sql_values`).
    """
    if name in INPUTS:
        return f"select * from {_source(name, present)}"
    return _TABLE.sub(lambda found: _source(found[0], present), filled(_text(name), values))


def inputs(name: str) -> tuple[str, ...]:
    """The declared tables that a check view reads, in order of appearance."""
    return (name,) if name in INPUTS else tables_named(_text(name))


def tables_named(sql: str) -> tuple[str, ...]:
    """The declared tables that a text of SQL names, in order of appearance."""
    return tuple(dict.fromkeys(_TABLE.findall(sql)))


def _text(name: str) -> str:
    return resources.files("quality").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")


def _source(name: str, present: Collection[str]) -> str:
    if name in present:
        return name
    columns = (f'null::{sql_type(column.dtype)} as "{column.name}"' for column in INPUTS[name].columns)
    return f"(select {', '.join(columns)} where false)"
