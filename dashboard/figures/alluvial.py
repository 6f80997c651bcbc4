"""Alluvial: how the best responses of the same subjects move from criterion to criterion."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go
import polars as pl

from criteria.plain_responses import PLAIN
from dashboard.figures.palette import RESPONSES, response_look
from dashboard.figures.theme import figure, nothing

ORDER = tuple(RESPONSES)


def alluvial(
    concordance: pl.DataFrame, criteria: Sequence[str], *, title: str = "Best response by criterion"
) -> go.Figure:
    """Flows between neighbouring ``criteria``, in their order.

    Rows of `mart.criteria_concordance` of one evaluator and origin. Responses are in plain categories.
    """
    steps = [
        concordance.filter((pl.col("criterion") == left) & (pl.col("other_criterion") == right)).select(
            left=pl.lit(left),
            right=pl.lit(right),
            before=_plain("best_response"),
            after=_plain("other_best_response"),
            subjects="subjects",
        )
        for left, right in pairwise(criteria)
    ]
    flows = pl.concat(steps).drop_nulls("subjects") if steps else pl.DataFrame()
    if flows.is_empty():
        return nothing(title, "At least two criteria with responses of the same subjects are needed.")
    flows = flows.group_by("left", "right", "before", "after").agg(pl.col("subjects").sum())
    nodes = _nodes(flows, criteria)
    number = {key: place for place, key in enumerate(nodes)}
    totals = _totals(flows)
    drawn = figure(title, "", "", height=520)
    drawn.update_xaxes(visible=False)
    drawn.update_yaxes(visible=False)
    ordered = flows.sort("left", "right", "before", "after")
    drawn.add_sankey(
        arrangement="snap",
        node={
            "label": [f"{category} {totals[criterion, category]}" for criterion, category in nodes],
            "color": [response_look(category).colour for _, category in nodes],
            "x": [_across(criteria.index(criterion), len(criteria)) for criterion, _ in nodes],
            "y": [0.05 + 0.9 * ORDER.index(category) / (len(ORDER) - 1) for _, category in nodes],
            "pad": 14,
            "thickness": 18,
            "line": {"width": 0.5, "color": "#1a1a1a"},
        },
        link={
            "source": [number[row["left"], row["before"]] for row in ordered.iter_rows(named=True)],
            "target": [number[row["right"], row["after"]] for row in ordered.iter_rows(named=True)],
            "value": ordered["subjects"].to_list(),
            "color": ["rgba(0,0,0,0.14)" if same else "rgba(213,94,0,0.45)" for same in _same(ordered)],
        },
    )
    for place, criterion in enumerate(criteria):
        drawn.add_annotation(
            text=f"<b>{criterion}</b>",
            x=_across(place, len(criteria)),
            y=1.06,
            xref="paper",
            yref="paper",
            showarrow=False,
        )
    drawn.update_layout(margin={"t": 90, "b": 30})
    return drawn


def _plain(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(PLAIN, default="NE", return_dtype=pl.String)


def _across(place: int, size: int) -> float:
    return 0.001 + 0.998 * place / max(size - 1, 1)


def _nodes(flows: pl.DataFrame, criteria: Sequence[str]) -> list[tuple[str, str]]:
    seen = set(flows.select("left", "before").iter_rows()) | set(flows.select("right", "after").iter_rows())
    return sorted(seen, key=lambda node: (criteria.index(node[0]), ORDER.index(node[1])))


def _totals(flows: pl.DataFrame) -> dict[tuple[str, str], int]:
    outgoing = flows.group_by("left", "before").agg(pl.col("subjects").sum())
    incoming = flows.group_by("right", "after").agg(pl.col("subjects").sum())
    counted = {(criterion, category): subjects for criterion, category, subjects in incoming.iter_rows()}
    return counted | {(criterion, category): subjects for criterion, category, subjects in outgoing.iter_rows()}


def _same(flows: pl.DataFrame) -> list[bool]:
    return (flows["before"] == flows["after"]).to_list()
