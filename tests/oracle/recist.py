"""RECIST 1.1 time point by time point (rule book section 2), and WHO and mWHO (section 1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.oracle.components import (
    NewLesions,
    baseline_sum,
    burden,
    grown,
    nontarget,
    overall_without_progression,
    recist_target,
    shrunk,
)
from tests.oracle.reading import Course, diameter, product

Response = dict[str, Any]


def earliest(*dates: date | None) -> date | None:
    """The earliest of the dates that are known."""
    return min((d for d in dates if d is not None), default=None)


def recist(course: Course) -> list[Response]:
    """Sections 2.3 to 2.5; a new lesion that is still visible is still Y."""
    base = baseline_sum(course, diameter)
    complete = [] if base is None else [base]
    new = NewLesions(course)
    complete_response_before = False
    out = []
    for point in course.followups:
        now = burden(point, course.targets + course.known(course.fragments, point), diameter)
        nadir = min(complete, default=None)
        target = recist_target(now, base, nadir, after_complete_response=complete_response_before)
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
        if base is not None and now.complete:
            complete.append(now.total)
    return out


def who(course: Course, *, pd_basis: str) -> list[Response]:
    """Section 1: products, no rule for nodes; growth of any lesion (Miller) or of the whole against its nadir."""
    base = baseline_sum(course, product)
    complete = [] if base is None else [base]
    smallest = {lesion: product(course.baseline_row(lesion)) for lesion in course.targets}
    new = NewLesions(course, node_rule=False)
    out = []
    for point in course.followups:
        now = burden(point, course.targets + course.known(course.fragments, point), product)
        nadir = min(complete, default=None)
        other = nontarget(course, point, nodes_by_short_axis=False)
        look = new.look(point)
        new.keep(look)
        seen = look.seen()
        category = look.category(seen)
        if not now.sizes:
            target = "NA"
        elif base is None or nadir is None:
            target = "NE"
        elif now.gone(nodes_by_short_axis=False):
            target = "CR"
        elif _who_growth(now.sizes, now.total, nadir, smallest, pd_basis):
            target = "PD"
        elif not now.complete:
            target = "NE"
        else:
            target = "PR" if shrunk(now.total, base, percent=50) else "SD"
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
        if base is not None and now.complete:
            complete.append(now.total)
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
