"""The rows of a forest plot: the arm's effect within every subgroup, from the same estimators as the whole cohort."""

from __future__ import annotations

import polars as pl
import pytest

from cohorts.comparison import hazard_ratios
from cohorts.response_difference import newcombe
from cohorts.subgroup_effect import subgroup_effect
from criteria.tables import BEST_RESPONSE, EVENT_TIME
from ingestion.tables import SUBJECT_GROUP

TRIAL = """
01 A F 3  PR
02 A F 7  PR
03 A M 11+ PD
04 A M 19 PD
05 B F 2  PD
06 B F 9  PR
07 B M 4  PD
08 B M 6+ PD
"""


def frames(text: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Event times, best responses, subjects and subgroups of lines 'subject arm sex months best', + = censored."""
    rows = [line.split() for line in text.strip().splitlines()]
    read = {
        "study_id": pl.lit("ST-1"),
        "evaluator": pl.lit("SITE"),
        "criterion": pl.lit("RECIST 1.1"),
        "origin": pl.lit("DERIVED"),
    }
    people = pl.DataFrame(rows, schema=["subject_id", "arm", "sex", "time", "best_response"], orient="row")
    times = people.select(
        "subject_id",
        months=pl.col("time").str.strip_suffix("+").cast(pl.Float64),
        event=~pl.col("time").str.ends_with("+"),
    ).with_columns(**read, endpoint=pl.lit("PFS"), profile=pl.lit("fda"))
    best = people.select("subject_id", "best_response").with_columns(**read)
    subject = people.select("subject_id", "arm", study_id=pl.lit("ST-1"), cohort=pl.lit(None, dtype=pl.String))
    groups = people.select("subject_id", study_id=pl.lit("ST-1"), grouping=pl.lit("SEX"), value="sex")
    return EVENT_TIME.conform(times), BEST_RESPONSE.conform(best), subject, SUBJECT_GROUP.conform(groups)


def effect(found: pl.DataFrame, measure: str, group_value: str) -> dict[str, object]:
    return found.row(by_predicate=(pl.col("measure") == measure) & (pl.col("group_value") == group_value), named=True)


def test_hazard_ratio_of_all_subjects_is_that_of_the_cox_model() -> None:
    times, best, subject, groups = frames(TRIAL)
    found = effect(subgroup_effect(times, best, subject, groups, reference_arm="B"), "PFS", "ALL")
    ratio = hazard_ratios(times["months"], times["event"], subject["arm"], "B")["A"]
    assert ratio is not None
    assert (found["estimate"], found["lower"], found["upper"]) == (ratio.ratio, ratio.lower, ratio.upper)
    assert (found["arm"], found["reference_arm"], found["effect"]) == ("A", "B", "HAZARD RATIO")
    assert (found["subjects"], found["events"], found["reference_subjects"], found["reference_events"]) == (4, 3, 4, 3)


def test_every_subgroup_has_its_own_row() -> None:
    found = subgroup_effect(*frames(TRIAL), reference_arm="B").filter(pl.col("measure") == "PFS")
    assert found.select("group_by", "group_value", "subjects", "reference_subjects").rows() == [
        ("ALL", "ALL", 4, 4),
        ("SEX", "F", 2, 2),
        ("SEX", "M", 2, 2),
    ]


def test_difference_of_the_response_rate_is_newcombes() -> None:
    found = effect(subgroup_effect(*frames(TRIAL), reference_arm="B"), "ORR", "F")
    assert (found["estimate"], found["lower"], found["upper"]) == pytest.approx(tuple(newcombe(2, 2, 1, 2)))
    assert found["effect"] == "RATE DIFFERENCE"


def test_an_estimate_that_does_not_exist_is_null_and_keeps_its_counts() -> None:
    one_sided = "01 A F 3+ PD\n02 A F 4+ PD\n03 B F 1 PD\n04 B F 2 PD"
    found = effect(subgroup_effect(*frames(one_sided), reference_arm="B"), "PFS", "ALL")
    assert (found["estimate"], found["lower"], found["events"], found["reference_events"]) == (None, None, 0, 2)


def test_first_arm_in_sort_order_is_the_reference_and_a_group_without_it_has_no_row() -> None:
    found = subgroup_effect(*frames("01 A F 3 PD\n02 B F 5 PD\n03 B M 6 PD"))
    assert found["reference_arm"].unique().to_list() == ["A"]
    assert found.filter(pl.col("group_value") == "M").is_empty()


def test_without_arms_there_is_no_effect() -> None:
    times, best, subject, groups = frames(TRIAL)
    blinded = subject.with_columns(arm=pl.lit(None, dtype=pl.String))
    assert subgroup_effect(times, best, blinded, groups).is_empty()
