"""Queries: what is to be asked of the sites, filtered, answered and commented on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import polars as pl
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.address import study_address, subject_address
from dashboard.context import Page, Visitor
from dashboard.elements import addressed, choice, choices, facts, link, message, row_data, section, table
from dashboard.published import NotPublishedError
from quality.operations import Act, OperationsError, QueryAction, operations_of
from quality.queries import with_actions
from quality.query_choice import Choice
from quality.tables import ACTIVE, STATUSES

ALL, TO_DO, NOBODY = "ALL", "TO DO", "NOBODY"
GRID, SHOWN, TEXT, SAVED, STUDY = "queries", "query-shown", "query-text", "query-saved", "query-study"
COUNTS = "query-counts"
BUTTONS = {act: f"query-{act.value.lower()}" for act in Act}
SAYS = {
    Act.ANSWER: "Answer",
    Act.COMMENT: "Comment",
    Act.ASSIGN: "Assign to the name above",
    Act.CLOSE: "Close with this reason",
    Act.REOPEN: "Reopen",
}
COLUMN_OF = {"site": "site", "rule": "rule_id", "severity": "severity", "owner": "owner", "subject": "subject_id"}
LINKS = {"subject_id": "address"}
SELECT = "Select a row of the table: with the mouse, or with the space bar on a row."
LONGEST = 4_000
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
    "comments",
    "fingerprint",
)


def queries_page(page: Page) -> list[Any]:
    """The queries of the choices made as they stand now, and a form to act on the selected one.

    The address can name one query (``query``), which is then selected.
    """
    queries = standing(page)
    options, chosen = _options(page, queries)
    shown, named = _shown(page, queries, chosen), page.choices.get("query")
    selected = [named] if named and named in shown["fingerprint"] else []
    return [
        html.Div(_counts(queries), id=COUNTS),
        choices(
            choice("Status", "status", options["status"], chosen["status"]),
            choice("Site", "site", options["site"], chosen["site"]),
            choice("Rule", "rule", options["rule"], chosen["rule"]),
            choice("Severity", "severity", options["severity"], chosen["severity"]),
            choice("Owner", "owner", options["owner"], chosen["owner"]),
            choice("Subject", "subject", options["subject"], chosen["subject"]),
        ),
        section(
            "Queries",
            table(
                shown,
                "Queries of these choices, with what people said of them since the release",
                grid_id=GRID,
                links=LINKS,
                wide=("message", "answer", "comments"),
                hidden=("fingerprint",),
                row_id="fingerprint",
                selected=selected,
                empty="No query has these choices: choose ALL to see the others.",
            ),
        ),
        *(
            [section("Selected query", *_form(page, shown_query(page, named if selected else None)))]
            if shown.height
            else []
        ),
    ]


def standing(page: Page) -> pl.DataFrame:
    """The release's queries with everything that people did to them since."""
    actions = operations_of(page.study).actions(page.study.name)
    return with_actions(page.rows("quality.query"), actions, datetime.now(UTC))


def _options(page: Page, queries: pl.DataFrame) -> tuple[dict[str, list[str]], dict[str, str | None]]:
    """What can be chosen, and what is."""
    found = {name: queries[column].drop_nulls().unique().sort().to_list() for name, column in COLUMN_OF.items()}
    options = {"status": [TO_DO, ALL, *STATUSES]} | {name: [ALL, *names] for name, names in found.items()}
    options["owner"].append(NOBODY)
    return options, {name: page.chosen(name, names) for name, names in options.items()}


def _shown(page: Page, queries: pl.DataFrame, chosen: dict[str, str | None]) -> pl.DataFrame:
    """The queries of the choices, with the one that the address names in any case."""
    wanted = {TO_DO: ACTIVE, ALL: STATUSES}.get(str(chosen["status"]), (str(chosen["status"]),))
    kept = Choice(
        status=wanted,
        site=_asked(chosen["site"]),
        subject_id=_asked(chosen["subject"]),
        rule_id=_asked(chosen["rule"]),
        severity=_asked(chosen["severity"]),
        owner=_asked(chosen["owner"]),
    ).of(queries)
    named = pl.col("fingerprint") == pl.lit(page.choices.get("query"))
    shown = queries.filter(pl.col("fingerprint").is_in(kept["fingerprint"].implode()) | named.fill_null(value=False))
    return addressed(shown.select(COLUMNS), "subject_id", partial(subject_address, page.study.name))


