"""RECIST 1.1 time point by time point (rule book section 2), and WHO and mWHO (section 1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.oracle.components import (
    Burden,
    NewLesions,
    Sums,
    burden,
    grown,
    nontarget,
    or_certain,
    overall_without_progression,
    recist_target,
    shrunk,
)
from tests.oracle.reading import Course, diameter

Response = dict[str, Any]


def earliest(*dates: date | None) -> date | None:
    """The earliest of the dates that are known."""
    return min((d for d in dates if d is not None), default=None)


def recist(course: Course) -> list[Response]:
    """Sections 2.3 to 2.5; a new lesion that is still visible is still Y."""
    sums = Sums(course, diameter)
    new = NewLesions(course)
    complete_response_before = False
    out = []
    for point in course.followups:
        sums.arrive(point)
        now = burden(point, course.present(point), diameter)
        base, nadir = sums.base, sums.nadir()

        def judge(
            seen: Burden, base: int | None = base, nadir: int | None = nadir, after: bool = complete_response_before
        ) -> str:
            return recist_target(seen, base, nadir, course.reading, after_complete_response=after)

        target = or_certain(now, sums, judge)
        other = nontarget(course, point, after_complete_response=complete_response_before)
        look = new.look(point)
        new.keep(look)
        seen = look.seen()
        category = look.category(seen)
        if target == "PD" or other.category == "PD" or seen:
            overall = "PD"
        else:
            overall = overall_without_progression(target, other.category, category)
        shown = earliest(
            now.last_scan() if target == "PD" else None,
            other.date if other.category == "PD" else None,
            look.shown_on(seen),
        )
        out.append(
            {
                "timepoint": point.number,
                "assessment_date": point.date,
                "target_response": target,
                "nontarget_response": other.category,
                "new_lesion": category,
                "overall_response": overall,
                "target_sum": now.total / 100 if now.sizes else None,
                "complete": now.complete,
                "baseline_sum": None if base is None else base / 100,
                "nadir_sum": None if nadir is None else nadir / 100,
                "progression_date": shown if overall == "PD" else None,
                "flags": "",
            }
        )
        complete_response_before = complete_response_before or overall == "CR"
        sums.keep(point, now)
    return out


def who(course: Course, *, pd_basis: str) -> list[Response]:
    """Section 1: products, no rule for nodes; growth of any lesion (Miller) or of the whole against its nadir."""
    reading = course.reading
    sums = Sums(course, reading.size)
    smallest = {lesion: reading.size(course.baseline_row(lesion)) for lesion in course.targets}
    new = NewLesions(course)
    out = []
    for point in course.followups:
        sums.arrive(point)
        now = burden(point, course.present(point), reading.size)
        base, nadir = sums.base, sums.nadir()

        def judge(seen: Burden, base: int | None = base, nadir: int | None = nadir) -> str:
            if not seen.sizes:
                return "NA"
            if base is None or nadir is None:
                return "NE"
            if seen.gone(reading):
                return "CR"
            if _who_growth(seen.sizes, seen.total, nadir, smallest, pd_basis):
                return "PD"
            if not seen.complete:
                return "NE"
            return "PR" if shrunk(seen.total, base, percent=50) else "SD"

        target = or_certain(now, sums, judge)
        other = nontarget(course, point)
        look = new.look(point)
        new.keep(look)
        seen = look.seen()
        category = look.category(seen)
        if target == "PD" or other.category == "PD" or seen:
            overall = "PD"
        else:
            overall = overall_without_progression(target, other.category, category)
            overall = "SD" if overall == "NON-CR/NON-PD" else overall
        shown = earliest(
            now.last_scan() if target == "PD" else None,
            other.date if other.category == "PD" else None,
            look.shown_on(seen),
        )
        out.append(
            {
                "timepoint": point.number,
                "assessment_date": point.date,
                "target_response": target,
                "nontarget_response": other.category,
                "new_lesion": category,
                "overall_response": overall,
                "target_sum": now.total / 10_000 if now.sizes else None,
                "complete": now.complete,
                "baseline_sum": None if base is None else base / 10_000,
                "nadir_sum": None if nadir is None else nadir / 10_000,
                "progression_date": shown if overall == "PD" else None,
                "flags": "",
            }
        )
        sums.keep(point, now)
        for lesion, size in now.sizes.items():
            row = now.rows[lesion]
            if size is not None and row is not None and row["state"] != "MERGED":
                was = smallest.get(lesion)
                smallest[lesion] = size if was is None else min(was, size)
    return out


def _who_growth(
    sizes: dict[str, int | None], total: int, nadir: int, smallest: dict[str, int | None], pd_basis: str
) -> bool:
    """WHO-05, with any reappearance after zero (WHO-08)."""
    if pd_basis == "spd_nadir":
        return grown(total, nadir, percent=25, absolute=0)
    return any(
        size is not None and was is not None and grown(size, was, percent=25, absolute=0)
        for size, was in ((size, smallest.get(lesion)) for lesion, size in sizes.items())
    )
