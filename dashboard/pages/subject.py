"""A subject's page: dates, lesions, responses under all criteria with their reasons, scans and findings."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.context import Page
from dashboard.elements import choice, choices, facts, figure, message, section, table
from dashboard.figures.lesion_course import lesion_course

DATES = (
    "reference_date",
    "first_dose_date",
    "new_therapy_date",
    "discontinuation_date",
    "discontinuation_reason",
    "death_date",
    "last_alive_date",
)


def subject_page(page: Page, subject: str) -> list[Any]:
    """Everything that is known of one subject in one release."""
    known = page.rows("core.subject", subject_id=subject)
    if known.is_empty():
        return [message(f"Study {page.study.name} has no subject {subject!r} in its current release.", kind="problem")]
    row = known.row(0, named=True)
    evaluators = page.query(
        "select distinct evaluator from analysis.best_response where subject_id = $subject order by 1", subject=subject
    )["evaluator"].to_list()
    evaluator = page.chosen("evaluator", evaluators, page.read()[0]["evaluator"] or "")
    responses = page.rows("analysis.timepoint_response", subject_id=subject, evaluator=evaluator)
    derived = responses.filter(responses["origin"] == "DERIVED")
    lesions = page.rows("core.measurement", subject_id=subject, evaluator=_reader(page, subject, evaluator))
    return [
        html.H2(f"Subject {subject}"),
        facts({name: row[name] for name in ("site", "arm", "cohort", "sex", *DATES) if row[name] is not None}),
        choices(choice("Evaluator", "evaluator", evaluators, evaluator)),
        section(
            "Course",
            figure(
                lesion_course(lesions, derived, title=f"{subject}, read by {evaluator}"),
                "Lesion sizes over time, nodes by short axis; below them the response under every criterion.",
            ),
        ),
        section(
            "Best responses",
            table(
                page.rows("analysis.best_response", subject_id=subject, evaluator=evaluator).select(
                    "criterion",
                    "origin",
                    "best_response",
                    "best_response_date",
                    "confirmed_best_response",
                    "progression_date",
                    "progression_status",
                    "explanation",
                ),
                grid_id="best",
                wide=("explanation",),
            ),
        ),
        section(
            "Responses and their reasons",
            table(
                responses.sort("timepoint", "criterion").select(
                    "timepoint",
                    "visit",
                    "assessment_date",
                    "criterion",
                    "origin",
                    "overall_response",
                    "clause",
                    "explanation",
                    "flags",
                ),
                grid_id="responses",
                wide=("explanation",),
            ),
        ),
        section("Lesions", table(_lesions(lesions), grid_id="lesions")),
        section("Scans", table(_scans(page, subject), grid_id="scans")),
        section(
            "Findings",
            table(
                page.rows("quality.finding", subject_id=subject).select("rule_id", "severity", "message"),
                grid_id="findings",
                wide=("message",),
            ),
        ),
    ]


def _reader(page: Page, subject: str, evaluator: str | None) -> str | None:
    """The reader whose lesions stand behind an evaluator: of the accepted reader the one who was accepted."""
    readers = page.query(
        "select distinct evaluator, accepted from core.measurement where subject_id = $subject", subject=subject
    )
    if evaluator in readers["evaluator"]:
        return evaluator
    accepted = readers.filter(readers["accepted"])
    return accepted["evaluator"][0] if accepted.height else None


def _lesions(lesions: Any) -> Any:
    empty = [name for name in lesions.columns if lesions[name].null_count() == lesions.height]
    hidden = {"study_id", "subject_id", "reader_role", "source_sha256", *empty} & set(lesions.columns)
    return lesions.sort("lesion_id", "timepoint").drop(hidden)


def _scans(page: Page, subject: str) -> Any:
    return page.query(
        "select series_instance_uid, modality, scan_date, series_description, instances, slice_thickness_mm, "
        "manufacturer_model from core.series where subject_label = $subject order by scan_date, modality",
        subject=subject,
    )
