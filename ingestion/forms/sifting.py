"""Sifting received rows: what fails a check leaves as a reject, everything else goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from ingestion.reject import Parsed, no_rejects
from ingestion.tables import REJECT

ROW = "_row"
SOURCE_NAME = "_source_name"
SOURCE_SHA256 = "_source_sha256"
SHEET = "_sheet"
PROVENANCE = {ROW: pl.UInt32, SOURCE_NAME: pl.String, SOURCE_SHA256: pl.String, SHEET: pl.String}
ORDER = (SOURCE_NAME, SOURCE_SHA256, SHEET, ROW)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that can be wrong with a row: where, what, and what to do about it.

    ``wrong`` is true for rows to reject. ``known`` are permitted values; the one nearest to a rejected value is
    proposed in front of ``remedy``. ``shown`` is the column with the value as received, where it is not ``field``.
    """

    field: str
    wrong: pl.Expr
    reason: str | pl.Expr
    remedy: str | pl.Expr
    known: tuple[str, ...] = ()
    shown: str | None = None


def sift(rows: pl.DataFrame, checks: Sequence[Check], *, study_id: str, stage: str) -> Parsed:
    """Rows that pass all checks, and a reject (`ingestion.tables.REJECT`) for each row that fails one.

    The first failed check of a row gives its reason.
    """
    failed = pl.lit(None, dtype=pl.Int32)
    for number, check in reversed(list(enumerate(checks))):
        failed = pl.when(check.wrong.fill_null(False)).then(pl.lit(number, dtype=pl.Int32)).otherwise(failed)
    marked = rows.with_columns(failed.alias("_failed"))
    rejects = [
        rejects_of(marked.filter(pl.col("_failed") == number), check, study_id=study_id, stage=stage)
        for number, check in enumerate(checks)
    ]
    return Parsed(marked.filter(pl.col("_failed").is_null()).drop("_failed"), join_rejects(rejects))


def sift_cells(rows: pl.DataFrame, checks: Sequence[Check], *, study_id: str, stage: str) -> Parsed:
    """Rows that pass all checks, and a reject for every cell that fails one: a row with two bad cells gives two.

    The first failed check of a cell gives its reason.
    """
    marked = rows
    flags: dict[str, list[str]] = {}
    rejects = []
    for number, check in enumerate(checks):
        earlier = flags.setdefault(check.field, [])
        wrong = check.wrong.fill_null(False)
        first = wrong & ~pl.any_horizontal(earlier) if earlier else wrong
        flag = f"_wrong_{number}"
        marked = marked.with_columns(first.alias(flag))
        earlier.append(flag)
        rejects.append(rejects_of(marked.filter(flag), check, study_id=study_id, stage=stage))
    names = [flag for of_field in flags.values() for flag in of_field]
    kept = marked.filter(~pl.any_horizontal(names)).drop(names) if names else marked
    return Parsed(kept, join_rejects(rejects))


def subject_checks(subjects: pl.DataFrame) -> tuple[Check, ...]:
    """A record needs a subject, and the subject a DM record (``subjects``: column USUBJID)."""
    in_study = pl.col("USUBJID").is_in(subjects["USUBJID"].implode())
    return (
        Check("USUBJID", pl.col("USUBJID").is_null(), "no subject identifier", "give USUBJID"),
        Check("USUBJID", ~in_study, "the subject is not in DM", "send the subject's DM record, or correct USUBJID"),
    )


def rejects_of(rows: pl.DataFrame, check: Check, *, study_id: str, stage: str) -> pl.DataFrame:
    """One reject per row, whatever ``check.wrong`` says of the row."""
    if rows.is_empty():
        return no_rejects()
    shown = check.shown or check.field
    value = pl.col(shown).cast(pl.String) if shown in rows.columns else pl.lit(None, dtype=pl.String)
    subject = pl.col("USUBJID") if "USUBJID" in rows.columns else pl.lit(None, dtype=pl.String)
    remedy = pl.lit(check.remedy) if isinstance(check.remedy, str) else check.remedy
    rejects = rows.select(
        pl.lit(study_id).alias("study_id"),
        pl.lit(stage).alias("stage"),
        pl.col(SOURCE_NAME).alias("source_name"),
        pl.col(SOURCE_SHA256).alias("source_sha256"),
        record().alias("source_record"),
        subject.alias("subject_id"),
        pl.lit(check.field or None, dtype=pl.String).alias("field"),
        value.alias("value"),
        (pl.lit(check.reason) if isinstance(check.reason, str) else check.reason).alias("reason"),
        remedy.alias("remedy"),
    )
    if check.known:
        proposals = {
            text: proposal
            for text in rejects["value"].drop_nulls().unique()
            if (proposal := nearest(text, check.known)) is not None
        }
        proposed = pl.col("value").replace_strict(proposals, default=None, return_dtype=pl.String)
        rejects = rejects.with_columns(
            remedy=pl.concat_str(pl.format("did you mean {}? ", proposed).fill_null(""), pl.col("remedy"))
        )
    return REJECT.conform(rejects)


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like ``text``, if any does."""
    by_upper = {word.upper(): word for word in known}
    matches = get_close_matches(text.upper(), by_upper, n=1, cutoff=0.6)
    return by_upper[matches[0]] if matches else None


def join_rejects(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All rejects in one frame."""
    return pl.concat([no_rejects(), *parts])


def with_columns_of(rows: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """The rows with every named column; those that were not received are null strings."""
    return rows.with_columns(pl.lit(None, dtype=pl.String).alias(n) for n in names if n not in rows.columns)


def no_rows(*names: str) -> pl.DataFrame:
    """An empty received frame with these columns and provenance."""
    return pl.DataFrame(schema={**dict.fromkeys(names, pl.String), **PROVENANCE})


def record() -> pl.Expr:
    """The row's number in its file; in a file of several tables with the sheet before it, as in ``TR!12``."""
    number = pl.col(ROW).cast(pl.String)
    return pl.when(pl.col(SHEET).is_not_null()).then(pl.format("{}!{}", SHEET, number)).otherwise(number)


def source() -> tuple[pl.Expr, ...]:
    """The provenance of a row as the source columns of a canonical table."""
    return (
        pl.col(SOURCE_SHA256).alias("source_sha256"),
        pl.col(SOURCE_NAME).alias("source_name"),
        record().alias("source_record"),
    )


def merged_source() -> tuple[pl.Expr, ...]:
    """The provenance of several rows that become one: their row numbers in the first row's file, comma-separated."""
    first = pl.struct(SOURCE_NAME, SOURCE_SHA256) == pl.struct(SOURCE_NAME, SOURCE_SHA256).first()
    return (
        pl.col(SOURCE_SHA256).first().alias("source_sha256"),
        pl.col(SOURCE_NAME).first().alias("source_name"),
        record().filter(first).unique(maintain_order=True).str.join(",").alias("source_record"),
    )
