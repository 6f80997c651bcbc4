"""The criteria by name: one course in, its responses, best response and event times out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.oracle import best, events
from tests.oracle.additive import IMRECIST, IRRC, IRRECIST_B14, IRRECIST_N13, additive
from tests.oracle.immune import IRECIST_CODES, ITRECIST_CODES, ImmuneReading, Window
from tests.oracle.reading import Course, Row, read_course
from tests.oracle.recist import Response, recist, who


@dataclass(frozen=True)
class Criterion:
    """How one criterion reads a course and ranks its responses."""

    read: Callable[..., list[Response]]
    best: best.BestRule
    codes: Mapping[str, str]
    pfs: str = "PFS"


def _irecist(course: Course, **options: str) -> list[Response]:
    return ImmuneReading(course, codes=IRECIST_CODES, window=Window(), **options).responses()


def _itrecist(course: Course, **options: str) -> list[Response]:
    return ImmuneReading(course, codes=ITRECIST_CODES, window=Window(latest=84), **options).responses()


def _irrecist(course: Course, irrecist_variant: str = "bohnsack2014") -> list[Response]:
    return additive(course, IRRECIST_N13 if irrecist_variant == "nishino2013" else IRRECIST_B14)


SECOND_LOOK = best.BestRule(best.second_look)
CRITERIA = {
    "RECIST 1.1": Criterion(recist, best.BestRule(best.first_progression), {}),
    "iRECIST": Criterion(_irecist, best.BestRule(best.episodes), IRECIST_CODES, "iPFS"),
    "itRECIST": Criterion(_itrecist, best.BestRule(best.episodes), ITRECIST_CODES, "itPFS"),
    "imRECIST": Criterion(lambda course: additive(course, IMRECIST), SECOND_LOOK, {}, "imPFS"),
    "irRC": Criterion(
        lambda course: additive(course, IRRC), replace(SECOND_LOOK, confirmation_required=True), IRRC.codes, "irPFS"
    ),
    "irRECIST": Criterion(_irrecist, SECOND_LOOK, IRRECIST_B14.codes, "irPFS"),
    "WHO": Criterion(
        lambda course: who(course, pd_basis="any_lesion"),
        best.BestRule(best.first_progression, confirmation_required=True, min_sd_days=28),
        {},
    ),
    "mWHO": Criterion(
        lambda course: who(course, pd_basis="spd_nadir"),
        best.BestRule(best.first_progression, confirmation_required=True, min_sd_days=28),
        {},
    ),
}
BEST_OPTIONS = ("min_sd_days",)


def timepoint_responses(rows: Iterable[Row], criterion: str, **options: Any) -> list[Response]:
    """Responses of one course in date order."""
    reading_options = {name: value for name, value in options.items() if name not in BEST_OPTIONS}
    return CRITERIA[criterion].read(read_course(rows), **reading_options)


def best_response(
    responses: Sequence[Mapping[str, Any]], criterion: str, subject: Mapping[str, Any], **options: Any
) -> dict[str, Any]:
    """Best response of one course, in the criterion's own codes."""
    known = CRITERIA[criterion]
    rule = replace(known.best, **{name: options[name] for name in BEST_OPTIONS if name in options})
    if criterion == "irRECIST" and options.get("irrecist_variant") == "nishino2013":
        rule = replace(rule, confirmation_required=True)
    found = best.best_response(responses, rule, subject)
    for name in ("best_response", "confirmed_best_response"):
        found[name] = known.codes.get(found[name], found[name])
    return found


def event_times(
    responses: Sequence[Mapping[str, Any]],
    best_found: Mapping[str, Any],
    criterion: str,
    subject: Mapping[str, Any],
    profile: str,
    **schedule: Any,
) -> dict[str, dict[str, Any]]:
    """Event times of one course by endpoint; ``schedule`` as of `events.event_times`."""
    return events.event_times(
        responses,
        best_found,
        subject,
        pfs=CRITERIA[criterion].pfs,
        profile=profile,
        **schedule,
    )
