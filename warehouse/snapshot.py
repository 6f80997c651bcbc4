"""Copies of the working tables in a file of their own, with comments and the statisticians' views, and as Parquet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from criteria.table import Table
from warehouse import ddl
from warehouse.connection import connect
from warehouse.dictionary import dictionary
from warehouse.errors import explained
from warehouse.store import Warehouse
from warehouse.tables import DICTIONARY, VIEWS, View

GIVEN = "given_rows"


@dataclass(frozen=True, slots=True)
class Content:
    """What a table or view of a snapshot holds: ``content_sha256`` does not depend on the order of the rows."""

    rows: int
    content_sha256: str


def snapshot(
    warehouse: Warehouse, database: Path, parquet: Path, schemas: Collection[str], given: Mapping[str, pl.DataFrame]
) -> dict[str, Content]:
    """Write the declared tables of the schemas, sorted by their keys, to Parquet files and to a new DuckDB file.

    Tables in ``given`` take these rows instead of the warehouse's; the data dictionary speaks of what is in the file.
    The new file belongs to a database instance of its own, since one that meets a full disk is of no more use.
    Returns the content by table and view. Raises `warehouse.errors.WarehouseError`.
    """
    tables = [table for name, table in sorted(warehouse.tables.items()) if ddl.schema_of(name) in schemas]
    views = _views(tables, schemas)
    given = {**given, DICTIONARY.name: dictionary([*tables, *(view.table for view in views)])}
    parquet.mkdir()
    with explained(database), closing(connect(database)) as connection:
        connection.execute("BEGIN")
        for table in tables:
            connection.execute(ddl.create_schema(table))
            connection.execute("; ".join(ddl.create_table(table)))
            if table.name in given:
                _insert(connection, table, given[table.name])
                _export(connection, table, parquet)
            else:
                _export(warehouse.connection, table, parquet)
                source = ddl.literal(str(_parquet_file(table, parquet)))
                connection.execute(
                    f"INSERT INTO {ddl.qualified(table.name)} BY NAME SELECT * FROM read_parquet({source})"
                )
        for view in views:
            connection.execute(f"CREATE VIEW {ddl.qualified(view.table.name)} AS {view.select()}")
            connection.execute("; ".join(ddl.comments(view.table, kind="VIEW")))
            _export(connection, view.table, parquet)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
        everything = [*tables, *(view.table for view in views)]
        return {table.name: _content(connection, _parquet_file(table, parquet)) for table in everything}


def _views(tables: list[Table], schemas: Collection[str]) -> list[View]:
    """The views whose tables are all there."""
    names = {table.name for table in tables}
    return [view for view in VIEWS if names.issuperset(view.reads) and ddl.schema_of(view.table.name) in schemas]


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, frame: pl.DataFrame) -> None:
    connection.register(GIVEN, table.conform(frame))
    try:
        connection.execute(f"INSERT INTO {ddl.qualified(table.name)} BY NAME SELECT * FROM {GIVEN}")
    finally:
        connection.unregister(GIVEN)


def _export(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> None:
    """Write the declared columns to Parquet, sorted by the key, without one by all columns."""
    columns = ", ".join(ddl.identifier(column) for column in table.schema)
    order = ", ".join(ddl.identifier(column) for column in table.key) or "ALL"
    path = ddl.literal(str(_parquet_file(table, folder)))
    select = f"SELECT {columns} FROM {ddl.qualified(table.name)} ORDER BY {order}"
    connection.execute(f"COPY ({select}) TO {path} (FORMAT parquet)")


def _parquet_file(table: Table, folder: Path) -> Path:
    return folder / f"{table.name}.parquet"


def _content(connection: duckdb.DuckDBPyConnection, parquet: Path) -> Content:
    """Number of rows, and one SHA-256 over the sorted SHA-256 of every row written as JSON."""
    rows, digest = connection.execute(
        "SELECT count(*), sha256(coalesce(string_agg(row_hash, '' ORDER BY row_hash), '')) FROM ("
        "SELECT sha256(to_json(one_row)::VARCHAR) AS row_hash "
        f"FROM read_parquet({ddl.literal(str(parquet))}) AS one_row)"
    ).fetchall()[0]
    return Content(rows, digest)
