"""iPERCIST (Goldfarb 2019, EJNMMI Res 9:8; metabolic rule book section 5.6)."""

from __future__ import annotations

from criteria.decision import DecisionTable, Row
from criteria.metabolic.declaration import (
    CODES,
    COMMON_NUMBERS,
    COMMON_READINGS,
    Aggregate,
    Fall,
    Metabolic,
    NewLesions,
    Quantity,
    Rise,
    Selection,
    choices,
)
from criteria.metabolic.percist import MEASURABILITY, WITHOUT_NEW

IPERCIST_TABLE = DecisionTable(
    Row("IP-3", target=("PD",), nontarget=(), new=(), overall="PD"),
    Row("IP-3", target=(), nontarget=(), new=("Y",), overall="PD"),
    *WITHOUT_NEW,
)

IPERCIST = Metabolic(
    name="iPERCIST",
    source="Goldfarb 2019, EJNMMI Res 9:8",
    quantity=Quantity.SUL_PEAK,
    aggregate=Aggregate.HOTTEST,
    selection=Selection(total=1, per_organ=1, measurable=True),
    partial=Fall(percent=30),
    progression=Rise(percent=30, absolute=0.8, inclusive=True),
    new_lesions=NewLesions.PROGRESSION,
    benefit=("CR", "PR", "SD"),
    table=IPERCIST_TABLE,
    best_response_clause="IP-11",
    confirm_after_days=28,
    confirm_before_days=56,
    clinical_confirmation=True,
    codes=CODES,
    readings={
        "ip_confirmation": {
            "PERSISTENCE": {"further_progression": None},
            "FURTHER_PROGRESSION": {"further_progression": Rise(percent=30, absolute=0.8, inclusive=True)},
        },
        "ip_require_abs_0_8": {
            True: {"progression": {"absolute": 0.8}},
            False: {"progression": {"absolute": 0.0}},
        },
        "ip_pmd_inclusive": {
            True: {"progression": {"inclusive": True}},
            False: {"progression": {"inclusive": False}},
        },
        "ip_clinical_confirm": choices("clinical_confirmation", True, False),
        "ip_missing_confirm": choices("missing_confirmation", "PMD", "CENSOR"),
        **MEASURABILITY,
        **COMMON_READINGS,
    },
    numbers={
        "ip_confirm_min_d": "confirm_after_days",
        "ip_confirm_max_d": "confirm_before_days",
        **COMMON_NUMBERS,
    },
)
