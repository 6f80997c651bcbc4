"""The layout that all figures share: white ground, dark text, room for print."""

from __future__ import annotations

import plotly.graph_objects as go

FONT = "Helvetica, Arial, sans-serif"
INK = "#1a1a1a"
GRID = "#e6e6e6"


def figure(title: str, x: str, y: str, *, height: int = 420) -> go.Figure:
    """An empty figure with a title and titled axes; ``height`` in pixels."""
    drawn = go.Figure()
    drawn.update_layout(
        title={"text": title, "x": 0, "xanchor": "left", "font": {"size": 16}},
        font={"family": FONT, "size": 13, "color": INK},
        template="plotly_white",
        paper_bgcolor="white",
        plot_bgcolor="white",
        height=height,
        margin={"l": 70, "r": 20, "t": 50, "b": 60},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "right", "x": 1, "title": {"text": ""}},
        hoverlabel={"font": {"family": FONT}},
    )
    axis = {"showline": True, "linecolor": INK, "ticks": "outside", "gridcolor": GRID, "zeroline": False}
    drawn.update_xaxes(title_text=x, **axis)
    drawn.update_yaxes(title_text=y, **axis)
    return drawn


def nothing(title: str, why: str) -> go.Figure:
    """A figure that says why there is nothing to draw."""
    drawn = figure(title, "", "", height=220)
    drawn.update_xaxes(visible=False)
    drawn.update_yaxes(visible=False)
    drawn.add_annotation(text=why, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 14})
    return drawn


def thresholds(drawn: go.Figure, response_percent: float, progression_percent: float) -> None:
    """Dashed horizontal lines where a response and a progression begin, each named at its free end."""
    for value, position in ((response_percent, "bottom left"), (progression_percent, "top right")):
        drawn.add_hline(
            y=value,
            line={"dash": "dash", "color": INK, "width": 1},
            annotation_text=f"{value:+g} %",
            annotation_position=position,
        )
