"""Endpoints of section 11.2 beside PFS: TTP, CBR, DRR; the profile fda_sensitivity_inv; options on undecided PD."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, responses, table

ENGINE = Evaluate("engine")


def dated(subject: dict[str, int]) -> dict[str, Any]:
    return {name: day(on) for name, on in subject.items()}


def ended(time: dict[str, Any] | None) -> str:
    assert time is not None
    return f"{'EVENT' if time['event'] else 'CENSOR'} d{(time['end_date'] - day(1)).days + 1}: {time['reason']}"


TIME_TO_PROGRESSION = [
    ("progression", "SD d57, PD d113", {}, "EVENT d113: Disease progression"),
    ("death is no event", "SD d57", {"death_date": 100}, "CENSOR d57: Death without progression"),
    ("death before any assessment", "NE d57", {"death_date": 100}, "CENSOR d1: Death without progression"),
    ("progression before death", "PD d57", {"death_date": 100}, "EVENT d57: Disease progression"),
    ("new therapy", "SD d57, PD d113", {"new_therapy_date": 100}, "CENSOR d57: New anticancer therapy"),
    ("two missed visits", "SD d57, PD d225", {}, "CENSOR d57: Two or more missed assessments"),
    ("nothing yet", "SD d57", {}, "CENSOR d57: No progression"),
]


@pytest.mark.parametrize(
    ("rule", "course", "subject", "expected"), TIME_TO_PROGRESSION, ids=[case[0] for case in TIME_TO_PROGRESSION]
)
def test_TTP_ends_with_progression_and_is_censored_by_death(
    evaluate: Evaluate, rule: str, course: str, subject: dict[str, int], expected: str
) -> None:
    time = evaluate.event_time(responses(course), "RECIST 1.1", "fda", dated(subject), endpoint="TTP")
    assert ended(time) == expected, rule


@pytest.mark.parametrize(
    ("criterion", "name", "course", "expected"),
    [
        ("RECIST 1.1", "TTP", "PD d57, SD d113", "EVENT d57"),
        ("iRECIST", "iTTP", "iUPD d57, iSD d113", "CENSOR d113"),
        ("imRECIST", "imTTP", "PD d57, SD d113", "CENSOR d113"),
        ("irRC", "irTTP", "irPD d57, irPD d113", "EVENT d57"),
        ("irRECIST", "irTTP", "irPD d57, irSD d113", "CENSOR d113"),
    ],
)
def test_TTP_counts_the_progression_of_the_criterion_under_its_own_name(
    evaluate: Evaluate, criterion: str, name: str, course: str, expected: str
) -> None:
    time = evaluate.event_time(responses(course), criterion, "fda", endpoint="TTP")
    assert time is not None
    assert time["endpoint"] == name
    assert ended(time).startswith(expected)


SENSITIVITY = [
    ("P-E1 two missed visits before PD", "SD d57, PD d225", {}, "EVENT d225: Disease progression"),
    ("death after two missed visits", "SD d57", {"death_date": 300}, "EVENT d300: Death"),
    ("P-E3 NACT before PD", "SD d57, PD d113", {"new_therapy_date": 100}, "EVENT d100: New anticancer therapy"),
    ("NACT without PD", "SD d57", {"new_therapy_date": 70}, "EVENT d70: New anticancer therapy"),
    ("NACT on the day of PD", "SD d57, PD d113", {"new_therapy_date": 113}, "EVENT d113: Disease progression"),
    ("NACT after PD", "PD d57", {"new_therapy_date": 70}, "EVENT d57: Disease progression"),
    ("no progression", "SD d57, SD d113", {}, "CENSOR d113: No progression"),
]


@pytest.mark.parametrize(("rule", "course", "subject", "expected"), SENSITIVITY, ids=[case[0] for case in SENSITIVITY])
def test_profile_fda_sensitivity_inv_takes_new_therapy_as_the_event(
    evaluate: Evaluate, rule: str, course: str, subject: dict[str, int], expected: str
) -> None:
    time = evaluate.event_time(responses(course), "RECIST 1.1", "fda_sensitivity_inv", dated(subject))
    assert ended(time) == expected, rule


@pytest.mark.parametrize(("subject", "expected"), [({}, "CENSOR d1"), ({"new_therapy_date": 30}, "CENSOR d1")])
def test_P_E6_profile_fda_sensitivity_inv_is_censored_at_start_without_baseline(
    evaluate: Evaluate, subject: dict[str, int], expected: str
) -> None:
    given = evaluate.timepoint_responses(table("lesion | d57\nT01 liver | 30\nNEW01 lung | 12"), "RECIST 1.1")
    time = evaluate.event_time(given, "RECIST 1.1", "fda_sensitivity_inv", dated(subject))
    assert ended(time).startswith(expected)


@pytest.mark.parametrize(
    ("profile", "subject", "table_and_key"),
    [
        ("fda", {}, ("analysis.timepoint_response", "subject_id=1, evaluator=INVESTIGATOR, timepoint=2")),
        ("fda", {"death_date": 100}, ("core.subject", "subject_id=1")),
        ("fda_sensitivity_inv", {"new_therapy_date": 100}, ("core.subject", "subject_id=1")),
        (
            "fda",
            {"new_therapy_date": 100},
            ("analysis.timepoint_response", "subject_id=1, evaluator=INVESTIGATOR, timepoint=1"),
        ),
    ],
)
def test_every_event_and_censoring_names_its_source(
    profile: str, subject: dict[str, int], table_and_key: tuple[str, str]
) -> None:
    time = ENGINE.event_time(responses("SD d57, PD d113"), "RECIST 1.1", profile, dated(subject))
    assert time is not None
    assert (time["source_table"], time["source_key"]) == table_and_key


BENEFIT = [
    ("a response, however short", "PR d57, PD d113", {}, "Y"),
    ("SD at 168 d after the start", "SD d57, SD d169", {}, "Y"),
    ("SD at 167 d, then PD", "SD d168, PD d225", {}, "N"),
    ("SD until 167 d and still followed", "SD d57, SD d168", {}, "PENDING"),
    ("the same, but dead", "SD d57, SD d168", {"death_date": 180}, "N"),
    ("the same, but on new therapy", "SD d57, SD d168", {"new_therapy_date": 180}, "N"),
    ("SD late, but after new therapy", "SD d57, SD d169", {"new_therapy_date": 100}, "N"),
    ("non-target disease only", "NON-CR/NON-PD d57, NON-CR/NON-PD d169", {}, "Y"),
    ("SD after PD does not count", "PD d57, SD d225", {}, "N"),
    ("not evaluable", "NE d57, NE d169", {}, "N"),
    ("SD, then not evaluable: still pending", "SD d57, NE d113", {}, "PENDING"),
]


@pytest.mark.parametrize(("rule", "course", "subject", "expected"), BENEFIT, ids=[case[0] for case in BENEFIT])
def test_CBR_clinical_benefit(
    evaluate: Evaluate, rule: str, course: str, subject: dict[str, int], expected: str
) -> None:
    found = evaluate.best_response(responses(course), "RECIST 1.1", dated(subject))
    assert found["clinical_benefit"] == expected, rule


DURABLE = [
    ("183 d from first to last PR", "PR d57, PR d240", "RECIST 1.1", {}, "Y"),
    ("182 d: ongoing but shorter", "PR d57, PR d239", "RECIST 1.1", {}, "PENDING"),
    ("182 d, then dead later", "PR d57, PR d239", "RECIST 1.1", {"death_date": 239}, "N"),
    ("PD ends it at 183 d", "PR d57, PR d113, PD d240", "RECIST 1.1", {}, "Y"),
    ("PD ends it at 182 d", "PR d57, PR d113, PD d239", "RECIST 1.1", {}, "N"),
    ("death ends it at 183 d", "PR d57, PR d113", "RECIST 1.1", {"death_date": 240}, "Y"),
    ("new therapy before PD", "PR d57, PR d113, PD d240", "RECIST 1.1", {"new_therapy_date": 200}, "N"),
    ("responses under new therapy", "PR d57, PR d240", "RECIST 1.1", {"new_therapy_date": 200}, "N"),
    ("SD between", "PR d57, SD d113, PR d240", "RECIST 1.1", {}, "PENDING"),
    ("SD between, then PD", "PR d57, SD d113, PD d300", "RECIST 1.1", {}, "N"),
    ("NE between does no harm", "PR d57, NE d113, PR d240", "RECIST 1.1", {}, "Y"),
    ("CR and PR together", "PR d57, CR d113, CR d240", "RECIST 1.1", {}, "Y"),
    ("second response within 12 months lasts", "PR d57, SD d113, PR d169, PR d352", "RECIST 1.1", {}, "Y"),
    ("onset after 365 d", "SD d57, PR d366, PR d600", "RECIST 1.1", {}, "Y"),
    ("onset after 366 d", "SD d57, PR d367, PR d600", "RECIST 1.1", {}, "N"),
    ("12 months from the first dose", "SD d57, PR d367, PR d600", "RECIST 1.1", {"first_dose_date": 3}, "Y"),
    ("out of the study: not pending", "PR d57, PR d239", "RECIST 1.1", {"end_of_study_date": 245}, "N"),
    ("IR-24 a voided iUPD does not end it", "iPR d57, iUPD d113, iPR d141, iPR d240", "iRECIST", {}, "Y"),
    ("an iUPD confirmed later ends it at its date", "iPR d57, iUPD d240, iCPD d281", "iRECIST", {}, "Y"),
    ("an early iUPD confirmed later", "iPR d57, iUPD d113, iCPD d281", "iRECIST", {}, "N"),
    ("a negated PD does not end it", "PR d57, PD d113, PR d141, PR d240", "imRECIST", {}, "Y"),
    ("irRC: unconfirmed response", "irPR d57, irPD d240, irPD d281", "irRC", {}, "N"),
    ("no response", "SD d57, SD d300", "RECIST 1.1", {}, "N"),
]


@pytest.mark.parametrize(
    ("rule", "course", "criterion", "subject", "expected"), DURABLE, ids=[case[0] for case in DURABLE]
)
def test_DRR_durable_response(
    evaluate: Evaluate, rule: str, course: str, criterion: str, subject: dict[str, int], expected: str
) -> None:
    found = evaluate.best_response(responses(course), criterion, dated(subject))
    assert found["durable_response"] == expected, rule


@pytest.mark.parametrize(
    ("options", "column", "course", "expected"),
    [
        ({"cbr_days": 112}, "clinical_benefit", "SD d113, PD d169", "Y"),
        ({"cbr_days": 113}, "clinical_benefit", "SD d113, PD d169", "N"),
        ({"drr_days": 56}, "durable_response", "PR d57, PR d113, SD d169", "Y"),
        ({"drr_days": 57}, "durable_response", "PR d57, PR d113, SD d169", "N"),
        ({"drr_onset_months": 3, "drr_days": 56}, "durable_response", "SD d57, PR d92, PR d169", "Y"),
        ({"drr_onset_months": 3, "drr_days": 56}, "durable_response", "SD d57, PR d93, PR d169", "N"),
    ],
)
def test_options_cbr_days_drr_days_drr_onset_months(
    options: dict[str, int], column: str, course: str, expected: str
) -> None:
    subject = {"end_of_study_date": day(400)}
    assert ENGINE.best_response(responses(course), "RECIST 1.1", subject, **options)[column] == expected


OPEN = [
    ("still on treatment, not due", "iSD d57, iUPD d113", {"last_alive_date": 160}, "CENSOR d57"),
    ("last heard of on the last day of the window", "iSD d57, iUPD d113", {"last_alive_date": 169}, "CENSOR d57"),
    ("confirmation was due", "iSD d57, iUPD d113", {"last_alive_date": 170}, "EVENT d113"),
    ("iUPD at every later assessment", "iSD d57, iUPD d113, iUPD d170", {}, "EVENT d113"),
    ("stopped treatment", "iSD d57, iUPD d113", {"discontinuation_date": 120}, "EVENT d113"),
    ("died", "iSD d57, iUPD d113", {"death_date": 120}, "EVENT d113"),
    ("new therapy", "iSD d57, iUPD d113", {"new_therapy_date": 120}, "EVENT d113"),
    ("confirmed", "iSD d57, iUPD d113, iCPD d141", {}, "EVENT d113"),
    ("only iUPD", "iUPD d57", {}, "CENSOR d1"),
]


@pytest.mark.parametrize(("rule", "course", "subject", "censoring"), OPEN, ids=[case[0] for case in OPEN])
@pytest.mark.parametrize("profile", ["fda", "ema_itt"])
def test_IR_22_open_iupd_at_cutoff(
    rule: str, course: str, subject: dict[str, int], censoring: str, profile: str
) -> None:
    given, dates = responses(course), dated(subject)
    default = ENGINE.event_time(given, "iRECIST", profile, dates)
    other = ENGINE.event_time(given, "iRECIST", profile, dates, open_iupd_at_cutoff="censor_last_non_iupd")
    assert ended(default).startswith("EVENT")
    assert ended(other).startswith(f"{censoring}:"), rule


@pytest.mark.parametrize(
    ("criterion", "option", "course", "subject", "best", "expected"),
    [
        ("irRC", {"unconfirmed_pd_no_followup": "ne"}, "irSD d57, irPD d113", {}, "irSD", "CENSOR d57"),
        ("irRC", {"unconfirmed_pd_no_followup": "ne"}, "irPD d57", {}, "NE", "CENSOR d1"),
        ("irRC", {"unconfirmed_pd_no_followup": "event"}, "irPD d57", {}, "irPD", "EVENT d57"),
        ("irRECIST", {"unconfirmed_pd_no_followup": "ne"}, "irPD d57, irPD d85", {}, "irPD", "EVENT d57"),
        ("irRECIST", {"unconfirmed_pd_no_followup": "ne"}, "irPD d57", {"new_therapy_date": 60}, "irPD", "EVENT d57"),
        ("imRECIST", {"impfs_only_early_followup": "ignore"}, "SD d57, PD d113, PD d134", {}, "SD", "CENSOR d57"),
        ("imRECIST", {"impfs_only_early_followup": "ignore"}, "SD d57, PD d113, NE d169", {}, "SD", "CENSOR d57"),
        ("imRECIST", {"impfs_only_early_followup": "ignore"}, "SD d57, PD d113", {}, "SD", "EVENT d113"),
        ("imRECIST", {"impfs_only_early_followup": "event"}, "SD d57, PD d113, NE d169", {}, "SD", "EVENT d113"),
    ],
)
def test_IRC_10_progression_that_nothing_decides(
    criterion: str, option: dict[str, str], course: str, subject: dict[str, int], best: str, expected: str
) -> None:
    given, dates = responses(course), dated(subject)
    assert ENGINE.best_response(given, criterion, dates, **option)["best_response"] == best
    assert ended(ENGINE.event_time(given, criterion, "fda", dates, **option)).startswith(f"{expected}:")


@pytest.mark.parametrize(("stop", "best"), [(True, "SD"), (False, "PR")])
def test_IM_06_a_response_after_confirmed_progression(stop: bool, best: str) -> None:
    given = responses("SD d57, PD d113, PD d169, PR d225")
    found = ENGINE.best_response(given, "imRECIST", imbor_stop_at_confirmed_pd=stop)
    no_response: date | None = None
    assert found["best_response"] == best
    assert (found["first_response_date"], found["progression_date"]) == (no_response, day(113))
