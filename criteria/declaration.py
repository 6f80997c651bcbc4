"""The vocabulary in which a morphologic criterion is declared (rule book sections 1 to 7 and 14).

A criterion is one `Morphologic` value: what is measured, the thresholds, what new and non-target lesions mean,
how a progression is confirmed, and the decision table. The engine reads it; it never asks for a criterion's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Literal, Protocol

from criteria.decision import DecisionTable
from criteria.measures import Decrease, Diameters, Increase, Products, Selection


class UnknownOptionError(ValueError):
    """An option that the criterion does not have, or a value that the option does not take."""


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
    before the progression (IRC-08). With ``ends_by_decline`` rapid clinical deterioration stands for it (IRC-12).
    """

    after_days: int
    by_days: int | None = None
    keeps_nadir: bool = False
    ends_by_decline: bool = False


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A progression is unconfirmed until it grows further between ``after_days`` and ``by_days`` (IR-02 to IR-06).

    Growth of injected lesions confirms like that of others, unless ``injected_growth`` is False (section 7.3).
    """

    after_days: int
    by_days: int
    growth_mm: int
    injected_growth: bool = True


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
    target_selection: Literal["by_criterion", "as_read"] = "by_criterion"
    prior_local_tx_ok: bool = False
    local_therapy_target: Literal["ne", "absent_zero", "drop_and_rebaseline"] = "ne"
    cr_precedes_pd: bool = True
    cr_reappearance: Literal["pd", "downgrade_first_cr_to_pr"] = "pd"
    partial_pr_ok: bool = False
    pr_persistence: Literal["literal", "rwg_sticky"] = "literal"
    missing_as_ne: bool = False
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
    """The names under which a criterion's endpoints are known.

    ``duration_from`` says where the duration of response starts; that of a complete response starts with it (WHO-09).
    """

    progression_free_survival: str
    duration_of_response: str
    time_to_response: str
    duration_from: Literal["response", "treatment"] = "response"

    @property
    def time_to_progression(self) -> str:
        """The time to progression has the prefix of the progression-free survival (TTP, iTTP, imTTP, irTTP)."""
        return self.progression_free_survival.replace("PFS", "TTP")

    @property
    def duration_of_complete_response(self) -> str:
        """The duration of a complete response, where that of all responses starts with the treatment (WHO-09)."""
        return self.duration_of_response.replace("DOR", "DOCR")


class Judged(Protocol):
    """What the steps behind the time point responses read of a criterion, morphologic or metabolic."""

    @property
    def name(self) -> str:
        """The criterion's id."""

    @property
    def codes(self) -> Mapping[str, str]:
        """Category of the engine to the code that the criterion prints."""

    @property
    def confirmation(self) -> Confirmation:
        """How a progression is confirmed."""

    @property
    def response_needs_confirmation(self) -> bool:
        """The best response counts CR and PR only when confirmed."""

    @property
    def best_response_clause(self) -> str:
        """The rule of the best response."""

    @property
    def endpoints(self) -> Endpoints:
        """The names of the endpoints."""

    @property
    def options(self) -> Options:
        """The readings that best response and endpoints depend on."""


@dataclass(frozen=True, slots=True)
class Setting:
    """An option of one criterion whose values are no short list: its default, what it takes, what it replaces.

    ``fields`` gives the fields of the declaration that a value replaces; ``takes`` says in words what passes ``valid``.
    """

    default: Any
    takes: str
    valid: Callable[[Any], bool]
    fields: Callable[[Morphologic, Any], Mapping[str, Any]]


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
    treated_lesions_measurable: bool = False
    """A lesion that was treated locally before the baseline is measurable all the same (not so: R11-BL-05)."""
    pet_needs_anatomy: bool = True
    """Without a PET at baseline a new lesion on PET must be confirmed by CT or MRI (R11-NL-04)."""
    targets_needed: bool = False
    """Without targets nothing can be evaluated (`irrc_nonmeasurable_only`)."""
    new_node_growth_mm: int = 5
    injected_reference: Literal["both", "previous", "baseline_nadir"] | None = None
    """Intratumoural therapy: what the injected targets are compared with (IT-10); None without such components."""
    injected_new_lesions: bool = False
    """New lesions that are injected count among the injected targets (7.2)."""
    overall_target: Literal["combined_sod", "worst_component"] = "combined_sod"
    """The target category of the overall response: of the sum of all targets, or the worse component (7.3)."""
    readings: Mapping[str, Mapping[Any, Mapping[str, Any]]] = field(default_factory=dict)
    """Options that change the declaration itself: option, value, the fields that the value replaces."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """Further such options, whose values are numbers; they change the declaration after the readings."""
    options: Options = field(default_factory=Options)

    @property
    def option_names(self) -> tuple[str, ...]:
        """The options that this criterion takes."""
        return (*self.readings, *self.settings, *Options.__dataclass_fields__)

    def with_options(self, options: Mapping[str, Any]) -> Morphologic:
        """This criterion with other options (section 14); raises `UnknownOptionError` for a wrong name or reading."""
        for name in options:
            if name not in self.option_names:
                allowed = ", ".join(self.option_names)
                raise UnknownOptionError(f"{self.name} has no option {name!r}; options are: {allowed}")
        general = {name: value for name, value in options.items() if name in Options.__dataclass_fields__}
        read = replace(self, options=replace(self.options, **general))
        for name in (name for name in self.readings if name in options):
            values, value = self.readings[name], options[name]
            if not any(value == known for known in values):
                allowed = ", ".join(map(repr, values))
                raise UnknownOptionError(f"{self.name}: option {name} cannot be {value!r}; it is one of {allowed}")
            read = replace(read, **values[value])
        for name in (name for name in self.settings if name in options):
            setting, value = self.settings[name], options[name]
            if not setting.valid(value):
                raise UnknownOptionError(f"{self.name}: option {name} cannot be {value!r}; it takes {setting.takes}")
            read = replace(read, **setting.fields(read, value))
        return read
