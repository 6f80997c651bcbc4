"""PERCIMT (Anwar 2018, Eur J Nucl Med Mol Imaging 45:376; metabolic rule book section 5.4)."""

from __future__ import annotations

from criteria.decision import DecisionTable, Row
from criteria.metabolic.declaration import (
    CODES,
    COMMON_NUMBERS,
    COMMON_READINGS,
    Aggregate,
    CountRule,
    Metabolic,
    NewLesions,
    Quantity,
    Selection,
    choices,
)

PERCIMT_TABLE = DecisionTable(
    Row("PI-4", target=(), nontarget=(), new=("WORSE",), overall="PD"),
    Row("PI-7", target=("CR",), nontarget=(), new=("N",), overall="CR"),
    Row("PI-8", target=("PR",), nontarget=(), new=("N",), overall="PR"),
    Row("PI-9", target=("SD",), nontarget=(), new=("N",), overall="SD"),
    Row("PI-9", target=(), nontarget=(), new=("Y",), overall="SD"),
    Row("PI-1", target=("NE", "NA"), nontarget=(), new=("N",), overall="NE"),
)

PERCIMT = Metabolic(
    name="PERCIMT",
    source="Anwar 2018, Eur J Nucl Med Mol Imaging 45:376",
    quantity=Quantity.SUL_PEAK,
    aggregate=Aggregate.RESOLVED,
    selection=Selection(total=5, per_organ=2, measurable=False),
    new_lesions=NewLesions.COUNTED,
    counts=CountRule(),
    benefit=("CR", "PR", "SD"),
    table=PERCIMT_TABLE,
    best_response_clause="CH-4",
    codes=CODES,
    readings={
        "percimt_binning": {
            "NESTED": {"counts": {"binning": "NESTED"}},
            "EXCLUSIVE": {"counts": {"binning": "EXCLUSIVE"}},
        },
        "percimt_mid_lower_inclusive": {
            False: {"counts": {"middle_inclusive": False}},
            True: {"counts": {"middle_inclusive": True}},
        },
        "percimt_count_uncertain": choices("count_uncertain", True, False),
        "percimt_diameter": {
            "READER_MM": {"counts": {"diameter": "READER_MM"}},
            "EQUIV_SPHERE": {"counts": {"diameter": "EQUIV_SPHERE"}},
        },
        "qc_fail_action": COMMON_READINGS["qc_fail_action"],
    },
    numbers=COMMON_NUMBERS,
)
