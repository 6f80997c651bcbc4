"""Scan calendar: every subject and planned visit, and what became of it."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from dashboard.figures.palette import VISITS
from dashboard.figures.theme import figure, nothing

SHOWN_AT_MOST = 60
UNREAD, UNREAD_MARK = "UNREAD", " ?"


def unread() -> pl.Expr:
    """Rows of `mart.visit_compliance` whose visit took place and was read by nobody."""
    return (
        pl.col("start_date").is_not_null()
        & ~pl.col("status").is_in(["MISSING", "NOT DONE"])
        & (pl.col("evaluators").fill_null(0) == 0)
    )


def scan_calendar(compliance: pl.DataFrame, *, title: str = "Visits") -> go.Figure:
    """A cell per subject and visit with the symbol of its status (rows of `mart.visit_compliance`).

    A question mark says that nobody read the visit; a column ``scans``, where there is one, names the scans that came.
    Visits stand in the order of their planned day. At most `SHOWN_AT_MOST` subjects are drawn, in the order given.
    """
    if compliance.is_empty():
        return nothing(title, "The protocol has no schedule, or no visit was received.")
    subjects = compliance["subject_id"].unique(maintain_order=True)
    shown = subjects.head(SHOWN_AT_MOST).to_list()
    visits = (
        compliance.group_by("visit")
        .agg(pl.col("planned_day").min(), pl.col("timepoint").min())
        .sort("planned_day", "timepoint", "visit", nulls_last=True)["visit"]
        .to_list()
    )
    cells = compliance.filter(pl.col("subject_id").is_in(shown))
    statuses = list(VISITS)
    known_scans = "scans" if "scans" in cells.columns else pl.lit(None, dtype=pl.String).alias("scans")
    by_cell = {
        (subject, visit): row
        for subject, visit, *row in cells.select(
            "subject_id",
            "visit",
            "status",
            "expected_date",
            "start_date",
            "days_off",
            unread().alias("unread"),
            known_scans,
        ).iter_rows()
    }
    codes = [[_code(by_cell.get((who, visit)), statuses) for visit in visits] for who in shown]
    texts = [[_symbol(by_cell.get((who, visit))) for visit in visits] for who in shown]
    said = [[_said(who, visit, by_cell.get((who, visit))) for visit in visits] for who in shown]
    some = f"{len(shown)} of {subjects.len()} subjects" if subjects.len() > len(shown) else ""
    drawn = figure(title, "", some, height=200 + 20 * len(shown))
    size = len(statuses)
    drawn.add_heatmap(
        x=visits,
        y=shown,
        z=codes,
        text=texts,
        texttemplate="%{text}",
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        zmin=-0.5,
        zmax=size - 0.5,
        colorscale=[
            (edge / size, VISITS[status].colour)
            for number, status in enumerate(statuses)
            for edge in (number, number + 1)
        ],
        xgap=2,
        ygap=2,
        showscale=False,
    )
    drawn.update_yaxes(autorange="reversed", showgrid=False, type="category")
    drawn.update_xaxes(side="top", showgrid=False, type="category", tickangle=-45)
    legend = "   ".join(
        [*(f"{look.symbol} {status.lower()}" for status, look in VISITS.items()), "? not read by anybody"]
    )
    drawn.add_annotation(text=legend, x=0, y=-0.02, xref="paper", yref="paper", yanchor="top", showarrow=False)
    drawn.update_layout(margin={"l": 150, "t": 150, "b": 50}, title={"y": 0.99, "yref": "container", "yanchor": "top"})
    return drawn


def _code(row: list[object] | None, statuses: list[str]) -> int | None:
    return None if row is None else statuses.index(str(row[0]))


def _symbol(row: list[object] | None) -> str:
    return "" if row is None else VISITS[str(row[0])].symbol + (UNREAD_MARK if row[4] else "")


def _said(subject: str, visit: str, row: list[object] | None) -> str:
    if row is None:
        return f"{subject}, {visit}: no such visit"
    status, expected, started, off, nobody_read, scans = row
    parts = [f"{subject}, {visit}: {str(status).lower()}"]
    if expected is not None:
        parts.append(f"expected {expected}")
    if started is not None:
        parts.append(f"took place {started}" + ("" if off is None else f" ({off:+d} d)"))
    if nobody_read:
        parts.append("not read by anybody")
    if scans:
        parts.append(f"scans {scans}")
    return ", ".join(parts)
