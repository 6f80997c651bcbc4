"""Spider: the tumour burden of every subject over time."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from criteria.event_time import DAYS_PER_MONTH
from criteria.plain_responses import PLAIN
from dashboard.figures.palette import RESPONSES, response_look
from dashboard.figures.theme import figure, nothing, thresholds


def spider(
    responses: pl.DataFrame,
    best: pl.DataFrame,
    *,
    title: str = "Tumour burden over time",
    response_percent: float = -30,
    progression_percent: float = 20,
) -> go.Figure:
    """One line a subject from baseline on, in months of study; a triangle marks a new lesion.

    Frames of `analysis.timepoint_response` and `analysis.best_response` of one criterion, evaluator and origin.
    """
    response = pl.col("best_response").replace_strict(PLAIN, default="NE", return_dtype=pl.String)
    points = (
        responses.filter(pl.col("pct_from_baseline").is_not_null() & pl.col("study_day").is_not_null())
        .join(best.select("subject_id", response=response), on="subject_id")
        .with_columns(month=pl.col("study_day") / DAYS_PER_MONTH)
        .sort("subject_id", "month")
    )
    if points.is_empty():
        return nothing(title, "No subject has a complete sum at baseline and after it.")
    drawn = figure(title, "months on study", "change from baseline (%)")
    for category in RESPONSES:
        lines = _lines(points.filter(pl.col("response") == category))
        if lines.is_empty():
            continue
        look = response_look(category)
        drawn.add_scatter(
            x=lines["month"].to_list(),
            y=lines["pct_from_baseline"].to_list(),
            name=category,
            mode="lines+markers",
            line={"color": look.stroke, "width": 1.4, "dash": look.dash},
            opacity=0.75,
            marker={"size": lines["size"].to_list(), "symbol": lines["symbol"].to_list()},
            customdata=lines["subject_id"].to_list(),
            hovertemplate="%{customdata}: %{y:.1f} % at %{x:.1f} months<extra>" + category + "</extra>",
        )
    thresholds(drawn, response_percent, progression_percent)
    return drawn


def _lines(points: pl.DataFrame) -> pl.DataFrame:
    """The courses of several subjects as one line: each starts at zero, and a row without values ends it."""
    new = pl.col("new_lesion").eq("Y").fill_null(value=False)
    seen = points.select(
        "subject_id",
        "month",
        "pct_from_baseline",
        size=pl.when(new).then(10).otherwise(5),
        symbol=pl.when(new).then(pl.lit("triangle-up")).otherwise(pl.lit("circle")),
        order=pl.lit(1),
    )
    subjects = seen.select("subject_id").unique(maintain_order=True)
    number = {name: seen.schema[name] for name in ("month", "pct_from_baseline")}
    start, gap = (
        subjects.with_columns(
            *(pl.lit(value, dtype=dtype).alias(name) for name, dtype in number.items()),
            size=pl.lit(0),
            symbol=pl.lit("circle"),
            order=pl.lit(order),
        )
        for value, order in ((0.0, 0), (None, 2))
    )
    rows = pl.concat([start, seen, gap], how="vertical_relaxed").sort("subject_id", "order", "month")
    return rows.head(rows.height - 1)
