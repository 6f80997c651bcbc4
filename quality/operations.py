"""The operations database: what people say about queries, kept for ever and read by every refresh.

SQLite in the study's folder by default; any database that SQLAlchemy reaches (Postgres in a deployment) by setting.
Actions are appended and never changed; the state of a query follows from them (`quality.queries`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import polars as pl
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from criteria.table import Dtype
from criteria.vocabulary import values
from protocol.home import operations_setting
from protocol.study import Study
from quality.answer import AnswerKind

METADATA = sa.MetaData()
QUERY_ACTION = sa.Table(
    "query_action",
    METADATA,
    sa.Column("action_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("study_id", sa.String(64), nullable=False, index=True),
    sa.Column("fingerprint", sa.String(16), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=True),
    sa.Column("author", sa.String(128), nullable=False),
    sa.Column("acted_at", sa.DateTime, nullable=False),
    sa.Column("kind", sa.String(16), nullable=True),
)
LONGEST_AUTHOR = 128
ACTIONS: dict[str, Dtype] = {
    "action_id": pl.Int64,
    "study_id": pl.String,
    "fingerprint": pl.String,
    "action": pl.String,
    "text": pl.String,
    "author": pl.String,
    "acted_at": pl.Datetime("us", "UTC"),
    "kind": pl.String,
}


class Act(StrEnum):
    """What a person does to a query."""

    ANSWER = "ANSWER"
    COMMENT = "COMMENT"
    ASSIGN = "ASSIGN"
    CLOSE = "CLOSE"
    REOPEN = "REOPEN"


class OperationsError(RuntimeError):
    """The operations database cannot be reached or refuses an action."""


@dataclass(frozen=True, slots=True)
class QueryAction:
    """One thing that one person did to one query: ``text`` is the answer, the comment, the reason or the new owner.

    ``kind`` says what an answer says about the data.
    """

    study_id: str
    fingerprint: str
    action: Act
    text: str | None
    author: str
    acted_at: datetime
    kind: AnswerKind | None = None

    def __post_init__(self) -> None:
        if self.action not in values(Act):
            raise OperationsError(f"unknown action {self.action!r}; actions are {', '.join(values(Act))}")
        if self.action is not Act.REOPEN and not (self.text or "").strip():
            raise OperationsError(f"{self.action}: write a text; it is what the site and the auditors read")
        if not 0 < len(self.author.strip()) <= LONGEST_AUTHOR:
            raise OperationsError(f"{self.action}: a name of 1 to {LONGEST_AUTHOR} characters is needed")
        if self.kind is not None and self.action is not Act.ANSWER:
            raise OperationsError(f"{self.action}: only an answer has a kind")
        if self.acted_at.utcoffset() != UTC.utcoffset(None):
            raise ValueError(f"the moment of an action must be in UTC, got {self.acted_at.isoformat()}")


class Operations:
    """The operations database at an SQLAlchemy ``url``; tables and columns are made where they are missing."""

    def __init__(self, url: str) -> None:
        try:
            self._engine = sa.create_engine(url, poolclass=NullPool)
            with self._engine.begin() as connection:
                METADATA.create_all(connection)
                _add_missing_columns(connection)
        except (SQLAlchemyError, ImportError) as error:
            raise OperationsError(_told(error)) from error

    def record(self, actions: Sequence[QueryAction]) -> None:
        """Append the actions, all or none."""
        rows = [asdict(action) | {"acted_at": action.acted_at.replace(tzinfo=None)} for action in actions]
        if not rows:
            return
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(QUERY_ACTION), rows)
        except SQLAlchemyError as error:
            raise OperationsError(_told(error)) from error

    def actions(self, study_id: str) -> pl.DataFrame:
        """All actions on the study's queries in the order in which they were taken (columns of `ACTIONS`)."""
        wanted = sa.select(QUERY_ACTION).where(QUERY_ACTION.c.study_id == study_id).order_by(QUERY_ACTION.c.action_id)
        try:
            with self._engine.connect() as connection:
                rows = [tuple(row) for row in connection.execute(wanted)]
        except SQLAlchemyError as error:
            raise OperationsError(_told(error)) from error
        stored = {name: pl.Datetime("us") if name == "acted_at" else dtype for name, dtype in ACTIONS.items()}
        frame = pl.DataFrame(rows, schema=stored, orient="row")
        return frame.with_columns(pl.col("acted_at").dt.replace_time_zone("UTC"))

    def action_count(self, study_id: str) -> int:
        """How many actions there are on the study's queries.

        The highest number would not do: a database gives numbers when a transaction begins to write, not when it ends.
        """
        wanted = sa.select(sa.func.count()).where(QUERY_ACTION.c.study_id == study_id)
        try:
            with self._engine.connect() as connection:
                return connection.execute(wanted).scalar_one()
        except SQLAlchemyError as error:
            raise OperationsError(_told(error)) from error


def _add_missing_columns(connection: sa.Connection) -> None:
    """Columns that a database of an earlier version lacks; they are all nullable."""
    known = {column["name"] for column in sa.inspect(connection).get_columns(QUERY_ACTION.name)}
    for column in QUERY_ACTION.columns:
        if column.name not in known:
            kind = column.type.compile(connection.dialect)
            connection.execute(sa.text(f"ALTER TABLE {QUERY_ACTION.name} ADD COLUMN {column.name} {kind}"))


def operations_url(file: Path, setting: str | None) -> str:
    """The database that the setting names, else the SQLite ``file`` of the study."""
    return setting or f"sqlite:///{file}"


def operations_of(study: Study) -> Operations:
    """The operations database of a study; raises `OperationsError`."""
    return Operations(operations_url(study.operations_file, operations_setting()))


def _told(error: Exception) -> str:
    return f"the operations database cannot be used: {str(error).splitlines()[0]}"
