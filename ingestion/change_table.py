"""The tables of transfers: what each file brought, and what a later transfer changed in an earlier one."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from criteria.table import Column, Table
from criteria.vocabulary import values

MOMENT = pl.Datetime("us", "UTC")


class Kind(StrEnum):
    """What happened to a record."""

    INSERTED = "INSERTED"
    CORRECTED = "CORRECTED"
    WITHDRAWN = "WITHDRAWN"


CHANGE = Table(
    name="raw.change",
    meaning="What later transfers changed in the forms received before: one row per record and changed field",
    key=(),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("transfer_at", MOMENT, "when the changing transfer was first seen"),
        Column("form", pl.String, "SDTM domain, or template by its core table"),
        Column("kind", pl.String, "what happened to the record", allowed=values(Kind)),
        Column("subject_id", pl.String, "subject"),
        Column("record_key", pl.String, "key of the record in its form, parts separated by |"),
        Column("field", pl.String, "column that changed; null for a whole record"),
        Column("old_value", pl.String, "value before, as received"),
        Column("new_value", pl.String, "value that counts since, as received"),
        Column("reason", pl.String, "reason for the change as received (ODM AuditRecord)"),
        Column("old_source_name", pl.String, "file that the record stood in"),
        Column("old_source_sha256", pl.String, "SHA-256 of that file"),
        Column("old_source_record", pl.String, "row in that file"),
        Column("new_source_name", pl.String, "file that the record stands in since"),
        Column("new_source_sha256", pl.String, "SHA-256 of that file"),
        Column("new_source_record", pl.String, "row in that file"),
    ),
)

TRANSFER = Table(
    name="raw.transfer",
    meaning="Every form of every file received: its rows, and what they did to the forms received before",
    key=("transfer_at", "source_name", "source_sha256", "table_number"),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("transfer_at", MOMENT, "when the file was first seen"),
        Column("source_name", pl.String, "path below incoming/ when the file was received"),
        Column("source_sha256", pl.String, "SHA-256 of the file"),
        Column("table_number", pl.Int32, "number of the table in the file, from 1"),
        Column("sheet", pl.String, "sheet, data set or ItemGroupOID, where a file has several"),
        Column("form", pl.String, "SDTM domain, or template by its core table; null when it was not recognised"),
        Column("records", pl.Int64, "rows received"),
        Column("in_use", pl.Int64, "rows that count now"),
        Column("rejected", pl.Int64, "rows, columns and tables that could not be read"),
        Column("inserted", pl.Int64, "records that this transfer added to a form received before"),
        Column("corrected", pl.Int64, "records that it corrected"),
        Column("withdrawn", pl.Int64, "records of the same file's earlier content that it withdrew"),
        Column("remarks", pl.String, "what was odd about the file"),
    ),
)

TABLES = (CHANGE, TRANSFER)
