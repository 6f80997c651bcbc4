"""How the independent review was conducted, as far as the data show it (BR-01, BR-08).

- *Revised after a later read*: a reader's record of a time point carries a later read date than one of a later time
  point. New lesions seen as equivocal may be revised (explicit back-dating) and are left out.
- *Adjudicator is a reader*: one evaluator has records as a reader and as the adjudicator of the same subject.
- *Oncologist differs*: a clinical reviewer recorded another response than the radiologists at a time point, or than
  the accepted one of them where one is accepted. It is told; the radiologists' reads stay as they are.
"""

from __future__ import annotations

import polars as pl

from cohorts.review.readers import ADJUDICATOR, INVESTIGATOR, ONCOLOGIST, SUBJECT
from cohorts.tables import REVIEW_FLAG

READER = (*SUBJECT, "evaluator")
OVERALL = "OVERALL"
REVISED, BOTH, DIFFERS = "REVISED AFTER A LATER READ", "ADJUDICATOR IS A READER", "ONCOLOGIST DIFFERS"


def review_flags(measurements: pl.DataFrame, recorded: pl.DataFrame) -> pl.DataFrame:
    """What the data say against the conduct of the review, a frame of mart.review_flag.

    ``measurements`` and ``recorded`` are core.measurement and core.recorded_response.
    """
    parts = (_revised(measurements, recorded), _adjudicating_readers(measurements, recorded), _differing(recorded))
    flags = pl.concat([REVIEW_FLAG.empty(), *(REVIEW_FLAG.conform(part) for part in parts)])
    return flags.sort(*READER, "timepoint", "flag", "explanation")


def _revised(measurements: pl.DataFrame, recorded: pl.DataFrame) -> pl.DataFrame:
    """BR-01: time points whose records were changed after a later one had been read."""
    columns = (*READER, "timepoint", "read_date")
    equivocal = (pl.col("role") == "NEW") & (pl.col("state") == "EQUIVOCAL")
    read = pl.concat([measurements.filter(~equivocal).select(columns), recorded.select(columns)])
    dated = (
        read.drop_nulls()
        .group_by(*READER, "timepoint")
        .agg(first=pl.col("read_date").min(), last=pl.col("read_date").max())
    )
    later = (
        dated.sort(*READER, "timepoint", descending=[False, False, False, True])
        .with_columns(read_later=pl.col("first").cum_min().shift().over(READER))
        .filter(pl.col("last") > pl.col("read_later"))
    )
    return later.select(
        *READER,
        "timepoint",
        rule=pl.lit("BR-01"),
        flag=pl.lit(REVISED),
        explanation=pl.format("recorded on {}, a later time point was read on {}", "last", "read_later"),
    )


def _adjudicating_readers(measurements: pl.DataFrame, recorded: pl.DataFrame) -> pl.DataFrame:
    """BR-01: evaluators who adjudicate a subject that they read themselves."""
    columns = (*READER, "reader_role")
    roles = pl.concat([measurements.select(columns), recorded.select(columns)]).drop_nulls().unique()
    adjudicates = pl.col("reader_role").str.to_uppercase().str.contains(ADJUDICATOR)
    both = roles.group_by(READER).agg(
        adjudicates=adjudicates.any(),
        reads=(~adjudicates).any(),
        roles=pl.col("reader_role").sort().str.join(", "),
    )
    return both.filter(pl.col("adjudicates") & pl.col("reads")).select(
        *READER,
        timepoint=pl.lit(None, pl.Int32),
        rule=pl.lit("BR-01"),
        flag=pl.lit(BOTH),
        explanation=pl.format("records as {}", "roles"),
    )


def _differing(recorded: pl.DataFrame) -> pl.DataFrame:
    """BR-08: overall responses of a clinical reviewer that are not those of the radiologists."""
    overall = recorded.filter(pl.col("component") == OVERALL).with_columns(
        who=pl.concat_str("reader_role", "evaluator", separator=" ", ignore_nulls=True).str.to_uppercase()
    )
    clinical = pl.col("who").str.contains(ONCOLOGIST)
    radiology = overall.filter(
        ~clinical & ~pl.col("who").str.contains(ADJUDICATOR) & ~pl.col("who").str.contains(INVESTIGATOR)
    )
    accepted = pl.col("accepted").fill_null(False)
    at = (*SUBJECT, "criterion", "timepoint")
    read = (
        radiology.with_columns(any_accepted=accepted.any().over(at))
        .filter(accepted | ~pl.col("any_accepted"))
        .sort(*at, "evaluator")
        .group_by(at, maintain_order=True)
        .agg(
            responses=pl.col("response").unique(),
            said=pl.format("{} {}", "evaluator", "response").str.join(", "),
        )
    )
    both = overall.filter(clinical).join(read, on=at)
    return both.filter(~pl.col("response").is_in(pl.col("responses"))).select(
        *READER,
        "timepoint",
        rule=pl.lit("BR-08"),
        flag=pl.lit(DIFFERS),
        explanation=pl.format("{}: {}, by radiology {}", "criterion", "response", "said"),
    )
