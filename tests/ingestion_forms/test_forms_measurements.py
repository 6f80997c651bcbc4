"""TR and TU rows become lesion records: the default encoding of reads, row by row, and what is wrong with rows."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.ingestion_forms.small_trial import study

TU = """
USUBJID TULNKID TUSTRESC   TULOC
S1      T01     TARGET     LIVER
S1      T02     TARGET     LYMPH_NODE,_AXILLARY
S1      NT01    NON-TARGET BONE
S1      NT02    NON-TARGET LYMPH_NODE
S1      NEW01   NEW        LUNG
"""
HEADER = "USUBJID VISITNUM TRLNKID TRTESTCD TRSTRESN TRSTRESC TRSTRESU TRSTAT TRREASND TRDTC"


def lesion(*rows: str, tu: str = TU, role: str = "", **domains):
    """Measurement of the rows: `lesion test number text unit [status reason]` at visit 1 on 2024-01-02."""
    lines = [HEADER]
    for row in rows:
        name, test, number, text, *rest = row.split()
        unit, status, reason = (*rest, *["-"] * (3 - len(rest)))
        lines.append(f"S1 1 {name} {test} {number} {text} {unit} {status} {reason} 2024-01-02")
    return study(tr="\n".join(lines), tu=tu, **domains).measurement


def state(*rows: str, **more) -> str:
    parsed = lesion(*rows, **more)
    assert parsed.frame.height == 1
    return parsed.frame["state"][0]


STATES = [
    ("T01 LDIAM 12 12 mm | T01 LPERP 9 9 mm", "MEASURED"),
    ("T01 LDIAM 0 0 mm | T01 LPERP 0 0 mm | T01 TUMSTATE - ABSENT", "ABSENT"),
    ("T01 LDIAM - TOO_SMALL_TO_MEASURE | T01 LPERP - TOO_SMALL_TO_MEASURE | T01 TUMSTATE - PRESENT", "TOO_SMALL"),
    ("T01 LDIAM - - - NOT_DONE NOT_EVALUABLE | T01 LPERP - - - NOT_DONE NOT_EVALUABLE", "NOT_EVALUABLE"),
    ("T01 LDIAM - - - NOT_DONE SCAN_NOT_PERFORMED", "NOT_DONE"),
    ("T01 TUMSTATE - PRESENT", "NOT_EVALUABLE"),
    ("T01 TUMSTATE - ABSENT", "ABSENT"),
    ("T01 TUMSTATE - MERGED", "MERGED"),
    ("T01 LPERP 9 9 mm", "NOT_EVALUABLE"),
    ("T02 LDIAM 20 20 mm | T02 LPERP 16 16 mm", "MEASURED"),
    ("T02 LDIAM 0 0 mm | T02 LPERP 0 0 mm", "ABSENT"),
    ("T02 LDIAM 0 0 mm", "ABSENT"),
    ("T02 LDIAM 20 20 mm", "NOT_EVALUABLE"),
    ("T02 LDIAM 9 9 mm | T02 LPERP 7 7 mm | T02 TUMSTATE - ABSENT", "MEASURED"),
    ("NT01 TUMSTATE - PRESENT | NT01 CHGPREV - INCREASED", "PRESENT"),
    ("NT01 TUMSTATE - UNEQUIVOCAL_PROGRESSION", "UNEQUIVOCAL_PROGRESSION"),
    ("NT01 TUMSTATE - UNEQUIVOCAL", "UNEQUIVOCAL_PROGRESSION"),
    ("NT01 TUMSTATE - EQUIVOCAL", "PRESENT"),
    ("NT01 TUMSTATE - ABSENT", "ABSENT"),
    ("NT01 TUMSTATE - ENLARGEMENT", "INCREASED"),
    ("NT01 TUMSTATE - - - NOT_DONE NOT_EVALUABLE", "NOT_EVALUABLE"),
    ("NT01 LDIAM 12 12 mm", "PRESENT"),
    ("NT02 TUMSTATE - PRESENT | NT02 LDIAM 14 14 mm | NT02 LPERP 12 12 mm", "PRESENT"),
    ("NT02 TUMSTATE - ABSENT | NT02 LDIAM 9 9 mm | NT02 LPERP 6 6 mm", "ABSENT"),
    ("NEW01 TUMSTATE - EQUIVOCAL", "EQUIVOCAL"),
    ("NEW01 TUMSTATE - UNEQUIVOCAL | NEW01 LDIAM 12 12 mm | NEW01 LPERP 8 8 mm", "UNEQUIVOCAL"),
    ("NEW01 TUMSTATE - UNEQUIVOCAL_PROGRESSION", "UNEQUIVOCAL_PROGRESSION"),
    ("NEW01 TUMSTATE - ABSENT", "ABSENT"),
    ("NEW01 TUMSTATE - PRESENT | NEW01 LDIAM - TOO_SMALL_TO_MEASURE", "TOO_SMALL"),
    ("NEW01 LDIAM 12 12 mm", "MEASURED"),
    ("NEW01 TUMSTATE - - - NOT_DONE SCAN_NOT_PERFORMED", "NOT_DONE"),
]


@pytest.mark.parametrize(("rows", "expected"), STATES)
def test_state_of_a_lesion(rows, expected):
    assert state(*rows.split(" | ")) == expected


def test_longest_diameter_counts_for_a_lesion_and_the_perpendicular_is_the_short_axis_of_a_node():
    parsed = lesion("T01 LDIAM 12 12 mm", "T01 LPERP 9 9 mm", "T02 LDIAM 20 20 mm", "T02 LPERP 16 16 mm")
    sizes = parsed.frame.sort("lesion_id").select(
        "lesion_id", "is_node", "longest_diameter_mm", "short_axis_mm", "perpendicular_mm", "organ"
    )
    assert sizes.rows() == [
        ("T01", False, 12.0, None, 9.0, "LIVER"),
        ("T02", True, 20.0, 16.0, 16.0, "LYMPH NODE, AXILLARY"),
    ]


def test_a_diameter_alone_is_the_diameter_that_counts():
    frame = lesion("T01 DIAMETER 12 12 mm", "T02 DIAMETER 16 16 mm").frame.sort("lesion_id")
    assert frame.select("longest_diameter_mm", "short_axis_mm", "state").rows() == [
        (12.0, None, "MEASURED"),
        (None, 16.0, "MEASURED"),
    ]


@pytest.mark.parametrize(("value", "mm"), [("2.28", 22.8), ("1.9", 19.0), ("0.57", 5.7), ("1.15", 11.5)])
def test_centimetres_are_converted_exactly(value, mm):
    assert lesion(f"T01 LDIAM {value} {value} cm").frame["longest_diameter_mm"].to_list() == [mm]


def test_without_a_standard_result_the_original_one_counts():
    tr = "USUBJID VISITNUM TRLNKID TRTESTCD TRORRES TRORRESU TRDTC\nS1 1 T01 LDIAM 1.2 CM 2024-01-02"
    assert study(tr=tr, tu=TU).measurement.frame["longest_diameter_mm"].to_list() == [12.0]


def test_change_from_previous_is_the_readers_word_and_leaves_the_state():
    row = lesion("NT01 TUMSTATE - PRESENT", "NT01 CHGPREV - INCREASED").frame.row(0, named=True)
    assert (row["state"], row["change_from_previous"], row["source_record"]) == ("PRESENT", "INCREASED", "2,3")


BAD_ROWS = [
    ("T01 LDIAM twelve - mm", "TRSTRESN", "not a number", "decimal point"),
    ("T01 LDIAM nan - mm", "TRSTRESN", "not a number", "decimal point"),
    ("T01 LDIAM - 12,5 mm", "TRSTRESC", "not a number", "decimal point"),
    ("T01 LDIAM -5 - mm", "TRSTRESN", "negative length", "correct the sign"),
    ("T01 LDIAM 501 - mm", "TRSTRESN", "501.0 mm is longer than can be true", "its unit"),
    ("T01 LDIAM 51 - cm", "TRSTRESN", "510.0 mm is longer than can be true", "its unit"),
    ("T01 LDIAM 12 12 yard", "TRSTRESU", "unknown unit", "mm or cm"),
    ("T01 LDIAM 12 12 -", "TRSTRESU", "no unit", "mm or cm"),
    ("T01 LDIAM - - mm", "TRSTRESC", "no result", "TRSTAT = NOT DONE"),
    ("T01 LDIAM 12 12 mm NOT_DONE", "TRSTAT", "NOT DONE, yet there is a result: 12", "remove"),
    ("T01 LDIAM - - mm NOTDONE", "TRSTAT", "unknown status", "did you mean NOT DONE?"),
    ("NT01 TUMSTATE - PRESNT", "TRSTRESC", "unknown state", "did you mean PRESENT?"),
    ("NT01 CHGPREV - GROWN", "TRSTRESC", "unknown change", "INCREASED, UNCHANGED or DECREASED"),
]


@pytest.mark.parametrize(("row", "field", "reason", "remedy"), BAD_ROWS)
def test_a_bad_row_is_rejected_and_its_lesion_is_not_evaluable(row, field, reason, remedy):
    parsed = lesion(row, "T02 LDIAM 20 20 mm", "T02 LPERP 16 16 mm")
    reject = parsed.rejects.filter(parsed.rejects["reason"] != "the lesion has no result in TR").row(0, named=True)
    assert (reject["field"], reject["source_record"], reject["subject_id"]) == (field, "2", "S1")
    assert (reject["stage"], reject["source_name"]) == ("core.measurement", "form.csv")
    assert reject["source_sha256"] == "sha of tr"
    assert reason in reject["reason"] and remedy in reject["remedy"]
    lesions = dict(parsed.frame.select("lesion_id", "state").rows())
    assert lesions == {row.split()[0]: "NOT_EVALUABLE", "T02": "MEASURED"}
    reasons = dict(parsed.frame.select("lesion_id", "not_done_reason").rows())
    assert reasons == {row.split()[0]: "RECORD REJECTED", "T02": None}


def test_a_rejected_longest_diameter_is_not_replaced_by_another_test():
    assert state("T01 LDIAM -12 -12 mm", "T01 LPERP 9 9 mm", "T01 DIAMETER 12 12 mm") == "NOT_EVALUABLE"


def values(parsed):
    return parsed.rejects.filter(parsed.rejects["reason"] != "the lesion has no result in TR")


def rejected(*rows: str, **more):
    found = values(lesion(*rows, **more))
    assert found.height == 1
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("rows", "record", "reason", "expected"),
    [
        ("T01 LDIAM 0 0 mm | T01 TUMSTATE - PRESENT", "2", "0 mm, yet the lesion is PRESENT", "NOT_EVALUABLE"),
        ("T01 LDIAM 0 0 mm | T01 LPERP 7 7 mm", "2", "0 mm, yet the perpendicular is 7.0 mm", "NOT_EVALUABLE"),
        ("T02 LDIAM 9 9 mm | T02 LPERP 0 0 mm", "3", "0 mm, yet the longest diameter is 9.0 mm", "NOT_EVALUABLE"),
        ("T01 LDIAM 12 12 mm | T01 TUMSTATE - ABSENT", "3", "ABSENT, yet the size is 12.0 mm", "MEASURED"),
        ("NT01 TUMSTATE - ABSENT | NT01 LDIAM 12 12 mm", "2", "ABSENT, yet the size is 12.0 mm", "NOT_EVALUABLE"),
    ],
)
def test_rows_that_contradict_each_other_never_make_a_lesion_vanish(rows, record, reason, expected):
    rows = rows.split(" | ")
    reject = rejected(*rows)
    assert (reject["source_record"], reject["reason"]) == (record, reason)
    assert state(*rows) == expected


def test_a_second_record_with_another_value_is_rejected_and_the_first_stays():
    reject = rejected("T01 LDIAM 12 12 mm", "T01 LDIAM 15 15 mm")
    assert reject["reason"] == "contradicts row 2 of form.csv, which says 12.0 mm and is kept"
    assert lesion("T01 LDIAM 12 12 mm", "T01 LDIAM 15 15 mm").frame["longest_diameter_mm"].to_list() == [12.0]


def test_a_second_record_with_the_same_value_is_rejected_as_a_repeat():
    assert rejected("T01 LDIAM 12 12 mm", "T01 LDIAM 12.0 12 mm")["reason"] == "repeats row 2 of form.csv"


def test_unknown_tests_are_rejected_and_other_tests_of_sdtm_are_left_out():
    reject = rejected("T01 LDAIM 12 12 mm", "T01 VOLUME 12 12 mL", "T01 LDIAM 12 12 mm")
    assert (reject["field"], reject["value"]) == ("TRTESTCD", "LDAIM")
    assert "did you mean LDIAM?" in reject["remedy"]


def test_a_lesion_without_identifier_or_role_is_rejected():
    assert rejected("- LDIAM 12 12 mm")["field"] == "TRLNKID"
    assert rejected("T09 LDIAM 12 12 mm")["field"] == "TRGRPID"


def test_a_lesion_that_only_tu_knows_is_rejected():
    rejects = lesion("T01 LDIAM 12 12 mm").rejects
    assert rejects.filter(rejects["field"] == "TULNKID")["value"].to_list() == ["T02", "NT01", "NT02", "NEW01"]


def test_an_unknown_role_in_tu_is_rejected_with_a_proposal():
    tu = "USUBJID TULNKID TUSTRESC TULOC\nS1 T01 TARGTE LIVER\nS1 - TARGET LIVER"
    rejects = values(lesion("NT01 TUMSTATE - PRESENT", tu=tu))
    proposed = dict(rejects.filter(rejects["field"] != "TRGRPID").select("field", "remedy").rows())
    assert proposed["TUSTRESC"].startswith("did you mean TARGET?")
    assert "TULNKID" in proposed["TULNKID"]


TWO = """
USUBJID VISITNUM TRLNKID TRGRPID TRTESTCD TRSTRESN TRSTRESU TRDTC TREVAL TREVALID TRACPTFL
"""


def test_evaluator_is_the_identifier_else_the_role_else_the_investigator():
    tr = TWO + (
        "S1 1 T01 TARGET LDIAM 10 mm 2024-01-02 - - -\n"
        "S1 1 T01 TARGET LDIAM 11 mm 2024-01-02 ADJUDICATOR - Y\n"
        "S1 1 T01 TARGET LDIAM 12 mm 2024-01-02 INDEPENDENT_ASSESSOR RADIOLOGIST_1 Y\n"
    )
    frame = study(tr=tr).measurement.frame.sort("longest_diameter_mm")
    assert frame.select("evaluator", "reader_role", "accepted").rows() == [
        ("INVESTIGATOR", "INVESTIGATOR", False),
        ("ADJUDICATOR", "ADJUDICATOR", True),
        ("RADIOLOGIST 1", "INDEPENDENT ASSESSOR", True),
    ]


@pytest.mark.parametrize(
    ("first", "second", "date"),
    [
        ("2024-01", "2024-01-09", dt.date(2024, 1, 9)),
        ("2024-01", "2024-02-09", dt.date(2024, 1, 1)),
        ("2024", "2024-02-09", dt.date(2024, 2, 9)),
        ("2024", "2023-02-09", dt.date(2024, 1, 1)),
        ("2024---09", "2024-02-09", dt.date(2024, 2, 9)),
        ("-", "2024-02-09", dt.date(2024, 2, 9)),
        ("2024-01-05T11:30", "2024-01-09", dt.date(2024, 1, 5)),
    ],
)
def test_a_partial_date_takes_the_day_of_another_record_of_the_visit_else_the_first(first, second, date):
    tr = TWO + f"S1 1 T01 TARGET LDIAM 10 mm {first} - - -\nS1 1 T02 TARGET LDIAM 10 mm {second} - - -\n"
    row = study(tr=tr).measurement.frame.sort("lesion_id").row(0, named=True)
    assert row["assessment_date"] == date
    assert row["assessment_dtc"] == (None if first == "-" else first)


@pytest.mark.parametrize(
    ("text", "reason"), [("2031-02-30", "no such day in the calendar"), ("13/02/2024", "not an ISO 8601 date")]
)
def test_a_row_with_an_impossible_date_is_rejected(text, reason):
    tr = TWO + f"S1 1 T01 TARGET LDIAM 10 mm {text} - - -\nS1 1 T02 TARGET LDIAM 10 mm 2024-01-02 - - -\n"
    parsed = study(tr=tr).measurement
    reject = parsed.rejects.row(0, named=True)
    assert (reject["field"], reject["value"], reject["reason"]) == ("TRDTC", text, reason)
    assert "YYYY-MM-DD" in reject["remedy"]
    assert parsed.frame.sort("lesion_id")["state"].to_list() == ["NOT_EVALUABLE", "MEASURED"]


def test_rows_after_the_data_cutoff_are_rejected_and_make_no_visit():
    tr = TWO + "S1 1 T01 TARGET LDIAM 10 mm 2024-01-02 - - -\nS1 2 T01 TARGET LDIAM 10 mm 2024-03-02 - - -\n"
    forms = study(tr=tr, options={"data_cutoff": dt.date(2024, 3, 1)})
    assert forms.measurement.frame["timepoint"].to_list() == forms.visit.frame["timepoint"].to_list() == [0]
    assert forms.measurement.rejects["reason"].to_list() == ["after the data cut-off 2024-03-01"]


def test_two_assessments_under_one_visit_number_keep_the_first_whole():
    tr = TWO + (
        "S1 1 T01 TARGET LDIAM 10 mm 2024-01-02 - - -\n"
        "S1 1 T01 TARGET LDIAM 20 mm 2024-04-02 - - -\n"
        "S1 1 T01 TARGET LPERP 15 mm 2024-04-02 - - -\n"
    )
    parsed = study(tr=tr).measurement
    assert parsed.frame.select("longest_diameter_mm", "perpendicular_mm").rows() == [(10.0, None)]
    assert parsed.rejects["source_record"].to_list() == ["3", "4"]
    assert "visit number of its own" in parsed.rejects["remedy"][0]


def test_records_of_unknown_subjects_or_without_visit_number_are_rejected():
    tr = TWO + (
        "S9 1 T01 TARGET LDIAM 10 mm 2024-01-02 - - -\n"
        "-  1 T01 TARGET LDIAM 10 mm 2024-01-02 - - -\n"
        "S1 x T01 TARGET LDIAM 10 mm 2024-01-02 - - -\n"
        "S2 1 T01 TARGET LDIAM 10 mm 2024-01-02 - - -\n"
    )
    parsed = study(tr=tr).measurement
    assert parsed.frame["subject_id"].to_list() == ["S2"]
    assert parsed.rejects.sort("source_record").select("source_record", "field", "value").rows() == [
        ("2", "USUBJID", "S9"),
        ("3", "USUBJID", None),
        ("4", "VISITNUM", "x"),
    ]


def test_merged_lesions_are_not_absent_and_fragments_name_their_parent():
    tu = """
