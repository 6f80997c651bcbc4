"""Lesions as candidates for injection: hard rules and contributions of section 7.4."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from criteria.injection_candidates import FEATURES, injection_candidates
from tests.patterns.study import Course, course
from tests.spec.table import Row


def judged(subject: Course, features: pl.DataFrame | None = None) -> tuple[dict[str, Row], dict[tuple[str, str], Any]]:
    """Candidates by lesion, and contributions by lesion and factor."""
    candidates, factors = injection_candidates(subject.measurements, subject.best, features)
    return (
        {row["lesion_id"]: row for row in candidates.to_dicts()},
        {(row["lesion_id"], row["factor"]): row["contribution"] for row in factors.to_dicts()},
    )


def known(lesion: str = "T01", **features: bool) -> pl.DataFrame:
    return pl.DataFrame({"subject_id": ["1"], "lesion_id": [lesion], **{name: [on] for name, on in features.items()}})


def one(organ: str = "skin", size: str = "20", **features: bool) -> tuple[Row, dict[str, Any]]:
    """One target at its baseline."""
    candidates, factors = judged(course(f"lesion | BL\nT01 {organ} | {size}"), known(**features))
    return candidates["T01"], {factor: number for (_, factor), number in factors.items()}


@pytest.mark.parametrize(
    ("organ", "size", "expected"),
    [("skin", "10", "N"), ("skin", "10.1", "Y"), ("node", "15", "N"), ("node", "15.1", "Y")],
)
def test_7_4_factor_6_more_than_10_mm_nodes_more_than_15(organ: str, size: str, expected: str) -> None:
    assert one(organ, size, necrotic=False)[0]["admissible"] == expected


def test_7_4_factor_4_the_lesion_must_be_visible() -> None:
    assert one(necrotic=False, visible=False)[0]["admissible"] == "N"
    assert one(necrotic=False, visible=True)[0]["admissible"] == "Y"
    hidden = course("lesion | BL | d57\nT01 skin | 20 | NE\nT02 skin | 20 | 20")
    assert judged(hidden, known(necrotic=False))[0]["T01"]["admissible"] == "NOT_EVALUABLE"


def test_7_4_factor_9_mostly_necrotic_lesions_are_not_admissible() -> None:
    assert one(necrotic=True)[0]["admissible"] == "N"
    assert one()[0]["admissible"] == "NOT_EVALUABLE"
    assert one()[0]["explanation"] == "visible: visible; smallest size: 20.0 mm; necrosis: not known"


@pytest.mark.parametrize(
    ("features", "factor", "expected"),
    [
        ({"near_vessels": False}, "bleeding", 1.0),
        ({"near_vessels": True, "vascular": False}, "bleeding", 0.0),
        ({"near_vessels": True, "vascular": True}, "bleeding", -1.0),
        ({"near_vessels": True}, "bleeding", None),
        ({"vascular": True}, "activity by vascularity", 1.0),
        ({"vascular": False}, "activity by vascularity", 0.0),
        ({"critical_path": True}, "path", -1.0),
        ({"critical_path": False}, "path", 1.0),
        ({"dissectable": True}, "displaceable structures", 1.0),
        ({"dissectable": False}, "displaceable structures", -1.0),
        ({"viable": True}, "viability", 1.0),
        ({"viable": False}, "viability", -1.0),
        ({"invasive": True}, "aggressiveness", 1.0),
        ({"invasive": False}, "aggressiveness", 0.0),
        ({"treated_locally": True}, "growth", -1.0),
        ({}, "growth", None),
    ],
)
def test_7_4_contributions_of_what_is_known_beside_the_measurements(
    features: dict[str, bool], factor: str, expected: float | None
) -> None:
    assert one(**features)[1][factor] == expected


@pytest.mark.parametrize(
    ("organ", "expected"),
    [("skin", 1.0), ("muscle", 1.0), ("axilla", 1.0), ("liver", 0.0), ("lung", 0.0), ("brain", -1.0), ("node", None)],
)
def test_7_4_factor_3_access_by_organ(organ: str, expected: float | None) -> None:
    assert one(organ)[1]["access"] == expected


@pytest.mark.parametrize(
    ("size", "larger", "too_large"), [("25", 0.5, 0.0), ("50", 1.0, 0.0), ("50.1", 1.0, -1.0), ("80", 1.0, -1.0)]
)
def test_7_4_factors_7_and_8_larger_up_to_50_mm(size: str, larger: float, too_large: float) -> None:
    found = one(size=size)[1]
    assert (found["size"], found["largest size"]) == (larger, too_large)


def test_7_4_factor_10_new_or_enlarging_lesions() -> None:
    grown = course(
        "lesion | BL | d57\nT01 skin | 20 | 20.1\nT02 skin | 20 | 20\nT03 skin | 20 | 12\nNEW01 lung | - | !12"
    )
    _, found = judged(grown)
    assert [found[lesion, "growth"] for lesion in ("T01", "T02", "T03", "NEW01")] == [1.0, 0.0, 0.0, 1.0]


def test_7_4_factor_12_after_progression_progressive_and_new_lesions_first() -> None:
    table = "lesion | BL | d57\nT01 skin | 20 | 25\nT02 skin | 20 | 14\nT03 liver | 20 | 20\nT04 lung | 10 | 14"
    _, before = judged(course(table))
    assert {before[lesion, "after progression"] for lesion in ("T01", "T02", "T03")} == {None}
    _, after = judged(course(f"{table}\nNEW01 lung | - | !12"))
    expected = {"T01": 1.0, "T02": -1.0, "T03": 0.0, "T04": 0.0, "NEW01": 1.0}
    assert {lesion: after[lesion, "after progression"] for lesion in expected} == expected


def test_7_4_factors_13_to_15_are_left_to_the_protocol() -> None:
    candidates, factors = injection_candidates(course("lesion | BL\nT01 skin | 20").measurements)
    protocol = factors.filter(pl.col("part") == "PROTOCOL")
    assert protocol["number"].to_list() == [13, 14, 15]
    assert protocol["contribution"].null_count() == 3
    assert sorted(factors["number"].unique()) == list(range(1, 16))
    assert candidates.height == 1


def test_7_4_the_score_is_the_sum_of_the_contributions() -> None:
    row, factors = one("skin", "25", near_vessels=True, vascular=True, critical_path=False, viable=True)
    assert (row["feasibility"], row["benefit"], row["score"]) == (1.0, 2.5, 3.5)
    assert row["known_factors"] == 7
    parts = {"visible", "smallest size", "necrosis"}
    assert row["score"] == sum(number for name, number in factors.items() if number is not None and name not in parts)


def test_7_4_no_lesion_is_ever_selected() -> None:
    candidates, factors = injection_candidates(course("lesion | BL\nT01 skin | 20").measurements)
    assert not {"selected", "decision", "rank"} & {*candidates.columns, *factors.columns}


def test_7_4_lesions_of_the_last_scan_that_are_still_there() -> None:
    table = "lesion | BL | d57 | d113\nT01 skin | 20 | 22 | ND\nT02 skin | 20 | 0 | ND\nNT01 bone | + | + | ND"
    candidates, _ = judged(course(table))
    assert {lesion: row["timepoint"] for lesion, row in candidates.items()} == {"T01": 1, "NT01": 1}
    assert candidates["NT01"]["size_mm"] is None
    assert candidates["NT01"]["admissible"] == "NOT_EVALUABLE"


def test_7_4_every_feature_has_a_meaning_and_counts() -> None:
    plain = one(necrotic=False)
    for feature in FEATURES:
        assert any(one(**{"necrotic": False} | {feature: value})[1] != plain[1] for value in (True, False))
