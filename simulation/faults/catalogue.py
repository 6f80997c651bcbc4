"""All faults that can be planted, and the planting of the chosen ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from protocol.nearest import nearest
from simulation.faults.contradictions import CONTRADICTIONS
from simulation.faults.fault import Fault, Picker, Planted, Stage
from simulation.faults.injection_forms import INJECTION_FORMS
from simulation.faults.own_forms import OWN_FORMS
from simulation.faults.reads import READS
from simulation.faults.scans import SCANS, Objects, of_modality
from simulation.faults.sheets import NoSubjectError, Sheets
from simulation.faults.subject_forms import SUBJECT_FORMS
from simulation.faults.tumour_forms import TUMOUR_FORMS
from simulation.settings import SettingsError

FAULTS: tuple[Fault, ...] = tuple(
    fault
    for part in (READS, TUMOUR_FORMS, SUBJECT_FORMS, OWN_FORMS, INJECTION_FORMS, CONTRADICTIONS, SCANS)
    for fault in part.faults
)
BY_ID = {fault.id: fault for fault in FAULTS}
ALL = "all"
RAREST = ("PT", "SEG", "SR", "CT")


def chosen_faults(text: str) -> tuple[Fault, ...]:
    """The faults of a comma list of ids, or of ``all``; raises `SettingsError` that names what is unknown."""
    if text.strip().lower() == ALL:
        return FAULTS
    ids = [part.strip().upper() for part in text.split(",") if part.strip()]
    for fault_id in ids:
        if fault_id not in BY_ID:
            close = nearest(fault_id, BY_ID, cutoff=0.5)
            hint = f"did you mean {close}? " if close else ""
            raise SettingsError(f"unknown fault {fault_id}; {hint}`nadir simulate --list-faults` shows all")
    return tuple(BY_ID[fault_id] for fault_id in dict.fromkeys(ids))


def listed() -> pl.DataFrame:
    """The catalogue as a table."""
    rows = [(f.id, f.stage.value, f.expects.value, f.rule, f.matter, f.title) for f in FAULTS]
    names = ("fault", "stage", "expects", "rule", "matter", "title")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def plant(
    faults: Sequence[Fault], stage: Stage, sheets: Sheets, pick: Picker
) -> tuple[list[tuple[Fault, Planted]], dict[str, str]]:
    """Plant the faults of a stage; what was planted, and for each fault that could not be planted the reason."""
    done: list[tuple[Fault, Planted]] = []
    failed: dict[str, str] = {}
    for fault in of_stage(faults, stage):
        try:
            done.extend((fault, planted) for planted in fault.plant(sheets, pick))
        except NoSubjectError as error:
            failed[fault.id] = str(error)
    return done, failed


class ScanPlanter:
    """Plants each scan fault in the first visit that has what it needs; a visit takes one fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._open = of_stage(faults, Stage.SCANS)
        self.planted: list[tuple[Fault, Planted]] = []

    def plant(self, objects: Objects) -> None:
        """Plant the next fault that fits into the objects of a visit; what few visits have comes first."""
        fitting = [fault for fault in self._open if of_modality(objects, fault.needs)]
        if fitting:
            fault = min(fitting, key=lambda each: RAREST.index(each.needs))
            self.planted.extend((fault, planted) for planted in fault.plant(objects))
            self._open.remove(fault)

    @property
    def not_planted(self) -> dict[str, str]:
        """Faults for which no visit was left."""
        return {fault.id: f"no visit with {fault.needs} is left for it; give more --scans" for fault in self._open}


def of_stage(faults: Iterable[Fault], stage: Stage) -> list[Fault]:
    """The faults of one stage."""
    return [fault for fault in faults if fault.stage is stage]
