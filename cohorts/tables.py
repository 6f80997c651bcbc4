"""The mart tables: statistics over subjects."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from criteria.vocabulary import Origin, values

READS = (
    Column("study_id", pl.String, "study (the name of its folder)"),
    Column("evaluator", pl.String, "who read the scans"),
    Column("criterion", pl.String, "response criterion id"),
    Column("origin", pl.String, "derived from measurements or recorded by the reader", allowed=values(Origin)),
)
GROUP = (
    Column("group_by", pl.String, "what the subjects are grouped by", allowed=("ALL", "ARM", "COHORT")),
    Column("group_value", pl.String, "arm or cohort; ALL for all subjects"),
)
SUBJECT = (
    Column("study_id", pl.String, "study (the name of its folder)"),
    Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
)
COMPONENTS = ("NEW LESION", "NON-TARGET", "TARGET")
CAUSES = (
    "NOT EVALUABLE",
    "NEW LESION CALL",
    "NON-TARGET CALL",
    "OTHER LESION CHOSEN",
    "MEASUREMENT ACROSS A THRESHOLD",
    "DATE RULE",
    "UNATTRIBUTED",
)
READS_KEY = ("study_id", "evaluator", "criterion", "origin")
GROUP_KEY = ("group_by", "group_value")
ENDPOINT = (
    Column("endpoint", pl.String, "time-to-event endpoint, e.g. iPFS"),
    Column("profile", pl.String, "censoring profile"),
)
ENDPOINT_KEY = (*READS_KEY, "endpoint", "profile", *GROUP_KEY)

RESPONSE_RATE = Table(
    name="mart.response_rate",
    meaning="Response, disease control, benefit and durable response rates with exact (Clopper-Pearson) intervals",
    key=(*READS_KEY, *GROUP_KEY, "measure"),
    columns=(
        *READS,
        *GROUP,
        Column("measure", pl.String, "rate", allowed=("ORR", "CONFIRMED ORR", "DCR", "CONFIRMED DCR", "CBR", "DRR")),
        Column("subjects", pl.Int64, "subjects in the denominator"),
        Column("responders", pl.Int64, "subjects in the numerator"),
        Column("rate", pl.Float64, "responders / subjects"),
        Column("lower", pl.Float64, "lower limit of the exact interval"),
        Column("upper", pl.Float64, "upper limit of the exact interval"),
        Column("confidence", pl.Float64, "confidence level of the interval"),
    ),
)

SURVIVAL_SUMMARY = Table(
    name="mart.survival_summary",
    meaning="Kaplan-Meier quartiles by group, and the comparison of each group with the reference group",
    key=ENDPOINT_KEY,
    columns=(
        *READS,
        *ENDPOINT,
        *GROUP,
        Column("subjects", pl.Int64, "subjects at risk at the start"),
        Column("events", pl.Int64, "events"),
        Column("censored", pl.Int64, "censored subjects"),
        Column("median", pl.Float64, "median time to event; null = not reached", unit="mo"),
        Column("median_lower_loglog", pl.Float64, "lower limit, log-log interval", unit="mo"),
        Column("median_upper_loglog", pl.Float64, "upper limit, log-log interval", unit="mo"),
        Column("median_lower_log", pl.Float64, "lower limit, log interval", unit="mo"),
        Column("median_upper_log", pl.Float64, "upper limit, log interval", unit="mo"),
        Column("quartile_1", pl.Float64, "time at which a quarter had the event", unit="mo"),
        Column("quartile_3", pl.Float64, "time at which three quarters had the event", unit="mo"),
        Column("reference_group", pl.String, "group that the hazard ratio compares with"),
        Column("logrank_p", pl.Float64, "p value of the log-rank test over all groups of group_by"),
        Column("hazard_ratio", pl.Float64, "Cox hazard ratio against the reference group (Efron ties)"),
        Column("hazard_ratio_lower", pl.Float64, "lower limit of its Wald interval"),
        Column("hazard_ratio_upper", pl.Float64, "upper limit of its Wald interval"),
    ),
)

SURVIVAL_LANDMARK = Table(
    name="mart.survival_landmark",
    meaning="Kaplan-Meier estimates at stated times; null beyond the last observed time",
    key=(*ENDPOINT_KEY, "months"),
    columns=(
        *READS,
        *ENDPOINT,
        *GROUP,
        Column("months", pl.Float64, "time since the start", unit="mo"),
        Column("at_risk", pl.Int64, "subjects at risk at that time"),
        Column("survival", pl.Float64, "probability of no event until then"),
        Column("lower_loglog", pl.Float64, "lower limit, log-log interval"),
        Column("upper_loglog", pl.Float64, "upper limit, log-log interval"),
        Column("lower_log", pl.Float64, "lower limit, log interval"),
        Column("upper_log", pl.Float64, "upper limit, log interval"),
    ),
)

SURVIVAL_CURVE = Table(
    name="mart.survival_curve",
    meaning="Kaplan-Meier curves: one row per distinct time",
    key=(*ENDPOINT_KEY, "months"),
    columns=(
        *READS,
        *ENDPOINT,
        *GROUP,
        Column("months", pl.Float64, "time since the start", unit="mo"),
        Column("at_risk", pl.Int64, "subjects at risk just before that time"),
        Column("events", pl.Int64, "events at that time"),
        Column("censored", pl.Int64, "subjects censored at that time"),
        Column("survival", pl.Float64, "probability of no event up to and including that time"),
        Column("lower_loglog", pl.Float64, "lower limit, log-log interval"),
        Column("upper_loglog", pl.Float64, "upper limit, log-log interval"),
        Column("lower_log", pl.Float64, "lower limit, log interval"),
        Column("upper_log", pl.Float64, "upper limit, log interval"),
    ),
)

CRITERIA_CONCORDANCE = Table(
    name="mart.criteria_concordance",
    meaning="How the best responses of the same subjects move between two criteria",
    key=("study_id", "evaluator", "origin", "criterion", "other_criterion", "best_response", "other_best_response"),
    columns=(
        *READS,
        Column("other_criterion", pl.String, "the criterion compared with"),
        Column("best_response", pl.String, "best response under criterion"),
        Column("other_best_response", pl.String, "best response under other_criterion"),
        Column("subjects", pl.Int64, "subjects with this pair"),
    ),
)

READER_AGREEMENT = Table(
    name="mart.reader_agreement",
    meaning="Agreement of two evaluators on the best response",
    key=("study_id", "criterion", "origin", "evaluator", "other_evaluator"),
    columns=(
        *READS,
        Column("other_evaluator", pl.String, "the evaluator compared with"),
        Column("subjects", pl.Int64, "subjects read by both"),
        Column("agreed", pl.Int64, "subjects with the same best response"),
        Column("kappa", pl.Float64, "Cohen's kappa; null when it is undefined"),
    ),
)

VISIT_COMPLIANCE = Table(
    name="mart.visit_compliance",
    meaning="Every subject and planned tumour assessment: its window, what happened, and how many read it",
    key=("study_id", "subject_id", "visit"),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
        Column("visit", pl.String, "visit name"),
        Column("timepoint", pl.Int32, "number of the assessment (0 = baseline); null when it did not take place"),
        Column("planned_day", pl.Int32, "planned study day", unit="d"),
        Column("expected_date", pl.Date, "date of the planned study day"),
        Column("window_start", pl.Date, "first day of the window"),
        Column("window_end", pl.Date, "last day of the window"),
        Column("start_date", pl.Date, "first date of the visit's records"),
        Column("end_date", pl.Date, "last date of the visit's records"),
        Column("days_off", pl.Int32, "start_date - expected_date", unit="d"),
        Column(
            "status",
            pl.String,
            "what happened",
            allowed=("IN WINDOW", "EARLY", "LATE", "MISSING", "NOT DONE", "NOT DUE", "UNSCHEDULED"),
        ),
        Column("evaluators", pl.Int32, "evaluators with reads of this visit"),
    ),
)

ADJUDICATION = Table(
    name="mart.adjudication",
    meaning="The two central reads of every subject and criterion: what they differ in, and which one is accepted",
    key=("study_id", "subject_id", "criterion", "origin", "item"),
    columns=(
        *SUBJECT,
        *READS[2:],
        Column(
            "unit", pl.String, "what a reader is accepted for (adj_unit)", allowed=("SUBJECT", "TIMEPOINT", "ENDPOINT")
        ),
        Column("item", pl.String, "ALL, the number of the time point, or the variable of the endpoint"),
        Column("value_1", pl.String, "response at the time point, or value of the variable, by reader 1"),
        Column("value_2", pl.String, "the same by reader 2"),
        Column("reader_1", pl.String, "first central reader by name"),
        Column("reader_2", pl.String, "second central reader by name"),
        Column("best_response_1", pl.String, "best response by reader 1"),
        Column("best_response_2", pl.String, "best response by reader 2"),
        Column("responder_1", pl.String, "CR or PR by reader 1", allowed=("Y", "N")),
        Column("responder_2", pl.String, "CR or PR by reader 2", allowed=("Y", "N")),
        Column("first_response_date_1", pl.Date, "first CR or PR by reader 1"),
        Column("first_response_date_2", pl.Date, "first CR or PR by reader 2"),
        Column("progression_date_1", pl.Date, "progression that counts by reader 1"),
        Column("progression_date_2", pl.Date, "progression that counts by reader 2"),
        Column("first_unconfirmed_date_1", pl.Date, "first unconfirmed progression by reader 1 (BR-07)"),
        Column("first_unconfirmed_date_2", pl.Date, "first unconfirmed progression by reader 2 (BR-07)"),
        Column("triggered_by", pl.String, "variables that trigger adjudication, separated by commas; null = none"),
        Column("adjudicated", pl.Boolean, "the reads go to adjudication"),
        Column("accepted_reader", pl.String, "reader whose read counts for the subject; null = not decided yet"),
        Column(
            "accepted_by",
            pl.String,
            "why: the reader's records are marked, or both agree",
            allowed=("MARKED", "AGREED", "PENDING"),
        ),
    ),
)

REVIEW_METRICS = Table(
    name="mart.review_metrics",
    meaning="Metrics of the independent review: adjudication, winning readers, discrepancy of site and centre",
    key=(*READS_KEY, *GROUP_KEY, "metric"),
    columns=(
        *READS,
        *GROUP,
        Column(
            "metric",
            pl.String,
            "what is measured; evaluator is the reader, the site, or ALL",
            allowed=(
                "ADJUDICATION RATE",
                "WIN RATE",
                "DISAGREEMENT INDEX",
                "RESPONSE DATE DISCORDANCE",
                "PROGRESSION DATE DISCORDANCE",
                "EARLY DISCREPANCY RATE",
                "LATE DISCREPANCY RATE",
            ),
        ),
        Column("numerator", pl.Int64, "subjects for which it holds"),
        Column("denominator", pl.Int64, "subjects that count"),
        Column("value", pl.Float64, "numerator / denominator; the disagreement index in percent"),
    ),
)

DISCORDANCE = Table(
    name="mart.discordance",
    meaning="Every pair of readers that differs in best response or progression date, and the cause",
    key=("study_id", "subject_id", "criterion", "origin", "evaluator", "other_evaluator"),
    columns=(
        *SUBJECT,
        *READS[1:],
        Column("other_evaluator", pl.String, "the evaluator compared with"),
        Column("best_response", pl.String, "best response by evaluator"),
        Column("other_best_response", pl.String, "best response by other_evaluator"),
        Column("progression_date", pl.Date, "progression that counts by evaluator"),
        Column("other_progression_date", pl.Date, "progression that counts by other_evaluator"),
        Column("timepoint", pl.Int32, "first time point at which they differ; null when at none"),
        Column("overall_response", pl.String, "response by evaluator there"),
        Column("other_overall_response", pl.String, "response by other_evaluator there"),
        Column("component", pl.String, "what makes the difference there", allowed=COMPONENTS),
        Column("cause", pl.String, "cause of the discordance", allowed=CAUSES),
        Column("explanation", pl.String, "one sentence with the responses of both readers there"),
        Column("evidence", pl.String, "the lesions and numbers, or the dates, that show the cause"),
    ),
)

REVIEW_FLAG = Table(
    name="mart.review_flag",
    meaning="What the data say against the conduct of the review: revisions, adjudicating readers, clinical reviews",
    key=(),
    columns=(
        *SUBJECT,
        Column("evaluator", pl.String, "whose records show it"),
        Column("timepoint", pl.Int32, "time point; null for all of them"),
        Column("rule", pl.String, "rule id", allowed=("BR-01", "BR-08")),
        Column(
            "flag",
            pl.String,
            "what is shown",
            allowed=("REVISED AFTER A LATER READ", "ADJUDICATOR IS A READER", "ONCOLOGIST DIFFERS"),
        ),
        Column("explanation", pl.String, "one sentence with the dates, roles or responses"),
    ),
)

REVIEW_TABLES = (ADJUDICATION, REVIEW_METRICS, DISCORDANCE, REVIEW_FLAG)

TABLES = (
    RESPONSE_RATE,
    SURVIVAL_SUMMARY,
    SURVIVAL_LANDMARK,
    SURVIVAL_CURVE,
    CRITERIA_CONCORDANCE,
    READER_AGREEMENT,
    VISIT_COMPLIANCE,
    *REVIEW_TABLES,
)
