"""Derived target sums of the small set against the published ADTR (SDIAM: 25 records of 6 subjects)."""

from __future__ import annotations

import polars as pl

from tests.real_data.study import SMALL, Study

NUMBERS = {
    "AVAL": "target_sum",
    "BASE": "baseline_sum",
    "CHG": "abs_from_baseline",
    "PCHG": "pct_from_baseline",
    "NADIR": "nadir_sum",
    "CHGNAD": "abs_from_nadir",
    "PCHGNAD": "pct_from_nadir",
    "ADY": "study_day",
}
INCOMPLETE = "a target was not assessed: the engine states the partial sum, but no change of it"
CHANGES = ("CHG", "PCHG", "CHGNAD", "PCHGNAD")
INCOMPLETE_VISITS = (("01-701-1015", "WEEK 6"), ("01-701-1028", "WEEK 6"), ("01-701-1118", "WEEK 9"))
ACCEPTED = {(*visit, column): INCOMPLETE for visit in INCOMPLETE_VISITS for column in CHANGES}


def derived(study: Study) -> pl.DataFrame:
    responses = study.responses(SMALL)
    return responses.filter(origin="DERIVED", criterion="RECIST 1.1", evaluator="INVESTIGATOR").with_columns(
        abs_from_baseline=pl.when(pl.col("pct_from_baseline").is_not_null()).then(
            pl.col("target_sum") - pl.col("baseline_sum")
        )
    )


def published(study: Study) -> pl.DataFrame:
    return study.expected("adtr_onco").filter(PARAMCD="SDIAM")


def test_baseline_sums_equal_the_published_ones(study):
    baselines = published(study).filter(ABLFL="Y").select("USUBJID", "AVAL")
    ours = derived(study).select("subject_id", "baseline_sum").drop_nulls().unique()
    assert baselines.sort("USUBJID").rows() == ours.sort("subject_id").rows()
    assert baselines.height == 6


def test_sums_nadirs_and_changes_equal_the_published_ones_or_differ_for_a_stated_reason(study):
    after = published(study).filter(pl.col("ABLFL").is_null())
    pairs = after.join(
        derived(study), left_on=["USUBJID", "ADT"], right_on=["subject_id", "assessment_date"], validate="1:1"
    )
    assert pairs.height == after.height == 19
    differing = {
        (subject, visit, theirs)
        for theirs, ours in NUMBERS.items()
        for subject, visit in pairs.filter(
            (pl.col(theirs).is_null() != pl.col(ours).is_null()) | ((pl.col(theirs) - pl.col(ours)).abs() > 1e-6)
        )
        .select("USUBJID", "AVISIT")
        .iter_rows()
    }
    assert differing == set(ACCEPTED)


def test_an_incomplete_sum_is_stated_shows_progression_only_and_is_never_a_nadir(study):
    partial = derived(study).filter(pl.col("target_sum").is_not_null() & pl.col("pct_from_baseline").is_null())
    assert partial.select("subject_id", "visit", "target_sum", "target_response").rows() == [
        ("01-701-1015", "WEEK 6", 38.0, "NE"),
        ("01-701-1028", "WEEK 6", 110.0, "PD"),
        ("01-701-1118", "WEEK 9", 14.0, "NE"),
    ]
    later = derived(study).filter(subject_id="01-701-1118", visit="WEEK 12")
    assert later["nadir_sum"].to_list() == [38.0]


def test_courses_without_target_lesions_have_no_sum_and_no_published_record(study):
    without = derived(study).filter(pl.col("target_sum").is_null())
    assert sorted(without["subject_id"].unique()) == ["01-701-1034", "01-701-1097"]
    assert published(study).join(without, left_on="USUBJID", right_on="subject_id", how="semi").is_empty()
