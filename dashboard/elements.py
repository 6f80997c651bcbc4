"""The elements that pages are built from: tables, choices, figures, facts and messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import dash_ag_grid as dag
import plotly.graph_objects as go
import polars as pl
from dash import dcc, html

CHOICE = "choice"
WRAPPED = {"lineHeight": "1.35", "paddingTop": "5px", "paddingBottom": "5px", "whiteSpace": "normal"}
ROW_HEIGHT, HEAD_HEIGHT, ROWS_SHOWN = 28, 64, 18
LETTER_WIDTH, PADDING, HEAD_SIGNS = 7.4, 26, 4
NARROW, WIDEST = 260, 420
FIGURE_CONFIG = {"displaylogo": False, "toImageButtonOptions": {"format": "svg"}, "responsive": True}


def choice_id(name: str) -> dict[str, str]:
    """The id of a choice: its value goes into the address under ``name``."""
    return {"type": CHOICE, "name": name}


def choice(label: str, name: str, options: Sequence[str], value: str | None, *, clearable: bool = False) -> html.Div:
    """A labelled drop-down list whose value stands in the page's address."""
    label_id, asked = f"label-{name}", choice_id(name)
    return html.Div(
        [
            html.Label(label, id=label_id, htmlFor=json.dumps(asked, sort_keys=True, separators=(",", ":"))),
            dcc.Dropdown(list(options), value, id=asked, clearable=clearable, className="choice-list", searchable=True),
        ],
        className="choice",
        role="group",
        **{"aria-labelledby": label_id},
    )


def choices(*lists: html.Div) -> html.Div:
    """The choices of a page in one row."""
    return html.Div(lists, className="choices", role="search", **{"aria-label": "choices"})


def figure(drawn: go.Figure, described: str) -> html.Figure:
    """A figure with a text for those who do not see it."""
    graph = dcc.Graph(figure=drawn, config=FIGURE_CONFIG, style={"height": f"{drawn.layout.height}px"})
    title = drawn.layout.title.text or "figure"
    return html.Figure([graph, html.Figcaption(described)], role="group", **{"aria-label": f"{title}. {described}"})


def table(
    frame: pl.DataFrame,
    caption: str,
    *,
    grid_id: str | Mapping[str, str],
    links: Mapping[str, str] | None = None,
    wide: Sequence[str] = (),
    hidden: Sequence[str] = (),
    row_id: str | None = None,
    selected: Sequence[str] = (),
    empty: str = "There are no rows.",
) -> html.Figure:
    """A captioned table that sorts and filters; ``links`` maps a column to the one that holds its address.

    ``wide`` columns wrap their text, ``hidden`` ones are there for callbacks. With ``row_id``, the column that tells
    rows apart, one row can be chosen; ``selected`` are chosen at first. Of a frame without rows ``empty`` is said.
    """
    if frame.is_empty():
        return html.Figure([html.Figcaption(caption), message(empty)], className="table")
    links = links or {}
    unseen = {*links.values(), *hidden}
    few = frame.height <= ROWS_SHOWN
    texts = _texts(frame)
    columns = [
        _column(name, frame[name].dtype, texts[name], few, name in wide, name in links)
        for name in frame.columns
        if name not in unseen
    ]
    grid = dag.AgGrid(
        id=grid_id,
        rowData=row_data(frame, links),
        columnDefs=columns,
        defaultColDef={"resizable": True, "sortable": True, "floatingFilter": not few},
        dashGridOptions={
            **({"rowSelection": {"mode": "singleRow", "enableClickSelection": True}} if row_id else {}),
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "suppressFieldDotNotation": True,
            "suppressColumnVirtualisation": True,
            "domLayout": "autoHeight" if few else "normal",
            "theme": {"function": "themeBalham"},
        },
        style={"height": None if few else f"{HEAD_HEIGHT + ROW_HEIGHT * ROWS_SHOWN}px"},
        **({"getRowId": f"params.data.{row_id}", "selectedRows": {"ids": list(selected)}} if row_id else {}),
    )
    return html.Figure([html.Figcaption(caption), grid], className="table", role="group", **{"aria-label": caption})


