"""imPERCIST5 and its twin PERCIST5 (Ito 2019, J Nucl Med 60:335; metabolic rule book section 5.5)."""

from __future__ import annotations

from dataclasses import replace

from criteria.decision import DecisionTable, Row
from criteria.metabolic.declaration import (
    CODES,
    COMMON_NUMBERS,
    COMMON_READINGS,
    Aggregate,
    Fall,
    FollowUp,
    Metabolic,
    NewLesions,
    Quantity,
    Rise,
    Selection,
    choices,
)
from criteria.metabolic.percist import MEASURABILITY, NOT_PROGRESSED

ANY_NEW = ("N", "Y")
BY_SUM = (
    Row("IMP-6", target=("CR",), nontarget=("CR", "NA"), new=ANY_NEW, overall="CR"),
    Row("IMP-6 persisting", target=("CR",), nontarget=("NON-CR/NON-PD", "NE"), new=ANY_NEW, overall="PR"),
    Row("IMP-5", target=("PR",), nontarget=NOT_PROGRESSED, new=ANY_NEW, overall="PR"),
    Row("IMP-2", target=("SD",), nontarget=NOT_PROGRESSED, new=ANY_NEW, overall="SD"),
    Row("IMP-1", target=("NE",), nontarget=NOT_PROGRESSED, new=ANY_NEW, overall="NE"),
    Row("PE-15", target=("NA",), nontarget=("CR",), new=("N",), overall="CR"),
    Row("PE-15", target=("NA",), nontarget=("NE",), new=ANY_NEW, overall="NE"),
    Row("PE-15", target=("NA",), nontarget=("NA",), new=ANY_NEW, overall="NE"),
    Row("PE-15", target=("NA",), nontarget=(), new=ANY_NEW, overall="NON-CR/NON-PD"),
)

IMPERCIST5_TABLE = DecisionTable(Row("IMP-4", target=("PD",), nontarget=(), new=(), overall="PD"), *BY_SUM)
PERCIST5_TABLE = DecisionTable(
    Row("IMP-4", target=("PD",), nontarget=(), new=(), overall="PD"),
    Row("IMP-11", target=(), nontarget=(), new=("Y",), overall="PD"),
    *BY_SUM,
)

IMPERCIST5 = Metabolic(
    name="imPERCIST5",
    source="Ito 2019, J Nucl Med 60:335",
    quantity=Quantity.SUL_PEAK,
    aggregate=Aggregate.SUM,
    selection=Selection(total=5, per_organ=2, measurable=True),
    partial=Fall(percent=30),
    progression=Rise(percent=30, inclusive=True),
    new_lesions=NewLesions.ADDED,
    follow_up=FollowUp.TARGETS_PLUS_NEW_TOP5,
    table=IMPERCIST5_TABLE,
    best_response_clause="CH-4",
    codes=CODES,
    readings={
        "imp5_followup": choices(
            "follow_up",
            FollowUp.TARGETS_PLUS_NEW_TOP5,
            FollowUp.ANY_LESION_TOP5,
            FollowUp.BASELINE_TARGETS_PLUS_ALL_NEW,
        ),
        "imp5_pmd_inclusive": {
            True: {"progression": {"inclusive": True}},
            False: {"progression": {"inclusive": False}},
        },
        "imp5_require_abs": {
            False: {"progression": {"absolute": 0.0}, "partial": {"absolute": 0.0}},
            True: {"progression": {"absolute": 0.8}, "partial": {"absolute": 0.8}},
        },
        "imp5_new_needs_measurable": choices("new_needs_measurable", False, True),
        **MEASURABILITY,
        **COMMON_READINGS,
    },
    numbers=COMMON_NUMBERS,
)

PERCIST5 = replace(IMPERCIST5, name="PERCIST5", table=PERCIST5_TABLE)
