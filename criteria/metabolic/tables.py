"""The tables of metabolic responses, PET quality checks, PET patterns and markers."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from criteria.tables import COURSE, COURSE_KEY

READ = COURSE[:3]
READ_KEY = COURSE_KEY[:3]
RESULTS = ("PASS", "WARN", "FAIL")
LEVELS = ("ADVERSE", "FAVOURABLE", "LOW", "INTERMEDIATE", "HIGH")

METABOLIC_RESPONSE = Table(
    name="analysis.metabolic_response",
    meaning="What stands beside a metabolic response of analysis.timepoint_response, with the same key",
    key=(*COURSE_KEY, "timepoint"),
    columns=(
        *COURSE,
        Column("timepoint", pl.Int32, "number of the assessment after baseline (1 = first)"),
        Column("quantity", pl.String, "what is measured of a lesion: SULpeak, SUVmax, ..."),
        Column("unit", pl.String, "unit of the sums of the response"),
        Column("weeks", pl.Float64, "time from the start of treatment to the scan", unit="wk"),
        Column("report", pl.String, "category, change in percent, weeks and new lesions (CH-2, PE-14)"),
        Column("lesions", pl.String, "lesions that the aggregate is made of"),
        Column("new_lesions", pl.Int32, "new lesions at this scan that count"),
        Column("new_lesion_sites", pl.Int32, "sites of these"),
        Column("limit", pl.Float64, "least uptake of a measurable lesion (PE-2, PE-3)", unit="g/ml"),
        Column("limit_region", pl.String, "region that the limit comes from", allowed=("LIVER", "BLOOD_POOL")),
        Column("pct_tlg", pl.Float64, "change of the total lesion glycolysis from the baseline (PE-9)", unit="%"),
        Column("benefit", pl.String, "benefit that the criterion predicts (PC-7, PI-10, IP-11)", allowed=("Y", "N")),
        Column("confirm_by", pl.Date, "date by which the result should be confirmed (PE-13)"),
        Column("sensitivity_response", pl.String, "response with irAE and infection foci counted (section 10)"),
        Column("sensitivity_explanation", pl.String, "the sentence of that response"),
        Column("criterion_version", pl.String, "version of the criterion's declaration"),
        Column("options_sha256", pl.String, "hash of the resolved options (section 11)"),
    ),
)

PET_CHECK = Table(
    name="analysis.pet_check",
    meaning="Quality checks of every PET scan, and of every scan against the baseline scan (Q-01 to Q-18)",
    key=(*READ_KEY, "timepoint", "scan_id", "check_id"),
    columns=(
        *READ[:2],
        Column("evaluator", pl.String, "who measured the reference regions; ALL where the check needs no reader"),
        Column("timepoint", pl.Int32, "0 = baseline, 1 = first assessment after it"),
        Column("scan_id", pl.String, "the scan, as in core.pet_scan; ALL where the check is of the time point"),
        Column("check_id", pl.String, "rule id of the check"),
        Column("result", pl.String, "outcome", allowed=RESULTS),
        Column("value", pl.Float64, "the number that was judged", unit="see value_unit"),
        Column("value_unit", pl.String, "unit of the value"),
        Column("message", pl.String, "one sentence with the numbers, or with what is missing"),
    ),
)

PET_PATTERN = Table(
    name="analysis.pet_pattern",
    meaning="Patterns, prompts and signs of immune activation on PET, per subject, evaluator and time point",
    key=(*READ_KEY, "timepoint", "pattern"),
    columns=(
        *READ,
        Column("timepoint", pl.Int32, "time point that shows it"),
        Column("assessment_date", pl.Date, "date of that scan"),
        Column("pattern", pl.String, "the pattern by its name"),
        Column("present", pl.String, "whether it is there", allowed=("Y", "N", "NOT_EVALUABLE")),
        Column("lesions", pl.String, "lesions behind it"),
        Column("sites", pl.String, "their organs"),
        Column("value", pl.Float64, "the number that was judged, where there is one"),
        Column("clause", pl.String, "rule id"),
        Column("explanation", pl.String, "one sentence with the numbers"),
    ),
)

MARKER = Table(
    name="analysis.marker",
    meaning="Prognostic markers of PET and blood at every scan; never a response category (section 7)",
    key=(*READ_KEY, "timepoint", "marker", "lesion_id"),
    columns=(
        *READ,
        Column("timepoint", pl.Int32, "0 = baseline, 1 = first assessment after it"),
        Column("assessment_date", pl.Date, "date of the scan"),
        Column("marker", pl.String, "NLR, dNLR, PLR, TMTV, TTLG, SLR, BLR, MMVR, IMPI, ..."),
        Column("lesion_id", pl.String, "the lesion of a lesion's marker; ALL for the subject's"),
        Column("value", pl.Float64, "value"),
        Column("unit", pl.String, "unit of the value; 1 for a ratio"),
        Column("cut_off", pl.Float64, "what the value is compared with"),
        Column("level", pl.String, "reading of the value", allowed=LEVELS),
        Column("source", pl.String, "paper behind the cut-off"),
        Column("clause", pl.String, "rule id or section of the rule book"),
        Column("explanation", pl.String, "one sentence with the numbers, or with what is missing"),
    ),
)

TABLES = (METABOLIC_RESPONSE, PET_CHECK, PET_PATTERN, MARKER)
