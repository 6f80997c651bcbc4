"""Lesion records with the sizes they stand for, in hundredths of a millimetre, for growth lesion by lesion."""

from __future__ import annotations

import polars as pl

from criteria.declaration import Options
from criteria.lesion_facts import NODES
from criteria.reads import HUNDREDTHS
from criteria.vocabulary import Role, State

READ_KEY = ("study_id", "subject_id", "evaluator")
UNSEEN = (State.NOT_EVALUABLE.value, State.NOT_DONE.value)
GONE = (State.ABSENT.value, State.MERGED.value)
UNSURE = (State.EQUIVOCAL.value,)
NORMAL_NODE_MM = 10


def lesion_sizes(measurements: pl.DataFrame) -> pl.DataFrame:
    """Every record with ``longest``, ``short`` and ``size`` (Int64, hundredths of a millimetre; null = not assessed).

    ``measurements`` has the columns of core.measurement (lengths in mm). An absent or merged lesion measures 0, one
    too small to measure 5 mm where no value is given (R11-FU-02); ``size`` is the short axis of nodes. ``role`` and
    ``organ`` are those of the lesion from the baseline on, ``organ`` is the same for all nodes (R11-BL-03); ``seen``
    tells whether something is there.
    """
    lesion = (*READ_KEY, "lesion_id")
    first = (
        measurements.sort(*lesion, pl.col("timepoint") < 0, "timepoint")
        .group_by(lesion, maintain_order=True)
        .agg(pl.col("role").first(), organ_of_lesion=pl.col("organ").drop_nulls().first())
    )
    node = pl.col("is_node").fill_null(False)
    sized = measurements.drop("role").join(first, on=lesion, how="left")
    sized = sized.with_columns(
        organ=pl.when(node).then(pl.lit(NODES)).otherwise("organ_of_lesion"),
        is_node=node,
        longest=_hundredths("longest_diameter_mm"),
        short=_hundredths("short_axis_mm"),
    ).with_columns(size=pl.when("is_node").then("short").otherwise("longest"))
    seen = ~pl.col("state").is_in([*UNSEEN, State.ABSENT.value]) & (pl.col("size") != 0).fill_null(True)
    return sized.drop("organ_of_lesion").with_columns(seen=seen)


def new_lesions_seen(sized: pl.DataFrame) -> pl.DataFrame:
    """Records of new lesions that are surely there after the baseline, nodes at 10 mm or more (R11-NL-01, R11-NL-03).

    ``sized`` comes from `lesion_sizes`.
    """
    normal = pl.col("is_node") & (pl.col("size") < NORMAL_NODE_MM * HUNDREDTHS).fill_null(False)
    return sized.filter(
        (pl.col("role") == Role.NEW)
        & (pl.col("timepoint") > 0)
        & pl.col("seen")
        & ~pl.col("state").is_in([*UNSURE, State.MERGED.value])
        & ~normal
    )


def _hundredths(length: str) -> pl.Expr:
    state = pl.col("state")
    stated = (pl.col(length) * HUNDREDTHS).round().cast(pl.Int64)
    return (
        pl.when(state.is_in(UNSEEN))
        .then(None)
        .when(state.is_in(GONE))
        .then(pl.lit(0, pl.Int64))
        .when(state == State.TOO_SMALL)
        .then(stated.fill_null(Options().tstm_value_mm * HUNDREDTHS))
        .otherwise(stated)
    )
