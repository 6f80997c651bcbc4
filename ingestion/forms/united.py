"""One table from two sources: SDTM records, and the rows of nadir's own forms beside them."""

from __future__ import annotations

import polars as pl

from criteria.table import Table
from ingestion.forms.sifting import join_rejects
from ingestion.reject import Parsed
from ingestion.tables import REJECT, SUBJECT

OWN_REFERENCE = ("reference_date", "randomisation_date", "first_dose_date")
KEPT = ("study_id", "subject_id", "source_sha256", "source_name", "source_record")


def united(table: Table, first: Parsed | None, second: Parsed | None, *, study_id: str) -> Parsed:
    """The rows of both; of a key that both have the ``first``'s stays and the other's is a reject that names it."""
    if first is None or second is None:
        only = first or second
        return only if only is not None else Parsed(table.empty(), REJECT.empty())
    key = list(table.key)
    doubled = second.frame.join(
        first.frame.select(*key, _where=pl.format("row {} of {}", "source_record", "source_name")),
        on=key,
        nulls_equal=True,
    )
    rejects = doubled.select(
        pl.lit(study_id).alias("study_id"),
        pl.lit(table.name).alias("stage"),
        *("source_name", "source_sha256", "source_record", "subject_id"),
        pl.lit(key[-1]).alias("field"),
        pl.col(key[-1]).cast(pl.String).alias("value"),
        pl.format("{} has the same key and is kept", "_where").alias("reason"),
        pl.lit("send the record in one of the two forms").alias("remedy"),
    )
    kept = second.frame.join(first.frame, on=key, how="anti", nulls_equal=True)
    frame = pl.concat([first.frame, kept]).sort(key)
    return Parsed(table.conform(frame), join_rejects([first.rejects, second.rejects, REJECT.conform(rejects)]))


def united_subjects(sdtm: Parsed, own: Parsed) -> Parsed:
    """`ingestion.tables.SUBJECT`: what the form of subjects says counts, what it leaves open is derived.

    Reference date, randomisation and first dose come from the form together, where it has any of them.
    """
    if own.frame.is_empty():
        return Parsed(sdtm.frame, join_rejects([sdtm.rejects, own.rejects]))
    said = own.frame.with_columns(
        reference_date=pl.coalesce(*OWN_REFERENCE), _dated=pl.any_horizontal(pl.col(OWN_REFERENCE).is_not_null())
    )
    joined = sdtm.frame.join(said, on=["study_id", "subject_id"], how="left", suffix="_own", maintain_order="left")
    from_form = pl.col("_dated").fill_null(False)
    free = [name for name in SUBJECT.schema if name not in (*KEPT, *OWN_REFERENCE)]
    frame = joined.with_columns(
        *(pl.when(from_form).then(f"{name}_own").otherwise(name).alias(name) for name in OWN_REFERENCE),
        *(pl.coalesce(f"{name}_own", name).alias(name) for name in free),
    ).select(*SUBJECT.schema)
    return Parsed(SUBJECT.conform(frame), join_rejects([sdtm.rejects, own.rejects]))
