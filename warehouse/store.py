"""The working database of a study: declared tables in, frames out, one connection."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import polars as pl

from criteria.table import Table
from warehouse import ddl
from warehouse.connection import connect
from warehouse.dictionary import dictionary
from warehouse.errors import WarehouseError, explained
from warehouse.steps import CREATE, Trace, raise_version
from warehouse.tables import APPEND_ONLY, AUDIT_TABLES, DICTIONARY, VIEWS

RECEIVED = "raw"
INCOMING = "incoming_frame"
GAIN_ONLY = ("audit", "landing")


class Warehouse:
    """One study's working file, open for writing while in the ``with`` block.

    ``tables`` are the declared tables; the audit tables are always among them. Frames with another study's rows are
    refused. Every error about the file is a `warehouse.errors.WarehouseError`.
    """

    def __init__(self, path: Path, tables: Sequence[Table], *, study_id: str) -> None:
        self.path = path
        self.study_id = study_id
        self.tables = {table.name: table for table in (*tables, *AUDIT_TABLES)}
        self.trace = Trace()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = connect(self.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The open connection; raises `WarehouseError` outside of the ``with`` block."""
        if self._connection is None:
            raise WarehouseError(f"{self.path} is not open: use it in a with block")
        return self._connection

    def create(self) -> None:
        """Make the schemas, the declared tables and the data dictionary.

        A table whose declared columns changed is dropped and made anew, empty, since the working file is derived
        data; tables that cannot be derived again (audit, landing) only ever gain columns.
        """
        with self._transaction():
            self._run_all([*CREATE, f"CREATE SCHEMA IF NOT EXISTS {RECEIVED}"])
            found = self._columns()
            for table in self.tables.values():
                self._create(table, found.get(table.name, {}))
        self.put(DICTIONARY.name, dictionary([*self.tables.values(), *(view.table for view in VIEWS)]))

    def put(self, name: str, frame: pl.DataFrame) -> int:
        """Replace the contents of a declared table, if they differ; returns the number of rows."""
        table = self._replaceable(name)
        fitting = self._fit(table, frame)
        self.trace.writes.add(name)
        if self._rows(name).equals(fitting):
            return fitting.height
        with self._changing(name):
            self._run(f"DELETE FROM {ddl.qualified(name)}")
            self._insert(name, fitting)
        return fitting.height

    def put_where(self, name: str, frame: pl.DataFrame, column: str, value: str) -> int:
        """Replace only the rows whose ``column`` is ``value``; all rows of ``frame`` must be such rows."""
        table = self._replaceable(name)
        fitting = self._fit(table, frame)
        strangers = fitting.filter(pl.col(column).ne_missing(value))
        if not strangers.is_empty():
            found = strangers[column].unique().to_list()
            raise WarehouseError(f"{name}: rows to put where {column} is {value!r} have {column} {found}")
        part = f"{name} where {column} = {value}"
        self.trace.writes.add(part)
        if self._rows(name, (column, value)).equals(fitting):
            return fitting.height
        with self._changing(name, part):
            self._run(f"DELETE FROM {ddl.qualified(name)} WHERE {ddl.identifier(column)} = ?", [value])
            self._insert(name, fitting, new_key=table.key)
        return fitting.height

    def append(self, name: str, frame: pl.DataFrame) -> int:
        """Add rows to a declared table; a key that is already there is refused."""
        table = self._declared(name)
        fitting = self._fit(table, frame)
        self.trace.writes.add(name)
        with self._changing(name):
            self._insert(name, fitting, new_key=table.key)
        return fitting.height

    def put_received(self, domain: str, frame: pl.DataFrame) -> int:
        """Replace ``raw.<domain>`` by the rows as received, every column as text, if they differ."""
        name = f"{RECEIVED}.{domain}"
        if name in self.tables:
            raise WarehouseError(f"{name} is a declared table: give the received domain another name")
        if not frame.columns:
            raise WarehouseError(f"{name}: the received table has no columns")
        twins = _same_but_for_case(frame.columns)
        if twins:
            raise WarehouseError(f"{name}: columns that differ only in case: {', '.join(twins)}; rename one of them")
        columns = ", ".join(f"{ddl.identifier(column)} VARCHAR" for column in frame.columns)
        text = frame.select(pl.all().cast(pl.String))
        self.trace.writes.add(name)
        if domain in self._received_domains() and self._rows(name).equals(text):
            return text.height
        with self._changing(name, RECEIVED):
            self._run(f"CREATE OR REPLACE TABLE {ddl.qualified(name)} ({columns})")
            self._insert(name, text)
        return text.height

    def keep_received(self, domains: Collection[str]) -> None:
        """Drop the received domains that are not among ``domains`` (their files are no longer there)."""
        gone = [f"{RECEIVED}.{domain}" for domain in self._received_domains() if domain not in domains]
        if gone:
            with self._changing(*gone, RECEIVED):
                self._run_all([f"DROP TABLE {ddl.qualified(name)}" for name in gone])

    def received(self) -> dict[str, pl.DataFrame]:
        """The received domains as they came, every column as text, by domain."""
        self.trace.reads.add(RECEIVED)
        return {domain: self.frame(f"{RECEIVED}.{domain}") for domain in self._received_domains()}

    def frame(self, name: str) -> pl.DataFrame:
        """All rows of a table, a declared one in its declared columns and types."""
        self.trace.reads.add(name)
        return self._rows(name)

    def query(self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> pl.DataFrame:
        """The result of a ``SELECT``; ``params`` fill ``?`` (sequence) or ``$name`` (mapping)."""
        self.trace.exact = False
        return self._select(sql, params)

    def _select(self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> pl.DataFrame:
        with explained(self.path):
            relation = self.connection.sql(sql, params=params)
            return pl.DataFrame() if relation is None else relation.pl()

    def _rows(self, name: str, where: tuple[str, str] | None = None) -> pl.DataFrame:
        table = self.tables.get(name)
        columns = ", ".join(ddl.identifier(column) for column in table.schema) if table else "*"
        condition, params = (f" WHERE {ddl.identifier(where[0])} = ?", [where[1]]) if where else ("", None)
        found = self._select(f"SELECT {columns} FROM {ddl.qualified(name)}{condition}", params)
        return found.select(pl.col(column).cast(dtype) for column, dtype in table.schema.items()) if table else found

    def _declared(self, name: str) -> Table:
        if name not in self.tables:
            raise WarehouseError(f"table {name} is not declared; declared are: {', '.join(sorted(self.tables))}")
        return self.tables[name]

    def _replaceable(self, name: str) -> Table:
        if name in APPEND_ONLY:
            raise WarehouseError(f"{name} is append-only: its rows are never replaced")
        return self._declared(name)

    def _fit(self, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        fitting = table.conform(frame)
        if "study_id" in fitting.columns:
            others = fitting.filter(pl.col("study_id").ne_missing(self.study_id))["study_id"].unique().to_list()
            if others:
                raise WarehouseError(f"{table.name}: rows of study {others} in the warehouse of {self.study_id!r}")
        return fitting

    def _run(self, sql: str, params: Sequence[Any] | None = None) -> None:
        self.connection.execute(sql, params).fetchall()

    def _insert(self, name: str, frame: pl.DataFrame, *, new_key: Sequence[str] = ()) -> None:
        """Insert by name within the caller's transaction; no row of the table may have the ``new_key`` of a new row."""
        self.connection.register(INCOMING, frame)
        try:
            if new_key:
                self._refuse_known_keys(name, new_key)
            self._run(f"INSERT INTO {ddl.qualified(name)} BY NAME SELECT * FROM {INCOMING}")
        finally:
            with suppress(duckdb.Error):
                self.connection.unregister(INCOMING)

    def _refuse_known_keys(self, name: str, key: Sequence[str]) -> None:
        columns = ", ".join(ddl.identifier(column) for column in key)
        sql = f"SELECT {columns} FROM {INCOMING} SEMI JOIN {ddl.qualified(name)} USING ({columns}) LIMIT 1"
        known = self.connection.execute(sql).fetchall()
        if known:
            raise WarehouseError(f"{name}: there is already a row with {dict(zip(key, known[0], strict=True))}")

    @contextmanager
    def _changing(self, *names: str) -> Iterator[None]:
        """A transaction that changes these tables, and their versions."""
        with self._transaction():
            yield
            for name in names:
                raise_version(self.connection, name)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing; what fails is rolled back."""
        connection = self.connection
        with explained(self.path):
            connection.execute("BEGIN")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                raise

    def _create(self, table: Table, found: Mapping[str, tuple[str, bool, str | None]]) -> None:
        self._run(ddl.create_schema(table))
        declared = {c.name: (ddl.sql_type(c.dtype), c.name not in table.key) for c in table.columns}
        if not found:
            self._run_all(ddl.create_table(table))
        elif ddl.schema_of(table.name) in GAIN_ONLY:
            for name, (sql_type, _) in declared.items():
                if name not in found:
                    self._run(f"ALTER TABLE {ddl.qualified(table.name)} ADD COLUMN {ddl.identifier(name)} {sql_type}")
            self._run_all(ddl.comments(table))
        elif list({name: column[:2] for name, column in found.items()}.items()) != list(declared.items()):
            self._run(f"DROP TABLE {ddl.qualified(table.name)}")
            self._run_all(ddl.create_table(table))
            raise_version(self.connection, table.name)
        elif [column[2] for column in found.values()] != [ddl.column_comment(c) for c in table.columns]:
            self._run_all(ddl.comments(table))

    def _run_all(self, statements: list[str]) -> None:
        self._run("; ".join(statements))

    def _columns(self) -> dict[str, dict[str, tuple[str, bool, str | None]]]:
        """By table of the file and by column, in order: type, nullability and comment."""
        rows = self.connection.execute(
            "SELECT schema_name || '.' || table_name, column_name, data_type, is_nullable, comment "
            "FROM duckdb_columns() WHERE database_name = current_database() ORDER BY table_oid, column_index"
        ).fetchall()
        found: dict[str, dict[str, tuple[str, bool, str | None]]] = {}
        for table, column, *described in rows:
            found.setdefault(table, {})[column] = (described[0], described[1], described[2])
        return found

    def _received_domains(self) -> list[str]:
        found = self._select(
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = current_database() AND schema_name = ? ORDER BY table_name",
            [RECEIVED],
        )
        return [name for name in found["table_name"] if f"{RECEIVED}.{name}" not in self.tables]


def _same_but_for_case(names: Sequence[str]) -> list[str]:
    folded = [name.casefold() for name in names]
    return [name for name in names if folded.count(name.casefold()) > 1]
