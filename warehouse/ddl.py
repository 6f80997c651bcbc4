"""From a declared table to SQL: the only way in which declared tables are made."""

from __future__ import annotations

import polars as pl
from polars.datatypes import DataTypeClass

from criteria.table import Column, Dtype, Table

SIMPLE_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Enum: "VARCHAR",
    pl.Categorical: "VARCHAR",
    pl.Binary: "BLOB",
    pl.Boolean: "BOOLEAN",
    pl.Int8: "TINYINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.UInt8: "UTINYINT",
    pl.UInt16: "USMALLINT",
    pl.UInt32: "UINTEGER",
    pl.UInt64: "UBIGINT",
    pl.Float32: "FLOAT",
    pl.Float64: "DOUBLE",
    pl.Date: "DATE",
    pl.Time: "TIME",
}
TIMESTAMPS = {"ms": "TIMESTAMP_MS", "us": "TIMESTAMP", "ns": "TIMESTAMP_NS"}


class UnsupportedTypeError(TypeError):
    """A declared type has no column type in DuckDB."""


def identifier(name: str) -> str:
    """The name quoted for SQL; dots are part of the name."""
    return '"' + name.replace('"', '""') + '"'


def qualified(name: str) -> str:
    """``layer.table`` quoted for SQL, part by part."""
    return ".".join(identifier(part) for part in name.split(".", 1))


def literal(text: str) -> str:
    """The text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def sql_type(dtype: Dtype | DataTypeClass) -> str:
    """DuckDB's name of a Polars type, as DuckDB itself reports it; raises `UnsupportedTypeError`."""
    if isinstance(dtype, pl.List):
        return f"{sql_type(dtype.inner)}[]"
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is None:
            return TIMESTAMPS[dtype.time_unit]
        if dtype.time_unit == "us":
            return "TIMESTAMP WITH TIME ZONE"
        raise UnsupportedTypeError(f"a timestamp with a time zone is kept in microseconds, not {dtype}")
    base = dtype.base_type()
    if base not in SIMPLE_TYPES:
        raise UnsupportedTypeError(f"no column type for {dtype}")
    return SIMPLE_TYPES[base]


def column_comment(column: Column) -> str:
    """The meaning of a column with its unit in brackets."""
    return column.meaning if column.unit is None else f"{column.meaning} [{column.unit}]"


def create_schema(table: Table) -> str:
    """``CREATE SCHEMA`` for the layer of a table."""
    return f"CREATE SCHEMA IF NOT EXISTS {identifier(schema_of(table.name))}"


def create_table(table: Table) -> list[str]:
    """``CREATE TABLE`` and the comments of a declared table; key columns are NOT NULL."""
    columns = ", ".join(
        f"{identifier(c.name)} {sql_type(c.dtype)}{' NOT NULL' if c.name in table.key else ''}" for c in table.columns
    )
    return [f"CREATE TABLE {qualified(table.name)} ({columns})", *comments(table)]


def comments(table: Table, kind: str = "TABLE") -> list[str]:
    """``COMMENT ON`` for a table (or, ``kind="VIEW"``, a view) and each of its columns."""
    name = qualified(table.name)
    return [
        f"COMMENT ON {kind} {name} IS {literal(table.meaning)}",
        *(f"COMMENT ON COLUMN {name}.{identifier(c.name)} IS {literal(column_comment(c))}" for c in table.columns),
    ]


def schema_of(name: str) -> str:
    """The layer in ``layer.table``."""
    return name.split(".", 1)[0]
