"""The criteria by name: one course in, its responses, best response and event times out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tests.oracle import best, events
from tests.oracle.additive import IMRECIST, IRRC, IRRECIST_B14, IRRECIST_N13, Additive, additive
from tests.oracle.immune import IRECIST_CODES, ITRECIST_CODES, ImmuneReading, Window
from tests.oracle.persistence import keep_partial
from tests.oracle.reading import Course, Reading, Row, TimePoint
from tests.oracle.recist import Response, recist, who
from tests.oracle.understanding import read_course

Options = Mapping[str, Any]
RECIST_READING = Reading()


@dataclass(frozen=True)
class Criterion:
    """How one criterion understands and reads a course, and ranks its responses."""

    read: Callable[[Course, Options], list[Response]]
    best: best.BestRule
    codes: Mapping[str, str]
    pfs: str = "PFS"
    reading: Reading = RECIST_READING


def _who(pd_basis: str) -> Callable[[Course, Options], list[Response]]:
    return lambda course, options: who(course, pd_basis=options.get("who_pd_basis", pd_basis))


def _immune(codes: Mapping[str, str], latest: int) -> Callable[[Course, Options], list[Response]]:
    def read(course: Course, options: Options) -> list[Response]:
        first, last = options.get("itrecist_confirm_days", (28, latest))
        window = Window(options.get("icpd_min_days", first), options.get("icpd_max_days", last))
        given = {name: options[name] for name in ("icpd_reference", "nl_persist_rule") if name in options}
        return ImmuneReading(
            course,
            codes=dict(codes),
            window=window,
            injected_growth=options.get("itrecist_confirmation_counts_injected_growth", True),
            symptoms=_symptoms(course, options.get("clinical_status", ())),
            **given,
        ).responses()

    return read


def _symptoms(course: Course, status: Sequence[Mapping[str, Any]]) -> Callable[[TimePoint], bool]:
    """New symptoms since the time point before (IR-05)."""
    points = ([course.baseline] if course.baseline else []) + course.followups

    def led_to(point: TimePoint) -> bool:
        before = [p.date for p in points[: points.index(point)]]
        since = before[-1] if before else date.min
        return any(row["new_symptoms"] and since < row["assessment_date"] <= point.date for row in status)

    return led_to


def _added(rule: Additive) -> Callable[[Course, Options], list[Response]]:
    def read(course: Course, options: Options) -> list[Response]:
        own = IRRECIST_N13 if options.get("irrecist_variant") == "nishino2013" else rule
        own = replace(own, strict=options.get("irrecist_strict_gt20", False))
        if options.get("irrc_new_min") == "seed_10mm_node15":
            own = replace(own, new_least=1000, new_least_node=1500, new_by_longest=True)
        return additive(course, replace(own, targets_needed=options.get("irrc_nonmeasurable_only") == "ne"))

    return read


WHO_READING = Reading(
    bidimensional=True,
    total=None,
    per_organ=None,
    normal_nodes=False,
    new_node_rule=False,
    pet_needs_anatomy=False,
    treated_measurable=True,
)
IRRC_READING = replace(WHO_READING, total=10, per_organ=5, skin=5, least=500)
SECOND_LOOK = best.BestRule(best.second_look)
WHO_BEST = best.BestRule(best.first_progression, confirmation_required=True, min_sd_days=28)
CRITERIA = {
    "RECIST 1.1": Criterion(lambda course, options: recist(course), best.BestRule(best.first_progression), {}),
    "iRECIST": Criterion(_immune(IRECIST_CODES, 56), best.BestRule(best.episodes), IRECIST_CODES, "iPFS"),
    "itRECIST": Criterion(
        _immune(ITRECIST_CODES, 84), best.BestRule(best.episodes), ITRECIST_CODES, "itPFS", Reading(injected=5)
    ),
    "imRECIST": Criterion(_added(IMRECIST), SECOND_LOOK, {}, "imPFS"),
    "irRC": Criterion(
        _added(IRRC), replace(SECOND_LOOK, confirmation_required=True), IRRC.codes, "irPFS", IRRC_READING
    ),
    "irRECIST": Criterion(_added(IRRECIST_B14), SECOND_LOOK, IRRECIST_B14.codes, "irPFS"),
    "WHO": Criterion(_who("any_lesion"), WHO_BEST, {}, reading=WHO_READING),
    "mWHO": Criterion(_who("spd_nadir"), WHO_BEST, {}, reading=replace(WHO_READING, total=10, per_organ=5)),
}
READING_OPTIONS = (
    "target_selection",
    "local_therapy_target",
    "cr_reappearance",
    "partial_pr_ok",
    "node_2x_slice",
)


def reading_of(criterion: str, options: Options) -> Reading:
    """What a criterion makes of the rows of a course, with its options."""
    reading = CRITERIA[criterion].reading
    reading = replace(reading, **{name: options[name] for name in READING_OPTIONS if name in options})
    if options.get("prior_local_tx_ok"):
        reading = replace(reading, treated_measurable=True)
    if options.get("who_node_normal_lt10") or options.get("irrc_node_normal_lt10"):
        reading = replace(reading, normal_nodes=True)
    if options.get("who_unidimensional"):
        reading = replace(reading, unidimensional=True)
    if options.get("who_min_mm") is not None:
        reading = replace(reading, least=options["who_min_mm"] * 100)
    if "irrc_index_min_mm" in options:
        reading = replace(reading, least=options["irrc_index_min_mm"] * 100)
    if "who_max_lesions" in options:
        limit = options["who_max_lesions"]
        total, organ = limit if isinstance(limit, tuple) else (limit, None)
        reading = replace(reading, total=total, per_organ=organ)
    if options.get("itrecist_max_per_organ", 2) is None:
        reading = replace(reading, per_organ=None)
    millimetres = options.get("who_tstm_mm", options.get("tstm_value_mm", 5))
    return replace(reading, too_small=millimetres * 100)


def timepoint_responses(rows: Iterable[Row], criterion: str, **options: Any) -> list[Response]:
    """Responses of one course in date order."""
    known = CRITERIA[criterion]
    course = read_course(rows, reading_of(criterion, options))
    responses = known.read(course, options)
    if options.get("pr_persistence") == "rwg_sticky":
        keep_partial(responses, known.codes, _ranking(criterion, options).confirmation_required)
    return responses


def _ranking(criterion: str, options: Options) -> best.BestRule:
    rule = CRITERIA[criterion].best
    days = options.get("who_min_nc_days", options.get("min_sd_days", rule.min_sd_days))
    rule = replace(rule, min_sd_days=days)
    if options.get("irrecist_variant") == "nishino2013":
        rule = replace(rule, confirmation_required=True)
    if options.get("irrc_rapid_deterioration_confirms"):
        rule = replace(rule, declines=best.declines(options.get("clinical_status", ())))
    return replace(rule, stop=not options.get("allow_response_after_confirmed_pd", False))


def best_response(
    responses: Sequence[Mapping[str, Any]], criterion: str, subject: Mapping[str, Any], **options: Any
) -> dict[str, Any]:
    """Best response of one course, in the criterion's own codes."""
    known = CRITERIA[criterion]
    found = best.best_response(responses, _ranking(criterion, options), subject)
    for name in ("best_response", "confirmed_best_response"):
        if found[name] == "MISSING" and options.get("missing_as_ne"):
            found[name] = "NE"
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
