"""PERCIST 1.0 (Wahl 2009, J Nucl Med 50 Suppl 1:122S; O and Wahl 2016; metabolic rule book section 5.2)."""

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
    OtherLesions,
    Quantity,
    Rise,
    Selection,
    choices,
)

NOT_PROGRESSED = ("CR", "NON-CR/NON-PD", "NE", "NA")
WITHOUT_NEW = (
    Row("PE-6", target=("CR",), nontarget=("CR", "NA"), new=("N",), overall="CR"),
    Row("PE-6 persisting", target=("CR",), nontarget=("NON-CR/NON-PD", "NE"), new=("N",), overall="PR"),
    Row("PE-7", target=("PR",), nontarget=NOT_PROGRESSED, new=("N",), overall="PR"),
    Row("PE-12", target=("SD",), nontarget=NOT_PROGRESSED, new=("N",), overall="SD"),
    Row("PE-1", target=("NE",), nontarget=NOT_PROGRESSED, new=("N",), overall="NE"),
    Row("PE-15", target=("NA",), nontarget=("CR",), new=("N",), overall="CR"),
    Row("PE-15", target=("NA",), nontarget=("NON-CR/NON-PD",), new=("N",), overall="NON-CR/NON-PD"),
    Row("PE-15", target=("NA",), nontarget=("NE", "NA"), new=("N",), overall="NE"),
)

PERCIST_TABLE = DecisionTable(
    Row("PE-8", target=("PD",), nontarget=(), new=(), overall="PD"),
    Row("PE-11", target=(), nontarget=("PD",), new=(), overall="PD"),
    Row("PE-10", target=(), nontarget=(), new=("Y",), overall="PD"),
    *WITHOUT_NEW,
)
RISE = Rise(percent=30, absolute=0.8)

MEASURABILITY = {
    "percist_liver_formula": choices("liver_formula", "A", "B"),
    "percist_bloodpool_formula": choices("bloodpool_formula", "A", "B"),
    "percist_nonmeasurable": choices("nonmeasurable", "QUALITATIVE", "NE"),
}
"""Readings of what is measurable, shared by the criteria that start from PERCIST."""

PERCIST = Metabolic(
    name="PERCIST",
    source="Wahl 2009, J Nucl Med 50 Suppl 1:122S",
    quantity=Quantity.SUL_PEAK,
    aggregate=Aggregate.HOTTEST,
    selection=Selection(total=1, per_organ=1, measurable=True),
    partial=Fall(percent=30, absolute=0.8),
    progression=RISE,
    tlg_percent=75,
    others=OtherLesions(RISE),
    new_lesions=NewLesions.PROGRESSION,
    table=PERCIST_TABLE,
    best_response_clause="CH-4",
    confirm_by_days=31,
    codes=CODES,
    readings={
        **MEASURABILITY,
        "percist_pmr_inclusive": {
            True: {"partial": {"inclusive": True}},
            False: {"partial": {"inclusive": False}},
        },
        "percist_pmd_inclusive": {
            False: {"progression": RISE, "others": OtherLesions(RISE)},
            True: {
                "progression": Rise(percent=30, absolute=0.8, inclusive=True),
                "others": OtherLesions(Rise(percent=30, absolute=0.8, inclusive=True)),
            },
        },
        "percist_tlg_scope": choices("tlg_scope", "TARGET", "TOP5"),
        **COMMON_READINGS,
    },
    numbers=COMMON_NUMBERS,
)
