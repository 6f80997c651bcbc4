"""What could not be used: rejected rows and files, each with its reason and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from ingestion.tables import REJECT


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a frame of received rows came from."""

    name: str
    sha256: str


class Parsed(NamedTuple):
    """A canonical frame and what did not make it into that frame (`ingestion.tables.REJECT`)."""

    frame: pl.DataFrame
    rejects: pl.DataFrame


def no_rejects() -> pl.DataFrame:
    """An empty frame of rejects."""
    return REJECT.empty()
