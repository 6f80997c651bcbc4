"""Durable response by durable_alt: more than three median PFS of the cohort (rule book 11.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from criteria.durable import durable_response, median_survival
from criteria.pattern_options import PatternOptions
from criteria.tables import EVENT_TIME
from ingestion.tables import SUBJECT
from tests.spec.table import DAY_1


def durable(text: str, arms: str = "", endpoint: str = "PFS", **options: Any) -> dict[str, str]:
    """Subjects 1, 2, ... with their PFS in days, ``+`` = censored: ``30 40 90+``; one letter per arm."""
    times = text.split()
    days = [int(item.rstrip("+")) for item in times]
    subjects = [str(number) for number in range(1, len(times) + 1)]
    frame = EVENT_TIME.conform(
        pl.DataFrame(
            {
                "study_id": "STUDY",
                "subject_id": subjects,
                "evaluator": "INVESTIGATOR",
                "criterion": "RECIST 1.1",
                "origin": "DERIVED",
                "endpoint": endpoint,
                "profile": "fda",
                "start_date": DAY_1,
                "end_date": [DAY_1 + timedelta(days=length - 1) for length in days],
                "days": days,
                "event": [not item.endswith("+") for item in times],
            }
        )
    )
    who = SUBJECT.conform(
        pl.DataFrame(
            {"study_id": "STUDY", "subject_id": subjects, "arm": list(arms) or None},
            schema_overrides={"arm": pl.String},
        )
    )
    found = durable_response(frame, who, options=PatternOptions(**options))
    return dict(found.select("subject_id", "present").rows())


@pytest.mark.parametrize(("last", "expected"), [(149, "N"), (150, "N"), (151, "Y")])
def test_11_2_durable_alt_more_than_three_medians(last: int, expected: str) -> None:
    assert durable(f"30 40 50 60 {last}")["5"] == expected


@pytest.mark.parametrize(("last", "expected"), [(150, "NOT_EVALUABLE"), (151, "Y")])
def test_11_2_durable_alt_a_censored_time_counts_once_it_has_passed_three_medians(last: int, expected: str) -> None:
    found = durable(f"30 40 50 60 {last}+")
    assert found["5"] == expected
    assert set(found.values()) == {"N", expected}


def test_11_2_durable_alt_not_evaluable_where_the_median_is_not_reached() -> None:
    assert set(durable("30 400+ 400+ 400+").values()) == {"NOT_EVALUABLE"}


def test_11_2_durable_alt_ref_same_treatment_or_whole_population() -> None:
    times, arms = "10 10 10 40 100 100 100 100", "AAAABBBB"
    assert durable(times, arms)["4"] == "Y"
    assert durable(times, arms, durable_alt_ref="whole_population")["4"] == "N"


def test_11_2_durable_alt_without_arms_the_study_is_one_cohort() -> None:
    assert durable("30 40 50 60 151")["5"] == durable("30 40 50 60 151", "AAAAA")["5"] == "Y"


@pytest.mark.parametrize(("endpoint", "known"), [("iPFS", True), ("imPFS", True), ("OS", False), ("DOR", False)])
def test_11_2_durable_alt_reads_every_criterions_PFS_and_nothing_else(endpoint: str, known: bool) -> None:
    assert bool(durable("30 40 50 60 151", endpoint=endpoint)) is known


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ("10 20 30", 20.0),
        ("10 20 30 40", 25.0),
        ("1 2 3 4 5 6 7 8 9 10", 5.5),
        ("10 20 30+ 40+", 30.0),
        ("10 20+ 30 40", 30.0),
        ("10 20+ 30+ 40+", None),
        ("10+ 10 20", 20.0),
    ],
)
def test_11_2_durable_alt_median_is_that_of_the_survival_tables(times: str, expected: float | None) -> None:
    from cohorts.kaplan_meier import kaplan_meier, quantile

    days = [int(item.rstrip("+")) for item in times.split()]
    events = [not item.endswith("+") for item in times.split()]
    frame = pl.DataFrame({"cohort": "A", "days": days, "event": events})
    found = median_survival(frame, ["cohort"])["median"].item()
    assert found == expected
    assert (found is None and not quantile(kaplan_meier(days, events), 0.5) > 0) or found == quantile(
        kaplan_meier(days, events), 0.5
    )
