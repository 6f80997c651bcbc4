"""Where the command line keeps what is no study's own."""

from __future__ import annotations

from pathlib import Path


def dagster_home(home: Path) -> Path:
    """Where Dagster keeps the runs of the studies below ``home``."""
    return home / ".dagster"
