"""A subject's page: dates, timeline, lesions, responses under all criteria with their reasons, scans and findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from dash import html

from dashboard.address import picture_address, study_address
from dashboard.context import Page
from dashboard.elements import addressed, choice, choices, facts, figure, link, message, section, table
from dashboard.figures.lesion_course import lesion_course
from dashboard.figures.timeline import timeline

DATES = (
    "reference_date",
    "first_dose_date",
    "new_therapy_date",
    "discontinuation_date",
    "discontinuation_reason",
    "end_of_study_date",
    "end_of_study_reason",
    "death_date",
    "last_alive_date",
)
BEST = (
    "criterion",
    "origin",
    "best_response",
    "best_response_date",
    "confirmed_best_response",
    "progression_date",
    "progression_status",
    "explanation",
)
RESPONSES = (
    "timepoint",
    "visit",
    "assessment_date",
    "criterion",
    "origin",
    "overall_response",
    "clause",
    "explanation",
    "flags",
)
LESION = (
    "lesion_id",
    "role",
    "organ",
    "visit",
    "assessment_date",
    "state",
    "longest_diameter_mm",
    "short_axis_mm",
    "perpendicular_mm",
    "method",
)
ALL, PICTURES_SHOWN = "ALL", 24


def subject_page(page: Page, subject: str) -> list[Any]:
    """Everything that is known of one subject in one release."""
    known = page.rows("core.subject", subject_id=subject)
    if known.is_empty():
        return [
            message(
                f"Study {page.study.name} has no subject {subject!r} in its current release: look for it in the list.",
                kind="problem",
            ),
            link("All subjects of the study", study_address(page.study.name)),
        ]
    row = known.row(0, named=True)
    evaluators = page.query(
        "select distinct evaluator from analysis.best_response where subject_id = $subject order by 1", subject=subject
    )["evaluator"].to_list()
    evaluator = page.chosen("evaluator", evaluators, page.read()[0]["evaluator"] or "")
    responses = page.rows("analysis.timepoint_response", subject_id=subject, evaluator=evaluator)
    criteria = [ALL, *responses["criterion"].unique().sort().to_list()]
    criterion = page.chosen("criterion", criteria)
    lesions = page.rows("core.measurement", subject_id=subject, evaluator=_reader(page, subject, evaluator))
    best = page.rows("analysis.best_response", subject_id=subject, evaluator=evaluator).select(BEST)
    told = responses.filter((pl.col("criterion") == criterion) | pl.lit(criterion == ALL))
    return [
        html.H2(f"Subject {subject}"),
        facts({name: row[name] for name in ("site", "arm", "cohort", "sex", *DATES) if row[name] is not None}),
        section("Timeline", figure(_timeline(page, subject, known), TIMELINE)),
        section(
            "Course",
            choices(choice("Evaluator", "evaluator", evaluators, evaluator)),
            figure(
                lesion_course(
                    lesions, responses.filter(pl.col("origin") == "DERIVED"), title=f"{subject}, read by {evaluator}"
                ),
                "Lesion sizes over time, nodes by short axis; below them the response under every criterion.",
            ),
        ),
        section("Best responses", table(best, f"Best responses by {evaluator}", grid_id="best", wide=("explanation",))),
        section(
            "Responses and their reasons",
            choices(choice("Criterion", "criterion", criteria, criterion)),
            table(
                told.sort("timepoint", "criterion", "origin").select(RESPONSES),
                f"Responses by {evaluator}, the rule that decided each, and the numbers it used",
                grid_id="responses",
                wide=("explanation",),
                empty="Nobody read a visit after the baseline.",
            ),
        ),
        section(
            "Lesions",
            table(
                _lesions(lesions),
                "Lesions as they were read, in millimetres",
                grid_id="lesions",
                empty="No lesion was read.",
            ),
        ),
        section("Scans and key images", *_scans(page, subject), *_pictures(page, subject)),
        section("Queries", *_queries(page, subject)),
    ]


TIMELINE = (
    "Treatment, injections, visits and scans by date; visits in the colours of the calendar, crosses are missing, "
    "hollow circles were not read or are not due."
)


def _timeline(page: Page, subject: str, known: pl.DataFrame) -> Any:
    return timeline(
        known,
        page.rows("core.therapy", subject_id=subject),
        page.rows("core.injection", subject_id=subject),
        page.rows("mart.visit_compliance", subject_id=subject),
        _series(page, subject),
        title="What happened when",
    )


def _reader(page: Page, subject: str, evaluator: str | None) -> str | None:
    """The reader whose lesions stand behind an evaluator: of the accepted reader the one who was accepted."""
    readers = page.query(
        "select distinct evaluator, accepted from core.measurement where subject_id = $subject", subject=subject
    )
    if evaluator in readers["evaluator"]:
        return evaluator
    accepted = readers.filter(readers["accepted"])
    return accepted["evaluator"][0] if accepted.height else None


def _lesions(lesions: pl.DataFrame) -> pl.DataFrame:
    empty = [name for name in lesions.columns if lesions[name].null_count() == lesions.height]
    hidden = {"study_id", "subject_id", "evaluator", "reader_role", "source_sha256", *empty} & set(lesions.columns)
    first = [name for name in LESION if name in lesions.columns and name not in hidden]
    return lesions.sort("lesion_id", "timepoint").select(first, pl.all().exclude(first)).drop(hidden)


def _series(page: Page, subject: str) -> pl.DataFrame:
    """The subject's series: those that belong to a visit, and those whose files name the subject."""
    return page.query(
        "select scan.visit, series.scan_date, series.modality, scan.status, series.series_description, "
        "series.instances, series.slice_thickness_mm, series.manufacturer_model, series.series_instance_uid "
        "from core.series as series left join core.visit_scan as scan "
        "on scan.series_instance_uid = series.series_instance_uid and scan.subject_id = $subject "
        "where scan.subject_id is not null or series.subject_label = $subject "
        "order by series.scan_date, series.modality",
        subject=subject,
    )


