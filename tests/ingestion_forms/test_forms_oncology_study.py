"""The shared oncology study (counts: README of the data pack) parses whole, with every discrepancy accounted for."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import polars as pl
import pyreadstat
import pytest

from criteria.table import Table
from ingestion.forms.canonical import canonical
from ingestion.forms.received import read_forms
from ingestion.forms.transfers import gather
from ingestion.reject import Source
from ingestion.tables import FORM_TABLES

MAIN = ("tu_onco", "tr_onco", "rs_onco")
SMALL = ("tu_onco_recist", "tr_onco_recist", "rs_onco_recist")
EVALUATORS = ["INVESTIGATOR", "RADIOLOGIST 1", "RADIOLOGIST 2"]


@pytest.fixture
def main(onco):
    return onco(MAIN)


def test_main_set_gives_every_lesion_record_of_254_subjects(main):
    forms, received = main
    assert {domain: received[domain].height for domain in ("TU", "TR", "RS")} == {"TU": 7734, "TR": 55995, "RS": 5808}
    frame = forms.measurement.frame
    assert frame["subject_id"].n_unique() == 254
    assert sorted(frame["evaluator"].unique()) == EVALUATORS
    # 13,305 measured and 13,419 stated records, less the 30 of one subject's second assessment under one number
    assert frame.height == 13305 + 13419 - 30
    assert Counter(frame.filter(role="TARGET")["state"]) == {"MEASURED": 12303, "ABSENT": 855, "NOT_EVALUABLE": 132}
    assert Counter(frame.filter(role="NEW")["state"]) == {"EQUIVOCAL": 81, "UNEQUIVOCAL": 33}
    assert frame.filter(pl.col("evaluator") == "RADIOLOGIST 1")["accepted"].all()


def test_main_set_rejects_only_the_second_assessment_and_the_three_checks(main):
    forms, _ = main
    assert Counter(forms.rejects["stage"]) == {
        "core.measurement": 60,
        "core.recorded_sum": 3,
        "core.recorded_response": 12,
    }
    assert forms.rejects["subject_id"].unique().to_list() == ["01-711-1143"]
    assert Counter(forms.recorded_response.rejects["value"])["CHECK"] == 3


def test_every_tumour_row_is_used_or_rejected(main):
    forms, received = main
    used = pl.concat(
        frame["source_record"].str.split(",").explode() for frame in (forms.measurement.frame, forms.recorded_sum.frame)
    )
    rejected = forms.rejects.filter(source_name="tr_onco.csv")["source_record"]
    assert len(used) == used.n_unique()
    assert sorted([*used, *rejected]) == sorted(received["TR"]["_row"].cast(pl.String))


def test_month_precision_is_completed_from_the_other_records_of_the_visit(main):
    frame = main[0].measurement.frame.filter(assessment_dtc="2014-01")
    assert frame.height == 5
    assert frame["assessment_date"].unique().to_list() == [dt.date(2014, 1, 2)]


def test_main_set_visits_responses_and_sums(main):
    forms, _ = main
    assert forms.visit.frame.filter(timepoint=0).height == 254
    assert forms.visit.frame["timepoint"].min() == 0
    assert forms.recorded_response.frame.height == 5808 - 12
    assert forms.recorded_sum.frame.height == 2661 - 3


def test_subjects_agree_with_the_analysis_data_set(main, shared):
    forms, _ = main
    adsl = pl.read_csv(shared("sdtm_onco") / "adsl.csv", infer_schema=False)
    frame = forms.subject.frame.join(adsl, left_on="subject_id", right_on="USUBJID", validate="1:1")
    assert frame.height == 306
    for ours, theirs in (("randomisation_date", "RANDDT"), ("first_dose_date", "TRTSDT"), ("death_date", "DTHDT")):
        assert frame[ours].cast(pl.String).equals(frame[theirs], check_names=False), ours
    assert frame.filter(pl.col("arm") == "Screen Failure")["reference_date"].null_count() == 52
    assert (frame["last_alive_date"] <= frame["death_date"]).drop_nulls().all()


def test_small_set_parses_with_its_repeated_records_rejected(onco):
    forms, received = onco(SMALL)
    assert received["TR"].height == 546
    assert forms.measurement.frame["subject_id"].n_unique() == 8
    assert forms.measurement.frame.height == 234 + 78 - 39
    assert forms.rejects["reason"].str.starts_with("repeats row").all() and forms.rejects.height == 39
    assert forms.recorded_response.frame.height == 66


def test_responses_alone_are_numbered_from_1(onco):
    forms, _ = onco(("rs_onco_irecist",))
    frame = forms.recorded_response.frame
    assert frame["subject_id"].n_unique() == 26 and forms.rejects.is_empty()
    assert Counter(frame["component"]) == dict.fromkeys(("OVERALL", "TARGET", "NON-TARGET", "NEW LESION"), 75)
    assert frame["criterion"].unique().to_list() == ["iRECIST"]
    assert forms.visit.frame["timepoint"].min() == 1


@pytest.mark.parametrize("table", FORM_TABLES, ids=lambda table: table.name)
def test_canonical_frames_keep_their_contracts(onco, table: Table):
    forms, _ = onco(SMALL)
    frame = getattr(forms, table.name.removeprefix("core.")).frame
    assert table.conform(frame).equals(frame)


def test_transport_files_of_the_study_give_the_same_tables(onco, tmp_path):
    forms, received = onco(SMALL)
    read = []
    for domain, frame in received.items():
        data = frame.select(pl.exclude("_row", "_source_name", "_source_sha256"))
        number = [name for name in data.columns if name in ("TRSTRESN", "VISITNUM", "TRSEQ", "RSSEQ", "TUSEQ")]
        path = tmp_path / f"{domain.lower()}.xpt"
        pyreadstat.write_xport(
            data.with_columns(pl.col(number).cast(pl.Float64)).to_pandas(),
            str(path),
            table_name=domain,
            file_format_version=5,
        )
        read.extend(read_forms(path, Source(path.name, domain)))
    again = canonical("S", gather("S", read)[0])
    for name in ("subject", "visit", "measurement", "recorded_response"):
        ours, theirs = (getattr(f, name).frame.drop(pl.selectors.starts_with("source_")) for f in (forms, again))
        assert ours.equals(theirs), name
