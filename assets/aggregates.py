"""Putting an aggregate table without its small cells."""

import dagster as dg
import polars as pl

from assets.reporting import materialized
from assets.session import StudySession
from assets.tables import BY_NAME
from cohorts.disclosure import suppressed
from warehouse.store import Warehouse


def put_aggregate(session: StudySession, warehouse: Warehouse, table: str, frame: pl.DataFrame) -> dg.MaterializeResult:
    """Put the frame of an aggregate table; rows with a small cell go without their values (cohorts.smallest_cell)."""
    shown = suppressed(frame, BY_NAME[table], session.study.protocol.cohorts.smallest_cell)
    return materialized(table, warehouse.put(table, shown))
