"""`nadir queries`: list what is to be asked of the sites, send it out, take answers in, act on single queries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from nadir.errors import UserError
from protocol.home import study_home

LIST = "list"


class ListsByDefault(TyperGroup):
    """``nadir queries STUDY`` is ``nadir queries list STUDY``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in where none is named."""
        named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named or not args else [LIST, *args])


app = typer.Typer(
    cls=ListsByDefault,
    no_args_is_help=True,
    help="What is to be asked of the sites: list it (nadir queries STUDY), export and import lists, answer and close.",
)
console = Console()
complaints = Console(stderr=True)

StudyName = Annotated[str, typer.Argument(help="name of the study's folder")]
Name = Annotated[str, typer.Argument(help="name of the query, or its beginning, e.g. Q-1f0c")]
By = Annotated[str | None, typer.Option("--by", help="in the name of this person; else of who runs the command")]
Status = Annotated[
    str | None, typer.Option(help="open, answered, closed, reopened, resolved or all, separated by commas")
]
Site = Annotated[str | None, typer.Option(help="sites, separated by commas")]
Subject = Annotated[str | None, typer.Option(help="subjects, separated by commas")]
RuleId = Annotated[str | None, typer.Option("--rule", help="rules, separated by commas")]
SeverityName = Annotated[str | None, typer.Option("--severity", help="error or warn")]
Owner = Annotated[str | None, typer.Option(help="owners, separated by commas")]
OlderThan = Annotated[int | None, typer.Option(min=0, help="only queries older than this many days")]

COLUMNS = ("site", "subject_id", "rule_id", "severity", "status", "age_days", "owner", "message", "answer")


@app.command(LIST)
def list_queries(
    study: StudyName,
    status: Status = None,
    site: Site = None,
    subject: Subject = None,
    rule: RuleId = None,
    severity: SeverityName = None,
    owner: Owner = None,
    older_than: OlderThan = None,
    as_json: Annotated[bool, typer.Option("--json", help="everything about each as JSON")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="write to this file (.csv, .json or .parquet)")] = None,
) -> None:
    """List the queries as they stand now; without --status those that are not closed and not resolved."""
    from nadir.published import study_named
    from nadir.queries import standing
    from nadir.show import show, write
    from quality.query_choice import query_name
    from quality.tables import ACTIVE

    choice = _choice(status, site, subject, rule, severity, owner, older_than, ACTIVE)
    found = choice.of(standing(study_named(study_home(), study)))
    name = query_name(pl.col("fingerprint")).alias("query")
    if as_json:
        typer.echo(found.select(name, pl.all()).write_json())
    elif out:
        write(found.select(name, pl.all()), out)
        console.print(f"{found.height} queries in {escape(str(out))}")
    else:
        show(console, found.select(name, *COLUMNS))


@app.command()
def export(
    study: StudyName,
    out: Annotated[Path | None, typer.Option("--out", help="one list: .xlsx or .csv")] = None,
    by_site: Annotated[Path | None, typer.Option("--by-site", help="a folder: one list a site")] = None,
    file_format: Annotated[str, typer.Option("--format", help="xlsx or csv, of the lists in a folder")] = "xlsx",
    status: Status = None,
    site: Site = None,
    subject: Subject = None,
    rule: RuleId = None,
    severity: SeverityName = None,
    owner: Owner = None,
    older_than: OlderThan = None,
) -> None:
    """Write lists for the sites to fill in; without --status the queries that await an answer."""
    from nadir.published import study_named
    from nadir.queries import standing
    from nadir.query_files import WRITERS, write_by_site, write_sheet
    from quality.query_choice import AWAITING
    from quality.query_sheet import sheet

    if (out is None) == (by_site is None):
        raise UserError("give either --out FILE.xlsx (or .csv), or --by-site FOLDER")
    if f".{file_format}" not in WRITERS:
        raise UserError(f"--format {file_format}: write one of xlsx, csv")
    choice = _choice(status, site, subject, rule, severity, owner, older_than, AWAITING)
    chosen = sheet(choice.of(standing(study_named(study_home(), study))))
    if out:
        write_sheet(chosen, out)
        console.print(f"{chosen.height} queries in {escape(str(out))}", soft_wrap=True)
    elif by_site:
        written = write_by_site(chosen, by_site, study, f".{file_format}")
        console.print(f"{chosen.height} queries in {len(written)} lists in {escape(str(by_site))}", soft_wrap=True)


@app.command("import")
def import_answers(
    study: StudyName, file: Annotated[Path, typer.Argument(help="a list that was exported and filled in: .xlsx, .csv")]
) -> None:
    """Take the answers of a filled list; what was taken before changes nothing, wrong rows are told."""
    from nadir.published import study_named
    from nadir.queries import take_answers
    from nadir.show import complain_of_rejects

    read = take_answers(study_named(study_home(), study), file)
    console.print(
        f"{read.taken} answers taken, {read.known} known already, {read.empty} rows without answer", soft_wrap=True
    )
    if not read.rejects.is_empty():
        complain_of_rejects(complaints, read.rejects)
        raise typer.Exit(1)


@app.command()
def show(study: StudyName, name: Name) -> None:
    """Show one query with all that happened to it."""
    from nadir.published import study_named
    from nadir.queries import history, named

    opened = study_named(study_home(), study)
    found = named(opened, name)
    for field in ("message", "rule_id", "severity", "site", "subject_id", "status", "age_days", "owner", "answer"):
        if found[field] is not None:
            console.print(f"{field}: {escape(str(found[field]))}", soft_wrap=True, highlight=False)
    events = history(opened, str(found["fingerprint"]))
    for event in events.iter_rows(named=True):
        told = (event["kind"], event["text"], event["value"], event["transfer"] and f"transfer {event['transfer']}")
        line = f"{event['happened_at']:%Y-%m-%d %H:%M:%S} UTC {event['event']} by {event['author'] or 'the data'}"
        console.print(escape("; ".join((line, *filter(None, told)))), soft_wrap=True, highlight=False)


@app.command()
def answer(
    study: StudyName,
    name: Name,
    text: Annotated[str, typer.Argument(help="the answer")],
    kind: Annotated[str | None, typer.Option(help="corrected, confirmed, unavailable or other")] = None,
    by: By = None,
) -> None:
    """Answer a query."""
    from nadir.queries import kind_of

    _act(study, name, "ANSWER", text, by, kind_of(kind))


@app.command()
def close(
    study: StudyName,
    name: Name,
    reason: Annotated[str, typer.Argument(help="why it is closed as it is")],
    by: By = None,
) -> None:
    """Close a query as it is; it stays closed while its finding stays the same."""
    _act(study, name, "CLOSE", reason, by)


@app.command()
def reopen(
    study: StudyName, name: Name, reason: Annotated[str | None, typer.Argument(help="why")] = None, by: By = None
) -> None:
    """Ask a query again that was answered or closed."""
    _act(study, name, "REOPEN", reason, by)


@app.command()
def assign(
    study: StudyName, name: Name, owner: Annotated[str, typer.Argument(help="who is to see to it")], by: By = None
) -> None:
    """Say who is to see to a query."""
    _act(study, name, "ASSIGN", owner, by)


@app.command()
def comment(
    study: StudyName, name: Name, text: Annotated[str, typer.Argument(help="the comment")], by: By = None
) -> None:
    """Comment on a query."""
    _act(study, name, "COMMENT", text, by)


def _act(study: str, name: str, what: str, text: str | None, by: str | None, kind: Any = None) -> None:
    from nadir.published import study_named
    from nadir.queries import act, named
    from quality.operations import Act
    from quality.query_choice import PREFIX

    opened = study_named(study_home(), study)
    fingerprint = act(opened, name, Act(what), text, by, kind)
    status = named(opened, fingerprint)["status"]
    console.print(f"{PREFIX}{fingerprint} of {escape(study)} is {status}", soft_wrap=True, highlight=False)


def _choice(
    status: str | None,
    site: str | None,
    subject: str | None,
    rule: str | None,
    severity: str | None,
    owner: str | None,
    older_than: int | None,
    default: tuple[str, ...],
) -> Any:
    from nadir.queries import severities, statuses, words
    from quality.query_choice import Choice

    return Choice(
        status=statuses(status, default),
        site=words("--site", site),
        subject_id=words("--subject", subject),
        rule_id=words("--rule", rule),
        severity=severities(severity),
        owner=words("--owner", owner),
        older_than_days=older_than,
    )
