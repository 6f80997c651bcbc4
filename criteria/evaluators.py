"""The accepted reader of each subject, or of each time point, as an evaluator of its own (BR-03)."""

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


def with_accepted_timepoints(responses: pl.DataFrame, reads: pl.DataFrame, name: str) -> pl.DataFrame:
    """The responses, and those of each time point's accepted central reader once more under the evaluator ``name``.

    ``responses`` is analysis.timepoint_response; ``reads`` has the columns of `with_accepted_reader` and timepoint.
    Time points whose accepted records come from several readers have no accepted response.
    """
    point = [*SUBJECT, "timepoint"]
    central = reads.filter(pl.col("accepted").fill_null(False) & (pl.col("reader_role") != INVESTIGATOR))
    chosen = central.select(*point, "evaluator").unique().filter(pl.len().over(point) == 1)
    accepted = responses.join(chosen, on=[*point, "evaluator"], how="semi").with_columns(evaluator=pl.lit(name))
    return pl.concat([responses, accepted])