USUBJID VISITNUM TUTESTCD TULNKID TUSTRESC TULOC
S1      1        TUMIDENT T01     TARGET   LIVER
S1      1        TUMIDENT T02     TARGET   LIVER
S1      2        TUMERGE  T01/T02 TARGET   LIVER
S1      2        TUMIDENT T03     TARGET   LUNG
S1      2        TUSPLIT  T03     T01      LUNG
"""
    tr = TWO + (
        "S1 1 T01 - LDIAM 10 mm 2024-01-02 - - -\n"
        "S1 1 T02 - LDIAM 11 mm 2024-01-02 - - -\n"
        "S1 2 T01 - LDIAM 25 mm 2024-03-02 - - -\n"
        "S1 2 T02 - LDIAM 0  mm 2024-03-02 - - -\n"
        "S1 2 T03 - LDIAM 8  mm 2024-03-02 - - -\n"
    )
    frame = study(tr=tr, tu=tu).measurement.frame.sort("timepoint", "lesion_id")
    assert frame.select("timepoint", "lesion_id", "state", "other_lesion_id").rows() == [
        (0, "T01", "MEASURED", None),
        (0, "T02", "MEASURED", None),
        (1, "T01", "MEASURED", None),
        (1, "T02", "MERGED", "T01"),
        (1, "T03", "SPLIT", "T01"),
    ]


def test_a_lesion_counts_as_injected_after_its_first_injection():
    tr = TWO + "".join(
        f"S1 {visit} {name} TARGET LDIAM 10 mm {day} - - -\n"
        for visit, day in ((1, "2024-01-02"), (2, "2024-03-02"))
        for name in ("T01", "T02")
    )
    pr = """
