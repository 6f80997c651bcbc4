"""Lesions that are drawn no more (section 0: not measured is not gone, unless the protocol says so)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from ingestion.pet_tables import PET_LESION, PET_REFERENCE
from pet.undrawn import with_undrawn
from protocol.pet_options import DEFAULT

GONE = replace(DEFAULT, undrawn_lesion="RESOLVED")
COURSE = {"study_id": "S", "subject_id": "P-01", "evaluator": "READER"}


def drawn(**by_timepoint: str) -> pl.DataFrame:
    """Lesions by time point: t0="L1 L2"."""
    rows = [
        {**COURSE, "timepoint": int(at[1:]), "visit": at, "lesion_id": name, "organ": "LUNG", "status": "PRESENT"}
        for at, names in by_timepoint.items()
        for name in names.split()
    ]
    return PET_LESION.conform(pl.DataFrame(rows, schema_overrides={"timepoint": pl.Int32}))


def liver(timepoint: int, flags: str | None = None) -> pl.DataFrame:
    row: dict[str, Any] = {**COURSE, "timepoint": timepoint, "visit": f"t{timepoint}", "region": "LIVER"}
    return PET_REFERENCE.conform(pl.DataFrame([{**row, "flags": flags}], schema_overrides={"flags": pl.String}))


@pytest.mark.parametrize(
    ("lesions", "references", "gone"),
    [
        (drawn(t0="L1 L2", t1="L1"), PET_REFERENCE.empty(), [(1, "L2")]),
        (drawn(t0="L1", t1="L1 N1", t2="L1"), PET_REFERENCE.empty(), [(2, "N1")]),
        (drawn(t0="L1"), liver(1), [(1, "L1")]),
        (drawn(t0="L1"), liver(1, "CENTRE_FROM_BASELINE"), []),
        (drawn(t0="L1"), PET_REFERENCE.empty(), []),
        (drawn(t0="L1", t1="N1", t2="L1 N1"), PET_REFERENCE.empty(), [(1, "L1")]),
    ],
)
def test_a_lesion_is_gone_where_its_reader_drew_and_left_it_out(
    lesions: pl.DataFrame, references: pl.DataFrame, gone: list[tuple[int, str]]
) -> None:
    found = with_undrawn(lesions, references, GONE).filter(status="RESOLVED")
    assert found.select("timepoint", "lesion_id").rows() == gone
    assert set(found["organ"]) <= {"LUNG"} and found["suv_max"].null_count() == found.height


def test_by_default_it_is_not_measured() -> None:
    lesions = drawn(t0="L1 L2", t1="L1")
    assert with_undrawn(lesions, PET_REFERENCE.empty(), DEFAULT).equals(lesions)
