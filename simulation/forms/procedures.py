"""PR, SUPPPR and SUPPTU: the injection log, and which lesions of the central readers are injected from the start."""

from __future__ import annotations

import numpy as np
import polars as pl

from simulation.forms.injection_log import injection_log
from simulation.forms.tables import Value, dataset, study_day, with_reference
from simulation.forms.tumour_results import tu
from simulation.reading import NOTHING
from simulation.records import lesion_ids
from simulation.trial import CENTRAL, FROM_THE_START_DAYS, Trial

QUALIFIERS = {
    "INJAGENT": ("Agent", "agent"),
    "INJLOT": ("Lot", "lot"),
    "INJCONC": ("Concentration", "concentration"),
    "INJCONCU": ("Concentration Unit", "concentration_unit"),
    "INJVOLPL": ("Planned Volume (mL)", "planned_volume_ml"),
    "INJVOL": ("Delivered Volume (mL)", "delivered_volume_ml"),
    "LESDIAM": ("Diameter of Lesion (mm)", "lesion_diameter_mm"),
    "LESNEW": ("New Lesion", "is_new_lesion"),
    "LESAXIS": ("Axis", "axis"),
    "MEASON": ("Measured On", "measured_on"),
    "GUIDANCE": ("Guidance", "guidance"),
    "OPERATOR": ("Operator", "operator"),
    "NDLGAUGE": ("Needle Gauge", "needle_gauge"),
    "NDLPASS": ("Needle Passes", "needle_passes"),
    "ANAESTH": ("Anaesthesia", "anaesthesia"),
    "ADJUNCT": ("Displacement", "adjunct"),
    "COINJCON": ("Contrast Co-injected", "contrast_coinjected"),
    "FIDUCIAL": ("Fiducial Placed", "fiducial"),
    "COMPLIC": ("Complication", "complication"),
    "COMPLGR": ("Grade of Complication", "complication_grade"),
    "KEYPRUID": ("Key Image Before (UID)", "key_image_uid_pre"),
    "KEYPRDTC": ("Key Image Before (Date)", "key_image_pre_date"),
    "KEYBLUID": ("Key Image at Baseline (UID)", "key_image_uid_baseline"),
    "KEYBLDTC": ("Key Image at Baseline (Date)", "key_image_baseline_date"),
}
"""The qualifiers of an injection: QNAM, its label, and the column of the injection log (metabolic 8.3)."""
PR_FIELDS = {"lesion_id": "PRLNKID", "dose": "PRDOSE", "injection_datetime": "PRSTDTC", "visit_number": "VISITNUM"}
"""Columns of the injection log that stand in PR itself."""
SUPPLEMENT = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG")


def pr(trial: Trial) -> pl.DataFrame:
    """PR: one row an injection of a lesion of the investigator (PRLNKID)."""
    columns: dict[str, Value] = {
        "PRTRT": "INTRATUMORAL INJECTION",
        "PRLNKID": pl.col("lesion_id"),
        "PRDOSE": pl.col("dose"),
        "PRDOSU": pl.col("dose_unit"),
        "VISITNUM": pl.col("visit_number"),
        "PRSTDTC": pl.col("injection_datetime").dt.to_string("%Y-%m-%dT%H:%M:%S"),
        "PRSTDY": study_day("_date"),
    }
    return dataset(trial, "PR", _log(trial), columns, ("injection_datetime",))


def supppr(trial: Trial) -> pl.DataFrame:
    """SUPPPR: everything else that the injection log says of an injection."""
    log = _log(trial).sort("subject_id", "injection_datetime", maintain_order=True)
    log = log.with_columns(IDVARVAL=pl.int_range(1, pl.len() + 1).over("subject_id").cast(pl.String))
    parts = [
        log.select(
            *("subject_id", "IDVARVAL"),
            order=pl.lit(order),
            QNAM=pl.lit(name),
            QLABEL=pl.lit(label),
            QVAL=_text(pl.col(column), log.schema[column]),
        )
        for order, (name, (label, column)) in enumerate(QUALIFIERS.items())
        if column in log.columns
    ]
    rows = pl.concat(parts).drop_nulls("QVAL").sort("subject_id", pl.col("IDVARVAL").cast(pl.Int32), "order")
    return _supplement(trial, "PR", rows)


def supptu(trial: Trial) -> pl.DataFrame:
    """SUPPTU: the central readers' lesions that are injected from the start of treatment (INJFL)."""
    parts = []
    for name in CENTRAL:
        reader, seen = trial.readers[name], trial.reads[name]
        injected = (trial.injected.since <= FROM_THE_START_DAYS) & (seen.role != NOTHING)
        subject, place = np.nonzero(injected)
        ids = lesion_ids(reader, seen, subject, place)
        parts.append(pl.DataFrame({"subject": subject, "TULNKID": ids}).with_columns(TUEVALID=pl.lit(name)))
    named = pl.concat(parts).join(trial.subject.select("subject", USUBJID="subject_id"), on="subject", how="left")
    identified = tu(trial).filter(pl.col("TUTESTCD") == "TUMIDENT")
    rows = identified.join(named, on=["USUBJID", "TUEVALID", "TULNKID"], how="semi", maintain_order="left").select(
        subject_id="USUBJID",
        IDVARVAL=pl.col("TUSEQ").cast(pl.String),
        QNAM=pl.lit("INJFL"),
        QLABEL=pl.lit("Injected"),
        QVAL=pl.lit("Y"),
    )
    return _supplement(trial, "TU", rows)


def _log(trial: Trial) -> pl.DataFrame:
    log = injection_log(trial)
    return with_reference(log, trial).with_columns(_date=pl.col("injection_datetime").dt.date())


def _supplement(trial: Trial, domain: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        STUDYID=pl.lit(trial.settings.study),
        RDOMAIN=pl.lit(domain),
        USUBJID="subject_id",
        IDVAR=pl.lit(f"{domain}SEQ"),
        QORIG=pl.lit("CRF"),
    ).select(SUPPLEMENT)


def _text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A value as text: Y and N, whole numbers without decimals, ISO dates."""
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("Y")).when(~column).then(pl.lit("N"))
    if dtype.is_float():
        return column.cast(pl.String).str.replace(r"\.0$", "")
    return column.cast(pl.String)
