"""Clinical status between the scans (core.clinical_status) from RS, QS and DS (DT-07, IR-05, IR-07, IRC-12)."""

from __future__ import annotations

from datetime import date

import polars as pl

from ingestion.forms import codes
from ingestion.forms.dates import Imputation, date_checks, imputed
from ingestion.forms.sifting import (
    ORDER,
    PROVENANCE,
    ROW,
    SOURCE_NAME,
    Check,
    join_rejects,
    merged_source,
    sift,
    subject_checks,
)
from ingestion.reject import Parsed
from ingestion.tables import CLINICAL_STATUS

STAGE = "core.clinical_status"
ECOG = "ecog"
WORST_ECOG = 5
STATED = {
    "SYMPTDTR": "clinical_progression",
    "CLINSTAB": "clinically_stable",
    "NEWSYMPT": "new_symptoms",
    "RAPIDDET": "rapid_deterioration",
}
"""Tests answered by Y or N, and what they say; all but SYMPTDTR are sponsor tests."""
CLINICAL = r"SYMPTOMATIC DETERIORATION|CLINICAL(LY)? (DISEASE )?(PROGRESS|DETERIORAT)|PROGRESS\w* \(?CLINICAL"
RAPID = "RAPID"
FACTS = (ECOG, *STATED.values(), "treatment_stopped")
READ = ("USUBJID", "VISIT", "date", "fact", "value", *PROVENANCE)


def is_clinical_test(domain: str) -> pl.Expr:
    """Rows that speak of the clinical status: ECOG performance status, and the tests of `STATED`."""
    test, category = codes.code(f"{domain}TESTCD"), codes.code(f"{domain}CAT")
    in_ecog = category.str.contains("ECOG").fill_null(False) & (test.str.starts_with("ECOG") | test.str.contains("PS"))
    return (test.str.contains(r"^ECOG\d*$") | in_ecog | test.is_in(list(STATED))).fill_null(False)


def clinical_status(
    rs: pl.DataFrame,
    qs: pl.DataFrame,
    ds: pl.DataFrame,
    subjects: pl.DataFrame,
    *,
    study_id: str,
    data_cutoff: date | None = None,
    pd_impute: Imputation = "first",
) -> Parsed:
    """`ingestion.tables.CLINICAL_STATUS`: one row per subject and date on which something is known.

    ``rs`` and ``qs`` are received rows of which the clinical tests are read (results 0 to 5 of the performance status,
    else Y or N), ``ds`` sifted dispositions: one whose reason is clinical is a clinical progression, at the end of the
    study treatment also a stop because of it. Partial dates are completed by ``pd_impute`` (DT-06). A second and
    different statement of one date is rejected.
    """
    told = [
        _told(rows, domain, subjects, study_id, data_cutoff, pd_impute) for domain, rows in (("RS", rs), ("QS", qs))
    ]
    by_reason = _reasons(ds, pd_impute)
    facts = pl.concat([*(part.frame for part in told), by_reason]).sort(*ORDER)
    single = _without_contradictions(facts, study_id)
    named = [
        pl.col("value").filter(pl.col("fact") == fact).first().cast(CLINICAL_STATUS.schema[fact]).alias(fact)
        for fact in FACTS
    ]
    frame = (
        single.frame.group_by("USUBJID", "date", maintain_order=True)
        .agg(pl.col("VISIT").drop_nulls().first(), *named, *merged_source())
        .select(
            pl.lit(study_id).alias("study_id"),
            pl.col("USUBJID").alias("subject_id"),
            pl.col("date").alias("assessment_date"),
            pl.col("VISIT").alias("visit"),
            *FACTS,
            *("source_sha256", "source_name", "source_record"),
        )
    )
    rejects = join_rejects([*(part.rejects for part in told), single.rejects])
    return Parsed(CLINICAL_STATUS.conform(frame.sort(CLINICAL_STATUS.key)), rejects)


