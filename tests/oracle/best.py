"""Best response and the progression that counts, from the responses of one course (rule book 2.6, 3, 5.5, 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

Response = Mapping[str, Any]

GENERIC = {
    "irCR": "CR",
    "irPR": "PR",
    "irSD": "SD",
    "irPD": "PD",
    "irNN": "NON-CR/NON-PD",
    "irNE": "NE",
    "iCR": "CR",
    "iPR": "PR",
    "iSD": "SD",
    "NON-iCR/NON-iUPD": "NON-CR/NON-PD",
    "iUPD": "UPD",
    "iCPD": "CPD",
    "itUPD": "UPD",
    "itCPD": "CPD",
}


def generic(response: Response) -> str:
    """The overall response without the criterion's prefix."""
    overall = str(response["overall_response"])
    if "PARTIAL_RESPONSE_KEPT" in (response.get("flags") or ""):
        return "SD"
    return GENERIC.get(overall, overall)


@dataclass(frozen=True)
class Progression:
    """The progression that a criterion counts: where it stands and whether it was confirmed."""

    index: int | None
    date: date | None
    status: str | None
    responses_end: int
    decided: int | None = None


def on_or_after(day: date, limit: date | None) -> bool:
    """The day is not before the limit, when there is one."""
    return limit is not None and day >= limit


def therapy_between(progression: Response, therapy: date | None, later: Response) -> bool:
    """New therapy began on or after the progression and not after the later assessment: it cannot confirm any more."""
    return therapy is not None and progression["assessment_date"] <= therapy <= later["assessment_date"]


def first_progression(responses: Sequence[Response], new_therapy: date | None) -> Progression:
    """RECIST 1.1, WHO: the first PD; no confirmation."""
    for k, response in enumerate(responses):
        if generic(response) == "PD":
            return Progression(k, response["progression_date"], "IMMEDIATE", k + 1)
    return Progression(None, None, None, len(responses))


def declines(status: Sequence[Mapping[str, Any]]) -> tuple[date, ...]:
    """Days of rapid clinical deterioration (IRC-12)."""
    return tuple(sorted(row["assessment_date"] for row in status if row["rapid_deterioration"]))


def second_look(responses: Sequence[Response], new_therapy: date | None, declines: Sequence[date] = ()) -> Progression:
    """Section 6 (imPFS), section 3 (irPFS): PD counts unless the next assessment 28 days later or more is not PD.

    Rapid clinical decline before that assessment, and before new therapy, confirms it (IRC-12).
    """
    k = 0
    while k < len(responses):
        if generic(responses[k]) != "PD":
            k += 1
            continue
        answer = None
        for j in range(k + 1, len(responses)):
            if therapy_between(responses[k], new_therapy, responses[j]):
                break
            apart = responses[j]["assessment_date"] - responses[k]["assessment_date"]
            if apart >= timedelta(days=28) and generic(responses[j]) != "NE":
                answer = j
                break
        decline = next((day for day in declines if day >= responses[k]["assessment_date"]), None)
        until = [] if answer is None else [responses[answer]["assessment_date"]]
        if decline is not None and all(decline <= day for day in until) and not on_or_after(decline, new_therapy):
            return Progression(k, responses[k]["progression_date"], "CONFIRMED", k, k)
        if answer is None:
            return Progression(k, responses[k]["progression_date"], "UNCONFIRMED", k)
        if generic(responses[answer]) == "PD":
            return Progression(k, responses[k]["progression_date"], "CONFIRMED", k, answer)
        k = answer
    return Progression(None, None, None, len(responses))


def episodes(responses: Sequence[Response], new_therapy: date | None) -> Progression:
    """IR-20 to IR-22: the first unconfirmed progression of the episode that was confirmed, or is still open."""
    opened: int | None = None
    for k, response in enumerate(responses):
        if opened is not None and therapy_between(responses[opened], new_therapy, response):
            break
        what = generic(response)
        if what == "CPD":
            first = k if opened is None else opened
            return Progression(first, responses[first]["progression_date"], "CONFIRMED", k + 1)
        if what == "UPD":
            opened = k if opened is None else opened
        elif what != "NE":
            opened = None
    if opened is None:
        return Progression(None, None, None, len(responses))
    return Progression(opened, responses[opened]["progression_date"], "UNCONFIRMED", len(responses))


@dataclass(frozen=True)
class BestRule:
    """How a criterion ranks and confirms."""

    progression: Callable[[Sequence[Response], date | None], Progression]
    confirmation_required: bool = False
    min_sd_days: int = 42
    declines: tuple[date, ...] = ()
    stop: bool = True


ORDER = ("CR", "PR", "SD", "NON-CR/NON-PD", "NED", "CPD", "PD", "UPD", "NE")
LASTING = ("SD", "NON-CR/NON-PD")


def confirmed_at(responses: Sequence[Response], k: int, *, max_nr_ne: int = 1) -> bool:
    """R11-BOR-03: the same or better at least 28 days later, nothing else between but one NE."""
    wanted = {"CR": ("CR",), "PR": ("CR", "PR")}[generic(responses[k])]
    for j in range(k + 1, len(responses)):
        between = [generic(r) for r in responses[k + 1 : j]]
        if any(b not in (*wanted, "NE") for b in between) or between.count("NE") > max_nr_ne:
            return False
        chain = [b for b in [*between, generic(responses[j])] if b != "NE"]
        if any(a == "CR" and b == "PR" for a, b in pairwise(chain)):
            return False
        apart = responses[j]["assessment_date"] - responses[k]["assessment_date"]
        if generic(responses[j]) in wanted and apart >= timedelta(days=28):
            return True
    return False


