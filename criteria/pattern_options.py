"""How the atypical patterns and the tumour kinetics are read: the options of sections 9, 10, 11.2 and 14."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PatternOptions:
    """Named readings of the open points, with the rule book's defaults.

    ``pseudoprogression_def`` and ``dissociated_def`` name the definition that a study reports; all of them are
    derived. ``dissociated_new_counts`` None is the definition's own reading of new lesions. ``ref_gap_min``,
    ``ref_gap_max`` and ``exp_max_days`` are days, ``tgr_floor_mm`` millimetres; ``pseudo_hpd_ratio`` is open on both
    sides.
    """

    pseudoprogression_def: Literal[
        "not_confirmed", "subsequent_response", "hodi2016_early", "hodi2016_late", "target_spike"
    ] = "not_confirmed"
    dissociated_def: Literal["seed_any", "tazdait2018", "bernard_tessier2020", "tozuka2020", "sato2021"] = (
        "bernard_tessier2020"
    )
    dissociated_ref: Literal["baseline", "nadir"] = "baseline"
    dissociated_inclusive: bool = False
    dissociated_new_counts: bool | None = None
    dissociated_level: Literal["lesion", "organ"] = "lesion"
    ref_gap_min: int = 14
    ref_gap_max: int | None = None
    exp_max_days: int | None = None
    tgr_node_axis: Literal["sa", "ld"] = "sa"
    tgr_floor_mm: float | None = None
    negative_ref_policy: Literal["not_evaluable", "accelerated_if_exp_positive"] = "not_evaluable"
    tgk_requires_pd: bool = True
    kato_pace: Literal["percent", "absolute"] = "percent"
    lo_russo_requires_pd: bool = True
    lo_russo_ecog: Literal["ps_ge2", "drop_ge2"] = "ps_ge2"
    pseudo_hpd_ratio: tuple[float, float] = (0.5, 2.0)
    durable_alt_ref: Literal["same_treatment", "whole_population"] = "same_treatment"


DEFAULT = PatternOptions()
