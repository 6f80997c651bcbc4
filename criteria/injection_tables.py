"""The tables of intratumoural therapy: planned volumes, deviations of the log, and the worklist of lesions."""

from __future__ import annotations

import polars as pl

from criteria.pattern_tables import LESION, LESION_KEY, PRESENT
from criteria.table import Column, Table
from criteria.tables import COURSE

SUBJECT = COURSE[:2]
SEVERITIES = ("ERROR", "WARN")

INJECTION_PLAN = Table(
    name="analysis.injection_plan",
    meaning="Volumes by the agent's table for the lesions of every injection visit (metabolic 8.2)",
    key=("study_id", "subject_id", "agent", "visit_number", "lesion_id"),
    columns=(
        *SUBJECT,
        Column("agent", pl.String, "what was injected, as the protocol names it"),
        Column("visit_number", pl.Int32, "number of the treatment visit, 1 = first"),
        Column("visit_date", pl.Date, "date of the visit"),
        Column("lesion_id", pl.String, "lesion, as in core.measurement"),
        Column("place", pl.Int32, "place in the order of injection: new lesions first after visit 1, then by size"),
        Column("lesion_diameter_mm", pl.Float64, "diameter of the lesion at the injection", unit="mm"),
        Column("most_ml", pl.Float64, "largest volume that the table allows for the lesion", unit="ml"),
        Column("planned_ml", pl.Float64, "volume by the table within the limit of the visit", unit="ml"),
        Column("delivered_ml", pl.Float64, "volume delivered", unit="ml"),
        Column("concentration", pl.Float64, "concentration that the visit asks for"),
        Column("planned_dose", pl.Float64, "planned_ml times the concentration"),
    ),
)

INJECTION_DEVIATION = Table(
    name="analysis.injection_deviation",
    meaning="Deviations of the injection log from the agent's table, the schedule and the imaging rules (8.2, 8.3)",
    key=("study_id", "subject_id", "agent", "visit_number", "lesion_id", "code"),
    columns=(
        *SUBJECT,
        Column("agent", pl.String, "what was injected, as the protocol names it; as received where it is not known"),
        Column("visit_number", pl.Int32, "number of the treatment visit; 0 = the whole course"),
        Column("visit_date", pl.Date, "date of the visit"),
        Column("lesion_id", pl.String, "lesion; ALL for the visit or the course"),
        Column("code", pl.String, "the deviation"),
        Column("severity", pl.String, "ERROR is wrong, WARN is to be asked about", allowed=SEVERITIES),
        Column("value", pl.Float64, "the number that was judged", unit="see value_unit"),
        Column("limit", pl.Float64, "what it is compared with", unit="see value_unit"),
        Column("value_unit", pl.String, "unit of both"),
        Column("clause", pl.String, "rule id or section of the rule book"),
        Column("message", pl.String, "one sentence with the numbers"),
    ),
)

INJECTION_WORKLIST = Table(
    name="analysis.injection_worklist",
    meaning="Lesions that may be injected, in order of a score; a worklist, never a decision (HI-1 to HI-5)",
    key=LESION_KEY,
    columns=(
        *LESION,
        Column("size_mm", pl.Float64, "size that HI-1 looks at", unit="mm"),
        Column("eligible", pl.String, "large enough (HI-1)", allowed=PRESENT),
        Column("caution", pl.Boolean, "above 50 mm: needs a written justification (HI-2)"),
        Column("score", pl.Int32, "sum of the points of HI-5, of what is known"),
        Column("place", pl.Int32, "place in the worklist of the course; ties by size"),
        Column("explanation", pl.String, "the points that were given"),
        Column("clause", pl.String, "rule id"),
    ),
)

TABLES = (INJECTION_PLAN, INJECTION_DEVIATION, INJECTION_WORKLIST)
