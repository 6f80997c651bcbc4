"""The metabolic engine agrees with the naive reading on random courses, by default and under every option."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from criteria.metabolic.registry import METABOLIC
from criteria.metabolic.timepoint import metabolic_responses
from tests.metabolic.comparison import differences, together
from tests.metabolic.random_courses import RandomCourse, many

COURSES = 250
OPTIONS = [
    ("EORTC", {"eortc_quantity": "SUVMEAN_BSA"}),
    ("EORTC", {"eortc_aggregation": "HOTTEST_SAME_LESION", "eortc_quantity": "SULPEAK"}),
    ("EORTC", {"eortc_aggregation": "WORST_LESION"}),
    ("EORTC", {"eortc_aggregation": "WORST_LESION", "pmd_reference": "NADIR"}),
    ("EORTC", {"eortc_gap": "PMR", "eortc_extent_min_abs_mm": 5}),
    ("PERCIST", {"percist_pmr_inclusive": False, "pmd_reference": "NADIR"}),
    ("PERCIST", {"percist_liver_formula": "B", "percist_bloodpool_formula": "B"}),
    ("PERCIMT", {"percimt_binning": "EXCLUSIVE", "percimt_mid_lower_inclusive": True}),
    ("PERCIMT", {"percimt_count_uncertain": False, "percimt_diameter": "EQUIV_SPHERE"}),
    ("imPERCIST5", {"imp5_followup": "ANY_LESION_TOP5", "imp5_require_abs": True}),
    ("imPERCIST5", {"imp5_followup": "BASELINE_TARGETS_PLUS_ALL_NEW", "imp5_pmd_inclusive": False}),
    ("PERCIST5", {"pmd_reference": "NADIR"}),
    ("iPERCIST", {"ip_confirmation": "FURTHER_PROGRESSION", "ip_clinical_confirm": False}),
    ("iPERCIST", {"ip_require_abs_0_8": False, "ip_pmd_inclusive": False, "ip_confirm_min_d": 42}),
    ("PECRIT", {"pecrit_lesion": "SAME_LESION", "pmd_reference": "NADIR"}),
]


@pytest.fixture(scope="module")
def courses() -> list[RandomCourse]:
    return many(COURSES, seed=20240101)


@pytest.mark.parametrize("name", METABOLIC)
def test_responses_and_best_responses_agree(courses: list[RandomCourse], name: str) -> None:
    kinds, categories = differences(courses, name)
    assert not kinds
    assert len(categories) >= 5


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=[f"{name}-{'-'.join(o)}" for name, o in OPTIONS])
def test_responses_agree_under_options(courses: list[RandomCourse], name: str, options: dict[str, object]) -> None:
    kinds, _ = differences(courses, name, **options)
    assert not kinds


@pytest.mark.slow
@pytest.mark.parametrize("name", METABOLIC)
def test_twenty_thousand_courses_agree(name: str) -> None:
    kinds, _ = differences(many(20_000, seed=99), name)
    assert not kinds


@pytest.mark.parametrize("name", METABOLIC)
def test_neither_order_nor_company_nor_names_nor_dates_matter(courses: list[RandomCourse], name: str) -> None:
    """The order of rows, other subjects, the names of lesions, and a shift of all dates change no response."""
    declared = METABOLIC[name]
    few = courses[:40]
    reads = together(few)
    before = metabolic_responses(reads, declared).responses
    shuffled = replace(reads, lesions=reads.lesions.sample(fraction=1, shuffle=True, seed=3))
    assert metabolic_responses(shuffled, declared).responses.equals(before)
    every = metabolic_responses(together(courses), declared).responses
    assert every.filter(pl.col("subject_id").is_in(before["subject_id"].unique().to_list())).equals(before)
    later = pl.col("assessment_date") + timedelta(days=400)
    subject = reads.subjects.with_columns(pl.col("reference_date", "first_dose_date") + timedelta(days=400))
    moved = replace(
        reads,
        lesions=reads.lesions.with_columns(later),
        references=reads.references.with_columns(later),
        clinical=reads.clinical.with_columns(later),
        subjects=subject,
    )
    what = ("overall_response", "clause", "target_sum", "study_day")
    assert metabolic_responses(moved, declared).responses.select(what).equals(before.select(what))
    renamed = replace(reads, lesions=reads.lesions.with_columns(pl.format("X{}", "lesion_id").alias("lesion_id")))
    assert metabolic_responses(renamed, declared).responses.select(what).equals(before.select(what))


@pytest.mark.parametrize("name", ["EORTC", "imPERCIST5", "iPERCIST"])
def test_uptake_in_another_unit_changes_percentages_not(name: str) -> None:
    """Without absolute parts only ratios count: all uptakes doubled give the same responses."""
    pick = random.Random(5)
    reads = together([RandomCourse(f"S{n}", pick) for n in range(80)])
    options = {"iPERCIST": {"ip_require_abs_0_8": False}}.get(name, {})
    declared = METABOLIC[name].with_options(options)
    doubled = replace(
        reads,
        lesions=reads.lesions.with_columns(pl.col("sul_peak", "suv_max", "suv_mean_bsa") * 2),
        references=reads.references.with_columns(pl.col("sul_mean", "sul_sd") * 2),
    )
    what = ("subject_id", "timepoint", "overall_response")
    first, second = (metabolic_responses(each, declared).responses.select(what) for each in (reads, doubled))
    assert first.height > 100
    assert first.equals(second)
