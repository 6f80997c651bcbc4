"""What an asset says of a table it made: rows, columns with their meanings, and what could not be used."""

from typing import Any

import dagster as dg
import polars as pl

from assets.tables import BY_NAME
from criteria.table import Table
from warehouse.ddl import sql_type


def asset_key(table: str) -> dg.AssetKey:
    """The asset key of ``layer.table``."""
    return dg.AssetKey(table.split("."))


def spec(table: str, deps: tuple[str, ...], kinds: set[str], **more: Any) -> dg.AssetSpec:
    """The asset of a declared table: its meaning as description, its layer as group."""
    return dg.AssetSpec(
        asset_key(table),
        deps=[asset_key(name) for name in deps],
        group_name=table.split(".", maxsplit=1)[0],
        description=BY_NAME[table].meaning if table in BY_NAME else None,
        kinds={"duckdb", *kinds},
        metadata={"dagster/column_schema": column_schema(BY_NAME[table])} if table in BY_NAME else None,
        **more,
    )


def column_schema(table: Table) -> dg.TableSchema:
    """The declared columns for Dagster's catalogue."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(column.name, sql_type(column.dtype), description=column.meaning) for column in table.columns
        ]
    )


def materialized(table: str, rows: int, rejects: pl.DataFrame | None = None, **metadata: Any) -> dg.MaterializeResult:
    """A materialisation with its row count, and the number of rejects where rows can be rejected."""
    if rejects is not None:
        metadata["rejects"] = rejects.height
    return dg.MaterializeResult(asset_key=asset_key(table), metadata={"dagster/row_count": rows, **metadata})
