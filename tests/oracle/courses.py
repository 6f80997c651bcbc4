"""Random courses: Hypothesis strategies, and a seeded generator for bulk comparison with the engine.

One builder makes both. It draws through `Pick`, so that Hypothesis can shrink a course and `random.Random` can make
ten thousand of them at once. ``hugging`` courses place their sums on and 0.1 mm beside -30 %, +20 %, +5 mm, -50 % and
+25 %.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

Row = dict[str, Any]
T = TypeVar("T")

START = date(2024, 1, 1)
ORGANS = ("liver", "lung", "node", "skin")
GAPS = (56, 56, 56, 56, 7, 21, 25, 26, 28, 29, 30, 42, 57, 84, 120, 180)

TARGET_STATES = (
    ("MEASURED",) * 60
    + ("ABSENT",) * 9
    + ("TOO_SMALL",) * 4
    + ("NOT_EVALUABLE",) * 3
    + (
        "NOT_DONE",
        "MERGED",
        "PRESENT",
        "INCREASED",
        "SPLIT",
        None,
        None,
    )
)
NON_TARGET_STATES = (
    ("PRESENT",) * 30
    + ("ABSENT",) * 14
    + ("MEASURED",) * 4
    + (
        "INCREASED",
        "INCREASED",
        "UNEQUIVOCAL_PROGRESSION",
        "UNEQUIVOCAL_PROGRESSION",
        "TOO_SMALL",
        "MERGED",
        "NOT_EVALUABLE",
        "NOT_EVALUABLE",
        "NOT_DONE",
        None,
    )
)
NEW_STATES = (
    ("MEASURED",) * 20
    + ("PRESENT",) * 5
    + ("ABSENT",) * 7
    + ("EQUIVOCAL",) * 5
    + (
        "TOO_SMALL",
        "INCREASED",
        "UNEQUIVOCAL",
        "UNEQUIVOCAL",
        "UNEQUIVOCAL_PROGRESSION",
        "NOT_EVALUABLE",
        "NOT_DONE",
        None,
        None,
    )
)
ALWAYS_SIZED = ("MEASURED", "SPLIT")
SOMETIMES_SIZED = ("TOO_SMALL", "INCREASED", "EQUIVOCAL", "UNEQUIVOCAL", "UNEQUIVOCAL_PROGRESSION")


class Pick(Protocol):
    """Where a course's choices come from."""

    def integer(self, low: int, high: int) -> int:
        """A number from low to high, both included."""

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options."""


@dataclass
class RandomPick:
    """Choices of a seeded generator."""

    source: random.Random

    def integer(self, low: int, high: int) -> int:
        return self.source.randint(low, high)

    def one_of(self, options: Sequence[T]) -> T:
        return options[int(self.source.random() * len(options))]


@dataclass
class HypothesisPick:
    """Choices that Hypothesis can shrink."""

    draw: Any

    def integer(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]


def chance(pick: Pick, percent: int) -> bool:
    """True in about that many of a hundred draws; shrinks to false."""
    return pick.integer(0, 99) >= 100 - percent


@dataclass
class Lesion:
    """A lesion while its course is made; sizes in tenths of a millimetre."""

    name: str
    role: str
    organ: str
    size: int

    def row(self, timepoint: int, on: date, state: str, size: int | None) -> Row:
        node = self.organ == "node"
        millimetres = None if size is None else size / 10
        return {
            "timepoint": timepoint,
            "assessment_date": on,
            "lesion_id": self.name,
            "role": self.role,
            "organ": self.organ,
            "is_node": node,
            "state": state,
            "longest_diameter_mm": None if size is None else (size + (30 if node else 0)) / 10,
            "short_axis_mm": millimetres if node else None,
            "perpendicular_mm": None if size is None else (size if node else max(size - 10, size // 2)) / 10,
            "change_from_previous": None,
            "other_lesion_id": None,
        }


def build_course(pick: Pick, *, hugging: bool = False) -> list[Row]:
    """Rows of one course with the columns of core.measurement that responses need."""
    targets = _lesions(pick, "T", "TARGET", pick.integer(1, 6) if not chance(pick, 6) else 0)
    nontargets = _lesions(pick, "NT", "NON-TARGET", pick.integer(0, 3))
    rows = _baseline(pick, targets, nontargets)
    on = START
    appearing = [
        (lesion, pick.integer(1, 6))
        for lesion in _lesions(pick, "NEW", "NEW", pick.one_of((0, 0, 1, 1, 2, 3)) if not chance(pick, 4) else 7)
    ]
    base = lowest = sum(lesion.size for lesion in targets)
    for timepoint in range(1, pick.integer(1, 8) + 1):
        on += timedelta(days=pick.one_of(GAPS))
        if chance(pick, 2):
            everything = [*targets, *nontargets]
            rows += [lesion.row(timepoint, on, "NOT_DONE", None) for lesion in everything]
            continue
        if hugging and targets:
            _hug(pick, targets, base, lowest)
            lowest = min(lowest, sum(lesion.size for lesion in targets))
            seen = [
                lesion.row(timepoint, on, "MEASURED" if lesion.size else "ABSENT", lesion.size or None)
                for lesion in targets
            ]
        else:
            seen = _target_rows(pick, targets, timepoint, on)
        seen += _nontarget_rows(pick, nontargets, timepoint, on)
        seen += _new_rows(pick, appearing, timepoint, on)
        for row in seen:
            if chance(pick, 5):
                row["assessment_date"] -= timedelta(days=pick.integer(1, 3))
        rows += seen
        if targets and chance(pick, 2):
            parent = pick.one_of(targets)
            fragment = Lesion(f"T{90 + timepoint}", "TARGET", parent.organ, pick.integer(30, 150))
            split = fragment.row(timepoint, on, "SPLIT", fragment.size)
            rows.append(split | {"other_lesion_id": parent.name})
            targets.append(fragment)
    return rows


def _lesions(pick: Pick, prefix: str, role: str, count: int) -> list[Lesion]:
    made = []
    for number in range(1, count + 1):
        organ = pick.one_of(ORGANS)
        least = 150 if organ == "node" else 100
        size = pick.one_of((least, least + 50, 200, 300)) if chance(pick, 40) else pick.integer(least, 500)
        made.append(Lesion(f"{prefix}{number:02d}", role, organ, size))
    return made


def _baseline(pick: Pick, targets: list[Lesion], nontargets: list[Lesion]) -> list[Row]:
    if chance(pick, 1):
        return []
    rows = [lesion.row(0, START, "MEASURED", lesion.size) for lesion in targets]
    if rows and chance(pick, 2):
        rows.pop()
    elif rows and chance(pick, 2):
        rows[-1] = targets[-1].row(0, START, "NOT_EVALUABLE", None)
    return rows + [lesion.row(0, START, "PRESENT", None) for lesion in nontargets]


def _walk(pick: Pick, lesion: Lesion) -> int:
    """The next size: mostly a small change, at times a response, a regrowth or a step of exactly 5 mm."""
    percent = pick.one_of((100, 100, 95, 105, 80, 70, 50, 120, 130, 150, 30))
    size = lesion.size * percent // 100 + pick.one_of((0, 0, 0, 50, -50, 1, -1))
    lesion.size = min(max(size, 10), 1500)
    return lesion.size


def _size(pick: Pick, lesion: Lesion, state: str) -> int | None:
    if state in ALWAYS_SIZED:
        return _walk(pick, lesion)
    if state == "TOO_SMALL":
        return pick.integer(20, 49) if chance(pick, 40) else None
    if state in SOMETIMES_SIZED:
        return _walk(pick, lesion) if chance(pick, 40) else None
    return None


def _target_rows(pick: Pick, targets: list[Lesion], timepoint: int, on: date) -> list[Row]:
    calm = chance(pick, 60)
    rows = []
    gone = chance(pick, 8)
    for lesion in targets:
        state = "ABSENT" if gone else "MEASURED" if calm else pick.one_of(TARGET_STATES)
        if gone and lesion.organ == "node":
            rows.append(lesion.row(timepoint, on, "MEASURED", pick.integer(40, 99)))
            continue
        if state is None:
            continue
        size = 0 if state == "MEASURED" and chance(pick, 1) else _size(pick, lesion, state)
        row = lesion.row(timepoint, on, state, size)
        if state == "MERGED":
            row["other_lesion_id"] = targets[0].name
        rows.append(row)
    return rows


def _nontarget_rows(pick: Pick, nontargets: list[Lesion], timepoint: int, on: date) -> list[Row]:
    rows = []
    gone = chance(pick, 15)
    for lesion in nontargets:
        state = "ABSENT" if gone else pick.one_of(NON_TARGET_STATES)
        if state is None:
            continue
        row = lesion.row(timepoint, on, state, _size(pick, lesion, state))
        if state not in ("ABSENT", "NOT_EVALUABLE", "NOT_DONE") and chance(pick, 8):
            row["change_from_previous"] = pick.one_of(("INCREASED", "UNCHANGED", "DECREASED"))
        rows.append(row)
    return rows


def _new_rows(pick: Pick, appearing: list[tuple[Lesion, int]], timepoint: int, on: date) -> list[Row]:
    rows = []
    for lesion, first in appearing:
        if timepoint < first:
            state = pick.one_of((None, None, None, None, "ABSENT", "ABSENT", "NOT_EVALUABLE"))
        else:
            state = pick.one_of(NEW_STATES)
        if timepoint == first and chance(pick, 70):
            lesion.size = pick.one_of((50, 80, 99, 100, 120, 149, 150, 200))
        if state is None:
            continue
        row = lesion.row(timepoint, on, state, _size(pick, lesion, state))
        if state not in ("ABSENT", "NOT_EVALUABLE", "NOT_DONE") and chance(pick, 8):
            row["change_from_previous"] = pick.one_of(("INCREASED", "UNCHANGED", "DECREASED"))
        rows.append(row)
    return rows


def _hug(pick: Pick, targets: list[Lesion], base: int, lowest: int) -> None:
    """Set the sizes so that their sum lies on a threshold, or 0.1 mm beside it."""
    goal = pick.one_of(
        (
            *(base * 70 // 100, lowest * 120 // 100, -(-lowest * 120 // 100), lowest + 50),
            *(base // 2, lowest * 125 // 100, -(-lowest * 125 // 100)),
            *(base, lowest, base * 4 // 10),
        )
    )
    goal = max(0, goal + pick.one_of((0, 0, -1, 1)))
    total = sum(lesion.size for lesion in targets)
    for lesion in targets:
        change = goal - total
        size = max(0, lesion.size + change)
        total += size - lesion.size
        lesion.size = size


def of_one_width(rows: list[Row]) -> list[Row]:
    """The course with lesions all 10 mm wide, so that sums of products hug their thresholds as the diameters do."""

    def widened(row: Row) -> Row:
        longest = row["short_axis_mm"] if row["is_node"] else row["longest_diameter_mm"]
        return row | {"longest_diameter_mm": longest, "perpendicular_mm": None if longest is None else 10.0}

    return [widened(row) for row in rows]


METHODS = ("CT SCAN", "MRI", "PET/CT SCAN", "PET", "X-RAY")


def with_facts(pick: Pick, rows: list[Row]) -> list[Row]:
    """The course with what a reader may say beside the sizes: treated, injected, indistinct, measurable, by which scan.

    Some lesions are treated locally, before or after the baseline; the mark of it may not be repeated at later scans.
    """
    lesions = sorted({row["lesion_id"] for row in rows})
    treated = {
        one: (pick.integer(0, 4), pick.one_of(("SURGERY", "RADIOTHERAPY"))) for one in lesions if chance(pick, 12)
    }
    injected = {one: pick.integer(0, 3) for one in lesions if chance(pick, 25)}
    word = {one: pick.one_of((True, False, False)) for one in lesions if chance(pick, 6)}
    before = {one for one in lesions if chance(pick, 6)}
    coarse, pet = chance(pick, 15), chance(pick, 25)

    def fact(row: Row) -> Row:
        one, at = row["lesion_id"], row["timepoint"]
        since, kind = treated.get(one, (99, ""))
        marked = at >= since and (at == since or not chance(pick, 30))
        said = at == 0 or chance(pick, 50)
        seen = row["state"] not in ("ABSENT", "NOT_EVALUABLE", "NOT_DONE")
        return row | {
            "local_therapy": kind if marked else None,
            "injected": at >= injected[one] if one in injected else None,
            "measurable": word.get(one) if said else None,
            "prior_local_therapy": (one in before or None) if said else None,
            "slice_thickness_mm": pick.one_of((5.0, 7.5, 8.0)) if coarse else None,
            "method": pick.one_of(METHODS) if pet and chance(pick, 60) else None,
            "indistinct_before": True if at > 1 and seen and row["role"] != "NEW" and chance(pick, 25) else None,
        }

    return [fact(row) for row in rows]


def build_status(pick: Pick, rows: Sequence[Row]) -> list[Row]:
    """Clinical statuses (core.clinical_status) of a subject, dated around the scans."""
    status = [
        {
            "assessment_date": on + timedelta(days=pick.one_of((-5, 0, 0, 3))),
            "new_symptoms": chance(pick, 60),
            "clinically_stable": pick.one_of((True, False, None)),
            "rapid_deterioration": chance(pick, 15),
        }
        for on in sorted({row["assessment_date"] for row in rows if row["timepoint"] > 0})
        if chance(pick, 40)
    ]
    return list({row["assessment_date"]: row for row in status}.values())


def build_subject(pick: Pick, rows: Sequence[Row]) -> dict[str, Any]:
    """Dates of the subject of a course: reference, death, last alive, new therapy, end of treatment, decline."""
    last = max((row["assessment_date"] for row in rows), default=START)
    reference = START + timedelta(days=pick.one_of((0, 0, 0, 3)))
    spread = max((last - reference).days, 1)
    death = last + timedelta(days=pick.one_of((5, 30, 60, 150, 400))) if chance(pick, 30) else None
    therapy = reference + timedelta(days=pick.integer(20, spread + 60)) if chance(pick, 25) else None
    alive = death or max(last, reference) + timedelta(days=pick.integer(0, 90))
    stop = reference + timedelta(days=pick.integer(20, spread + 60)) if chance(pick, 30) else None
    decline = reference + timedelta(days=pick.integer(0, spread + 60)) if chance(pick, 20) else None
    if death is not None:
        stop = stop if stop is None or stop <= death else None
        decline = decline if decline is None or decline <= death else None
    return {
        "discontinuation_date": stop,
        "discontinuation_reason": stop and pick.one_of(("ADVERSE EVENT", "PROGRESSIVE DISEASE", "COMPLETED")),
        "clinical_date": decline,
        "reference_date": reference,
        "death_date": death,
        "last_alive_date": alive,
        "new_therapy_date": therapy if therapy is None or death is None or therapy < death else None,
    }


@st.composite
def courses(draw: Any, *, hugging: bool = False, facts: bool = False) -> list[Row]:
    """One random course."""
    pick = HypothesisPick(draw)
    rows = build_course(pick, hugging=hugging)
    return with_facts(pick, rows) if facts else rows


@st.composite
def courses_with_subject(draw: Any, *, hugging: bool = False) -> tuple[list[Row], dict[str, Any]]:
    """One random course and the dates of its subject."""
    pick = HypothesisPick(draw)
    rows = build_course(pick, hugging=hugging)
    return rows, build_subject(pick, rows)


def many_courses(count: int, seed: int, *, facts: bool = False) -> tuple[list[Row], list[dict[str, Any]]]:
    """Rows of many courses as one list and their subjects, these with their clinical statuses where ``facts``.

    Every third course hugs the thresholds, of diameters and of products in turn.
    """
    pick = RandomPick(random.Random(seed))
    rows: list[Row] = []
    subjects = []
    for number in range(count):
        own = {"study_id": "STUDY", "subject_id": f"S{number:06d}", "evaluator": "INVESTIGATOR"}
        course = build_course(pick, hugging=number % 3 == 2)
        if number % 6 == 5:
            course = of_one_width(course)
        if facts:
            course = with_facts(pick, course)
        rows += [own | row for row in course]
        subject = {name: own[name] for name in ("study_id", "subject_id")} | build_subject(pick, course)
        subjects.append(subject | {"clinical_status": build_status(pick, course)} if facts else subject)
    return rows, subjects
