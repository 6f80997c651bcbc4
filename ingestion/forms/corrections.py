"""What a later transfer does to an earlier one: which rows count, and what changed from one state to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from ingestion.change_table import CHANGE, Kind
from ingestion.forms import codes
from ingestion.forms.domains import SEQUENCED, record_key
from ingestion.forms.sifting import (
    ORDER,
    SOURCE_NAME,
    SOURCE_SHA256,
    Check,
    join_rejects,
    record,
    rejects_of,
)
from ingestion.forms.templates.declared import FILLED_BY_NADIR, TEMPLATES
from ingestion.forms.transactions import MARKS, REASON, folded, is_removal, with_marks
from ingestion.forms.transactions import ORDER as TRANSFER
from ingestion.reject import Parsed

KEY, NTH = "_key", "_nth"
SEPARATOR = " | "
ONE_RECORD_A_KEY = ("SV", "TU", *SEQUENCED)
"""Domains of which a record that repeats another one's key is told here; the others are compared by what they say."""


def standing_rows(form: str, parts: Sequence[tuple[int, pl.DataFrame]], *, study_id: str, stage: str) -> Parsed:
    """The rows of a form that count: of each key those of the latest transfer that has it, without withdrawn ones.

    ``parts`` are received frames with the number of their transfer; a column that a file lacks is null there. Adds
    `transactions.REASON`. Rejected are updates of records never received.
    """
    rows = pl.concat(
        [frame.with_columns(pl.lit(number, dtype=pl.Int32).alias(TRANSFER)) for number, frame in parts], how="diagonal"
    )
    marked = any(set(MARKS) & set(frame.columns) for _, frame in parts)
    rejects = join_rejects([])
    if marked:
        rows, rejects = folded(rows, study_id=study_id, stage=stage)
    if rows[TRANSFER].n_unique() > 1:
        keyed = rows.with_columns(key_of(form, rows.columns, sequenced=is_sequenced(form, rows)).alias(KEY))
        rows = keyed.filter(pl.col(TRANSFER) == pl.col(TRANSFER).max().over(KEY)).drop(KEY)
    rows = with_marks(rows)
    if marked:
        rows = rows.filter(~is_removal())
    return Parsed(rows.drop(TRANSFER, *(name for name in MARKS if name != REASON)), rejects)


def is_sequenced(form: str, rows: pl.DataFrame) -> bool:
    """Whether the records of the domain are known by --SEQ: it is a domain of that kind, and every row has one."""
    return form in SEQUENCED and f"{form}SEQ" in rows.columns and rows[f"{form}SEQ"].null_count() == 0


def key_of(form: str, columns: Sequence[str], *, sequenced: bool) -> pl.Expr:
    """A record's key as text: upper case, numbers without trailing zeros, the investigator where no reader is named."""
    if form in TEMPLATES:
        names, missing = TEMPLATES[form].identity, dict(TEMPLATES[form].defaults)
    else:
        names, missing = record_key(form, sequenced=sequenced), {f"{form}EVAL": codes.INVESTIGATOR}
    parts = []
    for name in names:
        value = pl.col(name) if name in columns else pl.lit(None, dtype=pl.String)
        plain = _plain(value.str.to_uppercase())
        parts.append(plain.fill_null(missing.get(name, "")))
    return pl.concat_str(parts, separator=SEPARATOR)


def sift_repeats(form: str, rows: pl.DataFrame, *, study_id: str, stage: str) -> Parsed:
    """Rows that repeat another one in all columns leave, and rows that contradict one of the same key and transfer.

    The first by file name and row stays; the reject names it.
    """
    columns = [name for name in rows.columns if not name.startswith("_")]
    rows = rows.sort(ORDER)
    kept, rejects = _first_only(rows, columns, "repeats {}", "", "send each record once", study_id, stage)
    sequenced = is_sequenced(form, rows)
    if form not in ONE_RECORD_A_KEY or (form in SEQUENCED and not sequenced):
        return Parsed(kept, rejects)
    key = [name for name in record_key(form, sequenced=sequenced) if name in columns]
    kept = kept.with_columns(key_of(form, columns, sequenced=sequenced).alias(KEY))
    complete = pl.all_horizontal(pl.col(name).is_not_null() for name in key if not name.endswith(("EVAL", "EVALID")))
    keyed, unkeyed = kept.filter(complete), kept.filter(~complete)
    said = f"contradicts {{}}, which has the same key ({', '.join(key)}) and is kept"
    remedy = "send one record a key; correct the wrong one"
    single, contradicting = _first_only(keyed, [KEY], said, key[-1], remedy, study_id, stage)
    return Parsed(pl.concat([single, unkeyed]).drop(KEY), join_rejects([rejects, contradicting]))


