"""The page of dates, endpoints and censoring (section 11), with every situation run through every profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from criteria.assessment_schedule import PlannedVisit, Schedule
from criteria.best_response import best_responses
from criteria.censoring import PROFILES, Profile
from criteria.event_time import event_times
from criteria.option_profiles import OPTION_PROFILES
from criteria.registry import CRITERIA
from criteria.rulebook.catalogue import ENDPOINTS, SECTIONS
from criteria.rulebook.options import OPTIONS
from criteria.tables import TIMEPOINT_RESPONSE
from docs.criterion_page import rules
from docs.lesion_table import DAY_1, day
from docs.markdown import page, table
from ingestion.tables import CLINICAL_STATUS, SUBJECT

VISITS = (57, 113, 169, 225)
POLICIES = {
    "nact": "new anticancer therapy before the event: censors at the last adequate assessment before it, is an event "
    "itself, or is ignored",
    "missed_assessments": "two or more missed assessments before the event censor at the last adequate one before "
    "them, or are ignored",
    "no_baseline": "without an adequate baseline time is censored at the start (death within the longest gap is an "
    "event), or progression counts all the same",
    "discontinuation": "a progression after treatment was stopped for another reason is censored at the last adequate "
    "assessment before it, or is followed and counts",
    "clinical": "clinical progression without imaging is ignored, an event where the protocol says so "
    "(`clinical_pd_is_event`), or an event",
    "progression_date": "a progression between two planned visits has the date of its scan, or of the planned visit "
    "that follows",
    "gap_max": "the longest gap: two intervals and two windows, two intervals, or fewer than two missed windows; the "
    "intervals are those in force at the gap",
}
STOPPED = {"discontinuation_date": 100, "discontinuation_reason": "ADVERSE EVENT"}
SITUATIONS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("no baseline, then PD", "PD d57", {"baseline": False}),
    ("PD between scheduled visits", "SD d57, PD d90", {}),
    ("no progression", "SD d57, SD d113", {}),
    ("stopped for toxicity on day 100, nothing later", "SD d57", STOPPED),
    ("stopped for toxicity on day 100, then PD", "SD d57, PD d113", STOPPED),
    ("clinical progression on day 90 without imaging", "SD d57", {"clinical": 90}),
    ("P-E3: new therapy on day 100 before PD", "SD d57, PD d113", {"new_therapy_date": 100}),
    ("death on day 40 before any assessment", "NE d57", {"death_date": 40}),
    ("death on day 100 between visits", "SD d57", {"death_date": 100}),
    ("P-E1: PD after two missed visits", "SD d57, PD d225", {}),
    ("death on day 200 after two missed visits", "SD d57", {"death_date": 200}),
    ("P-E2: PD after one missed visit", "SD d57, PD d169", {}),
)


def endpoints_page() -> str:
    """Endpoints, dates, profiles with their policies, and the table of situations."""
    sections = [section for section in SECTIONS if section.number == "11.1"]
    return page(
        "# Endpoints, dates and censoring",
        "PFS, TTP, DOR and TTR carry the criterion's prefix where it has one (iPFS, imPFS, irPFS). Times are days from "
        "the start, day 1, and months of 30.4375 days. OS and TTF stand once under criterion and evaluator ALL.",
        "## Endpoints (11.2)",
        table(("endpoint", "source", "means"), ((rule.id, rule.source, rule.text) for rule in ENDPOINTS)),
        "The response rates count `cohorts.orr_population`: everybody (`itt`), those with a first dose (`treated`), or "
        "those with target lesions (`measurable`). A benefit or durable response that may still come is PENDING.",
        *rules(sections),
        "The section `dates` of `protocol.yaml` chooses otherwise:",
        table(
            ("option", "decides"),
            [
                *((f"`{name}`", OPTIONS[name]) for name in ("tp_response_date", "pd_date_rule")),
                ("`pd_impute`", "day of a progression or new therapy whose date has none: `first` or `last` (DT-06)"),
                ("`resp_impute`", "day of a response whose date has none: `last` or `first` (DT-06)"),
            ],
        ),
        "## Censoring profiles (11.3)",
        "What ends a time to event, and what ends it without one. The earliest event counts; the earliest censoring "
        "that applies wins over it. Each result names its reason and the record that gave the date.",
        table(("profile", "source", "events", "censored for"), map(_profile, PROFILES.values())),
        "A profile is a set of policies; a study makes its own in `protocol.yaml` with `based_on` and any of them:",
        table(
            ("policy", *(f"`{name}`" for name in PROFILES), "decides"),
            (
                (f"`{policy}`", *(str(getattr(profile, policy)) for profile in PROFILES.values()), meaning)
                for policy, meaning in POLICIES.items()
            ),
        ),
        "Options of the criteria that bear on events:",
        table(
            ("option", "decides"),
            (
                (f"`{name}`", OPTIONS[name])
                for name in (
                    *("open_iupd_at_cutoff", "nact_after_iupd", "unconfirmed_pd_no_followup"),
                    *("impfs_only_early_followup", "orr_confirmed", "cbr_days", "drr_days", "drr_onset_months"),
                    "who_duration_origin",
                )
            ),
        ),
        "## Every situation under every profile",
        "RECIST 1.1, visits planned on days "
        + ", ".join(map(str, VISITS))
        + ", 7 days around them; every line is run.",
        table(("situation", "responses", *PROFILES), _situations()),
        "## Profiles of options",
        "`criteria_profile` sets several options of the criteria by one name; `options` sets one for all criteria that "
        "have it, and an option below a criterion wins over both.",
        table(
            ("profile", "sets"),
            (
                (f"`{name}`", ", ".join(f"`{option}` = `{value}`" for option, value in options.items()) or "nothing")
                for name, options in OPTION_PROFILES.items()
            ),
        ),
    )


def _profile(profile: Profile) -> tuple[str, str, str, str]:
    events = "; ".join(event.reason for event in profile.events)
    censorings = "; ".join(censoring.reason for censoring in profile.censorings)
    return f"`{profile.name}`", profile.source, events, censorings


def _situations() -> list[tuple[str, ...]]:
    """Every situation with its responses and how its PFS ends under each profile."""
    declared = CRITERIA["RECIST 1.1"]
    rows = [row for what, course, facts in SITUATIONS for row in _responses(what, course, facts)]
    responses, subjects = _frame(rows, TIMEPOINT_RESPONSE.schema), _frame(_people(), SUBJECT.schema)
    best = best_responses(responses, declared, subjects)
    schedule = Schedule(visits=tuple(PlannedVisit(on) for on in VISITS))
    clinical = _frame(_declines(), CLINICAL_STATUS.schema)
    ends: dict[str, list[str]] = {what: [] for what, *_ in SITUATIONS}
    for profile in PROFILES.values():
        times = event_times(responses, best, declared, subjects, profile, schedule=schedule, clinical=clinical)
        for time in times.filter(pl.col("endpoint") == "PFS").iter_rows(named=True):
            how = "event" if time["event"] else "censor"
            ends[time["subject_id"]].append(f"{how} d{time['days']}: {time['reason']}")
    return [(what, course, *ends[what]) for what, course, _ in SITUATIONS]


def _responses(what: str, course: str, facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Time point responses of a course such as ``SD d57, PD d113``."""
    flags = "" if facts.get("baseline", True) else "NO_BASELINE"
    for number, item in enumerate(course.split(", "), start=1):
        response, on = item.split(" d")
        yield {
            "study_id": "EXAMPLE",
            "subject_id": what,
            "evaluator": "INVESTIGATOR",
            "criterion": "RECIST 1.1",
            "origin": "RECORDED",
            "timepoint": number,
            "assessment_date": day(int(on)),
            "overall_response": response,
            "flags": flags,
            "progression_date": day(int(on)) if response == "PD" else None,
        }


def _people() -> list[dict[str, Any]]:
    return [
        {"study_id": "EXAMPLE", "subject_id": what, "reference_date": DAY_1}
        | {name: day(on) if name.endswith("_date") else on for name, on in facts.items()}
        for what, _, facts in SITUATIONS
    ]


def _declines() -> list[dict[str, Any]]:
    return [
        {
            "study_id": "EXAMPLE",
            "subject_id": what,
            "assessment_date": day(facts["clinical"]),
            "clinical_progression": True,
        }
        for what, _, facts in SITUATIONS
        if "clinical" in facts
    ]


def _frame(rows: list[dict[str, Any]], schema: Any) -> pl.DataFrame:
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)
