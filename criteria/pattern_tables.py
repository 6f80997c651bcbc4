"""The tables of tumour kinetics, atypical patterns and candidate lesions for injection."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from criteria.tables import COURSE, COURSE_KEY

READ = COURSE[:3]
READ_KEY = COURSE_KEY[:3]
PRESENT = ("Y", "N", "NOT_EVALUABLE")
PATTERNS = (
    "PSEUDOPROGRESSION",
    "HYPERPROGRESSION",
    "PSEUDO-HYPERPROGRESSION",
    "DISSOCIATED RESPONSE",
    "DURABLE RESPONSE",
)
PERIODS = ("REFERENCE", "EXPERIMENTAL")
ALL = "ALL"

PATTERN = Table(
    name="analysis.pattern",
    meaning="Whether an atypical pattern of response is present, per subject, evaluator, criterion and definition",
    key=(*COURSE_KEY, "pattern", "definition"),
    columns=(
        *COURSE[:3],
        Column("criterion", pl.String, "criterion whose responses it reads; ALL where it reads measurements only"),
        COURSE[4],
        Column("pattern", pl.String, "the pattern", allowed=PATTERNS),
        Column("definition", pl.String, "the published definition, e.g. champiat2017"),
        Column("chosen", pl.Boolean, "the protocol reports this definition; null where it names none of the pattern"),
        Column("present", pl.String, "whether the pattern is there", allowed=PRESENT),
        Column("onset_date", pl.Date, "when it was first seen"),
        Column("resolution_date", pl.Date, "when it was over, as far as the pattern has an end"),
        Column("early", pl.Boolean, "pseudoprogression within 84 d of the start"),
        Column("value", pl.Float64, "the number that the definition asks for", unit="see value_unit"),
        Column("threshold", pl.Float64, "what the number is compared with", unit="see value_unit"),
        Column("value_unit", pl.String, "what value and threshold are"),
        Column("source", pl.String, "the paper behind the definition"),
        Column("clause", pl.String, "section of the rule book and definition"),
        Column("explanation", pl.String, "one sentence with the numbers, or with what is missing"),
    ),
)

TUMOUR_KINETICS = Table(
    name="analysis.tumour_kinetics",
    meaning="Growth of the targets before and under treatment, per subject, evaluator and period (KIN-01 to KIN-08)",
    key=(*READ_KEY, "period"),
    columns=(
        *READ,
        Column("period", pl.String, "up to the baseline, or from it to the first scan after it", allowed=PERIODS),
        Column("from_timepoint", pl.Int32, "time point at which the period starts (negative = before baseline)"),
        Column("to_timepoint", pl.Int32, "time point at which it ends"),
        Column("from_date", pl.Date, "last scan of the targets at its start"),
        Column("to_date", pl.Date, "last scan of the targets at its end"),
        Column("days", pl.Int32, "to_date - from_date", unit="d"),
        Column("months", pl.Float64, "days / 30.4375 (KIN-01)", unit="mo"),
        Column("lesions", pl.Int32, "targets measured at both ends (KIN-02)"),
        Column("from_sum_mm", pl.Float64, "sum of their diameters at the start (KIN-02)", unit="mm"),
        Column("to_sum_mm", pl.Float64, "sum of their diameters at the end", unit="mm"),
        Column("tumour_growth", pl.Float64, "TG, 3 ln(to / from) / months (KIN-04)", unit="1/mo"),
        Column("tumour_growth_rate", pl.Float64, "TGR, 100 (exp(TG) - 1), of volume (KIN-05)", unit="%/mo"),
        Column("tumour_growth_kinetics", pl.Float64, "TGK, (to - from) / days (KIN-07)", unit="mm/d"),
        Column("pace_percent", pl.Float64, "change of the sum, relative to its start, per month (KIN-08)", unit="%/mo"),
        Column("pace_mm", pl.Float64, "change of the sum per month (KIN-08)", unit="mm/mo"),
        Column("reason", pl.String, "why the growth rate is not evaluable; null where it is"),
        Column("clause", pl.String, "rule id behind the growth rate or its absence"),
        Column("explanation", pl.String, "one sentence with the numbers"),
    ),
)

LESION = (
    *READ,
    Column("lesion_id", pl.String, "lesion identifier, unique per subject and evaluator"),
)
LESION_KEY = (*READ_KEY, "lesion_id")

INJECTION_CANDIDATE = Table(
    name="analysis.injection_candidate",
    meaning="Lesions of each course at its last scan, with a score for injection; information, never a decision (7.4)",
    key=LESION_KEY,
    columns=(
        *LESION,
        Column("timepoint", pl.Int32, "last time point with a scan"),
        Column("assessment_date", pl.Date, "date of the lesion's record there"),
        Column("role", pl.String, "role of the lesion"),
        Column("organ", pl.String, "organ or site"),
        Column("is_node", pl.Boolean, "lymph node: the short axis counts"),
        Column("size_mm", pl.Float64, "longest diameter, of a node its short axis", unit="mm"),
        Column("admissible", pl.String, "the hard rules: size, visible, not mostly necrotic", allowed=PRESENT),
        Column("feasibility", pl.Float64, "sum of the contributions on safety and access (factors 1-5, 8)"),
        Column("benefit", pl.Float64, "sum of the contributions on expected effect (factors 7, 9-12)"),
        Column("score", pl.Float64, "feasibility + benefit"),
        Column("known_factors", pl.Int32, "factors with a contribution"),
        Column("clause", pl.String, "section of the rule book"),
        Column("explanation", pl.String, "the hard rules in one sentence"),
    ),
)

INJECTION_FACTOR = Table(
    name="analysis.injection_factor",
    meaning="What each prioritisation factor contributes to the score of a lesion (7.4)",
    key=(*LESION_KEY, "factor"),
    columns=(
        *LESION,
        Column("factor", pl.String, "what is looked at"),
        Column("number", pl.Int32, "its number in the table of section 7.4"),
        Column("part", pl.String, "what it counts for", allowed=("HARD RULE", "FEASIBILITY", "BENEFIT", "PROTOCOL")),
        Column("finding", pl.String, "what is known of the lesion; null = not known"),
        Column("contribution", pl.Float64, "what it adds, -1 to 1 (hard rule: 1 kept, 0 broken); null = not known"),
        Column("clause", pl.String, "section of the rule book and number of the factor"),
    ),
)

TABLES = (TUMOUR_KINETICS, PATTERN, INJECTION_CANDIDATE, INJECTION_FACTOR)


def presence(held: pl.Expr) -> pl.Expr:
    """Y, N or NOT_EVALUABLE for a condition that is true, false or null."""
    known = pl.when(held).then(pl.lit("Y")).otherwise(pl.lit("N"))
    return pl.when(held.is_null()).then(pl.lit("NOT_EVALUABLE")).otherwise(known)
