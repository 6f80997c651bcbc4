"""Timeline: what happened to a subject when: treatment, injections, visits, scans and the dates that end a course."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from dashboard.figures.palette import BLACK, BLUE, GREY, ORANGE, PURPLE, SKY, VERMILION, VISITS
from dashboard.figures.theme import INK, figure, nothing

DATES = {
    "reference_date": "reference date",
    "new_therapy_date": "new anticancer therapy",
    "discontinuation_date": "end of treatment",
    "end_of_study_date": "end of study",
    "death_date": "death",
    "last_alive_date": "last known alive",
}
ROWS = ("milestones", "study treatment", "other therapy", "injections", "visits", "scans received")
PERIODS = {"STUDY TREATMENT": ("study treatment", BLUE), "ANTI-CANCER THERAPY": ("other therapy", PURPLE)}
DAY_MS = 86_400_000


def timeline(
    subject: pl.DataFrame,
    therapies: pl.DataFrame,
    injections: pl.DataFrame,
    visits: pl.DataFrame,
    scans: pl.DataFrame,
    *,
    title: str,
) -> go.Figure:
    """One row a kind of event over the dates of one subject.

    The subject's rows of `core.subject`, `core.therapy`, `core.injection`, `mart.visit_compliance` and `core.series`.
    """
    if subject.is_empty():
        return nothing(title, "This subject is not in the release.")
    drawn = figure(title, "", "", height=330)
    _milestones(drawn, subject.row(0, named=True))
    for category, (row, colour) in PERIODS.items():
        _periods(drawn, therapies.filter(pl.col("category") == category), row, colour)
    injected = (
        injections.group_by(day=pl.col("injection_datetime").dt.date()).agg(pl.len().alias("lesions")).sort("day")
    )
    _points(
        drawn,
        injected.select(
            "day", said=pl.format("{} lesions injected", "lesions"), symbol=pl.lit("triangle-down"), colour=pl.lit(SKY)
        ),
        "injections",
    )
    _points(drawn, _visits(visits), "visits")
    received = scans.drop_nulls("scan_date").group_by(day="scan_date").agg(pl.col("modality").unique().sort())
    _points(
        drawn,
        received.sort("day").select(
            "day", said=pl.col("modality").list.join(", "), symbol=pl.lit("square-open"), colour=pl.lit(GREY)
        ),
        "scans received",
    )
    drawn.update_yaxes(
        type="category", categoryorder="array", categoryarray=ROWS[::-1], range=[-0.6, len(ROWS) - 0.2], showgrid=True
    )
    drawn.update_xaxes(type="date")
    drawn.update_layout(margin={"l": 130, "t": 60, "b": 40}, showlegend=False, barmode="overlay")
    return drawn


def _milestones(drawn: go.Figure, row: dict[str, object]) -> None:
    """The dates of the subject with their names; those of one day share a text, and neighbours do not cover another."""
    by_day: dict[object, list[str]] = {}
    for name, text in DATES.items():
        if row[name] is not None:
            by_day.setdefault(row[name], []).append(text)
    days = sorted(by_day, key=str)
    said = [" and ".join(by_day[day]) for day in days]
    sides = ["bottom center" if place % 2 else "top center" for place in range(len(days))]
    drawn.add_scatter(
        x=days,
        y=["milestones"] * len(days),
        mode="markers+text",
        text=said,
        textposition=sides if len(days) > 1 else "middle right",
        textfont={"size": 11},
        cliponaxis=False,
        marker={
            "symbol": ["x" if "death" in text else "diamond" for text in said],
            "size": 10,
            "color": [BLACK if "death" in text else VERMILION if "end" in text else INK for text in said],
        },
        customdata=said,
        hovertemplate="%{customdata}: %{x|%Y-%m-%d}<extra></extra>",
    )


def _periods(drawn: go.Figure, rows: pl.DataFrame, row: str, colour: str) -> None:
    known = rows.drop_nulls("start_date").with_columns(end=pl.coalesce("end_date", "start_date")).sort("start_date")
    if known.is_empty():
        return
    lengths = ((known["end"] - known["start_date"]).dt.total_days() + 1) * DAY_MS
    drawn.add_bar(
        base=known["start_date"].to_list(),
        x=lengths.to_list(),
        y=[row] * known.height,
        orientation="h",
        width=0.45,
        marker={"color": colour, "opacity": 0.75, "line": {"color": INK, "width": 0.5}},
        customdata=known.select(
            said=pl.format(
                "{}, {} to {}",
                pl.col("therapy").fill_null(pl.col("category").str.to_lowercase()),
                pl.col("start_date").cast(pl.String),
                pl.col("end_date").cast(pl.String).fill_null("no end recorded"),
            )
        )["said"].to_list(),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _visits(visits: pl.DataFrame) -> pl.DataFrame:
    """Visits on the day on which they took place, else were planned; hollow where nobody read them."""
    return visits.drop_nulls("status").select(
        day=pl.coalesce("start_date", "expected_date"),
        said=pl.format(
            "{}: {}, read by {}", "visit", pl.col("status").str.to_lowercase(), pl.col("evaluators").fill_null(0)
        ),
        symbol=pl.when(pl.col("status").is_in(["MISSING", "NOT DONE"]))
        .then(pl.lit("x"))
        .when((pl.col("evaluators").fill_null(0) == 0) | (pl.col("status") == "NOT DUE"))
        .then(pl.lit("circle-open"))
        .otherwise(pl.lit("circle")),
        colour=pl.col("status").replace_strict(
            {status: look.colour if status != "NOT DUE" else GREY for status, look in VISITS.items()},
            default=ORANGE,
            return_dtype=pl.String,
        ),
    )


def _points(drawn: go.Figure, points: pl.DataFrame, row: str) -> None:
    """Markers of one row: columns day, said, symbol, colour."""
    known = points.drop_nulls("day")
    drawn.add_scatter(
        x=known["day"].to_list(),
        y=[row] * known.height,
        mode="markers",
        marker={
            "symbol": known["symbol"].to_list(),
            "color": known["colour"].to_list(),
            "size": 11,
            "line": {"width": 1.5, "color": known["colour"].to_list()},
        },
        customdata=known["said"].to_list(),
        hovertemplate="%{customdata}, %{x|%Y-%m-%d}<extra></extra>",
    )
