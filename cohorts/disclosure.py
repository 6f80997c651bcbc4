"""Small-cell suppression: published aggregates that would tell of single subjects are withheld."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from criteria.table import Table

Counts = Mapping[str, str | None]

COUNTS: Mapping[str, Counts] = MappingProxyType(
    {
        "mart.response_rate": {"subjects": None, "responders": "subjects"},
        "mart.response_difference": {
            "subjects": None,
            "responders": "subjects",
            "reference_subjects": None,
            "reference_responders": "reference_subjects",
        },
        "mart.survival_summary": {"subjects": None, "events": "subjects", "censored": "subjects"},
        "mart.survival_landmark": {"at_risk": None},
        "mart.survival_curve": {"at_risk": None},
        "mart.subgroup_effect": {
            "subjects": None,
            "events": "subjects",
            "reference_subjects": None,
            "reference_events": "reference_subjects",
        },
        "mart.criteria_concordance": {"subjects": None},
        "mart.reader_agreement": {"subjects": None, "agreed": "subjects"},
        "mart.discordance_cause": {"subjects": None},
        "mart.lesion_response_rate": {"subjects": None, "responding": "lesions", "complete": "lesions"},
    }
)
"""The count columns of the aggregate tables; of a part its complement is a cell too."""


def suppressed(frame: pl.DataFrame, table: Table, smallest_cell: int) -> pl.DataFrame:
    """The frame of an aggregate table without the values of rows that show a cell of 1 to ``smallest_cell`` - 1.

    A cell is a count or the difference between a part and its total (5 of 6 responders tell of one subject). Every
    column outside the key is null in such a row; 0 is no small cell. ``smallest_cell`` 0 or 1 withholds nothing; a
    table without declared counts is returned as it is.
    """
    counts = COUNTS.get(table.name)
    if counts is None or smallest_cell <= 1:
        return frame
    cells = [pl.col(name) for name in counts]
    cells += [pl.col(whole) - pl.col(part) for part, whole in counts.items() if whole is not None]
    small = pl.any_horizontal(cell.is_between(1, smallest_cell - 1) for cell in cells).fill_null(False)
    values = [name for name in table.schema if name not in table.key]
    return table.conform(frame.with_columns(pl.when(~small).then(pl.col(name)).alias(name) for name in values))
