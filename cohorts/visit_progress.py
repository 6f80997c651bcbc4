"""How far each planned visit has come: expected, received, read, adjudicated, and what of it is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from cohorts.review.readers import readers
from cohorts.tables import VISIT_COMPLIANCE

SUBJECT = ("study_id", "subject_id")
VISIT = (*SUBJECT, "visit")
ARRIVED = ("RECEIVED", "EARLY", "LATE", "UNSCHEDULED")
BASELINE = 0
SEPARATOR = ", "
PROGRESSION = "(?i)progress"


def visit_progress(
    compliance: pl.DataFrame,
    measurements: pl.DataFrame,
    recorded: pl.DataFrame,
    subjects: pl.DataFrame,
    scans: pl.DataFrame,
    adjudication: pl.DataFrame,
    *,
    as_of: date,
    expected_readers: Sequence[str] = (),
) -> pl.DataFrame:
    """mart.visit_compliance with what came of every visit up to the day ``as_of``.

    ``compliance`` is that table as `cohorts.visit_compliance` makes it; the others are core.measurement,
    core.recorded_response, core.subject, core.visit_scan and mart.adjudication of one criterion. Who is to read a
    visit is told by ``expected_readers``; without them it is whoever read the subject's baseline, and of a subject
    whose baseline nobody read, whoever read any baseline of the study. Adjudicators and clinical reviewers are not
    counted. A planned visit that left no form and no scan is overdue from the day after its window, unless the forms
    say that it was not done, or the subject's assessments had ended before: by death, end of study, another therapy,
    or the end of treatment for progression. Visits planned up to day 1 are not asked for when there is a baseline.
    What is missing of a visit that took place is overdue from the same day on.
    """
    reads = _reads(measurements, recorded)
    frame = (
        compliance.select(name for name in compliance.columns if name not in ADDED)
        .join(_assessed(subjects, compliance), on=SUBJECT, how="left")
        .join(_scans(scans), on=VISIT, how="left")
        .join(reads.group_by(VISIT).agg(read_by=pl.col("evaluator").unique()), on=VISIT, how="left")
        .join(_expected(reads, measurements, recorded, expected_readers), on=SUBJECT, how="left")
        .join(_adjudicated(adjudication, by_visit=False), on=SUBJECT, how="left")
        .join(_adjudicated(adjudication, by_visit=True), on=[*SUBJECT, "timepoint"], how="left")
        .with_columns(pl.col("scans", "scans_missing").fill_null(0), pl.col("read_by", "readers").fill_null([]))
        .with_columns(as_of=pl.lit(as_of))
    )
    return VISIT_COMPLIANCE.conform(
        frame.with_columns(_received())
        .with_columns(_read())
        .with_columns(adjudication=_adjudication(), expected=_is_expected())
        .with_columns(overdue=_overdue())
        .with_columns(overdue_days=pl.when(pl.col("overdue").is_not_null()).then(_days_late()))
        .select(*VISIT_COMPLIANCE.schema)
        .sort(VISIT)
    )


def _assessed(subjects: pl.DataFrame, compliance: pl.DataFrame) -> pl.DataFrame:
    """Until when each subject's tumours are assessed (``followed``, null = until now), and whether at baseline."""
    progressed = pl.when(pl.col("discontinuation_reason").str.contains(PROGRESSION)).then("discontinuation_date")
    ends = (pl.col("death_date"), pl.col("end_of_study_date"), pl.col("new_therapy_date"), progressed)
    begun = compliance.filter(pl.col("timepoint") == BASELINE).select(SUBJECT).unique().with_columns(begun=pl.lit(True))
    return subjects.select(*SUBJECT, followed=pl.min_horizontal(*ends)).join(begun, on=SUBJECT, how="left")


def _reads(measurements: pl.DataFrame, recorded: pl.DataFrame) -> pl.DataFrame:
    columns = (*VISIT, "timepoint", "evaluator")
    measured = measurements.filter(pl.col("state") != "NOT_DONE")
    return pl.concat([measured.select(columns), recorded.select(columns)]).unique()


def _scans(scans: pl.DataFrame) -> pl.DataFrame:
    status = pl.col("status")
    return scans.group_by(VISIT).agg(
        scans=(status.is_in(ARRIVED) & (pl.col("kind") == "IMAGE")).sum(), scans_missing=(status == "MISSING").sum()
    )


