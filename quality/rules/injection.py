"""Rules on the injection log: its deviations are findings (metabolic rule book 8.2 and 8.3)."""

from __future__ import annotations

from functools import partial

from criteria.injection_tables import INJECTION_DEVIATION
from ingestion.tables import INJECTION, MEASUREMENT
from quality.rule import Category, Rule

_injection = partial(
    Rule,
    table=INJECTION.name,
    rows="injection_deviation",
    keys=INJECTION_DEVIATION.key,
    category=Category.CONFORMANCE,
    field="code",
    message="Subject {subject_id}, {agent}, visit {visit_number}, lesion {lesion_id}: {code} ({clause}), {message}. "
    "Please check the log, or record the deviation.",
)
_log = partial(Rule, table=INJECTION.name, rows="injection", keys=INJECTION.key)
_WHERE = "Subject {subject_id}, {agent} into lesion {lesion_id} on {injection_date}: "

RULES: tuple[Rule, ...] = (
    _injection(
        id="INJECTION_DEVIATION",
        title="Injections follow the agent's table, the schedule and the imaging rules",
        source="metabolic 8.2, HL-1 to HL-3",
    ),
    _injection(
        id="INJECTION_REMARK",
        title="Nothing about the injections is to be asked about",
        source="metabolic HI-1, HI-2, HL-4 to HL-8",
    ),
    _log(
        id="INJECTED_LESION_UNKNOWN",
        title="An injected lesion is followed by a reader",
        category=Category.RECONCILIATION,
        source="metabolic HL-4, IT-04",
        message=_WHERE + "no reader follows this lesion. Please check the identifier.",
        field="lesion_id",
        needs=(MEASUREMENT.name,),
    ),
    _log(
        id="GRADE_WITHOUT_COMPLICATION",
        title="A graded complication is named",
        category=Category.COMPLETENESS,
        source="metabolic 8.3",
        message=_WHERE + "grade {complication_grade} is recorded, but no complication. Please supply it.",
        field="complication_grade",
    ),
    _log(
        id="COMPLICATION_WITHOUT_GRADE",
        title="A complication has its grade",
        category=Category.COMPLETENESS,
        source="metabolic 8.3",
        message=_WHERE + "{complication} is recorded without its grade. Please supply it.",
        field="complication",
    ),
    _log(
        id="INJECTION_AFTER_DEATH",
        title="No injection after death",
        category=Category.TIMING,
        source="SDTMIG DM, DTHDTC",
        message=_WHERE + "injected after the death on {death_date}. Please check both dates.",
        field="injection_date",
    ),
)
