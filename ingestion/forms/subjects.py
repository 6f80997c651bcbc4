"""Subjects with the dates that responses and endpoints need (core.subject) from DM, DS, EX and the other domains."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from ingestion.forms import codes
from ingestion.forms.dates import date_checks, first_day, full_date, is_partial, last_day
from ingestion.forms.sifting import (
    ORDER,
    Check,
    join_rejects,
    rejects_of,
    sift,
    source,
    subject_checks,
    with_columns_of,
)
from ingestion.reject import Parsed
from ingestion.tables import SUBJECT

STAGE = "core.subject"
COLUMNS = (
    *("USUBJID", "SITEID", "ARM", "ARMCD", "SEX", "RANDDTC", "RFXSTDTC", "RFSTDTC", "RFENDTC", "RFPENDTC", "DTHDTC"),
)
REFERENCES = ("RANDDTC", "RFXSTDTC", "RFSTDTC")
NO_EVIDENCE_OF_LIFE = ("DTHDTC", "BRTHDTC", "READDTC")
SCREEN_FAILURES = ("SCREEN FAILURE", "SCRNFAIL")
RANDOMISED, LAST_KNOWN_ALIVE, DEATH = "RANDOMIZED", "LAST KNOWN ALIVE", "DEATH"
STUDY_TREATMENT, PARTICIPATION, DISPOSITION = "STUDY TREATMENT", "STUDY PARTICIPATION", "DISPOSITION EVENT"


def sift_subjects(dm: pl.DataFrame, *, study_id: str, data_cutoff: date | None = None) -> Parsed:
    """One DM row per subject; a date that cannot be used becomes null and leaves a reject, the subject stays."""
    dm = with_columns_of(dm, COLUMNS).sort(ORDER)
    checks = (
        Check("USUBJID", pl.col("USUBJID").is_null(), "no subject identifier", "give USUBJID"),
        Check(
            "USUBJID",
            ~pl.col("USUBJID").is_first_distinct(),
            "the subject has an earlier record in DM, which is kept",
            "send one DM record per subject",
        ),
    )
    subjects, rejects = sift(dm, checks, study_id=study_id, stage=STAGE)
    field_rejects = [rejects]
    for name in (*REFERENCES, "DTHDTC"):
        partial = Check(name, is_partial(name), "a reference date needs its day", "give the full date")
        for check in (*date_checks(name, data_cutoff), *([partial] if name in REFERENCES else [])):
            wrong = check.wrong.fill_null(False)
            field_rejects.append(rejects_of(subjects.filter(wrong), check, study_id=study_id, stage=STAGE))
            subjects = subjects.with_columns(pl.when(~wrong).then(name))
    return Parsed(subjects, join_rejects(field_rejects))


def sift_dispositions(
    ds: pl.DataFrame, subjects: pl.DataFrame, *, study_id: str, data_cutoff: date | None = None
) -> Parsed:
    """DS rows with usable dates; a randomisation needs its day."""
    partial = Check(
        "DSSTDTC",
        is_partial("DSSTDTC") & (codes.code("DSDECOD") == RANDOMISED),
        "a reference date needs its day",
        "give the full date",
    )
    checks = (*subject_checks(subjects), *date_checks("DSSTDTC", data_cutoff), partial)
    return sift(ds, checks, study_id=study_id, stage=STAGE)


def with_reference_dates(subjects: pl.DataFrame, ds: pl.DataFrame, ex: pl.DataFrame) -> pl.DataFrame:
    """Adds randomisation_date, first_dose_date and reference_date (randomisation, else first dose; GEN-03).

    Randomisation: RANDDTC, else DS RANDOMIZED. First dose: RFXSTDTC, else RFSTDTC, else the first EXSTDTC. Screen
    failures have no reference date.
    """
    randomised = (
        ds.filter(codes.code("DSDECOD") == RANDOMISED).group_by("USUBJID").agg(randomised=full_date("DSSTDTC").min())
    )
    dosed = ex.group_by("USUBJID").agg(dosed=full_date("EXSTDTC").min())
    screen_failure = pl.any_horizontal(
        codes.code(name).is_in(SCREEN_FAILURES).fill_null(False) for name in ("ARM", "ARMCD")
    )
    return (
        subjects.join(randomised, on="USUBJID", how="left", maintain_order="left")
        .join(dosed, on="USUBJID", how="left", maintain_order="left")
        .with_columns(
            randomisation_date=pl.coalesce(full_date("RANDDTC"), "randomised"),
            first_dose_date=pl.coalesce(full_date("RFXSTDTC"), full_date("RFSTDTC"), "dosed"),
        )
        .with_columns(
            reference_date=pl.when(~screen_failure).then(pl.coalesce("randomisation_date", "first_dose_date"))
        )
    )


def subjects_table(
    subjects: pl.DataFrame,
    ds: pl.DataFrame,
    therapies: pl.DataFrame,
    received: Mapping[str, pl.DataFrame],
    *,
    study_id: str,
    cohort_column: str | None = None,
    data_cutoff: date | None = None,
) -> pl.DataFrame:
    """`ingestion.tables.SUBJECT` from subjects with reference dates, dispositions and therapies.

    Last alive: DS LAST KNOWN ALIVE, else the latest full date of any received record that is not NOT DONE; never
    after death or the cut-off. A partial death date lies on its first possible day, not before the latest record.
    """
    alive = latest_dates(received, data_cutoff)
    new_therapy = therapies.filter(pl.col("category") == "ANTI-CANCER THERAPY").select("subject_id", "start_date")
    rows = subjects.join(_events(ds), on="USUBJID", how="left", maintain_order="left").with_columns(
        _death_from=pl.coalesce(first_day("DTHDTC"), "death_from"),
        _death_to=pl.coalesce(last_day("DTHDTC"), "death_to"),
    )
    possible = (
        rows.select("USUBJID", "_death_from", "_death_to")
        .join(alive, on="USUBJID")
        .filter(pl.col("date").is_between("_death_from", "_death_to"))
        .group_by("USUBJID")
        .agg(_within=pl.col("date").max())
    )
    rows = rows.join(possible, on="USUBJID", how="left", maintain_order="left").with_columns(
        death_date=pl.max_horizontal("_death_from", "_within")
    )
    last = (
        alive.join(rows.select("USUBJID", "death_date"), on="USUBJID")
        .filter((pl.col("date") <= pl.col("death_date")).fill_null(True))
        .group_by("USUBJID")
        .agg(last_record=pl.col("date").max())
    )
    first_new = (
        new_therapy.join(rows.select("reference_date", subject_id="USUBJID"), on="subject_id")
        .filter(pl.col("start_date") > pl.col("reference_date"))
        .group_by(USUBJID="subject_id")
        .agg(new_therapy_date=pl.col("start_date").min())
    )
    rows = rows.join(last, on="USUBJID", how="left", maintain_order="left").join(
        first_new, on="USUBJID", how="left", maintain_order="left"
    )
    stated_alive = pl.when((pl.col("known_alive") <= pl.col("death_date")).fill_null(True)).then("known_alive")
    cohort = pl.col(cohort_column.upper()) if cohort_column and cohort_column.upper() in rows.columns else pl.lit(None)
    return SUBJECT.conform(
        rows.select(
            pl.lit(study_id).alias("study_id"),
            pl.col("USUBJID").alias("subject_id"),
            pl.col("SITEID").alias("site"),
            cohort.cast(pl.String).alias("cohort"),
            pl.col("ARM").alias("arm"),
            pl.col("SEX").alias("sex"),
            *("reference_date", "randomisation_date", "first_dose_date", "death_date"),
            pl.coalesce(stated_alive, "last_record").alias("last_alive_date"),
            pl.col("known_alive").alias("stated_alive_date"),
            *("new_therapy_date", "discontinuation_date", "discontinuation_reason"),
            *("end_of_study_date", "end_of_study_reason"),
            *source(),
        ).sort("subject_id")
    )


def latest_dates(received: Mapping[str, pl.DataFrame], data_cutoff: date | None) -> pl.DataFrame:
    """Full dates of each subject's records up to the cut-off (USUBJID, date): the subject was alive then.

    Records that say NOT DONE, and visits that did not occur, carry planned dates and are left out.
    """
    parts: list[pl.DataFrame] = []
    for domain, frame in received.items():
        if "USUBJID" not in frame.columns:
            continue
        performed = [
            (codes.code(column) != value).fill_null(True)
            for column, value in ((f"{domain}STAT", codes.NOT_DONE), (f"{domain}OCCUR", "N"))
            if column in frame.columns
        ]
        rows = frame.filter(performed) if performed else frame
        names = [name for name in frame.columns if name.endswith("DTC") and name not in NO_EVIDENCE_OF_LIFE]
        parts.extend(rows.select("USUBJID", full_date(name).alias("date")).drop_nulls().unique() for name in names)
    dates = pl.concat([pl.DataFrame(schema={"USUBJID": pl.String, "date": pl.Date}), *parts]).unique()
    return dates if data_cutoff is None else dates.filter(pl.col("date") <= data_cutoff)


def _events(ds: pl.DataFrame) -> pl.DataFrame:
    """Per subject: death, last known alive, end of treatment and end of study participation, each the latest."""
    category, subcategory, decoded = (codes.code(name).fill_null("") for name in ("DSCAT", "DSSCAT", "DSDECOD"))
    milestone = decoded.is_in([RANDOMISED, LAST_KNOWN_ALIVE])
    treatment = ((category == STUDY_TREATMENT) | (subcategory == STUDY_TREATMENT)) & ~milestone
    participation = ((category == PARTICIPATION) | (subcategory == PARTICIPATION)) & ~milestone
    disposition = (category == DISPOSITION) & ~treatment & ~milestone
    ds = ds.sort(ORDER).with_columns(
        _day=first_day("DSSTDTC"),
        _last=last_day("DSSTDTC"),
        _decoded=decoded,
        _treatment=treatment,
        _rank=pl.when(participation).then(2).when(disposition).then(1).otherwise(0),
    )
    by_day = ds.sort("_day", nulls_last=False, maintain_order=True)
    by_rank = ds.sort("_rank", "_day", nulls_last=False, maintain_order=True)
    ended = (
        by_day.filter("_treatment")
        .group_by("USUBJID")
        .agg(
            pl.col("_day").last().alias("discontinuation_date"),
            pl.col("_decoded").last().alias("discontinuation_reason"),
        )
    )
    left = (
        by_rank.filter(pl.col("_rank") > 0)
        .group_by("USUBJID")
        .agg(
            pl.col("_day").last().alias("end_of_study_date"),
            pl.col("_decoded").last().alias("end_of_study_reason"),
        )
    )
    return (
        by_day.group_by("USUBJID")
        .agg(
            pl.col("_day").filter(pl.col("_decoded") == DEATH).min().alias("death_from"),
            pl.col("_last").filter(pl.col("_decoded") == DEATH).min().alias("death_to"),
            full_date("DSSTDTC").filter(pl.col("_decoded") == LAST_KNOWN_ALIVE).max().alias("known_alive"),
        )
        .join(ended, on="USUBJID", how="left")
        .join(left, on="USUBJID", how="left")
    )
