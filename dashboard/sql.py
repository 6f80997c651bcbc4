"""Queries that visitors write themselves: one statement that reads, on the release alone, bounded in time and rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from warehouse.closed_query import QueryRefusedError, close_off, in_memory, read
from warehouse.ddl import literal

SECONDS, ROWS, MEMORY, THREADS = 20.0, 10_000, "1GB", 2
SqlError = QueryRefusedError


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
    connection = in_memory(MEMORY, THREADS)
    try:
        connection.execute(f"attach {literal(str(database))} as release (read_only)")
        connection.execute("use release")
        close_off(connection)
        found = read(connection, statement, seconds, rows + 1)
    except duckdb.Error as error:
        raise SqlError(str(error)) from error
    except pl.exceptions.PolarsError as error:
        raise SqlError(f"A column has a type that cannot be shown: cast it to varchar ({error}).") from error
    finally:
        connection.close()
    return Result(found.head(rows), found.height > rows)
