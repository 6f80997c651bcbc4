"""What a simulated trial is like: its size, arms, latent classes, schedule, and the stated errors of its readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from simulation.classes import LatentClass

Forms = Literal["sdtm", "templates", "both"]
FileFormat = Literal["csv", "xpt"]

ANTI_PD1 = {
    LatentClass.DURABLE: 0.10,
    LatentClass.RESPONDER: 0.15,
    LatentClass.PSEUDOPROGRESSOR: 0.05,
    LatentClass.DISSOCIATED: 0.07,
    LatentClass.STABLE: 0.26,
    LatentClass.PROGRESSOR: 0.29,
    LatentClass.HYPERPROGRESSOR: 0.08,
}
COMBINATION = {
    LatentClass.DURABLE: 0.18,
    LatentClass.RESPONDER: 0.18,
    LatentClass.PSEUDOPROGRESSOR: 0.08,
    LatentClass.DISSOCIATED: 0.08,
    LatentClass.STABLE: 0.23,
    LatentClass.PROGRESSOR: 0.20,
    LatentClass.HYPERPROGRESSOR: 0.05,
}


WORKSTATIONS = {"RADIOLOGIST 1": "WORKSTATION 1", "RADIOLOGIST 2": "WORKSTATION 2"}
"""The workstations of the central readers, by which their structured reports are known."""


class SettingsError(ValueError):
    """A trial that cannot be simulated as asked; the message says which setting is wrong and what is allowed."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A treatment arm: the shares of the latent classes, and whether lesions are injected in it."""

    code: str
    name: str
    classes: Mapping[LatentClass, float]
    injected: bool = False


ARMS = (
    Arm("A", "ANTI-PD-1", ANTI_PD1),
    Arm("B", "ANTI-PD-1 + TALIMOGENE LAHERPAREPVEC", COMBINATION, injected=True),
)


@dataclass(frozen=True, slots=True)
class ReaderErrors:
    """How far a reader is from the truth; all zero gives a perfect reader.

    ``lesion_bias`` and ``scan_noise`` are standard deviations of the logarithm of a diameter, the same for all scans
    of a lesion and drawn anew at each; ``selection`` that of the preference for a lesion as target; ``calls`` that of
    the size from which a non-target is unequivocally worse or a new lesion is seen. The others are chances: of a
    target that is not evaluable at a scan, of a non-target that is not listed, of a small new lesion that is called
    equivocal first, of a benign finding that is called a lesion, and of a recorded response that is not what the
    measurements say.
    """

    lesion_bias: float = 0.05
    scan_noise: float = 0.03
    selection: float = 0.25
    calls: float = 0.15
    not_evaluable: float = 0.004
    not_listed: float = 0.05
    equivocal: float = 0.25
    benign: float = 0.3
    wrong_response: float = 0.0


PERFECT = ReaderErrors(0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole simulated trial. Shares and rates are between 0 and 1; raises `SettingsError`.

    ``late`` is the share of scans after their window, ``multi_day`` that of assessments on two days, ``unscheduled``
    the chance of an extra scan 4 to 6 weeks after a first progression, ``pet`` the share of subjects with PET,
    ``scans`` the number of subjects with DICOM scans (the first ones), ``scan_visits`` how many of
    their visits from the baseline on have them (None: all, also the one before the baseline), ``voxel_noise`` the
    standard deviation of a voxel's uptake as a share of it.
    """

    subjects: int
    seed: int = 1
    study: str = "SIM"
    arms: tuple[Arm, ...] = ARMS
    sites: int = 12
    first_enrolment: date = date(2023, 3, 6)
    enrolment_days: int = 365
    data_cutoff: date = date(2025, 6, 30)
    visits: int = 9
    interval_days: int = 56
    missed: float = 0.03
    late: float = 0.0
    multi_day: float = 0.15
    unscheduled: float = 0.5
    lost: float = 0.09
    adverse_events: float = 0.12
    errors: ReaderErrors = field(default_factory=ReaderErrors)
    mimics: float = 0.06
    pet: float = 0.4
    scans: int = 0
    scan_visits: int | None = None
    voxel_noise: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.subjects <= 99_999:
            raise SettingsError(f"subjects: {self.subjects} is not between 1 and 99,999")
        if not 0 <= self.scans <= self.subjects:
            raise SettingsError(f"scans: {self.scans} is not between 0 and the number of subjects, {self.subjects}")
        shares = ("missed", "late", "multi_day", "unscheduled", "lost", "adverse_events", "mimics", "pet")
        for name in shares:
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name}: {getattr(self, name)} is no share between 0 and 1")
        for arm in self.arms:
            if min(arm.classes.values()) < 0 or sum(arm.classes.values()) <= 0:
                raise SettingsError(f"arm {arm.name}: shares of the latent classes must be positive")
