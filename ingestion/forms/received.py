"""Received forms: files as text frames of one SDTM domain each, exactly as they came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ingestion.forms.delimited import Records, UnreadableFileError, read_delimited
from ingestion.forms.domains import DOMAINS, REQUIRED, SUPPLEMENT, missing_columns
from ingestion.forms.sifting import (
    ORDER,
    PROVENANCE,
    ROW,
    SOURCE_NAME,
    SOURCE_SHA256,
    Check,
    join_rejects,
    rejects_of,
    sift,
)
from ingestion.forms.transport import SIGNATURE, read_transport
from ingestion.reject import Parsed, Source, no_rejects
from ingestion.tables import REJECT

STAGE = "raw.form"


class Received(NamedTuple):
    """One file as received: its domain (None when it could not be used), rows, rejects and remarks on the file.

    ``frame`` has every column of the file as upper-case String column ('' and SAS's '.' are null), and `_row`,
    `_source_name`, `_source_sha256`.
    """

    domain: str | None
    frame: pl.DataFrame
    rejects: pl.DataFrame
    remarks: tuple[str, ...] = ()


def read_form(path: Path, source: Source, *, study_id: str | None = None) -> Received:
    """One CSV or SAS transport file as received (SDTM encoding, default columns).

    `_row` is the record number: header line = 1 in a CSV, first record = 1 in a transport file. A file that cannot be
    used (empty, unreadable, unknown domain, required column missing) gives no rows and one reject per reason.
    """
    try:
        records, member = _read(path)
        header = _header(records)
        if not records.rows and not records.ragged:
            raise UnreadableFileError("the file has a header but no rows", "send the file with its rows")
    except UnreadableFileError as error:
        return _unusable(study_id, source, [(None, None, error.reason, error.remedy)])
    except OSError as error:
        return _unusable(study_id, source, [(None, None, f"cannot be opened: {error.strerror}", "send the file again")])
    frame = _frame(header, records.rows, source)
    domain, problem = _domain(frame, member, source.name)
    if domain is None:
        return _unusable(study_id, source, [problem])
    missing = [
        (
            name,
            None,
            f"required column {name} is missing",
            f"column {found}: did you mean {name}?" if found else f"add column {name}",
        )
        for name, found in missing_columns(domain, header)
    ]
    if missing:
        return _unusable(study_id, source, missing, records.remarks)
    ragged = [
        (
            str(number),
            None,
            ",".join(values),
            f"{len(values)} fields, the header has {len(records.header)}",
            "quote values that contain the delimiter; send the whole line",
        )
        for number, values in records.ragged
    ]
    kept, foreign = _of_domain(frame, domain, study_id)
    rejects = join_rejects([_file_rejects(study_id, source, ragged), foreign])
    unnamed = ("columns without a name are left out",) if "" in records.header else ()
    return Received(domain, kept, rejects, (*records.remarks, *unnamed))


def gather(study_id: str, forms: Sequence[Received]) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """All received files of a study: one frame per domain, and the rejects.

    Files of one domain are stacked (a column that a file lacks is null there). A record that repeats another one in
    all its columns is rejected, wherever it stands.
    """
    frames: dict[str, list[pl.DataFrame]] = {}
    for form in forms:
        if form.domain is not None:
            frames.setdefault(form.domain, []).append(form.frame)
    rejects = [form.rejects.with_columns(study_id=pl.lit(study_id)) for form in forms]
    received = {}
    for domain, parts in frames.items():
        kept, repeated = _without_repeats(pl.concat(parts, how="diagonal"), study_id)
        received[domain] = kept
        rejects.append(repeated)
    return received, join_rejects(REJECT.conform(part) for part in rejects)


def _read(path: Path) -> tuple[Records, str]:
    with path.open("rb") as file:
        start = file.read(len(SIGNATURE))
    if start == SIGNATURE:
        return read_transport(path)
    if start.startswith(b"PK"):
        raise UnreadableFileError("an Excel or ZIP file", "save the sheet as CSV (UTF-8)")
    return read_delimited(path.read_bytes()), ""


def _header(records: Records) -> list[str]:
    header = [name.upper() for name in records.header]
    repeated = [name for name, count in Counter(header).items() if count > 1 and name]
    if repeated:
        raise UnreadableFileError(f"column {', '.join(repeated)} stands twice in the header", "keep one of the columns")
    return header


def _frame(header: list[str], rows: list[tuple[int, list[str]]], source: Source) -> pl.DataFrame:
    columns = list(zip(*(values for _, values in rows), strict=True)) if rows else [()] * len(header)
    frame = pl.DataFrame(
        {name: pl.Series(values, dtype=pl.String) for name, values in zip(header, columns, strict=True) if name}
    )
    text = pl.all().str.strip_chars()
    return frame.with_columns(pl.when(~text.is_in(["", "."])).then(text)).with_columns(
        pl.Series(ROW, [number for number, _ in rows], dtype=PROVENANCE[ROW]),
        pl.lit(source.name).alias(SOURCE_NAME),
        pl.lit(source.sha256).alias(SOURCE_SHA256),
    )


def _domain(frame: pl.DataFrame, member: str, name: str) -> tuple[str | None, tuple[str | None, str | None, str, str]]:
    """The domain by DOMAIN or RDOMAIN (most frequent value), else by the member's or the file's name."""
    for column in ("DOMAIN", "RDOMAIN"):
        if column in frame.columns and frame[column].drop_nulls().len():
            value = frame[column].drop_nulls().str.to_uppercase().mode().sort()[0]
            domain = SUPPLEMENT + value if column == "RDOMAIN" else value
            return _known(domain, column, value)
    stem = re.split(r"[^A-Z0-9]", Path(name).stem.upper(), maxsplit=1)[0]
    if member.upper() in DOMAINS:
        return _known(member.upper(), "DOMAIN", member)
    return _known(stem, "DOMAIN", None)


def _known(domain: str, field: str, value: str | None) -> tuple[str | None, tuple[str | None, str | None, str, str]]:
    if domain in DOMAINS:
        return domain, (None, None, "", "")
    remedy = f"files of the domains {', '.join(REQUIRED)} and their SUPP-- are read; name the domain in column DOMAIN"
    return None, (field, value, f"unknown domain {domain}", remedy)


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


def _without_repeats(frame: pl.DataFrame, study_id: str) -> Parsed:
    data = [name for name in frame.columns if name not in PROVENANCE]
    frame = frame.sort(ORDER, maintain_order=True)
    first = frame.select(pl.struct(data).is_first_distinct()).to_series()
    repeat = Check("", pl.lit(True), "repeats another record in every column", "send each record once")
    return Parsed(frame.filter(first), rejects_of(frame.filter(~first), repeat, study_id=study_id, stage=STAGE))


def _unusable(
    study_id: str | None,
    source: Source,
    problems: Sequence[tuple[str | None, str | None, str, str]],
    remarks: tuple[str, ...] = (),
) -> Received:
    rejects = _file_rejects(study_id, source, [(None, *problem) for problem in problems])
    return Received(None, pl.DataFrame(schema=PROVENANCE), rejects, remarks)


def _file_rejects(
    study_id: str | None, source: Source, problems: Sequence[tuple[str | None, str | None, str | None, str, str]]
) -> pl.DataFrame:
    rows: list[Mapping[str, str | None]] = [
        {
            "study_id": study_id,
            "stage": STAGE,
            "source_name": source.name,
            "source_sha256": source.sha256,
            "source_record": record,
            "field": field,
            "value": value,
            "reason": reason,
            "remedy": remedy,
        }
        for record, field, value, reason, remedy in problems
    ]
    return REJECT.conform(pl.DataFrame(rows, schema_overrides=REJECT.schema)) if rows else no_rejects()
