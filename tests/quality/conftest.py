"""A warehouse in memory, made from the table declarations and small text tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import duckdb
import polars as pl
import pytest

from criteria.table import Table
from quality.check_views import INPUTS
from quality.run import Query
from tests.quality.text_tables import read_tables
from warehouse.ddl import sql_type


def _empty(table: Table) -> str:
    columns = ", ".join(f'"{column.name}" {sql_type(column.dtype)}' for column in table.columns)
    return f"create table {table.name} ({columns});"


SCHEMAS = sorted({name.partition(".")[0] for name in INPUTS})
EMPTY = "".join((*(f"create schema {name};" for name in SCHEMAS), *map(_empty, INPUTS.values())))


@pytest.fixture
def warehouse() -> Iterator[Callable[..., Query]]:
    """Make a query function over a warehouse with every declared table, filled from text tables or frames."""
    with ExitStack() as connections:

        def build(tables: str | Mapping[str, pl.DataFrame] = "", without: tuple[str, ...] = ()) -> Query:
            connection = connections.enter_context(duckdb.connect())
            connection.execute(EMPTY)
            for name in without:
                connection.execute(f"drop table {name}")
            frames = (read_tables(tables) if tables else {}) if isinstance(tables, str) else tables
            for name, frame in frames.items():
                if name not in without:
                    connection.register("given", frame.to_arrow())
                    connection.execute(f"insert into {name} by name select * from given")
                    connection.unregister("given")
            return lambda sql: connection.sql(sql).pl()

        yield build
