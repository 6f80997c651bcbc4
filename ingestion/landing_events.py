"""What became of each file between two looks (`ingestion.tables.LANDING_EVENT`)."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from ingestion.tables import LANDING_EVENT

NAME, CONTENT = "source_name", "sha256"


def events(study_id: str, before: pl.DataFrame, after: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """One row per file that came, changed or went between two manifests (`LANDING_FILE`), sorted by name.

    A file that went and whose content came under another name has moved; of several such files the names are paired
    in their order. A file that came under a new name, while another file has that content, is a duplicate of it.
    """
    was, is_ = _current(before), _current(after)
    came = is_.join(was, on=NAME, how="anti")
    went = was.join(is_, on=NAME, how="anti")
    replaced = is_.join(was.rename({CONTENT: "previous_sha256"}), on=NAME).filter(
        pl.col(CONTENT) != pl.col("previous_sha256")
    )
    moved = _numbered(came).join(_numbered(went).rename({NAME: "other_name"}), on=[CONTENT, "number"]).drop("number")
    came = came.join(moved, on=NAME, how="anti")
    went = went.join(moved, left_on=NAME, right_on="other_name", how="anti")
    returned = came.join(before, on=[NAME, CONTENT], how="semi")
    came = came.join(returned, on=NAME, how="anti")
    duplicate = _duplicates(came, is_)
    arrived = came.join(duplicate, on=NAME, how="anti")
    kinds = {
        "ARRIVED": arrived, "REPLACED": replaced, "MOVED": moved,
        "DELETED": went, "RETURNED": returned, "DUPLICATE": duplicate,
    }  # fmt: skip
    rows = pl.concat([frame.with_columns(event=pl.lit(kind)) for kind, frame in kinds.items()], how="diagonal")
    moment = pl.lit(now, dtype=LANDING_EVENT.schema["landed_at"])
    return LANDING_EVENT.conform(rows.with_columns(study_id=pl.lit(study_id), landed_at=moment).sort(NAME))


def _current(manifest: pl.DataFrame) -> pl.DataFrame:
    return manifest.filter("current").select(NAME, CONTENT).sort(NAME)


def _numbered(files: pl.DataFrame) -> pl.DataFrame:
    return files.with_columns(number=pl.int_range(pl.len()).over(CONTENT))


def _duplicates(came: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    """Files among those that came whose content another file has: one that was there, else the first by name."""
    order = pl.col(NAME).is_in(came[NAME].implode())
    first = files.sort(order, NAME).unique(CONTENT, keep="first", maintain_order=True).rename({NAME: "other_name"})
    return came.join(first, on=CONTENT).filter(pl.col(NAME) != pl.col("other_name"))
