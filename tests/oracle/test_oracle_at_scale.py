"""The engine against the reference reading on 200,000 random courses per criterion, a third of them hugging thresholds.

About two minutes per criterion on one core, a quarter of an hour for all, and as much again for 20,000 courses under
every set of options; run with ``make test-all``.
"""

from __future__ import annotations

from typing import Any

import pytest

from criteria.best_response import best_responses
from criteria.event_time import event_times
from criteria.registry import criterion
from criteria.timepoint import timepoint_responses
from tests.oracle.comparison import batch, compare_best, compare_responses, compare_times
from tests.oracle.evaluation import CRITERIA
from tests.oracle.option_sets import IDS, SETS

BATCHES = 10
COURSES_PER_BATCH = 20_000


@pytest.mark.slow
@pytest.mark.parametrize("name", CRITERIA)
def test_two_hundred_thousand_courses_agree(name: str) -> None:
    declared = criterion(name)
    compared = 0
    for number in range(BATCHES):
        given = batch(COURSES_PER_BATCH, seed=1_000 + number)
        responses = timepoint_responses(given.measurements, declared)
        best = best_responses(responses, declared, given.subject_frame)
        differences = [compare_responses(given, responses, name), compare_best(given, responses, best, name)]
        for profile in ("fda", "fda_sensitivity_inv", "ema_itt"):
            times = event_times(responses, best, declared, given.subject_frame, profile)
            differences.append(compare_times(given, responses, best, times, name, profile))
        assert not any(found.count for found in differences), "\n".join(map(str, differences))
        compared += differences[0].compared
    assert compared > 0.98 * BATCHES * COURSES_PER_BATCH


@pytest.mark.slow
@pytest.mark.parametrize(("name", "options"), SETS, ids=IDS)
def test_twenty_thousand_courses_agree_under_every_set_of_options(name: str, options: dict[str, Any]) -> None:
    declared = criterion(name, **options)
    for number in range(BATCHES):
        given = batch(COURSES_PER_BATCH // BATCHES, seed=9_000 + number, facts=True)
        responses = timepoint_responses(given.measurements, declared, clinical_status=given.status_frame)
        best = best_responses(responses, declared, given.subject_frame, given.status_frame)
        differences = [
            compare_responses(given, responses, name, **options),
            compare_best(given, responses, best, name, **options),
        ]
        assert not any(found.count for found in differences), "\n".join(map(str, differences))
