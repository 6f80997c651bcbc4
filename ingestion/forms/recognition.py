"""Which form a received table is: an SDTM domain or one of nadir's templates, by its columns, its name, its file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ingestion.forms.domains import DOMAINS, REQUIRED, missing_columns
from ingestion.forms.readers.records import Problem
from ingestion.forms.sifting import nearest
from ingestion.forms.templates.declared import TEMPLATES, Template
from protocol.form_names import SUPPLEMENT

BY_LENGTH = sorted(TEMPLATES, key=len, reverse=True)
TEMPLATE_NAME = re.compile(rf"(?:core[._])?({'|'.join(BY_LENGTH)})s?(?:[^a-z].*)?", re.IGNORECASE | re.DOTALL)
KNOWN_COLUMNS = frozenset(
    [
        *(name for groups in REQUIRED.values() for group in groups for name in group),
        *("DOMAIN", "RDOMAIN", "STUDYID", "VISIT", "QNAM", "QVAL"),
        *(column.name.upper() for template in TEMPLATES.values() for column in template.columns),
    ]
)


def form_of(table: pl.DataFrame, names: Sequence[str], mapped: str | None) -> tuple[str | None, Problem | None]:
    """The form by the protocol's mapping, else by DOMAIN or RDOMAIN (most frequent value), else by the names in turn.

    ``table`` has upper-case columns; ``names`` are the table's own name and the file's path.
    """
    if mapped is not None:
        return mapped, None
    for column in ("DOMAIN", "RDOMAIN"):
        if column in table.columns and table[column].drop_nulls().len():
            value = table[column].drop_nulls().str.to_uppercase().mode().sort()[0]
            form = SUPPLEMENT + value if column == "RDOMAIN" else value
            return (form, None) if form in DOMAINS else (None, _unknown(form, column, value))
    for name in names:
        form = form_named(name)
        if form is not None:
            return form, None
    return None, _unknown(_stem(names[-1]) or names[-1], "DOMAIN", None)


def form_named(name: str) -> str | None:
    """The form that a sheet, data set or file is named after: ``tr_2024-03.csv``, ``core.measurement.csv``."""
    stem = Path(name).stem if Path(name).suffix.lower() in FILE_SUFFIXES else name.rsplit("/", maxsplit=1)[-1]
    template = TEMPLATE_NAME.fullmatch(stem.strip())
    if template is not None:
        return template.group(1).lower()
    domain = _stem(stem)
    return domain if domain in DOMAINS else None


FILE_SUFFIXES = (
    *(".csv", ".txt", ".tsv", ".xpt", ".json", ".ndjson", ".dsjc", ".xml", ".odm"),
    *(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet"),
)
"""Suffixes of forms; what stands before one of them is a file's name."""


def missing_of(form: str, columns: Sequence[str]) -> list[Problem]:
    """One problem a required column that is not there."""
    if form in TEMPLATES:
        return missing_columns_of(TEMPLATES[form], columns)
    return [_missing(name, found) for name, found in missing_columns(form, columns)]


def missing_columns_of(template: Template, columns: Sequence[str]) -> list[Problem]:
    """One problem a column that the template cannot do without and that is not there."""
    declared = {column.name for column in template.columns}
    spare = [name for name in columns if name not in declared and not name.startswith("_")]
    missing = [name for name in template.required if name not in template.defaults and name not in columns]
    return [_missing(name, nearest(name, spare)) for name in missing]


def _missing(name: str, found: str | None) -> Problem:
    return Problem(
        field=name,
        reason=f"required column {name} is missing",
        remedy=f"column {found}: did you mean {name}?" if found else f"add column {name}",
    )


def misspelt_of(template: Template, columns: Sequence[str]) -> list[Problem]:
    """One problem an unknown column that looks like one of the form's columns that is not there."""
    absent = [column.name for column in template.columns if column.name not in columns]
    unknown = [name for name in columns if name not in template.table.schema and not name.startswith("_")]
    close = [(name, nearest(name, absent)) for name in unknown]
    return [
        Problem(
            field=name,
            reason=f"no column of the form {template.name}; it is left out",
            remedy=f"did you mean {found}? Rename the column, or leave it out",
        )
        for name, found in close
        if found
    ]


def _stem(name: str) -> str:
    return re.split(r"[^A-Z0-9]", Path(name).stem.upper(), maxsplit=1)[0]


def _unknown(form: str, field: str, value: str | None) -> Problem:
    remedy = (
        f"files of the domains {', '.join(REQUIRED)} and their SUPP--, and the forms {', '.join(TEMPLATES)} are read; "
        "name the domain in column DOMAIN, or map the name in the protocol (forms.mappings)"
    )
    return Problem(field=field, value=value, reason=f"unknown domain {form}", remedy=remedy)
