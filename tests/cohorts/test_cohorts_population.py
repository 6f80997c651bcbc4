"""Who counts in the response rates: orr_population (section 11.2)."""

from __future__ import annotations

import polars as pl
import pytest

from cohorts.population import Population, in_population
from criteria.tables import BEST_RESPONSE
from ingestion.tables import MEASUREMENT, SUBJECT
from tests.spec.table import day

READER, OTHER = "RADIOLOGIST 1", "ACCEPTED READER"
SUBJECTS = SUBJECT.conform(
    pl.DataFrame(
        {
            "study_id": ["ST"] * 4,
            "subject_id": ["target", "non-target only", "never treated", "no assessment"],
            "first_dose_date": [day(1), day(1), None, day(1)],
        }
    )
)
READS = MEASUREMENT.conform(
    pl.DataFrame(
        {
            "study_id": ["ST"] * 4,
            "subject_id": ["target", "target", "non-target only", "never treated"],
            "evaluator": [READER] * 4,
            "timepoint": [0, 1, 0, 0],
            "lesion_id": ["T01", "T01", "NT01", "T01"],
            "role": ["TARGET", "TARGET", "NON-TARGET", "TARGET"],
        }
    )
)


def counted(population: Population, evaluator: str) -> list[str]:
    best = SUBJECTS.select("study_id", "subject_id").with_columns(
        evaluator=pl.lit(evaluator), criterion=pl.lit("RECIST 1.1"), origin=pl.lit("DERIVED")
    )
    kept = in_population(BEST_RESPONSE.conform(best), SUBJECTS, READS, population)
    return kept["subject_id"].to_list()


@pytest.mark.parametrize("evaluator", [READER, OTHER])
@pytest.mark.parametrize(
    ("population", "expected"),
    [
        ("itt", ["target", "non-target only", "never treated", "no assessment"]),
        ("treated", ["target", "non-target only", "no assessment"]),
        ("measurable", ["target", "never treated"]),
    ],
)
def test_ORR_population(population: Population, evaluator: str, expected: list[str]) -> None:
    assert counted(population, evaluator) == expected
