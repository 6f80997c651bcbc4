"""Faults in forms that contradict each other or leave something out: lesions, responses, readers, dates, blood."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import polars as pl

from simulation.faults.edits import edit, edit_all, planted
from simulation.faults.fault import Catalogue, Picker, Planted, Stage
from simulation.faults.injection_forms import injections, write
from simulation.faults.sheets import ROW, Sheets
from simulation.faults.subject_forms import shifted

CONTRADICTIONS = Catalogue(Stage.FORMS)
Found = Iterable[Planted]
Row = dict[str, Any]

SITE = pl.col("TREVAL") == "INVESTIGATOR"
LENGTH = SITE & (pl.col("TRTESTCD") == "LDIAM") & (pl.col("TRGRPID") == "TARGET")
AT_BASELINE, FOLLOW_UP = pl.col("VISITNUM") == 1, pl.col("VISITNUM") == 2
OF_LESION = ("USUBJID", "TREVAL", "TREVALID", "VISITNUM", "TRLNKID")
OVERALL = (pl.col("RSEVAL") == "INVESTIGATOR") & (pl.col("RSCAT") == "RECIST 1.1") & (pl.col("RSTESTCD") == "OVRLRESP")
IDENTIFIED = (pl.col("TUTESTCD") == "TUMIDENT") & (pl.col("TUEVAL") == "INVESTIGATOR")
TARGET = pl.col("TUSTRESC") == "TARGET"


def _response(code: str) -> dict[str, object]:
    return {"RSSTRESC": code, "RSORRES": code}


edit_all(
    CONTRADICTIONS,
    "TARGET-ON-THICK-SLICES",
    "A short target measured on slices of 8 mm",
    sheet="TR",
    where=LENGTH & AT_BASELINE & pl.col("TRSTRESN").is_between(10, 15.5),
    same=OF_LESION,
    values={"SLICETHK": "8"},
    matter="R11-BL-01",
    rule="TARGET_BELOW_TWICE_SLICE",
)
for fault_id, title, column, value, rule, matter in (
    ("TARGET-NOT-MEASURABLE", "A target called not measurable", "MEASIND", "N", "TARGET_NOT_MEASURABLE", "R11-BL-04"),
    ("TARGET-IRRADIATED", "A target in an irradiated field", "PREVIR", "Y", "TARGET_IN_TREATED_FIELD", "R11-BL-05"),
):
    edit(
        CONTRADICTIONS,
        fault_id,
        title,
        sheet="TU",
        where=IDENTIFIED & TARGET,
        values={column: value},
        matter=matter,
        rule=rule,
    )
edit(
    CONTRADICTIONS,
    "LESION-WITHOUT-ORGAN",
    "A lesion without its organ",
    sheet="TU",
    where=IDENTIFIED & (pl.col("TUSTRESC") == "NON-TARGET"),
    values={"TULOC": None},
    matter="TULOC",
    rule="ORGAN_MISSING",
)


@CONTRADICTIONS.add(
    "NODE-WITHOUT-SHORT-AXIS",
    "A measured target node without its short axis",
    matter="R11-BL-06",
    rule="TARGET_SIZE_MISSING",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    nodes = sheets.rows("TU", IDENTIFIED & TARGET, pl.col("TULOC") == "LYMPH NODE")
    across = SITE & FOLLOW_UP & (pl.col("TRTESTCD") == "LPERP") & (pl.col("TRSTRESN") > 0)
    ids = nodes.select("USUBJID", TRLNKID="TULNKID")
    rows = sheets.rows("TR", across).join(ids, on=["USUBJID", "TRLNKID"], how="semi", maintain_order="left")
    row = pick.first(rows, "USUBJID")
    sheets.remove("TR", [row[ROW]])
    yield planted("TR", row, "TRSTRESN", "no record", gone=True)


for fault_id, title, before, after, rule in (
    ("OVERALL-PR-AS-SD", "Partial response recorded as stable disease", "PR", "SD", "RESPONSE_NOT_RECORDED"),
    ("OVERALL-SD-AS-PD", "Stable disease recorded as progression", "SD", "PD", "PROGRESSION_NOT_DERIVED"),
    ("OVERALL-IUPD-IN-RECIST", "iUPD recorded under RECIST 1.1", "PD", "iUPD", "RESPONSE_OF_OTHER_CRITERION"),
):
    edit(
        CONTRADICTIONS,
        fault_id,
        title,
        sheet="RS",
        where=OVERALL & (pl.col("RSSTRESC") == before),
        values=_response(after),
        matter="2.5",
        rule=rule,
    )
edit(
    CONTRADICTIONS,
    "BEST-RESPONSE-WRONG",
    "A best response of CR after nothing but progression",
    sheet="RS",
    where=OVERALL & FOLLOW_UP & (pl.col("RSSTRESC") == "PD"),
    values={"RSTESTCD": "BESTRESP", "RSTEST": "Best Response", "RSSEQ": 99_999, **_response("CR")},
    copy=True,
    matter="R11-BOR-02",
    rule="BEST_RESPONSE_NOT_AS_DERIVED",
)


def _dated(sheets: Sheets, row: Row, visit: float, day: str) -> None:
    """Write when a reader read a visit."""
    own = [pl.col("USUBJID") == row["USUBJID"], pl.col("TREVALID").eq_missing(pl.lit(row["TREVALID"]))]
    read = sheets.rows("TR", *own, pl.col("TREVAL") == row["TREVAL"], pl.col("VISITNUM") == visit)
    sheets.change("TR", read[ROW].to_list(), READDTC=day)


@CONTRADICTIONS.add("READ-BEFORE-SCAN", "A read dated before its scan", matter="BR-01", rule="READ_BEFORE_SCAN")
def _(sheets: Sheets, pick: Picker) -> Found:
    row = pick.first(sheets.rows("TR", LENGTH, FOLLOW_UP), "USUBJID")
    day = shifted(row["TRDTC"], -3)
    _dated(sheets, row, 2, day)
    yield planted("TR", row, "READDTC", day)


@CONTRADICTIONS.add(
    "READS-OUT-OF-ORDER", "A visit read before the one before it", matter="BR-01", rule="READS_OUT_OF_ORDER"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    later = sheets.rows("TR", LENGTH, pl.col("VISITNUM") == 3)["USUBJID"].to_list()
    row = pick.first(sheets.rows("TR", LENGTH, FOLLOW_UP, pl.col("USUBJID").is_in(later)), "USUBJID")
    _dated(sheets, row, 2, shifted(row["TRDTC"], 200))
    _dated(sheets, row, 3, shifted(row["TRDTC"], 190))
    yield planted("TR", row, "READDTC", shifted(row["TRDTC"], 200))


@CONTRADICTIONS.add(
    "ADJUDICATED-BEFORE-READS", "An adjudication before the reads", matter="BR-03", rule="ADJUDICATED_BEFORE_READS"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    central = (pl.col("RSTESTCD") == "OVRLRESP") & (pl.col("RSCAT") == "RECIST 1.1")
    rows = sheets.rows("RS", central, pl.col("RSEVALID") == "RADIOLOGIST 1", FOLLOW_UP)
    row = pick.first(rows, "USUBJID")
    chosen = sheets.rows("RS", pl.col(ROW) == row[ROW])
    sheets.change("RS", [row[ROW]], READDTC=shifted(row["RSDTC"], 30))
    values = {"RSEVAL": "ADJUDICATOR", "RSEVALID": "ADJUDICATOR 1", "RSACPTFL": None, "RSSEQ": 99_998}
    number = sheets.add("RS", sheets.rows("RS", pl.col(ROW) == row[ROW]), **values)[0]
    sheets.change("RS", [number], READDTC=shifted(row["RSDTC"], 20))
    yield planted("RS", {**chosen.row(0, named=True), ROW: number}, "READDTC", shifted(row["RSDTC"], 20))


@CONTRADICTIONS.add(
    "DEATH-BEFORE-RANDOMISATION", "A death before the randomisation", matter="DTHDTC", rule="DEATH_BEFORE_REFERENCE"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    row = pick.first(sheets.rows("DM", pl.col("DTHDTC").is_not_null()), "USUBJID")
    day = shifted(row["RANDDTC"], -3)
    sheets.change("DM", [row[ROW]], DTHDTC=day)
    deaths = sheets.rows("DS", pl.col("USUBJID") == row["USUBJID"], pl.col("DSDECOD") == "DEATH")
    sheets.change("DS", deaths[ROW].to_list(), DSSTDTC=day)
    yield planted("DM", row, "DTHDTC", day)


edit(
    CONTRADICTIONS,
    "DISCONTINUED-BEFORE-FIRST-DOSE",
    "The end of treatment a year before it",
    sheet="DS",
    where=(pl.col("DSSCAT") == "STUDY TREATMENT") & (pl.col("DSDECOD") == "ADVERSE EVENT"),
    values=lambda row: {"DSSTDTC": shifted(row["DSSTDTC"], -900)},
    matter="DS against EX",
    rule="DISCONTINUED_BEFORE_FIRST_DOSE",
)
edit(
    CONTRADICTIONS,
    "SITE-MISSING",
    "A subject without site",
    sheet="DM",
    where=pl.col("SITEID").is_not_null(),
    values={"SITEID": None},
    matter="SITEID",
    rule="SITE_MISSING",
)


@CONTRADICTIONS.add(
    "SUBJECT-NOT-READ", "A treated subject without any assessment", matter="GEN-09", rule="SUBJECT_WITHOUT_READS"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    row = pick.first(sheets.rows("DM", pl.col("DTHDTC").is_null()), "USUBJID")
    for sheet in ("TR", "TU", "RS", "SUPPTU"):
        sheets.remove(sheet, sheets.rows(sheet, pl.col("USUBJID") == row["USUBJID"])[ROW].to_list())
    yield planted("DM", row, "USUBJID", "no lesion")


edit(
    CONTRADICTIONS,
    "LABORATORY-TWICE-A-DAY",
    "Two results of a test on one day",
    sheet="LB",
    where=(pl.col("LBTESTCD") == "PLAT") & AT_BASELINE,
    values=lambda row: {"LBSTRESN": row["LBSTRESN"] + 40, "LBSTRESC": str(row["LBSTRESN"] + 40), "LBSEQ": 99_999},
    copy=True,
    matter="one sample a day",
    rule="LABORATORY_CONTRADICTS",
)
edit(
    CONTRADICTIONS,
    "LABORATORY-LIMITS-INVERTED",
    "A reference range upside down",
    sheet="LB",
    where=(pl.col("LBTESTCD") == "LDH") & AT_BASELINE,
    values=lambda row: {"LBSTNRLO": row["LBSTNRHI"], "LBSTNRHI": row["LBSTNRLO"]},
    matter="LBSTNRLO, LBSTNRHI",
    rule="LABORATORY_LIMITS_INVERTED",
)


@CONTRADICTIONS.add(
    "INJECTION-AFTER-DEATH", "An injection after death", matter="dates that contradict", rule="INJECTION_AFTER_DEATH"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    deaths = sheets.rows("DM", pl.col("DTHDTC").is_not_null()).select(subject_id="USUBJID", _death="DTHDTC")
    row = pick.first(injections(sheets).join(deaths, on="subject_id", maintain_order="left"))
    days = pl.Series([row["_death"]]).str.to_date()[0] - row["injection_datetime"].date() + timedelta(days=4)
    sheet, number = write(sheets, row, "injection_datetime", row["injection_datetime"] + days)
    yield planted(sheet, {**row, ROW: number}, "injection_datetime", row["injection_datetime"] + days)


@CONTRADICTIONS.add("PET-AFTER-DEATH", "A PET after death", matter="dates that contradict", rule="PET_AFTER_DEATH")
def _(sheets: Sheets, pick: Picker) -> Found:
    deaths = sheets.rows("DM", pl.col("DTHDTC").is_not_null()).select(subject_id="USUBJID", _death="DTHDTC")
    rows = sheets.rows("pet_scan", pl.col("timepoint") == 1).join(deaths, on="subject_id", maintain_order="left")
    row = pick.first(rows)
    day = pl.Series([shifted(row["_death"], 5)]).str.to_date()[0]
    sheets.change("pet_scan", [row[ROW]], assessment_date=day)
    yield planted("pet_scan", row, "assessment_date", day)


for fault_id, test, rule in (
    ("CHANGE-FROM-BASELINE-WRONG", "PCBSD", "CHANGE_FROM_BASELINE_NOT_AS_DERIVED"),
    ("CHANGE-FROM-NADIR-WRONG", "PCNSD", "CHANGE_FROM_NADIR_NOT_AS_DERIVED"),
):
    edit(
        CONTRADICTIONS,
        fault_id,
        "A change of the sum in percent that is none of it",
        sheet="TR",
        where=SITE & (pl.col("TRTESTCD") == "SUMDIAM") & FOLLOW_UP & (pl.col("TRSTRESN") > 20),
        values={
            **{"TRTESTCD": test, "TRSTRESN": 444.0, "TRSTRESC": "444", "TRORRES": "444"},
            **{"TRSTRESU": "%", "TRORRESU": "%", "TRSEQ": 99_997},
        },
        copy=True,
        matter="R11-TL-03",
        rule=rule,
    )
