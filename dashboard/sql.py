"""Queries that visitors write themselves: one statement that reads, on the release alone, bounded in time and rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Timer

import duckdb
import polars as pl

SECONDS, ROWS, MEMORY, THREADS = 20.0, 10_000, "1GB", 2
CLOSED = (
    "use release",
    "set temp_directory = ''",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
"""What closes the connection: only the attached release is left, and no setting can be changed back."""

READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


class SqlError(ValueError):
    """A query that is refused, fails, or takes too long; the text is for the visitor."""


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query, at most as many as were asked for, and whether there are more."""

    rows: pl.DataFrame
    more: bool


def run(database: Path, statement: str, *, rows: int = ROWS, seconds: float = SECONDS) -> Result:
    """The result of one reading statement on the release file ``database``.

    The statement sees the release's tables and nothing else: no other file, no network, no extension, no setting. It
    is interrupted after ``seconds`` and bounded in memory. Raises `SqlError`.
    """
    connection = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": THREADS})
    try:
        connection.execute(f"attach '{_quoted(database)}' as release (read_only)")
        for setting in CLOSED:
            connection.execute(setting)
        return _bounded(connection, _single(connection, statement), rows, seconds)
    except duckdb.Error as error:
        raise SqlError(str(error)) from error
    except pl.exceptions.PolarsError as error:
        raise SqlError(f"A column has a type that cannot be shown: cast it to varchar ({error}).") from error
    finally:
        connection.close()


def _quoted(database: Path) -> str:
    return str(database).replace("'", "''")


def _single(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    statements = connection.extract_statements(text)
    if len(statements) != 1:
        raise SqlError(f"Write one statement; this is {len(statements)}.")
    if statements[0].type not in READING:
        raise SqlError(f"Only reading statements run here (SELECT, FROM, EXPLAIN), not {statements[0].type.name}.")
    return str(statements[0].query)


def _bounded(connection: duckdb.DuckDBPyConnection, statement: str, rows: int, seconds: float) -> Result:
    timer = Timer(seconds, connection.interrupt)
    timer.start()
    try:
        found = connection.sql(statement).limit(rows + 1).pl()
    except duckdb.InterruptException as error:
        raise SqlError(f"The query was stopped after {seconds:g} seconds: ask for less.") from error
    finally:
        timer.cancel()
    return Result(found.head(rows), found.height > rows)
