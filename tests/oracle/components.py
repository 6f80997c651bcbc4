"""Target, non-target and new-lesion findings of one time point (rule book sections 2.3 and 2.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tests.oracle.reading import Course, Reading, Row, TimePoint, by_pet, diameter, diseased, hundredths, there

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

    def visible(self, reading: Reading) -> bool:
        """Disease is left in some lesion, a normal node being none."""
        return any(diseased(self.rows[lesion], size, reading) for lesion, size in self.sizes.items())

    def gone(self, reading: Reading) -> bool:
        """R11-TL-02: every lesion absent, every node below 10 mm, all assessed."""
        return self.complete and not self.visible(reading)

    def supposing(self, missing: dict[str, int] | None) -> Burden:
        """The same with sizes for the missing lesions, none where none are given (R11-TL-05).

        Without a size a lesion that was seen all the same is not gone.
        """
        unsized = [lesion for lesion, size in self.sizes.items() if size is None]
        sizes = {lesion: 0 if missing is None else missing.get(lesion) for lesion in unsized}
        standing, gone = {"state": "MEASURED", "assumed": True, "is_node": False}, {"state": "ABSENT"}
        seen = {lesion: missing is not None or bool(there(self.rows[lesion], None)) for lesion in unsized}
        return Burden(self.sizes | sizes, self.rows | {one: standing if seen[one] else gone for one in unsized})

    def last_scan(self) -> date | None:
        """Date of the last scan of these lesions (DT-02)."""
        return max((row["assessment_date"] for row in self.rows.values() if row is not None), default=None)


def burden(point: TimePoint, lesions: list[str], size: Size) -> Burden:
    """Size of each lesion at a time point; a lesion without a row is not evaluable."""
    rows = {lesion: point.rows.get(lesion) for lesion in lesions}
    return Burden({lesion: size(row) for lesion, row in rows.items()}, rows)


class Sums:
    """Baseline, nadir and largest sizes along a course, of the targets that count at the time point under judgement."""

    def __init__(self, course: Course, size: Size) -> None:
        self.course, self.size = course, size
        self.kept: list[tuple[TimePoint, list[str]]] = [(course.baseline, [])] if course.baseline else []
        self.largest: dict[str, int] = {}
        self.base: int | None = None
        self.complete: list[tuple[TimePoint, int]] = []
        if course.baseline:
            self._remake(course.baseline)
            self._note(burden(course.baseline, course.targets, size))
        else:
            self.base = None

    def arrive(self, point: TimePoint) -> None:
        """Targets that leave here take their share of every earlier sum with them (R11-FU-06)."""
        if self.course.leaves(point):
            self._remake(point)

    def _remake(self, now: TimePoint) -> None:
        course = self.course
        self.base, self.complete = None, []
        for point, joined in self.kept:
            at_baseline = point is course.baseline
            targets = course.targets if at_baseline else course.targets + course.known(course.fragments, point)
            earlier = burden(point, [one for one in targets if not course.has_left(one, now)] + joined, self.size)
            if earlier.sizes and earlier.complete:
                self.complete.append((point, earlier.total))
                self.base = earlier.total if at_baseline else self.base
        if course.present(now) and self.base is None:
            self.complete = []

    def nadir(self, before: TimePoint | None = None) -> int | None:
        """The smallest complete sum (GEN-04), or of those before a time point."""
        sums = [
            total
            for point, total in self.complete
            if before is None
            or point is self.course.baseline
            or (point.date, point.number) < (before.date, before.number)
        ]
        return min(sums, default=None)

    def keep(self, point: TimePoint, now: Burden, joined: Sequence[str] = ()) -> None:
        """Remember what a time point showed."""
        self.kept.append((point, list(joined)))
        if now.sizes and now.complete and (self.base is not None or not self.course.present(point)):
            self.complete.append((point, now.total))
        self._note(now)

    def _note(self, now: Burden) -> None:
        for lesion, size in now.sizes.items():
            if size is not None:
                self.largest[lesion] = max(size, self.largest.get(lesion, size))


def or_certain(now: Burden, sums: Sums, judge: Callable[[Burden], str]) -> str:
    """The category; not evaluable gives way to PR or SD that no size of the missing lesions can change (R11-TL-05)."""
    found = judge(now)
    if found != "NE" or sums.base is None or not sums.course.reading.partial_pr_ok:
        return found
    least, most = judge(now.supposing(None)), judge(now.supposing(sums.largest))
    return least if least == most and least in ("PR", "SD") else "NE"


def grown(total: int, nadir: int, *, percent: int, absolute: int, strict: bool = False) -> bool:
    """Relative and absolute increase, both inclusive (GEN-02), the relative one exclusive where strict (section 4)."""
    if strict and 100 * (total - nadir) == percent * nadir:
        return False
    return total > nadir and 100 * (total - nadir) >= percent * nadir and total - nadir >= absolute


def shrunk(total: int, base: int, *, percent: int) -> bool:
    """Relative decrease, inclusive (GEN-02)."""
    return 100 * total <= (100 - percent) * base


def recist_target(
    now: Burden, base: int | None, nadir: int | None, reading: Reading, *, after_complete_response: bool
) -> str:
    """R11-TL-01 to R11-TL-07, in this order."""
    if not now.sizes:
        return "NA"
    if base is None or nadir is None:
        return "NE"
    if now.gone(reading):
        return "CR"
    reappeared = after_complete_response and now.visible(reading)
    if reappeared or grown(now.total, nadir, percent=20, absolute=500):
        return "PD"
    if not now.complete:
        return "NE"
    return "PR" if shrunk(now.total, base, percent=30) else "SD"


@dataclass(frozen=True)
class NonTarget:
    """The non-target category and the facts behind it."""

    category: str
    growing: list[Row]
    date: date | None


def nontarget(course: Course, point: TimePoint, *, after_complete_response: bool = False) -> NonTarget:
    """R11-NT-01 to R11-NT-04; further growth is the reader's word against the last assessment (C-NT).

    Disease that is visible again after an overall complete response is progression (CR-01).
    """
    lesions = course.known(course.nontargets, point)
    rows = [point.rows.get(lesion) for lesion in lesions]
    left = [diseased(row, course.reading.size(row), course.reading) for row in rows]
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
    return NonTarget(category, growing, min(shown, default=None))


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

    def __init__(self, course: Course) -> None:
        self.course = course
        self.known: dict[str, Known] = {}
        self.counts_from = {lesion: self._first_counted(lesion) for lesion in course.new}

    def _first_counted(self, lesion: str) -> TimePoint | None:
        smallest: int | None = None
        since: TimePoint | None = None
        for point in self.course.followups:
            row = point.rows.get(lesion)
            size = self.course.reading.size(row)
            if row is None or not there(row, size):
                continue
            verdict = self._verdict(row, size, smallest)
            if verdict != "NORMAL":
                since = since or point
            if verdict == "UNEQUIVOCAL" and not self._by_pet_alone(row):
                return since
            if size is not None and row["state"] != "MERGED":
                smallest = size if smallest is None else min(smallest, size)
        return None

    def _by_pet_alone(self, row: Row) -> bool:
        """R11-NL-04: without a PET at baseline, CT or MRI must show it too."""
        return self.course.reading.pet_needs_anatomy and by_pet(row) and not self.course.baseline_pet

    def _verdict(self, row: Row, size: int | None, smallest: int | None) -> str:
        reading = self.course.reading
        if not diseased(row, size, reading):
            return "NORMAL"
        if row["state"] == "EQUIVOCAL":
            return "EQUIVOCAL"
        if not (reading.new_node_rule and row["is_node"]) or size is None:
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
        size = self.course.reading.size(row)
        seen = there(row, size)
        if seen is None or row is None:
            return ("NE", None) if known is None else ("UNKNOWN", known)
        if not seen:
            return "GONE", replace(known, visible=False) if known else None
        was = known or Known()
        left = bool(diseased(row, size, self.course.reading))
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


def measurable_diameter(row: Row, reading: Reading) -> int | None:
    """The diameter of a lesion that is measurable by R11-BL-01 to R11-BL-05, else None."""
    size = diameter(row)
    least = 1500 if row["is_node"] else 1000
    slices = hundredths(row.get("slice_thickness_mm")) or 0
    if slices > 500 and (not row["is_node"] or reading.node_2x_slice):
        least = max(least, 2 * slices)
    if "X-RAY" in (row.get("method") or "") and not row["is_node"]:
        least = max(least, 2000)
    return size if size is not None and size >= least and row["countable"] and row["state"] != "MERGED" else None
