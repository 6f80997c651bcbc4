"""The data dictionary, made from the declarations."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from criteria.table import Table
from warehouse.ddl import sql_type
from warehouse.tables import DICTIONARY


def dictionary(tables: Iterable[Table]) -> pl.DataFrame:
    """Every column of the tables with type, unit, permitted values and meaning (`warehouse.tables.DICTIONARY`)."""
    rows = [
        {
            "schema_name": table.name.split(".", 1)[0],
            "table_name": table.name.split(".", 1)[1],
            "column_name": column.name,
            "position": position,
            "type": sql_type(column.dtype),
            "unit": column.unit,
            "is_key": column.name in table.key,
            "allowed": " | ".join(column.allowed) if column.allowed is not None else None,
            "meaning": column.meaning,
            "table_meaning": table.meaning,
        }
        for table in tables
        for position, column in enumerate(table.columns, start=1)
    ]
    return DICTIONARY.conform(pl.DataFrame(rows, schema=DICTIONARY.schema))
