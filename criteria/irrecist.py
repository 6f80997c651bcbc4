"""irRECIST, unidimensional irRC (Bohnsack 2014, ESMO 4958; Nishino 2013, Clin Cancer Res 19:3936; section 4)."""

from __future__ import annotations

from criteria.decision import DecisionTable, Row
from criteria.declaration import Endpoints, Morphologic, NewLesions, SecondLook
from criteria.irrc import ANY_NEW, IRRC_CODES, with_measured_burden, without_measurable_disease
from criteria.measures import Decrease, Diameters, Increase, Selection
from criteria.recist_1_1 import NODE_READINGS
from criteria.settings import RESPONSES_AFTER_PROGRESSION, STRICTLY_MORE

PROGRESSED_SUM = Row("IRR-4 irPD by the sum", target=("PD",), nontarget=(), new=(), overall="PD")

BOHNSACK = DecisionTable(
    PROGRESSED_SUM,
    Row("IRR-4 irPD by non-targets", target=(), nontarget=("PD",), new=(), overall="PD"),
    Row("IRR-4 irPD by new non-measurable", target=(), nontarget=(), new=("WORSE",), overall="PD"),
    *with_measured_burden("IRR-4"),
    *without_measurable_disease("IRR-4"),
)
NISHINO = DecisionTable(PROGRESSED_SUM, *with_measured_burden("IRR-4"), *without_measurable_disease("IRR-4"))
NEW_IS_PROGRESSION = DecisionTable(
    Row("IRR-4 irPD by a new lesion", target=(), nontarget=(), new=ANY_NEW, overall="PD"), *BOHNSACK.rows
)
FIVE_AND_TWO = Selection(total=5, per_organ=2)

IRRECIST = Morphologic(
    name="irRECIST",
    source="Bohnsack 2014, Ann Oncol 25 (suppl 4):iv361",
    measure=Diameters(),
    targets=FIVE_AND_TWO,
    new_selection=FIVE_AND_TWO,
    partial=Decrease(percent=30),
    progression=Increase(percent=20, absolute_mm=5),
    new_lesions=NewLesions.ADDED,
    confirmation=SecondLook(after_days=28, by_days=84, keeps_nadir=True),
    table=BOHNSACK,
    best_response_clause="IRC-08",
    endpoints=Endpoints("irPFS", "irDOR", "irTTR"),
    codes={**IRRC_CODES, "NE": "irNE"},
    readings={
        **NODE_READINGS,
        "irrecist_variant": {
            "bohnsack2014": {},
            "nishino2013": {
                "source": "Nishino 2013, Clin Cancer Res 19:3936",
                "progression": Increase(percent=20, after_zero="measurable"),
                "table": NISHINO,
                "response_needs_confirmation": True,
            },
        },
        "irrecist_new_lesion_is_pd": {False: {}, True: {"table": NEW_IS_PROGRESSION}},
    },
    settings={
        "irrecist_strict_gt20": STRICTLY_MORE,
        "allow_response_after_confirmed_pd": RESPONSES_AFTER_PROGRESSION,
    },
)
