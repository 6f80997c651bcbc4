"""The quality tables: the rules, how each came out, and what each found; and the visit windows they use."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from criteria.vocabulary import values
from quality.answer import AnswerKind
from quality.outcome import Status
from quality.rule import Category, Severity

VISIT_WINDOW = Table(
    name="quality.visit_window",
    meaning="The window of each planned tumour assessment; visit * stands for every visit without a row of its own",
    key=("study_id", "visit"),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("visit", pl.String, "visit name as received, or *"),
        Column("planned_day", pl.Int32, "planned study day; null = core.visit.planned_day", unit="d"),
        Column("minus", pl.Int32, "days that the assessment may be early", unit="d"),
        Column("plus", pl.Int32, "days that the assessment may be late", unit="d"),
    ),
)

RULE = Table(
    name="quality.rule",
    meaning="The rule catalogue: what is checked, why, and what the site is told",
    key=("rule_id",),
    columns=(
        Column("rule_id", pl.String, "rule"),
        Column("title", pl.String, "what the rule expects, in a few words"),
        Column("table_name", pl.String, "table to correct when the rule fails"),
        Column("row_keys", pl.String, "columns that identify a finding, separated by commas"),
        Column("category", pl.String, "kind of rule", allowed=values(Category)),
        Column("severity", pl.String, "weight of a finding", allowed=values(Severity)),
        Column("blocking", pl.Boolean, "a failure stops publishing"),
        Column("source", pl.String, "rule id of the rule book, or the standard, that asks for it"),
        Column("message", pl.String, "message to the site; {column} is filled from the row"),
        Column("parameters", pl.String, "limits that it was evaluated with, as name = value unit, separated by '; '"),
        Column("active", pl.Boolean, "false: the protocol switches it off"),
        Column("defined_in", pl.String, "NADIR, or the study's own file below its folder"),
    ),
)

OUTCOME = Table(
    name="quality.outcome",
    meaning="How each rule came out in the last check",
    key=("rule_id",),
    columns=(
        Column("rule_id", pl.String, "rule"),
        Column("table_name", pl.String, "table to correct when the rule fails"),
        Column("severity", pl.String, "weight of a finding", allowed=values(Severity)),
        Column("blocking", pl.Boolean, "a failure stops publishing"),
        Column("status", pl.String, "ERROR = could not be evaluated; SKIPPED = no input", allowed=values(Status)),
        Column("reason", pl.String, "why it was skipped, or the error"),
        Column("checked", pl.Int64, "rows to which the rule applied"),
        Column("failed", pl.Int64, "rows that failed"),
        Column("listed", pl.Int64, "failed rows that became findings (at most 5,000 a rule; rows of one key are one)"),
    ),
)

FINDING = Table(
    name="quality.finding",
    meaning="One row per rule and offending key: what is missing, late, contradictory or to be queried",
    key=("fingerprint",),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("rule_id", pl.String, "rule"),
        Column("fingerprint", pl.String, "identity of the finding across refreshes: hash of rule and row_key"),
        Column("severity", pl.String, "weight of the finding", allowed=values(Severity)),
        Column("table_name", pl.String, "table to correct"),
        Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
        Column("row_key", pl.String, "key of the offending row, as JSON"),
        Column("field", pl.String, "column that the finding is about"),
        Column("value", pl.String, "its value"),
        Column("message", pl.String, "message to the site"),
    ),
)

STATUSES = ("OPEN", "ANSWERED", "CLOSED", "REOPENED", "RESOLVED")
ACTIVE = ("OPEN", "ANSWERED", "REOPENED")
MOMENT = pl.Datetime("us", "UTC")

QUERY = Table(
    name="quality.query",
    meaning="One row per query: a finding followed over the refreshes, with the people's answers",
    key=("fingerprint",),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("fingerprint", pl.String, "identity of the query: that of its finding"),
        Column("rule_id", pl.String, "rule"),
        Column("severity", pl.String, "weight of the finding", allowed=values(Severity)),
        Column("site", pl.String, "site of the subject"),
        Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
        Column("evaluator", pl.String, "reader whose read it is about; null when it is about no read"),
        Column("table_name", pl.String, "table to correct"),
        Column("row_key", pl.String, "key of the offending row, as JSON"),
        Column("field", pl.String, "column that the query is about"),
        Column("value", pl.String, "its value when last seen"),
        Column("message", pl.String, "message to the site"),
        Column("status", pl.String, "where the query stands", allowed=STATUSES),
        Column("opened_at", MOMENT, "refresh that first showed it"),
        Column("last_seen_at", MOMENT, "last refresh that showed it"),
        Column("resolved_at", MOMENT, "refresh in which the finding was gone"),
        Column("resolved_in", pl.String, "release of that refresh"),
        Column(
            "resolved_by",
            pl.String,
            "newest transfer since the finding was last seen; null when none came: protocol or program are others",
        ),
        Column("reopened_at", MOMENT, "refresh that showed it again, or with another value after it was closed"),
        Column("times_reopened", pl.Int32, "how often it came back"),
        Column("age_days", pl.Int32, "days open until now, or until it was closed or resolved", unit="d"),
        Column("owner", pl.String, "who is to see to it"),
        Column("answer_kind", pl.String, "what the last answer says about the data", allowed=values(AnswerKind)),
        Column("answer", pl.String, "last answer"),
        Column("answered_by", pl.String, "who gave it"),
        Column("answered_at", MOMENT, "when"),
        Column("comments", pl.String, "comments, newest last, separated by ' | '"),
        Column("closed_by", pl.String, "who closed it"),
        Column("closed_at", MOMENT, "when"),
        Column("closing_reason", pl.String, "why"),
    ),
)

EVENTS = ("OPENED", "CHANGED", "RESOLVED", "CAME BACK", "ANSWER", "COMMENT", "ASSIGN", "CLOSE", "REOPEN")

QUERY_EVENT = Table(
    name="quality.query_event",
    meaning="The history of every query: what the data did to it and what people did, first to last",
    key=("study_id", "fingerprint", "number"),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("fingerprint", pl.String, "the query"),
        Column("number", pl.Int32, "place in the history of the query, from 1"),
        Column("happened_at", MOMENT, "when"),
        Column("event", pl.String, "what; the first four are done by the data", allowed=EVENTS),
        Column("author", pl.String, "person who did it; null = the data"),
        Column("kind", pl.String, "ANSWER: what it says about the data", allowed=values(AnswerKind)),
        Column("text", pl.String, "answer, comment, reason or new owner"),
        Column("value", pl.String, "value of the finding, of what the data did"),
        Column("transfer", pl.String, "newest transfer that the refresh knew, of what the data did"),
    ),
)

DATA_QUALITY = Table(
    name="mart.data_quality",
    meaning="Findings and queries by rule, site and reader, for this release and every earlier one",
    key=("study_id", "release_id", "rule_id", "site", "evaluator"),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("release_id", pl.String, "release, as in audit.release"),
        Column("rule_id", pl.String, "rule"),
        Column("site", pl.String, "site of the subject; NONE when it has none or the finding is of no subject"),
        Column("evaluator", pl.String, "reader whose read it is about; NONE when it is about no read"),
        Column("category", pl.String, "kind of rule", allowed=values(Category)),
        Column("severity", pl.String, "weight of a finding", allowed=values(Severity)),
        Column("findings", pl.Int64, "findings (of a rule, those listed in quality.finding)"),
        Column("subjects", pl.Int64, "subjects with findings"),
        Column("open", pl.Int64, "queries that nobody has answered"),
        Column("answered", pl.Int64, "queries that were answered"),
        Column("closed", pl.Int64, "queries that were closed as they are"),
        Column("reopened", pl.Int64, "queries that came back or were reopened, not answered since"),
        Column("resolved", pl.Int64, "queries that the data resolved, ever"),
        Column("oldest_days", pl.Int32, "age of the oldest open, answered or reopened query", unit="d"),
    ),
)

TABLES = (VISIT_WINDOW, RULE, OUTCOME, FINDING, QUERY, QUERY_EVENT, DATA_QUALITY)
