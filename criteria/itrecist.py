"""itRECIST, for intratumoural therapy (Goldmacher 2020, J Clin Oncol 38:2667; rule book section 7)."""

from __future__ import annotations

from dataclasses import replace

from criteria.declaration import Endpoints, NewLesions, Unconfirmed
from criteria.measures import Selection
from criteria.recist_1_1 import NODE_READINGS, RECIST_1_1
from criteria.settings import ANY_INJECTED_GROWTH, first_day_of_window, last_day_of_window, window

FIVE_AND_FIVE = Selection(total=5, injected=5, per_organ=2)

ITRECIST = replace(
    RECIST_1_1,
    name="itRECIST",
    source="Goldmacher 2020, J Clin Oncol 38:2667",
    targets=FIVE_AND_FIVE,
    new_lesions=NewLesions.SEPARATE,
    confirmation=Unconfirmed(after_days=28, by_days=84, growth_mm=5),
    endpoints=Endpoints("itPFS", "itDOR", "itTTR"),
    codes={"UPD": "itUPD", "CPD": "itCPD"},
    injected_reference="both",
    readings={
        **NODE_READINGS,
        "itrecist_injected_reference": {
            "both": {},
            "previous": {"injected_reference": "previous"},
            "baseline_nadir": {"injected_reference": "baseline_nadir"},
        },
        "itrecist_overall_target": {"combined_sod": {}, "worst_component": {"overall_target": "worst_component"}},
        "itrecist_max_per_organ": {2: {}, None: {"targets": replace(FIVE_AND_FIVE, per_organ=None)}},
        "itrecist_new_injected_in_TI": {False: {}, True: {"injected_new_lesions": True}},
    },
    settings={
        "itrecist_confirm_days": window(28, 84),
        "icpd_min_days": first_day_of_window(28),
        "icpd_max_days": last_day_of_window(84),
        "itrecist_confirmation_counts_injected_growth": ANY_INJECTED_GROWTH,
    },
)
