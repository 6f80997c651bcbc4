"""Kaplan-Meier curves with their bands, censoring marks and the numbers at risk below."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import polars as pl

from dashboard.figures.palette import DASHES, SERIES
from dashboard.figures.theme import INK, figure, nothing

AT_RISK_ROW = 0.065


def kaplan_meier_figure(
    curves: pl.DataFrame,
    summary: pl.DataFrame,
    *,
    title: str,
    scale: str = "loglog",
    step_months: float | None = None,
) -> go.Figure:
    """The curves of the groups of one endpoint.

    Rows of `mart.survival_curve` and `mart.survival_summary` of one study, evaluator, criterion, origin, endpoint,
    profile and group_by; ``scale`` names the band's interval. The numbers at risk stand below every ``step_months``.
    """
    curves = curves.filter(pl.col("survival").is_not_null())
    if curves.is_empty():
        return nothing(title, "No subject has a time to this event, or the group is too small to be shown.")
    groups = curves["group_value"].unique().sort().to_list()
    last = float(curves.select(pl.col("months").max()).item())
    ticks = np.arange(0, last + 1e-9, step_months or _step(last))
    below = AT_RISK_ROW * (len(groups) + 1)
    drawn = figure(title, "", "probability without the event", height=440 + 28 * len(groups))
    drawn.update_layout(margin={"l": max(90, 30 + 7 * max(len(str(group)) for group in groups)), "b": 10})
    for number, group in enumerate(groups):
        rows = curves.filter(pl.col("group_value") == group).sort("months")
        colour, dash = SERIES[number % len(SERIES)], DASHES[number % len(DASHES)]
        _band(drawn, rows, scale, colour)
        drawn.add_scatter(
            x=[0.0, *rows["months"].to_list()],
            y=[1.0, *rows["survival"].to_list()],
            mode="lines",
            name=_named(str(group), summary),
            line={"shape": "hv", "color": colour, "dash": dash, "width": 2},
            hovertemplate="%{y:.3f} at %{x:.1f} months<extra>" + str(group) + "</extra>",
        )
        censored = rows.filter(pl.col("censored") > 0)
        drawn.add_scatter(
            x=censored["months"].to_list(),
            y=censored["survival"].to_list(),
            mode="markers",
            marker={"symbol": "line-ns-open", "size": 9, "color": colour},
            showlegend=False,
            hovertemplate="censored at %{x:.1f} months<extra>" + str(group) + "</extra>",
        )
        _at_risk(drawn, rows, ticks, str(group), below - AT_RISK_ROW * (number + 1), colour)
    floor = below + 0.12
    drawn.update_yaxes(range=[0, 1.02], domain=[floor, 1])
    drawn.update_xaxes(tickvals=ticks.tolist(), range=[-0.02 * last, last * 1.03], anchor="free", position=floor)
    for text, x, anchor in (("at risk", 0, "right"), ("months", 0.5, "center")):
        drawn.add_annotation(
            text=text, x=x, y=below, xref="paper", yref="paper", xanchor=anchor, yanchor="middle", showarrow=False
        )
    _compared(drawn, summary)
    return drawn


def _step(last: float) -> float:
    """A whole number of months that gives at most ten ticks."""
    return float(next((step for step in (1, 2, 3, 6, 12, 24) if last / step <= 10), 36))


def _band(drawn: go.Figure, rows: pl.DataFrame, scale: str, colour: str) -> None:
    band = rows.filter(pl.col(f"lower_{scale}").is_not_null())
    if band.is_empty():
        return
    edge = {"width": 0, "shape": "hv"}
    for side, fill in (("upper", None), ("lower", "tonexty")):
        drawn.add_scatter(
            x=band["months"].to_list(),
            y=band[f"{side}_{scale}"].to_list(),
            mode="lines",
            line=edge,
            fill=fill,
            fillcolor=_faint(colour),
            showlegend=False,
            hoverinfo="skip",
        )


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.12)"


def _named(group: str, summary: pl.DataFrame) -> str:
    row = summary.filter(pl.col("group_value") == group)
    if row.is_empty() or row["events"][0] is None:
        return group
    median = row["median"][0]
    said = "not reached" if median is None else f"{median:.1f} months"
    return f"{group}: {row['events'][0]} of {row['subjects'][0]}, median {said}"


def _at_risk(drawn: go.Figure, rows: pl.DataFrame, ticks: np.ndarray, group: str, y: float, colour: str) -> None:
    after = np.searchsorted(rows["months"].to_numpy(), ticks, side="left")
    counts = np.append(rows["at_risk"].to_numpy(), 0)[after]
    for tick, count in zip(ticks, counts, strict=True):
        drawn.add_annotation(
            text=str(int(count)), x=float(tick), y=y, xref="x", yref="paper", showarrow=False, font={"color": colour}
        )
    drawn.add_annotation(
        text=group, x=0, y=y, xref="paper", yref="paper", xanchor="right", showarrow=False, font={"color": colour}
    )


def _compared(drawn: go.Figure, summary: pl.DataFrame) -> None:
    """Hazard ratios and the log-rank test, where there is something to compare."""
    rows = summary.filter(pl.col("hazard_ratio").is_not_null())
    lines = [
        f"{group} against {reference}: hazard ratio {ratio:.2f} ({lower:.2f}-{upper:.2f})"
        for group, reference, ratio, lower, upper in rows.select(
            "group_value", "reference_group", "hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"
        ).iter_rows()
    ]
    tests = summary["logrank_p"].drop_nulls()
    if tests.len():
        lines.append(f"log-rank p = {tests[0]:.3g}")
    if lines:
        drawn.add_annotation(
            text="<br>".join(lines),
            x=1,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="right",
            yanchor="top",
            align="right",
            showarrow=False,
            font={"size": 12, "color": INK},
        )
