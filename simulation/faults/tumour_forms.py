"""Faults in TU, TR and RS: rows that cannot be used, and recorded responses that do not follow from measurements."""

from __future__ import annotations

import polars as pl

from simulation.faults.edits import edit, edit_all
from simulation.faults.fault import Catalogue, Stage

TUMOUR_FORMS = Catalogue(Stage.FORMS)

INVESTIGATOR = pl.col("TREVAL") == "INVESTIGATOR"
LENGTH = INVESTIGATOR & (pl.col("TRTESTCD") == "LDIAM") & (pl.col("TRGRPID") == "TARGET") & (pl.col("TRSTRESN") >= 15)
FOLLOW_UP = pl.col("VISITNUM") == 2
ROW_OF_TARGET = LENGTH & FOLLOW_UP
STATE = INVESTIGATOR & (pl.col("TRTESTCD") == "TUMSTATE") & (pl.col("TRGRPID") == "NON-TARGET") & FOLLOW_UP
VISIT_OF_READER = ("USUBJID", "TREVAL", "TREVALID", "VISITNUM")


def _number(text: str) -> dict[str, object]:
    return {"TRSTRESC": text, "TRORRES": text, "TRSTRESN": None}


def _size(mm: float) -> dict[str, object]:
    return {"TRSTRESN": mm, "TRSTRESC": str(mm), "TRORRES": str(mm)}


for fault_id, title, values, rejected in (
    ("NOT-A-NUMBER", "Words in place of a diameter", _number("approx 20"), "not a number"),
    ("DECIMAL-COMMA", "A decimal comma", _number("24,5"), "not a number"),
    ("NEGATIVE-LENGTH", "A negative diameter", _size(-21.0), "negative length"),
    ("LENGTH-IMPOSSIBLE", "A diameter of 640 mm", _size(640.0), "longer than can be true"),
    ("UNIT-UNKNOWN", "A diameter in pixels", {"TRSTRESU": "pixel", "TRORRESU": "pixel"}, "unknown unit of length"),
    ("UNIT-MISSING", "A diameter without unit", {"TRSTRESU": None, "TRORRESU": None}, "the length has no unit"),
    ("NOT-DONE-WITH-RESULT", "NOT DONE beside a result", {"TRSTAT": "NOT DONE"}, "NOT DONE, yet there is a result"),
    (
        "NO-RESULT",
        "Neither a result nor NOT DONE",
        {"TRSTRESN": None, "TRSTRESC": None, "TRORRES": None},
        "no result",
    ),
    ("STATUS-UNKNOWN", "A status that is no code", {"TRSTAT": "MISSING"}, "unknown status"),
    ("ZERO-YET-SEEN", "A longest diameter of 0 beside a perpendicular", _size(0.0), "0 mm, yet the perpendicular"),
    ("TEST-UNKNOWN", "A misspelt test code", {"TRTESTCD": "LDIAMM"}, "unknown test"),
    ("DATE-IMPOSSIBLE", "The 30th of February", {"TRDTC": "2024-02-30"}, "no such day"),
    ("DATE-FOREIGN-FORMAT", "A date as month/day/year", {"TRDTC": "03/15/2024"}, "not an ISO 8601 date"),
    ("DATE-AFTER-CUTOFF", "A scan after the data cut-off", {"TRDTC": "2031-01-15"}, "cut-off"),
    ("VISIT-NUMBER-MISSING", "A result without visit number", {"VISITNUM": None}, "no visit number"),
    ("SUBJECT-UNKNOWN", "A subject that DM does not know", {"USUBJID": "SIM-999-99999"}, "subject"),
):
    edit(
        TUMOUR_FORMS,
        fault_id,
        title,
        sheet="TR",
        where=ROW_OF_TARGET,
        values=values,
        matter="conformance of TR",
        rejected=rejected,
    )

