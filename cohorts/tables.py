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
    Column("group_by", pl.String, "what the subjects are grouped by: ALL, ARM, COHORT or a subgroup of the protocol"),
    Column("group_value", pl.String, "arm, cohort or group; ALL for all subjects"),
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

INTERVALS = {"loglog": "log-log", "log": "log", "plain": "plain", "logit": "logit", "arcsin": "arcsine"}
"""Scales of the confidence intervals of the survival, by the suffix of their columns."""


def _limits(prefix: str = "", unit: str | None = None) -> tuple[Column, ...]:
    return tuple(
        Column(f"{prefix}{side}_{scale}", pl.Float64, f"{side} limit, {name} interval", unit=unit)
        for scale, name in INTERVALS.items()
        for side in ("lower", "upper")
    )


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
        Column("wilson_lower", pl.Float64, "lower limit of the Wilson score interval"),
        Column("wilson_upper", pl.Float64, "upper limit of the Wilson score interval"),
        Column("confidence", pl.Float64, "confidence level of the interval"),
    ),
)

RESPONSE_DIFFERENCE = Table(
    name="mart.response_difference",
    meaning="Difference of a rate between a group and the reference group, without and with the protocol's strata",
    key=(*READS_KEY, *GROUP_KEY, "measure"),
    columns=(
        *READS,
        *GROUP,
        Column("measure", pl.String, "rate, as in mart.response_rate"),
        Column("reference_group", pl.String, "group that is compared with"),
        Column("subjects", pl.Int64, "subjects of the group"),
        Column("responders", pl.Int64, "those that count"),
        Column("reference_subjects", pl.Int64, "subjects of the reference group"),
        Column("reference_responders", pl.Int64, "those that count"),
        Column("difference", pl.Float64, "rate of the group - rate of the reference group"),
        Column("lower", pl.Float64, "lower limit of Newcombe's hybrid score interval"),
        Column("upper", pl.Float64, "upper limit of Newcombe's hybrid score interval"),
        Column("strata", pl.String, "strata of the protocol, separated by commas; null without strata"),
        Column("stratified_difference", pl.Float64, "Mantel-Haenszel difference over the strata"),
        Column("stratified_lower", pl.Float64, "lower limit with Sato's variance"),
        Column("stratified_upper", pl.Float64, "upper limit with Sato's variance"),
        Column("odds_ratio", pl.Float64, "Mantel-Haenszel odds ratio over the strata"),
        Column("cmh_p", pl.Float64, "Cochran-Mantel-Haenszel test over the strata, without continuity correction"),
        Column("confidence", pl.Float64, "confidence level of the intervals"),
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
        *_limits("median_", "mo"),
        Column("quartile_1", pl.Float64, "time at which a quarter had the event", unit="mo"),
        Column("quartile_3", pl.Float64, "time at which three quarters had the event", unit="mo"),
        Column("follow_up_median", pl.Float64, "median follow-up, reverse Kaplan-Meier", unit="mo"),
        Column("follow_up_lower", pl.Float64, "lower limit, log-log interval", unit="mo"),
        Column("follow_up_upper", pl.Float64, "upper limit, log-log interval", unit="mo"),
        Column("restricted_mean_until", pl.Float64, "time up to which the restricted mean is taken", unit="mo"),
        Column("restricted_mean", pl.Float64, "mean time without the event up to then", unit="mo"),
        Column("restricted_mean_std_error", pl.Float64, "its standard error", unit="mo"),
        Column("reference_group", pl.String, "group that the hazard ratio compares with"),
        Column("logrank_p", pl.Float64, "p value of the log-rank test over all groups of group_by"),
        Column("hazard_ratio", pl.Float64, "Cox hazard ratio against the reference group (Efron ties)"),
        Column("hazard_ratio_lower", pl.Float64, "lower limit of its Wald interval"),
        Column("hazard_ratio_upper", pl.Float64, "upper limit of its Wald interval"),
        Column("strata", pl.String, "strata of the protocol, separated by commas; null without strata"),
        Column("stratified_logrank_p", pl.Float64, "p value of the stratified log-rank test"),
        Column("stratified_hazard_ratio", pl.Float64, "hazard ratio of the stratified Cox model (Efron ties)"),
        Column("stratified_hazard_ratio_lower", pl.Float64, "lower limit of its Wald interval"),
        Column("stratified_hazard_ratio_upper", pl.Float64, "upper limit of its Wald interval"),
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
        *_limits(),
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
        *_limits(),
    ),
)

