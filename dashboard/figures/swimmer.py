"""Swimmer: how long every subject was followed, and what happened on the way."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from criteria.event_time import DAYS_PER_MONTH
from criteria.plain_responses import PLAIN
from dashboard.figures.palette import BLACK, GREY, ORANGE, PURPLE, RESPONSES, VERMILION, response_look
from dashboard.figures.theme import figure, nothing

MARKS = {
    "first_response_date": ("response", "triangle-up", BLACK),
    "progression_date": ("progression", "diamond", VERMILION),
    "new_therapy_date": ("new anticancer therapy", "square", PURPLE),
    "discontinuation_date": ("end of treatment", "line-ns-open", ORANGE),
    "death_date": ("death", "x", BLACK),
}
SHOWN_AT_MOST = 120


def swimmer(subjects: pl.DataFrame, best: pl.DataFrame, *, title: str = "Course of the subjects") -> go.Figure:
    """One bar a subject from the reference date to death or the last day known alive, longest first.

    Frames of `core.subject` and of `analysis.best_response` of one criterion, evaluator and origin. At most
    `SHOWN_AT_MOST` subjects are drawn, those with the longest follow-up; the axis says so. An arrow marks who is alive.
    """
    response = pl.col("best_response").replace_strict(PLAIN, default="NE", return_dtype=pl.String)
    courses = (
        subjects.filter(pl.col("reference_date").is_not_null())
        .join(best.select("subject_id", "first_response_date", "progression_date", response=response), on="subject_id")
        .with_columns(end=pl.coalesce("death_date", "last_alive_date", "reference_date"))
        .with_columns(_months(name).alias(f"{name}_month") for name in ("end", *MARKS))
        .sort("end_month", "subject_id", descending=[True, False])
    )
    if courses.is_empty():
        return nothing(title, "No subject has a reference date and a read.")
    shown = courses.head(SHOWN_AT_MOST).reverse().with_row_index("place")
    some = f"{shown.height} of {courses.height}" if shown.height < courses.height else f"{courses.height}"
    drawn = figure(title, "months since the reference date", f"{some} subjects", height=140 + 14 * shown.height)
    for category in RESPONSES:
        group = shown.filter(pl.col("response") == category)
        if group.is_empty():
            continue
        look = response_look(category)
        drawn.add_bar(
            x=group["end_month"].to_list(),
            y=group["place"].to_list(),
            orientation="h",
            name=category,
            marker={"color": look.colour, "pattern": {"shape": look.pattern, "size": 4}, "opacity": 0.75},
            customdata=group["subject_id"].to_list(),
            hovertemplate="%{customdata}: %{x:.1f} months<extra>" + category + "</extra>",
        )
    for name, (text, symbol, colour) in MARKS.items():
        happened = shown.filter(pl.col(f"{name}_month").is_not_null())
        _mark(drawn, happened, f"{name}_month", text, symbol, colour)
    _mark(drawn, shown.filter(pl.col("death_date").is_null()), "end_month", "alive", "triangle-right", GREY)
    labels = shown.height <= SHOWN_AT_MOST // 2
    drawn.update_yaxes(
        tickvals=shown["place"].to_list() if labels else [],
        ticktext=shown["subject_id"].to_list() if labels else [],
        showgrid=False,
    )
    drawn.update_layout(bargap=0.25, barmode="overlay")
    return drawn


def _months(date: str) -> pl.Expr:
    return (pl.col(date) - pl.col("reference_date")).dt.total_days() / DAYS_PER_MONTH


def _mark(drawn: go.Figure, rows: pl.DataFrame, month: str, text: str, symbol: str, colour: str) -> None:
    if rows.is_empty():
        return
    drawn.add_scatter(
        x=rows[month].to_list(),
        y=rows["place"].to_list(),
        mode="markers",
        name=text,
        marker={"symbol": symbol, "size": 9, "color": colour, "line": {"width": 1, "color": BLACK}},
        customdata=rows["subject_id"].to_list(),
        hovertemplate="%{customdata}: " + text + " at %{x:.1f} months<extra></extra>",
    )
