"""Target, non-target and new-lesion findings of one time point (rule book sections 2.3 and 2.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from tests.oracle.reading import Course, Row, TimePoint, diameter, diseased, there

Size = Callable[[Row | None], int | None]


@dataclass(frozen=True)
class Burden:
    """The lesions that add to the sum at one time point."""

    sizes: dict[str, int | None]
    rows: dict[str, Row | None]

    @property
    def total(self) -> int:
        """Sum over the assessed lesions."""
        return sum(size for size in self.sizes.values() if size is not None)

    @property
    def complete(self) -> bool:
        """Every lesion was assessed."""
        return None not in self.sizes.values()

    def gone(self, *, nodes_by_short_axis: bool) -> bool:
        """R11-TL-02: every lesion absent, every node below 10 mm, all assessed."""
        return self.complete and not any(
            diseased(self.rows[lesion], size, nodes_by_short_axis=nodes_by_short_axis)
            for lesion, size in self.sizes.items()
        )

    def last_scan(self) -> date | None:
        """Date of the last scan of these lesions (DT-02)."""
        return max((row["assessment_date"] for row in self.rows.values() if row is not None), default=None)


def burden(point: TimePoint, lesions: list[str], size: Size) -> Burden:
    """Size of each lesion at a time point; a lesion without a row is not evaluable."""
    rows = {lesion: point.rows.get(lesion) for lesion in lesions}
    return Burden({lesion: size(row) for lesion, row in rows.items()}, rows)


def baseline_sum(course: Course, size: Size) -> int | None:
    """Sum of the targets at baseline; None when there is no target or a target has no baseline value."""
    sizes = [size(course.baseline_row(lesion)) for lesion in course.targets]
    if not sizes or None in sizes:
        return None
    return sum(s for s in sizes if s is not None)


def grown(total: int, nadir: int, *, percent: int, absolute: int) -> bool:
    """Relative and absolute increase, both inclusive (GEN-02)."""
    return total > nadir and 100 * (total - nadir) >= percent * nadir and total - nadir >= absolute


def shrunk(total: int, base: int, *, percent: int) -> bool:
    """Relative decrease, inclusive (GEN-02)."""
    return 100 * total <= (100 - percent) * base


def recist_target(now: Burden, base: int | None, nadir: int | None, *, after_complete_response: bool) -> str:
    """R11-TL-01 to R11-TL-07, in this order."""
    if not now.sizes:
        return "NA"
    if base is None or nadir is None:
        return "NE"
    if now.gone(nodes_by_short_axis=True):
        return "CR"
    reappeared = after_complete_response and any(
        diseased(now.rows[lesion], size, nodes_by_short_axis=True) for lesion, size in now.sizes.items()
    )
    if reappeared or grown(now.total, nadir, percent=20, absolute=500):
        return "PD"
    if not now.complete:
        return "NE"
    return "PR" if shrunk(now.total, base, percent=30) else "SD"


@dataclass(frozen=True)
class NonTarget:
    """The non-target category and the facts behind it."""

    category: str
    further_growth: bool
    date: date | None


def nontarget(
    course: Course, point: TimePoint, *, nodes_by_short_axis: bool = True, after_complete_response: bool = False
) -> NonTarget:
    """R11-NT-01 to R11-NT-04; further growth is the reader's word against the last assessment (C-NT).

    Disease that is visible again after an overall complete response is progression (CR-01).
    """
    lesions = course.known(course.nontargets, point)
    rows = [point.rows.get(lesion) for lesion in lesions]
    left = [diseased(row, diameter(row), nodes_by_short_axis=nodes_by_short_axis) for row in rows]
    progressing = [row for row in rows if row is not None and row["state"] == "UNEQUIVOCAL_PROGRESSION"]
    growing = [row for row in rows if row is not None and (row["state"] == "INCREASED" or says_increased(row))]
    visible = [row["assessment_date"] for row, seen in zip(rows, left, strict=True) if seen and row is not None]
    if not lesions:
        category = "NA"
    elif progressing or (after_complete_response and visible):
        category = "PD"
    elif None in left:
        category = "NE"
    else:
        category = "NON-CR/NON-PD" if True in left else "CR"
    shown = [row["assessment_date"] for row in progressing] or visible
    return NonTarget(category, bool(growing), min(shown, default=None))


def says_increased(row: Row) -> bool:
    """The reader's word on an assessed lesion is: larger than at the previous assessment."""
    return row["change_from_previous"] == "INCREASED" and row["state"] not in ("NOT_EVALUABLE", "NOT_DONE", "ABSENT")


@dataclass(frozen=True)
class Known:
    """What is known of one new lesion so far: whether it counts as new, and whether it was left at the last look."""

    shown: bool = False
    visible: bool = False


