"""Censoring profiles of protocol.yaml: declared ones by name, and a study's own variants (rule book 11.3)."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from criteria.best_response import best_responses
from criteria.censoring import PROFILES, Profile
from criteria.event_time import event_times
from criteria.registry import criterion
from criteria.tables import TIMEPOINT_RESPONSE
from ingestion.tables import SUBJECT
from protocol.load import ProtocolError, parse_protocol
from protocol.template import PROTOCOL_TEMPLATE
from tests.spec.table import day, responses

KEY = {"study_id": "ST", "subject_id": "1"}
READ = KEY | {"evaluator": "R", "criterion": "RECIST 1.1", "origin": "RECORDED"}


def profiles(text: str) -> tuple[Profile, ...]:
    protocol = parse_protocol(f"criteria: [RECIST 1.1]\ncensoring:\n  profiles: {text}", Path("protocol.yaml"))
    return protocol.censoring.declared()


def ended(profile: Profile, course: str, therapy: int | None = None, *, baseline: bool = True) -> str:
    """PFS of one recorded course under the profile."""
    rows = [READ | row | {"flags": "" if baseline else "NO_BASELINE"} for row in responses(course)]
    given = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in TIMEPOINT_RESPONSE.schema}, schema=TIMEPOINT_RESPONSE.schema
    )
    new_therapy = None if therapy is None else day(therapy)
    subject = SUBJECT.conform(pl.DataFrame([KEY | {"reference_date": day(1), "new_therapy_date": new_therapy}]))
    recist = criterion("RECIST 1.1")
    times = event_times(given, best_responses(given, recist, subject), recist, subject, profile)
    row = times.row(by_predicate=pl.col("endpoint") == "PFS", named=True)
    assert row["profile"] == profile.name
    return f"{'EVENT' if row['event'] else 'CENSOR'} d{row['days']}"


def test_profiles_are_named_or_based_on_a_named_one() -> None:
    fda, own = profiles("[fda, {name: fda_nact_ignored, based_on: fda, nact: ignore}]")
    assert fda is PROFILES["fda"]
    assert (own.name, own.nact) == ("fda_nact_ignored", "ignore")
    assert (own.missed_assessments, own.no_baseline) == (fda.missed_assessments, fda.no_baseline)


def test_the_default_and_the_template_are_fda_and_ema_itt() -> None:
    default = parse_protocol("criteria: [iRECIST]", Path("protocol.yaml"))
    template = parse_protocol(PROTOCOL_TEMPLATE.format(name="ST"), Path("protocol.yaml"))
    assert [profile.name for profile in default.censoring.declared()] == ["fda", "ema_itt"]
    assert template.censoring == default.censoring
    assert template.evaluators == default.evaluators


@pytest.mark.parametrize(
    ("policies", "new_therapy", "missed", "no_baseline"),
    [
        ("nact: censor", "CENSOR d57", "CENSOR d57", "CENSOR d1"),
        ("nact: event", "EVENT d100", "CENSOR d57", "CENSOR d1"),
        ("nact: ignore", "EVENT d113", "CENSOR d57", "CENSOR d1"),
        ("missed_assessments: ignore", "CENSOR d57", "EVENT d225", "CENSOR d1"),
        ("no_baseline: event", "CENSOR d57", "CENSOR d57", "EVENT d57"),
        ("nact: ignore, missed_assessments: ignore, no_baseline: event", "EVENT d113", "EVENT d225", "EVENT d57"),
    ],
)
def test_each_policy_of_a_profile_decides_its_situation(
    policies: str, new_therapy: str, missed: str, no_baseline: str
) -> None:
    [own] = profiles(f"[{{name: own, based_on: fda, {policies}}}]")
    assert ended(own, "SD d57, PD d113", therapy=100) == new_therapy
    assert ended(own, "SD d57, PD d225") == missed
    assert ended(own, "PD d57", baseline=False) == no_baseline


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[fdx]", "'fdx'.*unknown censoring profile; allowed: fda, fda_sensitivity_inv, ema_itt"),
        ("[{name: own, nact: ignore}]", "'own' with policies needs based_on"),
        ("[{name: own, based_on: fdx}]", "'fdx'.*unknown censoring profile"),
        ("[{name: fda, based_on: ema_itt}]", "'fda' is a declared profile; give the variant a name of its own"),
        ("[{name: own, based_on: fda, nact: drop}]", "nact = 'drop'.*'censor', 'event' or 'ignore'"),
        ("[{name: own, based_on: fda, nct: ignore}]", "nct: unknown key .did you mean 'nact'"),
        ("[fda, fda]", "'fda' is listed more than once"),
        ("[]", "profiles"),
    ],
)
def test_a_wrong_profile_is_named_with_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        profiles(text)
