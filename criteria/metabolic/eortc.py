"""EORTC (Young 1999, Eur J Cancer 35:1773; metabolic rule book section 5.1)."""

from __future__ import annotations

from criteria.decision import DecisionTable, Row
from criteria.metabolic.declaration import (
    CODES,
    COMMON_NUMBERS,
    COMMON_READINGS,
    Aggregate,
    ByCycles,
    Fall,
    Metabolic,
    NewLesions,
    Quantity,
    Rise,
    Selection,
)

LEFT = ("CR", "NON-CR/NON-PD", "NE", "NA", "PD")

EORTC_TABLE = DecisionTable(
    Row("EO-7", target=("PD",), nontarget=(), new=(), overall="PD"),
    Row("EO-7", target=(), nontarget=(), new=("Y",), overall="PD"),
    Row("EO-4", target=("CR",), nontarget=("CR", "NA"), new=("N",), overall="CR"),
    Row("EO-4 persisting", target=("CR",), nontarget=("NON-CR/NON-PD", "NE"), new=("N",), overall="PR"),
    Row("EO-5", target=("PR",), nontarget=LEFT, new=("N",), overall="PR"),
    Row("EO-6", target=("SD",), nontarget=LEFT, new=("N",), overall="SD"),
    Row("EO-1", target=("NE", "NA"), nontarget=LEFT, new=("N",), overall="NE"),
)
FALL = Fall(percent=25, inclusive=False)
GAP_AS_RESPONSE = Fall(percent=15)

EORTC = Metabolic(
    name="EORTC",
    source="Young 1999, Eur J Cancer 35:1773",
    quantity=Quantity.SUV_MAX,
    aggregate=Aggregate.SUM,
    selection=Selection(total=5, per_organ=2, measurable=False),
    partial=FALL,
    first_cycle=ByCycles(cycles=1, fall=Fall(percent=15)),
    progression=Rise(percent=25),
    extent_percent=20,
    new_lesions=NewLesions.PROGRESSION,
    below_liver=False,
    table=EORTC_TABLE,
    best_response_clause="CH-4",
    codes=CODES,
    readings={
        "eortc_quantity": {
            "SUVMAX": {"quantity": Quantity.SUV_MAX},
            "SUVMEAN_BSA": {"quantity": Quantity.SUV_MEAN_BSA},
            "SULPEAK": {"quantity": Quantity.SUL_PEAK},
        },
        "eortc_aggregation": {
            "SUM_TARGETS": {"aggregate": Aggregate.SUM, "selection": {"total": 5}},
            "HOTTEST_SAME_LESION": {"aggregate": Aggregate.SUM, "selection": {"total": 1}},
            "WORST_LESION": {"aggregate": Aggregate.WORST, "selection": {"total": 5}},
        },
        "eortc_gap": {"SMD": {"partial": FALL}, "PMR": {"partial": GAP_AS_RESPONSE}},
        **COMMON_READINGS,
    },
    numbers={"eortc_extent_min_abs_mm": "extent_min_mm", **COMMON_NUMBERS},
)
