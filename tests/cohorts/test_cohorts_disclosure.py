"""Small-cell suppression: a cell and its complement, keys that stay, tables that count nobody."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cohorts.disclosure import COUNTS, suppressed
from cohorts.response_rate import response_rate
from cohorts.tables import RESPONSE_RATE, TABLES
from criteria.tables import BEST_RESPONSE

BY_NAME = {table.name: table for table in TABLES}


def rates(responders: int, subjects: int) -> pl.DataFrame:
    best = pl.DataFrame({"subject_id": [f"{n:03}" for n in range(subjects)]}).with_columns(
        study_id=pl.lit("ST-1"),
        evaluator=pl.lit("SITE"),
        criterion=pl.lit("RECIST 1.1"),
        origin=pl.lit("DERIVED"),
        best_response=pl.when(pl.int_range(pl.len()) < responders).then(pl.lit("PR")).otherwise(pl.lit("PD")),
    )
    nobody = {"study_id": pl.String, "subject_id": pl.String, "arm": pl.String, "cohort": pl.String}
    frame = response_rate(BEST_RESPONSE.conform(best), pl.DataFrame(schema=nobody))
    return frame.filter(pl.col("measure") == "ORR")


@pytest.mark.parametrize(
    ("responders", "subjects", "shown"),
    [
        (5, 20, True),
        (0, 20, True),
        (20, 20, True),
        (4, 20, False),  # a small numerator
        (16, 20, False),  # its complement
        (0, 4, False),  # a small group
        (15, 20, True),
    ],
)
def test_a_row_with_a_cell_of_one_to_four_is_withheld(responders: int, subjects: int, shown: bool) -> None:
    row = suppressed(rates(responders, subjects), RESPONSE_RATE, smallest_cell=5).row(0, named=True)
    assert (row["rate"] is not None) == shown
    assert (row["subjects"] is not None) == shown
    assert (row["measure"], row["group_value"]) == ("ORR", "ALL")


@pytest.mark.parametrize("smallest_cell", [0, 1])
def test_nothing_is_withheld_without_a_smallest_cell(smallest_cell: int) -> None:
    assert_frame_equal(suppressed(rates(1, 20), RESPONSE_RATE, smallest_cell), rates(1, 20))


def test_tables_of_single_subjects_are_not_touched() -> None:
    frame = BY_NAME["mart.adjudication"].empty()
    assert_frame_equal(suppressed(frame, BY_NAME["mart.adjudication"], 5), frame)


def test_declared_counts_are_columns_of_their_tables() -> None:
    unknown = {
        (name, column)
        for name, counts in COUNTS.items()
        for column in {*counts, *(whole for whole in counts.values() if whole)}
        if column not in BY_NAME[name].schema
    }
    assert unknown == set()


def test_every_aggregate_with_a_count_of_subjects_declares_its_cells() -> None:
    counting = {table.name for table in TABLES if {"subjects", "at_risk"} & set(table.schema)}
    assert counting - set(COUNTS) == set()
