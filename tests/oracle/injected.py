"""Injected and other lesions of itRECIST, one course at a time (rule book 7.2, and the pattern matrix of 7.3)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from tests.oracle.components import NewLesions, grown, nontarget, shrunk
from tests.oracle.reading import Course, Reading, Row, TimePoint, diameter, diseased
from tests.oracle.understanding import read_course

MATRIX = {
    ("R", "R"): "CONCORDANT RESPONSE",
    ("R", "S"): "LOCAL-ONLY RESPONSE",
    ("R", "P"): "MIXED: LOCAL RESPONSE, SYSTEMIC PROGRESSION",
    ("S", "R"): "ABSCOPAL-DOMINANT RESPONSE",
    ("S", "S"): "STABLE",
    ("S", "P"): "SYSTEMIC PROGRESSION",
    ("P", "R"): "MIXED: ABSCOPAL RESPONSE, LOCAL PROGRESSION",
    ("P", "S"): "LOCAL PROGRESSION",
    ("P", "P"): "CONCORDANT PROGRESSION",
}
GROUPS = {"CR": "R", "PR": "R", "SD": "S", "PD": "P"}


READING = Reading(injected=5)


def injected_responses(
    rows: Iterable[Row], *, reference: str = "both", new_in_class: bool = False, reading: Reading = READING
) -> list[dict[str, Any]]:
    """One row per time point; nothing for a course in which nothing is ever injected."""
    rows = list(rows)
    course = read_course(rows, reading)
    points = ([course.baseline] if course.baseline else []) + course.followups
    since: dict[str, int] = {}
    for number, point in enumerate(points):
        for lesion, row in point.rows.items():
            if row.get("injected"):
                since.setdefault(lesion, number)
    new = NewLesions(course)
    shown = {lesion: start for lesion, start in new.counts_from.items() if start is not None and new_in_class}
    if not since.keys() & {*course.targets, *course.fragments, *course.nontargets, *shown}:
        return []
    out = []
    for point in course.followups:
        number = points.index(point)
        inside = {lesion for lesion, start in since.items() if start <= number}
        lesions = course.present(point)
        mine = [lesion for lesion in lesions if lesion in inside]
        counted = [one for one, start in shown.items() if (start.date, start.number) <= (point.date, point.number)]
        mine += [lesion for lesion in counted if lesion in inside]
        own = {one: _first_size(one, points[points.index(shown[one]) : number + 1]) for one in counted}
        others = [lesion for lesion in lesions if lesion not in inside]
        before = points[number - 1] if number else None
        look = new.look(point)
        new.keep(look)
        category = look.category(look.seen())
        iterative = _category(course, mine, point, [_sum(course, mine, before, own)] * 2)
        cumulative = _category(course, mine, point, _baseline_and_nadir(course, mine, points[:number], own))
        noninjected = _category(course, others, point, _baseline_and_nadir(course, others, points[:number], {}))
        stands = cumulative if reference == "baseline_nadir" else iterative
        row, column = GROUPS.get(stands), "P" if category == "Y" else GROUPS.get(noninjected)
        out.append(
            {
                "timepoint": point.number,
                "injected_targets": len(mine),
                "noninjected_targets": len(others),
                "injected_sum": _sum(course, mine, point, own),
                "noninjected_sum": _sum(course, others, point, {}),
                "injected_previous_sum": _sum(course, mine, before, own),
                "injected_baseline_sum": _baseline_and_nadir(course, mine, points[:number], own)[0],
                "injected_nadir_sum": _baseline_and_nadir(course, mine, points[:number], own)[1],
                "noninjected_baseline_sum": _baseline_and_nadir(course, others, points[:number], {})[0],
                "noninjected_nadir_sum": _baseline_and_nadir(course, others, points[:number], {})[1],
                "injected_iterative": iterative,
                "injected_cumulative": cumulative,
                "injected_response": stands,
                "noninjected_response": noninjected,
                "nontarget_injected": _nontarget(course, point, inside, injected=True),
                "nontarget_noninjected": _nontarget(course, point, inside, injected=False),
                "new_lesion": category,
                "pattern": MATRIX.get((row, column)),  # type: ignore[arg-type]
            }
        )
    return out


def _first_size(lesion: str, points: list[TimePoint]) -> tuple[TimePoint, int] | None:
    """Where a new lesion was first measured: that stands for its baseline and for the time points before (7.2)."""
    for point in points:
        size = diameter(point.rows.get(lesion))
        if size is not None:
            return point, size
    return None


def _sum(
    course: Course, lesions: list[str], point: TimePoint | None, own: dict[str, tuple[TimePoint, int] | None]
) -> int | None:
    """Sum of the lesions known by then; None where one had no size, or none was known."""
    if point is None:
        return None
    at_baseline = point is course.baseline
    known = [
        lesion
        for lesion in lesions
        if lesion not in course.fragments or (not at_baseline and course.known([lesion], point))
    ]
    sizes = []
    for lesion in known:
        first = own.get(lesion)
        before = first is not None and (at_baseline or (point.date, point.number) < (first[0].date, first[0].number))
        sizes.append(first[1] if first is not None and before else diameter(point.rows.get(lesion)))
    if not sizes or None in sizes:
        return None
    return sum(size for size in sizes if size is not None)


def _baseline_and_nadir(
    course: Course, lesions: list[str], before: list[TimePoint], own: dict[str, tuple[TimePoint, int] | None]
) -> list[int | None]:
    sums = [_sum(course, lesions, point, own) for point in before]
    baseline = _sum(course, lesions, course.baseline, own)
    return [baseline, min((s for s in sums if s is not None), default=None)]


def _category(course: Course, lesions: list[str], point: TimePoint, references: list[int | None]) -> str:
    """CR, PD, NE, PR, SD in this order, as for RECIST 1.1 targets."""
    if not lesions:
        return "NA"
    reference, nadir = references
    rows = [point.rows.get(lesion) for lesion in lesions]
    sizes = [diameter(row) for row in rows]
    if reference is None or nadir is None:
        return "NE"
    left = [diseased(row, size, course.reading) for row, size in zip(rows, sizes, strict=True)]
    if None not in sizes and True not in left:
        return "CR"
    total = sum(size for size in sizes if size is not None)
    if grown(total, nadir, percent=20, absolute=500):
        return "PD"
    if None in sizes:
        return "NE"
    return "PR" if shrunk(total, reference, percent=30) else "SD"


def _nontarget(course: Course, point: TimePoint, inside: set[str], *, injected: bool) -> str:
    lesions = [lesion for lesion in course.nontargets if (lesion in inside) is injected]
    part = Course(
        course.baseline, course.followups, [], [], lesions, [], course.first_row_at, course.reading, False, {}
    )
    return nontarget(part, point).category


def inject(rows: list[dict[str, Any]], pick: random.Random) -> list[dict[str, Any]]:
    """The rows with some lesions injected from some time point on, at times without the mark being repeated later."""
    start = {
        lesion: pick.choice((None, None, 0, 1, 1, 2, 3, 4)) for lesion in sorted({row["lesion_id"] for row in rows})
    }
    forgetful = pick.random() < 0.3

    def mark(row: dict[str, Any]) -> bool | None:
        since = start[row["lesion_id"]]
        if since is None or row["timepoint"] < since:
            return pick.choice((False, None))
        return not (forgetful and row["timepoint"] > since and pick.random() < 0.3)

    return [row | {"injected": mark(row)} for row in rows]
