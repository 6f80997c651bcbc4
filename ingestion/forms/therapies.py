"""Study treatment, new anticancer therapy, and what PET checks ask for (core.therapy) from EX, CM and PR."""

from __future__ import annotations

from datetime import date

import polars as pl

from criteria.metabolic.quality_checks import THERAPIES
from ingestion.forms import codes
from ingestion.forms.dates import Imputation, date_checks, first_day, full_date, imputed, is_partial, last_day
from ingestion.forms.sifting import Check, join_rejects, sift, source, subject_checks
from ingestion.reject import Parsed
from ingestion.tables import THERAPY

STAGE = "core.therapy"
STUDY_TREATMENT, ANTI_CANCER, OTHER = "STUDY TREATMENT", "ANTI-CANCER THERAPY", "OTHER THERAPY"


def therapies(
    ex: pl.DataFrame,
    cm: pl.DataFrame,
    pr: pl.DataFrame,
    references: pl.DataFrame,
    *,
    study_id: str,
    data_cutoff: date | None = None,
    pd_impute: Imputation = "first",
) -> Parsed:
    """`ingestion.tables.THERAPY`: EX rows, CM and PR rows whose category is ANTI-CANCER THERAPY, and such that PET
    checks ask for by name (Q-09 to Q-12: chemotherapy, radiotherapy, growth factor, surgery), prior ones too.

    ``references`` (USUBJID, reference_date) are the subjects. Partial starts of study treatment count from the first
    day of their month or year, of new therapy by ``pd_impute`` (DT-06), ends to the last day. A partial start of new
    therapy that can lie before or after the reference date is rejected.
    """
    parts = [
        _therapies_of(ex, "EX", STUDY_TREATMENT, references, study_id, data_cutoff, "first"),
        *(
            _therapies_of(
                rows.filter(_is_anti_cancer(domain)), domain, ANTI_CANCER, references, study_id, data_cutoff, pd_impute
            )
            for domain, rows in (("CM", cm), ("PR", pr))
        ),
        *(
            _therapies_of(rows.filter(_is_asked_for(domain)), domain, OTHER, references, study_id, data_cutoff, "first")
            for domain, rows in (("CM", cm), ("PR", pr))
        ),
    ]
    frame = pl.concat(part.frame for part in parts)
    return Parsed(THERAPY.conform(frame.sort(THERAPY.key)), join_rejects(part.rejects for part in parts))


def _is_anti_cancer(domain: str) -> pl.Expr:
    """ANTI-CANCER THERAPY, also new or subsequent; hyphens and spaces do not matter; prior therapy does not count."""
    category = codes.code(f"{domain}CAT").str.replace_all("[^A-Z]", "")
    prior = pl.concat_str(codes.code(f"{domain}CAT"), codes.code(f"{domain}SCAT"), ignore_nulls=True).str.contains(
        "PRIOR"
    )
    return (category.str.ends_with("ANTICANCERTHERAPY") & ~prior).fill_null(False)


def _is_asked_for(domain: str) -> pl.Expr:
    """A therapy of another category by whose name a PET check knows it; without a full start it tells nothing."""
    names = "|".join(f"(?:{pattern})" for pattern in THERAPIES.values())
    known = pl.col(f"{domain}TRT").str.contains(names) & full_date(f"{domain}STDTC").is_not_null()
    return known.fill_null(False) & ~_is_anti_cancer(domain)


def _therapies_of(
    rows: pl.DataFrame,
    domain: str,
    category: str,
    references: pl.DataFrame,
    study_id: str,
    cutoff: date | None,
    impute: Imputation,
) -> Parsed:
    start, end = f"{domain}STDTC", f"{domain}ENDTC"
    rows = rows.join(references, on="USUBJID", how="left", maintain_order="left")
    around = (
        is_partial(start)
        & (first_day(start) <= pl.col("reference_date"))
        & (last_day(start) >= pl.col("reference_date"))
    )
    checks = (
        *subject_checks(references),
        Check(start, pl.col(start).is_null(), "no start of the therapy", f"give the start in {start}"),
        *date_checks(start, cutoff),
        *date_checks(end),
        Check(
            start,
            around & (pl.lit(category) == ANTI_CANCER),
            pl.format("the start can lie before or after the reference date {}", pl.col("reference_date")),
            "give the full date of the start",
        ),
    )
    kept, rejects = sift(rows, checks, study_id=study_id, stage=STAGE)
    ends = last_day(end) if cutoff is None else pl.when(last_day(end) <= cutoff).then(last_day(end))
    frame = kept.select(
        pl.lit(study_id).alias("study_id"),
        pl.col("USUBJID").alias("subject_id"),
        pl.lit(category).alias("category"),
        pl.col(f"{domain}TRT").alias("therapy"),
        imputed(start, impute).alias("start_date"),
        ends.alias("end_date"),
        *source(),
    )
    return Parsed(frame, rejects)
