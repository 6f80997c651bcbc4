"""The history of queries: what the data did to each and what people did, first to last."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from quality.tables import MOMENT, QUERY_EVENT
from warehouse.releases import release_id_at

KEY = ("study_id", "fingerprint")


def query_events(
    history: pl.DataFrame,
    before: pl.DataFrame,
    after: pl.DataFrame,
    actions: pl.DataFrame,
    now: datetime,
    delivered_at: datetime | None = None,
) -> pl.DataFrame:
    """`QUERY_EVENT` after a refresh at ``now``.

    ``history`` is that table and ``before`` the queries (`QUERY`) as the last refresh left them, ``after`` the queries
    as this one leaves them, ``actions`` the operations database, ``delivered_at`` the moment of the newest transfer.
    """
    earlier = before.select(*KEY, times="times_reopened", resolved="resolved_at")
    came_back = pl.col("times_reopened") > pl.col("times")
    happened = (
        pl.when(pl.col("times").is_null())
        .then(pl.lit("OPENED"))
        .when(came_back & pl.col("resolved").is_null())
        .then(pl.lit("CHANGED"))
        .when(came_back)
        .then(pl.lit("CAME BACK"))
        .when(pl.col("resolved_at").is_not_null() & pl.col("resolved").is_null())
        .then(pl.lit("RESOLVED"))
    )
    new = (
        after.join(earlier, on=KEY, how="left")
        .select(
            *KEY,
            happened_at=pl.lit(now, dtype=MOMENT),
            event=happened,
            value="value",
            transfer=pl.lit(delivered_at and release_id_at(delivered_at), dtype=pl.String),
        )
        .filter(pl.col("event").is_not_null())
    )
    by_data = pl.concat([history.filter(pl.col("author").is_null()).select(new.columns), new])
    return with_people(by_data, actions)


def with_people(by_data: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """The history with all actions; ``by_data`` are rows of `QUERY_EVENT`, of which those by people are replaced."""
    kept = by_data if "author" not in by_data.columns else by_data.filter(pl.col("author").is_null())
    done = actions.join(kept.select(KEY).unique(), on=KEY).select(
        *KEY, "author", "kind", "text", "action_id", happened_at="acted_at", event="action"
    )
    names = [name for name in kept.columns if name not in ("number", "author", "kind", "text")]
    together = pl.concat([kept.select(names), done], how="diagonal").sort(
        *KEY, "happened_at", "action_id", nulls_last=False, maintain_order=True
    )
    numbered = together.with_columns(number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(KEY))
    return QUERY_EVENT.conform(numbered.drop("action_id"))
