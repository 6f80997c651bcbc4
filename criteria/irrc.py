"""irRC (Wolchok 2009, Clin Cancer Res 15:7412; rule book section 3)."""

from __future__ import annotations

from dataclasses import replace

from criteria.decision import DecisionTable, Row
from criteria.declaration import Endpoints, Morphologic, NewLesions, SecondLook
from criteria.measures import Decrease, Increase, Products, Selection
from criteria.recist_1_1 import NO_NEW
from criteria.settings import NORMAL_NODES, RESPONSES_AFTER_PROGRESSION

ANY_NEW = ("Y", "MEASURED", "WORSE")
NOT_COMPLETE = ("NON-CR/NON-PD", "NE", "PD")

IRRC_CODES = {
    "CR": "irCR",
    "PR": "irPR",
    "SD": "irSD",
    "PD": "irPD",
    "NON-CR/NON-PD": "irNN",
}


def without_measurable_disease(section: str) -> tuple[Row, ...]:
    """Responses where no target was chosen: what non-targets and new lesions say (section 3, last row of the table)."""
    clause = f"{section} no measurable disease"
    return (
        Row(clause, target=("NA",), nontarget=(), new=("MEASURED",), overall="NON-CR/NON-PD"),
        Row(clause, target=("NA",), nontarget=("NE",), new=(), overall="NE"),
        Row(clause, target=("NA",), nontarget=("NON-CR/NON-PD", "PD"), new=(), overall="NON-CR/NON-PD"),
        Row(clause, target=("NA",), nontarget=(), new=("Y", "WORSE"), overall="NON-CR/NON-PD"),
        Row(clause, target=("NA",), nontarget=("CR",), new=NO_NEW, overall="CR"),
        Row(clause, target=("NA",), nontarget=("NA",), new=("N", "EQUIVOCAL"), overall="NED"),
        Row(clause, target=("NA",), nontarget=("NA",), new=("NE",), overall="NE"),
    )


def with_measured_burden(section: str) -> tuple[Row, ...]:
    """Responses by the burden of targets and measured new lesions; everything must have gone for a complete one."""
    return (
        Row(f"{section} row 1", target=("CR",), nontarget=("CR", "NA"), new=NO_NEW, overall="CR"),
        Row(f"{section} row 2", target=("CR",), nontarget=NOT_COMPLETE, new=NO_NEW, overall="PR"),
        Row(f"{section} row 3", target=("CR",), nontarget=(), new=ANY_NEW, overall="PR"),
        Row(f"{section} row 4", target=("PR",), nontarget=(), new=(), overall="PR"),
        Row(f"{section} row 5", target=("SD",), nontarget=(), new=(), overall="SD"),
        Row(f"{section} row 6", target=("NE",), nontarget=(), new=(), overall="NE"),
    )


TABLE_3 = DecisionTable(
    Row("IRC-07", target=("PD",), nontarget=(), new=(), overall="PD"),
    *with_measured_burden("IRC-3"),
    Row("IRC-3 no measurable disease", target=("NA",), nontarget=("PD",), new=(), overall="PD"),
    Row("IRC-3 no measurable disease", target=("NA",), nontarget=(), new=("WORSE",), overall="PD"),
    *without_measurable_disease("IRC-3"),
)
NEW_IS_PROGRESSION = DecisionTable(
    Row("IRC-06", target=(), nontarget=(), new=ANY_NEW, overall="PD"),
    *TABLE_3.rows,
)
FIVE_BY_FIVE = Selection(total=10, per_organ=5, cutaneous=5, minimum_mm=5, minimum_node_mm=5, strict=True)
TEN_BY_TEN = replace(FIVE_BY_FIVE, minimum_mm=10, minimum_node_mm=10)
SEED_SIZES = replace(FIVE_BY_FIVE, minimum_mm=10, minimum_node_mm=15, by_longest=True)
SECOND_LOOK = SecondLook(after_days=28, keeps_nadir=True)

IRRC = Morphologic(
    name="irRC",
    source="Wolchok 2009, Clin Cancer Res 15:7412",
    measure=Products(),
    targets=FIVE_BY_FIVE,
    new_selection=FIVE_BY_FIVE,
    partial=Decrease(percent=50),
    progression=Increase(percent=25, after_zero="measurable"),
    new_lesions=NewLesions.ADDED,
    confirmation=SECOND_LOOK,
    table=TABLE_3,
    best_response_clause="IRC-08",
    endpoints=Endpoints("irPFS", "irDOR", "irTTR"),
    codes=IRRC_CODES,
    new_lesions_alone=False,
    response_needs_confirmation=True,
    treated_lesions_measurable=True,
    pet_needs_anatomy=False,
    readings={
        "irrc_index_min_mm": {5: {}, 10: {"targets": TEN_BY_TEN}},
        "irrc_new_min": {"5x5": {}, "seed_10mm_node15": {"new_selection": SEED_SIZES}},
        "irrc_new_lesion_is_pd": {False: {}, True: {"table": NEW_IS_PROGRESSION}},
        "irrc_nonmeasurable_only": {"report_as_irNN": {}, "ne": {"targets_needed": True}},
        "irrc_rapid_deterioration_confirms": {
            False: {},
            True: {"confirmation": replace(SECOND_LOOK, ends_by_decline=True)},
        },
    },
    settings={
        "irrc_node_normal_lt10": NORMAL_NODES,
        "allow_response_after_confirmed_pd": RESPONSES_AFTER_PROGRESSION,
    },
)
