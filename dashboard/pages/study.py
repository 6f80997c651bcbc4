"""A study's first page: its release and checks, what changed since the release before, and its subjects."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from dashboard.address import study_address, subject_address
from dashboard.changes import Changes, changes, release_before
from dashboard.context import Page
from dashboard.elements import addressed, facts, link, message, section, table


def study_page(page: Page) -> list[Any]:
    """Release, failed checks, what changed since the release before, and the subjects."""
    release, manifest = page.release, page.release.manifest()
    counts = page.query(
        "select (select count(*) from core.subject) as subjects, "
        "(select count(distinct subject_id) from analysis.best_response) as assessed, "
        "(select count(distinct evaluator) from core.measurement) as readers, "
        "(select count(*) from core.series) as series, "
        "(select count(*) from core.measurement) as measurements, "
        "(select count(*) from quality.finding) as findings"
    ).row(0, named=True)
    before = release_before(page.published.releases(page.study), release)
    return [
        section(
            "Release",
            facts(
                {
                    "release": release.release_id,
                    "published": release.published_at,
                    "received files": len(manifest["inputs"]),
                    "data cut-off": manifest.get("data_cutoff"),
                    **counts,
                    "code": manifest["code_version"],
                }
            ),
        ),
        section("Checks", *_checks(page)),
        section(
            "Changed since the release before",
            *([message("This is the first release.")] if before is None else _changes(page, changes(before, release))),
        ),
        section("Subjects", table(_subjects(page), "Subjects; a name opens the subject's page", **_linked("subjects"))),
    ]


def _checks(page: Page) -> list[Any]:
    by_status = page.query("select status, count(*) as rules from quality.outcome group by all order by status")
    failed = page.query(
        "select outcome.rule_id, rule.title, outcome.severity, outcome.status, checked, failed, reason "
        "from quality.outcome as outcome left join quality.rule as rule using (rule_id) "
        "where outcome.status in ('FAIL', 'ERROR') order by outcome.status, failed desc, outcome.rule_id"
    )
    if failed["reason"].null_count() == failed.height:
        failed = failed.drop("reason")
    return [
        facts({f"rules {status.lower()}": count for status, count in by_status.iter_rows()}),
        table(
            addressed(failed, "rule_id", lambda rule: study_address(page.study.name, "queries", rule=rule)),
            "Rules that failed; a name opens its queries",
            grid_id="checks",
            links={"rule_id": "address"},
            wide=("title",),
            empty="Every rule that could be evaluated passed.",
        ),
    ]


def _changes(page: Page, found: Changes) -> list[Any]:
    said = [facts({"release before": found.before.release_id, **found.counts()})]
    if found.responses.height:
        rows = _addressed(page, found.responses)
        said.append(table(rows, "Best responses and progressions that changed", **_linked("changes")))
    if found.files.height:
        link_to = link("what they changed, row by row", study_address(page.study.name, "transfers"))
        said.append(table(found.files, "Files that are new or changed", grid_id="files"))
        said.append(link_to)
    return said


def _subjects(page: Page) -> pl.DataFrame:
    columns = "subject_id, site, cohort, arm, sex, reference_date, last_alive_date, death_date, discontinuation_reason"
    subjects = page.query(f"select {columns} from core.subject order by subject_id")
    unknown = [name for name in ("cohort", "arm") if subjects[name].null_count() == subjects.height]
    return _addressed(page, subjects.drop(unknown))


def _addressed(page: Page, rows: pl.DataFrame) -> pl.DataFrame:
    return addressed(rows, "subject_id", partial(subject_address, page.study.name))


def _linked(grid_id: str) -> dict[str, Any]:
    return {"grid_id": grid_id, "links": {"subject_id": "address"}}
