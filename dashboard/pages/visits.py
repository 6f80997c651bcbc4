"""Visits and scans: what is missing, late or unread, subject by subject."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.address import subject_address
from dashboard.context import Page
from dashboard.elements import choice, choices, figure, section, table
from dashboard.figures.palette import VISITS
from dashboard.figures.scan_calendar import SHOWN_AT_MOST, scan_calendar

ALL = "ALL"


def visits_page(page: Page) -> list[Any]:
    """The calendar of the chosen site and status, and its rows."""
    sites = [ALL, *page.values("core.subject", "site")]
    site, status = page.chosen("site", sites), page.chosen("status", [ALL, *VISITS])
    compliance = page.query(
        "select compliance.*, subject.site from mart.visit_compliance as compliance "
        "left join core.subject as subject using (study_id, subject_id) order by subject_id, planned_day, timepoint"
    )
    chosen = compliance.filter((pl.col("site") == site) | pl.lit(site == ALL))
    if status != ALL:
        having = chosen.filter(pl.col("status") == status)["subject_id"].unique()
        chosen = chosen.filter(pl.col("subject_id").is_in(having.implode()))
    rows = chosen.filter((pl.col("status") == status) | pl.lit(status == ALL)).drop("study_id")
    addresses = [subject_address(page.study.name, subject) for subject in rows["subject_id"]]
    return [
        choices(choice("Site", "site", sites, site), choice("Status", "status", [ALL, *VISITS], status)),
        section(
            "Calendar",
            figure(
                scan_calendar(chosen, title=f"{chosen['subject_id'].n_unique()} subjects"),
                f"Planned visits by subject; the first {SHOWN_AT_MOST} subjects of the choice. The table has all.",
            ),
        ),
        section(
            "Visits",
            table(
                rows.with_columns(address=pl.Series(addresses, dtype=pl.String)),
                grid_id="visits",
                links={"subject_id": "address"},
            ),
        ),
    ]
