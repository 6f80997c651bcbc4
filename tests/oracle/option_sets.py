"""Sets of options under which engine and reference are compared, so that each reading of an option is met once."""

from __future__ import annotations

from typing import Any

LENIENT = {"partial_pr_ok": True, "pr_persistence": "rwg_sticky", "target_selection": "as_read", "missing_as_ne": True}
REMOVED = {"local_therapy_target": "absent_zero", "cr_reappearance": "downgrade_first_cr_to_pr"}
DROPPED = {"local_therapy_target": "drop_and_rebaseline", "partial_pr_ok": True, "prior_local_tx_ok": True}
COMMON: tuple[dict[str, Any], ...] = ({}, LENIENT, REMOVED, DROPPED)

OWN: dict[str, tuple[dict[str, Any], ...]] = {
    "WHO": (
        {"who_min_mm": 12, "who_max_lesions": 3, "who_node_normal_lt10": True},
        {"who_pd_basis": "spd_nadir", "who_tstm_mm": 4, "who_min_nc_days": 60, "who_unidimensional": True},
    ),
    "mWHO": ({"who_max_lesions": (4, 2), "who_pd_basis": "any_lesion", "who_unidimensional": True},),
    "RECIST 1.1": ({"node_2x_slice": True},),
    "irRC": (
        {"irrc_index_min_mm": 10, "irrc_new_min": "seed_10mm_node15", "irrc_nonmeasurable_only": "ne"},
        {"irrc_node_normal_lt10": True, "irrc_rapid_deterioration_confirms": True},
        {"irrc_rapid_deterioration_confirms": True, "allow_response_after_confirmed_pd": True},
    ),
    "irRECIST": (
        {"irrecist_strict_gt20": True, "allow_response_after_confirmed_pd": True},
        {"irrecist_strict_gt20": True, "irrecist_variant": "nishino2013", "node_2x_slice": True},
    ),
    "iRECIST": (
        {"icpd_min_days": 35, "icpd_max_days": 90, "nl_persist_rule": "any_shrinkage"},
        {
            "icpd_reference": "episode_min",
            "nl_persist_rule": "resolution",
            "local_therapy_target": "drop_and_rebaseline",
        },
    ),
    "imRECIST": ({"node_2x_slice": True},),
    "itRECIST": (
        {"itrecist_confirm_days": (20, 60), "itrecist_max_per_organ": None},
        {"itrecist_confirmation_counts_injected_growth": False, "local_therapy_target": "drop_and_rebaseline"},
    ),
}

SETS: tuple[tuple[str, dict[str, Any]], ...] = tuple(
    (name, options) for name, own in OWN.items() for options in (*COMMON, *own)
)
IDS = tuple(f"{name}: {', '.join(options) or 'defaults'}" for name, options in SETS)
