"""Collected responses (8 subjects, investigator) against the published ADRS: 3,694 records of 306 subjects."""

from __future__ import annotations

import polars as pl

from tests.real_data.adam import RECORD, response_parameters
from tests.real_data.study import SMALL, Study

ALWAYS_N = "known defect there: CBCP is N for everybody, although this subject has CBOR = PR and CRSP = Y"
ACCEPTED = {
    ("01-701-1118", "CBCP", None, ("AVALC", "ADT")): ALWAYS_N,
}
SCREEN_FAILURES = 52
"""Subjects without reference date: published as N or MISSING, no course here; only their deaths are compared."""


def collected(study: Study, table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(origin="RECORDED", criterion="RECIST 1.1", evaluator="INVESTIGATOR")


def ours(study: Study) -> pl.DataFrame:
    best, responses = (collected(study, table) for table in (study.best(SMALL), study.responses(SMALL)))
    return response_parameters(best, responses, study.forms(SMALL))


def published(study: Study) -> pl.DataFrame:
    visit = pl.when(pl.col("PARAMCD") == "OVR").then("AVISIT")
    return study.expected("adrs_onco").with_columns(AVISIT=visit).select(*RECORD, "RANDDT")


def paired(study: Study) -> pl.DataFrame:
    key = RECORD[:3]
    return published(study).join(
        ours(study).with_columns(known=pl.lit(True)),
        on=key,
        how="full",
        coalesce=True,
        suffix="_ours",
        nulls_equal=True,
    )


def test_every_published_record_is_compared_except_those_of_screen_failures(study):
    pairs = paired(study)
    assert pairs.height == published(study).height == 3694
    alone = pairs.filter(pl.col("known").is_null())
    assert alone["RANDDT"].null_count() == alone.height == SCREEN_FAILURES * 11
    assert alone["AVALC"].unique().sort().to_list() == [None, "MISSING", "N"]


def test_every_compared_record_is_equal_or_differs_for_a_stated_reason(study):
    compared = paired(study).filter("known")
    assert compared.height == 3694 - SCREEN_FAILURES * 11
    value, date = (pl.col(name).ne_missing(pl.col(f"{name}_ours")) for name in ("AVALC", "ADT"))
    found = compared.with_columns(value=value, date=date).filter(pl.col("value") | pl.col("date"))
    differing = {
        (subject, parameter, visit, (*(("AVALC",) if by_value else ()), *(("ADT",) if by_date else ())))
        for subject, parameter, visit, by_value, by_date in found.select(*RECORD[:3], "value", "date").iter_rows()
    }
    assert differing == set(ACCEPTED)


def test_the_confirmed_responder_is_one_here(study):
    confirmed = ours(study).filter(PARAMCD="CBCP", AVALC="Y")
    assert confirmed["USUBJID"].to_list() == ["01-701-1118"]
    cbor = published(study).filter(PARAMCD="CBOR", USUBJID="01-701-1118")
    assert cbor["AVALC"].to_list() == ["PR"] and cbor["ADT"].to_list() == confirmed["ADT"].to_list()


def test_subjects_without_assessment_are_missing_and_stay_in_the_denominator(study):
    best = collected(study, study.best(SMALL))
    assert best.height == 254
    assert best.filter(best_response="MISSING", confirmed_best_response="MISSING").height == 246
