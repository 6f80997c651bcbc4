"""A simulated trial as a ready study folder: protocol.yaml, incoming/ and truth/."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl

from simulation.faults.catalogue import ScanPlanter, plant
from simulation.faults.fault import Fault, Picker, Planted, Stage
from simulation.faults.key import fault_key
from simulation.faults.reads import SHEET as MEASUREMENT_SHEET
from simulation.faults.sheets import Sheets
from simulation.forms.sdtm import DATASETS, sdtm_datasets, write_csv, write_transport
from simulation.forms.templates import template_forms, write_template
from simulation.protocol_file import protocol_text
from simulation.scans.write import write_scans
from simulation.settings import FileFormat, Forms, Settings, SettingsError
from simulation.trial import Trial, simulate, with_measurements
from simulation.truth import readme, truth_tables, write_table

KEY_FILE = "faults.csv"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: rows by file, DICOM files, places with a planted fault, and why a fault was not planted."""

    folder: Path
    subjects: int
    rows: dict[str, int]
    scans: int = 0
    planted: int = 0
    not_planted: dict[str, str] = field(default_factory=dict)


def simulate_study(
    settings: Settings,
    out: Path,
    *,
    forms: Forms = "sdtm",
    file_format: FileFormat = "csv",
    faults: Sequence[Fault] = (),
) -> Written:
    """Simulate a trial into the new folder ``out``; raises `SettingsError` when the folder holds something already.

    ``faults`` are planted, each in a subject of its own; the key of what was planted where is truth/faults.csv, the
    other tables of truth/ are those of the trial without them.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SettingsError(f"{out} exists and is not empty; give a new folder, or remove it first")
    pick, clean = Picker(), simulate(settings)
    trial = clean
    planted: list[tuple[Fault, Planted]] = []
    failed: dict[str, str] = {}
    if faults:
        reads = Sheets({MEASUREMENT_SHEET: trial.measurement})
        planted, failed = plant(faults, Stage.READS, reads, pick)
        trial = with_measurements(trial, reads.frames()[MEASUREMENT_SHEET])
    incoming, truth = out / "incoming", out / "truth"
    for folder in (incoming / "forms", incoming / "dicom", truth):
        folder.mkdir(parents=True, exist_ok=True)
    (out / "protocol.yaml").write_text(protocol_text(settings, out.name), encoding="utf-8")
    sheets = Sheets(_forms(trial, forms))
    in_forms, not_in_forms = plant(faults, Stage.FORMS, sheets, pick)
    files = {name: f"forms/{file_name(name, file_format)}" for name in sheets.frames()}
    for name, frame in sheets.frames().items():
        _write(name, frame, incoming / files[name], file_format)
    if forms == "both":
        _write_templates(trial, out / "templates")
    tables = dict(truth_tables(clean))
    planter = ScanPlanter(faults)
    scans = write_scans(clean, incoming / "dicom", planter)
    if faults:
        headers = {name: int(file.endswith(".csv")) for name, file in files.items()}
        tables[KEY_FILE] = fault_key([*planted, *in_forms, *planter.planted], sheets, files, headers)
    for name, frame in tables.items():
        write_table(frame, truth / name)
    (truth / "README.md").write_text(readme([*tables, "settings.json"]), encoding="utf-8")
    (truth / "settings.json").write_text(json.dumps(asdict(settings), indent=1, default=str) + "\n", encoding="utf-8")
    rows = {files[name]: frame.height for name, frame in sheets.frames().items()}
    count = len(planted) + len(in_forms) + len(planter.planted)
    return Written(out, settings.subjects, rows, scans, count, failed | not_in_forms | planter.not_planted)


def file_name(table: str, file_format: FileFormat) -> str:
    """The file of an SDTM dataset or of one of nadir's own forms."""
    return f"{table.lower()}.{file_format if table in DATASETS else 'csv'}"


def _forms(trial: Trial, forms: Forms) -> dict[str, pl.DataFrame]:
    """All forms of incoming/: SDTM datasets by domain, nadir's own forms by table.

    What SDTM has no default encoding for (PET, clinical status) always comes in nadir's own forms.
    """
    sdtm = {} if forms == "templates" else sdtm_datasets(trial)
    return {**sdtm, **template_forms(trial, all_tables=forms == "templates")}


def _write(name: str, frame: pl.DataFrame, path: Path, file_format: FileFormat) -> None:
    if name not in DATASETS:
        write_template(frame, path)
    elif file_format == "csv":
        write_csv(frame, path)
    else:
        write_transport(frame, path, name)


def _write_templates(trial: Trial, folder: Path) -> None:
    """The whole trial once more in nadir's own forms, beside incoming/: one trial is received once."""
    folder.mkdir()
    for name, form in template_forms(trial, all_tables=True).items():
        write_template(form, folder / f"{name}.csv")
