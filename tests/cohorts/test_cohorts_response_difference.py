"""Differences of rates: Newcombe's published intervals, Mantel-Haenszel against its textbook form, strata."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats import chi2, hypergeom

from cohorts.response_difference import (
    cochran_mantel_haenszel,
    mantel_haenszel,
    newcombe,
    response_difference,
)
from cohorts.tables import RESPONSE_DIFFERENCE
from criteria.tables import BEST_RESPONSE
from ingestion.tables import SUBJECT_GROUP

CELL = st.integers(0, 30)
TABLES = st.lists(st.tuples(st.tuples(CELL, CELL), st.tuples(CELL, CELL)), min_size=1, max_size=5)

ADMISSIONS = [
    [[512, 313], [89, 19]],
    [[353, 207], [17, 8]],
    [[120, 205], [202, 391]],
    [[138, 279], [131, 244]],
    [[53, 138], [94, 299]],
    [[22, 351], [24, 317]],
]
"""Men and women admitted and rejected by six departments (Bickel 1975, Science 187:398)."""


def study(text: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Best responses, subjects and subgroups of lines 'arm region responders/subjects'."""
    people = []
    for line in text.strip().splitlines():
        arm, region, counts = line.split()
        responders, subjects = map(int, counts.split("/"))
        people += [(arm, region, "PR" if number < responders else "PD") for number in range(subjects)]
    frame = pl.DataFrame(people, schema=["arm", "region", "best_response"], orient="row").with_columns(
        study_id=pl.lit("ST-1"), subject_id=pl.int_range(pl.len()).cast(pl.String)
    )
    best = frame.select("study_id", "subject_id", "best_response").with_columns(
        evaluator=pl.lit("SITE"), criterion=pl.lit("RECIST 1.1"), origin=pl.lit("DERIVED")
    )
    subject = frame.select("study_id", "subject_id", "arm", cohort=pl.lit(None, dtype=pl.String))
    groups = frame.select("study_id", "subject_id", grouping=pl.lit("REGION"), value="region")
    return BEST_RESPONSE.conform(best), subject, SUBJECT_GROUP.conform(groups)


@pytest.mark.parametrize(
    ("counts", "lower", "upper"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 10), -0.2775, 0.2775),
    ],
)
def test_intervals_of_newcombe_1998_table_2_method_10(
    counts: tuple[int, int, int, int], lower: float, upper: float
) -> None:
    found = newcombe(*counts)
    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)
    assert found.difference == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])


def test_admissions_have_the_known_common_odds_ratio() -> None:
    assert cochran_mantel_haenszel(ADMISSIONS).odds_ratio == pytest.approx(0.9046968, abs=1e-7)


def test_one_stratum_gives_the_plain_difference() -> None:
    assert mantel_haenszel([[[12, 8], [5, 15]]]).difference == pytest.approx(12 / 20 - 5 / 20)


@given(TABLES)
def test_difference_and_variance_equal_satos_sums(tables: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    weight = numerator = 0.0
    used = []
    for (a, b), (c, d) in tables:
        n, m = a + b, c + d
        if n and m:
            weight += n * m / (n + m)
            numerator += (a * m - c * n) / (n + m)
            used.append((a, n, c, m))
    found = mantel_haenszel(tables)
    if not used:
        assert math.isnan(found.difference)
        return
    difference = numerator / weight
    p = sum((n * n * c - m * m * a + n * m * (m - n) / 2) / (n + m) ** 2 for a, n, c, m in used)
    q = sum((a * (m - c) + c * (n - a)) / (2 * (n + m)) for a, n, c, m in used)
    width = 1.959963984540054 * math.sqrt(max((difference * p + q) / weight**2, 0.0))
    assert found.difference == pytest.approx(difference, abs=1e-12)
    assert found.lower == pytest.approx(max(difference - width, -1), abs=1e-9)
    assert found.upper == pytest.approx(min(difference + width, 1), abs=1e-9)


@given(TABLES)
def test_cochran_mantel_haenszel_equals_the_hypergeometric_moments(
    tables: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    observed = expected = variance = 0.0
    for (a, b), (c, d) in tables:
        if a + b and c + d:
            cell = hypergeom(a + b + c + d, a + c, a + b)
            observed, expected, variance = observed + a, expected + cell.mean(), variance + cell.var()
    found = cochran_mantel_haenszel(tables).p_value
    if variance > 0:
        assert found == pytest.approx(chi2.sf((observed - expected) ** 2 / variance, 1), abs=1e-9)
    else:
        assert math.isnan(found)


def test_each_arm_is_compared_with_the_reference() -> None:
    best, subject, groups = study("A EU 6/10\nB EU 3/10\nC EU 1/10")
    found = response_difference(best, subject, groups, reference={"ARM": "C"}).filter(
        pl.col("measure") == "ORR", pl.col("group_by") == "ARM"
    )
    assert found.select("group_value", "reference_group", "responders", "reference_responders").rows() == [
        ("A", "C", 6, 1),
        ("B", "C", 3, 1),
    ]
    assert found["difference"].to_list() == pytest.approx([0.5, 0.2])
    assert found["stratified_difference"].to_list() == [None, None]
    assert found["strata"].to_list() == [None, None]


def test_strata_of_the_protocol_weigh_the_difference() -> None:
    """EU 8/10 - 5/10 = 0.3, US 5/20 - 2/20 = 0.15: weights 5 and 10, so 0.2."""
    best, subject, groups = study("A EU 8/10\nB EU 5/10\nA US 5/20\nB US 2/20")
    found = response_difference(best, subject, groups, reference={"ARM": "B"}, strata=["REGION"]).row(
        by_predicate=(pl.col("measure") == "ORR") & (pl.col("group_by") == "ARM"), named=True
    )
    assert found["stratified_difference"] == pytest.approx(0.2)
    assert found["strata"] == "REGION"
    assert found["stratified_lower"] < 0.2 < found["stratified_upper"]
    assert found["difference"] == pytest.approx(13 / 30 - 7 / 30)


def test_nobody_responds_so_there_is_no_association_to_test() -> None:
    best, subject, groups = study("A EU 0/10\nB EU 0/10")
    found = response_difference(best, subject, groups).filter(pl.col("measure") == "ORR", pl.col("group_by") == "ARM")
    assert found.select("difference", "odds_ratio", "cmh_p").row(0) == (0.0, None, None)


def test_unknown_reference_arm_is_an_error_that_lists_the_arms() -> None:
    best, subject, groups = study("A EU 1/2\nB EU 1/2")
    with pytest.raises(ValueError, match="'Placebo' is not a value of ARM; choose one of 'A', 'B'"):
        response_difference(best, subject, groups, reference={"ARM": "Placebo"})


def test_no_arms_no_rows() -> None:
    best, subject, _ = study("A EU 1/2")
    found = response_difference(best, subject.with_columns(arm=pl.lit(None, dtype=pl.String)))
    assert_frame_equal(found, RESPONSE_DIFFERENCE.empty())
    assert np.isnan(mantel_haenszel(np.zeros((1, 2, 2))).difference)