edit(
    TUMOUR_FORMS,
    "STATE-UNKNOWN",
    "A state that is no code",
    sheet="TR",
    where=STATE,
    values={"TRSTRESC": "SAME", "TRORRES": "SAME"},
    matter="TUMSTATE codes, 13.1",
    rejected="unknown state of a lesion",
)
edit(
    TUMOUR_FORMS,
    "ROW-TWICE",
    "A row sent twice",
    sheet="TR",
    where=ROW_OF_TARGET,
    values={},
    copy=True,
    matter="duplicates",
    rejected="repeats row",
)
edit(
    TUMOUR_FORMS,
    "ROW-CONTRADICTED",
    "Two different results of one diameter",
    sheet="TR",
    where=ROW_OF_TARGET,
    values=lambda row: {"TRSTRESN": row["TRSTRESN"] + 4, "TRSTRESC": str(row["TRSTRESN"] + 4), "TRSEQ": 99_999},
    copy=True,
    matter="duplicates",
    rejected="contradicts",
)
edit(
    TUMOUR_FORMS,
    "SECOND-DATE-IN-VISIT",
    "One diameter of a lesion dated eight days later than the other",
    sheet="TR",
    where=INVESTIGATOR & (pl.col("TRTESTCD") == "LPERP") & (pl.col("TRGRPID") == "TARGET") & FOLLOW_UP,
    values={"TRDTC": "2024-12-24"},
    matter="one date per lesion and visit",
    rejected="another record of the same at this visit",
)
edit(
    TUMOUR_FORMS,
    "LESION-WITHOUT-ROLE",
    "A result of a lesion that nobody identified",
    sheet="TR",
    where=ROW_OF_TARGET,
    values={"TRLNKID": "T77", "TRGRPID": None},
    matter="TU and TR linked by --LNKID",
    rejected="the lesion's role is unknown",
)
edit(
    TUMOUR_FORMS,
    "LESION-WITHOUT-RESULT",
    "A lesion identified in TU without any result",
    sheet="TU",
    where=pl.col("TUTESTCD") == "TUMIDENT",
    values={"TULNKID": "T88", "TUSEQ": 99_999},
    copy=True,
    matter="TU and TR linked by --LNKID",
    rejected="the lesion has no result in TR",
)
edit(
    TUMOUR_FORMS,
    "ROLE-UNKNOWN",
    "A role that is no code",
    sheet="TU",
    where=pl.col("TUTESTCD") == "TUMIDENT",
    values={"TUSTRESC": "PRIMARY", "TUORRES": "PRIMARY", "TULNKID": "T89"},
    copy=True,
    matter="TUSTRESC codes, 13.1",
    rejected="unknown role",
)
edit(
    TUMOUR_FORMS,
    "LESION-ORGAN-CHANGES",
    "A lesion identified in two organs",
    sheet="TU",
    where=(pl.col("TUTESTCD") == "TUMIDENT") & (pl.col("TULOC") == "LIVER"),
    values={"TULOC": "PANCREAS", "TUSEQ": 99_999},
    copy=True,
    matter="lesions keep their organ",
    rejected="contradicts",
)
edit_all(
    TUMOUR_FORMS,
    "DATE-PARTIAL",
    "A scan date without its day",
    sheet="TR",
    where=INVESTIGATOR & (pl.col("TRTESTCD") == "TUMSTATE") & (pl.col("TRGRPID") == "NON-TARGET") & FOLLOW_UP,
    same=("USUBJID", "TREVAL", "TREVALID", "VISITNUM", "TRLNKID"),
    values=lambda row: {"TRDTC": row["TRDTC"][:7]},
    matter="DT-06",
    rule="MEASUREMENT_DATE_PARTIAL",
)
edit(
    TUMOUR_FORMS,
    "TARGET-ONE-DIAMETER",
    "A target node with the longest diameter alone",
    sheet="TR",
    where=INVESTIGATOR & (pl.col("TRTESTCD") == "LPERP") & (pl.col("TRGRPID") == "TARGET") & FOLLOW_UP,
    values={"TRSTRESN": None, "TRSTRESC": "NE", "TRORRES": "NE", "TRSTRESU": None, "TRORRESU": None},
    matter="R11-BL-06, WHO-01",
    rule="PERPENDICULAR_MISSING",
)
edit(
    TUMOUR_FORMS,
    "SUM-TRANSPOSED",
    "A recorded sum with two digits interchanged",
    sheet="TR",
    where=(pl.col("TRTESTCD") == "SUMDIAM") & FOLLOW_UP & (pl.col("TRSTRESN") > 20),
    values=lambda row: _size(round(row["TRSTRESN"] + 9, 1)),
    matter="R11-BL-06",
    rule="SUM_NOT_AS_COMPUTED",
)
edit_all(
    TUMOUR_FORMS,
    "VISIT-NOT-READ",
    "A visit with recorded responses and no lesion records",
    sheet="TR",
    where=(pl.col("VISITNUM") == 3) & pl.col("TRSTAT").is_null(),
    same=("USUBJID", "VISITNUM"),
    values={},
    matter="GEN-09",
    rule="VISIT_WITHOUT_READS",
)
edit_all(
    TUMOUR_FORMS,
    "BOTH-READERS-ACCEPTED",
    "Both central readers marked as accepted",
    sheet="RS",
    where=pl.col("RSEVALID").is_in(["RADIOLOGIST 1", "RADIOLOGIST 2"]) & pl.col("RSACPTFL").is_null(),
    same=("USUBJID", "RSEVAL"),
    values={"RSACPTFL": "Y"},
    matter="BR-03, RSACPTFL",
    rule="SEVERAL_READERS_ACCEPTED",
)
edit_all(
    TUMOUR_FORMS,
    "NO-READER-ACCEPTED",
    "No central reader marked as accepted",
    sheet="RS",
    where=pl.col("RSACPTFL") == "Y",
    same=("USUBJID", "RSEVAL"),
    values={"RSACPTFL": None},
    matter="BR-04, RSACPTFL",
    rule="NO_READER_ACCEPTED",
)

