"""Subgroups and strata of the protocol, from the columns of DM and its supplemental qualifiers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from ingestion.forms.codes import number
from ingestion.forms.sifting import Check, join_rejects, rejects_of
from ingestion.reject import Parsed
from ingestion.tables import SUBJECT_GROUP
from protocol.model import Grouping


def subject_groups(demographics: pl.DataFrame, groupings: Sequence[Grouping], *, study_id: str) -> Parsed:
    """`SUBJECT_GROUP` of every subject and grouping whose column was received.

    ``demographics`` are the received rows of DM with their qualifiers. A grouping with ``cuts`` reads the column as a
    number: the groups are "< 65", "65 - < 75" and ">= 75" for the cuts 65 and 75. A value that is no number there is a
    reject, and the subject has no group.
    """
    frames, rejects = [SUBJECT_GROUP.empty()], []
    for grouping in groupings:
        column = grouping.column.upper()
        if column not in demographics.columns:
            continue
        value = cut(number(column), grouping.cuts) if grouping.cuts else pl.col(column)
        frames.append(
            demographics.select(
                pl.lit(study_id).alias("study_id"),
                pl.col("USUBJID").alias("subject_id"),
                pl.lit(grouping.name).alias("grouping"),
                value.alias("value"),
            )
        )
        if grouping.cuts:
            unread = demographics.filter(pl.col(column).is_not_null() & number(column).is_null())
            no_number = Check(column, pl.lit(True), "not a number", f"correct {column}, or take cuts off the grouping")
            rejects.append(rejects_of(unread, no_number, study_id=study_id, stage=SUBJECT_GROUP.name))
    groups = pl.concat(frames).drop_nulls("subject_id").unique(SUBJECT_GROUP.key, keep="first", maintain_order=True)
    return Parsed(SUBJECT_GROUP.conform(groups), join_rejects(rejects))


def cut(value: pl.Expr, cuts: Sequence[float]) -> pl.Expr:
    """The interval that a number falls into, closed on the left."""
    texts = [f"{edge:g}" for edge in cuts]
    names = [f"< {texts[0]}", *(f"{low} - < {high}" for low, high in pairwise(texts))]
    group = pl.lit(f">= {texts[-1]}")
    for edge, name in reversed(list(zip(cuts, names, strict=True))):
        group = pl.when(value < edge).then(pl.lit(name)).otherwise(group)
    return pl.when(value.is_not_null()).then(group)
