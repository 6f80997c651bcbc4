"""What the steps of a refresh read and wrote, so that one whose inputs are as they were need not be repeated.

Every table of the working file has a version, which rises only when other rows are put into it. They stand in the
schema ``work``, which no release has.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

_COLUMNS = {
    "work.table_version": {"name": ("VARCHAR", "table"), "version": ("BIGINT", "how often its rows became others")},
    "work.step": {
        "name": ("VARCHAR", "step of the refresh"),
        "key": ("VARCHAR", "hash over protocol and code"),
        "reads": ("JSON", "versions of the tables that it read"),
        "writes": ("JSON", "versions of the tables that it wrote"),
        "results": ("JSON", "what it said of them"),
    },
}
CREATE = (
    "CREATE SCHEMA IF NOT EXISTS work",
    *(
        f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(f'{name} {kind}' for name, (kind, _) in columns.items())})"
        for table, columns in _COLUMNS.items()
    ),
    *(
        f"COMMENT ON COLUMN {table}.{name} IS '{meaning}'"
        for table, columns in _COLUMNS.items()
        for name, (_, meaning) in columns.items()
    ),
)


@dataclass(slots=True)
class Trace:
    """The tables that were read and written; not ``exact`` when others may have been read by a query."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    exact: bool = True

    def clear(self) -> None:
        """Forget what was seen."""
        self.reads.clear()
        self.writes.clear()
        self.exact = True


def raise_version(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Note that the table has other rows now; within the transaction that changes them."""
    version = versions(connection).get(name, 0)
    connection.execute("DELETE FROM work.table_version WHERE name = ?", [name])
    connection.execute("INSERT INTO work.table_version VALUES (?, ?)", [name, version + 1])


def versions(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The version of every table that was ever put."""
    return dict(connection.execute("SELECT name, version FROM work.table_version").fetchall())


def results_of_unchanged(connection: duckdb.DuckDBPyConnection, step: str, key: str) -> list[Any] | None:
    """What the step gave when it ran last under this ``key``; None when a table that it read or wrote has changed."""
    found = connection.execute("SELECT reads, writes, results FROM work.step WHERE name = ? AND key = ?", [step, key])
    row = found.fetchone()
    if row is None:
        return None
    reads, writes, results = (json.loads(part) for part in row)
    now = versions(connection)
    same = all(now.get(name, 0) == version for name, version in {**reads, **writes}.items())
    return list(results) if same else None


def record_step(
    connection: duckdb.DuckDBPyConnection, step: str, key: str, trace: Trace, results: Sequence[Any]
) -> None:
    """Note what a step read, wrote and gave; nothing is noted of one whose reads are not known exactly."""
    connection.execute("DELETE FROM work.step WHERE name = ?", [step])
    if not trace.exact:
        return
    now = versions(connection)
    reads, writes = ({name: now.get(name, 0) for name in sorted(names)} for names in (trace.reads, trace.writes))
    row = [step, key, *(json.dumps(part) for part in (reads, writes, results))]
    connection.execute("INSERT INTO work.step VALUES (?, ?, ?, ?, ?)", row)
