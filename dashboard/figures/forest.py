"""Forest: the effect of an arm in every subgroup."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from dashboard.figures.palette import BLUE
from dashboard.figures.theme import INK, figure, nothing

RATIOS = (0.1, 0.2, 0.5, 0.75, 1, 1.5, 2, 5, 10)


def forest(effects: pl.DataFrame, *, title: str) -> go.Figure:
    """One row a subgroup with its estimate and interval, all subjects on top.

    Rows of `mart.subgroup_effect` of one measure, profile, arm, evaluator, criterion and origin. Hazard ratios stand
    on a logarithmic axis. The size of a square grows with the number of subjects.
    """
    known = effects.filter(pl.col("subjects").is_not_null())
    if known.is_empty():
        return nothing(title, "There is no second arm to compare with, or the groups are too small to be shown.")
    rows = known.with_columns(
        label=pl.when(pl.col("group_by") == "ALL")
        .then(pl.lit("All subjects"))
        .otherwise(pl.format("{}: {}", "group_by", "group_value")),
        first=pl.col("group_by") != "ALL",
    ).sort(["first", "group_by", "group_value"])
    ratio = rows["effect"][0] == "HAZARD RATIO"
    arm, reference = rows["arm"][0], rows["reference_arm"][0]
    places = list(range(rows.height, 0, -1))
    axis = f"hazard ratio, {arm} against {reference}" if ratio else f"difference of the rates, {arm} - {reference}"
    drawn = figure(title, axis, "", height=150 + 30 * rows.height)
    total = rows["subjects"].max()
    size = [8 + 14 * (subjects / total) ** 0.5 for subjects in rows["subjects"].to_list()]
    drawn.add_scatter(
        x=rows["estimate"].to_list(),
        y=places,
        mode="markers",
        marker={"symbol": "square", "size": size, "color": BLUE},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (rows["upper"] - rows["estimate"]).to_list(),
            "arrayminus": (rows["estimate"] - rows["lower"]).to_list(),
            "color": INK,
            "thickness": 1.5,
        },
        showlegend=False,
        hovertemplate="%{x:.2f}<extra></extra>",
    )
    drawn.add_vline(x=1 if ratio else 0, line={"color": INK, "width": 1})
    if ratio:
        drawn.update_xaxes(type="log", tickvals=RATIOS, ticktext=[f"{ratio:g}" for ratio in RATIOS])
    drawn.update_yaxes(tickvals=places, ticktext=rows["label"].to_list(), range=[0.3, rows.height + 0.7])
    for place, row in zip(places, rows.iter_rows(named=True), strict=True):
        drawn.add_annotation(
            text=_said(row), x=1.01, y=place, xref="paper", yref="y", xanchor="left", showarrow=False, align="left"
        )
    drawn.update_layout(margin={"l": 160, "r": 300})
    return drawn


def _said(row: dict[str, object]) -> str:
    counts = f"{row['events']}/{row['subjects']} : {row['reference_events']}/{row['reference_subjects']}"
    if row["estimate"] is None:
        return f"{counts}   not estimable"
    return f"{counts}   {row['estimate']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})"
