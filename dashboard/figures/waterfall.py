"""Waterfall: the best change of the tumour burden of every subject."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from criteria.plain_responses import PLAIN
from dashboard.figures.palette import RESPONSES, response_look
from dashboard.figures.theme import figure, nothing, thresholds


def best_changes(responses: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """Smallest change from baseline of every subject up to its progression, largest first.

    Frames of `analysis.timepoint_response` and `analysis.best_response` of one criterion, evaluator and origin;
    subjects without any complete sum after baseline have none. Columns subject_id, change (%), response (plain
    category of the best response).
    """
    course = best.select(
        "subject_id",
        "progression_date",
        response=pl.col("best_response").replace_strict(PLAIN, default="NE", return_dtype=pl.String),
    )
    until = (pl.col("assessment_date") <= pl.col("progression_date")).fill_null(True)
    return (
        responses.select("subject_id", "assessment_date", "pct_from_baseline")
        .join(course, on="subject_id")
        .filter(until & pl.col("pct_from_baseline").is_not_null())
        .group_by("subject_id", "response")
        .agg(change=pl.col("pct_from_baseline").min())
        .sort(["change", "subject_id"], descending=[True, False])
    )


def waterfall(
    responses: pl.DataFrame,
    best: pl.DataFrame,
    *,
    title: str = "Best change of the tumour burden",
    response_percent: float = -30,
    progression_percent: float = 20,
) -> go.Figure:
    """One bar a subject (`best_changes`), coloured by best response, with the thresholds of the criterion."""
    changes = best_changes(responses, best).with_row_index("place")
    if changes.is_empty():
        return nothing(title, "No subject has a complete sum at baseline and after it.")
    drawn = figure(title, f"{changes.height} subjects", "change from baseline (%)")
    for category in RESPONSES:
        group = changes.filter(pl.col("response") == category)
        if group.is_empty():
            continue
        look = response_look(category)
        drawn.add_bar(
            x=group["place"].to_list(),
            y=group["change"].to_list(),
            name=category,
            customdata=group["subject_id"].to_list(),
            hovertemplate="%{customdata}: %{y:.1f} %<extra>" + category + "</extra>",
            marker={"color": look.colour, "line": {"width": 0}, "pattern": {"shape": look.pattern, "size": 5}},
        )
    drawn.update_layout(bargap=0.15, barmode="overlay")
    drawn.update_xaxes(showticklabels=False, ticks="", showgrid=False)
    thresholds(drawn, response_percent, progression_percent)
    return drawn
