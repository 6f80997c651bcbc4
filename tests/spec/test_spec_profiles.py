"""Section 11.3: every situation of the table under every profile, cell by cell; policies of a profile; P-E1 to P-E6."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from criteria.assessment_schedule import PlannedVisit, Schedule
from criteria.best_response import best_responses
from criteria.censoring import EMA_ITT, FDA, PROFILES, Profile
from criteria.event_time import event_times, time_to_treatment_failure
from criteria.registry import criterion
from criteria.tables import TIMEPOINT_RESPONSE
from ingestion.tables import CLINICAL_STATUS, SUBJECT
from tests.spec.evaluate import frame
from tests.spec.table import day, responses

EIGHT_WEEKS = Schedule(visits=tuple(PlannedVisit(on) for on in (57, 113, 169, 225, 281)))


def ended(
    profile: Profile,
    course: str,
    *,
    name: str = "RECIST 1.1",
    endpoint: str = "PFS",
    clinical: int | None = None,
    baseline: bool = True,
    schedule: Schedule = EIGHT_WEEKS,
    options: dict[str, Any] | None = None,
    **subject: Any,
) -> dict[str, Any]:
    """One time to event of a course given as ``SD d57, PD d113`` and dates of the subject as study days."""
    declared = criterion(name, **(options or {}))
    own = {"criterion": name, "origin": "DERIVED", "flags": "" if baseline else "NO_BASELINE"}
    given = frame(TIMEPOINT_RESPONSE, [row | own for row in responses(course)] if course else [])
    dates = {key: day(on) if isinstance(on, int) else on for key, on in subject.items()}
    person = frame(SUBJECT, [{"reference_date": day(1)} | dates])
    if not course:
        return {}
    status = [] if clinical is None else [{"assessment_date": day(clinical), "clinical_progression": True}]
    best = best_responses(given, declared, person)
    times = event_times(
        given, best, declared, person, profile, schedule=schedule, clinical=frame(CLINICAL_STATUS, status)
    )
    return times.row(by_predicate=pl.col("endpoint") == endpoint, named=True)


def spell(time: dict[str, Any]) -> str:
    on = (time["end_date"] - day(1)).days + 1
    return f"{'EVENT' if time['event'] else 'CENSOR'} d{on}"


STOPPED = {"discontinuation_date": 100, "discontinuation_reason": "ADVERSE EVENT"}
TABLE = [
    ("no baseline, PD", "PD d57", {"baseline": False}, "CENSOR d1", "CENSOR d1", "EVENT d57"),
    ("no baseline, no event", "SD d57", {"baseline": False}, "CENSOR d1", "CENSOR d1", "CENSOR d1"),
    ("PD between scheduled visits", "SD d57, PD d90", {}, "EVENT d90", "EVENT d113", "EVENT d90"),
    ("PD within the window of a visit", "SD d57, PD d108", {}, "EVENT d108", "EVENT d108", "EVENT d108"),
    ("no progression", "SD d57, SD d113", {}, "CENSOR d113", "CENSOR d113", "CENSOR d113"),
    ("stopped for toxicity, nothing later", "SD d57", STOPPED, "CENSOR d57", "CENSOR d57", "CENSOR d57"),
    ("stopped for toxicity, then PD", "SD d57, PD d113", STOPPED, "CENSOR d57", "CENSOR d57", "EVENT d113"),
    (
        "stopped for progression, then PD on the scan",
        "SD d57, PD d113",
        STOPPED | {"discontinuation_reason": "PROGRESSIVE DISEASE"},
        "EVENT d113",
        "EVENT d113",
        "EVENT d113",
    ),
    ("clinical PD without imaging", "SD d57", {"clinical": 90}, "CENSOR d57", "EVENT d90", "CENSOR d57"),
    ("NACT before PD", "SD d57, PD d113", {"new_therapy_date": 100}, "CENSOR d57", "EVENT d100", "EVENT d113"),
    ("death before the first assessment", "NE d57", {"death_date": 40}, "EVENT d40", "EVENT d40", "EVENT d40"),
    ("death between adequate visits", "SD d57", {"death_date": 100}, "EVENT d100", "EVENT d100", "EVENT d100"),
    ("PD after two missed visits", "SD d57, PD d225", {}, "CENSOR d57", "EVENT d225", "EVENT d225"),
    ("death after two missed visits", "SD d57", {"death_date": 200}, "CENSOR d57", "EVENT d200", "EVENT d200"),
    ("PD after one missed visit", "SD d57, PD d169", {}, "EVENT d169", "EVENT d169", "EVENT d169"),
    ("death after one missed visit", "SD d57", {"death_date": 160}, "EVENT d160", "EVENT d160", "EVENT d160"),
]
CELLS = [
    pytest.param(profile, course, facts, cell, id=f"{situation} - {profile}")
    for situation, course, facts, *cells in TABLE
    for profile, cell in zip(PROFILES, cells, strict=True)
]


@pytest.mark.parametrize(("profile", "course", "facts", "expected"), CELLS)
def test_the_table_of_situations(profile: str, course: str, facts: dict[str, Any], expected: str) -> None:
    assert spell(ended(PROFILES[profile], course, **facts)) == expected


EXAMPLES = [
    ("P-E1", "SD d57, PD d225", {}, "CENSOR d57", "EVENT d225"),
    ("P-E2", "SD d57, PD d169", {}, "EVENT d169", "EVENT d169"),
    ("P-E3", "SD d57, PD d113", {"new_therapy_date": 100}, "CENSOR d57", "EVENT d113"),
    ("P-E6", "PD d57", {"baseline": False}, "CENSOR d1", "EVENT d57"),
]


@pytest.mark.parametrize(("example", "course", "facts", "fda", "ema"), EXAMPLES, ids=[case[0] for case in EXAMPLES])
def test_worked_examples(example: str, course: str, facts: dict[str, Any], fda: str, ema: str) -> None:
    assert (spell(ended(FDA, course, **facts)), spell(ended(EMA_ITT, course, **facts))) == (fda, ema), example


@pytest.mark.parametrize(
    ("profile", "course", "facts", "reason", "source"),
    [
        (
            "fda_sensitivity_inv",
            "SD d57, PD d90",
            {},
            "Disease progression, dated on the scheduled visit",
            "timepoint=2",
        ),
        ("fda_sensitivity_inv", "SD d57", {"clinical": 90}, "Clinical progression", "assessment_date=2024-03-30"),
        ("fda", "SD d57", {"clinical": 90}, "Clinical progression without imaging", "timepoint=1"),
        ("fda", "SD d57, PD d113", STOPPED, "Treatment stopped before the progression", "timepoint=1"),
        ("ema_itt", "SD d57", STOPPED, "Treatment stopped, no progression", "timepoint=1"),
        ("ema_itt", "SD d57", {"end_of_study_reason": "LOST TO FOLLOW-UP"}, "Lost to follow-up", "timepoint=1"),
        ("ema_itt", "SD d57", {"end_of_study_reason": "WITHDRAWAL BY SUBJECT"}, "Withdrew consent", "timepoint=1"),
    ],
)
def test_the_reason_and_the_source_record_of_a_result(
    profile: str, course: str, facts: dict[str, Any], reason: str, source: str
) -> None:
    time = ended(PROFILES[profile], course, **facts)
    assert time["reason"] == reason
    assert source in time["source_key"]


def test_DT_07_clinical_progression_is_an_event_where_the_protocol_says_so_beforehand() -> None:
    assert spell(ended(EMA_ITT, "SD d57", clinical=90)) == "CENSOR d57"
    assert spell(ended(EMA_ITT.with_clinical_events(), "SD d57", clinical=90)) == "EVENT d90"
    ignored = replace(EMA_ITT, clinical="ignore")
    assert spell(ended(ignored.with_clinical_events(), "SD d57", clinical=90)) == "CENSOR d57"


def test_DT_07_a_clinical_progression_before_the_response_does_not_end_it() -> None:
    sensitivity = PROFILES["fda_sensitivity_inv"]
    assert spell(ended(sensitivity, "SD d57, PR d113, PD d169", endpoint="DOR", clinical=90)) == "EVENT d169"
    assert spell(ended(sensitivity, "SD d57, PR d113, PD d169", endpoint="DOR", clinical=150)) == "EVENT d150"


@pytest.mark.parametrize(
    ("course", "nact", "default", "censored"),
    [
        ("iSD d57, iUPD d113", 120, "EVENT d113", "CENSOR d57"),
        ("iSD d57, iUPD d113", 113, "EVENT d113", "CENSOR d57"),
        ("iSD d57, iUPD d113, iCPD d141", 150, "EVENT d113", "EVENT d113"),
        ("iSD d57, iUPD d113, iSD d141", 150, "CENSOR d141", "CENSOR d141"),
        ("iSD d57, iUPD d113, iSD d141", 100, "CENSOR d57", "CENSOR d57"),
    ],
)
def test_new_therapy_after_an_unconfirmed_progression(course: str, nact: int, default: str, censored: str) -> None:
    """nact_after_iupd: the first iUPD stands as the event (default), or is censored; after a void one NACT censors."""
    for option, expected in (("event", default), ("censor", censored)):
        time = ended(
            FDA,
            course,
            name="iRECIST",
            endpoint="iPFS",
            options={"nact_after_iupd": option},
            new_therapy_date=nact,
        )
        assert spell(time) == expected, option


def test_an_open_iUPD_is_dated_first_iUPD_and_the_wait_for_its_confirmation_censors_nothing() -> None:
    time = ended(FDA, "iSD d57, iUPD d113, iCPD d281", name="iRECIST", endpoint="iPFS")
    assert (spell(time), time["reason"]) == ("EVENT d113", "Disease progression")


@pytest.mark.parametrize(
    ("rule", "course", "expected"),
    [
        ("intervals_and_windows", "SD d57, PD d183", "EVENT d183"),
        ("intervals_and_windows", "SD d57, PD d184", "CENSOR d57"),
        ("intervals", "SD d57, PD d169", "EVENT d169"),
        ("intervals", "SD d57, PD d170", "CENSOR d57"),
        ("missed_windows", "SD d57, PD d176", "EVENT d176"),
        ("missed_windows", "SD d57, PD d177", "CENSOR d57"),
    ],
)
def test_gap_max_by_intervals_with_or_without_windows_or_by_missed_windows(
    rule: str, course: str, expected: str
) -> None:
    assert spell(ended(replace(FDA, gap_max=rule), course)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("SD d57, PD d183", "EVENT d183"),
        ("SD d57, PD d184", "CENSOR d57"),
        ("SD d281, PD d435", "EVENT d435"),
        ("SD d281, PD d436", "CENSOR d281"),
        ("SD d337, PD d519", "EVENT d519"),
        ("SD d337, PD d520", "CENSOR d337"),
    ],
)
def test_gap_max_follows_the_interval_in_force_at_the_gap(course: str, expected: str) -> None:
    """Every 56 days up to day 337, then every 84: 2 x 56 + 14, 56 + 84 + 14, 2 x 84 + 14 days."""
    changing = Schedule(interval_days=56, window_days=7, changes=((337, 84),))
    assert spell(ended(FDA, course, schedule=changing)) == expected


def test_without_a_schedule_nothing_lies_between_visits() -> None:
    time = ended(PROFILES["fda_sensitivity_inv"], "SD d57, PD d90", schedule=Schedule())
    assert (spell(time), time["reason"]) == ("EVENT d90", "Disease progression")


def test_a_progression_after_the_last_planned_visit_keeps_its_date() -> None:
    assert spell(ended(PROFILES["fda_sensitivity_inv"], "SD d281, PD d330")) == "EVENT d330"


@pytest.mark.parametrize(
    ("subject", "expected", "reason"),
    [
        (STOPPED, "EVENT d100", "Treatment stopped: ADVERSE EVENT"),
        ({"death_date": 90}, "EVENT d90", "Death"),
        (STOPPED | {"death_date": 130}, "EVENT d100", "Treatment stopped: ADVERSE EVENT"),
        ({"last_alive_date": 200}, "CENSOR d200", "On treatment when last known"),
    ],
)
def test_TTF_runs_to_the_end_of_treatment_for_any_reason(subject: dict[str, Any], expected: str, reason: str) -> None:
    dates = {key: day(on) if isinstance(on, int) else on for key, on in subject.items()}
    time = time_to_treatment_failure(frame(SUBJECT, [{"reference_date": day(1)} | dates])).row(0, named=True)
    assert (spell(time), time["reason"], time["endpoint"]) == (expected, reason, "TTF")


def test_WHO_09_the_historical_duration_of_response_starts_with_the_treatment() -> None:
    course = "PR d57, CR d113, CR d141, PD d225"
    facts: dict[str, Any] = {"name": "WHO", "first_dose_date": 3, "options": {"who_duration_origin": "treatment_start"}}
    overall = ended(FDA, course, endpoint="DOR", **facts)
    complete = ended(FDA, course, endpoint="DOCR", **facts)
    assert (overall["start_date"], complete["start_date"]) == (day(3), day(113))
    assert (spell(overall), spell(complete)) == ("EVENT d225", "EVENT d225")
    default = ended(FDA, course, name="WHO", endpoint="DOR", first_dose_date=3)
    assert default["start_date"] == day(57)
