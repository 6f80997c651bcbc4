"""The engine agrees with the reference reading under every option, with what is said beside the sizes."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from criteria.best_response import best_responses
from criteria.registry import criterion
from criteria.timepoint import timepoint_responses
from ingestion.tables import MEASUREMENT
from tests.oracle import evaluation
from tests.oracle.comparison import Batch, Row, batch, compare_best, compare_responses, same
from tests.oracle.courses import courses
from tests.oracle.option_sets import IDS, SETS

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def many() -> Batch:
    return batch(150, seed=20240301, facts=True)


@pytest.mark.parametrize(("name", "options"), SETS, ids=IDS)
def test_responses_and_best_responses_agree(many: Batch, name: str, options: dict[str, Any]) -> None:
    declared = criterion(name, **options)
    responses = timepoint_responses(many.measurements, declared, clinical_status=many.status_frame)
    best = best_responses(responses, declared, many.subject_frame, many.status_frame)
    differences = [
        compare_responses(many, responses, name, **options),
        compare_best(many, responses, best, name, **options),
    ]
    assert not any(found.count for found in differences), "\n".join(map(str, differences))


@given(
    rows=st.one_of(courses(facts=True), courses(facts=True, hugging=True)),
    chosen=st.sampled_from([*enumerate(SETS)]),
)
@FEW
def test_a_course_that_differs_is_shrunk_to_a_small_one(
    rows: list[Row], chosen: tuple[int, tuple[str, dict[str, Any]]]
) -> None:
    """Hypothesis makes the courses here, so that a difference comes down to few lesions and time points."""
    name, options = chosen[1]
    own = {"study_id": "S", "subject_id": "1", "evaluator": "INVESTIGATOR"}
    columns = {column: [(row | own).get(column) for row in rows] for column in MEASUREMENT.schema}
    frame = pl.DataFrame(columns, schema=MEASUREMENT.schema)
    found = timepoint_responses(frame, criterion(name, **options)).sort("assessment_date", "timepoint").to_dicts()
    expected = evaluation.timepoint_responses(rows, name, **options)
    for column in ("overall_response", "baseline_sum", "nadir_sum"):
        pairs = [
            (one["timepoint"], one[column], other[column])
            for one, other in zip(expected, found, strict=True)
            if other["overall_response"] != "NA" and not same(one[column], other[column])
        ]
        assert pairs == [], (name, options, column)
