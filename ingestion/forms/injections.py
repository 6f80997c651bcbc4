"""Intratumoural injections (core.injection) from PR rows and their supplemental qualifiers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from ingestion.forms import codes
from ingestion.forms.dates import date_checks, first_day
from ingestion.forms.sifting import Check, sift, subject_checks, with_columns_of
from ingestion.forms.templates.cells import MOMENT
from ingestion.forms.templates.declared import TEMPLATES
from ingestion.forms.templates.typed import read_rows
from ingestion.reject import Parsed

STAGE = "core.injection"
INJECTION = "INTRATUMORAL INJECTION"
QUALIFIERS = {
    "agent": "INJAGENT",
    "lot": "INJLOT",
    "concentration": "INJCONC",
    "concentration_unit": "INJCONCU",
    "planned_volume_ml": "INJVOLPL",
    "delivered_volume_ml": "INJVOL",
    "lesion_diameter_mm": "LESDIAM",
    "is_new_lesion": "LESNEW",
    "axis": "LESAXIS",
    "measured_on": "MEASON",
    "measured_on_uid": "MEASUID",
    "guidance": "GUIDANCE",
    "operator": "OPERATOR",
    "needle_gauge": "NDLGAUGE",
    "needle_passes": "NDLPASS",
    "anaesthesia": "ANAESTH",
    "adjunct": "ADJUNCT",
    "contrast_coinjected": "COINJCON",
    "fiducial": "FIDUCIAL",
    "complication": "COMPLIC",
    "complication_grade": "COMPLGR",
    "post_image_uid": "POSTUID",
    "key_image_uid_pre": "KEYPRUID",
    "key_image_pre_date": "KEYPRDTC",
    "key_image_uid_baseline": "KEYBLUID",
    "key_image_baseline_date": "KEYBLDTC",
}
"""The QNAM of SUPPPR for each column of the injection log (metabolic rule book 8.3)."""
COLUMNS = ("PRLNKID", "PROCCUR", "PRSTDTC", "PRDOSE", "PRDOSU", "VISITNUM", *QUALIFIERS.values())


def sift_injections(
    pr: pl.DataFrame, subjects: pl.DataFrame, *, study_id: str, data_cutoff: date | None = None
) -> Parsed:
    """PR rows of injections that were given, with lesion and date."""
    pr = with_columns_of(pr, COLUMNS)
    rows = pr.filter((codes.code("PRTRT") == INJECTION) & (codes.code("PROCCUR") != "N").fill_null(True))
    checks = (
        *subject_checks(subjects),
        Check(
            "PRLNKID", pl.col("PRLNKID").is_null(), "the injected lesion is not named", "give its TULNKID in PRLNKID"
        ),
        Check("PRSTDTC", pl.col("PRSTDTC").is_null(), "no date of the injection", "give the date in PRSTDTC"),
        *date_checks("PRSTDTC", data_cutoff),
    )
    return sift(rows, checks, study_id=study_id, stage=STAGE)


def first_injections(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """First injection of each lesion (IT-04): USUBJID, lesion_id, first_injection; ``others`` are of that kind."""
    own = rows.select("USUBJID", lesion_id="PRLNKID", first_injection=first_day("PRSTDTC"))
    return pl.concat([own, others]).group_by("USUBJID", "lesion_id").agg(pl.col("first_injection").min())


def injections(rows: pl.DataFrame, *, study_id: str) -> Parsed:
    """`ingestion.tables.INJECTION` from sifted PR rows; a partial date lies on its first day (DT-06).

    Dose and unit are PRDOSE and PRDOSU, the visit's number VISITNUM, the rest qualifiers (`QUALIFIERS`). A qualifier
    that cannot be used is rejected and left empty; the injection stays.
    """
    template = replace(TEMPLATES["injection"], keeps_rows=True)
    whole = pl.col("PRSTDTC").str.contains(MOMENT)
    whole_number = codes.number("VISITNUM") == codes.number("VISITNUM").round()
    text = rows.select(
        pl.col("USUBJID").alias("subject_id"),
        pl.when(whole).then("PRSTDTC").otherwise(first_day("PRSTDTC").cast(pl.String)).alias("injection_datetime"),
        pl.col("PRLNKID").alias("lesion_id"),
        pl.col("PRDOSE").alias("dose"),
        pl.col("PRDOSU").alias("dose_unit"),
        pl.when(whole_number).then("VISITNUM").alias("visit_number"),
        *(pl.col(name).alias(column) for column, name in QUALIFIERS.items()),
        *(pl.col(name) for name in rows.columns if name.startswith("_")),
    )
    names = {**QUALIFIERS, "dose": "PRDOSE", "dose_unit": "PRDOSU"}
    parsed = read_rows(text, template, study_id=study_id)
    frame = parsed.frame.sort("subject_id", "lesion_id", "injection_datetime")
    return Parsed(frame, parsed.rejects.with_columns(pl.col("field").replace(names)))
