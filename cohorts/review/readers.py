"""Who read each subject: investigators, central readers, and the marks of the adjudicator (rule book 12.1)."""

from __future__ import annotations

import polars as pl

SUBJECT = ("study_id", "subject_id")
INVESTIGATOR = "INVESTIGATOR"
ADJUDICATOR = "ADJUDICAT"
ONCOLOGIST = "ONCOLOG"
MISSING = "MISSING"


def readers(measurements: pl.DataFrame, recorded: pl.DataFrame) -> pl.DataFrame:
    """Every evaluator of every subject once: study_id, subject_id, evaluator, site, adjudicator, oncologist, accepted.

    ``measurements`` and ``recorded`` are core.measurement and core.recorded_response. ``site``, ``adjudicator`` and
    ``oncologist`` tell investigators, adjudicators and clinical reviewers (BR-08) by role or name, all others are
    central readers; an adjudicator by role who also reads as a central reader stays one (it is flagged: BR-01).
    ``accepted`` is true when any record of theirs is marked as the accepted one (--ACPTFL, RSACPTFL).
    """
    columns = (*SUBJECT, "evaluator", "reader_role", "accepted")
    records = pl.concat([measurements.select(columns), recorded.select(columns)])
    who = pl.concat_str("reader_role", "evaluator", separator=" ", ignore_nulls=True).str.to_uppercase()
    return (
        records.group_by(*SUBJECT, "evaluator")
        .agg(
            site=who.str.contains(INVESTIGATOR).any(),
            adjudicator=who.str.contains(ADJUDICATOR).all(),
            oncologist=who.str.contains(ONCOLOGIST).any(),
            accepted=pl.col("accepted").fill_null(False).any(),
        )
        .sort(*SUBJECT, "evaluator")
    )


def central(found: pl.DataFrame) -> pl.DataFrame:
    """The central readers among ``found``: neither investigator, nor adjudicator, nor clinical reviewer."""
    return found.filter(~pl.col("site") & ~pl.col("adjudicator") & ~pl.col("oncologist"))


def read_responses(best_response: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Best responses of subjects whom the evaluator really read (``found`` as of `readers`), MISSING left out."""
    return best_response.filter(pl.col("best_response") != MISSING).join(found, on=[*SUBJECT, "evaluator"])
