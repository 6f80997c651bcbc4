"""PECRIT, a predictor of benefit from an early scan (Cho 2017, J Nucl Med 58:1421; metabolic rule book section 5.3)."""

from __future__ import annotations

from criteria.decision import DecisionTable, Row
from criteria.metabolic.declaration import (
    COMMON_NUMBERS,
    COMMON_READINGS,
    Aggregate,
    Metabolic,
    NewLesions,
    Quantity,
    Rise,
    Selection,
    Timing,
)
from criteria.metabolic.percist import MEASURABILITY

NO_INCREASE = ("SD", "CR", "PR")

PECRIT_TABLE = DecisionTable(
    Row("PC-3", target=(), nontarget=("CR",), new=(), overall="CR"),
    Row("PC-3", target=(), nontarget=("PR",), new=(), overall="PR"),
    Row("PC-4", target=(), nontarget=("PD",), new=(), overall="PD"),
    Row("PC-5", target=("PD",), nontarget=("SD",), new=(), overall="SD"),
    Row("PC-5", target=NO_INCREASE, nontarget=("SD",), new=(), overall="NON-CR/NON-PD"),
    Row("PC-2", target=(), nontarget=(), new=(), overall="NE"),
)
"""Targets that progress are those whose uptake has increased; the other lesions are the RECIST 1.1 response."""

PECRIT = Metabolic(
    name="PECRIT",
    source="Cho 2017, J Nucl Med 58:1421",
    quantity=Quantity.SUL_PEAK,
    aggregate=Aggregate.HOTTEST,
    selection=Selection(total=1, per_organ=1, measurable=False),
    progression=Rise(percent=15.5),
    new_lesions=NewLesions.NOT_ASKED,
    anatomic=True,
    timing=Timing(earliest_day=21, latest_day=28, flag="PECRIT_TIMING"),
    benefit=("CR", "PR", "SD"),
    predictor=True,
    table=PECRIT_TABLE,
    best_response_clause="PC-7",
    codes={"SD": "SD_METABOLIC_INCREASE", "NON-CR/NON-PD": "SD_NO_METABOLIC_INCREASE"},
    readings={
        "pecrit_lesion": {
            "HOTTEST_EACH_SCAN": {"aggregate": Aggregate.HOTTEST},
            "SAME_LESION": {"aggregate": Aggregate.SUM},
        },
        **{name: values for name, values in MEASURABILITY.items() if name != "percist_nonmeasurable"},
        **COMMON_READINGS,
    },
    numbers=COMMON_NUMBERS,
)