def _column(name: str, dtype: pl.DataType, texts: pl.Series, few: bool, wraps: bool, links: bool) -> dict[str, Any]:
    """A column as wide as its longest text; one that wraps takes what is left of the width."""
    column: dict[str, Any] = {
        "field": name,
        "headerName": name.replace("_", " "),
    }
    if not few:
        column["filter"] = "agNumberColumnFilter" if dtype.is_numeric() else "agTextColumnFilter"
    letters: Any = texts.cast(pl.String).str.len_chars().max()
    longest = max(letters or 0, len(name) + (0 if few else HEAD_SIGNS))
    width = min(longest * LETTER_WIDTH + PADDING, WIDEST)
    if dtype.is_numeric():
        column["type"] = "rightAligned"
    if wraps and longest * LETTER_WIDTH > NARROW:
        column |= {"wrapText": True, "autoHeight": True, "flex": 1, "minWidth": NARROW, "cellStyle": WRAPPED}
    else:
        column |= {"width": width, "tooltipField": name}
    if links:
        column["cellRenderer"] = "markdown"
    return column


def addressed(frame: pl.DataFrame, column: str, address: Callable[[str], str]) -> pl.DataFrame:
    """The frame with the ``address`` that each value of the column leads to; empty where there is no value."""
    made = [address(value) if value else "" for value in frame[column]]
    return frame.with_columns(address=pl.Series(made, dtype=pl.String))


def row_data(frame: pl.DataFrame, links: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of a table as the browser takes them."""
    return _linked(_texts(frame), links).drop(links.values()).to_dicts()


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates and moments as ISO texts, numbers to four decimals, lists and other nested values as texts."""
    plain = frame.with_columns(
        pl.Series(name, [None if value is None else _spoken(value) for value in frame[name].to_list()], dtype=pl.String)
        for name, dtype in frame.schema.items()
        if dtype.is_nested() or dtype in (pl.Binary, pl.Duration, pl.Time, pl.Object)
    )
    return plain.with_columns(
        pl.selectors.date().dt.to_string("%Y-%m-%d"),
        pl.selectors.datetime().dt.to_string("%Y-%m-%d %H:%M"),
        pl.selectors.float().round(4),
        pl.selectors.decimal().cast(pl.Float64).round(4),
    )


def _spoken(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _linked(frame: pl.DataFrame, links: Mapping[str, str]) -> pl.DataFrame:
    """Texts with an address as Markdown links; brackets in a text would end it."""
    return frame.with_columns(
        pl.format("[{}]({})", pl.col(text).cast(pl.String).str.replace_all(r"[\[\]]", ""), address).alias(text)
        for text, address in links.items()
    )


def facts(pairs: Mapping[str, Any]) -> html.Dl:
    """Names and values; a missing value is a dash."""
    terms = [html.Div([html.Dt(name.replace("_", " ")), html.Dd(_said(value))]) for name, value in pairs.items()]
    return html.Dl(terms, className="facts")


def _said(value: Any) -> Any:
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):
        return value.isoformat()
    return value if not isinstance(value, int | float) else f"{value:,}"


def message(text: str, *, kind: str = "note") -> html.P:
    """A sentence to the user: a ``note`` or a ``problem``."""
    return html.P(text, className=kind, role="alert" if kind == "problem" else "status")


def section(title: str, *content: Any, anchor: str | None = None) -> html.Section:
    """A titled part of a page."""
    return html.Section([html.H2(title, id=anchor or title.lower().replace(" ", "-")), *content])


def link(text: str, address: str) -> dcc.Link:
    """A link to another page of the dashboard."""
    return dcc.Link(text, href=address)


def download(text: str, address: str) -> html.A:
    """A link that downloads a file."""
    return html.A(text, href=address, className="download", download="")
