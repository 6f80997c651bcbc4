"""The protocol.yaml of a simulated trial."""

from __future__ import annotations

from protocol.template import PROTOCOL_TEMPLATE
from simulation.settings import Settings, SettingsError

BASELINE_WINDOW = ("SCREENING", -14, 14, 13)


def protocol_text(settings: Settings, name: str) -> str:
    """The protocol of the simulated trial: nadir's template with its schedule, cohort column and adjudication."""
    weeks = range(1, settings.visits + 1)
    planned = [BASELINE_WINDOW] + [
        (f"WEEK {settings.interval_days * k // 7}", settings.interval_days * k + 1, 7, 7) for k in weeks
    ]
    schedule = "".join(
        f"\n    - {{visit: {visit}, day: {day}, before: {before}, after: {after}}}"
        for visit, day, before, after in planned
    )
    changes = (
        ('title: ""', f'title: "Simulated trial, {settings.subjects} subjects, seed {settings.seed}"'),
        ("interval_days: 56 ", f"interval_days: {settings.interval_days} "),
        ("baseline: []", "baseline: [SCREENING]"),
        (
            "schedule: []             # planned visits, for the check of visit windows, e.g.\n"
            "  #  - {visit: WEEK 8, day: 57, before: 7, after: 7}",
            f"schedule:                # planned visits, for the check of visit windows{schedule}",
        ),
        ("adjudication: none", "adjudication: subject"),
        ("column: null  ", "column: COHORT"),
        ("data_cutoff: null          # e.g. 2025-06-30: nothing", f"data_cutoff: {settings.data_cutoff}    # nothing"),
    )
    text = PROTOCOL_TEMPLATE.format(name=name)
    for default, own in changes:
        if default not in text:
            raise SettingsError(f"the protocol template no longer says {default!r}")
        text = text.replace(default, own, 1)
    return text
