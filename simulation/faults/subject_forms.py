"""Faults in the forms of subjects, visits, therapies and laboratory: dates that contradict, units, outliers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from simulation.faults.edits import edit, edit_all, planted
from simulation.faults.fault import Catalogue, Picker, Planted, Stage
from simulation.faults.sheets import ROW, Sheets

SUBJECT_FORMS = Catalogue(Stage.FORMS)
Found = Iterable[Planted]


def shifted(day: str, days: int) -> str:
    """An ISO date some days later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


@SUBJECT_FORMS.add(
    "REFERENCE-DATE-MISSING",
    "A subject without randomisation and first dose",
    matter="GEN-03, GEN-06",
    rule="REFERENCE_DATE_MISSING",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    later = sheets.rows("TR", pl.col("VISITNUM") == 2)["USUBJID"].unique().to_list()
    row = pick.first(sheets.rows("DM", pl.col("USUBJID").is_in(later)), "USUBJID")
    sheets.change("DM", [row[ROW]], RANDDTC=None, RFSTDTC=None, RFXSTDTC=None)
    sheets.remove("EX", sheets.rows("EX", pl.col("USUBJID") == row["USUBJID"])[ROW].to_list())
    yield planted("DM", row, "RANDDTC", "")


@SUBJECT_FORMS.add(
    "DEATH-BEFORE-LAST-SCAN", "A death dated before the last scan", matter="DTHDTC", rule="MEASUREMENT_AFTER_DEATH"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    last = sheets.rows("SV", pl.col("SVOCCUR") == "Y").group_by("USUBJID").agg(_last=pl.col("SVSTDTC").max())
    dead = sheets.rows("DM", pl.col("DTHDTC").is_not_null()).join(last, on="USUBJID", maintain_order="left")
    later = sheets.rows("TR", pl.col("VISITNUM") >= 3)["USUBJID"].unique().to_list()
    row = pick.first(dead.filter(pl.col("USUBJID").is_in(later)), "USUBJID")
    day = shifted(row["_last"], -10)
    sheets.change("DM", [row[ROW]], DTHDTC=day)
    deaths = sheets.rows("DS", pl.col("USUBJID") == row["USUBJID"], pl.col("DSDECOD") == "DEATH")
    sheets.change("DS", deaths[ROW].to_list(), DSSTDTC=day)
    yield planted("DM", row, "DTHDTC", day)


edit(
    SUBJECT_FORMS,
    "ALIVE-AFTER-DEATH",
    "Known alive 20 days after death",
    sheet="DS",
    where=(pl.col("DSDECOD") == "DEATH") & (pl.col("DSSCAT") == "STUDY PARTICIPATION"),
    values=lambda row: {
        "DSSTDTC": shifted(row["DSSTDTC"], 20),
        "DSDECOD": "LAST KNOWN ALIVE",
        "DSTERM": "LAST KNOWN ALIVE",
        "DSCAT": "OTHER EVENT",
        "DSSCAT": None,
        "DSSEQ": 99,
    },
    copy=True,
    matter="DTHDTC against LAST KNOWN ALIVE",
    rule="ALIVE_AFTER_DEATH",
)
edit(
    SUBJECT_FORMS,
    "DEATH-DATES-DIFFER",
    "The death dated differently in DS and DM",
    sheet="DS",
    where=(pl.col("DSDECOD") == "DEATH") & (pl.col("DSSCAT") == "STUDY PARTICIPATION"),
    values=lambda row: {"DSSTDTC": shifted(row["DSSTDTC"], 7)},
    matter="DTHDTC against DS",
    rule="DEATH_DATES_DIFFER",
)
edit(
    SUBJECT_FORMS,
    "DOSED-BEFORE-RANDOMISATION",
    "A first dose five days before the randomisation",
    sheet="DM",
    where=pl.col("RANDDTC").is_not_null(),
    values=lambda row: {"RFXSTDTC": shifted(row["RANDDTC"], -5)},
    matter="GEN-03",
    rule="DOSED_BEFORE_RANDOMISATION",
)


@SUBJECT_FORMS.add(
    "NEW-THERAPY-BEFORE-FIRST-DOSE",
    "A new anticancer therapy between randomisation and first dose",
    matter="GEN-08",
    rule="NEW_THERAPY_BEFORE_FIRST_DOSE",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    treated = sheets.rows("CM")["USUBJID"].to_list()
    days = pl.col("RFXSTDTC").str.to_date() - pl.col("RANDDTC").str.to_date()
    subject = pick.first(sheets.rows("DM", days.dt.total_days() >= 2, pl.col("USUBJID").is_in(treated)), "USUBJID")
    row = sheets.rows("CM", pl.col("USUBJID") == subject["USUBJID"]).row(0, named=True)
    day = shifted(subject["RANDDTC"], 1)
    sheets.change("CM", [row[ROW]], CMSTDTC=day)
    yield planted("CM", row, "CMSTDTC", day)


def _after_death(sheets: Sheets, pick: Picker, sheet: str, field: str, days: int) -> Found:
    deaths = sheets.rows("DM", pl.col("DTHDTC").is_not_null()).select("USUBJID", "DTHDTC")
    rows = sheets.rows(sheet).join(deaths, on="USUBJID", maintain_order="left")
    row = pick.first(rows, "USUBJID")
    day = shifted(row["DTHDTC"], days)
    sheets.change(sheet, [row[ROW]], **{field: day})
    yield planted(sheet, row, field, day)


@SUBJECT_FORMS.add(
    "THERAPY-AFTER-DEATH",
    "A new therapy that starts after death",
    matter="dates that contradict",
    rule="THERAPY_AFTER_DEATH",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    return _after_death(sheets, pick, "CM", "CMSTDTC", 15)


@SUBJECT_FORMS.add(
    "LABORATORY-AFTER-DEATH",
    "A blood sample after death",
    matter="dates that contradict",
    rule="LABORATORY_AFTER_DEATH",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    return _after_death(sheets, pick, "LB", "LBDTC", 9)


@SUBJECT_FORMS.add(
    "DOSE-AFTER-DEATH",
    "A dose of study treatment after death",
    matter="dates that contradict",
    rule="DOSE_AFTER_DEATH",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    return _after_death(sheets, pick, "EX", "EXSTDTC", 6)


@SUBJECT_FORMS.add(
    "DOSE-AFTER-DISCONTINUATION",
    "A dose after the permanent end of treatment",
    matter="EX against DS",
    rule="DOSE_AFTER_DISCONTINUATION",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    ended = sheets.rows("DS", pl.col("DSSCAT") == "STUDY TREATMENT", pl.col("DSDECOD") == "ADVERSE EVENT")
    rows = sheets.rows("EX").join(ended.select("USUBJID", "DSSTDTC"), on="USUBJID", maintain_order="left")
    row = pick.first(rows, "USUBJID")
    last = sheets.rows("EX", pl.col("USUBJID") == row["USUBJID"]).tail(1)
    day = shifted(row["DSSTDTC"], 21)
    sheets.change("EX", last[ROW].to_list(), EXSTDTC=day, EXENDTC=day)
    yield planted("EX", last.row(0, named=True), "EXSTDTC", day)


edit(
    SUBJECT_FORMS,
    "DOSE-ENDS-BEFORE-START",
    "A dose that ends before it starts",
    sheet="EX",
    where=pl.col("EXSTDTC").is_not_null(),
    values=lambda row: {"EXENDTC": shifted(row["EXSTDTC"], -3)},
    matter="EXSTDTC, EXENDTC",
    rule="THERAPY_ENDS_BEFORE_START",
)
edit(
    SUBJECT_FORMS,
    "SUBJECT-TWICE",
    "A second DM record of a subject",
    sheet="DM",
    where=pl.col("USUBJID").is_not_null(),
    values={"AGE": 99},
    copy=True,
    matter="one DM record per subject",
    rejected="an earlier record in DM",
)
edit(
    SUBJECT_FORMS,
    "SEX-UNKNOWN-CODE",
    "A sex that is no code",
    sheet="DM",
    where=pl.col("SEX") == "F",
    values={"SEX": "W"},
    matter="SEX codes",
    rule="SEX_NOT_CODED",
)
edit(
    SUBJECT_FORMS,
    "DEATH-DATE-IMPOSSIBLE",
    "A death on the 31st of June",
    sheet="DM",
    where=pl.col("DTHDTC").is_not_null(),
    values={"DTHDTC": "2024-06-31"},
    matter="dates",
    rejected="no such day",
)
edit(
    SUBJECT_FORMS,
    "INJECTED-LESION-NOT-NAMED",
    "An injection without the lesion",
    sheet="PR",
    where=pl.col("PRLNKID").is_not_null() & pl.col("PRDOSE").is_not_null(),
    values={"PRLNKID": None},
    matter="IT-04, PRLNKID",
    rejected="the injected lesion is not named",
)
edit(
    SUBJECT_FORMS,
    "VISIT-NOT-DONE-BUT-READ",
    "A visit recorded as not performed although it was read",
    sheet="SV",
    where=(pl.col("VISITNUM") == 3) & (pl.col("SVOCCUR") == "Y"),
    values={"SVOCCUR": "N"},
    matter="GEN-09",
    rule="VISIT_NOT_DONE_BUT_READ",
)
edit(
    SUBJECT_FORMS,
    "VISIT-DATE-DIFFERS",
    "A visit dated ten days before its scans",
    sheet="SV",
    where=(pl.col("VISITNUM") == 2) & (pl.col("SVOCCUR") == "Y"),
    values=lambda row: {"SVSTDTC": shifted(row["SVSTDTC"], -10)},
    matter="scan dates against form dates",
    rule="VISIT_DATE_DIFFERS",
)


@SUBJECT_FORMS.add(
    "VISIT-MISSING",
    "A planned visit without any record",
    matter="visit windows, completeness",
    rule="VISIT_NOT_RECORDED",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    later = sheets.rows("SV", pl.col("VISITNUM") == 5)["USUBJID"].to_list()
    rows = sheets.rows("SV", pl.col("VISITNUM") == 3, pl.col("SVOCCUR") == "Y", pl.col("USUBJID").is_in(later))
    row = pick.first(rows, "USUBJID")
    for sheet in ("SV", "TR", "RS", "LB"):
        gone = sheets.rows(sheet, pl.col("USUBJID") == row["USUBJID"], pl.col("VISITNUM") == 3)
        sheets.remove(sheet, gone[ROW].to_list())
    yield planted("SV", row, "VISITNUM", "no record", gone=True)


@SUBJECT_FORMS.add(
    "RESPONSE-AT-MISSED-VISIT",
    "A response recorded at a visit that was not performed",
    matter="GEN-09",
    rule="RESPONSE_WITHOUT_MEASUREMENTS",
)
def _(sheets: Sheets, pick: Picker) -> Found:
    missed = sheets.rows("SV", pl.col("SVOCCUR") == "N").select("USUBJID", _number="VISITNUM", _visit="VISIT")
    missed = missed.with_columns(_day=sheets.rows("SV", pl.col("SVOCCUR") == "N")["SVSTDTC"])
    overall = (pl.col("RSTESTCD") == "OVRLRESP") & (pl.col("RSCAT") == "RECIST 1.1")
    rows = sheets.rows("RS", overall).join(missed, on="USUBJID", maintain_order="left")
    row = pick.first(rows, "USUBJID")
    chosen = sheets.rows("RS", pl.col(ROW) == row[ROW])
    values = {"VISITNUM": row["_number"], "VISIT": row["_visit"], "RSDTC": row["_day"], "VISITDY": None}
    number = sheets.add("RS", chosen, **values, RSSTRESC="SD", RSORRES="SD", RSSEQ=99_999, RSLNKGRP=None)[0]
    yield planted("RS", {**row, ROW: number, "VISIT": row["_visit"]}, "RSSTRESC", "SD")


def _test(code: str) -> pl.Expr:
    return (pl.col("LBTESTCD") == code) & (pl.col("VISITNUM") == 1)


def _value(value: float) -> dict[str, object]:
    return {"LBSTRESN": value, "LBSTRESC": str(value), "LBORRES": str(value)}


edit(
    SUBJECT_FORMS,
    "LABORATORY-UNIT-SLIP",
    "LDH in ukat/L under the unit U/L",
    sheet="LB",
    where=_test("LDH"),
    values=lambda row: _value(round(row["LBSTRESN"] / 60, 2)),
    matter="units of labs",
    rule="LABORATORY_IMPLAUSIBLE",
)
edit(
    SUBJECT_FORMS,
    "GLUCOSE-IN-MG",
    "Glucose in mg/dL under the unit mmol/L",
    sheet="LB",
    where=_test("GLUC"),
    values=lambda row: _value(round(row["LBSTRESN"] * 18.016, 1)),
    matter="units of labs, Q-03",
    rule="LABORATORY_IMPLAUSIBLE",
)
edit(
    SUBJECT_FORMS,
    "LABORATORY-OUTLIER",
    "Neutrophils a hundred times too high",
    sheet="LB",
    where=_test("NEUT"),
    values=lambda row: _value(round(row["LBSTRESN"] * 100, 1)),
    matter="outliers of labs",
    rule="LABORATORY_JUMP",
)
edit(
    SUBJECT_FORMS,
    "NEUTROPHILS-ABOVE-LEUKOCYTES",
    "More neutrophils than leukocytes",
    sheet="LB",
    where=_test("WBC"),
    values=_value(2.0),
    matter="3.9 dNLR, denominators above 0",
    rule="NEUTROPHILS_ABOVE_LEUKOCYTES",
)
edit(
    SUBJECT_FORMS,
    "LABORATORY-UNIT-UNKNOWN",
    "A laboratory unit that is none",
    sheet="LB",
    where=_test("PLAT"),
    values={"LBORRESU": "G/dozen", "LBSTRESU": "G/dozen"},
    matter="units of labs",
    rejected="unknown unit of PLAT",
)
edit_all(
    SUBJECT_FORMS,
    "LABORATORY-OUTSIDE-WINDOW",
    "A blood sample a month before its scan",
    sheet="LB",
    where=(pl.col("VISITNUM") == 3),
    same=("USUBJID", "VISITNUM"),
    values=lambda row: {"LBDTC": shifted(row["LBDTC"], -30)},
    matter="3.9, lab_window_d",
    rule="LABORATORY_OUTSIDE_WINDOW",
)


def _concomitant(sheets: Sheets, pick: Picker, name: str, category: str, days: int) -> Found:
    """A therapy some days before the PET at week 8 of a subject."""
    scans = sheets.rows("pet_scan", pl.col("timepoint") == 1)
    scan = pick.first(scans)
    template = sheets.rows("CM").head(1)
    day = (scan["assessment_date"] - timedelta(days=days)).isoformat()
    values = {"USUBJID": scan["subject_id"], "CMTRT": name, "CMCAT": category, "CMSTDTC": day, "CMENDTC": day}
    number = sheets.add("CM", template, **values, CMSEQ=99, CMSTDY=None)[0]
    row = {**template.row(0, named=True), "USUBJID": scan["subject_id"], "CMTRT": "", ROW: number}
    yield planted("CM", row, "CMTRT", name)


@SUBJECT_FORMS.add(
    "PET-AFTER-GROWTH-FACTOR", "A growth factor five days before the PET", matter="Q-11", rule="PET_Q_11"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    return _concomitant(sheets, pick, "FILGRASTIM", "CONCOMITANT", 5)


@SUBJECT_FORMS.add("PET-AFTER-CHEMOTHERAPY", "Chemotherapy six days before the PET", matter="Q-09", rule="PET_Q_09")
def _(sheets: Sheets, pick: Picker) -> Found:
    return _concomitant(sheets, pick, "CARBOPLATIN", "ANTI-CANCER THERAPY", 6)


@SUBJECT_FORMS.add(
    "PET-AFTER-RADIOTHERAPY", "Radiotherapy three weeks before the PET", matter="Q-10, R11-FU-06", rule="PET_Q_10"
)
def _(sheets: Sheets, pick: Picker) -> Found:
    return _concomitant(sheets, pick, "RADIOTHERAPY", "ANTI-CANCER THERAPY", 21)


@SUBJECT_FORMS.add("PET-AFTER-SURGERY", "Surgery two weeks before the PET", matter="Q-12, R11-FU-06", rule="PET_Q_12")
def _(sheets: Sheets, pick: Picker) -> Found:
    return _concomitant(sheets, pick, "METASTASECTOMY", "SURGERY", 14)
