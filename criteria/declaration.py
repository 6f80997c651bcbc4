"""The vocabulary in which a morphologic criterion is declared (rule book sections 2 to 7 and 14).

A criterion is one `Morphologic` value: what is measured, the thresholds, what new and non-target lesions mean,
how a progression is confirmed, and the decision table. The engine reads it; it never asks for a criterion's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Literal

from criteria.decision import DecisionTable


class UnknownOptionError(ValueError):
    """An option that the criterion does not have, or a value that the option does not take."""


@dataclass(frozen=True, slots=True)
class Diameters:
    """Unidimensional measure: longest diameter, lymph nodes by their short axis (R11-BL-06)."""

    normal_node_mm: int = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """How many lesions may be chosen and how large one must be (R11-BL-01 to R11-BL-03)."""

    total: int
    per_organ: int
    minimum_mm: int = 10
    minimum_node_mm: int = 15


@dataclass(frozen=True, slots=True)
class Decrease:
    """Smallest decrease from baseline, in percent, that is a partial response (inclusive, GEN-02)."""

    percent: int


@dataclass(frozen=True, slots=True)
class Increase:
    """Smallest increase over the nadir that is a progression: percent and, where set, millimetres (GEN-02)."""

    percent: int
    absolute_mm: int = 0


class NewLesions(Enum):
    """What a new lesion does."""

    PROGRESSION = "it is progression"
    ADDED = "its size is added to the sum"
    SEPARATE = "it opens an unconfirmed progression and has a sum of its own"


class NonTargets(Enum):
    """What unequivocal progression of non-target lesions does."""

    PROGRESSION = "it is progression"
    COMPLETE_RESPONSE_ONLY = "non-targets only decide whether a response is complete"


@dataclass(frozen=True, slots=True)
class Immediate:
    """A progression counts when it is first seen."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A progression counts unless a later assessment at least ``after_days`` on is none (IM-05)."""

    after_days: int


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


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The names under which a criterion's endpoints are known."""

    progression_free_survival: str
    duration_of_response: str
    time_to_response: str


@dataclass(frozen=True, slots=True)
class Morphologic:
    """A response criterion on lesion sizes, declared over the shared engine."""

    name: str
    source: str
    prefix: str
    measure: Diameters
    targets: Selection
    partial: Decrease
    progression: Increase
    new_lesions: NewLesions
    non_targets: NonTargets
    confirmation: Confirmation
    table: DecisionTable
    endpoints: Endpoints
    codes: Mapping[str, str]
    """Category of the engine (CR, PR, SD, ...) to the code that the criterion prints (iCR, ...)."""
    cr_reappearance_is_pd: bool
    """After an overall CR any visible disease is progression (CR-01, R11-TL-04)."""
    options: Options = field(default_factory=Options)

    def with_options(self, options: Mapping[str, Any]) -> Morphologic:
        """This criterion with other options (section 14); an unknown name raises `UnknownOptionError`."""
        unknown = sorted(set(options) - set(Options.__dataclass_fields__))
        if unknown:
            allowed = ", ".join(sorted(Options.__dataclass_fields__))
            raise UnknownOptionError(f"{self.name} has no option {unknown[0]!r}; options are: {allowed}")
        return replace(self, options=replace(self.options, **options))
