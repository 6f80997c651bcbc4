"""The vocabulary in which a morphologic criterion is declared (rule book sections 1 to 7 and 14).

A criterion is one `Morphologic` value: what is measured, the thresholds, what new and non-target lesions mean,
how a progression is confirmed, and the decision table. The engine reads it; it never asks for a criterion's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Literal

import numpy as np

from criteria.decision import DecisionTable
from criteria.reads import HUNDREDTHS, NO_SIZE, Booleans, Integers, Records


class UnknownOptionError(ValueError):
    """An option that the criterion does not have, or a value that the option does not take."""


@dataclass(frozen=True, slots=True)
class Selection:
    """How many lesions may be chosen and how large one must be (R11-BL-01 to R11-BL-03, IRC-02, IRC-03).

    With ``cutaneous`` lesions of the skin, with ``injected`` injected lesions have a limit of their own beside the
    ``total`` of all others; ``per_organ`` None sets no limit.
    """

    total: int
    per_organ: int | None
    cutaneous: int | None = None
    injected: int | None = None
    minimum_mm: int = 10
    minimum_node_mm: int = 15


@dataclass(frozen=True, slots=True)
class Diameters:
    """Unidimensional measure: longest diameter, lymph nodes by their short axis (R11-BL-06)."""

    normal_node_mm: int = 10
    knows_nodes: bool = True
    scale: int = HUNDREDTHS
    unit: str = "mm"

    def stated_size(self, records: Records) -> Integers:
        """The size of every record in hundredths of a millimetre."""
        return np.where(records.is_node, records.short, records.longest)

    def of_side(self, side_mm: int) -> int:
        """The size of a lesion of that diameter."""
        return side_mm * HUNDREDTHS

    def is_normal_node(self, is_node: Booleans, size: Integers) -> Booleans:
        """A node below the smallest pathological short axis (R11-TL-02)."""
        return is_node & (size >= 0) & (size < self.normal_node_mm * HUNDREDTHS)

    def is_measurable(self, records: Records, size: Integers, selection: Selection) -> Booleans:
        """Large enough to be followed by its size (R11-BL-01, R11-BL-02)."""
        return size >= np.where(records.is_node, selection.minimum_node_mm, selection.minimum_mm) * HUNDREDTHS

    def organ(self, records: Records) -> Integers:
        """The organ a lesion counts for; all nodes are one organ (R11-BL-03)."""
        return records.organ_or_nodes


@dataclass(frozen=True, slots=True)
class Products:
    """Bidimensional measure: longest diameter times longest perpendicular, nodes like any lesion (WHO-01, IRC-01)."""

    knows_nodes: bool = False
    scale: int = HUNDREDTHS * HUNDREDTHS
    unit: str = "mm2"

    def stated_size(self, records: Records) -> Integers:
        """The size of every record in ten-thousandths of a square millimetre."""
        longest, across = records.longest, _across(records)
        return np.where((longest >= 0) & (across >= 0), longest * across, NO_SIZE)

    def of_side(self, side_mm: int) -> int:
        """The size of a lesion with both diameters of that length (WHO-08)."""
        return (side_mm * HUNDREDTHS) ** 2

    def is_normal_node(self, is_node: Booleans, size: Integers) -> Booleans:
        """Never: a node must vanish like any lesion (WHO-03, IRC-04)."""
        return np.zeros_like(is_node)

    def is_measurable(self, records: Records, size: Integers, selection: Selection) -> Booleans:
        """Both diameters large enough (IRC-03)."""
        smaller = np.minimum(records.longest, _across(records))
        return (smaller >= selection.minimum_mm * HUNDREDTHS) & (smaller >= 0) & (size > 0)

    def organ(self, records: Records) -> Integers:
        """The organ a lesion counts for."""
        return records.organ


def _across(records: Records) -> Integers:
    """The second diameter; of a node its short axis where no perpendicular is given."""
    return np.where((records.across < 0) & records.is_node, records.short, records.across)


@dataclass(frozen=True, slots=True)
class Decrease:
    """Smallest decrease from baseline, in percent, that is a partial response (inclusive, GEN-02)."""

    percent: int


@dataclass(frozen=True, slots=True)
class Increase:
    """Smallest increase over the nadir that is a progression: percent and, where set, millimetres (GEN-02).

    ``of`` is what must grow: the sum, or any single lesion over its own smallest size (WHO-05). ``after_zero`` says
    what counts over a nadir of zero: the threshold itself, or any lesion that is measurable again (IRC-11). With
    ``strict`` the percentage must be exceeded, not reached (seed review's irRECIST, A16).
    """

    percent: int
    absolute_mm: int = 0
    of: Literal["sum", "any_lesion"] = "sum"
    after_zero: Literal["threshold", "measurable"] = "threshold"
    strict: bool = False


class NewLesions(Enum):
    """What a new lesion does."""

    PROGRESSION = "it is progression"
    ADDED = "its size is added to the sum"
    SEPARATE = "it opens an unconfirmed progression and has a sum of its own"


@dataclass(frozen=True, slots=True)
class Immediate:
    """A progression counts when it is first seen."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A progression counts unless a later assessment at least ``after_days`` on is none (IRC-08 to IRC-10, IM-05).

    A second look later than ``by_days`` is flagged. With ``keeps_nadir`` the second look is compared with the nadir
    before the progression (IRC-08).
    """

    after_days: int
    by_days: int | None = None
    keeps_nadir: bool = False


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A progression is unconfirmed until it grows further between ``after_days`` and ``by_days`` (IR-02 to IR-06)."""

    after_days: int
    by_days: int
    growth_mm: int


Confirmation = Immediate | SecondLook | Unconfirmed


@dataclass(frozen=True, slots=True)
class Options:
    """Named readings of the literature's open points, with the rule book's defaults (section 14)."""

    min_sd_days: int = 42
    confirm_min_days: int = 28
    confirm_max_days: int | None = None
    max_nr_ne: int = 1
    accept_sd_between_pr: bool = False
    orr_confirmed: bool = False
    cr_precedes_pd: bool = True
    zero_nadir_rule: Literal["abs5", "any_reappearance"] = "abs5"
    tstm_value_mm: int = 5
    new_node_rule: Literal["ge10_and_plus5", "ge10", "ge15"] = "ge10_and_plus5"
    nl_ne_rule: Literal["ne_if_cr", "as_no", "ne_always"] = "ne_if_cr"
    equivocal_backdate: bool = True
    icpd_reference: Literal["iupd_first", "episode_min", "previous_tp"] = "iupd_first"
    early_tol_days: int = 2
    late_confirmation: Literal["accept_flag", "reject"] = "accept_flag"
    nl_persist_rule: Literal["category_improvement", "any_shrinkage", "tl_ntl_only", "resolution"] = (
        "category_improvement"
    )
    imbor_ignore_between_pd_and_confirmation: bool = True
    imbor_stop_at_confirmed_pd: bool = True
    impfs_only_early_followup: Literal["event", "ignore"] = "event"
    unconfirmed_pd_no_followup: Literal["event", "ne"] = "event"
    open_iupd_at_cutoff: Literal["event", "censor_last_non_iupd"] = "event"
    nact_after_iupd: Literal["event", "censor"] = "event"
    pd_date_rule: Literal["by_trigger", "earliest_scan_in_tp", "last_scan_in_tp"] = "by_trigger"
    tp_response_date: Literal["last_scan", "first_scan"] = "last_scan"
    cbr_days: int = 168
    drr_days: int = 183
    drr_onset_months: int = 12


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The names under which a criterion's endpoints are known."""

    progression_free_survival: str
    duration_of_response: str
    time_to_response: str

    @property
    def time_to_progression(self) -> str:
        """The time to progression has the prefix of the progression-free survival (TTP, iTTP, imTTP, irTTP)."""
        return self.progression_free_survival.replace("PFS", "TTP")

    @property
    def duration_of_complete_response(self) -> str:
        """The duration of a complete response, where that of all responses starts with the treatment (WHO-09)."""
        return self.duration_of_response.replace("DOR", "DOCR")


@dataclass(frozen=True, slots=True)
class Morphologic:
    """A response criterion on lesion sizes, declared over the shared engine."""

    name: str
    source: str
    measure: Diameters | Products
    targets: Selection
    new_selection: Selection
    partial: Decrease
    progression: Increase
    new_lesions: NewLesions
    confirmation: Confirmation
    table: DecisionTable
    best_response_clause: str
    endpoints: Endpoints
    codes: Mapping[str, str]
    """Category of the engine (CR, PR, SD, ...) to the code that the criterion prints (iCR, ...)."""
    cr_reappearance_is_pd: bool = False
    """After an overall CR any visible disease is progression (CR-01, R11-TL-04)."""
    new_lesions_alone: bool = True
    """Without targets, growth of the measured new lesions alone is progression (section 6)."""
    response_needs_confirmation: bool = False
    """The best response counts CR and PR only when confirmed (IRC-08, WHO-07)."""
    progression_exceeds: bool = False
    """The percentage of a progression must be exceeded, not reached."""
    duration_from: Literal["response", "treatment"] = "response"
    """Where the duration of response starts; that of a complete response always starts with it (WHO-09)."""
    new_node_growth_mm: int = 5
    injected_reference: Literal["both", "previous", "baseline_nadir"] | None = None
    """Intratumoural therapy: what the injected targets are compared with (IT-10); None without such components."""
    overall_target: Literal["combined_sod", "worst_component"] = "combined_sod"
    """The target category of the overall response: of the sum of all targets, or the worse component (7.3)."""
    readings: Mapping[str, Mapping[Any, Mapping[str, Any]]] = field(default_factory=dict)
    """Options that change the declaration itself: option, value, the fields that the value replaces."""
    options: Options = field(default_factory=Options)

    @property
    def threshold(self) -> Increase:
        """The threshold of progression as it is read."""
        return replace(self.progression, strict=True) if self.progression_exceeds else self.progression

    @property
    def option_names(self) -> tuple[str, ...]:
        """The options that this criterion takes."""
        return (*self.readings, *Options.__dataclass_fields__)

    def with_options(self, options: Mapping[str, Any]) -> Morphologic:
        """This criterion with other options (section 14); raises `UnknownOptionError` for a wrong name or reading."""
        read = self
        for name, value in options.items():
            if name not in self.option_names:
                allowed = ", ".join(self.option_names)
                raise UnknownOptionError(f"{self.name} has no option {name!r}; options are: {allowed}")
            if name in self.readings:
                values = self.readings[name]
                if not any(value == known for known in values):
                    allowed = ", ".join(map(repr, values))
                    raise UnknownOptionError(f"{self.name}: option {name} cannot be {value!r}; it is one of {allowed}")
                read = replace(read, **values[value])
        given = {name: value for name, value in options.items() if name not in self.readings}
        return replace(read, options=replace(self.options, **given))