SUBGROUP_EFFECT = Table(
    name="mart.subgroup_effect",
    meaning="Effect of an arm against the reference arm within every subgroup: what a forest plot shows",
    key=(*READS_KEY, "measure", "profile", *GROUP_KEY, "arm"),
    columns=(
        *READS,
        Column("measure", pl.String, "time-to-event endpoint (hazard ratio) or rate (difference)"),
        Column("profile", pl.String, "censoring profile; empty for a rate"),
        *GROUP,
        Column("arm", pl.String, "the arm"),
        Column("reference_arm", pl.String, "arm that is compared with"),
        Column("effect", pl.String, "what is estimated", allowed=("HAZARD RATIO", "RATE DIFFERENCE")),
        Column("subjects", pl.Int64, "subjects of the arm in the group"),
        Column("events", pl.Int64, "those with the event or the response"),
        Column("reference_subjects", pl.Int64, "subjects of the reference arm in the group"),
        Column("reference_events", pl.Int64, "those with the event or the response"),
        Column("estimate", pl.Float64, "estimate; null when it is undefined"),
        Column("lower", pl.Float64, "lower limit (Wald of the Cox model, Newcombe of the difference)"),
        Column("upper", pl.Float64, "upper limit"),
        Column("confidence", pl.Float64, "confidence level"),
    ),
)

