"""Rows measured from images beside rows received in forms."""

from __future__ import annotations

import polars as pl

from criteria.table import Table


def merged(table: Table, forms: pl.DataFrame, measured: pl.DataFrame) -> pl.DataFrame:
    """The rows of both; forms keep their keys.

    Where a form has the key of a measured row, both stay: the measured one under its evaluator's name with the source
    in brackets, as READER 1 (SEG). A table without evaluator (core.pet_scan) has one row a scan: what the form knows
    and the image does not (glucose, fasting, cycles) completes the measured row.
    """
    forms, measured = table.conform(forms), table.conform(measured)
    if "evaluator" not in table.key:
        return _completed(table, forms, measured)
    taken = measured.join(forms, on=table.key, how="semi")
    free = measured.join(forms, on=table.key, how="anti")
    source = pl.col("measured_from") if "measured_from" in table.schema else pl.lit("IMAGE")
    renamed = taken.with_columns(evaluator=pl.format("{} ({})", "evaluator", source))
    return table.conform(pl.concat([forms, free, renamed])).sort(table.key)


def _completed(table: Table, forms: pl.DataFrame, measured: pl.DataFrame) -> pl.DataFrame:
    """Forms and images of one visit, the scan's row completed by the form where only one scan was quantified."""
    place = ["study_id", "subject_id", "timepoint"]
    others = [name for name in table.schema if name not in (*table.key, *place)]
    by_visit = forms.unique(place, keep="first", maintain_order=True).select(*place, *others)
    joined = measured.join(by_visit, on=place, how="left", suffix="_form", maintain_order="left")
    completed = joined.with_columns(pl.coalesce(name, f"{name}_form").alias(name) for name in others)
    rest = forms.join(measured, on=place, how="anti")
    return table.conform(pl.concat([completed.select(list(table.schema)), rest])).sort(table.key)
