"""DM, SUPPDM, SV, EX, CM and DS: subjects, their visits, treatment and disposition."""

from __future__ import annotations

import numpy as np
import polars as pl

from simulation.draws import worded
from simulation.forms.tables import Value, dataset, iso, study_day
from simulation.schedule import DOSE_INTERVAL, TREATMENT_DAYS
from simulation.trial import Trial

NEW_THERAPIES = ("DOCETAXEL", "CARBOPLATIN", "DABRAFENIB", "CABOZANTINIB")
TREATMENT, DOSE_MG = "ANTI-PD-1", 200
FIRST_DAYS = 4
STUDY_TREATMENT, PARTICIPATION, OTHER = "STUDY TREATMENT", "STUDY PARTICIPATION", "OTHER EVENT"


def dm(trial: Trial) -> pl.DataFrame:
    """DM with the date of randomisation in RANDDTC."""
    columns: dict[str, Value] = {
        "SUBJID": pl.col("subject_id").str.tail(5),
        "RFSTDTC": iso("first_dose_date"),
        "RFXSTDTC": iso("first_dose_date"),
        "RANDDTC": iso("randomisation_date"),
        "DTHDTC": iso("death_date"),
        "DTHFL": pl.when(pl.col("death_date").is_not_null()).then(pl.lit("Y")),
        "SITEID": pl.col("site"),
        "AGE": pl.col("age"),
        "AGEU": "YEARS",
        "SEX": pl.col("sex"),
        "ARMCD": pl.col("arm_code"),
        "ARM": pl.col("arm"),
    }
    return dataset(trial, "DM", trial.subject, columns, ())


def suppdm(trial: Trial) -> pl.DataFrame:
    """SUPPDM: the cohort."""
    return trial.subject.sort("subject_id").select(
        STUDYID="study_id",
        RDOMAIN=pl.lit("DM"),
        USUBJID="subject_id",
        IDVAR=pl.lit(None, pl.String),
        IDVARVAL=pl.lit(None, pl.String),
        QNAM=pl.lit("COHORT"),
        QLABEL=pl.lit("Cohort"),
        QVAL="cohort",
        QORIG=pl.lit("CRF"),
    )


def sv(trial: Trial) -> pl.DataFrame:
    """SV: assessment visits; a missed one carries its planned date."""
    columns: dict[str, Value] = {
        "VISITNUM": pl.col("visit_number"),
        "VISIT": pl.col("visit"),
        "VISITDY": pl.col("planned_day"),
        "SVOCCUR": pl.when("occurred").then(pl.lit("Y")).otherwise(pl.lit("N")),
        "SVREASOC": pl.when(~pl.col("occurred")).then(pl.lit("SCAN NOT PERFORMED")),
        "SVSTDTC": iso("start_date"),
        "SVENDTC": iso("end_date"),
    }
    return dataset(trial, "SV", trial.visit, columns, ("visit_number",))


def ex(trial: Trial) -> pl.DataFrame:
    """EX: a dose every three weeks until the end of treatment."""
    columns: dict[str, Value] = {
        "EXTRT": TREATMENT,
        "EXDOSE": DOSE_MG,
        "EXDOSU": "mg",
        "EXROUTE": "INTRAVENOUS",
        "EXSTDTC": iso("date"),
        "EXENDTC": iso("date"),
        "EXSTDY": study_day("date"),
        "EXENDY": study_day("date"),
    }
    return dataset(trial, "EX", doses(trial), columns, ("date",))


def doses(trial: Trial) -> pl.DataFrame:
    """Every dose of every subject: subject_id, reference_date, date."""
    people, happened = trial.people, trial.happened
    cycle = DOSE_INTERVAL * np.arange(TREATMENT_DAYS // DOSE_INTERVAL + 1)
    day = (people.first_dose - people.start)[:, None] + cycle
    end = np.minimum(happened.treatment_end, happened.last_contact)
    subject, number = np.nonzero(day < np.maximum(end, FIRST_DAYS)[:, None])
    rows = pl.DataFrame({"subject": subject, "_day": day[subject, number]}).join(
        trial.subject.select("subject", "subject_id", "reference_date"), on="subject", how="left", maintain_order="left"
    )
    return rows.with_columns(date=pl.col("reference_date") + pl.duration(days="_day"))


def new_therapies(trial: Trial) -> pl.DataFrame:
    """The new anticancer therapies: the columns of the subject, and the therapy's name."""
    which = trial.draws.choice("which therapy", [1.0] * len(NEW_THERAPIES))
    rows = trial.subject.with_columns(therapy=worded(NEW_THERAPIES, which))
    return rows.filter(pl.col("new_therapy_date").is_not_null())


def cm(trial: Trial) -> pl.DataFrame:
    """CM: new anticancer therapy."""
    columns: dict[str, Value] = {
        "CMTRT": pl.col("therapy"),
        "CMCAT": "ANTI-CANCER THERAPY",
        "CMSTDTC": iso("new_therapy_date"),
        "CMENDTC": pl.lit(None, pl.String),
        "CMSTDY": study_day("new_therapy_date"),
    }
    return dataset(trial, "CM", new_therapies(trial), columns, ())


def therapy_rows(trial: Trial) -> pl.DataFrame:
    """core.therapy without provenance: doses and new therapies."""
    given = doses(trial).select(
        "subject_id",
        category=pl.lit("STUDY TREATMENT"),
        therapy=pl.lit(TREATMENT),
        start_date="date",
        end_date="date",
    )
    new = new_therapies(trial).select(
        "subject_id",
        category=pl.lit("ANTI-CANCER THERAPY"),
        therapy="therapy",
        start_date="new_therapy_date",
        end_date=pl.lit(None, pl.Date),
    )
    return pl.concat([given, new]).sort("subject_id", "start_date", maintain_order=True)


def ds(trial: Trial) -> pl.DataFrame:
    """DS: end of treatment, end of participation, and when a subject was last known alive."""
    ended = _dispositions(trial, "discontinuation_date", "discontinuation_reason", STUDY_TREATMENT)
    left = _dispositions(trial, "end_of_study_date", "end_of_study_reason", PARTICIPATION)
    living = trial.subject.filter(pl.col("death_date").is_null())
    alive = living.select("subject_id", "reference_date", date="last_alive_date", decoded=pl.lit("LAST KNOWN ALIVE"))
    rows = pl.concat([ended, left, alive.with_columns(category=pl.lit(OTHER))])
    columns: dict[str, Value] = {
        "DSTERM": pl.col("decoded"),
        "DSDECOD": pl.col("decoded"),
        "DSCAT": pl.when(pl.col("category") == OTHER).then("category").otherwise(pl.lit("DISPOSITION EVENT")),
        "DSSCAT": pl.when(pl.col("category") != OTHER).then("category"),
        "DSSTDTC": iso("date"),
        "DSSTDY": study_day("date"),
    }
    return dataset(trial, "DS", rows, columns, ("date", "category"))


def _dispositions(trial: Trial, date: str, reason: str, category: str) -> pl.DataFrame:
    return trial.subject.filter(pl.col(date).is_not_null()).select(
        "subject_id", "reference_date", date=date, decoded=reason, category=pl.lit(category)
    )
