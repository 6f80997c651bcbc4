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
        for number, (_, course) in enumerate(
            points.filter(pl.col("response") == category).group_by("subject_id", maintain_order=True)
        ):
            subject = course["subject_id"][0]
            new = course["new_lesion"].eq("Y").fill_null(False).to_list()
            look = response_look(category)
            drawn.add_scatter(
                x=[0.0, *course["month"].to_list()],
                y=[0.0, *course["pct_from_baseline"].to_list()],
                name=category,
                legendgroup=category,
                showlegend=number == 0,
                mode="lines+markers",
                line={"color": look.stroke, "width": 1.4, "dash": look.dash},
                opacity=0.75,
                marker={
                    "size": [0, *(10 if seen else 5 for seen in new)],
                    "symbol": ["circle", *("triangle-up" if seen else "circle" for seen in new)],
                },
                hovertemplate=f"{subject}: %{{y:.1f}} % at %{{x:.1f}} months<extra>{category}</extra>",
            )
    thresholds(drawn, response_percent, progression_percent)
    return drawn