def _expected(
    reads: pl.DataFrame, measurements: pl.DataFrame, recorded: pl.DataFrame, named: Sequence[str]
) -> pl.DataFrame:
    """The readers of every subject, as a list."""
    people = pl.concat([measurements.select(SUBJECT), recorded.select(SUBJECT)]).unique()
    if named:
        return people.with_columns(readers=pl.lit(sorted(named), dtype=pl.List(pl.String)))
    who = readers(measurements, recorded).filter(~pl.col("adjudicator") & ~pl.col("oncologist"))
    first = reads.filter(pl.col("timepoint") == BASELINE).join(who, on=[*SUBJECT, "evaluator"], how="semi")
    own = first.group_by(SUBJECT).agg(readers=pl.col("evaluator").unique().sort())
    anybody = first.group_by("study_id").agg(any_reader=pl.col("evaluator").unique().sort())
    return (
        people.join(own, on=SUBJECT, how="left")
        .join(anybody, on="study_id", how="left")
        .select(*SUBJECT, readers=pl.coalesce("readers", "any_reader"))
    )


def _adjudicated(adjudication: pl.DataFrame, *, by_visit: bool) -> pl.DataFrame:
    """What adjudication asks and has given, by subject or by time point, as ``of_subject`` or ``of_visit``."""
    kept = adjudication.filter((pl.col("unit") == "TIMEPOINT") == by_visit)
    place = [pl.col("item").cast(pl.Int32, strict=False).alias("timepoint")] if by_visit else []
    asked = pl.col("adjudicated").fill_null(False)
    answer = (
        pl.when(~asked.any())
        .then(pl.lit("NOT REQUIRED"))
        .when((asked & pl.col("accepted_reader").is_null()).any())
        .then(pl.lit("PENDING"))
        .otherwise(pl.lit("DONE"))
    )
    return kept.group_by(*(pl.col(name) for name in SUBJECT), *place).agg(
        answer.alias("of_visit" if by_visit else "of_subject")
    )


def _received() -> pl.Expr:
    held = pl.col("start_date").is_not_null() & (pl.col("status") != "NOT DONE")
    forms, scans = held | (pl.col("read_by").list.len() > 0), pl.col("scans") > 0
    return (
        pl.when(forms & scans)
        .then(pl.lit("SCANS AND FORMS"))
        .when(scans)
        .then(pl.lit("SCANS"))
        .when(forms)
        .then(pl.lit("FORMS"))
        .otherwise(pl.lit("NOTHING"))
        .alias("received")
    )


def _read() -> list[pl.Expr]:
    missing = pl.col("readers").list.set_difference("read_by").list.sort()
    came, some = pl.col("received") != "NOTHING", pl.col("read_by").list.len() > 0
    read = (
        pl.when(~some).then(pl.lit("NONE")).when(missing.list.len() > 0).then(pl.lit("SOME")).otherwise(pl.lit("ALL"))
    )
    return [
        pl.col("readers").list.len().cast(pl.Int32).alias("readers_expected"),
        pl.when(came & (missing.list.len() > 0)).then(missing.list.join(SEPARATOR)).alias("readers_missing"),
        pl.when(came).then(read).alias("read"),
    ]


def _adjudication() -> pl.Expr:
    return pl.when(pl.col("read") != "NONE").then(pl.coalesce("of_visit", "of_subject"))


def _is_expected() -> pl.Expr:
    """Planned, and either it took place or its window opened while the subject was assessed."""
    later = (pl.col("window_start") > pl.col("followed")).fill_null(False)
    opened = _is_asked() & (pl.col("window_start") <= pl.col("as_of")) & ~later
    return (pl.col("expected_date").is_not_null() & ((pl.col("received") != "NOTHING") | opened)).fill_null(False)


def _is_asked() -> pl.Expr:
    return (pl.col("planned_day") > 1) | pl.col("begun").is_null()


def _limit() -> pl.Expr:
    return pl.coalesce("window_end", "end_date", "start_date")


def _overdue() -> pl.Expr:
    came = pl.col("received") != "NOTHING"
    stayed = ~(pl.col("window_end") >= pl.col("followed")).fill_null(False)
    checks = (
        ("VISIT", ~came & _is_asked() & stayed & (pl.col("status") != "NOT DONE")),
        ("SCANS", pl.col("scans_missing") > 0),
        ("READ", came & (pl.col("read") != "ALL")),
        ("ADJUDICATION", pl.col("adjudication") == "PENDING"),
    )
    found = pl.lit(None, dtype=pl.String)
    for name, holds in reversed(checks):
        found = pl.when((holds & (_limit() < pl.col("as_of"))).fill_null(False)).then(pl.lit(name)).otherwise(found)
    return found


def _days_late() -> pl.Expr:
    return (pl.col("as_of") - _limit()).dt.total_days()


ADDED = (
    "expected",
    "received",
    "scans",
    "scans_missing",
    "readers_expected",
    "readers_missing",
    "read",
    "adjudication",
    "overdue",
    "overdue_days",
    "as_of",
)
"""The columns of mart.visit_compliance that are made here."""
