"""A table of lesion measurements in nadir's own columns (core.measurement), from CSV, Excel or Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from criteria.vocabulary import Change, LocalTherapy, Role, State, values
from ingestion.forms.dates import date_checks, full_date
from ingestion.forms.delimited import UnreadableFileError, read_delimited
from ingestion.forms.sifting import Check, nearest, rejects_of, sift
from ingestion.reject import Parsed
from ingestion.tables import MEASUREMENT, SUBJECT

STAGE = "core.measurement"
REQUIRED = ("subject_id", "timepoint", "assessment_date", "lesion_id", "role")
SUBJECT_REQUIRED = ("subject_id", "reference_date")
SUBJECT_DATES = ("reference_date", "death_date", "last_alive_date", "new_therapy_date")
DIAMETERS = ("longest_diameter_mm", "short_axis_mm", "perpendicular_mm")
LENGTHS = (*DIAMETERS, "slice_thickness_mm")
YES_OR_NO = ("accepted", "injected", "measurable", "prior_local_therapy", "indistinct_before")
CODED = {
    "role": values(Role),
    "state": values(State),
    "change_from_previous": values(Change),
    "local_therapy": values(LocalTherapy),
}
FLAGS = {"TRUE": True, "Y": True, "YES": True, "1": True, "FALSE": False, "N": False, "NO": False, "0": False}
NODE = r"(?i)\bnode|\bnodal"
STUDY = "assess"
LARGEST_MM = 500
Numbered = Sequence[tuple[int, Sequence[str | None]]]
"""Records with their row numbers, the header being row 1."""


class LesionTableError(ValueError):
    """A file that cannot be used as a whole; the message names the file, what is wrong and what to do."""


def read_lesion_table(path: Path) -> Parsed:
    """Lesion rows of a file as core.measurement, and what could not be used.

    Needs the columns subject_id, timepoint (0 = baseline), assessment_date, lesion_id and role; the other columns of
    core.measurement may be there. Without ``state`` a row with a diameter is MEASURED (0: ABSENT), one without it
    PRESENT; without ``is_node`` an organ called node is one; a node's size is its short axis.
    Raises `LesionTableError`.
    """
    rows = _received(path, REQUIRED).with_columns(
        pl.col("timepoint").str.replace(r"\.0+$", "").alias("timepoint"),
        **{name: pl.col(name).str.to_uppercase().str.replace_all(r"[ _]+", "_") for name in ("state",)},
        role=pl.col("role").str.to_uppercase().str.replace_all(r"[ _]+", "-"),
        **{name: pl.col(name).str.to_uppercase() for name in ("change_from_previous", "local_therapy")},
        _node=pl.coalesce(
            pl.col("is_node").str.to_uppercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean),
            pl.col("organ").str.contains(NODE),
            pl.lit(False),
        ),
    )
    sifted = sift(rows, _checks(), study_id=STUDY, stage=STAGE)
    return _unique(_typed(sifted.frame), sifted.rejects)


def read_subject_table(path: Path) -> Parsed:
    """Subjects of a file as core.subject: subject_id, reference_date and the other dates where they are known."""
    rows = _received(path, SUBJECT_REQUIRED, SUBJECT.schema)
    checks = (
        _given("subject_id"),
        *(check for name in SUBJECT_DATES for check in date_checks(name)),
    )
    sifted = sift(rows, checks, study_id=STUDY, stage=SUBJECT.name)
    frame = sifted.frame.select(
        pl.coalesce("study_id", pl.lit(STUDY)).alias("study_id"),
        "subject_id",
        "arm",
        "cohort",
        "end_of_study_reason",
        *(full_date(name).alias(name) for name in SUBJECT_DATES),
    )
    repeated = frame.filter(pl.struct("study_id", "subject_id").is_duplicated())["subject_id"]
    if repeated.len():
        raise LesionTableError(f"{path}: subject_id {repeated[0]!r} stands in several rows; give one row a subject")
    return Parsed(SUBJECT.conform(frame), sifted.rejects)


def subjects_from_baseline(measurements: pl.DataFrame) -> pl.DataFrame:
    """Subjects whose reference date is the date of their first baseline scan, for tables without subjects."""
    baseline = pl.col("assessment_date").filter(pl.col("timepoint") == 0).min()
    dates = measurements.group_by("study_id", "subject_id").agg(reference_date=baseline)
    return SUBJECT.conform(dates)


def _received(path: Path, required: tuple[str, ...], columns: Iterable[str] = MEASUREMENT.schema) -> pl.DataFrame:
    """The file as text columns in lower case with the row numbers; absent optional columns are null."""
    header, records = _records(path)
    names = [name.strip().lower() for name in header]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise LesionTableError(f"{path}: column {repeated[0]!r} stands more than once in the header")
    for name in required:
        if name not in names:
            close = nearest(name, [other for other in names if other not in required])
            hint = f"column {close!r}: did you mean {name!r}?" if close else f"its columns are: {', '.join(names)}"
            raise LesionTableError(f"{path}: required column {name!r} is missing; {hint}")
    if not records:
        raise LesionTableError(f"{path}: the table has a header but no rows")
    wanted = list(columns)
    frame = pl.DataFrame(
        [[record[names.index(name)] if name in names else None for name in wanted] for _, record in records],
        schema=dict.fromkeys(wanted, pl.String),
        orient="row",
    )
    stripped = pl.all().str.strip_chars()
    return frame.with_columns(pl.when(stripped != "").then(stripped).name.keep()).with_columns(
        pl.Series("_row", [number for number, _ in records], dtype=pl.UInt32),
        USUBJID=pl.col("subject_id"),
        _source_name=pl.lit(path.name),
        _source_sha256=pl.lit(sha256(path.read_bytes()).hexdigest()),
    )


def _records(path: Path) -> tuple[list[str], Numbered]:
    try:
        match path.suffix.lower():
            case ".csv" | ".txt" | ".tsv":
                read = read_delimited(path.read_bytes())
                if read.ragged:
                    number, cells = read.ragged[0]
                    raise LesionTableError(
                        f"{path} row {number}: {len(cells)} fields, the header has {len(read.header)}; "
                        "quote values that contain the delimiter"
                    )
                return read.header, [*read.rows]
            case ".xlsx" | ".xls" | ".xlsb" | ".ods":
                sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
                return [str(cell) for cell in sheet[0]], _numbered([_text(cell) for cell in row] for row in sheet[1:])
            case ".parquet":
                frame = pl.read_parquet(path).select(pl.all().cast(pl.String))
                return frame.columns, _numbered(frame.iter_rows())
            case suffix:
                raise LesionTableError(
                    f"{path}: cannot read {suffix or 'a file without suffix'}; use .csv, .xlsx or .parquet"
                )
    except FileNotFoundError as error:
        raise LesionTableError(f"{path}: no such file") from error
    except UnreadableFileError as error:
        raise LesionTableError(f"{path}: {error.reason}; {error.remedy}") from error
    except (OSError, CalamineError, IndexError, pl.exceptions.PolarsError) as error:
        raise LesionTableError(f"{path}: cannot be read as a table: {error}") from error


def _numbered(rows: Iterable[Sequence[str | None]]) -> Numbered:
    return list(enumerate(rows, start=2))


def _text(cell: object) -> str:
    text = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    return text[:10] if hasattr(cell, "isoformat") else text


def _given(name: str) -> Check:
    return Check(name, pl.col(name).is_null(), f"no {name}", f"give {name}")


def _checks() -> tuple[Check, ...]:
    number = {name: pl.col(name).cast(pl.Float64, strict=False) for name in LENGTHS}
    timepoint = pl.col("timepoint").cast(pl.Int32, strict=False)
    is_target = (pl.col("role") == Role.TARGET) & pl.col("state").is_null()
    size = pl.when("_node").then("short_axis_mm").otherwise("longest_diameter_mm")
    return (
        *(_given(name) for name in REQUIRED),
        Check("timepoint", timepoint.is_null(), "not a whole number", "number the time points 0 (baseline), 1, 2, ..."),
        *date_checks("assessment_date"),
        Check(
            "assessment_date", full_date("assessment_date").is_null(), "the date has no day", "write it as YYYY-MM-DD"
        ),
        *(
            Check(
                name,
                pl.col(name).is_not_null() & ~pl.col(name).is_in(allowed),
                "unknown code",
                f"write one of {', '.join(allowed)}",
                known=allowed,
            )
            for name, allowed in CODED.items()
        ),
        *(
            check
            for name in LENGTHS
            for check in (
                Check(name, pl.col(name).is_not_null() & number[name].is_null(), "not a number", "write millimetres"),
                Check(name, number[name] < 0, "a length cannot be negative", "correct the value"),
                Check(name, number[name] > LARGEST_MM, f"larger than {LARGEST_MM} mm", "check value and unit (mm)"),
            )
        ),
        Check(
            "short_axis_mm",
            is_target & pl.col("_node") & size.is_null(),
            "a target node without short axis",
            "give short_axis_mm, or a state such as NOT_EVALUABLE",
        ),
        Check(
            "longest_diameter_mm",
            is_target & size.is_null(),
            "a target without diameter",
            "give longest_diameter_mm, or a state such as NOT_EVALUABLE",
        ),
    )


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    size = pl.when("_node").then("short_axis_mm").otherwise("longest_diameter_mm").cast(pl.Float64)
    state = (
        pl.when(pl.col("state").is_not_null())
        .then("state")
        .when(size == 0)
        .then(pl.lit(State.ABSENT.value))
        .when(size > 0)
        .then(pl.lit(State.MEASURED.value))
        .otherwise(pl.lit(State.PRESENT.value))
    )
    return rows.with_columns(
        pl.coalesce("study_id", pl.lit(STUDY)).alias("study_id"),
        pl.coalesce("evaluator", pl.lit("INVESTIGATOR")).alias("evaluator"),
        pl.coalesce("visit", "timepoint").alias("visit"),
        pl.col("timepoint").cast(pl.Int32),
        pl.col("assessment_date").alias("assessment_dtc"),
        full_date("assessment_date").alias("assessment_date"),
        pl.col("_node").alias("is_node"),
        state.alias("state"),
        *(pl.col(name).cast(pl.Float64) for name in LENGTHS),
        *(
            pl.col(name).str.to_uppercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)
            for name in YES_OR_NO
        ),
        source_record=pl.col("_row").cast(pl.String),
        source_name="_source_name",
        source_sha256="_source_sha256",
    )


def _unique(rows: pl.DataFrame, rejects: pl.DataFrame) -> Parsed:
    """The first row of each lesion and time point; further ones are rejects."""
    repeated = ~pl.struct(MEASUREMENT.key).is_first_distinct()
    marked = rows.with_columns(_repeated=repeated)
    check = Check("lesion_id", repeated, "the lesion stands twice at this time point", "keep one row")
    more = rejects_of(marked.filter("_repeated"), check, study_id=STUDY, stage=STAGE)
    frame = marked.filter(~pl.col("_repeated")).select(*MEASUREMENT.schema)
    return Parsed(MEASUREMENT.conform(frame), pl.concat([rejects, more]))
