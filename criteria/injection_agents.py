"""Volumes and visits of intratumoural agents as data (metabolic rule book section 8.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class VolumeBand:
    """Lesions with a longest diameter up to ``up_to_mm`` (None: any) take at most ``volume_ml``."""

    up_to_mm: float | None
    volume_ml: float


@dataclass(frozen=True, slots=True)
class Agent:
    """How an agent is dosed: volume by diameter (smallest first), limit of a visit, concentrations and intervals.

    The first visit has its own concentration; ``second_visit_days`` and ``later_days`` are the planned intervals.
    """

    name: str
    bands: tuple[VolumeBand, ...]
    visit_total_ml: float
    first_concentration: float
    later_concentration: float
    concentration_unit: str
    second_visit_days: int
    later_days: int
    source: str = "protocol"


T_VEC = Agent(
    name="T-VEC",
    bands=(
        VolumeBand(5.0, 0.1),
        VolumeBand(15.0, 0.5),
        VolumeBand(25.0, 1.0),
        VolumeBand(50.0, 2.0),
        VolumeBand(None, 4.0),
    ),
    visit_total_ml=4.0,
    first_concentration=1e6,
    later_concentration=1e8,
    concentration_unit="PFU/mL",
    second_visit_days=21,
    later_days=14,
    source="talimogene laherparepvec label",
)


@dataclass(frozen=True, slots=True)
class InjectionOptions:
    """Readings of the injection log with the rule book's defaults; ``agents`` carry their own tables."""

    agents: tuple[Agent, ...] = (T_VEC,)
    visit_window_d: int = 3
    keyimage_window_d: int = 1
    hitit_inclusive: bool = False
    hitit_node_axis: Literal["SHORT", "LONGEST"] = "SHORT"
    futility_weeks: int = 12


DEFAULT = InjectionOptions()