def _told(
    rows: pl.DataFrame, domain: str, subjects: pl.DataFrame, study_id: str, cutoff: date | None, pd_impute: Imputation
) -> Parsed:
    """What RS or QS says, one row a statement; NOT DONE says nothing."""
    test, dated = f"{domain}TESTCD", f"{domain}DTC"
    rows = rows.filter(is_clinical_test(domain) & ~codes.not_done(domain))
    fact = codes.code(test).replace_strict(STATED, default=ECOG, return_dtype=pl.String)
    standard = pl.col(f"{domain}STRESC").is_not_null()
    word = pl.coalesce(codes.code(f"{domain}STRESC"), codes.code(f"{domain}ORRES"))
    number = pl.coalesce(*(codes.number(f"{domain}{name}") for name in ("STRESN", "STRESC", "ORRES")))
    rows = rows.with_columns(fact=fact, _word=word).with_columns(
        value=pl.when(pl.col("fact") == ECOG)
        .then(number)
        .otherwise(pl.col("_word").replace_strict(codes.YES_NO, default=None, return_dtype=pl.Float64))
    )
    is_status = pl.col("fact") == ECOG
    graded = pl.col("value").is_between(0, WORST_ECOG) & (pl.col("value") == pl.col("value").floor())
    grade = f"write a whole number from 0 to {WORST_ECOG}"
    checks = (
        *subject_checks(subjects),
        Check(dated, pl.col(dated).is_null(), "no date of the clinical assessment", f"give the date in {dated}"),
        *date_checks(dated, cutoff),
        Check(
            f"{domain}STRESC",
            pl.col("_word").is_null() & pl.col("value").is_null(),
            "no result",
            f"give the result, or {domain}STAT = NOT DONE",
        ),
        *(
            Check(field, here & wrong, reason, remedy, known)
            for field, here in ((f"{domain}STRESC", standard), (f"{domain}ORRES", ~standard))
            for wrong, reason, remedy, known in (
                (is_status & (pl.col("value").is_null() | ~graded), "no ECOG performance status", grade, ()),
                (~is_status & pl.col("value").is_null(), "not Y or N", "write Y or N", ("Y", "N")),
            )
        ),
    )
    kept, rejects = sift(rows, checks, study_id=study_id, stage=STAGE)
    return Parsed(kept.with_columns(date=imputed(dated, pd_impute)).select(READ), rejects)


def _reasons(ds: pl.DataFrame, pd_impute: Imputation) -> pl.DataFrame:
    """Dispositions whose reason is clinical; one without a date stands nowhere and is left to core.subject."""
    text = pl.concat_str(codes.code("DSDECOD"), codes.code("DSTERM"), separator="; ", ignore_nulls=True)
    rows = ds.with_columns(_reason=text, date=imputed("DSSTDTC", pd_impute))
    rows = rows.filter(pl.col("_reason").str.contains(CLINICAL) & pl.col("date").is_not_null())
    ends = pl.concat_str(codes.code("DSCAT"), codes.code("DSSCAT"), separator="; ", ignore_nulls=True)
    of_treatment = ~ends.str.contains("STUDY PARTICIPATION").fill_null(False)
    facts = (
        ("clinical_progression", pl.lit(True)),
        ("treatment_stopped", of_treatment),
        ("rapid_deterioration", pl.col("_reason").str.contains(RAPID)),
    )
    parts = [
        rows.filter(holds).with_columns(fact=pl.lit(fact), value=pl.lit(1.0)).select(READ) for fact, holds in facts
    ]
    return pl.concat(parts)


def _without_contradictions(facts: pl.DataFrame, study_id: str) -> Parsed:
    """The first statement of a subject, date and fact stays; one that says the same is no contradiction."""
    one = ("USUBJID", "date", "fact")
    rows = facts.with_columns(
        _first=pl.col("value").first().over(one),
        _where=pl.format("row {} of {}", pl.col(ROW).first().over(one), pl.col(SOURCE_NAME).first().over(one)),
    )
    contradicts = Check(
        "fact",
        pl.col("value") != pl.col("_first"),
        pl.format("contradicts {} of the same date, which is kept", pl.col("_where")),
        "send one statement per subject and date; correct the wrong one",
    )
    return sift(rows, [contradicts], study_id=study_id, stage=STAGE)
