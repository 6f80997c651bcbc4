"""Rules on laboratory results: units, outliers, dates (metabolic rule book 3.9)."""

from __future__ import annotations

from functools import partial

from ingestion.tables import LABORATORY, MEASUREMENT
from quality.rule import Category, Parameter, Rule

_result = partial(
    Rule,
    table=LABORATORY.name,
    rows="laboratory",
    keys=LABORATORY.key,
    category=Category.PLAUSIBILITY,
    field="value_received",
)
_WHERE = "Subject {subject_id}, {test} of {collection_date}: "
POSSIBLE = {
    "NEUT": (0.0, 100.0),
    "LYM": (0.0, 100.0),
    "WBC": (0.1, 200.0),
    "PLAT": (1.0, 2000.0),
    "LDH": (30.0, 10000.0),
    "GLUC": (0.5, 40.0),
}
"""What can be in blood, in the standard units of core.laboratory: 10^9/L, U/L, mmol/L."""

RULES: tuple[Rule, ...] = (
    _result(
        id="LABORATORY_IMPLAUSIBLE",
        title="A laboratory result is possible in its unit",
        source="metabolic 3.9, units and outliers",
        message=_WHERE + "{value} {unit} (received {value_received} {unit_received}) lies outside of {lowest} to "
        "{highest}. Please check value and unit.",
        parameters=(Parameter(name="limits", value=POSSIBLE, meaning="lowest and highest possible result by test"),),
    ),
    _result(
        id="LABORATORY_JUMP",
        title="A laboratory result does not change manifold between two samples",
        source="plausibility limit of this catalogue",
        message=_WHERE + "{value} {unit} after {previous_value} {unit} on {previous_date}, more than {factor} times. "
        "Please check value and unit.",
        parameters=(Parameter(name="factor", value=12.0, meaning="largest ratio of two results in a row"),),
    ),
    _result(
        id="LABORATORY_CONTRADICTS",
        title="A test has one result a day",
        category=Category.CONFORMANCE,
        source="one sample a day",
        message=_WHERE + "{value} {unit} is one of {values_of_day} different results of the day. Please confirm which "
        "holds.",
    ),
    _result(
        id="LABORATORY_LIMITS_INVERTED",
        title="A reference range has its lower limit below its upper",
        category=Category.CONFORMANCE,
        source="SDTMIG LB, LBSTNRLO and LBSTNRHI",
        message=_WHERE + "the reference range is {lower_limit} to {upper_limit} {unit}. Please correct it.",
        field="lower_limit",
    ),
    _result(
        id="LABORATORY_AFTER_DEATH",
        title="No blood sample after death",
        category=Category.TIMING,
        source="SDTMIG DM, DTHDTC",
        message=_WHERE + "sampled after the death on {death_date}. Please check both dates.",
        field="collection_date",
    ),
    _result(
        id="LABORATORY_OUTSIDE_WINDOW",
        title="Blood is drawn near the scan of its visit",
        category=Category.TIMING,
        source="metabolic 3.9, lab_window_d",
        message=_WHERE + "the scan of {visit} is of {scan_date}; at most {most_days} days between them are allowed. "
        "Please check the dates.",
        field="collection_date",
        needs=(MEASUREMENT.name,),
        parameters=(Parameter(name="most_days", value=14, meaning="days between sample and scan", unit="d"),),
    ),
    Rule(
        id="NEUTROPHILS_ABOVE_LEUKOCYTES",
        title="Neutrophils and lymphocytes together are not more than the leukocytes",
        table=LABORATORY.name,
        rows="laboratory_sample",
        keys=("study_id", "subject_id", "collection_date"),
        category=Category.PLAUSIBILITY,
        source="metabolic 3.9, dNLR",
        message="Subject {subject_id}, blood of {collection_date}: neutrophils {neutrophils} and lymphocytes "
        "{lymphocytes} exceed the leukocytes {leukocytes}. Please check the results and their units.",
        field="leukocytes",
    ),
)
