"""Lesion course: every lesion of a subject over time, with the responses under all criteria below."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from criteria.plain_responses import PLAIN
from dashboard.figures.palette import DASHES, LIGHT, SERIES, response_look
from dashboard.figures.theme import figure, nothing

SYMBOLS = {"TARGET": "circle", "NON-TARGET": "square-open", "NEW": "triangle-up"}
ROW = 26
CROWDED = 0.07


def lesion_course(measurements: pl.DataFrame, responses: pl.DataFrame, *, title: str) -> go.Figure:
    """Lesion sizes by date (nodes by short axis) above one row a criterion with its responses.

    Rows of `core.measurement` and `analysis.timepoint_response` of one subject and evaluator.
    """
    size = pl.when("is_node").then("short_axis_mm").otherwise("longest_diameter_mm")
    sizes = measurements.with_columns(size=pl.when(pl.col("state") == "ABSENT").then(0.0).otherwise(size)).sort(
        "role", "lesion_id", "assessment_date"
    )
    if sizes.is_empty():
        return nothing(title, "No lesion of this subject was read by this evaluator.")
    criteria = responses["criterion"].unique().sort().to_list()
    below = ROW * (len(criteria) + 1)
    height = 420 + below
    drawn = figure(title, "", "size (mm)", height=height)
    measured = sizes.filter(pl.col("size").is_not_null() & (pl.col("size") > 0).any().over("lesion_id"))
    for number, (_, course) in enumerate(measured.group_by("lesion_id", maintain_order=True)):
        lesion, role, organ = course.select("lesion_id", "role", "organ").row(0)
        drawn.add_scatter(
            x=course["assessment_date"].to_list(),
            y=course["size"].to_list(),
            mode="lines+markers",
            name=f"{lesion} {(organ or '').lower()}",
            line={"color": SERIES[number % len(SERIES)], "dash": DASHES[number // len(SERIES) % len(DASHES)]},
            marker={"symbol": SYMBOLS[role], "size": 8},
            customdata=course["state"].to_list(),
            hovertemplate="%{y:.1f} mm %{customdata}<extra>" + f"{lesion} {role}" + "</extra>",
        )
    floor = below / (height - 110)
    drawn.update_yaxes(domain=[floor, 1], rangemode="tozero")
    drawn.update_layout(
        yaxis2={
            "domain": [0, floor - 0.06],
            "tickvals": list(range(len(criteria))),
            "ticktext": criteria[::-1],
            "range": [-0.6, len(criteria) - 0.4],
            "showgrid": True,
            "gridcolor": LIGHT,
            "zeroline": False,
        },
        legend={"orientation": "v", "x": 1.01, "xanchor": "left", "y": 1, "yanchor": "top"},
        margin={"l": 110, "r": 190},
    )
    for place, criterion in enumerate(criteria[::-1]):
        _responses(drawn, responses.filter(pl.col("criterion") == criterion).sort("assessment_date"), place)
    drawn.update_xaxes(anchor="y2")
    return drawn


def _apart(rows: pl.DataFrame) -> list[str]:
    """The responses as texts, without those that the next one would cover."""
    to_next = pl.col("assessment_date").diff().shift(-1).dt.total_days()
    span = pl.col("assessment_date").max() - pl.col("assessment_date").min()
    crowded = (to_next < span.dt.total_days() * CROWDED).fill_null(False)
    return rows.select(pl.when(crowded).then(pl.lit("")).otherwise("overall_response"))["literal"].to_list()


def _responses(drawn: go.Figure, rows: pl.DataFrame, place: int) -> None:
    plain = rows["overall_response"].replace_strict(PLAIN, default="NE", return_dtype=pl.String).to_list()
    looks = [response_look(category) for category in plain]
    drawn.add_scatter(
        x=rows["assessment_date"].to_list(),
        y=[place] * rows.height,
        yaxis="y2",
        mode="markers+text",
        text=_apart(rows),
        textposition="middle right",
        textfont={"size": 11},
        marker={"size": 11, "color": [look.colour for look in looks], "symbol": [look.symbol for look in looks]},
        customdata=rows["explanation"].fill_null("").to_list(),
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
