"""A study's folder, and looks at what lies in its incoming/."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingestion.landing import Landed, land
from ingestion.tables import LANDING_FILE

MONDAY = datetime(2024, 3, 4, 6, 0, tzinfo=UTC)


class Inbox:
    """A study's incoming/, looked at once a day from Monday on, each time with what the look before left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"
        self.incoming.mkdir()
        self.now = MONDAY
        self.manifest = LANDING_FILE.empty()
        self.rejects: pl.DataFrame | None = None

    def put(self, name: str, content: bytes | str) -> Path:
        path = self.incoming / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def look(self, **options: Any) -> Landed:
        landed = land(
            "demo", self.incoming, self.folder / "landing", self.manifest, self.now, rejects=self.rejects, **options
        )
        self.manifest, self.rejects = landed.manifest, landed.rejects
        self.now += timedelta(days=1)
        return landed

    def kept(self, name: str) -> bytes:
        (path,) = self.manifest.filter(pl.col("current") & (pl.col("source_name") == name))["landed_path"]
        return (self.folder / path).read_bytes()

    def current(self) -> list[str]:
        return self.manifest.filter("current")["source_name"].sort().to_list()

    def blobs(self) -> int:
        return sum(path.is_file() for path in (self.folder / "landing").rglob("*"))


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)
