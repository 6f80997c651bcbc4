"""The accepted reader of each subject as an evaluator of its own (BR-03: one reader for the whole subject)."""

from __future__ import annotations

import polars as pl

SUBJECT = ("study_id", "subject_id")
INVESTIGATOR = "INVESTIGATOR"


def with_accepted_reader(reads: pl.DataFrame, name: str) -> pl.DataFrame:
    """The reads, and those of each subject's accepted central reader once more under the evaluator ``name``.

    ``reads`` has the columns study_id, subject_id, evaluator, reader_role and accepted (core.measurement or
    core.recorded_response). Subjects whose accepted records come from several readers have no accepted reader.
    """
    central = reads.filter(pl.col("accepted").fill_null(False) & (pl.col("reader_role") != INVESTIGATOR))
    chosen = central.select(*SUBJECT, "evaluator").unique().filter(pl.len().over(SUBJECT) == 1)
    accepted = reads.join(chosen, on=[*SUBJECT, "evaluator"], how="semi").with_columns(evaluator=pl.lit(name))
    return pl.concat([reads, accepted])
