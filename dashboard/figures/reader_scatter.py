"""Reader scatter: what one reader measured against what the other measured of the same visits."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from dashboard.figures.palette import BLUE, VERMILION
from dashboard.figures.theme import INK, figure, nothing


def paired_changes(responses: pl.DataFrame, reader: str, other: str) -> pl.DataFrame:
    """Change of the sum from baseline by both readers, one row per subject and time point that both could sum.

    Rows of `analysis.timepoint_response` of one criterion and origin. Columns subject_id, timepoint, change,
    other_change (%), agree (the same overall response).
    """
    read = responses.select("subject_id", "timepoint", "evaluator", "pct_from_baseline", "overall_response")
    return (
        read.filter(pl.col("evaluator") == reader)
        .join(read.filter(pl.col("evaluator") == other), on=["subject_id", "timepoint"], suffix="_other")
        .select(
            "subject_id",
            "timepoint",
            change="pct_from_baseline",
            other_change="pct_from_baseline_other",
            agree=pl.col("overall_response") == pl.col("overall_response_other"),
        )
        .drop_nulls(["change", "other_change"])
        .sort("subject_id", "timepoint")
    )


def reader_scatter(responses: pl.DataFrame, reader: str, other: str, *, title: str | None = None) -> go.Figure:
    """The points of `paired_changes` with the line of identity; crosses are time points with different responses."""
    title = title or f"{reader} and {other}: change from baseline"
    points = paired_changes(responses, reader, other)
    if points.is_empty():
        return nothing(title, "No time point has complete sums by both readers.")
    drawn = figure(title, f"{reader} (%)", f"{other} (%)", height=520)
    for agree, name, symbol, colour in (
        (True, "same response", "circle-open", BLUE),
        (False, "different response", "x", VERMILION),
    ):
        rows = points.filter(pl.col("agree") == agree)
        drawn.add_scatter(
            x=rows["change"].to_list(),
            y=rows["other_change"].to_list(),
            mode="markers",
            name=f"{name} ({rows.height})",
            marker={"symbol": symbol, "color": colour, "size": 7},
            customdata=rows.select("subject_id", "timepoint").rows(),
            hovertemplate="%{customdata[0]}, time point %{customdata[1]}: %{x:.1f} %, %{y:.1f} %<extra></extra>",
        )
    low = min(points["change"].min(), points["other_change"].min())  # type: ignore[type-var]
    high = max(points["change"].max(), points["other_change"].max())  # type: ignore[type-var]
    drawn.add_scatter(
        x=[low, high], y=[low, high], mode="lines", line={"color": INK, "width": 1, "dash": "dot"}, showlegend=False
    )
    return drawn
