"""The dashboard: one page at a time, drawn from the address alone; requests share nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import request

from dashboard import downloads, pictures
from dashboard.address import choices_of, search_of
from dashboard.context import Page, Visitor
from dashboard.elements import CHOICE, link
from dashboard.pages import queries, sql
from dashboard.published import Published
from dashboard.router import opened, render
from dashboard.settings import Settings

TITLE = "nadir"
ADDRESS, CONTENT = "address", "content"


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
    app.layout = _frame()

    @app.callback(Output(CONTENT, "children"), Input(ADDRESS, "pathname"), Input(ADDRESS, "search"))
    def show(pathname: str | None, search: str | None) -> list[Any]:
        return render(published, pathname, search, visitor(), trusted=settings.trusted)

    @app.callback(
        Output(ADDRESS, "search"),
        Input({"type": CHOICE, "name": ALL}, "value"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def choose(values: list[str | None], search: str | None) -> Any:
        return chosen(ctx.triggered_id, ctx.triggered, search)

    queries.register(app, page_of, visitor)
    sql.register(app)
    downloads.register(app.server, published, visitor, settings.trusted)
    pictures.register(app.server, published, visitor, settings.trusted)
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


def _frame() -> html.Div:
    return html.Div(
        [
            dcc.Location(id=ADDRESS, refresh="callback-nav"),
            html.A("Skip to the content", href="#content", className="skip"),
            html.Header([link(TITLE, "/"), html.Span("tumour response for immunotherapy trials")]),
            html.Main(dcc.Loading(html.Div(id=CONTENT), delay_show=400), id="main"),
        ]
    )
