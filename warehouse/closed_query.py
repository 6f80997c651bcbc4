"""SQL that other people wrote: one statement that reads, in a connection that reaches nothing else, bounded in time."""

from __future__ import annotations

from threading import Timer

import duckdb
import polars as pl

READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
CLOSED = (
    "set temp_directory = ''",
    "set python_enable_replacements = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
"""What closes a connection: no file, network, extension or variable is reached, and no setting can be changed back."""


class QueryRefusedError(ValueError):
    """A statement that is refused, fails, or takes too long; the text is for who wrote it."""


def in_memory(memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """An empty database in memory, to be filled and then closed."""
    return duckdb.connect(":memory:", config={"memory_limit": memory, "threads": threads})


def close_off(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave the connection nothing but the tables that it has by now."""
    for setting in CLOSED:
        connection.execute(setting)


def read(connection: duckdb.DuckDBPyConnection, text: str, seconds: float, rows: int | None = None) -> pl.DataFrame:
    """The result of one reading statement, its first ``rows``; raises `QueryRefusedError`."""
    try:
        statement = _single(connection, text)
        return _bounded(connection, statement, seconds, rows)
    except duckdb.Error as error:
        raise QueryRefusedError(str(error)) from error


def _single(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    statements = connection.extract_statements(text)
    if len(statements) != 1:
        raise QueryRefusedError(f"Write one statement; this is {len(statements)}.")
    if statements[0].type not in READING:
        raise QueryRefusedError(
            f"Only reading statements run here (SELECT, FROM, EXPLAIN), not {statements[0].type.name}."
        )
    return str(statements[0].query)


def _bounded(connection: duckdb.DuckDBPyConnection, statement: str, seconds: float, rows: int | None) -> pl.DataFrame:
    timer = Timer(seconds, connection.interrupt)
    timer.start()
    try:
        found = connection.sql(statement)
        return (found if rows is None else found.limit(rows)).pl()
    except duckdb.InterruptException as error:
        raise QueryRefusedError(f"The query was stopped after {seconds:g} seconds: ask for less.") from error
    finally:
        timer.cancel()
