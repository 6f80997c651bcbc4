"""Reading a form by its declaration: text cells to the table's types; every cell that does not fit is a reject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from ingestion.forms.sifting import (
    ROW,
    SOURCE_NAME,
    Check,
    join_rejects,
    rejects_of,
    sift,
    sift_cells,
    source,
    with_columns_of,
)
from ingestion.forms.templates.cells import Names, cell_checks, cell_value
from ingestion.forms.templates.declared import FILLED_BY_NADIR, Template
from ingestion.reject import Parsed

SUBJECT_COLUMN = "USUBJID"
RECEIVED = "_received_"


def read_rows(
    rows: pl.DataFrame,
    template: Template,
    *,
    study_id: str,
    names: Mapping[str, Names] | None = None,
    defaults: Mapping[str, str] | None = None,
    data_cutoff: date | None = None,
) -> Parsed:
    """The form's rows as its core table, and a reject for every bad cell.

    ``rows`` are received text rows with provenance, columns in lower case. ``names`` adds words of coded columns with
    what they mean, ``defaults`` what stands for empty cells. Records after ``data_cutoff`` are rejected. The first row
    of a key of the table stays, further ones are rejects that name it.
    """
    stage = template.table.name
    wanted = [column.name for column in template.columns]
    text = with_columns_of(rows, wanted).with_columns(
        pl.col("subject_id").alias(SUBJECT_COLUMN), *(pl.col(name).alias(RECEIVED + name) for name in wanted)
    )
    given = {**template.defaults, **(defaults or {})}
    text = template.fill(text.with_columns(pl.col(name).fill_null(value) for name, value in given.items()))
    words = {
        column.name: {**template.words(column), **(names or {}).get(column.name, {})} for column in template.columns
    }
    needed = _as_received(_given(template.required))
    cells = _as_received(
        check for column in template.columns for check in cell_checks(column, words[column.name], data_cutoff)
    )
    if template.keeps_rows:
        present, absent = sift_cells(text, needed, study_id=study_id, stage=stage)
        sound, bad = _without_bad_cells(present, cells, study_id, stage)
        bad = join_rejects([absent, bad])
    else:
        sound, bad = sift_cells(text, [*needed, *cells], study_id=study_id, stage=stage)
    values = sound.with_columns(
        cell_value(column, words[column.name]).alias(column.name) for column in template.columns
    )
    kept, contradicting = sift(values, _as_received(template.checks(values)), study_id=study_id, stage=stage)
    single, repeated = sift_repeats(kept, _key(template), study_id=study_id, stage=stage)
    completed = template.complete(single).with_columns(pl.lit(study_id).alias("study_id"), *source())
    frame = template.table.conform(completed.select(*template.table.schema))
    return Parsed(frame, join_rejects([bad, contradicting, repeated]))


def sift_repeats(rows: pl.DataFrame, key: Sequence[str], *, study_id: str, stage: str) -> Parsed:
    """The first row of each key stays; a further one is a reject that names the first and says how it differs."""
    if not key or rows.is_empty():
        return Parsed(rows, join_rejects([]))
    compared = [name for name in rows.columns if not name.startswith("_") and name not in FILLED_BY_NADIR]
    where = pl.format("row {} of {}", pl.col(ROW).first().over(key), pl.col(SOURCE_NAME).first().over(key))
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).first().over(key)) for name in compared)
    later = ~pl.struct(key).is_first_distinct()
    marked = rows.with_columns(_where=where, _later=later, _other=other)
    checks = (
        Check(
            "", pl.col("_later") & ~pl.col("_other"), pl.format("repeats {}", pl.col("_where")), "send each row once"
        ),
        Check(
            key[-1],
            pl.col("_later"),
            pl.format("contradicts {}, which has the same key and is kept", pl.col("_where")),
            "keep one of the rows, or correct the key",
        ),
    )
    kept, rejects = sift(marked, checks, study_id=study_id, stage=stage)
    return Parsed(kept.drop("_where", "_later", "_other"), rejects)


def _key(template: Template) -> tuple[str, ...]:
    """The table's key within a study; none for a table whose key is its source."""
    if set(template.table.key) & (set(FILLED_BY_NADIR) - {"study_id"}):
        return ()
    return tuple(name for name in template.table.key if name != "study_id")


def _without_bad_cells(rows: pl.DataFrame, checks: Sequence[Check], study_id: str, stage: str) -> Parsed:
    """The rows with their bad cells empty, and a reject for each of these cells."""
    rejects = []
    for check in checks:
        wrong = check.wrong.fill_null(False)
        rejects.append(rejects_of(rows.filter(wrong), check, study_id=study_id, stage=stage))
        rows = rows.with_columns(pl.when(~wrong).then(check.field).alias(check.field))
    return Parsed(rows, join_rejects(rejects))


def _as_received(checks: Iterable[Check]) -> list[Check]:
    """The checks with the value shown as it was received."""
    return [replace(check, shown=RECEIVED + check.field) for check in checks]


def _given(names: Sequence[str]) -> list[Check]:
    return [Check(name, pl.col(name).is_null(), f"no {name}", f"give {name}") for name in names]