def _scans(page: Page, subject: str) -> list[Any]:
    missing = page.query(
        "select visit, modality, body_part, planned_date, window_end, status, reason from core.visit_scan "
        "where subject_id = $subject and series_instance_uid is null order by planned_date",
        subject=subject,
    )
    received = table(
        _series(page, subject),
        "Scans that were received",
        grid_id="scans",
        empty="No scan of this subject was received.",
    )
    if missing.is_empty():
        return [received]
    return [received, table(missing, "Scans that the charter asks for and that are not there", grid_id="scans-missing")]


def _pictures(page: Page, subject: str) -> list[Any]:
    """The key images of the subject's PET scans, newest first."""
    pictures = page.rows("core.picture", subject_id=subject).sort(
        "assessment_date", "evaluator", "lesion_id", "shows", descending=[True, False, False, False]
    )
    if pictures.is_empty():
        return []
    shown = [
        html.Figure(
            [
                html.A(html.Img(src=address, alt=str(row["caption"])), href=address, target="_blank"),
                html.Figcaption(f"{row['caption']}, {row['evaluator']}"),
            ]
        )
        for row in pictures.head(PICTURES_SHOWN).iter_rows(named=True)
        for address in [picture_address(page.study.name, row["sha256"])]
    ]
    some = f"; the newest {PICTURES_SHOWN} of {pictures.height}" if pictures.height > PICTURES_SHOWN else ""
    return [
        message(f"Key images of the PET scans{some}. A picture opens in full size."),
        html.Div(shown, className="pictures"),
    ]


def _queries(page: Page, subject: str) -> Sequence[Any]:
    queries = page.rows("quality.query", subject_id=subject).filter(pl.col("status") != "RESOLVED")
    named = addressed(queries, "fingerprint", lambda name: study_address(page.study.name, "queries", query=name))
    return [
        table(
            named.select("rule_id", "severity", "status", "message", "address"),
            "Queries about this subject; a rule opens the query, to answer it",
            grid_id="findings",
            links={"rule_id": "address"},
            wide=("message",),
            empty="There is no query about this subject.",
        )
    ]
