"""The protocol.yaml of a simulated trial."""

from __future__ import annotations

from protocol.template import PROTOCOL_TEMPLATE
from simulation.settings import WORKSTATIONS, Settings, SettingsError

BASELINE_WINDOWS = (("PRE-BASELINE", -74, 32, 32), ("SCREENING", -14, 14, 13))
CHARTER = """\
  charter:
    - version: "1.0"
      limits:
        - modality: CT
          slice_thickness_mm: {max: 5}
          missing_slices: {max: 0}
          kernels: [STANDARD]
          contrast_agent: "."
          same_scanner: true
          minor: [kernels]
        - modality: PT
          uptake_min: {min: 50, max: 70}
          dose_mbq: {min: 150, max: 500}
          same_scanner: true
          same_reconstruction: true
"""


def protocol_text(settings: Settings, name: str) -> str:
    """The protocol of the simulated trial: nadir's template with its schedule, cohort column and adjudication."""
    weeks = range(1, settings.visits + 1)
    planned = [*BASELINE_WINDOWS] + [
        (f"WEEK {settings.interval_days * k // 7}", settings.interval_days * k + 1, 7, 7) for k in weeks
    ]
    schedule = "".join(
        f"\n    - {{visit: {visit}, day: {day}, before: {before}, after: {after}}}"
        for visit, day, before, after in planned
    )
    observers = ", ".join(f"{device}: {reader}" for reader, device in WORKSTATIONS.items())
    changes = (
        ('title: ""', f'title: "Simulated trial, {settings.subjects} subjects, seed {settings.seed}"'),
        ("interval_days: 56 ", f"interval_days: {settings.interval_days} "),
        ("baseline: []", "baseline: [SCREENING]"),
        (
            "schedule: []             # planned visits: windows, missed assessments, progression between visits; e.g.\n"
            "  #  - {visit: WEEK 8, day: 57, before: 7, after: 7}",
            f"schedule:                # planned visits: windows, missed assessments{schedule}",
        ),
        ("adjudication: none", "adjudication: subject"),
        ("column: null  ", "column: COHORT"),
        ("observers: {}  ", f"observers: {{{observers}}}  "),
        ("- retain_modified_dates", "- retain_full_dates"),
        ("data_cutoff: null          # e.g. 2025-06-30: nothing", f"data_cutoff: {settings.data_cutoff}    # nothing"),
    )
    text = PROTOCOL_TEMPLATE.format(name=name)
    text = _with_charter(text)
    for default, own in changes:
        if default not in text:
            raise SettingsError(f"the protocol template no longer says {default!r}")
        text = text.replace(default, own, 1)
    return text


def _with_charter(text: str) -> str:
    """The imaging charter in place of the template's commented example."""
    before, _, after = text.partition("  charter: []")
    return before + CHARTER + "  deidentification:" + after.partition("  deidentification:")[2]
