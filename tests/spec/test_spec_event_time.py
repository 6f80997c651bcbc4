"""Section 11: dates, progression-free survival under the profiles, duration of and time to response, survival."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, responses, table

LAST_SD = "SD d57"


def pfs(evaluate: Evaluate, course: str, profile: str, criterion: str = "RECIST 1.1", **subject: Any) -> str:
    given = responses(course) if course else []
    return spell(evaluate.event_time(given, criterion, profile, subject))


def spell(time: dict[str, Any] | None) -> str:
    assert time is not None
    assert time["days"] == (time["end_date"] - time["start_date"]).days + 1
    return f"{'EVENT' if time['event'] else 'CENSOR'} d{(time['end_date'] - day(1)).days + 1}"


PROFILES = [
    ("P-E1 two missed visits before PD", "SD d57, PD d225", {}, "CENSOR d57", "EVENT d225"),
    ("P-E2 one missed visit before PD", "SD d57, PD d169", {}, "EVENT d169", "EVENT d169"),
    ("P-E3 new therapy before PD", "SD d57, PD d113", {"new_therapy_date": 100}, "CENSOR d57", "EVENT d113"),
    ("gap of exactly 126 d", "SD d57, PD d183", {}, "EVENT d183", "EVENT d183"),
    ("gap of 127 d", "SD d57, PD d184", {}, "CENSOR d57", "EVENT d184"),
    ("NE is no adequate assessment", "SD d57, NE d113, PD d184", {}, "CENSOR d57", "EVENT d184"),
    ("no progression", "SD d57, SD d113", {}, "CENSOR d113", "CENSOR d113"),
    ("no progression, last assessment NE", "SD d57, NE d113", {}, "CENSOR d57", "CENSOR d57"),
    ("death between adequate visits", "SD d57", {"death_date": 100}, "EVENT d100", "EVENT d100"),
    ("death after two missed visits", "SD d57", {"death_date": 190}, "CENSOR d57", "EVENT d190"),
    ("PD before death", "PD d57", {"death_date": 190}, "EVENT d57", "EVENT d57"),
    ("new therapy on the day of PD", "SD d57, PD d113", {"new_therapy_date": 113}, "EVENT d113", "EVENT d113"),
    ("new therapy without event", "SD d57, SD d113", {"new_therapy_date": 100}, "CENSOR d57", "CENSOR d113"),
    ("new therapy on an assessment's day", "SD d57, SD d113", {"new_therapy_date": 57}, "CENSOR d57", "CENSOR d113"),
    ("new therapy before any assessment", "SD d57", {"new_therapy_date": 30}, "CENSOR d1", "CENSOR d57"),
    ("new therapy before death", "SD d57", {"new_therapy_date": 70, "death_date": 100}, "CENSOR d57", "EVENT d100"),
    (
        "new therapy after two missed visits: the earlier censoring",
        "SD d57, SD d250, PD d400",
        {"new_therapy_date": 300},
        "CENSOR d250",
        "EVENT d400",
    ),
    ("PD at the first assessment, long after start", "PD d127", {}, "EVENT d127", "EVENT d127"),
    ("PD at the first assessment, two visits missed", "PD d128", {}, "CENSOR d1", "EVENT d128"),
]


@pytest.mark.parametrize(("rule", "course", "subject", "fda", "ema"), PROFILES, ids=[p[0] for p in PROFILES])
@pytest.mark.parametrize("profile", ["fda", "ema_itt"])
def test_progression_free_survival(
    evaluate: Evaluate, rule: str, course: str, subject: dict[str, int], fda: str, ema: str, profile: str
) -> None:
    dates: dict[str, Any] = {name: day(on) for name, on in subject.items()}
    assert pfs(evaluate, course, profile, **dates) == (fda if profile == "fda" else ema), rule


@pytest.mark.parametrize(
    ("profile", "death", "expected"),
    [
        ("fda", None, "CENSOR d1"),
        ("ema_itt", None, "EVENT d57"),
        ("fda", 100, "EVENT d100"),
        ("fda", 127, "EVENT d127"),
        ("fda", 128, "CENSOR d1"),
    ],
)
def test_P_E6_baseline_missing(evaluate: Evaluate, profile: str, death: int | None, expected: str) -> None:
    rows = table("""
        lesion     | d57
        T01 liver  | 30
        NEW01 lung | 12
    """)
    given = evaluate.timepoint_responses(rows, "RECIST 1.1")
    subject = {"death_date": None if death is None else day(death)}
    assert given[0]["overall_response"] == "PD"
    assert spell(evaluate.event_time(given, "RECIST 1.1", profile, subject)) == expected


@pytest.mark.parametrize("profile", ["fda", "ema_itt"])
def test_incomplete_baseline_without_event_is_censored_at_start(evaluate: Evaluate, profile: str) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 30 | 30\nT02 lung | NE | 10")
    given = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert spell(evaluate.event_time(given, "RECIST 1.1", profile)) == "CENSOR d1"


@pytest.mark.parametrize(("interval", "window", "expected"), [(56, 7, "CENSOR d57"), (84, 7, "EVENT d225")])
def test_the_gap_is_two_intervals_and_two_windows(
    evaluate: Evaluate, interval: int, window: int, expected: str
) -> None:
    time = evaluate.event_time(
        responses("SD d57, PD d225"), "RECIST 1.1", "fda", interval_days=interval, window_days=window
    )
    assert spell(time) == expected


@pytest.mark.parametrize(
    ("course", "subject", "reason"),
    [
        ("SD d57, PD d113", {}, "Disease progression"),
        ("SD d57", {"death_date": 100}, "Death"),
        ("SD d57, PD d113", {"new_therapy_date": 100}, "New anticancer therapy"),
        ("SD d57, PD d225", {}, "Two or more missed assessments"),
        ("SD d57", {}, "No progression"),
        ("NE d57", {}, "No post-baseline assessment"),
    ],
)
def test_reason(evaluate: Evaluate, course: str, subject: dict[str, int], reason: str) -> None:
    time = evaluate.event_time(responses(course), "RECIST 1.1", "fda", {name: day(on) for name, on in subject.items()})
    assert time is not None
    assert str(time["reason"]).lower() == reason.lower()


IMMUNE = [
    ("I-E1 voided, then confirmed", "iRECIST", "iUPD d57, iSD d85, iUPD d169, iCPD d197", {}, "EVENT d169"),
    ("I-E4 voided", "iRECIST", "iPR d57, iUPD d113, iUPD d141, iPR d197", {}, "CENSOR d197"),
    ("I-E6 first iUPD, not its confirmation", "iRECIST", "iUPD d57, iCPD d85", {}, "EVENT d57"),
    ("a long gap before iCPD does not censor", "iRECIST", "iUPD d57, iCPD d281", {}, "EVENT d57"),
    ("IR-22 open iUPD", "iRECIST", "iSD d57, iUPD d113", {}, "EVENT d113"),
    ("IR-23 death without open iUPD", "iRECIST", "iUPD d57, iSD d113", {"death_date": 150}, "EVENT d150"),
    ("new therapy after iUPD", "iRECIST", "iUPD d57, iCPD d113", {"new_therapy_date": 80}, "EVENT d57"),
    ("new therapy after a voided iUPD", "iRECIST", "iUPD d57, iSD d113", {"new_therapy_date": 150}, "CENSOR d113"),
    ("IM-E1 negated", "imRECIST", "PD d57, SD d85, PR d169", {}, "CENSOR d169"),
    ("IM-E2 without follow-up", "imRECIST", "SD d57, PD d113", {}, "EVENT d113"),
    ("IM-E4 confirmed", "imRECIST", "PD d57, SD d78, PD d92", {}, "EVENT d57"),
    ("death after a negated PD", "imRECIST", "PD d57, SD d113", {"death_date": 150}, "EVENT d150"),
    ("new therapy after PD", "imRECIST", "PD d57, SD d113", {"new_therapy_date": 80}, "EVENT d57"),
]


@pytest.mark.parametrize(("rule", "criterion", "course", "subject", "expected"), IMMUNE, ids=[i[0] for i in IMMUNE])
def test_immune_progression_free_survival(
    evaluate: Evaluate, rule: str, criterion: str, course: str, subject: dict[str, int], expected: str
) -> None:
    dates: dict[str, Any] = {name: day(on) for name, on in subject.items()}
    assert pfs(evaluate, course, "fda", criterion, **dates) == expected, rule


def test_duration_of_response_runs_from_the_first_response_to_progression(evaluate: Evaluate) -> None:
    given = responses("SD d57, PR d113, PR d169, PD d225")
    time = evaluate.event_time(given, "RECIST 1.1", "fda", endpoint="DOR")
    assert time is not None
    assert (time["start_date"], time["end_date"], time["days"], time["event"]) == (day(113), day(225), 113, True)


@pytest.mark.parametrize(("profile", "expected"), [("fda", "CENSOR d113"), ("ema_itt", "EVENT d281")])
def test_duration_of_response_is_censored_like_progression_free_survival(
    evaluate: Evaluate, profile: str, expected: str
) -> None:
    given = responses("SD d57, PR d113, PD d281")
    assert spell(evaluate.event_time(given, "RECIST 1.1", profile, endpoint="DOR")) == expected


def test_time_to_response_is_for_responders_only(evaluate: Evaluate) -> None:
    time = evaluate.event_time(responses("SD d57, PR d113"), "RECIST 1.1", "fda", endpoint="TTR")
    assert spell(time) == "EVENT d113"
    assert evaluate.event_time(responses("SD d57, SD d113"), "RECIST 1.1", "fda", endpoint="TTR") is None


@pytest.mark.parametrize(
    ("death", "alive", "expected"), [(day(200), day(200), "EVENT d200"), (None, day(300), "CENSOR d300")]
)
@pytest.mark.parametrize("profile", ["fda", "ema_itt"])
def test_overall_survival_is_never_censored_for_new_therapy(
    evaluate: Evaluate, death: date | None, alive: date, expected: str, profile: str
) -> None:
    subject = {"death_date": death, "last_alive_date": alive, "new_therapy_date": day(80)}
    time = evaluate.event_time(responses(LAST_SD), "RECIST 1.1", profile, subject, endpoint="OS")
    assert spell(time) == expected


def test_DT_01_a_response_is_dated_on_the_last_scan_of_the_time_point(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 30 | 20@-4\nT02 lung | 30 | 20@-1\nNT01 bone | + | +")
    assert evaluate.timepoint_responses(rows, "RECIST 1.1")[0]["assessment_date"] == day(57)


def test_GEN_07_time_points_are_taken_in_the_order_of_their_dates(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d113 | d57\nT01 liver | 100 | 70 | 50")
    given = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [r["overall_response"] for r in given] == ["PR", "PD"]
