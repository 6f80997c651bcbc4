"""Queries: findings followed from the transfer that showed them to the one that resolved them, with what people said.

A query is the life of one fingerprint. Data open and resolve it: a finding that is new is OPEN, one that is gone is
RESOLVED, one that came back is REOPENED. People answer it (ANSWERED), close it as it is (CLOSED) and reopen it. A
closed query stays closed while its finding stays the same; it is REOPENED when the value changes or the finding comes
back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import polars as pl

from quality.operations import Act
from quality.outcome import Status
from quality.tables import MOMENT, QUERY
from warehouse.releases import release_id_at

DATA = ("rule_id", "severity", "subject_id", "table_name", "row_key", "field", "value", "message")


def reconcile(
    before: pl.DataFrame,
    findings: pl.DataFrame,
    subjects: pl.DataFrame,
    actions: pl.DataFrame,
    now: datetime,
    delivered_at: datetime | None = None,
    undecided: Collection[str] = (),
) -> pl.DataFrame:
    """`QUERY` after a refresh at ``now`` (UTC); ``delivered_at`` is the moment of the newest transfer.

    Frames of `QUERY` as the last refresh left it, of `quality.finding`, of `core.subject`, and of the operations
    database (`quality.operations.ACTIONS`). Nothing is ever dropped: a resolved query stays as such. What people did
    before ``now`` they did to what the last refresh showed. A query of an ``undecided`` rule (`undecided_rules`) is not
    resolved by the absence of its finding.
    """
    earlier = with_actions(QUERY.conform(before), actions.filter(pl.col("acted_at") < now), now)
    seen = _seen(earlier, findings, now, delivered_at, undecided)
    sites = subjects.select("study_id", "subject_id", "site")
    return with_actions(seen.drop("site").join(sites, on=["study_id", "subject_id"], how="left"), actions, now)


def undecided_rules(outcomes: pl.DataFrame, listed_rows: int) -> list[str]:
    """Rules of quality.outcome whose findings are not all known: not evaluated, or more failed than are listed."""
    cut_off = (pl.col("status") == Status.FAIL.value) & (pl.col("failed") > listed_rows)
    return outcomes.filter((pl.col("status") == Status.ERROR.value) | cut_off)["rule_id"].to_list()


def _seen(
    before: pl.DataFrame,
    findings: pl.DataFrame,
    now: datetime,
    delivered_at: datetime | None,
    undecided: Collection[str],
) -> pl.DataFrame:
    """What the data say: opened, seen again, come back, changed since it was closed, gone."""
    moment, delivered = pl.lit(now, dtype=MOMENT), pl.lit(delivered_at, dtype=MOMENT)
    joined = before.join(
        findings.select("study_id", "fingerprint", *DATA, evaluator=reader(), found=pl.lit(True)),
        on=["study_id", "fingerprint"],
        how="full",
        suffix="_now",
        coalesce=True,
    )
    found = pl.col("found").fill_null(False)
    is_new = pl.col("status").is_null()
    resolved = pl.col("status") == "RESOLVED"
    gone = ~found & ~resolved & ~pl.col("rule_id").is_in(list(undecided))
    changed = found & (pl.col("status") == "CLOSED") & pl.col("value").ne_missing(pl.col("value_now"))
    back = (found & resolved) | changed
    transfer = pl.when(delivered > pl.col("last_seen_at")).then(pl.lit(delivered_at and release_id_at(delivered_at)))
    return joined.with_columns(
        status=pl.when(is_new)
        .then(pl.lit("OPEN"))
        .when(back)
        .then(pl.lit("REOPENED"))
        .when(gone)
        .then(pl.lit("RESOLVED"))
        .otherwise("status"),
        opened_at=pl.coalesce("opened_at", moment),
        last_seen_at=pl.when(found).then(moment).otherwise("last_seen_at"),
        resolved_at=pl.when(gone).then(moment).when(back).then(None).otherwise("resolved_at"),
        resolved_in=pl.when(gone).then(pl.lit(release_id_at(now))).when(back).then(None).otherwise("resolved_in"),
        resolved_by=pl.when(gone).then(transfer).when(back).then(None).otherwise("resolved_by"),
        reopened_at=pl.when(back).then(moment).otherwise("reopened_at"),
        times_reopened=pl.col("times_reopened").fill_null(0) + back.fill_null(False).cast(pl.Int32),
        **{name: pl.when(found).then(f"{name}_now").otherwise(name) for name in (*DATA, "evaluator")},
    ).select(list(QUERY.schema))


def reader() -> pl.Expr:
    """The reader whose read a finding is about: its row key says so."""
    return pl.col("row_key").str.json_path_match("$.evaluator")


def with_actions(queries: pl.DataFrame, actions: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The queries with what people did to them, as it stands at ``now`` (UTC); also on a published `QUERY`.

    Answers, closures and reopenings count from the moment at which the data last reopened the query on; comments and
    owners always.
    """
    people = _people(queries, actions)
    joined = queries.drop(people.columns[2:], strict=False).join(people, on=["study_id", "fingerprint"], how="left")
    last = pl.col("last_act")
    active = pl.col("status") != "RESOLVED"
    status = (
        pl.when(active & (last == Act.CLOSE.value))
        .then(pl.lit("CLOSED"))
        .when(active & (last == Act.ANSWER.value))
        .then(pl.lit("ANSWERED"))
        .when(active & (last == Act.REOPEN.value))
        .then(pl.lit("REOPENED"))
        .otherwise("status")
    )
    until = pl.coalesce("resolved_at", pl.when(status == "CLOSED").then("closed_at"), pl.lit(now, dtype=MOMENT))
    return QUERY.conform(
        joined.with_columns(status=status)
        .with_columns(age_days=(until - pl.col("opened_at")).dt.total_days())
        .select(list(QUERY.schema))
    ).sort("rule_id", "subject_id", "row_key", nulls_last=True)


def _people(queries: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    since = queries.select("study_id", "fingerprint", "reopened_at")
    acts = actions.join(since, on=["study_id", "fingerprint"]).sort("action_id")
    counts = (pl.col("acted_at") >= pl.col("reopened_at")).fill_null(True)
    by = {act: pl.col("action") == act.value for act in Act}
    decides = (by[Act.ANSWER] | by[Act.CLOSE] | by[Act.REOPEN]) & counts
    closed = by[Act.CLOSE] & counts & (pl.col("action").filter(decides).last().over("fingerprint") == Act.CLOSE.value)
    return acts.group_by("study_id", "fingerprint").agg(
        last_act=pl.col("action").filter(decides).last(),
        owner=pl.col("text").filter(by[Act.ASSIGN]).last(),
        answer=pl.col("text").filter(by[Act.ANSWER]).last(),
        answer_kind=pl.col("kind").filter(by[Act.ANSWER]).last(),
        answered_by=pl.col("author").filter(by[Act.ANSWER]).last(),
        answered_at=pl.col("acted_at").filter(by[Act.ANSWER]).last(),
        comments=pl.format("{}: {}", "author", "text").filter(by[Act.COMMENT]).str.join(" | ").replace("", None),
        closed_by=pl.col("author").filter(closed).last(),
        closed_at=pl.col("acted_at").filter(closed).last(),
        closing_reason=pl.col("text").filter(closed).last(),
    )
