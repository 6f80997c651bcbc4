"""The analysis tables: what the criteria and the endpoints make."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from criteria.vocabulary import Origin, values

COURSE = (
    Column("study_id", pl.String, "study (the name of its folder)"),
    Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
    Column("evaluator", pl.String, "who read the scans: INVESTIGATOR, RADIOLOGIST 1, ..."),
    Column("criterion", pl.String, "response criterion id, e.g. RECIST 1.1"),
    Column("origin", pl.String, "derived from measurements or recorded by the reader", allowed=values(Origin)),
)
STATUSES = ("IMMEDIATE", "CONFIRMED", "UNCONFIRMED")
VERDICTS = ("Y", "N", "PENDING")
COURSE_KEY = ("study_id", "subject_id", "evaluator", "criterion", "origin")

TIMEPOINT_RESPONSE = Table(
    name="analysis.timepoint_response",
    meaning="One response per subject, evaluator, criterion and time point, with the clause that decided it",
    key=(*COURSE_KEY, "timepoint"),
    columns=(
        *COURSE,
        Column("timepoint", pl.Int32, "number of the assessment after baseline (1 = first)"),
        Column("visit", pl.String, "visit name as received"),
        Column("assessment_date", pl.Date, "date of the response: last scan of the time point (DT-01)"),
        Column("study_day", pl.Int32, "assessment_date - reference_date + 1, no day 0 (GEN-06)", unit="d"),
        Column(
            "target_sum", pl.Float64, "sum of the burden that the criterion measures", unit="mm, mm2, or g/ml on PET"
        ),
        Column("baseline_sum", pl.Float64, "the same sum at baseline", unit="mm, mm2, or g/ml on PET"),
        Column(
            "nadir_sum",
            pl.Float64,
            "smallest complete sum before this time point (GEN-04)",
            unit="mm, mm2, or g/ml on PET",
        ),
        Column("pct_from_baseline", pl.Float64, "change of the sum from baseline", unit="%"),
        Column("pct_from_nadir", pl.Float64, "change of the sum from the nadir", unit="%"),
        Column("abs_from_nadir", pl.Float64, "change of the sum from the nadir", unit="mm, mm2, or g/ml on PET"),
        Column("target_response", pl.String, "response of the target lesions"),
        Column("nontarget_response", pl.String, "response of the non-target lesions"),
        Column("new_lesion", pl.String, "new lesions at this time point", allowed=("Y", "N", "EQUIVOCAL", "NE")),
        Column("overall_response", pl.String, "overall response in the criterion's own codes"),
        Column("progression_date", pl.Date, "date of the scan that showed the progression (DT-02)"),
        Column("flags", pl.String, "remarks on the evaluation, separated by commas (EARLY_SCAN, LATE_CONFIRM, ...)"),
        Column("clause", pl.String, "rule id that decided the overall response"),
        Column("explanation", pl.String, "one sentence with the numbers behind the response"),
    ),
)

BEST_RESPONSE = Table(
    name="analysis.best_response",
    meaning="Best overall response per subject, evaluator and criterion, without and with confirmation",
    key=COURSE_KEY,
    columns=(
        *COURSE,
        Column("best_response", pl.String, "best overall response, confirmation not required"),
        Column("best_response_date", pl.Date, "date on which it was first reached"),
        Column("confirmed_best_response", pl.String, "best overall response, CR and PR only if confirmed"),
        Column("confirmed_date", pl.Date, "date on which it was first reached; of a confirmed pair the first (DT-05)"),
        Column("first_response_date", pl.Date, "first CR or PR, confirmation not required"),
        Column("confirmed_first_response_date", pl.Date, "first CR or PR that was later confirmed"),
        Column("progression_date", pl.Date, "date of the progression that the criterion counts"),
        Column("progression_timepoint", pl.Int32, "time point at which that progression was first seen"),
        Column(
            "progression_status", pl.String, "how that progression stands under the confirmation rule", allowed=STATUSES
        ),
        Column(
            "clinical_benefit",
            pl.String,
            "response, or stable disease for cbr_days; PENDING = stable and still followed",
            allowed=VERDICTS,
        ),
        Column(
            "durable_response",
            pl.String,
            "response that began in time and lasted drr_days; PENDING = responding and still followed",
            allowed=VERDICTS,
        ),
        Column("clause", pl.String, "rule id that decided the best response"),
        Column("explanation", pl.String, "one sentence with the time points behind it"),
    ),
)

EVENT_TIME = Table(
    name="analysis.event_time",
    meaning="Time to event per subject, evaluator, criterion, endpoint and censoring profile",
    key=(*COURSE_KEY, "endpoint", "profile"),
    columns=(
        *COURSE,
        Column("endpoint", pl.String, "PFS, iPFS, imPFS, TTP, OS, DOR, TTR, ..."),
        Column("profile", pl.String, "censoring profile: fda, fda_sensitivity_inv, ema_itt, or the protocol's own"),
        Column("start_date", pl.Date, "start of the time at risk"),
        Column("end_date", pl.Date, "date of the event or of the censoring"),
        Column("days", pl.Int32, "end_date - start_date + 1 (GEN-06)", unit="d"),
        Column("months", pl.Float64, "days / 30.4375", unit="mo"),
        Column("event", pl.Boolean, "true = event, false = censored"),
        Column("reason", pl.String, "what the event was, or why the time is censored"),
        Column("source_table", pl.String, "table that gave the date"),
        Column("source_key", pl.String, "key of the record that gave the date"),
    ),
)

TABLES = (TIMEPOINT_RESPONSE, BEST_RESPONSE, EVENT_TIME)
