"""A simulated trial as a ready study folder: protocol.yaml, incoming/ and truth/."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from protocol.template import PROTOCOL_TEMPLATE
from simulation.forms.sdtm import sdtm_datasets, write_csv, write_transport
from simulation.forms.templates import template_forms
from simulation.settings import FileFormat, Forms, Settings, SettingsError
from simulation.trial import Trial, simulate
from simulation.truth import readme, truth_tables, write_table

BASELINE_WINDOW = ("SCREENING", -14, 14, 13)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the folder and the number of rows of each form."""

    folder: Path
    rows: dict[str, int]
    subjects: int


def simulate_study(settings: Settings, out: Path, *, forms: Forms = "sdtm", file_format: FileFormat = "csv") -> Written:
    """Simulate a trial into the new folder ``out``; raises `SettingsError` when the folder holds something already."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SettingsError(f"{out} exists and is not empty; give a new folder, or remove it first")
    trial = simulate(settings)
    truth = out / "truth"
    for folder in (out / "incoming" / "forms", out / "incoming" / "dicom", truth):
        folder.mkdir(parents=True, exist_ok=True)
    (out / "protocol.yaml").write_text(protocol_text(settings, out.name), encoding="utf-8")
    rows = write_forms(trial, out, forms, file_format)
    tables = truth_tables(trial)
    for name, frame in tables.items():
        write_table(frame, truth / name)
    (truth / "README.md").write_text(readme([*tables, "settings.json"]), encoding="utf-8")
    (truth / "settings.json").write_text(json.dumps(asdict(settings), indent=1, default=str) + "\n", encoding="utf-8")
    return Written(out, rows, settings.subjects)


def write_forms(trial: Trial, out: Path, forms: Forms, file_format: FileFormat) -> dict[str, int]:
    """Write the forms into incoming/forms; the number of rows by file.

    What SDTM has no default encoding for (PET, injection log, clinical status) always comes in nadir's own forms. With
    ``both`` the whole trial is there in them too, in templates/ beside incoming/, since one trial is received once.
    """
    incoming = out / "incoming" / "forms"
    written: dict[str, pl.DataFrame] = {}
    if forms != "templates":
        for domain, frame in sdtm_datasets(trial).items():
            name = f"{domain.lower()}.{file_format}"
            if file_format == "csv":
                write_csv(frame, incoming / name)
            else:
                write_transport(frame, incoming / name, domain)
            written[name] = frame
    for name, frame in template_forms(trial, all_tables=forms == "templates").items():
        write_csv(frame, incoming / name)
        written[name] = frame
    if forms == "both":
        (out / "templates").mkdir()
        for name, frame in template_forms(trial, all_tables=True).items():
            write_csv(frame, out / "templates" / name)
    return {name: frame.height for name, frame in written.items()}


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