class NewLesions:
    """The new lesions of a course up to and including the last time point that was kept.

    First pass: from which time point each lesion counts, with equivocal scans dated back (R11-NL-02) and the size rule
    for nodes (R11-NL-03). Second pass: `look` and `keep`, time point by time point.
    """

    def __init__(self, course: Course, *, node_rule: bool = True) -> None:
        self.course = course
        self.node_rule = node_rule
        self.known: dict[str, Known] = {}
        self.counts_from = {lesion: self._first_counted(lesion) for lesion in course.new}

    def _first_counted(self, lesion: str) -> TimePoint | None:
        smallest: int | None = None
        since: TimePoint | None = None
        for point in self.course.followups:
            row = point.rows.get(lesion)
            size = diameter(row)
            if row is None or not there(row, size):
                continue
            verdict = self._verdict(row, size, smallest)
            if verdict != "NORMAL":
                since = since or point
            if verdict == "UNEQUIVOCAL":
                return since
            if size is not None and row["state"] != "MERGED":
                smallest = size if smallest is None else min(smallest, size)
        return None

    def _verdict(self, row: Row, size: int | None, smallest: int | None) -> str:
        sized_node = self.node_rule and row["is_node"] and size is not None
        if sized_node and size is not None and size < 1000:
            return "NORMAL"
        if row["state"] == "EQUIVOCAL":
            return "EQUIVOCAL"
        if not sized_node or size is None:
            return "UNEQUIVOCAL"
        return "UNEQUIVOCAL" if smallest is None or size - smallest >= 500 else "EQUIVOCAL"

    def look(self, point: TimePoint) -> Look:
        """What a time point shows of the new lesions, without remembering it."""
        found: dict[str, str] = {}
        after = dict(self.known)
        for lesion in self.course.new:
            row = point.rows.get(lesion)
            if row is None and lesion not in self.known:
                continue
            found[lesion], now_known = self._look_at(lesion, row, point)
            if now_known is not None:
                after[lesion] = now_known
        return Look(found, after, point)

    def keep(self, look: Look) -> None:
        """Remember what a time point showed."""
        self.known = look.after

    def _look_at(self, lesion: str, row: Row | None, point: TimePoint) -> tuple[str, Known | None]:
        known = self.known.get(lesion)
        size = diameter(row)
        seen = there(row, size)
        if seen is None or row is None:
            return ("NE", None) if known is None else ("UNKNOWN", known)
        if not seen:
            return "GONE", replace(known, visible=False) if known else None
        was = known or Known()
        left = bool(diseased(row, size, nodes_by_short_axis=self.node_rule))
        start = self.counts_from[lesion]
        if start is None or (point.date, point.number) < (start.date, start.number):
            return ("EQUIVOCAL", was) if left else ("GONE", known)
        if was.shown:
            return ("VISIBLE" if left else "GONE"), replace(was, visible=left)
        if not left:
            return "GONE", known
        return "NEW", Known(shown=True, visible=True)


@dataclass(frozen=True)
class Look:
    """The new lesions at one time point: NEW (first shown), VISIBLE, GONE, EQUIVOCAL, NE (never seen), UNKNOWN."""

    found: dict[str, str]
    after: dict[str, Known]
    point: TimePoint

    def first_shown(self) -> list[str]:
        """Lesions that are unequivocal for the first time."""
        return [lesion for lesion, what in self.found.items() if what == "NEW"]

    def seen(self) -> list[str]:
        """Unequivocal new lesions visible on these scans."""
        return [lesion for lesion, what in self.found.items() if what in ("NEW", "VISIBLE")]

    def left(self) -> list[str]:
        """Unequivocal new lesions not shown to be gone: one that was not assessed counts as it was last seen."""
        return [lesion for lesion, known in self.after.items() if known.shown and known.visible]

    def category(self, progressing: list[str]) -> str:
        """Y, NE, EQUIVOCAL or N; NE blocks a complete response (R11-NL-05), EQUIVOCAL does not (R11-NL-02)."""
        if progressing:
            return "Y"
        if self.point.not_done() or "NE" in self.found.values():
            return "NE"
        return "EQUIVOCAL" if "EQUIVOCAL" in self.found.values() else "N"

    def shown_on(self, lesions: list[str]) -> date | None:
        """Date of the earliest of these scans that shows any of the lesions (DT-02)."""
        return min((self.point.rows[lesion]["assessment_date"] for lesion in lesions), default=None)


def overall_without_progression(target: str, nontarget_category: str, new_lesion: str) -> str:
    """Table 2.5 without its PD rows, the non-target-only table and the row without any disease."""
    if target == "NA":
        response = "NED" if nontarget_category == "NA" else nontarget_category
        return "NE" if new_lesion == "NE" and response in ("CR", "NED") else response
    if target == "CR":
        response = "CR" if nontarget_category in ("CR", "NA") else "PR"
        return "NE" if new_lesion == "NE" and response == "CR" else response
    return target


def join_new_lesions(
    joined: list[str],
    candidates: list[tuple[int, str, str]],
    allowed: Callable[[list[str], str], bool],
    organs: dict[str, str],
) -> list[str]:
    """Take (size, lesion, organ) candidates into the sum: larger first, then by identifier, while slots are free."""
    joined = list(joined)
    for _, lesion, organ in sorted(candidates, key=lambda c: (-c[0], c[1])):
        if lesion not in joined and allowed([organs[j] for j in joined], organ):
            joined.append(lesion)
            organs[lesion] = organ
    return joined


def five_and_two(taken: list[str], organ: str) -> bool:
    """At most five new lesions in the sum, at most two of one organ."""
    return len(taken) < 5 and taken.count(organ) < 2


def measurable_diameter(row: Row) -> int | None:
    """The diameter of a lesion that is measurable by R11-BL-01 / R11-BL-02, else None."""
    size = diameter(row)
    least = 1500 if row["is_node"] else 1000
    return size if size is not None and size >= least else None