def best_response(responses: Sequence[Response], rule: BestRule, subject: Mapping[str, Any]) -> dict[str, Any]:
    """Best response without and with confirmation, the first responses, and the progression that counts.

    A response later than the date of the counted progression (a new lesion can be back-dated, DT-03) does not count.
    """
    reference, new_therapy = subject["reference_date"], subject.get("new_therapy_date")
    progression = rule.progression(responses, new_therapy)
    if rule.declines:
        progression = second_look(responses, new_therapy, rule.declines)
    window = [r for r in responses[: progression.responses_end] if not on_or_after(r["assessment_date"], new_therapy)]
    if progression.date is not None:
        window = [r for r in window if r["assessment_date"] <= progression.date or generic(r) in ("PD", "UPD", "CPD")]
    counted = list(window)
    if progression.index is not None and progression.responses_end <= progression.index:
        event = responses[progression.index]
        counted += [] if on_or_after(event["assessment_date"], new_therapy) else [event]
    if rule.progression is second_look:
        standing = None if progression.index is None else responses[progression.index]
        counted = [r for r in counted if generic(r) != "PD" or r is standing]

    chain, standing_after = list(window), list(counted)
    if progression.decided is not None and not rule.stop:
        after = [r for r in responses[progression.decided + 1 :] if generic(r) != "PD"]
        standing_after += [r for r in after if not on_or_after(r["assessment_date"], new_therapy)]
        ends = {"overall_response": "PD", "flags": ""}
        chain = [r if any(r is one for one in standing_after) else {**r, **ends} for r in responses]

    lasting = reference + timedelta(days=rule.min_sd_days)
    confirmed = [r for k, r in enumerate(window) if generic(r) in ("CR", "PR") and confirmed_at(window, k)]
    responded = [r for r in window if generic(r) in ("CR", "PR")]

    confirmed_after = [r for k, r in enumerate(chain) if generic(r) in ("CR", "PR") and confirmed_at(chain, k)]
    responded_after = [r for r in standing_after if generic(r) in ("CR", "PR")]

    def best(credit: list[Response]) -> tuple[str | None, date | None]:
        ranked: list[tuple[int, str, date]] = []
        cr_seen = False  # disease after a complete response is progression (CR-01)
        for r in standing_after:
            what, day = generic(r), r["assessment_date"]
            if what in ("CR", "PR") and not any(r is c for c in credit):
                what = "SD"
            if what in LASTING and day < lasting:
                what = "PD" if cr_seen and rule.progression is first_progression else "NE"
            cr_seen = cr_seen or generic(r) == "CR"
            if what in ORDER:
                ranked.append((ORDER.index(what), what, day))
        if not ranked:
            return "MISSING", None
        place, what, _ = min(ranked, key=lambda item: item[0])
        return what, next(day for p, _, day in ranked if p == place)

    free, free_date = best(responded_after)
    strict, strict_date = best(confirmed_after)
    if rule.confirmation_required:
        free, free_date, responded = strict, strict_date, confirmed
    return {
        "best_response": free,
        "best_response_date": free_date,
        "confirmed_best_response": strict,
        "confirmed_date": strict_date,
        "first_response_date": responded[0]["assessment_date"] if responded else None,
        "confirmed_first_response_date": confirmed[0]["assessment_date"] if confirmed else None,
        "progression_date": progression.date,
        "progression_status": progression.status,
        "clinical_benefit": clinical_benefit(responses, window, responded, progression, subject),
        "durable_response": durable_response(window, responded, progression, subject),
    }


def ongoing(progression: Progression, subject: Mapping[str, Any]) -> bool:
    """Nothing has ended the course yet."""
    ends = ("death_date", "new_therapy_date", "end_of_study_date")
    return progression.date is None and all(subject.get(name) is None for name in ends)


def clinical_benefit(
    responses: Sequence[Response],
    window: Sequence[Response],
    responded: Sequence[Response],
    progression: Progression,
    subject: Mapping[str, Any],
) -> str:
    """CBR of 11.2: a response, or stable disease 168 days after the reference date; else still stable = PENDING."""
    stable = [r for r in window if generic(r) in ("CR", "PR", "SD", "NON-CR/NON-PD")]
    late = subject["reference_date"] + timedelta(days=168)
    if responded or any(r["assessment_date"] >= late for r in stable):
        return "Y"
    evaluable = [r for r in responses if generic(r) not in ("NE", "NA")]
    still = bool(evaluable) and any(evaluable[-1] is r for r in stable)
    return "PENDING" if still and ongoing(progression, subject) else "N"


def durable_response(
    window: Sequence[Response], responded: Sequence[Response], progression: Progression, subject: Mapping[str, Any]
) -> str:
    """DRR of 11.2: from each response on, how long until something worse than PR."""
    treated = subject.get("first_dose_date") or subject["reference_date"]
    death, therapy = subject.get("death_date"), subject.get("new_therapy_date")
    event = min((d for d in (progression.date, death) if d is not None), default=None)
    pending = False
    for k, onset in enumerate(window):
        if not any(onset is r for r in responded) or (onset["assessment_date"] - treated).days > 12 * 30.4375:
            continue
        lasts_to, worse = onset["assessment_date"], False
        for later in window[k + 1 :]:
            worse = worse or generic(later) in ("SD", "NON-CR/NON-PD", "NED")
            if generic(later) in ("CR", "PR") and not worse:
                lasts_to = later["assessment_date"]
        if not worse and event is not None and (therapy is None or event <= therapy):
            lasts_to = max(lasts_to, event)
        if lasts_to - onset["assessment_date"] >= timedelta(days=183):
            return "Y"
        pending = pending or not worse
    return "PENDING" if pending and ongoing(progression, subject) else "N"