CRITERION_SHIFT = Table(
    name="mart.criterion_shift",
    meaning="Every subject whose best response or progression date moves between two criteria, and the rule behind it",
    key=("study_id", "subject_id", "evaluator", "origin", "criterion", "other_criterion"),
    columns=(
        *SUBJECT,
        *READS[1:],
        Column("other_criterion", pl.String, "the criterion compared with"),
        Column("best_response", pl.String, "best response under criterion"),
        Column("other_best_response", pl.String, "best response under other_criterion"),
        Column("progression_date", pl.Date, "progression that counts under criterion"),
        Column("other_progression_date", pl.Date, "progression that counts under other_criterion"),
        Column("days_later", pl.Int32, "other_progression_date - progression_date", unit="d"),
        Column("timepoint", pl.Int32, "first time point at which the responses mean something else"),
        Column("clause", pl.String, "rule that decided there under criterion"),
        Column("other_clause", pl.String, "rule that decided there under other_criterion"),
        Column("explanation", pl.String, "one sentence with what both criteria say there"),
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

READ_BY = ("ALL", "SOME", "NONE")

VISIT_COMPLIANCE = Table(
    name="mart.visit_compliance",
    meaning="Every subject and planned tumour assessment: its window, what came, who read it, and what is overdue",
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
        Column("expected", pl.Boolean, "planned, and held or its window opened while the subject was assessed"),
        Column(
            "received",
            pl.String,
            "what came of the visit",
            allowed=("SCANS AND FORMS", "SCANS", "FORMS", "NOTHING"),
        ),
        Column("scans", pl.Int32, "series of images received for the visit"),
        Column("scans_missing", pl.Int32, "scans that the imaging charter expects and that did not come"),
        Column("readers_expected", pl.Int32, "readers who are to read the visit (evaluators.readers)"),
        Column("readers_missing", pl.String, "those who did not read it, separated by commas"),
        Column("read", pl.String, "by how many of them it was read; null when nothing came", allowed=READ_BY),
        Column(
            "adjudication",
            pl.String,
            "under the default criterion; null when nobody read the visit or there are no two central readers",
            allowed=("NOT REQUIRED", "PENDING", "DONE"),
        ),
        Column(
            "overdue",
            pl.String,
            "the first thing that should be there and is not; null = nothing",
            allowed=("VISIT", "SCANS", "READ", "ADJUDICATION"),
        ),
        Column("overdue_days", pl.Int32, "as_of - last day of the window (unscheduled: of the visit)", unit="d"),
        Column("as_of", pl.Date, "day up to which things are judged: data cut-off, but not after the refresh"),
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

DISCORDANCE_CAUSE = Table(
    name="mart.discordance_cause",
    meaning="How often each cause stands behind the discordances of two readers",
    key=("study_id", "criterion", "origin", "evaluator", "other_evaluator", "cause"),
    columns=(
        *READS,
        Column("other_evaluator", pl.String, "the evaluator compared with"),
        Column("cause", pl.String, "cause of the discordance", allowed=CAUSES),
        Column("subjects", pl.Int64, "discordant subjects with this cause"),
        Column("share", pl.Float64, "share of the discordant subjects of the pair"),
    ),
)

REVIEW_TABLES = (ADJUDICATION, REVIEW_METRICS, DISCORDANCE, REVIEW_FLAG)

PREDICTED_BENEFIT = Table(
    name="mart.predicted_benefit",
    meaning="Accuracy of the benefit that metabolic criteria predict, against clinical benefit by RECIST 1.1 (PC-6)",
    key=("study_id", "evaluator", "criterion", "measure"),
    columns=(
        *READS[:3],
        Column("measure", pl.String, "what is measured", allowed=("SENSITIVITY", "SPECIFICITY", "ACCURACY")),
        Column("true_positive", pl.Int64, "benefit predicted and seen"),
        Column("false_positive", pl.Int64, "benefit predicted, not seen"),
        Column("true_negative", pl.Int64, "no benefit predicted, none seen"),
        Column("false_negative", pl.Int64, "no benefit predicted, but seen"),
        Column("value", pl.Float64, "the measure"),
        Column("lower", pl.Float64, "lower limit of the exact interval"),
        Column("upper", pl.Float64, "upper limit of the exact interval"),
        Column("confidence", pl.Float64, "confidence level of the interval"),
    ),
)

LESION_RESPONSE_RATE = Table(
    name="mart.lesion_response_rate",
    meaning="Best responses lesion by lesion: injected, not injected and not visceral, visceral",
    key=("study_id", "evaluator", "lesion_group"),
    columns=(
        *READS[:2],
        Column(
            "lesion_group",
            pl.String,
            "injected up to the lesion's last scan, else by its organ",
            allowed=("INJECTED", "NOT INJECTED, NOT VISCERAL", "VISCERAL"),
        ),
        Column("subjects", pl.Int64, "subjects with such lesions"),
        Column("lesions", pl.Int64, "lesions measured at baseline and later"),
        Column("complete", pl.Int64, "lesions that were gone, of nodes below 10 mm, at their best"),
        Column("responding", pl.Int64, "lesions at least 30 % smaller than at baseline at their best"),
        Column("rate", pl.Float64, "responding / lesions"),
        Column("lower", pl.Float64, "lower limit of the exact interval"),
        Column("upper", pl.Float64, "upper limit of the exact interval"),
        Column("confidence", pl.Float64, "confidence level of the interval"),
    ),
)

TABLES = (
    RESPONSE_RATE,
    RESPONSE_DIFFERENCE,
    SURVIVAL_SUMMARY,
    SURVIVAL_LANDMARK,
    SURVIVAL_CURVE,
    SUBGROUP_EFFECT,
    CRITERIA_CONCORDANCE,
    CRITERION_SHIFT,
    READER_AGREEMENT,
    DISCORDANCE_CAUSE,
    VISIT_COMPLIANCE,
    LESION_RESPONSE_RATE,
    PREDICTED_BENEFIT,
    *REVIEW_TABLES,
)
