"""How often each cause stands behind the discordances of two readers."""

from __future__ import annotations

import polars as pl

from cohorts.tables import DISCORDANCE_CAUSE


def discordance_causes(discordance: pl.DataFrame) -> pl.DataFrame:
    """`mart.discordance_cause` from the rows of `mart.discordance`, in the order of its key."""
    pair = [name for name in DISCORDANCE_CAUSE.key if name != "cause"]
    counted = discordance.group_by(DISCORDANCE_CAUSE.key).agg(pl.len().alias("subjects"))
    return DISCORDANCE_CAUSE.conform(
        counted.with_columns(share=pl.col("subjects") / pl.col("subjects").sum().over(pair))
    ).sort(DISCORDANCE_CAUSE.key)