RECIST, IRECIST = pl.col("RSCAT") == "RECIST 1.1", pl.col("RSCAT") == "iRECIST"
SITE = pl.col("RSEVAL") == "INVESTIGATOR"


def _response(code: str) -> dict[str, object]:
    return {"RSSTRESC": code, "RSORRES": code}


for fault_id, title, test, before, after, rule, matter, category in (
    (
        "OVERALL-PD-AS-SD",
        "Progression recorded as stable disease",
        "OVRLRESP",
        "PD",
        "SD",
        "PROGRESSION_NOT_RECORDED",
        "2.5",
        RECIST,
    ),
    (
        "OVERALL-SD-AS-PR",
        "Stable disease recorded as response",
        "OVRLRESP",
        "SD",
        "PR",
        "RESPONSE_NOT_DERIVED",
        "2.5",
        RECIST,
    ),
    (
        "OVERALL-PR-AS-CR",
        "Partial recorded as complete response",
        "OVRLRESP",
        "PR",
        "CR",
        "OVERALL_RESPONSE_NOT_AS_DERIVED",
        "2.5",
        RECIST,
    ),
    (
        "TARGET-RESPONSE-WRONG",
        "Target response PR recorded as SD",
        "TRGRESP",
        "PR",
        "SD",
        "TARGET_RESPONSE_NOT_AS_DERIVED",
        "R11-TL",
        RECIST,
    ),
    (
        *("NON-TARGET-RESPONSE-WRONG", "Non-target response recorded as CR while disease persists", "NTRGRESP"),
        *("NON-CR/NON-PD", "CR", "NON_TARGET_RESPONSE_NOT_AS_DERIVED", "R11-NT", RECIST),
    ),
    (
        "ICPD-TOO-EARLY",
        "iUPD recorded as confirmed",
        "OVRLRESP",
        "iUPD",
        "iCPD",
        "OVERALL_RESPONSE_NOT_AS_DERIVED",
        "IR-02",
        IRECIST,
    ),
):
    edit(
        TUMOUR_FORMS,
        fault_id,
        title,
        sheet="RS",
        where=SITE & category & (pl.col("RSTESTCD") == test) & (pl.col("RSSTRESC") == before),
        values=_response(after),
        matter=matter,
        rule=rule,
    )

edit(
    TUMOUR_FORMS,
    "NEW-LESION-INDICATOR-WRONG",
    "No new lesion recorded beside a new lesion",
    sheet="RS",
    where=SITE & RECIST & (pl.col("RSTESTCD") == "NEWLIND") & (pl.col("RSSTRESC") == "Y"),
    values=_response("N"),
    matter="R11-NL-01, NEWLIND",
    rule="NEW_LESION_NOT_AS_DERIVED",
)
edit(
    TUMOUR_FORMS,
    "RESPONSE-UNKNOWN",
    "A response that is no code",
    sheet="RS",
    where=SITE & RECIST & (pl.col("RSTESTCD") == "OVRLRESP"),
    values=_response("PROGRESSION"),
    matter="RSSTRESC codes, 13.1",
    rejected="unknown response",
)
edit(
    TUMOUR_FORMS,
    "CRITERION-UNKNOWN",
    "A response under an unknown criterion",
    sheet="RS",
    where=SITE & RECIST & (pl.col("RSTESTCD") == "OVRLRESP"),
    values={"RSCAT": "CHOI"},
    matter="RSCAT codes, 13.1",
    rejected="unknown criterion",
)
edit_all(
    TUMOUR_FORMS,
    "RESPONSE-MISSING",
    "An assessed visit without recorded response",
    sheet="RS",
    where=SITE & (pl.col("VISITNUM") == 3),
    same=("USUBJID", "RSEVAL", "VISITNUM"),
    values={},
    matter="OVRLRESP, 13.1",
    rule="MEASUREMENTS_WITHOUT_RESPONSE",
)
edit_all(
    TUMOUR_FORMS,
    "RESPONSE-DATE-DIFFERS",
    "Responses dated a month after the scans of their visit",
    sheet="RS",
    where=SITE & (pl.col("VISITNUM") == 2) & (pl.col("RSDTC").str.tail(2) < "28"),
    same=("USUBJID", "RSEVAL", "VISITNUM"),
    values=lambda row: {"RSDTC": _a_month_later(row["RSDTC"])},
    matter="DT-01, scan dates against form dates",
    rule="RESPONSE_DATE_DIFFERS",
)


def _a_month_later(day: str) -> str:
    year, month = int(day[:4]), int(day[5:7])
    return f"{year + month // 12}-{month % 12 + 1:02d}{day[7:]}"
