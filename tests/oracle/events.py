"""Times to event under the profiles fda, fda_sensitivity_inv and ema_itt (rule book section 11.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Record = Mapping[str, Any]
Visit = tuple[int, int, int]


def adequate_baseline(responses: Sequence[Record]) -> bool:
    """No adequate baseline: it was not read, targets have no baseline sum, or no disease was recorded."""
    return not any(
        "NO_BASELINE" in (r.get("flags") or "")
        or (r["target_response"] in ("NE", "irNE") and r["baseline_sum"] is None)
        or (r["target_response"] == "NA" and r["nontarget_response"] == "NA")
        for r in responses
    )


def scheduled(progression: date, start: date, visits: Sequence[Visit]) -> date | None:
    """The planned visit that follows a progression between two visits; None within a window or after the last."""
    number = (progression - start).days + 1
    if any(day - before <= number <= day + after for day, before, after in visits):
        return None
    following = [day for day, before, _ in visits if number < day - before]
    return start + timedelta(days=min(following) - 1) if following else None


def stopped_for_other_reasons(subject: Record) -> bool:
    """Treatment ended, and not for progression, death or completion."""
    reason = subject.get("discontinuation_reason")
    return reason is not None and not any(word in reason for word in ("PROGRESS", "DEATH", "COMPLETE"))


def progression_free(
    responses: Sequence[Record],
    progression: date | None,
    subject: Record,
    *,
    start: date,
    profile: str,
    interval_days: int = 56,
    window_days: int = 7,
    death_counts: bool = True,
    visits: Sequence[Visit] = (),
    clinical: bool = False,
) -> tuple[date, bool, str]:
    """End date, event or censored, and reason; time to progression when death does not count as an event.

    ``visits`` are the planned ones (study day, days before, days after); with ``clinical`` the subject's clinical
    progression is known.
    """
    died, therapy, stop = (subject.get(name) for name in ("death_date", "new_therapy_date", "discontinuation_date"))
    decline = subject.get("clinical_date") if clinical else None
    decline = decline if decline is not None and decline >= start else None
    death = died if death_counts else None
    gap_max = 2 * interval_days + 2 * window_days
    adequate = [
        r["assessment_date"]
        for r in responses
        if r["overall_response"] not in ("NE", "irNE") and r["assessment_date"] >= start
    ]
    no_baseline = start == subject["reference_date"] and not adequate_baseline(responses)
    if no_baseline and profile != "ema_itt":
        if death is not None and (death - start).days <= gap_max:
            return death, True, "Death"
        return start, False, "No baseline assessment"
    candidates = [(progression, "Disease progression"), (death, "Death")]
    if profile == "fda_sensitivity_inv":
        moved = scheduled(progression, subject["reference_date"], visits) if progression is not None else None
        if moved is not None:
            candidates[0] = (moved, "Disease progression, dated on the scheduled visit")
        candidates += [(decline, "Clinical progression"), (therapy, "New anticancer therapy")]
    happened = [(day, what) for day, what in candidates if day is not None]
    event, what = min(happened, key=lambda item: item[0], default=(None, ""))
    seen = min((d for d in (event, progression) if d is not None), default=date.max)
    before = max((d for d in adequate if d < seen), default=start)
    censorings = []
    if profile == "fda" and therapy is not None and (event is None or therapy < event):
        last = max((d for d in adequate if d <= therapy), default=start)
        censorings.append((last, False, "New anticancer therapy"))
    if profile == "fda" and event is not None and (seen - before).days > gap_max:
        censorings.append((before, False, "Two or more missed assessments"))
    of_progression = what.startswith("Disease progression") and event != died
    stopped_before = stopped_for_other_reasons(subject) and progression is not None and stop < progression
    if profile != "ema_itt" and of_progression and stopped_before:
        censorings.append((before, False, "Treatment stopped before the progression"))
    if censorings:
        return min(censorings, key=lambda c: c[0])
    if event is not None:
        return event, True, what
    if no_baseline:
        return start, False, "No baseline assessment"
    return _no_event(adequate, start, subject, decline)


def _no_event(adequate: list[date], start: date, subject: Record, decline: date | None) -> tuple[date, bool, str]:
    last = max(adequate, default=start)
    if subject.get("death_date") is not None:
        return last, False, "Death without progression"
    if not adequate:
        return start, False, "No post-baseline assessment"
    if decline is not None:
        return last, False, "Clinical progression without imaging"
    if stopped_for_other_reasons(subject):
        return last, False, "Treatment stopped, no progression"
    return last, False, "No progression"


def event_times(
    responses: Sequence[Record],
    best: Record,
    subject: Record,
    *,
    pfs: str,
    profile: str,
    interval_days: int = 56,
    window_days: int = 7,
    visits: Sequence[Visit] = (),
    clinical: bool = False,
) -> dict[str, dict[str, Any]]:
    """PFS and TTP, for responders TTR and DOR, all under the criterion's own prefix (iPFS, iTTR, iDOR), and OS."""
    reference = subject["reference_date"]
    found: dict[str, dict[str, Any]] = {}

    def add(endpoint: str, start: date, ended: tuple[date, bool, str]) -> None:
        end, event, reason = ended
        found[endpoint] = {
            "endpoint": endpoint,
            "profile": profile,
            "start_date": start,
            "end_date": end,
            "days": (end - start).days + 1,
            "event": event,
            "reason": reason,
        }

    def until_progression(start: date, *, death_counts: bool = True) -> tuple[date, bool, str]:
        return progression_free(
            responses,
            best["progression_date"],
            subject,
            start=start,
            profile=profile,
            interval_days=interval_days,
            window_days=window_days,
            death_counts=death_counts,
            visits=visits,
            clinical=clinical,
        )

    add(pfs, reference, until_progression(reference))
    add(pfs.replace("PFS", "TTP"), reference, until_progression(reference, death_counts=False))
    death, alive = subject.get("death_date"), subject.get("last_alive_date")
    if death is not None:
        add("OS", reference, (death, True, "Death"))
    else:
        last = alive or max((r["assessment_date"] for r in responses), default=reference)
        add("OS", reference, (last, False, "Alive"))
    response = best["first_response_date"]
    if response is not None:
        prefix = pfs.removesuffix("PFS")
        add(f"{prefix}TTR", reference, (response, True, "Response"))
        add(f"{prefix}DOR", response, until_progression(response))
    return found
