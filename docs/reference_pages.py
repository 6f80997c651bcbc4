"""The data dictionary, from the declarations of the tables."""

from __future__ import annotations

from collections.abc import Iterable

from assets.tables import TABLES
from criteria.table import Column, Table
from docs.markdown import page, table
from warehouse.ddl import sql_type
from warehouse.tables import AUDIT_TABLES, VIEWS


def data_dictionary() -> str:
    """Every table and view of a release with its columns, types, units and meanings."""
    views = tuple(view.table for view in VIEWS)
    tables = sorted((*TABLES, *views, *AUDIT_TABLES), key=lambda declared: declared.name)
    return page(
        "# Data dictionary",
        "The tables of a study's working file and of its releases, in DuckDB's types; key columns are marked. In a "
        "release the same text stands in `audit.dictionary`.",
        table(("table", "meaning"), ((f"[{t.name}](#{_anchor(t.name)})", t.meaning) for t in tables)),
        *(block for declared in tables for block in _table(declared, declared in views)),
    )


def _table(declared: Table, is_view: bool) -> Iterable[str]:
    yield f"## {declared.name}"
    yield f"{declared.meaning}." + (" A view." if is_view else "")
    yield table(
        ("column", "key", "type", "unit", "meaning", "values"),
        (
            (
                f"`{column.name}`",
                "key" if column.name in declared.key else "",
                sql_type(column.dtype),
                column.unit,
                column.meaning,
                _allowed(column),
            )
            for column in declared.columns
        ),
    )


def _allowed(column: Column) -> str:
    return ", ".join(f"`{value}`" for value in column.allowed or ())


def _anchor(name: str) -> str:
    return name.replace(".", "").lower()
