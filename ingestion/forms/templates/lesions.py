"""The form of lesions: what a measurement says that its cells do not."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import Role, State
from ingestion.forms import codes
from ingestion.forms.results import NORMAL_NODE_MM
from ingestion.forms.sifting import Check

NODE = r"(?i)\bnode|\bnodal"


def filled(rows: pl.DataFrame) -> pl.DataFrame:
    """The date as received, and the time point as the visit's name where there is none."""
    return rows.with_columns(
        assessment_dtc=pl.coalesce("assessment_dtc", "assessment_date"),
        visit=pl.coalesce("visit", pl.col("timepoint").str.replace(r"\.0+$", "")),
    )


def checks(_: pl.DataFrame) -> tuple[Check, ...]:
    """What cannot be true of one lesion: a target of no size, a size and a state that contradict each other.

    A zero beside a lesion that is seen, or ABSENT beside a size (a node: a pathological short axis), would otherwise
    turn into a complete response or hide one. Rows are typed.
    """
    node = _is_node()
    size, field = _size(), pl.when(node).then(pl.lit("short_axis_mm")).otherwise(pl.lit("longest_diameter_mm"))
    needs_size = (pl.col("role") == Role.TARGET) & pl.col("state").is_null()
    measured = pl.col("state").is_in([State.MEASURED.value, State.SPLIT.value])
    seen = measured | pl.col("state").is_in([State.PRESENT, State.INCREASED, State.UNEQUIVOCAL_PROGRESSION])
    there = pl.when(node).then(size >= NORMAL_NODE_MM).otherwise(size > 0)
    correct = "correct the value that is wrong"
    return (
        *(
            check
            for name, here in (("short_axis_mm", node), ("longest_diameter_mm", ~node))
            for check in (
                Check(
                    name,
                    here & size.is_null() & needs_size,
                    "a target node without short axis" if name == "short_axis_mm" else "a target without diameter",
                    f"give {name}, or a state such as NOT_EVALUABLE",
                ),
                Check(
                    name,
                    here & size.is_null() & measured,
                    pl.format("{}, yet there is no {}", pl.col("state"), field),
                    f"give {name}, or another state",
                ),
                Check(
                    name, here & (size == 0) & seen, pl.format("0 mm, yet the lesion is {}", pl.col("state")), correct
                ),
            )
        ),
        Check(
            "state",
            (pl.col("state") == State.ABSENT) & there,
            pl.format("ABSENT, yet the size is {} mm", size),
            correct,
        ),
    )


def completed(rows: pl.DataFrame) -> pl.DataFrame:
    """Fills is_node, state and the flags: a row with a size is MEASURED (0: ABSENT), one without it PRESENT."""
    size = _size()
    state = (
        pl.when(size == 0)
        .then(pl.lit(State.ABSENT.value))
        .when(size > 0)
        .then(pl.lit(State.MEASURED.value))
        .otherwise(pl.lit(State.PRESENT.value))
    )
    investigator = pl.when(pl.col("evaluator") == codes.INVESTIGATOR).then(pl.lit(codes.INVESTIGATOR))
    return rows.with_columns(
        is_node=_is_node(),
        state=pl.coalesce("state", state),
        reader_role=pl.coalesce("reader_role", investigator),
    )


def _is_node() -> pl.Expr:
    return pl.coalesce("is_node", pl.col("organ").str.contains(NODE), pl.lit(False))


def _size() -> pl.Expr:
    return pl.when(_is_node()).then("short_axis_mm").otherwise("longest_diameter_mm")
