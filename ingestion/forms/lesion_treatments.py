"""Local therapy of single lesions (PR), which takes a lesion out of the assessment."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import LocalTherapy
from ingestion.forms import codes
from ingestion.forms.dates import date_checks, first_day
from ingestion.forms.sifting import Check, sift, subject_checks, with_columns_of
from ingestion.reject import Parsed

STAGE = "core.measurement"
INJECTION = "INTRATUMORAL INJECTION"
KINDS = {
    LocalTherapy.EMBOLISATION: r"EMBOLI[SZ]|\bTACE\b|\bTARE\b|\bSIRT\b",
    LocalTherapy.ABLATION: r"ABLATI|RADIO-?FREQUENC|CRYO|MICROWAVE",
    LocalTherapy.RADIOTHERAPY: r"RADIO-?THERAP|RADIATION|IRRADIAT|BRACHY|\bSBRT\b|\bSABR\b|GAMMA KNIFE",
    LocalTherapy.SURGERY: r"SURG|RESECT|EXCIS|ECTOMY|AMPUTAT",
}
"""What PRTRT or PRCAT say of a kind, in the order in which they are looked for."""
LOCAL = r"\bLOCAL\b"
LESION = ("subject_id", "lesion_id")


def local_therapies(pr: pl.DataFrame, subjects: pl.DataFrame, *, study_id: str) -> Parsed:
    """Surgery, radiotherapy, embolisation and the like of a named lesion (R11-FU-06): subject_id, lesion_id, kind, day.

    PR rows with a PRLNKID whose PRTRT or PRCAT speaks of one; injections and diagnostic procedures are none.
    """
    kind = pl.coalesce(
        *(
            pl.when(pl.col(name).str.contains(pattern)).then(pl.lit(kind.value))
            for name in ("_treatment", "_category")
            for kind, pattern in KINDS.items()
        ),
        pl.when(pl.col("_category").str.contains(LOCAL)).then(pl.lit(LocalTherapy.OTHER.value)),
    )
    rows = (
        _performed(pr)
        .filter(pl.col("PRLNKID").is_not_null() & (codes.code("PRTRT") != INJECTION).fill_null(True))
        .with_columns(_treatment=codes.code("PRTRT"), _category=codes.code("PRCAT"))
        .with_columns(kind=kind)
        .filter(pl.col("kind").is_not_null())
    )
    checks = (
        *subject_checks(subjects),
        Check("PRSTDTC", pl.col("PRSTDTC").is_null(), "no date of the local therapy", "give the date in PRSTDTC"),
        *date_checks("PRSTDTC"),
    )
    kept, rejects = sift(rows, checks, study_id=study_id, stage=STAGE)
    found = kept.select("kind", subject_id="USUBJID", lesion_id="PRLNKID", day=first_day("PRSTDTC"))
    return Parsed(found.unique().sort(*LESION, "day", "kind"), rejects)


def _performed(pr: pl.DataFrame) -> pl.DataFrame:
    pr = with_columns_of(pr, ("PRTRT", "PRCAT", "PRLNKID", "PROCCUR", "PRSTDTC"))
    return pr.filter((codes.code("PROCCUR") != "N").fill_null(True))


def with_local_therapy(measurements: pl.DataFrame, therapies: pl.DataFrame) -> pl.DataFrame:
    """Lesion records with what local therapy had been given by then; ``therapies`` come from `local_therapies`.

    Therapy up to the day of the lesion's baseline scan is prior (R11-BL-05); later therapy stands at every scan on or
    after its day, the first one where there are several (R11-FU-06).
    """
    if therapies.is_empty():
        return measurements
    own = (*LESION, "evaluator")
    baseline = measurements.filter(pl.col("timepoint") == 0).group_by(own).agg(baseline=pl.col("assessment_date").min())
    given = (
        measurements.select(own)
        .unique()
        .join(therapies, on=LESION)
        .join(baseline, on=own, how="left")
        .with_columns(prior=(pl.col("day") <= pl.col("baseline")).fill_null(False))
    )
    later = given.filter(~pl.col("prior")).sort("day", "kind").group_by(own).agg(pl.col("day", "kind").first())
    prior = given.filter("prior").select(own).unique().with_columns(_prior=pl.lit(True))
    reached = (pl.col("day") <= pl.col("assessment_date")) & (pl.col("timepoint") > 0)
    return (
        measurements.join(later, on=own, how="left", maintain_order="left")
        .join(prior, on=own, how="left", maintain_order="left")
        .with_columns(
            local_therapy=pl.when(reached).then("kind"),
            prior_local_therapy=pl.coalesce("_prior", "prior_local_therapy"),
        )
        .drop("day", "kind", "_prior")
    )
