"""Visits and scans: what is missing, late or unread, subject by subject."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from dashboard.address import subject_address
from dashboard.context import Page
from dashboard.elements import addressed, choice, choices, facts, figure, section, table
from dashboard.figures.palette import VISITS
from dashboard.figures.scan_calendar import SHOWN_AT_MOST, UNREAD, scan_calendar, unread

ALL = "ALL"
STATUSES = (*VISITS, UNREAD)
COMPLIANCE = """
    with scans as (
        select subject_id, visit, string_agg(distinct modality, ', ' order by modality) as scans
        from core.visit_scan where series_instance_uid is not null group by all)
    select compliance.*, scans.scans, subject.site from mart.visit_compliance as compliance
    left join core.subject as subject using (study_id, subject_id)
    left join scans using (subject_id, visit)
    order by subject_id, planned_day, timepoint
"""


def visits_page(page: Page) -> list[Any]:
    """The calendar of the chosen site and status, and its rows."""
    sites = [ALL, *page.values("core.subject", "site")]
    site, status = page.chosen("site", sites), page.chosen("status", [ALL, *STATUSES])
    compliance = page.query(COMPLIANCE)
    chosen = compliance.filter((pl.col("site") == site) | pl.lit(site == ALL))
    of_status = chosen.filter(_has(status))
    shown = (
        chosen if status == ALL else chosen.join(of_status.select("subject_id").unique(), on="subject_id", how="semi")
    )
    subjects = shown["subject_id"].unique(maintain_order=True)
    parts = parts_of(subjects.len())
    part = page.chosen("subjects", parts)
    first = parts.index(part) * SHOWN_AT_MOST if part else 0
    drawn = shown.filter(pl.col("subject_id").is_in(subjects.slice(first, SHOWN_AT_MOST).implode()))
    listed = drawn if status == ALL else of_status
    rows = listed.select(
        "subject_id",
        "site",
        "visit",
        "status",
        "expected_date",
        "start_date",
        "days_off",
        pl.col("evaluators").alias("readers"),
        "scans",
        "window_start",
        "window_end",
        "timepoint",
    )
    return [
        facts({name.lower(): chosen.filter(_has(name)).height for name in STATUSES}),
        choices(
            choice("Site", "site", sites, site),
            choice("Status", "status", [ALL, *STATUSES], status),
            *([choice("Subjects drawn", "subjects", parts, part)] if len(parts) > 1 else []),
        ),
        section(
            "Calendar",
            figure(
                scan_calendar(drawn, title=f"{drawn['subject_id'].n_unique()} of {subjects.len()} subjects"),
                "Planned visits by subject: a cell's symbol and colour say what became of the visit. "
                "Choose a status to list all its visits below.",
            ),
        ),
        section(
            "Visits",
            table(
                addressed(rows, "subject_id", partial(subject_address, page.study.name)),
                f"{'Visits of the subjects drawn' if status == ALL else f'All visits that are {str(status).lower()}'}; "
                "readers: how many evaluators read it; scans: what was received",
                grid_id="visits",
                links={"subject_id": "address"},
                empty="No visit has this status. Choose another site or status.",
            ),
        ),
    ]


def parts_of(subjects: int) -> list[str]:
    """The parts in which the calendar draws so many subjects, as from-to."""
    starts = range(0, subjects, SHOWN_AT_MOST)
    return [f"{start + 1}-{min(start + SHOWN_AT_MOST, subjects)}" for start in starts]


def _has(status: str | None) -> pl.Expr:
    """Visits of a status; UNREAD are those that took place and nobody read."""
    if status == ALL:
        return pl.lit(value=True)
    return unread() if status == UNREAD else pl.col("status") == status
