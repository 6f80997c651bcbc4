"""Help for building SDTM datasets: identifiers, sequence numbers, dates as ISO 8601 text, study days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from simulation.trial import Trial

Value = pl.Expr | str | int | float | None


def dataset(
    trial: Trial, domain: str, rows: pl.DataFrame, columns: Mapping[str, Value], order: Sequence[str]
) -> pl.DataFrame:
    """An SDTM dataset: STUDYID, DOMAIN, USUBJID, --SEQ, then ``columns`` (expressions on ``rows``, or constants).

    ``rows`` have subject_id; they are sorted by it and by ``order`` and numbered within a subject.
    """
    values = {name: value if isinstance(value, pl.Expr) else pl.lit(value) for name, value in columns.items()}
    sequence = {} if domain == "DM" else {f"{domain}SEQ": pl.int_range(1, pl.len() + 1).over("subject_id")}
    return rows.sort("subject_id", *order, maintain_order=True).select(
        STUDYID=pl.lit(trial.settings.study), DOMAIN=pl.lit(domain), USUBJID=pl.col("subject_id"), **sequence, **values
    )


def iso(column: str) -> pl.Expr:
    """A date column as ISO 8601 text."""
    return pl.col(column).dt.to_string("%Y-%m-%d")


def study_day(column: str) -> pl.Expr:
    """Study day of a date column against reference_date; there is no day 0 (GEN-06)."""
    days = (pl.col(column) - pl.col("reference_date")).dt.total_days()
    return days + (days >= 0).cast(pl.Int64)


def with_reference(rows: pl.DataFrame, trial: Trial) -> pl.DataFrame:
    """Rows with their subject's reference_date."""
    return rows.join(
        trial.subject.select("subject_id", "reference_date"), on="subject_id", how="left", maintain_order="left"
    )


def evaluator_columns(domain: str) -> dict[str, Value]:
    """--EVAL, --EVALID and --ACPTFL from reader_role, evaluator and accepted."""
    central = pl.col("reader_role") != "INVESTIGATOR"
    return {
        f"{domain}EVAL": pl.col("reader_role"),
        f"{domain}EVALID": pl.when(central).then("evaluator"),
        f"{domain}ACPTFL": pl.when("accepted").then(pl.lit("Y")),
    }
