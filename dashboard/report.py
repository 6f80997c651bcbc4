"""The report of a release: one HTML file with tables and figures that opens offline, and the same as PDF."""

from __future__ import annotations

import html
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.offline import get_plotlyjs

from dashboard.context import Page
from dashboard.figures.alluvial import alluvial
from dashboard.figures.forest import forest
from dashboard.figures.kaplan_meier import kaplan_meier_figure
from dashboard.figures.swimmer import swimmer
from dashboard.figures.waterfall import waterfall
from dashboard.pages.cohort import DIAMETERS, THRESHOLDS, drawn_rows

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120
STYLE = Path(__file__).with_name("report.css")


class ReportError(RuntimeError):
    """A report that cannot be written."""


def report(page: Page) -> str:
    """The report of the page's release as one HTML text.

    It holds the population, response rates and survival under every criterion of the study's primary evaluator,
    figures by criterion, the concordance of the criteria, the quality of the data, and where everything came from.
    """
    read, options = page.read()
    where = {"evaluator": read["evaluator"], "origin": "DERIVED"}
    title = f"{page.study.name} {page.study.protocol.title}".strip()
    parts = [
        *_head(page, title, where["evaluator"]),
        *_population(page),
        *_responses(page, where),
        *_survival(page, where),
        *(part for criterion in options["criterion"] for part in _criterion(page, {**where, "criterion": criterion})),
        *_concordance(page, where, [choice.name for choice in page.study.protocol.criteria]),
        *_quality(page),
        *_provenance(page),
    ]
    return "\n".join(["<!doctype html>", '<html lang="en">', *parts, "</body></html>"])


def write_pdf(report_html: Path, pdf: Path) -> None:
    """Print a report as PDF with headless Chromium; raises `ReportError` with what to do."""
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        raise ReportError(f"{pdf.name} needs Chromium: install the package chromium, or write the HTML file alone")
    with tempfile.TemporaryDirectory() as profile:
        command = [
            program,
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
            *(f"--user-data-dir={profile}", "--virtual-time-budget=20000"),
            f"--print-to-pdf={pdf.absolute()}",
            report_html.absolute().as_uri(),
        ]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise ReportError(f"{pdf.name}: Chromium did not finish within {SECONDS} seconds") from error
    if not pdf.exists():
        raise ReportError(f"{pdf.name}: Chromium wrote nothing: {ran.stderr.strip().splitlines()[-1:]}")


def _head(page: Page, title: str, evaluator: str | None) -> Iterator[str]:
    yield f'<head><meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE.read_text("utf-8")}</style>'
    yield f"<script>{get_plotlyjs()}</script></head><body>"
    yield f"<h1>{html.escape(title)}</h1>"
    published = page.release.published_at.replace(tzinfo=UTC)
    yield (
        f'<p class="quiet">Release {page.release.release_id}, published {published:%Y-%m-%d %H:%M} UTC. '
        f"Tables and figures are those of {html.escape(evaluator or '-')}, derived from the measurements, "
        "unless they say otherwise.</p>"
    )


def _population(page: Page) -> Iterator[str]:
    yield "<h2>Population</h2>"
    yield _table(
        page.query(
            "select coalesce(arm, 'all subjects') as arm, count(*) as subjects, "
            "count(*) filter (where subject_id in (select subject_id from analysis.best_response)) as assessed, "
            "count(death_date) as deaths, count(discontinuation_date) as discontinued, "
            "min(reference_date) as first_reference_date, max(last_alive_date) as last_known_alive "
            "from core.subject group by 1 order by 1"
        )
    )


def _responses(page: Page, where: dict[str, str | None]) -> Iterator[str]:
    yield "<h2>Response rates</h2>"
    yield _table(
        page.query(
            "select criterion, measure, group_by, group_value, responders, subjects, round(100 * rate, 1) as percent, "
            "round(100 * lower, 1) as exact_lower, round(100 * upper, 1) as exact_upper from mart.response_rate "
            "where evaluator = $evaluator and origin = $origin and measure in ('ORR', 'CONFIRMED ORR', 'DCR', 'DRR') "
            "and group_by in ('ALL', 'ARM') order by measure, criterion, group_by, group_value",
            **where,
        )
    )
    difference = page.query(
        "select criterion, measure, group_value, reference_group, round(100 * difference, 1) as difference, "
        "round(100 * lower, 1) as newcombe_lower, round(100 * upper, 1) as newcombe_upper, strata, "
        "round(100 * stratified_difference, 1) as stratified, round(cmh_p, 4) as cmh_p from mart.response_difference "
        "where evaluator = $evaluator and origin = $origin and group_by = 'ARM' and measure = 'ORR' order by 1, 3",
        **where,
    )
    if difference.height:
        yield "<h3>Differences between the arms, percentage points</h3>"
        yield _table(difference)


