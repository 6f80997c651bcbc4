"""Subjects: reference date, death, last alive, new therapy, end of treatment and of study."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.ingestion_forms.small_trial import DM, study


def subject(*, dm: str, options=None, **domains) -> dict:
    return study(dm=dm, options=options, **domains).subject.frame.row(0, named=True)


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


DS_RANDOMISED = "USUBJID DSDECOD DSSTDTC\nS1 RANDOMIZED 2024-01-03"
EX = "USUBJID EXTRT EXSTDTC\nS1 DRUG 2024-01-20\nS1 DRUG 2024-01-09"


@pytest.mark.parametrize(
    ("dm", "domains", "reference"),
    [
        ("USUBJID RANDDTC RFXSTDTC\nS1 2024-01-02 2024-01-06", {"ds": DS_RANDOMISED}, "2024-01-02"),
        ("USUBJID RFXSTDTC\nS1 2024-01-06", {"ds": DS_RANDOMISED}, "2024-01-03"),
        ("USUBJID RFXSTDTC RFSTDTC\nS1 2024-01-06 2024-01-04", {"ex": EX}, "2024-01-06"),
        ("USUBJID RFSTDTC\nS1 2024-01-04", {"ex": EX}, "2024-01-04"),
        ("USUBJID\nS1", {"ex": EX}, "2024-01-09"),
        ("USUBJID\nS1", {}, None),
        ("USUBJID ARM RFSTDTC\nS1 Screen_Failure 2024-01-04", {}, None),
        ("USUBJID\nS1", {"suppdm": "USUBJID QNAM QVAL\nS1 RANDDTC 2024-01-02"}, "2024-01-02"),
    ],
)
def test_reference_date_is_randomisation_else_first_dose(dm, domains, reference):
    assert subject(dm=dm, **domains)["reference_date"] == day(reference)


def test_a_reference_date_without_day_is_rejected_and_the_next_one_counts():
    forms = study(dm="USUBJID RFXSTDTC RFSTDTC\nS1 2024-01 2024-01-04")
    assert forms.subject.frame["reference_date"].to_list() == [dt.date(2024, 1, 4)]
    assert forms.subject.rejects.select("field", "value", "reason").rows() == [
        ("RFXSTDTC", "2024-01", "a reference date needs its day")
    ]


def test_an_impossible_death_date_is_rejected_and_the_subject_stays():
    forms = study(dm="USUBJID RFSTDTC DTHDTC\nS1 2024-01-04 2024-02-31")
    assert forms.subject.frame["death_date"].to_list() == [None]
    assert forms.subject.rejects["field"].to_list() == ["DTHDTC"]


@pytest.mark.parametrize(
    ("death", "ds", "expected"),
    [
        ("2024-06-10", "", "2024-06-10"),
        ("-", "S1 DEATH - 2024-06-11", "2024-06-11"),
        ("2024-06", "", "2024-06-01"),
        ("2024-06", "S1 FOLLOW-UP_VISIT - 2024-06-07", "2024-06-07"),
    ],
)
def test_date_of_death(death, ds, expected):
    row = subject(dm=f"USUBJID RFSTDTC DTHDTC\nS1 2024-01-04 {death}", ds=f"USUBJID DSDECOD DSCAT DSSTDTC\n{ds}")
    assert row["death_date"] == day(expected)


ALIVE_DM = "USUBJID RFSTDTC RFENDTC RFPENDTC DTHDTC\nS1 2024-01-04 2024-03-01 {end} {death}"


@pytest.mark.parametrize(
    ("end", "death", "ds", "cutoff", "expected"),
    [
        ("2024-04-01", "-", "", None, "2024-04-01"),
        ("2024-04", "-", "", None, "2024-03-01"),
        ("2024-04-01", "2024-03-15", "", None, "2024-03-01"),
        ("2024-04-01", "-", "", "2024-03-20", "2024-03-01"),
        ("2024-04-01", "-", "S1 LAST_KNOWN_ALIVE - - 2024-05-01", None, "2024-05-01"),
        ("2024-04-01", "-", "S1 COMPLETED - - 2024-04-20", None, "2024-04-20"),
    ],
)
def test_last_alive_is_stated_else_the_latest_full_date_not_after_death_or_cutoff(end, death, ds, cutoff, expected):
    row = subject(
        dm=ALIVE_DM.format(end=end, death=death),
        ds=f"USUBJID DSDECOD DSCAT DSSCAT DSSTDTC\n{ds}",
        options={"data_cutoff": day(cutoff)},
    )
    assert row["last_alive_date"] == day(expected)


def test_planned_dates_of_scans_that_were_not_performed_prove_no_life():
    tr = (
        "USUBJID VISITNUM TRLNKID TRGRPID TRTESTCD TRSTRESN TRSTRESU TRSTAT TRDTC\n"
        "S1 1 T01 TARGET LDIAM 10 mm - 2024-01-04\nS1 2 T01 TARGET LDIAM - - NOT_DONE 2024-09-09"
    )
    assert subject(dm="USUBJID RFSTDTC\nS1 2024-01-04", tr=tr)["last_alive_date"] == dt.date(2024, 1, 4)


DS = """
USUBJID DSDECOD           DSCAT               DSSCAT              DSSTDTC
S1      ADVERSE_EVENT     DISPOSITION_EVENT   STUDY_TREATMENT     2024-03-01
S1      LOST_TO_FOLLOW-UP DISPOSITION_EVENT   STUDY_PARTICIPATION 2024-05-01
S2      COMPLETED         STUDY_TREATMENT     -                   2024-04-01
S2      COMPLETED         DISPOSITION_EVENT   -                   2024-06-01
"""


def test_end_of_treatment_and_end_of_participation_are_told_apart():
    frame = study(ds=DS).subject.frame
    assert frame.select("discontinuation_date", "discontinuation_reason").rows() == [
        (dt.date(2024, 3, 1), "ADVERSE EVENT"),
        (dt.date(2024, 4, 1), "COMPLETED"),
    ]
    assert frame.select("end_of_study_date", "end_of_study_reason").rows() == [
        (dt.date(2024, 5, 1), "LOST TO FOLLOW-UP"),
        (dt.date(2024, 6, 1), "COMPLETED"),
    ]


CM = """
USUBJID CMTRT CMCAT                 CMSTDTC    CMENDTC
S1      old   ANTI-CANCER_THERAPY   2023-10    -
S1      late  ANTI-CANCER_THERAPY   2024-06-01 2024-07
S1      new   ANTI-CANCER_THERAPY   2024-05    -
S1      other ANALGESIC             2024-02-01 -
S1      ?     ANTI-CANCER_THERAPY   2024       -
S1      ?     ANTI-CANCER_THERAPY   -          -
S9      ?     ANTI-CANCER_THERAPY   2024-06-01 -
"""


def test_new_therapy_is_the_first_anticancer_therapy_after_the_reference_date():
    forms = study(cm=CM, ex="USUBJID EXTRT EXSTDTC EXENDTC\nS1 DRUG 2024-01-05 2024-03-01")
    assert forms.subject.frame["new_therapy_date"].to_list() == [dt.date(2024, 5, 1), None]
    assert forms.therapy.frame.sort("start_date").select("category", "therapy", "start_date", "end_date").rows() == [
        ("ANTI-CANCER THERAPY", "old", dt.date(2023, 10, 1), None),
        ("STUDY TREATMENT", "DRUG", dt.date(2024, 1, 5), dt.date(2024, 3, 1)),
        ("ANTI-CANCER THERAPY", "new", dt.date(2024, 5, 1), None),
        ("ANTI-CANCER THERAPY", "late", dt.date(2024, 6, 1), dt.date(2024, 7, 31)),
    ]
    rejects = forms.therapy.rejects.sort("source_record")
    assert rejects["reason"].to_list() == [
        "the start can lie before or after the reference date 2024-01-05",
        "no start of the therapy",
        "the subject is not in DM",
    ]


def test_a_subject_with_two_demographic_records_keeps_the_first():
    forms = study(dm=DM + "S1 2024-02-02 C\n- 2024-02-02 C")
    assert forms.subject.frame["arm"].to_list() == ["A", "B"]
    assert forms.subject.rejects.sort("source_record")["source_record"].to_list() == ["4", "5"]


def test_cohort_comes_from_the_named_column():
    suppdm = "USUBJID QNAM QVAL\nS2 COHORT EXPANSION"
    frame = study(suppdm=suppdm, options={"cohort_column": "cohort"}).subject.frame
    assert frame["cohort"].to_list() == [None, "EXPANSION"]
    assert study(suppdm=suppdm).subject.frame["cohort"].to_list() == [None, None]


def test_without_demographics_the_subjects_of_the_other_domains_count():
    forms = study(dm="", ex=EX)
    assert forms.subject.frame.select("subject_id", "reference_date").rows() == [("S1", dt.date(2024, 1, 9))]


def test_nothing_received_gives_empty_tables():
    forms = study(dm="")
    assert forms.subject.frame.is_empty() and forms.measurement.frame.is_empty() and forms.rejects.is_empty()
