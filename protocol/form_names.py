"""The forms that a study can send: SDTM domains, and nadir's own templates by the core table they fill."""

from __future__ import annotations

DOMAINS = ("DM", "TU", "TR", "RS", "CM", "DS", "EX", "SV", "PR", "QS", "LB")
SUPPLEMENT = "SUPP"
SUPPLEMENTS = tuple(SUPPLEMENT + domain for domain in DOMAINS)
TEMPLATES = (
    *("subject", "visit", "measurement", "recorded_response", "recorded_sum", "therapy", "clinical_status"),
    *("laboratory", "injection", "pet_scan", "pet_lesion", "pet_reference"),
)
FORMS = (*DOMAINS, *SUPPLEMENTS, *TEMPLATES)


def form_of_table(table: str) -> str:
    """The form that the raw table of that name holds: ``tr`` is TR, ``measurement`` a template."""
    return table if table in TEMPLATES else table.upper()
