"""Which rule decided: the clause of every evaluated time point."""

from __future__ import annotations

import polars as pl

from criteria.declaration import Immediate, Morphologic
from criteria.flags import Flag
from criteria.unconfirmed import CONFIRMATIONS


def has(flag: Flag) -> pl.Expr:
    """Whether a flag is set in the column ``bits``."""
    return (pl.col("bits") & int(flag)) != 0


def target_clause() -> pl.Expr:
    """The rule by which the targets progressed: threshold, zero nadir, or reappearance after an overall CR."""
    return (
        pl.when("reappeared")
        .then(pl.lit("CR-01"))
        .when("from_zero")
        .then(pl.lit("R11-TL-04"))
        .otherwise(pl.lit("R11-TL-03"))
    )


def progression_clause() -> pl.Expr:
    """The first component that progressed, in the order target, non-target, new lesion."""
    return (
        pl.when(pl.col("target_response") == "PD")
        .then(target_clause())
        .when(pl.col("nontarget_response") == "PD")
        .then(pl.lit("R11-NT-03"))
        .when(has(Flag.PET_CONFIRMED))
        .then(pl.lit("R11-NL-04"))
        .when(has(Flag.BACKDATED))
        .then(pl.lit("R11-NL-02"))
        .otherwise(pl.lit("R11-NL-01"))
    )


def clause(frame: pl.DataFrame, declared: Morphologic) -> pl.Series:
    """Rule id of every row of an evaluated frame (see `criteria.timepoint`)."""
    overall = pl.col("overall_response")
    listed = pl.Series([*declared.table.clauses, None], dtype=pl.String).gather(
        frame["table_row"].replace(-1, len(declared.table.clauses)).cast(pl.UInt32)
    )
    confirmed = pl.Series([*CONFIRMATIONS, None], dtype=pl.String).gather(
        frame["confirmed_by"].replace(-1, len(CONFIRMATIONS)).cast(pl.UInt32)
    )
    by_component = isinstance(declared.confirmation, Immediate) and "R11-TL-03" in declared.table.clauses
    decided = (
        pl.when(has(Flag.EARLY_SCAN) & (overall == "UPD"))
        .then(pl.lit("IR-05"))
        .when((overall == "NA") & has(Flag.POST_PROGRESSION))
        .then(pl.lit("IR-17"))
        .when(overall == "CPD")
        .then(pl.lit(confirmed))
        .when((overall == "UPD") & pl.col("opens"))
        .then(progression_clause())
        .when((overall == "UPD") & (pl.col("target_response") != "PD") & (pl.col("nontarget_response") != "PD"))
        .then(pl.lit("IR-12"))
        .when(overall == "UPD")
        .then(pl.lit("IR-10"))
        .when(has(Flag.RESET))
        .then(pl.lit("IR-09"))
        .when((overall == "NE") & has(Flag.NO_BASELINE))
        .then(pl.lit("GEN-03"))
        .when((overall == "NE") & has(Flag.NOT_DONE))
        .then(pl.lit("GEN-09"))
        .when((overall == "NE") & has(Flag.NEW_NOT_EVALUABLE))
        .then(pl.lit("R11-NL-05"))
        .when((overall == "PD") & pl.lit(by_component))
        .then(progression_clause())
        .otherwise(pl.lit(listed))
    )
    return frame.select(clause=decided)["clause"]
