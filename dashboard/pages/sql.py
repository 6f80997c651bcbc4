"""SQL: queries of one's own on the release, with examples and downloads."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import polars as pl
from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboard.address import study_address
from dashboard.context import Page
from dashboard.elements import addressed, download, link, message, section, table
from dashboard.sql import ROWS, SqlError, run

EXAMPLES = {
    "response rates": "from mart.response_rate where measure = 'ORR' and group_by = 'ALL'",
    "median PFS by criterion": (
        "select criterion, endpoint, evaluator, events, median, median_lower_loglog, median_upper_loglog\n"
        "from mart.survival_summary where group_by = 'ALL' and endpoint like '%PFS' and profile = 'fda'"
    ),
    "responses that differ between criteria": (
        "select criterion, other_criterion, count(*) as subjects from mart.criterion_shift group by all order by 3 desc"
    ),
    "rules that fail most": (
        "select rule_id, failed, checked from quality.outcome where failed > 0 order by failed desc"
    ),
    "what every column means": "from audit.dictionary",
}
KINDS = ("csv", "parquet")
ASKED, RUN, RESULT = "sql-asked", "sql-run", "sql-result"


def sql_page(page: Page) -> list[Any]:
    """The query of the address (or the first example), its result, and where the tables are described."""
    asked = page.choices.get("q") or EXAMPLES["response rates"]
    return [
        section(
            "Query",
            html.Label("One reading statement (DuckDB's SQL)", htmlFor=ASKED),
            dcc.Textarea(id=ASKED, value=asked, className="sql", spellCheck=False),
            html.Div(html.Button("Run", id=RUN, n_clicks=0), className="buttons"),
            html.P(["Examples: ", *_examples(page)]),
        ),
        section("Result", html.Div(result(page, asked), id=RESULT)),
        section(
            "Tables",
            table(
                _tables(page),
                "Tables of the release; a name asks for its rows, audit.dictionary explains every column",
                grid_id="tables",
                links={"table": "address"},
                wide=("meaning", "columns"),
            ),
        ),
    ]


def _tables(page: Page) -> pl.DataFrame:
    listed = page.query(
        "select schema_name || '.' || table_name as \"table\", any_value(table_meaning) as meaning, "
        "string_agg(column_name, ', ' order by position) as columns from audit.dictionary group by all order by 1"
    )
    return addressed(listed, "table", lambda name: study_address(page.study.name, "sql", q=f"from {name}"))


def _examples(page: Page) -> list[Any]:
    found: list[Any] = []
    for name, statement in EXAMPLES.items():
        found += [link(name, study_address(page.study.name, "sql", q=statement)), ", "]
    return found[:-1]


def result(page: Page, statement: str) -> list[Any]:
    """The rows of the query, or why there are none."""
    try:
        found = run(page.release.database, statement)
    except SqlError as error:
        return [message(str(error), kind="problem")]
    said = f"{found.rows.height:,} rows" + (f"; there are more than the {ROWS:,} shown" if found.more else "")
    address, asked = f"/download/{quote(page.study.name, safe='')}/query", urlencode({"q": statement})
    return [
        message(said),
        html.P([download(kind.upper(), f"{address}.{kind}?{asked}") for kind in KINDS]),
        table(found.rows, "Rows of the query", grid_id="sql-rows", empty="The query found no row."),
    ]


def register(app: Dash) -> None:
    """Running a query puts it into the page's address, which shows its result."""

    @app.callback(
        Output("address", "search", allow_duplicate=True),
        Input(RUN, "n_clicks"),
        State(ASKED, "value"),
        prevent_initial_call=True,
    )
    def ask(clicks: int, statement: str) -> Any:
        return f"?{urlencode({'q': statement})}" if clicks and statement else no_update
