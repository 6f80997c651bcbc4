"""Queries: what is to be asked of the sites, filtered, answered and commented on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.address import choices_of, search_of, subject_address
from dashboard.context import Page, Visitor
from dashboard.elements import choice, choices, facts, message, section, table
from quality.operations import Act, OperationsError, QueryAction, operations_of
from quality.queries import with_actions
from quality.tables import ACTIVE, STATUSES

ALL, TO_DO = "ALL", "TO DO"
GRID, SHOWN, TEXT, SAVED, STUDY = "queries", "query-shown", "query-text", "query-saved", "query-study"
BUTTONS = {act: f"query-{act.value.lower()}" for act in Act}
COLUMNS = (
    "subject_id",
    "site",
    "rule_id",
    "severity",
    "status",
    "age_days",
    "owner",
    "message",
    "answer",
    "fingerprint",
)


def queries_page(page: Page) -> list[Any]:
    """The queries of the chosen status, site and rule as they stand now, and a form to act on the selected one."""
    queries = standing(page)
    sites = [ALL, *queries["site"].drop_nulls().unique().sort()]
    rules = [ALL, *queries["rule_id"].unique().sort()]
    status = page.chosen("status", [TO_DO, ALL, *STATUSES])
    site, rule = page.chosen("site", sites), page.chosen("rule", rules)
    wanted = ACTIVE if status == TO_DO else STATUSES if status == ALL else (status,)
    shown = queries.filter(
        pl.col("status").is_in(wanted)
        & ((pl.col("site") == site) | pl.lit(site == ALL)).fill_null(False)
        & ((pl.col("rule_id") == rule) | pl.lit(rule == ALL))
    )
    addresses = [subject_address(page.study.name, subject) if subject else "" for subject in shown["subject_id"]]
    counts = dict(queries.group_by("status").len().sort("status").iter_rows())
    return [
        facts({name.lower(): counts.get(name, 0) for name in STATUSES}),
        choices(
            choice("Status", "status", [TO_DO, ALL, *STATUSES], status),
            choice("Site", "site", sites, site),
            choice("Rule", "rule", rules, rule),
        ),
        section(
            "Queries",
            table(
                shown.select(COLUMNS).with_columns(address=pl.Series(addresses, dtype=pl.String)),
                grid_id=GRID,
                links={"subject_id": "address"},
                wide=("message", "answer"),
                selectable=True,
            ),
        ),
        section("Selected query", _form(page)),
    ]


def standing(page: Page) -> pl.DataFrame:
    """The release's queries with everything that people did to them since."""
    actions = operations_of(page.study).actions(page.study.name)
    return with_actions(page.rows("quality.query"), actions, datetime.now(UTC))


def _form(page: Page) -> html.Div:
    buttons = [html.Button(act.value.lower(), id=button, n_clicks=0) for act, button in BUTTONS.items()]
    return html.Div(
        [
            dcc.Store(id=STUDY, data=page.study.name),
            html.Div(message("Select a row of the table."), id=SHOWN),
            html.Label("Answer, comment, reason or name of the new owner", htmlFor=TEXT),
            dcc.Textarea(id=TEXT, className="query-text"),
            html.Div(buttons, className="buttons"),
            html.Div(id=SAVED, **{"aria-live": "polite"}),
        ]
    )


def shown_query(selected: list[dict[str, Any]] | None) -> Any:
    """The selected row in words."""
    if not selected:
        return message("Select a row of the table.")
    row = selected[0]
    return [html.P(row["message"]), facts({name: row.get(name) for name in ("rule_id", "status", "owner", "answer")})]


def register(app: Dash, opened: Any, visitor: Any) -> None:
    """The callbacks of the page; ``opened`` gives the study of a name, ``visitor`` who asks."""

    @app.callback(Output(SHOWN, "children"), Input(GRID, "selectedRows"), prevent_initial_call=True)
    def show(selected: list[dict[str, Any]] | None) -> Any:
        return shown_query(selected)

    @app.callback(
        Output(SAVED, "children"),
        Output(TEXT, "value"),
        Output("address", "search", allow_duplicate=True),
        *(Input(button, "n_clicks") for button in BUTTONS.values()),
        State(GRID, "selectedRows"),
        State(TEXT, "value"),
        State(STUDY, "data"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def act(*given: Any) -> Any:
        *_, selected, text, study, search = given
        pressed = next((act for act, button in BUTTONS.items() if button == ctx.triggered_id), None)
        if pressed is None or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        if not selected:
            return message("Select a row of the table first.", kind="problem"), no_update, no_update
        try:
            taken(opened(study), selected[0]["fingerprint"], pressed, text, visitor())
        except OperationsError as error:
            return message(str(error), kind="problem"), no_update, no_update
        return message(f"Saved: {pressed.value.lower()} by {visitor().name}."), "", renewed(search)


def taken(study: Any, fingerprint: str, act: Act, text: str | None, visitor: Visitor) -> None:
    """Write what the visitor does to the operations database; raises `quality.operations.OperationsError`."""
    action = QueryAction(study.name, fingerprint, act, text, visitor.name, datetime.now(UTC))
    operations_of(study).record([action])


def renewed(search: str | None) -> str:
    """The same choices under an address that differs, so that the page is drawn anew."""
    chosen = choices_of(search)
    return search_of(chosen | {"seen": str(int(chosen.get("seen", "0")) + 1)})
