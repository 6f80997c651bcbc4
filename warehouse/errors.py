"""What can go wrong with a database file, told so that the reader knows what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

LOCKED = re.compile(r"Could not set lock on file|Conflicting lock is held")
HOLDER = re.compile(r"Conflicting lock is held in (?P<program>.*?) ?\(PID (?P<pid>\d+)\)")
FULL = re.compile(r"No space left on device|Disk quota exceeded|ENOSPC", re.IGNORECASE)
SHORT_WRITE = re.compile(r"Could not write (all|enough) bytes", re.IGNORECASE)
CORRUPT = re.compile(
    r"Corrupt database file|not a valid DuckDB database file|Could not read enough bytes|"
    r"Failed to (load|deserialize)|database has been invalidated|was created with a newer|Trying to read a database",
    re.IGNORECASE,
)


class WarehouseError(RuntimeError):
    """A database file cannot be opened, read or written; the message says what to do."""


class LockedError(WarehouseError):
    """Another process holds the file."""


class DiskFullError(WarehouseError):
    """There is no room; nothing was half-written."""


class CorruptFileError(WarehouseError):
    """The file is damaged or is no DuckDB file of a version that can be read."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn DuckDB's errors on the file ``path`` into a `WarehouseError` that says what happened and what to do."""
    try:
        yield
    except duckdb.Error as error:
        raise explain(path, str(error)) from error


def explain(path: Path, message: str) -> WarehouseError:
    """The `WarehouseError` for DuckDB's ``message`` about the file ``path``."""
    if LOCKED.search(message):
        found = HOLDER.search(message)
        holder = f"process {found['pid']} ({found['program']})" if found else "another process"
        return LockedError(f"{path} is in use by {holder}: wait until it has finished, or end it, then try again")
    if FULL.search(message) or SHORT_WRITE.search(message):
        return DiskFullError(f"the disk of {path} is full; nothing was changed: free some space and try again")
    if CORRUPT.search(message):
        return CorruptFileError(
            f"{path} is damaged or not readable by DuckDB {duckdb.__version__} ({message.splitlines()[0]}): "
            "put it aside and refresh the study (the working file is made anew from landing), "
            "or take the file from a backup"
        )
    return WarehouseError(f"{path}: {message}")
