"""Connections to DuckDB files, all with the same settings."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.errors import explained

STORAGE_VERSION = "v1.2.0"


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that writes; the file can be read by DuckDB 1.2 and later. Raises `WarehouseError`."""
    with explained(path):
        connection = duckdb.connect(
            str(path),
            config={"storage_compatibility_version": STORAGE_VERSION, "autoinstall_known_extensions": "false"},
        )
        return _in_utc(connection)


def connect_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that only reads the file behind ``path``, links followed. Raises `WarehouseError`.

    DuckDB keeps one database per path and process: opening a link would give back what it pointed to before.
    """
    real = path.resolve()
    with explained(real):
        return _in_utc(duckdb.connect(str(real), read_only=True))


def _in_utc(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    try:
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error:
        connection.close()
        raise
    return connection
