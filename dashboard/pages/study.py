"""A study's first page: its release, its population, and what changed since the release before."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.address import subject_address
from dashboard.context import Page
from dashboard.elements import facts, message, section, table
from dashboard.published import frame

COMPARED = ("subject_id", "evaluator", "criterion", "origin")
CHANGED = ("best_response", "confirmed_best_response", "progression_date")


def study_page(page: Page) -> list[Any]:
    """Release and population, responses that changed since the last release, and the earlier releases."""
    release, manifest = page.release, page.release.manifest()
    counts = page.query(
        "select (select count(*) from core.subject) as subjects, "
        "(select count(distinct subject_id) from analysis.best_response) as assessed, "
        "(select count(distinct evaluator) from core.measurement) as readers, "
        "(select count(*) from core.series) as series, "
        "(select count(*) from core.measurement) as measurements, "
        "(select count(*) from quality.finding) as findings"
    ).row(0, named=True)
    earlier = [known for known in page.published.releases(page.study).list() if known.release_id != release.release_id]
    before = max(earlier, key=lambda known: known.release_id, default=None)
    return [
        section(
            "Release",
            facts(
                {
                    "release": release.release_id,
                    "published": release.published_at,
                    "received files": len(manifest["inputs"]),
                    "code": manifest["code_version"],
                    **counts,
                }
            ),
        ),
        section(
            "Changed since the release before",
            message("This is the first release.")
            if before is None
            else _changes(page, changed_responses(frame(before, "from analysis.best_response"), page)),
        ),
        section(
            "Subjects",
            table(_subjects(page), grid_id="subjects", links={"subject_id": "address"}),
        ),
    ]


def changed_responses(before: pl.DataFrame, page: Page) -> pl.DataFrame:
    """Best responses and progressions that are others than in an earlier release's `analysis.best_response`."""
    now = page.rows("analysis.best_response").select(*COMPARED, *CHANGED)
    old = before.select(*COMPARED, *CHANGED)
    joined = now.join(old, on=COMPARED, how="full", suffix="_before", coalesce=True)
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in CHANGED)
    return joined.filter(differs).sort(COMPARED)


def _changes(page: Page, changes: pl.DataFrame) -> Any:
    if changes.is_empty():
        return message("No best response and no progression changed.")
    return table(_addressed(page, changes), grid_id="changes", links={"subject_id": "address"})


def _subjects(page: Page) -> pl.DataFrame:
    columns = "subject_id, site, cohort, arm, sex, reference_date, last_alive_date, death_date, discontinuation_reason"
    return _addressed(page, page.query(f"select {columns} from core.subject order by subject_id"))


def _addressed(page: Page, rows: pl.DataFrame) -> pl.DataFrame:
    addresses = [subject_address(page.study.name, subject) for subject in rows["subject_id"]]
    return rows.with_columns(address=pl.Series(addresses, dtype=pl.String))