def _survival(page: Page, where: dict[str, str | None]) -> Iterator[str]:
    yield "<h2>Time to event</h2>"
    yield _table(
        page.query(
            "select endpoint, criterion, profile, group_value, events, subjects, round(median, 2) as median_months, "
            "round(median_lower_loglog, 2) as lower, round(median_upper_loglog, 2) as upper, "
            "round(restricted_mean, 2) as restricted_mean, round(restricted_mean_until, 1) as until_months, "
            "round(hazard_ratio, 3) as hazard_ratio, round(hazard_ratio_lower, 3) as hr_lower, "
            "round(hazard_ratio_upper, 3) as hr_upper, round(logrank_p, 4) as logrank_p from mart.survival_summary "
            "where evaluator in ($evaluator, 'ALL') and origin in ($origin, 'RECORDED') and group_by in ('ALL', 'ARM') "
            "and (origin = $origin or criterion = 'ALL') order by endpoint, criterion, profile, group_by, group_value",
            **where,
        )
    )


def _criterion(page: Page, read: dict[str, str | None]) -> Iterator[str]:
    responses, best = drawn_rows(page, read)
    if best.is_empty():
        return
    criterion, profile = str(read["criterion"]), page.study.protocol.censoring.profiles[0].name
    yield f"<h2>{html.escape(criterion)}</h2>"
    low, high = THRESHOLDS.get(criterion, DIAMETERS)
    yield _figure(waterfall(responses, best, response_percent=low, progression_percent=high), "Best change by subject")
    yield _figure(swimmer(page.rows("core.subject"), best), "Courses of the subjects")
    endpoints = page.rows("mart.survival_curve", **read, profile=profile)["endpoint"].unique().sort().to_list()
    for endpoint in (name for name in endpoints if name.endswith("PFS")):
        survival = {**read, "endpoint": endpoint, "profile": profile}
        for group_by in ("ALL", "ARM"):
            curves = page.rows("mart.survival_curve", **survival, group_by=group_by)
            if curves.height:
                summary = page.rows("mart.survival_summary", **survival, group_by=group_by)
                yield _figure(
                    kaplan_meier_figure(curves, summary, title=f"{endpoint}, {criterion}, {profile}"),
                    "Kaplan-Meier estimate with log-log intervals",
                )
        effects = page.rows("mart.subgroup_effect", **read, measure=endpoint, profile=profile)
        for arm in effects["arm"].unique().sort():
            yield _figure(forest(effects.filter(pl.col("arm") == arm), title=f"{endpoint}, {arm}"), "Subgroups")


def _concordance(page: Page, where: dict[str, str | None], criteria: Sequence[str]) -> Iterator[str]:
    pairs = page.rows("mart.criteria_concordance", **where)
    order = [name for name in criteria if name in set(pairs["criterion"])]
    if len(order) < 2:
        return
    yield "<h2>Concordance of the criteria</h2>"
    yield _figure(alluvial(pairs, order[:4]), "How best responses move from criterion to criterion")
    yield _table(
        page.query(
            "select criterion, other_criterion, count(*) as subjects, "
            "count(*) filter (where best_response is distinct from other_best_response) as other_best_response, "
            "count(*) filter (where days_later > 0) as later_progression, "
            "count(*) filter (where days_later < 0) as earlier_progression from mart.criterion_shift "
            "where evaluator = $evaluator and origin = $origin group by all order by 3 desc",
            **where,
        )
    )


def _quality(page: Page) -> Iterator[str]:
    yield "<h2>Quality of the data</h2>"
    yield _table(
        page.query(
            "select rule_id, rule.title, outcome.severity, outcome.status, checked, failed from quality.outcome "
            "as outcome join quality.rule as rule using (rule_id) where outcome.status in ('FAIL', 'ERROR') "
            "order by failed desc"
        )
    )
    yield _table(page.query("select status, count(*) as queries from quality.query group by all order by 1"))
    yield _table(page.query("select stage, count(*) as unused_rows from raw.reject group by all order by 2 desc"))


def _provenance(page: Page) -> Iterator[str]:
    manifest = page.release.manifest()
    yield "<h2>Provenance</h2>"
    facts = {
        "release": page.release.release_id,
        "code": manifest["code_version"],
        "protocol (SHA-256)": manifest["protocol_sha256"],
        "inputs (SHA-256)": manifest["input_fingerprint"],
        "received files": len(manifest["inputs"]),
        "data cut-off": manifest.get("data_cutoff") or "none",
    }
    yield _table(pl.DataFrame({"what": list(facts), "value": [str(value) for value in facts.values()]}))
    yield _table(page.query("select source_name, sha256 from audit.source order by source_name limit 500"))


def _table(frame: pl.DataFrame) -> str:
    """A frame as an HTML table; numbers to the right, nothing for null."""
    if frame.is_empty():
        return '<p class="quiet">None.</p>'
    head = "".join(f"<th>{html.escape(name.replace('_', ' '))}</th>" for name in frame.columns)
    numeric = [dtype.is_numeric() for dtype in frame.schema.values()]
    rows = (
        "".join(_cell(value, number) for value, number in zip(row, numeric, strict=True)) for row in frame.iter_rows()
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any, number: bool) -> str:
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else html.escape(str(value))
    return f'<td class="number">{text}</td>' if number else f"<td>{text}</td>"


def _figure(drawn: go.Figure, described: str) -> str:
    plot = drawn.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False, "responsive": True})
    return f"<figure>{plot}<figcaption>{html.escape(described)}</figcaption></figure>"
