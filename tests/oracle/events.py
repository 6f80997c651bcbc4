"""Times to event under the profiles fda, fda_sensitivity_inv and ema_itt (rule book section 11.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Record = Mapping[str, Any]


def adequate_baseline(responses: Sequence[Record]) -> bool:
    """No adequate baseline: it was not read, targets have no baseline sum, or no disease was recorded."""
    return not any(
        "NO_BASELINE" in (r.get("flags") or "")
        or (r["target_response"] in ("NE", "irNE") and r["baseline_sum"] is None)
        or (r["target_response"] == "NA" and r["nontarget_response"] == "NA")
        for r in responses
    )


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
) -> tuple[date, bool, str]:
    """End date, event or censored, and reason; time to progression when death does not count as an event."""
    died, therapy = subject.get("death_date"), subject.get("new_therapy_date")
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
        candidates.append((therapy, "New anticancer therapy"))
    happened = [(day, what) for day, what in candidates if day is not None]
    event, what = min(happened, key=lambda item: item[0], default=(None, ""))
    censorings = []
    if profile == "fda" and therapy is not None and (event is None or therapy < event):
        last = max((d for d in adequate if d <= therapy), default=start)
        censorings.append((last, False, "New anticancer therapy"))
    if profile == "fda" and event is not None:
        last = max((d for d in adequate if d < event), default=start)
        if (event - last).days > gap_max:
            censorings.append((last, False, "Two or more missed assessments"))
    if censorings:
        return min(censorings, key=lambda c: c[0])
    if event is not None:
        return event, True, what
    return (start, False, "No baseline assessment") if no_baseline else _no_event(adequate, start, died)


def _no_event(adequate: list[date], start: date, died: date | None) -> tuple[date, bool, str]:
    if died is not None:
        return max(adequate, default=start), False, "Death without progression"
    if not adequate:
        return start, False, "No post-baseline assessment"
    return max(adequate), False, "No progression"


def event_times(
    responses: Sequence[Record],
    best: Record,
    subject: Record,
    *,
    pfs: str,
    profile: str,
    interval_days: int = 56,
    window_days: int = 7,
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
