"""A warehouse in memory, made from the table declarations and small text tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import duckdb
import polars as pl
import pytest

from quality.check_views import INPUTS
from quality.run import Query
from tests.quality.text_tables import read_tables


@pytest.fixture
def warehouse() -> Iterator[Callable[..., Query]]:
    """Make a query function over a warehouse with every declared table, filled from text tables or frames."""
    with ExitStack() as connections:

        def build(tables: str | Mapping[str, pl.DataFrame] = "", without: tuple[str, ...] = ()) -> Query:
            connection = connections.enter_context(duckdb.connect())
            for schema in {name.partition(".")[0] for name in INPUTS}:
                connection.execute(f"create schema {schema}")
            frames = (read_tables(tables) if tables else {}) if isinstance(tables, str) else tables
            for name, table in INPUTS.items():
                if name in without:
                    continue
                connection.register("given", frames.get(name, table.empty()).to_arrow())
                connection.execute(f"create table {name} as select * from given")
                connection.unregister("given")
            return lambda sql: connection.sql(sql).pl()

        yield build
