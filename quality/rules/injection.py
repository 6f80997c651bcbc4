"""Rules on the injection log: its deviations are findings (metabolic rule book 8.2 and 8.3)."""

from __future__ import annotations

from criteria.injection_tables import INJECTION_DEVIATION
from ingestion.tables import INJECTION
from quality.rule import Category, Rule, Severity

RULES: tuple[Rule, ...] = tuple(
    Rule(
        id=f"INJECTION_{severity.value}",
        title=title,
        table=INJECTION.name,
        rows="injection_deviation",
        keys=INJECTION_DEVIATION.key,
        category=Category.CONFORMANCE,
        severity=severity,
        source="metabolic 8.2, HL-1 to HL-8",
        message="Subject {subject_id}, {agent}, visit {visit_number}, lesion {lesion_id}: {code} ({clause}), "
        "{message}. Please check the log, or record the deviation.",
        field="code",
        needs=(INJECTION_DEVIATION.name,),
    )
    for severity, title in (
        (Severity.ERROR, "Injections follow the agent's table, the schedule and the imaging rules"),
        (Severity.WARN, "Injections without a deviation that is to be asked about"),
    )
)
