"""What a received row does to the records received before: the marks of ODM transactions and of deletion flags."""

from __future__ import annotations

import polars as pl

from ingestion.forms.sifting import ROW, Check, sift
from ingestion.reject import Parsed

TRANSACTION, IDENTITY, PATCH, REASON = "_transaction", "_identity", "_patch", "_reason"
MARKS = (TRANSACTION, IDENTITY, PATCH, REASON)
REMOVE, UPDATE, UPSERT = "REMOVE", "UPDATE", "UPSERT"
ORDER = "_order"


def with_marks(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every mark; those that were not received are null."""
    return rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in MARKS if name not in rows.columns)


def is_removal() -> pl.Expr:
    """The row says that its record is withdrawn."""
    return (pl.col(TRANSACTION) == REMOVE).fill_null(False)


def folded(rows: pl.DataFrame, *, study_id: str, stage: str) -> Parsed:
    """Whole records from transactions: of each identity the last value of every column that a row speaks of.

    ``rows`` are in the order of the column `_order` (transfers) and of their numbers. A row without `_patch` speaks of
    all columns, one with it of those that it names. Rows without identity stay as they are. Rejected are updates and
    removals of records that were never received.
    """
    rows = with_marks(rows)
    plain, marked = rows.filter(pl.col(IDENTITY).is_null()), rows.filter(pl.col(IDENTITY).is_not_null())
    if marked.is_empty():
        return Parsed(plain, sift(plain.clear(), (), study_id=study_id, stage=stage).rejects)
    whole = (pl.col(TRANSACTION) != UPDATE).fill_null(True) & ~is_removal()
    unknown = ~whole.any().over(IDENTITY)
    remedy = "send the record with TransactionType Insert; where files of one name follow each other, declare "
    orphans = [
        Check(
            TRANSACTION,
            (pl.col(TRANSACTION) == transaction) & unknown,
            f"{told} of a record that was never received",
            f"{remedy}forms.transfers: incremental",
        )
        for transaction, told in ((UPDATE, "an update"), (REMOVE, "a removal"))
    ]
    marked, rejects = sift(marked.sort(ORDER, ROW), orphans, study_id=study_id, stage=stage)
    values = [name for name in marked.columns if not name.startswith("_")]
    named = pl.col(PATCH).str.split("\t")
    last = marked.group_by(IDENTITY, maintain_order=True).agg(
        *(
            pl.col(name).filter(pl.col(PATCH).is_null() & ~is_removal() | named.list.contains(name)).last().alias(name)
            for name in values
        ),
        pl.all().exclude(*values, IDENTITY).last(),
    )
    return Parsed(pl.concat([plain, last.select(plain.columns)]), rejects)
