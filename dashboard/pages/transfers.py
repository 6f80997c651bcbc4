"""Transfers: what was received, and what of it could not be used."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import polars as pl
from dash import html

from dashboard.context import Page
from dashboard.elements import choice, choices, download, message, section, table

ALL, KINDS = "ALL", ("csv", "parquet")


TRANSFERS = """
    with changes as (
        select transfer_at, count(distinct (form, record_key)) filter (kind = 'INSERTED') as inserted,
            count(distinct (form, record_key)) filter (kind = 'CORRECTED') as corrected,
            count(distinct (form, record_key)) filter (kind = 'WITHDRAWN') as withdrawn
        from raw.change group by all),
    forms as (
        select transfer_at, count(distinct source_name) as files, sum(records)::bigint as rows,
            sum(in_use)::bigint as in_use, sum(rejected)::bigint as rejected
        from raw.transfer group by all)
    select transfer_at, files, rows, in_use, rejected, coalesce(inserted, 0) as inserted,
        coalesce(corrected, 0) as corrected, coalesce(withdrawn, 0) as withdrawn
    from forms full join changes using (transfer_at) order by transfer_at desc
"""
FILES = """
    select file.*, coalesce(lost.rejects, 0) as rejects from audit.source as file left join
        (select source_name, count(*) as rejects from raw.reject group by all) as lost using (source_name)
    order by rejects desc, source_name
"""
CHANGES = """
    select transfer_at, kind, form, subject_id, record_key, field, old_value, new_value, reason, new_source_name,
        new_source_record
    from raw.change where kind <> 'INSERTED' order by transfer_at desc, form, subject_id, record_key, field
"""


def transfers_page(page: Page) -> list[Any]:
    """The transfers and what they changed, the received files, and the rejects with reason and remedy."""
    rejects = page.rows("raw.reject").drop("study_id")
    names = rejects["source_name"].drop_nulls().unique().sort().to_list()
    file = page.chosen("file", [ALL, *names])
    chosen = rejects.filter((pl.col("source_name") == file) | pl.lit(file == ALL))
    downloads = f"/download/{quote(page.study.name, safe='')}/raw.reject"
    return [
        section(
            "Transfers",
            table(
                page.query(TRANSFERS),
                "Transfers of forms, newest first: rows received, in use, not used, and records that they changed",
                grid_id="transfers",
                empty="No form was received yet: put files into the study's incoming folder and refresh it.",
            ),
            message(f"A report for the sender: nadir transfer {page.study.name} last --out report.xlsx"),
        ),
        section(
            "Rows and files that could not be used",
            choices(choice("File", "file", [ALL, *names], file)),
            table(
                chosen,
                "What could not be used, with the reason and what to do about it",
                grid_id="rejects",
                wide=("reason", "remedy"),
                empty="Everything that was received could be used.",
            ),
            html.P([download(f"All as {kind.upper()}", f"{downloads}.{kind}") for kind in KINDS]),
        ),
        section(
            "Corrections",
            table(
                page.query(CHANGES),
                "Values that a later transfer corrected or withdrew",
                grid_id="corrections",
                empty="No transfer corrected or withdrew a record of an earlier one.",
            ),
        ),
        section(
            "Received files",
            table(page.query(FILES).drop("study_id", strict=False), "Files of this release", grid_id="files"),
        ),
    ]