def _asked(choice: str | None) -> tuple[str | None, ...]:
    """A choice as `quality.query_choice.Choice` takes it."""
    return () if choice == ALL else (None if choice == NOBODY else choice,)


def _counts(queries: pl.DataFrame) -> html.Dl:
    counts = dict(queries.group_by("status").len().iter_rows())
    return facts({name.lower(): counts.get(name, 0) for name in STATUSES})


def _form(page: Page, shown: list[Any]) -> list[Any]:
    buttons = [html.Button(SAYS[act], id=button, n_clicks=0, type="button") for act, button in BUTTONS.items()]
    return [
        dcc.Store(id=STUDY, data=page.study.name),
        html.Div(shown, id=SHOWN, **{"aria-live": "polite"}),
        html.Label("Answer, comment, reason or name of the new owner", htmlFor=TEXT),
        dcc.Textarea(id=TEXT, className="query-text", maxLength=LONGEST),
        html.Div(buttons, className="buttons"),
        html.Div(id=SAVED, **{"aria-live": "polite"}),
    ]


def shown_query(page: Page, fingerprint: str | None) -> list[Any]:
    """One query in words, with its address and everything that people did to it."""
    known = standing(page).filter(pl.col("fingerprint") == pl.lit(fingerprint))
    if known.is_empty():
        return [message(SELECT)]
    row = known.row(0, named=True)
    actions = operations_of(page.study).actions(page.study.name)
    said = actions.filter(pl.col("fingerprint") == fingerprint).sort("action_id")
    address = study_address(page.study.name, "queries", query=fingerprint)
    names = ("rule_id", "severity", "subject_id", "field", "value", "status", "owner", "opened_at", "times_reopened")
    return [
        html.P(row["message"]),
        facts({name: row[name] for name in names}),
        html.P(["Address of this query: ", link(address, address)]),
        html.Ol(
            [
                html.Li(f"{moment:%Y-%m-%d %H:%M} UTC, {author}: {action.lower()} {text or ''}".strip())
                for moment, author, action, text in said.select("acted_at", "author", "action", "text").iter_rows()
            ],
            className="history",
        ),
    ]


def register(app: Dash, page_of: Callable[[str, str | None], Page], visitor: Callable[[], Visitor]) -> None:
    """The callbacks; ``page_of`` gives the page of a study and an address's choices, ``visitor`` who asks."""

    @app.callback(
        Output(SHOWN, "children"), Input(GRID, "selectedRows"), State(STUDY, "data"), prevent_initial_call=True
    )
    def show(selected: list[dict[str, Any]] | None, study: str) -> Any:
        if not selected:
            return no_update
        try:
            return shown_query(page_of(study, None), selected[0].get("fingerprint"))
        except (NotPublishedError, OperationsError) as error:
            return message(str(error), kind="problem")

    @app.callback(
        Output(SAVED, "children"),
        Output(TEXT, "value"),
        Output(SHOWN, "children", allow_duplicate=True),
        Output(GRID, "rowData"),
        Output(COUNTS, "children"),
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
        stays = (no_update,) * 4
        if pressed is None or not ctx.triggered[0]["value"]:
            return no_update, *stays
        if not selected:
            return message(SELECT, kind="problem"), *stays
        fingerprint = selected[0].get("fingerprint")
        try:
            page = page_of(study, search)
            taken(page, fingerprint, pressed, text)
            queries = standing(page)
            rows = row_data(_shown(page, queries, _options(page, queries)[1]), LINKS)
            said = message(f"Saved: {SAYS[pressed].split()[0].lower()} by {visitor().name}.")
            return said, "", shown_query(page, fingerprint), rows, _counts(queries)
        except (NotPublishedError, OperationsError) as error:
            return message(str(error), kind="problem"), *stays


def taken(page: Page, fingerprint: str | None, act: Act, text: str | None) -> None:
    """Write what the visitor does to a query of the release; raises `quality.operations.OperationsError`."""
    if page.rows("quality.query", fingerprint=fingerprint or "").is_empty():
        raise OperationsError(f"the release has no query {fingerprint!r}: select it anew")
    if len(text or "") > LONGEST:
        raise OperationsError(f"the text has {len(text or ''):,} characters; write at most {LONGEST:,}")
    said = (text or "").strip() or None
    action = QueryAction(page.study.name, str(fingerprint), act, said, page.visitor.name, datetime.now(UTC))
    operations_of(page.study).record([action])
