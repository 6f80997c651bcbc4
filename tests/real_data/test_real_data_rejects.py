"""Every record of the oncology study is used or rejected with a reason."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from tests.real_data.study import IRECIST, MAIN, SMALL

SECOND = "another assessment of the same visit number has another date"
UNKNOWN = "not a response of the criterion"
REASONS = {
    "another record of the same at this visit": SECOND,
    "another reading of this visit": SECOND,
    "unknown response": UNKNOWN,
}


def test_rejects_of_the_main_set_by_reason(study):
    rejects = study.forms(MAIN).rejects.with_columns(
        pl.col("reason").str.replace(" is of .* is kept$", "").replace_strict(REASONS)
    )
    assert Counter(rejects.select("stage", "field", "reason").iter_rows()) == {
        ("core.measurement", "TRDTC", SECOND): 60,
        ("core.recorded_sum", "TRDTC", SECOND): 3,
        ("core.recorded_response", "RSDTC", SECOND): 9,
        ("core.recorded_response", "RSSTRESC", UNKNOWN): 3,
    }
    assert rejects["subject_id"].unique().to_list() == ["01-711-1143"]
    assert rejects.filter(reason=UNKNOWN)["value"].unique().to_list() == ["CHECK"]
    assert rejects.select("remedy", "source_record").null_count().row(0) == (0, 0)


@pytest.mark.parametrize(
    ("domain", "tables"), [("TR", ("measurement", "recorded_sum")), ("RS", ("recorded_response",))]
)
def test_every_result_of_the_main_set_is_used_or_rejected_and_none_twice(study, domain, tables):
    forms = study.forms(MAIN)
    used = pl.concat(getattr(forms, table).frame["source_record"].str.split(",").explode() for table in tables)
    rejected = forms.rejects.filter(source_name=f"{domain.lower()}_onco.csv")["source_record"]
    assert sorted([*used, *rejected]) == sorted(study.received(MAIN)[domain]["_row"].cast(pl.String))


def test_rejects_of_the_small_set_are_repeated_records(study):
    rejects = study.forms(SMALL).rejects
    assert rejects.height == 39 and set(rejects["stage"]) == {"core.measurement"}
    assert rejects["reason"].str.contains(r"^repeats row \d+ of tr_onco_recist\.csv$").all()


def test_the_irecist_set_has_no_rejects(study):
    assert study.forms(IRECIST).rejects.is_empty()
