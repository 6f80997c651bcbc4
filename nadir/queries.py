"""Queries from the command line: how they stand now, what people do to them, and lists for the sites."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ingestion.tables import REJECT
from nadir.errors import UserError
from nadir.published import query, release_of
from nadir.query_files import read_sheet
from protocol.study import Study
from quality.answer import AnswerKind
from quality.operations import Act, OperationsError, QueryAction, operations_of
from quality.queries import with_actions
from quality.query_choice import UnknownQueryError, query_named
from quality.query_history import with_people
from quality.query_sheet import answers
from quality.rule import Severity
from quality.tables import ACTIVE, QUERY, QUERY_EVENT, STATUSES

ALL = "ALL"
POSSIBLE = {
    Act.ANSWER: ACTIVE,
    Act.CLOSE: ACTIVE,
    Act.REOPEN: ("ANSWERED", "CLOSED"),
    Act.ASSIGN: STATUSES,
    Act.COMMENT: STATUSES,
}
INSTEAD = {
    "OPEN": "it is open already",
    "REOPENED": "it is open already",
    "ANSWERED": "answer it again, or close it",
    "CLOSED": "reopen it first",
    "RESOLVED": "the data have resolved it; comment on it instead",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import ended: answers taken, rows that were on record already, rows without answer, rows not used."""

    taken: int
    known: int
    empty: int
    rejects: pl.DataFrame


def standing(study: Study) -> pl.DataFrame:
    """The queries of the current release with everything that people did to them since."""
    return with_actions(_published(study, QUERY.name), _actions(study), datetime.now(UTC))


def history(study: Study, fingerprint: str) -> pl.DataFrame:
    """What happened to a query, first to last."""
    events = with_people(_published(study, QUERY_EVENT.name), _actions(study))
    return events.filter(pl.col("fingerprint") == fingerprint)


def named(study: Study, name: str) -> dict[str, object]:
    """The query of that name, as it stands now."""
    try:
        return query_named(standing(study), name)
    except UnknownQueryError as error:
        raise UserError(
            f"{error} in study {study.name}; `nadir queries {study.name} --status all` lists all"
        ) from error


def act(study: Study, name: str, does: Act, text: str | None, by: str | None, kind: AnswerKind | None = None) -> str:
    """Do something to a query in the name of ``by``, else of who runs the program; returns the query's name."""
    found = named(study, name)
    status = str(found["status"])
    if status not in POSSIBLE[does]:
        raise UserError(f"{name} is {status}: {INSTEAD[status]}")
    user = getpass.getuser()
    author = f"{by} (entered by {user})" if by and by != user else user
    try:
        action = QueryAction(study.name, str(found["fingerprint"]), does, text, author, datetime.now(UTC), kind)
        operations_of(study).record([action])
    except OperationsError as error:
        raise UserError(str(error)) from error
    return str(found["fingerprint"])


def take_answers(study: Study, path: Path) -> Imported:
    """Record the answers of a filled list; wrong rows are told, the others taken."""
    filled, ragged = read_sheet(path)
    read = answers(
        filled,
        standing(study),
        _actions(study),
        study_id=study.name,
        source_name=path.name,
        importer=getpass.getuser(),
        now=datetime.now(UTC),
    )
    try:
        operations_of(study).record(read.actions)
    except OperationsError as error:
        raise UserError(str(error)) from error
    broken = [
        {
            "study_id": study.name,
            "stage": QUERY.name,
            "source_name": path.name,
            "source_record": str(number),
            "reason": "the row has another number of cells than the header",
            "remedy": "put texts with the delimiter into quotation marks",
        }
        for number in ragged
    ]
    rejects = pl.concat([read.rejects, REJECT.conform(pl.DataFrame(broken)) if broken else REJECT.empty()])
    return Imported(len(read.actions), read.known, read.empty, rejects)


def words(option: str, given: str | None, allowed: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """The values of an option, separated by commas; with ``allowed`` in any case, and only these."""
    found = tuple(word.strip() for word in (given or "").split(",") if word.strip())
    if allowed is None:
        return found
    upper = tuple(word.upper() for word in found)
    for word in upper:
        if word not in allowed:
            raise UserError(f"{option} {word}: write one of {', '.join(allowed)}")
    return upper


def statuses(given: str | None, default: tuple[str, ...]) -> tuple[str, ...]:
    """The wanted statuses; ``all`` is every one."""
    chosen = words("--status", given, (*STATUSES, ALL)) or default
    return STATUSES if ALL in chosen else chosen


def severities(given: str | None) -> tuple[str, ...]:
    """The wanted severities."""
    return words("--severity", given, tuple(severity.value for severity in Severity))


def kind_of(given: str | None) -> AnswerKind | None:
    """The kind of an answer."""
    chosen = words("--kind", given, tuple(kind.value for kind in AnswerKind))
    return AnswerKind(chosen[0]) if chosen else None


def _published(study: Study, table: str) -> pl.DataFrame:
    """A table of the current release; one that an older program published is without the newer columns."""
    declared = {QUERY.name: QUERY, QUERY_EVENT.name: QUERY_EVENT}[table]
    return declared.conform(query(release_of(study), f"FROM {table}"))


def _actions(study: Study) -> pl.DataFrame:
    try:
        return operations_of(study).actions(study.name)
    except OperationsError as error:
        raise UserError(str(error)) from error
