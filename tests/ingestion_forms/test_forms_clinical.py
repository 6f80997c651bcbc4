"""Clinical status from RS, QS and DS: performance status, symptomatic deterioration, stops of treatment (DT-07)."""

from __future__ import annotations

import datetime as dt

import pytest

from ingestion.forms.canonical import Forms
from tests.ingestion_forms.small_trial import study

RS = "USUBJID VISITNUM VISIT RSCAT RSTESTCD RSSTRESC RSSTAT RSDTC\n"
QS = "USUBJID VISIT QSCAT QSTESTCD QSORRES QSSTRESC QSDTC\n"
DS = "USUBJID DSCAT DSDECOD DSTERM DSSTDTC\n"


def told(forms: Forms, *columns: str) -> list[tuple[object, ...]]:
    return forms.clinical_status.frame.select("subject_id", "assessment_date", *columns).rows()


def test_DT_07_symptomatic_deterioration_is_clinical_progression_and_no_response() -> None:
    forms = study(rs=RS + "S1 2 WEEK_6 RECIST_1.1 SYMPTDTR Y - 2024-02-14\nS2 2 WEEK_6 - SYMPTDTR N - 2024-02-15")
    assert told(forms, "visit", "clinical_progression") == [
        ("S1", dt.date(2024, 2, 14), "WEEK 6", True),
        ("S2", dt.date(2024, 2, 15), "WEEK 6", False),
    ]
    assert forms.recorded_response.frame.is_empty() and forms.rejects.is_empty()


@pytest.mark.parametrize(
    ("domain", "rows"),
    [
        ("rs", RS + "S1 2 WEEK_6 ECOG ECOG101 2 - 2024-02-14"),
        ("rs", RS + "S1 2 WEEK_6 - ECOG1 2.0 - 2024-02-14"),
        ("qs", QS + "S1 WEEK_6 ECOG ECOG101 Ambulatory 2 2024-02-14"),
        ("qs", QS + "S1 WEEK_6 ECOG_PERFORMANCE_STATUS ECOG1 2 - 2024-02-14"),
    ],
)
def test_the_performance_status_stands_in_RS_or_QS(domain: str, rows: str) -> None:
    forms = study(**{domain: rows})
    assert told(forms, "visit", "ecog") == [("S1", dt.date(2024, 2, 14), "WEEK 6", 2)]
    assert forms.rejects.is_empty()


def test_other_questionnaires_are_left_out_and_what_is_known_of_a_date_stands_in_one_row() -> None:
    rows = (
        "S1 WEEK_6 EQ-5D EQ5D01 3 3 2024-02-14\nS1 WEEK_6 ECOG ECOG101 1 1 2024-02-14\n"
        "S1 WEEK_6 - CLINSTAB Y Y 2024-02-14\nS1 WEEK_6 - NEWSYMPT N N 2024-02-14\nS1 WEEK_6 - RAPIDDET N - 2024-02-14"
    )
    forms = study(qs=QS + rows)
    facts = ("ecog", "clinically_stable", "new_symptoms", "rapid_deterioration", "clinical_progression")
    assert told(forms, *facts) == [("S1", dt.date(2024, 2, 14), 1, True, False, False, None)]
    assert forms.clinical_status.frame["source_record"].to_list() == ["3,4,5,6"]


@pytest.mark.parametrize(
    ("row", "clinical", "stopped", "rapid"),
    [
        ("S1 STUDY_TREATMENT SYMPTOMATIC_DETERIORATION - 2024-03-01", True, True, None),
        ("S1 STUDY_TREATMENT PROGRESSIVE_DISEASE CLINICAL_PROGRESSION 2024-03-01", True, True, None),
        ("S1 STUDY_TREATMENT OTHER RAPID_CLINICAL_DETERIORATION 2024-03-01", True, True, True),
        ("S1 STUDY_PARTICIPATION CLINICAL_PROGRESSION - 2024-03-01", True, None, None),
    ],
)
def test_a_disposition_for_a_clinical_reason(
    row: str, clinical: bool, stopped: bool | None, rapid: bool | None
) -> None:
    forms = study(ds=DS + row)
    facts = ("clinical_progression", "treatment_stopped", "rapid_deterioration")
    assert told(forms, *facts) == [("S1", dt.date(2024, 3, 1), clinical, stopped, rapid)]