USUBJID PRTRT                  PRLNKID PRSTDTC
S1      INTRATUMORAL_INJECTION T01     2024-02-01
S1      INTRATUMORAL_INJECTION T01     2024-01-02
S1      INTRATUMORAL_INJECTION -       2024-01-02
S1      BIOPSY                 T02     2024-01-02
"""
    forms = study(tr=tr, pr=pr)
    assert forms.measurement.frame.filter("injected").select("timepoint", "lesion_id").rows() == [(1, "T01")]
    assert forms.injection.rejects["field"].to_list() == ["PRLNKID"]
    assert forms.injection.frame["injection_datetime"].dt.date().cast(str).to_list() == ["2024-01-02", "2024-02-01"]


def test_supplemental_qualifiers_reach_their_record():
    supptr = """
USUBJID IDVAR IDVARVAL QNAM     QVAL
S1      TRSEQ 1        TRREASNE OBSCURED_BY_EFFUSION
S1      TRSEQ 7        TRREASNE NOWHERE
S1      TRSEQ 1        TRREASNE TWICE
"""
    tr = "USUBJID TRSEQ VISITNUM TRLNKID TRGRPID TRTESTCD TRSTAT TRDTC\nS1 1.0 1 T01 TARGET LDIAM NOT_DONE 2024-01-02"
    parsed = study(tr=tr, supptr=supptr).measurement
    assert parsed.frame["not_done_reason"].to_list() == ["OBSCURED BY EFFUSION"]
    assert sorted(parsed.rejects["reason"]) == [
        "no parent record for this qualifier",
        "the qualifier stands twice for one record",
    ]


def test_recorded_sums_keep_what_the_reader_added_up():
    tr = TWO + (
        "S1 1 T01 TARGET LDIAM 10 mm 2024-01-02 - - -\n"
        "S1 1 - TARGET SUMDIAM 6.1 cm 2024-01-02 - - -\n"
        "S1 1 - TARGET SUMDIAM 62 mm 2024-01-02 - - -\n"
        "S1 2 - TARGET SUMDIAM x mm 2024-03-02 - - -\n"
    )
    parsed = study(tr=tr).recorded_sum
    assert parsed.frame.select("timepoint", "sum_mm", "source_record").rows() == [(0, 61.0, "3")]
    assert parsed.rejects.select("source_record", "field").sort("source_record").rows() == [
        ("4", "TRSTRESN"),
        ("5", "TRSTRESN"),
    ]
