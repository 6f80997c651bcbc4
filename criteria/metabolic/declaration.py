"""The vocabulary in which a metabolic criterion is declared (metabolic rule book sections 2, 5 and 11).

A criterion is one `Metabolic` value over PET lesions: the quantity, which lesions count, the thresholds, what new and
other lesions mean, how a progression is confirmed, and the decision table. The engine never asks for its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import Enum, StrEnum
from hashlib import sha256
from typing import Any, Literal

from criteria.decision import DecisionTable
from criteria.declaration import Confirmation, Endpoints, Immediate, Options, Unconfirmed, UnknownOptionError
from criteria.vocabulary import LesionNature

NEVER_COUNTED = (LesionNature.TREATMENT_EFFECT, LesionNature.PHYSIOLOGIC)
LEFT_OUT = (LesionNature.IRAE, LesionNature.INFECTION)
"""Natures that are left out, and counted in the sensitivity result only (section 10)."""
OUTCOME_OPTIONS = ("cbr_days", "drr_days", "drr_onset_months")
"""Options of the steps behind the time point response that metabolic criteria take as well (11.2)."""


class Quantity(StrEnum):
    """What is measured of a lesion: a column of core.pet_lesion."""

    SUV_MAX = "suv_max"
    SUV_MEAN_BSA = "suv_mean_bsa"
    SUL_PEAK = "sul_peak"

    @property
    def printed(self) -> str:
        """The quantity in the field's words."""
        return {"suv_max": "SUVmax", "suv_mean_bsa": "SUVmean (BSA)", "sul_peak": "SULpeak"}[self.value]


class Aggregate(Enum):
    """How the lesions of a scan make one number."""

    HOTTEST = "the hottest lesion of each scan that was there at baseline"
    SUM = "the sum over the targets"
    WORST = "each target by itself; the worst counts"
    RESOLVED = "how many lesions of the baseline are gone"


class FollowUp(Enum):
    """Which lesions the sum of a later scan is made of."""

    TARGETS = "the targets of the baseline"
    TARGETS_PLUS_NEW_TOP5 = "the hottest five of targets and new lesions"
    ANY_LESION_TOP5 = "the hottest five of all lesions"
    BASELINE_TARGETS_PLUS_ALL_NEW = "the targets and all new lesions"


class NewLesions(Enum):
    """What new lesions do."""

    PROGRESSION = "any new lesion of tumour type is progression"
    ADDED = "they enter the sum; by themselves they are no progression"
    COUNTED = "progression by their number and size"
    NOT_ASKED = "nothing by themselves; the RECIST 1.1 result has them"


@dataclass(frozen=True, slots=True)
class Selection:
    """How many lesions are targets, and whether they must be measurable (PE-2, PE-3)."""

    total: int
    per_organ: int
    measurable: bool


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall in percent and, where set, in units of the quantity; ``inclusive``: reaching it is enough."""

    percent: float
    absolute: float = 0.0
    inclusive: bool = True


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise in percent and, where set, in units of the quantity; ``inclusive``: reaching it is enough."""

    percent: float
    absolute: float = 0.0
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class ByCycles:
    """The fall that counts when at most one cycle of therapy came before the scan (EO-5)."""

    cycles: int
    fall: Fall


@dataclass(frozen=True, slots=True)
class CountRule:
    """Progression by new lesions: numbers of any size, above 10 mm and above 15 mm (PI-4 to PI-6)."""

    any_size: int = 4
    middle: int = 3
    large: int = 2
    middle_mm: float = 10.0
    large_mm: float = 15.0
    binning: Literal["NESTED", "EXCLUSIVE"] = "NESTED"
    middle_inclusive: bool = False
    diameter: Literal["READER_MM", "EQUIV_SPHERE"] = "READER_MM"


@dataclass(frozen=True, slots=True)
class OtherLesions:
    """What progression of a lesion that is no target means, and what keeps a response from being one (PE-7, PE-11)."""

    rise: Rise
    growth_percent: float = 20.0
    growth_mm: float = 5.0
    blocks_response_percent: float = 30.0


@dataclass(frozen=True, slots=True)
class Timing:
    """When the scan should be made, in days after the start; outside of it the result has the flag (PC-1)."""

    earliest_day: int
    latest_day: int
    flag: str