@pytest.mark.parametrize("reason", ["PROGRESSIVE_DISEASE", "ADVERSE_EVENT", "DEATH"])
def test_other_dispositions_say_nothing_of_the_clinical_status(reason: str) -> None:
    assert told(study(ds=DS + f"S1 STUDY_TREATMENT {reason} - 2024-03-01")) == []


@pytest.mark.parametrize(
    ("row", "field", "reason", "remedy"),
    [
        ("S1 WEEK_6 ECOG ECOG101 7 7 2024-02-14", "QSSTRESC", "no ECOG performance status", "from 0 to 5"),
        ("S1 WEEK_6 ECOG ECOG101 1.5 1.5 2024-02-14", "QSSTRESC", "no ECOG performance status", "whole number"),
        ("S1 WEEK_6 ECOG ECOG101 good - 2024-02-14", "QSORRES", "no ECOG performance status", "from 0 to 5"),
        ("S1 WEEK_6 - SYMPTDTR MAYBE MAYBE 2024-02-14", "QSSTRESC", "not Y or N", "write Y or N"),
        ("S1 WEEK_6 ECOG ECOG101 - - 2024-02-14", "QSSTRESC", "no result", "QSSTAT = NOT DONE"),
        ("S1 WEEK_6 ECOG ECOG101 1 1 -", "QSDTC", "no date", "QSDTC"),
        ("S1 WEEK_6 ECOG ECOG101 1 1 2024-02-31", "QSDTC", "no such day", "YYYY-MM-DD"),
        ("S9 WEEK_6 ECOG ECOG101 1 1 2024-02-14", "USUBJID", "not in DM", "DM record"),
    ],
)
def test_a_bad_statement_is_rejected_and_the_others_stay(row: str, field: str, reason: str, remedy: str) -> None:
    forms = study(qs=QS + row + "\nS2 WEEK_6 ECOG ECOG101 0 0 2024-02-14")
    reject = forms.rejects.row(0, named=True)
    assert forms.rejects.height == 1
    assert (reject["field"], reject["source_record"], reject["stage"]) == (field, "2", "core.clinical_status")
    assert reason in reject["reason"] and remedy in reject["remedy"]
    assert told(forms, "ecog") == [("S2", dt.date(2024, 2, 14), 0)]


def test_a_statement_that_contradicts_another_of_its_date_is_rejected_one_that_repeats_it_is_not() -> None:
    forms = study(
        qs=QS + "S1 WEEK_6 ECOG ECOG101 1 1 2024-02-14",
        rs=RS + "S1 2 WEEK_6 ECOG ECOG101 1 - 2024-02-14\nS1 2 WEEK_6 ECOG ECOG101 2 - 2024-02-14",
    )
    assert told(forms, "ecog") == [("S1", dt.date(2024, 2, 14), 1)]
    assert forms.rejects["reason"].to_list() == ["contradicts row 2 of form.csv of the same date, which is kept"]


def test_not_done_and_what_lies_after_the_cut_off_say_nothing() -> None:
    rows = "S1 2 WEEK_6 ECOG ECOG101 - NOT_DONE 2024-02-14\nS1 3 WEEK_12 ECOG ECOG101 3 - 2024-05-14"
    forms = study(rs=RS + rows, options={"data_cutoff": dt.date(2024, 3, 1)})
    assert told(forms) == []
    assert forms.rejects["reason"].to_list() == ["after the data cut-off 2024-03-01"]


@pytest.mark.parametrize(("impute", "day"), [("first", 1), ("last", 29)])
def test_DT_06_a_clinical_progression_without_a_day_is_completed_like_a_progression(impute: str, day: int) -> None:
    forms = study(rs=RS + "S1 2 WEEK_6 - SYMPTDTR Y - 2024-02", options={"pd_impute": impute})
    assert told(forms) == [("S1", dt.date(2024, 2, day))]
