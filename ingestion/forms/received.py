"""Received forms: every table of a file as a text frame of one form, in the default encoding, with its provenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ingestion.forms.mapping import in_default_encoding, mapping_of, renamed
from ingestion.forms.readers.formats import read
from ingestion.forms.readers.records import Problem, ReadOptions, Records, UnreadableFileError
from ingestion.forms.recognition import KNOWN_COLUMNS, form_of, missing_of, misspelt_of
from ingestion.forms.sifting import PROVENANCE, ROW, SHEET, SOURCE_NAME, SOURCE_SHA256, Check, join_rejects, sift
from ingestion.forms.templates.declared import TEMPLATES
from ingestion.forms.transactions import IDENTITY
from ingestion.reject import Parsed, Source, no_rejects
from ingestion.tables import REJECT
from protocol.form_names import SUPPLEMENT
from protocol.forms import Forms

STAGE = "raw.form"
DEFAULT = Forms()


class Received(NamedTuple):
    """One table of a file as received: its form (None when it could not be used), rows, rejects and remarks.

    ``frame`` has every column as String ('' and SAS's '.' are null), upper-case ones of a domain and lower-case ones of
    a template, and `sifting.PROVENANCE`; where the file or the protocol says so, also `transactions.MARKS`. ``records``
    counts the rows of the table. ``mapping`` is the place in the protocol of the mapping that was used, ``mapped`` the
    foreign columns that it found.
    """

    domain: str | None
    frame: pl.DataFrame
    rejects: pl.DataFrame
    remarks: tuple[str, ...] = ()
    source: Source = Source("", "")
    sheet: str | None = None
    records: int = 0
    mapping: int | None = None
    mapped: tuple[str, ...] = ()


def read_forms(
    path: Path, source: Source, *, study_id: str | None = None, forms: Forms = DEFAULT
) -> tuple[Received, ...]:
    """The forms of one file: a delimited file has one, a workbook one a sheet, ODM one an ItemGroupOID.

    A row's number is that of its format: header line = 1 in a delimited file, Excel's own, first record = 1 elsewhere.
    A table that cannot be used (unknown form, required column missing) gives no rows and one reject per reason, a file
    that cannot be read one reject.
    """
    file = mapping_of(forms, source.name)
    of_file = forms.mappings[file] if file is not None else None
    if of_file is not None and of_file.ignore and of_file.sheet == "*":
        return ()
    foreign = frozenset(name.upper() for name in of_file.columns) if of_file else frozenset()
    options = ReadOptions(
        encoding=of_file.encoding if of_file else None,
        delimiter=of_file.delimiter if of_file else None,
        known_columns=KNOWN_COLUMNS | foreign,
    )
    try:
        tables = read(path, source.name, options)
        if all(table.is_empty for table in tables):
            raise UnreadableFileError("the file has a header but no rows", "send the file with its rows")
    except UnreadableFileError as error:
        return (_unusable(study_id, source, [Problem(error.reason, error.remedy)]),)
    except OSError as error:
        problem = Problem(f"cannot be opened: {error.strerror or error}", "send the file again")
        return (_unusable(study_id, source, [problem]),)
    received = [_received(records, source, study_id, forms) for records in tables if not records.is_empty]
    return tuple(form for form in received if form is not None)


def _received(records: Records, source: Source, study_id: str | None, forms: Forms) -> Received | None:
    """A table as a form; None when the protocol says to ignore it."""
    place = mapping_of(forms, source.name, records.sheet or records.name or "")
    mapping = forms.mappings[place] if place is not None else None
    if mapping is not None and mapping.ignore:
        return None
    names, mapped = renamed(records.header, mapping)
    count = records.table.height + len(records.ragged)
    problems = [
        Problem(f"column {name} stands twice in the header", "keep one of the columns")
        for name, times in Counter(names).items()
        if times > 1 and name
    ]
    if problems or not records.header:
        found = _unusable(study_id, source, [*problems, *records.problems], records)
        return found._replace(records=count, mapping=place, mapped=tuple(mapped))
    frame = _frame(names, records, source)
    form, unknown = form_of(
        frame, [name for name in (records.name, source.name) if name], mapping.form if mapping else None
    )
    if form is None or unknown is not None:
        problem = unknown or Problem("unknown form", "name the form")
        return _unusable(study_id, source, [problem], records)._replace(records=count, mapping=place)
    frame = _named_for(form, frame)
    rejects = [_problem_rejects(study_id, source, records.problems)]
    if mapping is not None:
        frame, wrong = in_default_encoding(frame, form, mapping, study_id=study_id or "", stage=STAGE)
        rejects.append(wrong)
    missing = missing_of(form, frame.columns)
    if missing:
        found = _unusable(study_id, source, [*missing, *records.problems], records)
        return found._replace(records=count, mapping=place, mapped=tuple(mapped))
    if form in TEMPLATES:
        rejects.append(_problem_rejects(study_id, source, misspelt_of(TEMPLATES[form], frame.columns)))
    else:
        frame, foreign = _of_domain(frame, form, study_id)
        rejects.append(foreign)
    rejects.append(_problem_rejects(study_id, source, _ragged(records)))
    unnamed = ("columns without a name are left out",) if "" in records.header else ()
    return Received(
        form,
        frame,
        join_rejects(rejects),
        (*records.remarks, *unnamed),
        source,
        records.sheet,
        count,
        place,
        tuple(mapped),
    )


def _frame(names: list[str], records: Records, source: Source) -> pl.DataFrame:
    columns = {str(place): name for place, name in enumerate(names) if name}
    return (
        records.table.select(*columns, *records.marks, ROW)
        .rename(columns)
        .with_columns(
            pl.lit(source.name).alias(SOURCE_NAME),
            pl.lit(source.sha256).alias(SOURCE_SHA256),
            pl.lit(records.sheet, dtype=pl.String).alias(SHEET),
        )
    )


def _named_for(form: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns in the form's case; the subject of ODM's SubjectKey where the items do not name it."""
    subject = "subject_id" if form in TEMPLATES else "USUBJID"
    if form in TEMPLATES:
        frame = frame.rename({name: name.lower() for name in frame.columns if not name.startswith("_")})
    key = "subjectkey" if form in TEMPLATES else "SUBJECTKEY"
    if IDENTITY in frame.columns and subject not in frame.columns:
        frame = frame.with_columns(pl.col(key).alias(subject))
    return frame


def _ragged(records: Records) -> Iterable[Problem]:
    sheet = f"{records.sheet}!" if records.sheet is not None else ""
    for number, values in records.ragged:
        yield Problem(
            record=f"{sheet}{number}",
            value=",".join(values),
            reason=f"{len(values)} fields, the header has {len(records.header)}",
            remedy="quote values that contain the delimiter; send the whole line",
        )


def _of_domain(frame: pl.DataFrame, domain: str, study_id: str | None) -> Parsed:
    column = "RDOMAIN" if domain.startswith(SUPPLEMENT) else "DOMAIN"
    if column not in frame.columns:
        return Parsed(frame, no_rejects())
    expected = domain.removeprefix(SUPPLEMENT)
    other = Check(
        column,
        pl.col(column).str.to_uppercase() != expected,
        f"the file holds domain {expected}, this row is of another",
        "one file per domain",
    )
    return sift(frame, [other], study_id=study_id or "", stage=STAGE)


def _unusable(
    study_id: str | None, source: Source, problems: Iterable[Problem], records: Records | None = None
) -> Received:
    """A file or table without usable rows; the problems of a table name its sheet."""
    sheet = records.sheet if records is not None else None
    named = [
        problem if sheet is None else replace(problem, reason=f"{problem.reason} (sheet {sheet})")
        for problem in problems
    ]
    rejects = _problem_rejects(study_id, source, named)
    remarks = records.remarks if records is not None else ()
    return Received(None, pl.DataFrame(schema=PROVENANCE), rejects, remarks, source, sheet)


def _problem_rejects(study_id: str | None, source: Source, problems: Iterable[Problem]) -> pl.DataFrame:
    rows: list[Mapping[str, str | None]] = [
        {
            "study_id": study_id,
            "stage": STAGE,
            "source_name": source.name,
            "source_sha256": source.sha256,
            "source_record": problem.record,
            "field": problem.field,
            "value": problem.value,
            "reason": problem.reason,
            "remedy": problem.remedy,
        }
        for problem in problems
    ]
    return REJECT.conform(pl.DataFrame(rows, schema_overrides=REJECT.schema)) if rows else no_rejects()
