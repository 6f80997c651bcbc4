"""Transfers: what was received, and what of it could not be used."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.context import Page
from dashboard.elements import choice, choices, section, table

ALL = "ALL"


def transfers_page(page: Page) -> list[Any]:
    """The received files with the rows that each lost, and the rejects with reason and remedy."""
    rejects = page.rows("raw.reject").drop("study_id")
    names = rejects["source_name"].drop_nulls().unique().sort().to_list()
    file = page.chosen("file", [ALL, *names])
    chosen = rejects.filter((pl.col("source_name") == file) | pl.lit(file == ALL))
    files = page.query(
        "select file.*, coalesce(lost.rejects, 0) as rejects from audit.source as file left join "
        "(select source_name, count(*) as rejects from raw.reject group by all) as lost using (source_name) "
        "order by source_name"
    )
    return [
        section("Received files", table(files.drop("study_id", strict=False), grid_id="files")),
        section(
            "Rows and files that could not be used",
            choices(choice("File", "file", [ALL, *names], file)),
            table(chosen, grid_id="rejects", wide=("reason", "remedy")),
        ),
    ]
