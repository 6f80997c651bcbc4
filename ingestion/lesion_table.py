"""A table of lesion measurements in nadir's own columns (core.measurement), from any format of a form or Parquet."""

from __future__ import annotations

from dataclasses import replace
from hashlib import file_digest
from pathlib import Path

import polars as pl

from ingestion.forms.readers.formats import SUFFIXES, read
from ingestion.forms.readers.records import ROW_TYPE, ReadOptions, Records, UnreadableFileError, cleaned, positions
from ingestion.forms.recognition import KNOWN_COLUMNS, missing_columns_of
from ingestion.forms.sifting import ROW, SHEET, SOURCE_NAME, SOURCE_SHA256, with_columns_of
from ingestion.forms.templates.declared import TEMPLATES, Template
from ingestion.forms.templates.typed import read_rows
from ingestion.reject import Parsed
from ingestion.tables import SUBJECT

STUDY = "assess"
LESIONS = TEMPLATES["measurement"]
SUBJECTS = replace(TEMPLATES["subject"], required=("subject_id", "reference_date"), keeps_rows=False)


class LesionTableError(ValueError):
    """A file that cannot be used as a whole; the message names the file, what is wrong and what to do."""


def read_lesion_table(path: Path) -> Parsed:
    """Lesion rows of a file as core.measurement, and what could not be used.

    Needs the columns subject_id, timepoint (0 = baseline), assessment_date, lesion_id and role; the other columns of
    core.measurement may be there. Without ``state`` a row with a diameter is MEASURED (0: ABSENT), one without it
    PRESENT; without ``is_node`` an organ called node is one; a node's size is its short axis.
    Raises `LesionTableError`.
    """
    return _read(path, LESIONS)


def read_subject_table(path: Path) -> Parsed:
    """Subjects of a file as core.subject: subject_id, reference_date and the other dates where they are known."""
    return _read(path, SUBJECTS)


def subjects_from_baseline(measurements: pl.DataFrame) -> pl.DataFrame:
    """Subjects whose reference date is the date of their first baseline scan, for tables without subjects."""
    baseline = pl.col("assessment_date").filter(pl.col("timepoint") == 0).min()
    dates = measurements.group_by("study_id", "subject_id").agg(reference_date=baseline)
    return SUBJECT.conform(dates)


def _read(path: Path, template: Template) -> Parsed:
    records = _records(path)
    names = [name.strip().lower() for name in records.header]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise LesionTableError(f"{path}: column {repeated[0]!r} stands more than once in the header")
    required = [name for name in template.required if name not in names]
    if required:
        problem = next(p for p in missing_columns_of(template, names) if p.field == required[0])
        shown = problem.remedy if "did you mean" in problem.remedy else f"its columns are: {', '.join(names)}"
        raise LesionTableError(f"{path}: {problem.reason}; {shown}")
    if records.ragged:
        number, cells = records.ragged[0]
        raise LesionTableError(
            f"{path} row {number}: {len(cells)} fields, the header has {len(records.header)}; "
            "quote values that contain the delimiter"
        )
    if records.table.is_empty():
        raise LesionTableError(f"{path}: the table has a header but no rows")
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    columns = {place: name for place, name in zip(positions(len(names)), names, strict=True) if name}
    rows = with_columns_of(records.table.select(*columns, ROW).rename(columns), ("study_id",)).with_columns(
        pl.col("study_id").fill_null(STUDY),
        pl.lit(path.name).alias(SOURCE_NAME),
        pl.lit(digest).alias(SOURCE_SHA256),
        pl.lit(None, dtype=pl.String).alias(SHEET),
    )
    studies = [
        read_rows(of_study, template, study_id=str(study))
        for (study,), of_study in rows.group_by("study_id", maintain_order=True)
    ]
    return Parsed(pl.concat(part.frame for part in studies), pl.concat(part.rejects for part in studies))


def _records(path: Path) -> Records:
    """The first table of the file."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            return _of_parquet(path)
        if suffix not in SUFFIXES:
            raise LesionTableError(
                f"{path}: cannot read {suffix or 'a file without suffix'}; use .csv, .xlsx or .parquet"
            )
        tables = read(path, path.name, ReadOptions(known_columns=KNOWN_COLUMNS))
        if not tables:
            raise LesionTableError(f"{path}: cannot be read as a table: it is empty")
        return tables[0]
    except FileNotFoundError as error:
        raise LesionTableError(f"{path}: no such file") from error
    except UnreadableFileError as error:
        raise LesionTableError(f"{path}: {error.reason}; {error.remedy}") from error
    except (OSError, pl.exceptions.PolarsError) as error:
        raise LesionTableError(f"{path}: cannot be read as a table: {error}") from error


def _of_parquet(path: Path) -> Records:
    frame = pl.read_parquet(path).select(pl.all().cast(pl.String))
    numbers = pl.arange(2, frame.height + 2, dtype=ROW_TYPE, eager=True).alias(ROW)
    table = cleaned(frame.rename(dict(zip(frame.columns, positions(frame.width), strict=True))))
    return Records(frame.columns, table.with_columns(numbers))
