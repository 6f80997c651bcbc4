"""The elements that pages are built from: tables, choices, figures, facts and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import dash_ag_grid as dag
import plotly.graph_objects as go
import polars as pl
from dash import dcc, html

CHOICE = "choice"
WRAPPED = {"lineHeight": "1.35", "paddingTop": "5px", "paddingBottom": "5px", "whiteSpace": "normal"}
ROW_HEIGHT, HEAD_HEIGHT, ROWS_SHOWN = 32, 52, 18
FIGURE_CONFIG = {"displaylogo": False, "toImageButtonOptions": {"format": "svg"}, "responsive": True}


def choice_id(name: str) -> dict[str, str]:
    """The id of a choice: its value goes into the address under ``name``."""
    return {"type": CHOICE, "name": name}


def choice(label: str, name: str, options: Sequence[str], value: str | None, *, clearable: bool = False) -> html.Div:
    """A labelled drop-down list whose value stands in the page's address."""
    return html.Div(
        [
            html.Label(label, htmlFor=f"choice-{name}"),
            dcc.Dropdown(
                list(options), value, id=choice_id(name), clearable=clearable, className="choice-list", searchable=True
            ),
        ],
        className="choice",
    )


def choices(*lists: html.Div) -> html.Div:
    """The choices of a page in one row."""
    return html.Div(lists, className="choices", role="search")


def figure(drawn: go.Figure, described: str) -> html.Figure:
    """A figure with a text for those who do not see it."""
    graph = dcc.Graph(figure=drawn, config=FIGURE_CONFIG, style={"height": f"{drawn.layout.height}px"})
    return html.Figure([graph, html.Figcaption(described)], role="group")


def table(
    frame: pl.DataFrame,
    *,
    grid_id: str | Mapping[str, str],
    links: Mapping[str, str] | None = None,
    wide: Sequence[str] = (),
    titles: Mapping[str, str] | None = None,
    selectable: bool = False,
) -> html.Div:
    """A frame as a table that sorts and filters; ``links`` maps a column to the column that holds its address.

    ``wide`` columns wrap their text; ``titles`` replace the column names as headers. With ``selectable`` one row can
    be chosen. An empty frame is said so.
    """
    if frame.is_empty():
        return html.Div(message("There are no rows."))
    links, titles = links or {}, titles or {}
    hidden = set(links.values())
    definitions = []
    for name, dtype in frame.schema.items():
        if name in hidden:
            continue
        column: dict[str, Any] = {
            "field": name,
            "headerName": titles.get(name, name.replace("_", " ")),
            "filter": "agNumberColumnFilter" if dtype.is_numeric() else "agTextColumnFilter",
        }
        if name in wide:
            column |= {"wrapText": True, "autoHeight": True, "flex": 3, "minWidth": 280, "cellStyle": WRAPPED}
        if name in links:
            column |= {"cellRenderer": "markdown", "linkTarget": "_self"}
        definitions.append(column)
    shown = _linked(_texts(frame), links).drop(hidden)
    height = min(HEAD_HEIGHT + ROW_HEIGHT * max(frame.height, 2), HEAD_HEIGHT + ROW_HEIGHT * ROWS_SHOWN)
    return html.Div(
        dag.AgGrid(
            id=grid_id,
            rowData=shown.to_dicts(),
            columnDefs=definitions,
            defaultColDef={"resizable": True, "sortable": True, "floatingFilter": frame.height > ROWS_SHOWN},
            columnSize="autoSize" if not wide else "responsiveSizeToFit",
            dashGridOptions={
                **({"rowSelection": {"mode": "singleRow"}} if selectable else {}),
                "enableCellTextSelection": True,
                "ensureDomOrder": True,
                "suppressColumnVirtualisation": True,
                "domLayout": "autoHeight" if wide and frame.height <= ROWS_SHOWN else "normal",
                "theme": {"function": "themeBalham"},
            },
            style={"height": None if wide and frame.height <= ROWS_SHOWN else f"{height}px"},
        ),
        className="table",
    )


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates and moments as ISO texts, numbers to four significant decimals."""
    return frame.with_columns(
        pl.selectors.date().dt.to_string("%Y-%m-%d"),
        pl.selectors.datetime().dt.to_string("%Y-%m-%d %H:%M"),
        pl.selectors.float().round(4),
    )


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
