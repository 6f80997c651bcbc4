"""RS rows become recorded responses; what is no response of a known criterion is rejected or left out."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ingestion.forms import codes, dates
from tests.ingestion_forms.small_trial import study

HEADER = "USUBJID VISITNUM VISIT RSCAT RSTESTCD RSSTRESC RSSTAT RSDTC\n"


def responses(*rows: str, **options):
    """Recorded responses of rows `criterion test result status` at week 6, 2024-02-14."""
    lines = [f"S1 2 WEEK_6 {row} 2024-02-14" for row in rows]
    return study(rs=HEADER + "\n".join(lines), options=options).recorded_response


@pytest.mark.parametrize(
    ("row", "component", "response"),
    [
        ("RECIST_1.1 OVRLRESP PR -", "OVERALL", "PR"),
        ("RECIST_1.1 TRGRESP SD -", "TARGET", "SD"),
        ("RECIST_1.1 NTRGRESP NON-CR/NON-PD -", "NON-TARGET", "NON-CR/NON-PD"),
        ("iRECIST OVRLRESP iupd -", "OVERALL", "iUPD"),
        ("iRECIST NTRGRESP NON-ICR/NON-IUPD -", "NON-TARGET", "NON-iCR/NON-iUPD"),
        ("RECIST_1.1 NEWLIND Y -", "NEW LESION", "Y"),
        ("RECIST_1.1 NEWLPROG UNEQUIVOCAL -", "NEW LESION", "Y"),
        ("RECIST_1.1 NEWLPROG EQUIVOCAL -", "NEW LESION", "EQUIVOCAL"),
        ("RECIST_1.1 BESTRESP CR -", "BEST", "CR"),
        ("RECIST_1.1 OVRLRESP NE NOT_DONE", "OVERALL", "NE"),
        ("RECIST_1.1 OVRLRESP - NOT_DONE", "OVERALL", "NE"),
    ],
)
def test_component_and_response(row, component, response):
    rows = (row, "RECIST_1.1 TRGRESP NE -") if "BESTRESP" in row else (row,)
    frame = responses(*rows).frame.filter(component=component)
    assert frame.select("timepoint", "visit", "response", "assessment_date").rows() == [
        (1, "WEEK 6", response, dt.date(2024, 2, 14))
    ]


@pytest.mark.parametrize(
    ("category", "criterion"),
    [
        ("RECIST1.1", "RECIST 1.1"),
        ("-", "RECIST 1.1"),
        ("iRECIST", "iRECIST"),
        ("imRECIST", "imRECIST"),
        ("WOLCHOK_SOLID_TUMORS_2009", "irRC"),
        ("irRC", "irRC"),
        ("itRECIST_GOLDMACHER_2020", "itRECIST"),
        ("WHO_1979", "WHO"),
        ("SPONSOR_CRITERIA", "irRECIST"),
    ],
)
def test_criterion_is_named_by_rscat(category, criterion):
    frame = responses(f"{category} OVRLRESP SD -", criterion_names={"SPONSOR CRITERIA": "irRECIST"}).frame
    assert frame["criterion"].to_list() == [criterion]


def test_default_criterion_stands_for_an_empty_category():
    assert responses("- OVRLRESP SD -", default_criterion="iRECIST").frame["criterion"].to_list() == ["iRECIST"]


@pytest.mark.parametrize(
    ("row", "field", "reason", "remedy"),
    [
        ("RECIST_1.1 OVRLRESP CHECK -", "RSSTRESC", "unknown response", "CR, PR, SD, PD, NE"),
        ("RECIST_1.1 NEWLIND MAYBE -", "RSSTRESC", "unknown response", "write Y or N"),
        ("RECIST_1.1 NEWLPROG UNEQUIVOCL -", "RSSTRESC", "unknown response", "did you mean UNEQUIVOCAL?"),
        ("RECIST_1.1 OVRLRESP PR NOT_DONE", "RSSTAT", "NOT DONE, yet there is a response: PR", "remove"),
        ("RECIST_1.1 OVRLRESP PR NOTDONE", "RSSTAT", "unknown status", "did you mean NOT DONE?"),
        ("RECIST_1.1 OVRLRESP - -", "RSSTRESC", "no response", "RSSTAT = NOT DONE"),
        ("RECIST_1.1 OVRLRSP PR -", "RSTESTCD", "unknown response test", "did you mean OVRLRESP?"),
        ("RECIST_1.O OVRLRESP PR -", "RSCAT", "unknown criterion", "did you mean RECIST 1.1?"),
    ],
)
def test_a_bad_response_is_rejected_and_the_others_stay(row, field, reason, remedy):
    parsed = responses(row, "RECIST_1.1 TRGRESP SD -")
    reject = parsed.rejects.row(0, named=True)
    assert parsed.rejects.height == 1
    assert (reject["field"], reject["source_record"], reject["stage"]) == (field, "2", "core.recorded_response")
    assert reason in reject["reason"] and remedy in reject["remedy"]
    assert parsed.frame["component"].to_list() == ["TARGET"]


def test_other_classifications_and_tests_are_left_out():
    parsed = responses("ECOG ECOG101 1 -", "iRECIST IRECLIND Y -", "CHILD-PUGH TOTAL 5 -", "RECIST_1.1 OVRLRESP SD -")
    assert parsed.frame.height == 1 and parsed.rejects.is_empty()


def test_two_responses_on_one_visit_keep_the_first_and_reject_the_other():
    parsed = responses("RECIST_1.1 OVRLRESP SD -", "RECIST_1.1 OVRLRESP PD -", "RECIST_1.1 OVRLRESP SD -")
    assert parsed.frame["response"].to_list() == ["SD"]
    assert parsed.rejects.sort("source_record")["reason"].to_list() == [
        "contradicts row 2 of form.csv, which says SD and is kept",
        "repeats row 2 of form.csv",
    ]


@pytest.mark.parametrize(
    ("indicator", "progression", "response", "rejected"),
    [("Y", "UNEQUIVOCAL", "Y", 0), ("Y", "EQUIVOCAL", "EQUIVOCAL", 0), ("N", "EQUIVOCAL", "EQUIVOCAL", 0),
     ("N", "UNEQUIVOCAL", "Y", 1)],
)  # fmt: skip
def test_new_lesion_progression_refines_the_indicator(indicator, progression, response, rejected):
    parsed = responses(f"iRECIST NEWLIND {indicator} -", f"iRECIST NEWLPROG {progression} -")
    assert parsed.frame["response"].to_list() == [response]
    assert parsed.frame["source_record"].to_list() == ["3" if rejected else "3,2"]
    assert parsed.rejects.height == rejected


def test_two_readings_under_one_visit_number_keep_the_first_whole():
    rs = HEADER + (
        "S1 2 WEEK_6 - OVRLRESP SD - 2024-02-14\n"
        "S1 2 WEEK_6 - OVRLRESP PD - 2024-05-14\n"
        "S1 2 WEEK_6 - NTRGRESP PD - 2024-05-14\n"
    )
    parsed = study(rs=rs).recorded_response
    assert parsed.frame.select("component", "response").rows() == [("OVERALL", "SD")]
    assert parsed.rejects["source_record"].to_list() == ["3", "4"]


def test_a_best_response_outside_the_visits_stands_at_the_last_one():
    rs = HEADER + (
        "S1 2 WEEK_6 - OVRLRESP SD - 2024-02-14\n"
        "S1 3 WEEK_12 - OVRLRESP PD - 2024-04-14\n"
        "S1 - - - BESTRESP SD - 2024-05-01\n"
    )
    best = study(rs=rs).recorded_response.frame.filter(component="BEST")
    assert best.select("timepoint", "response").rows() == [(2, "SD")]


def test_a_response_with_an_impossible_date_is_rejected():
    parsed = study(rs=HEADER + "S1 2 WEEK_6 - OVRLRESP SD - 2024-02-30\n").recorded_response
    assert parsed.frame.is_empty()
    assert parsed.rejects["field"].to_list() == ["RSDTC"]


@pytest.mark.parametrize(
    ("response", "completed"),
    [
        ("CR", dt.date(2024, 2, 29)),
        ("SD", dt.date(2024, 2, 29)),
        ("NON-CR/NON-PD", dt.date(2024, 2, 29)),
        ("PD", dt.date(2024, 2, 1)),
    ],
)
def test_DT_06_a_response_without_a_day_is_of_the_last_of_the_month_a_progression_of_the_first(
    response: str, completed: dt.date
) -> None:
    rows = pl.DataFrame({"RSDTC": ["2024-02"], "response": [response], "USUBJID": ["1"], "visit_number": [1.0]})
    known = pl.DataFrame(schema={"USUBJID": pl.String, "visit_number": pl.Float64, "date": pl.Date})
    found = dates.completed(rows, "RSDTC", known, at_the_end=~codes.is_progression("response"))
    assert found["date"].to_list() == [completed]


@pytest.mark.parametrize(
    ("response", "options", "completed"),
    [
        ("SD", {}, dt.date(2024, 2, 29)),
        ("SD", {"resp_impute": "first"}, dt.date(2024, 2, 1)),
        ("PD", {}, dt.date(2024, 2, 1)),
        ("PD", {"pd_impute": "last"}, dt.date(2024, 2, 29)),
        ("iUPD", {"pd_impute": "last"}, dt.date(2024, 2, 29)),
    ],
)
def test_DT_06_partial_dates_are_completed_by_pd_impute_and_resp_impute(response, options, completed):
    rs = HEADER + f"S1 2 WEEK_6 iRECIST OVRLRESP {response} - 2024-02"
    assert study(rs=rs, options=options).recorded_response.frame["assessment_date"].to_list() == [completed]


@pytest.mark.parametrize(
    ("earlier", "completed"), [("2024-02-10", dt.date(2024, 2, 10)), ("2024-01-20", dt.date(2024, 2, 1))]
)
def test_DT_06_a_completed_date_does_not_lie_before_the_previous_known_time_point(earlier, completed):
    rs = HEADER + f"S1 2 WEEK_6 - OVRLRESP SD - {earlier}\nS1 3 WEEK_12 - OVRLRESP PD - 2024-02"
    assert study(rs=rs).recorded_response.frame["assessment_date"].to_list()[-1] == completed


@pytest.mark.parametrize(("impute", "start"), [("first", dt.date(2024, 3, 1)), ("last", dt.date(2024, 3, 31))])
def test_DT_06_new_therapy_without_a_day_starts_by_pd_impute(impute, start):
    cm = "USUBJID CMTRT CMCAT CMSTDTC\nS1 DRUG ANTI-CANCER_THERAPY 2024-03"
    assert study(cm=cm, options={"pd_impute": impute}).subject.frame["new_therapy_date"].to_list() == [start, None]