@dataclass(frozen=True, slots=True)
class Metabolic:
    """A response criterion on FDG-PET lesions, declared over the shared engine."""

    name: str
    source: str
    quantity: Quantity
    aggregate: Aggregate
    selection: Selection
    new_lesions: NewLesions
    table: DecisionTable
    best_response_clause: str
    partial: Fall | None = None
    first_cycle: ByCycles | None = None
    progression: Rise | None = None
    extent_percent: float | None = None
    """Growth of a target's uptake, of its longest dimension in percent, that is progression (EO-7)."""
    extent_min_mm: float = 0.0
    tlg_percent: float | None = None
    """Rise of the total lesion glycolysis without a fall of the quantity that is progression (PE-9)."""
    tlg_scope: Literal["TARGET", "TOP5"] = "TARGET"
    follow_up: FollowUp = FollowUp.TARGETS
    new_needs_measurable: bool = False
    count_uncertain: bool = True
    counts: CountRule | None = None
    others: OtherLesions | None = None
    below_liver: bool = True
    """Lesions at background must also be below the mean of the liver, where both are known (PE-6)."""
    nonmeasurable: Literal["QUALITATIVE", "NE"] = "QUALITATIVE"
    liver_formula: Literal["A", "B"] = "A"
    bloodpool_formula: Literal["A", "B"] = "A"
    reference: Literal["BASELINE", "NADIR"] = "BASELINE"
    """What progression is measured from (CH-1)."""
    qc_fail_action: Literal["FLAG", "NE"] = "FLAG"
    cmp_eps: float = 1e-9
    anatomic: bool = False
    """The RECIST 1.1 response of the same visit takes the place of the other lesions (PC-2)."""
    timing: Timing | None = None
    benefit: tuple[str, ...] = ()
    """Categories of the engine that predict clinical benefit; all others that can be judged predict none."""
    predictor: bool = False
    """The categories predict benefit and are no response: no best response and no endpoint rests on them (PC-7)."""
    confirm_by_days: int | None = None
    """Days within which a progression other than by new visceral lesions should be confirmed (PE-13)."""
    confirm_after_days: int | None = None
    confirm_before_days: int = 56
    further_progression: Rise | None = None
    """What confirms a progression: this further rise, or None for its persistence (IP-6)."""
    clinical_confirmation: bool = False
    missing_confirmation: Literal["PMD", "CENSOR"] = "PMD"
    endpoints: Endpoints = field(default_factory=lambda: Endpoints("mPFS", "mDOR", "mTTR"))
    codes: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[str, Mapping[Any, Mapping[str, Any]]] = field(default_factory=dict)
    """Options that change the declaration: option, value, the fields that the value replaces."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Options that are numbers: option and the field that it sets."""
    options: Options = field(default_factory=lambda: Options(min_sd_days=0))
    response_needs_confirmation: bool = False
    version: str = "1"

    @property
    def confirmation(self) -> Confirmation:
        """When a progression counts, in the terms that best response and endpoints know."""
        if self.confirm_after_days is None:
            return Immediate()
        return Unconfirmed(after_days=self.confirm_after_days, by_days=self.confirm_before_days, growth_mm=0)

    @property
    def option_names(self) -> tuple[str, ...]:
        """The options that this criterion takes."""
        return (*self.readings, *self.numbers, *OUTCOME_OPTIONS)

    @property
    def resolved(self) -> dict[str, Any]:
        """Every option with its value in force."""
        read = {name: self._reading(name) for name in self.readings}
        numbers = {option: getattr(self, name) for option, name in self.numbers.items()}
        return read | numbers | {name: getattr(self.options, name) for name in OUTCOME_OPTIONS}

    @property
    def options_sha256(self) -> str:
        """Hash of the resolved configuration (section 11)."""
        stated = {"criterion": self.name, "version": self.version, **self.resolved}
        return sha256(json.dumps(stated, sort_keys=True, default=str).encode()).hexdigest()

    def with_options(self, options: Mapping[str, Any]) -> Metabolic:
        """This criterion with other options (section 11); raises `UnknownOptionError` for a wrong name or value."""
        read = self
        for name, value in options.items():
            if name not in self.option_names:
                allowed = ", ".join(self.option_names)
                raise UnknownOptionError(f"{self.name} has no option {name!r}; options are: {allowed}")
            if name in self.readings:
                read = replace(read, **read._fields(name, value))
            elif not _is_amount(value):
                raise UnknownOptionError(f"{self.name}: option {name} cannot be {value!r}; it is a number from 0 up")
            elif name in self.numbers:
                read = replace(read, **{self.numbers[name]: value})
            else:
                read = replace(read, options=replace(read.options, **{name: value}))
        return read

    def _fields(self, option: str, value: Any) -> Mapping[str, Any]:
        values = self.readings[option]
        known = {(type(key), key): fields for key, fields in values.items()}
        if isinstance(value, list | dict) or (type(value), value) not in known:
            allowed = ", ".join(map(repr, values))
            raise UnknownOptionError(f"{self.name}: option {option} cannot be {value!r}; it is one of {allowed}")
        return {name: self._nested(name, wanted) for name, wanted in known[type(value), value].items()}

    def _nested(self, name: str, wanted: Any) -> Any:
        """A mapping replaces single fields of a part, so that two options of one part do not undo each other."""
        return replace(getattr(self, name), **wanted) if isinstance(wanted, Mapping) else wanted

    def _reading(self, option: str) -> Any:
        for value, fields in self.readings[option].items():
            if all(self._is(name, wanted) for name, wanted in fields.items()):
                return value
        raise ValueError(f"{self.name}: no value of {option} gives the declaration")

    def _is(self, name: str, wanted: Any) -> bool:
        current = getattr(self, name)
        if isinstance(wanted, Mapping):
            parts = asdict(current)
            return all(parts[part] == value for part, value in wanted.items())
        return bool(current == wanted)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def choices(name: str, *values: Any) -> dict[Any, dict[str, Any]]:
    """The readings of an option whose values are those of the field ``name``."""
    return {value.name if isinstance(value, Enum) else value: {name: value} for value in values}


COMMON_READINGS: Mapping[str, Mapping[Any, Mapping[str, Any]]] = {
    "pmd_reference": choices("reference", "BASELINE", "NADIR"),
    "qc_fail_action": choices("qc_fail_action", "FLAG", "NE"),
}
COMMON_NUMBERS: Mapping[str, str] = {"cmp_eps": "cmp_eps"}
CODES: Mapping[str, str] = {
    "CR": "CMR",
    "PR": "PMR",
    "SD": "SMD",
    "PD": "PMD",
    "NON-CR/NON-PD": "NON_CMR_NON_PMD",
    "UPD": "UPMD",
    "CPD": "CPMD",
}
"""Category of the engine to the code of the metabolic criteria (section 0)."""
