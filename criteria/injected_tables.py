"""The tables of responses to intratumoural therapy."""

from __future__ import annotations

import polars as pl

from criteria.injected import PATTERNS
from criteria.table import Column, Table

COURSE = (
    Column("study_id", pl.String, "study (the name of its folder)"),
    Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
    Column("evaluator", pl.String, "who read the scans: INVESTIGATOR, RADIOLOGIST 1, ..."),
)
COURSE_KEY = ("study_id", "subject_id", "evaluator")
TARGET_RESPONSES = ("CR", "PR", "SD", "PD", "NE", "NA")
NONTARGET_RESPONSES = ("CR", "NON-CR/NON-PD", "PD", "NE", "NA")


def _sum(name: str, meaning: str) -> Column:
    return Column(name, pl.Float64, meaning, unit="mm")


def _change(name: str, meaning: str) -> Column:
    return Column(name, pl.Float64, meaning, unit="%")


INJECTED_RESPONSE = Table(
    name="analysis.injected_response",
    meaning="Responses of the injected and of the other lesions, per subject, evaluator and time point (itRECIST)",
    key=(*COURSE_KEY, "timepoint"),
    columns=(
        *COURSE,
        Column("timepoint", pl.Int32, "number of the assessment after baseline (1 = first)"),
        Column("visit", pl.String, "visit name as received"),
        Column("assessment_date", pl.Date, "date of the response: last scan of the time point (DT-01)"),
        Column("injected_targets", pl.Int32, "targets injected so far (T-I, IT-02)"),
        Column("noninjected_targets", pl.Int32, "other targets (T-NI, IT-02)"),
        Column("newly_injected_targets", pl.Int32, "targets that moved to T-I since the previous time point (IT-04)"),
        _sum("injected_sum", "sum of the T-I (IT-06)"),
        _sum("noninjected_sum", "sum of the T-NI (IT-06)"),
        _sum("target_sum", "sum of all targets (IT-06)"),
        _sum("injected_previous_sum", "sum of the present T-I at the previous time point (IT-08)"),
        _sum("injected_baseline_sum", "sum of the present T-I at the baseline (IT-09)"),
        _sum("injected_nadir_sum", "smallest earlier sum of the present T-I (IT-09)"),
        _sum("noninjected_baseline_sum", "sum of the present T-NI at the baseline (IT-07)"),
        _sum("noninjected_nadir_sum", "smallest earlier sum of the present T-NI (IT-07)"),
        _change("injected_pct_from_previous", "change of the T-I sum from the previous time point"),
        _change("injected_pct_from_baseline", "change of the T-I sum from the baseline"),
        _change("noninjected_pct_from_baseline", "change of the T-NI sum from the baseline"),
        Column("injected_iterative", pl.String, "T-I against the time point before (IT-08)", allowed=TARGET_RESPONSES),
        Column("injected_cumulative", pl.String, "T-I against baseline and nadir (IT-09)", allowed=TARGET_RESPONSES),
        Column("injected_response", pl.String, "the one of both that stands (IT-10)", allowed=TARGET_RESPONSES),
        Column("noninjected_response", pl.String, "response of the T-NI (IT-07)", allowed=TARGET_RESPONSES),
        Column("nontarget_injected", pl.String, "injected non-targets (IT-12)", allowed=NONTARGET_RESPONSES),
        Column("nontarget_noninjected", pl.String, "other non-targets (IT-12)", allowed=NONTARGET_RESPONSES),
        Column("new_lesion", pl.String, "new lesions at this time point", allowed=("Y", "N", "EQUIVOCAL", "NE")),
        Column(
            "pattern",
            pl.String,
            "how injected and other lesions respond together (7.3)",
            allowed=tuple(name for row in PATTERNS for name in row),
        ),
        Column("clause", pl.String, "rule id that decided the response of the injected targets"),
        Column("explanation", pl.String, "one sentence with the numbers behind the responses"),
    ),
)

INJECTED_SUMMARY = Table(
    name="analysis.injected_summary",
    meaning="What the injected targets came to over the whole course, per subject and evaluator (IT-11)",
    key=COURSE_KEY,
    columns=(
        *COURSE,
        *(
            Column(f"timepoints_{name.lower()}", pl.Int32, f"time points with {name} against the one before")
            for name in ("CR", "PR", "SD", "PD")
        ),
        _change("best_pct_from_baseline", "smallest change of the T-I sum from the baseline"),
        Column("best_cumulative", pl.String, "best response against baseline and nadir", allowed=TARGET_RESPONSES),
    ),
)

TABLES = (INJECTED_RESPONSE, INJECTED_SUMMARY)
