"""Tumour assessment visits are numbered in VISITNUM order; the baseline is 0; a missed visit keeps its number."""

from __future__ import annotations

import datetime as dt

import polars as pl

from tests.ingestion_forms.small_trial import study

HEADER = "USUBJID VISITNUM VISIT TRLNKID TRGRPID TRTESTCD TRSTRESN TRSTRESU TRDTC TREVAL\n"
WEEKS = {1: ("SCREENING", "2024-01-02"), 2: ("WEEK_6", "2024-02-14"), 2.1: ("UNSCHEDULED", "2024-02-20"),
         3: ("WEEK_12", "2024-03-27"), 0.5: ("PRE-BASELINE", "2023-11-02")}  # fmt: skip


def reads(*visits: float, subject: str = "S1", evaluator: str = "INVESTIGATOR", names: str = "T01") -> str:
    return "".join(
        f"{subject} {v} {WEEKS[v][0]} {name} TARGET LDIAM 20 mm {WEEKS[v][1]} {evaluator}\n"
        for v in visits
        for name in names.split()
    )


def numbers(forms, subject: str = "S1") -> dict[float, int]:
    rows = forms.visit.frame.filter(pl.col("subject_id") == subject)
    return dict(rows.select("visit_number", "timepoint").rows())


def test_visits_are_numbered_from_the_baseline_in_order_of_visit_number():
    assert numbers(study(tr=HEADER + reads(3, 1, 2.1, 2))) == {1: 0, 2: 1, 2.1: 2, 3: 3}


def test_visits_called_pre_baseline_count_backwards():
    assert numbers(study(tr=HEADER + reads(0.5, 1, 2))) == {0.5: -1, 1: 0, 2: 1}


def test_a_subject_without_baseline_visit_has_no_time_point_0():
    forms = study(tr=HEADER + reads(1, 2) + reads(0.5, 2, 3, subject="S2"))
    assert numbers(forms, "S2") == {0.5: -1, 2: 1, 3: 2}


def test_named_baseline_visits_replace_the_lowest_number():
    forms = study(tr=HEADER + reads(1, 2, 3), options={"baseline_visits": ["week 6"]})
    assert numbers(forms) == {1: -1, 2: 0, 3: 1}


def test_without_lesions_all_visits_with_responses_count_from_1():
    rs = "USUBJID VISITNUM RSTESTCD RSSTRESC RSDTC\nS1 4 OVRLRESP SD 2024-02-01\nS1 7 OVRLRESP PD 2024-04-01"
    assert numbers(study(rs=rs)) == {4: 1, 7: 2}


def test_other_classifications_make_no_visit():
    rs = "USUBJID VISITNUM RSCAT RSTESTCD RSSTRESC RSDTC\nS1 4 ECOG ECOG101 1 2024-02-01\nS1 7 - OVRLRESP PD 2024-04-01"
    assert numbers(study(rs=rs)) == {7: 1}


def test_visit_numbers_are_shared_by_all_evaluators():
    forms = study(tr=HEADER + reads(1, 2, 3) + reads(1, 3, evaluator="RADIOLOGIST"))
    rows = forms.measurement.frame.filter(evaluator="RADIOLOGIST")
    assert rows.select("timepoint", "visit").rows() == [(0, "SCREENING"), (2, "WEEK 12")]


def test_dates_of_a_visit_are_those_of_its_scans():
    tr = HEADER + reads(1) + "S1 1 SCREENING T02 TARGET LDIAM 9 mm 2024-01-09 INVESTIGATOR\n"
    row = study(tr=tr).visit.frame.row(0, named=True)
    assert (row["start_date"], row["end_date"]) == (dt.date(2024, 1, 2), dt.date(2024, 1, 9))
    assert (row["visit"], row["occurred"], row["source_record"]) == ("SCREENING", True, "2")


SV = """
USUBJID VISITNUM VISIT   VISITDY SVOCCUR SVREASOC        SVSTDTC
S1      2        WEEK_6  43      N       PATIENT_TOO_ILL -
S1      9        WEEK_90 631     N       -               -
S2      3        WEEK_12 85      Y       -               2024-03-27
"""


def test_a_visit_that_did_not_occur_keeps_its_number_and_its_lesions_are_not_done():
    tr = HEADER + reads(1, 3, names="T01 T02") + reads(1, evaluator="RADIOLOGIST") + reads(1, 2, subject="S2")
    forms = study(tr=tr, sv=SV)
    assert numbers(forms) == {1: 0, 2: 1, 3: 2}
    visit = forms.visit.frame.filter(subject_id="S1", timepoint=1).row(0, named=True)
    assert (visit["occurred"], visit["planned_day"], visit["start_date"]) == (False, 43, dt.date(2024, 2, 16))
    missed = forms.measurement.frame.filter(subject_id="S1", timepoint=1)
    assert missed.select("evaluator", "lesion_id", "state").rows() == [
        ("INVESTIGATOR", "T01", "NOT_DONE"),
        ("INVESTIGATOR", "T02", "NOT_DONE"),
        ("RADIOLOGIST", "T01", "NOT_DONE"),
    ]
    assert missed["not_done_reason"].unique().to_list() == ["PATIENT TOO ILL"]
    assert missed["assessment_date"].unique().to_list() == [dt.date(2024, 2, 16)]
    assert missed["source_record"].unique().to_list() == ["2"]


def test_a_new_lesion_is_not_done_only_after_it_was_seen():
    tr = HEADER + reads(1, 2) + reads(1, 2, 3, subject="S2")
    tr += "S1 2 WEEK_6 NEW01 NEW LDIAM 11 mm 2024-02-14 INVESTIGATOR\n"
    sv = "USUBJID VISITNUM SVOCCUR SVSTDTC\nS1 3 N 2024-03-27"
    missed = study(tr=tr, sv=sv).measurement.frame.filter(subject_id="S1", state="NOT_DONE")
    assert missed.select("timepoint", "lesion_id", "role").rows() == [(2, "NEW01", "NEW"), (2, "T01", "TARGET")]


def test_subject_visits_that_cannot_be_used_are_rejected():
    sv = """
USUBJID VISITNUM SVOCCUR SVSTDTC
S1      -        N       -
S1      2        NO      -
S9      2        N       -
S1      2        N       2024-02-30
"""
    rejects = study(tr=HEADER + reads(1, 2), sv=sv).visit.rejects.sort("source_record")
    assert rejects["field"].to_list() == ["VISITNUM", "SVOCCUR", "USUBJID", "SVSTDTC"]
