"""The components of itRECIST agree with the reference reading on random courses with injected lesions."""

from __future__ import annotations

import random
from itertools import groupby
from typing import Any

import polars as pl
import pytest

from criteria.injected_responses import injected_responses
from criteria.registry import criterion
from ingestion.tables import MEASUREMENT
from tests.oracle.comparison import same
from tests.oracle.courses import many_courses
from tests.oracle.injected import inject
from tests.oracle.injected import injected_responses as expected_responses

COURSES = 1500


@pytest.mark.parametrize(("reference", "new_in_class"), [("both", False), ("baseline_nadir", False), ("both", True)])
def test_components_agree(reference: str, new_in_class: bool) -> None:
    pick = random.Random(31)
    rows = many_courses(COURSES, seed=20240107)[0]
    courses = {
        subject: inject(list(course), pick) for subject, course in groupby(rows, key=lambda row: str(row["subject_id"]))
    }
    marked = [row for course in courses.values() for row in course]
    measurements = pl.DataFrame(
        {name: [row.get(name) for row in marked] for name in MEASUREMENT.schema}, schema=MEASUREMENT.schema
    )
    declared = criterion("itRECIST", itrecist_injected_reference=reference, itrecist_new_injected_in_TI=new_in_class)
    found = injected_responses(measurements, declared)
    engine = {(row["subject_id"], row["timepoint"]): row for row in found.to_dicts()}
    expected = {
        (subject, row["timepoint"]): row
        for subject, course in courses.items()
        for row in expected_responses(course, reference=reference, new_in_class=new_in_class)
    }
    assert engine.keys() == expected.keys()
    assert len(expected) > 3 * COURSES
    assert [d for key, row in expected.items() for d in differences(row, engine[key])] == []


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """The columns that differ; sums are compared in hundredths of a millimetre."""
    named = {
        name: value / 100 if name.endswith("_sum") and value is not None else value for name, value in expected.items()
    }
    return [
        f"{found['subject_id']} time point {found['timepoint']}, {name}: {value} expected, {found[name]} found"
        for name, value in named.items()
        if not same(value, found[name])
    ]
