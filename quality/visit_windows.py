"""The visit windows of a protocol as a table, for the rules and the compliance of visits."""

from __future__ import annotations

import polars as pl

from protocol.model import Visits
from quality.tables import VISIT_WINDOW


def visit_windows(study_id: str, visits: Visits) -> pl.DataFrame:
    """The protocol's visit windows; visits without one of their own have the general window (visit ``*``)."""
    own = [(study_id, planned.visit, planned.day, planned.before, planned.after) for planned in visits.schedule]
    general = (study_id, "*", None, visits.window_days, visits.window_days)
    rows = [*own, general]
    return VISIT_WINDOW.conform(pl.DataFrame(rows, schema=VISIT_WINDOW.schema, orient="row"))
