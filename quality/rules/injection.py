"""Rules on the injection log: its deviations are findings (metabolic rule book 8.2 and 8.3)."""

from __future__ import annotations

from functools import partial

from criteria.injection_tables import INJECTION_DEVIATION
from ingestion.tables import INJECTION
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
)
