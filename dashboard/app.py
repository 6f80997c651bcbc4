"""The dashboard: one page at a time, drawn from the address alone; requests share nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import Response, request

from dashboard import downloads, pictures
from dashboard.address import choices_of, search_of
from dashboard.context import Page, Visitor
from dashboard.elements import CHOICE, link
from dashboard.figures.theme import figure
from dashboard.pages import queries, sql
from dashboard.published import Published
from dashboard.router import news, opened, render, shown
from dashboard.settings import Settings

TITLE = "nadir"
ADDRESS, CONTENT, CLOCK, NEWS, SEEN = "address", "content", "clock", "news", "release-seen"
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""What a page may load: its own host alone. Dash and its tables evaluate scripts of their own."""


def build_app(settings: Settings) -> Dash:
    """The Dash app for the studies below ``settings.home``; it loads nothing from outside this machine."""
    published = Published(settings.home, settings.unblinded)

    def visitor() -> Visitor:
        return visitor_of(settings)

    def page_of(name: str, search: str | None) -> Page:
        study = opened(published, name, visitor(), settings.trusted)
        return Page(published, study, published.release(study.name), choices_of(search), visitor())

    app = Dash(
        TITLE,
        title=TITLE,
        update_title="",
        assets_folder=str(Path(__file__).with_name("assets")),
        serve_locally=True,
        suppress_callback_exceptions=True,
    )
    app.layout = _frame(settings.look_seconds)
    app.index_string = app.index_string.replace("<html>", '<html lang="en">')

    @app.callback(
        Output(CONTENT, "children"), Output(SEEN, "data"), Input(ADDRESS, "pathname"), Input(ADDRESS, "search")
    )
    def show(pathname: str | None, search: str | None) -> tuple[list[Any], str | None]:
        seen = shown(published, pathname, visitor(), trusted=settings.trusted)
        return render(published, pathname, search, visitor(), trusted=settings.trusted), seen

    @app.callback(
        Output(ADDRESS, "search"),
        Input({"type": CHOICE, "name": ALL}, "value"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def choose(values: list[str | None], search: str | None) -> Any:
        return chosen(ctx.triggered_id, ctx.triggered, search)

    @app.callback(
        Output(NEWS, "children"),
        Input(CLOCK, "n_intervals"),
        State(ADDRESS, "pathname"),
        State(SEEN, "data"),
        prevent_initial_call=True,
    )
    def look(ticks: int, pathname: str | None, seen: str | None) -> Any:
        return news(seen, shown(published, pathname, visitor(), trusted=settings.trusted))

    queries.register(app, page_of, visitor)
    sql.register(app)
    app.server.after_request(closed)
    downloads.register(app.server, published, visitor, settings.trusted)
    pictures.register(app.server, published, visitor, settings.trusted)
    warm(app)
    return app


def chosen(choice: Any, triggered: list[dict[str, Any]], search: str | None) -> Any:
    """The address with the choice that was just made; the same address when it says so already."""
    if not isinstance(choice, dict) or not triggered:
        return no_update
    now = choices_of(search)
    value = triggered[0]["value"]
    return no_update if now.get(choice["name"]) == value else search_of(now | {choice["name"]: value})


def visitor_of(settings: Settings) -> Visitor:
    """Who asks, as a trusted proxy says; without one everybody is the same."""
    if settings.user_header is None:
        return Visitor()
    groups = request.headers.get(settings.groups_header, "") if settings.groups_header else ""
    return Visitor(
        name=request.headers.get(settings.user_header) or "unknown",
        groups=tuple(group.strip() for group in groups.split(",") if group.strip()),
    )


def warm(app: Dash) -> None:
    """Load what the first page would wait for, before the server forks its workers.

    Dash serves a script only after the same process has drawn the frame that names it: so every worker's has.
    """
    app.server.test_client().get("/")
    duckdb.sql("select $one as one", params={"one": 1}).pl()
    figure("", "", "").add_sankey()


def closed(response: Response) -> Response:
    """The browser loads nothing from elsewhere, guesses no types, and shows the dashboard in no other site's frame."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _frame(look_seconds: float) -> html.Div:
    return html.Div(
        [
            dcc.Location(id=ADDRESS, refresh="callback-nav"),
            dcc.Store(id=SEEN),
            dcc.Interval(id=CLOCK, interval=round(look_seconds * 1000)),
            html.A("Skip to the content", href="#content", className="skip"),
            html.Header([link(TITLE, "/"), html.Span("tumour response for immunotherapy trials")]),
            html.Div(id=NEWS, className="news", role="status"),
            html.Main(dcc.Loading(html.Div(id=CONTENT, tabIndex="-1"), delay_show=400), id="main"),
        ]
    )