def _first_only(
    rows: pl.DataFrame, unit: list[str], said: str, field: str, remedy: str, study_id: str, stage: str
) -> Parsed:
    """The first row of each unit; a reject that names it for every further one."""
    later = ~rows.select(pl.struct(unit).is_first_distinct()).to_series()
    if not later.any():
        return Parsed(rows, join_rejects([]))
    again = rows.filter(later)
    first = rows.filter(~later).select(*unit, _where=pl.format("row {} of {}", record(), pl.col(SOURCE_NAME)))
    named = again.join(first, on=unit, how="left", nulls_equal=True, maintain_order="left")
    check = Check(field, pl.lit(True), pl.format(said, pl.col("_where")), remedy)
    return Parsed(rows.filter(~later), rejects_of(named, check, study_id=study_id, stage=stage))


def changes(form: str, before: pl.DataFrame, after: pl.DataFrame, *, study_id: str, moment: datetime) -> pl.DataFrame:
    """`ingestion.change_table.CHANGE`: what a transfer changed, from the rows that counted before it to those after.

    A corrected record has one row for each changed field, an inserted or withdrawn one a single row without field.
    Several records of one key are compared in their order. Numbers of records (--SEQ) are no change.
    """
    subject = "subject_id" if form in TEMPLATES else "USUBJID"
    ignored = {f"{form}SEQ", *FILLED_BY_NADIR}
    fields = [
        name
        for name in dict.fromkeys([*before.columns, *after.columns])
        if not name.startswith("_") and name not in ignored
    ]
    sequenced = is_sequenced(form, before) and is_sequenced(form, after)
    old, new = (
        _numbered(rows.with_columns(key_of(form, rows.columns, sequenced=sequenced).alias(KEY)), fields, subject)
        for rows in (before, after)
    )
    joined = old.join(new, on=[KEY, NTH], how="full", coalesce=True, suffix="_new")
    gone, come = pl.col(SOURCE_NAME + "_new").is_null(), pl.col(SOURCE_NAME).is_null()
    parts = [
        _changed(joined.filter(gone), Kind.WITHDRAWN, None),
        _changed(joined.filter(come), Kind.INSERTED, None),
    ]
    both = joined.filter(~gone & ~come)
    for name in fields:
        differ = _plain(pl.col(name)).ne_missing(_plain(pl.col(f"{name}_new")))
        parts.append(_changed(both.filter(differ), Kind.CORRECTED, name))
    found = pl.concat(parts).with_columns(
        study_id=pl.lit(study_id), form=pl.lit(form), transfer_at=pl.lit(moment, dtype=CHANGE.schema["transfer_at"])
    )
    return CHANGE.conform(found)


def _numbered(rows: pl.DataFrame, fields: Sequence[str], subject: str) -> pl.DataFrame:
    wanted = dict.fromkeys([*fields, subject])
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in wanted if name not in rows.columns]
    return (
        rows.sort(ORDER)
        .with_columns(*absent, record().alias("_record"), pl.int_range(pl.len()).over(KEY).alias(NTH))
        .select(
            *wanted,
            KEY,
            NTH,
            SOURCE_NAME,
            SOURCE_SHA256,
            "_record",
            REASON,
            pl.col(subject).alias("_subject"),
        )
    )


def _changed(rows: pl.DataFrame, kind: Kind, name: str | None) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    return rows.select(
        pl.col(KEY).alias("record_key"),
        pl.coalesce("_subject_new", "_subject").alias("subject_id"),
        pl.lit(kind.value).alias("kind"),
        pl.lit(name, dtype=pl.String).alias("field"),
        (pl.col(name) if name else nothing).alias("old_value"),
        (pl.col(f"{name}_new") if name else nothing).alias("new_value"),
        pl.col(SOURCE_NAME).alias("old_source_name"),
        pl.col(SOURCE_SHA256).alias("old_source_sha256"),
        pl.col("_record").alias("old_source_record"),
        pl.col(f"{SOURCE_NAME}_new").alias("new_source_name"),
        pl.col(f"{SOURCE_SHA256}_new").alias("new_source_sha256"),
        pl.col("_record_new").alias("new_source_record"),
        pl.col(f"{REASON}_new").alias("reason"),
    )


def _plain(value: pl.Expr) -> pl.Expr:
    """A value as it is compared: numbers without trailing zeros."""
    return value.str.replace(r"^([+-]?\d+)\.0+$", "$1").str.replace(r"^([+-]?\d+\.\d*[1-9])0+$", "$1")
