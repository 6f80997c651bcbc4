"""Criteria that add new measurable lesions to the sum: irRC, irRECIST, imRECIST (rule book sections 3, 4, 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.oracle.components import (
    Burden,
    Look,
    NewLesions,
    NonTarget,
    Sums,
    burden,
    five_and_two,
    grown,
    join_new_lesions,
    measurable_diameter,
    nontarget,
    or_certain,
    shrunk,
)
from tests.oracle.reading import Course, Row, TimePoint, axes
from tests.oracle.recist import Response, earliest


@dataclass(frozen=True)
class Additive:
    """What differs between the criteria of this kind."""

    name: str
    bidimensional: bool
    partial: int
    increase: int
    absolute: int
    codes: dict[str, str]
    nontarget_progression: bool
    nadir_frozen_while_pending: bool
    late_after: int | None = None
    strict: bool = False
    new_least: int = 500
    new_least_node: int = 500
    new_by_longest: bool = False
    targets_needed: bool = False


IR_CODES = {"CR": "irCR", "PR": "irPR", "SD": "irSD", "PD": "irPD", "NON-CR/NON-PD": "irNN"}
IRRC = Additive("irRC", True, 50, 25, 0, IR_CODES | {"NE": "NE"}, True, True)
IRRECIST_B14 = Additive("irRECIST", False, 30, 20, 500, IR_CODES | {"NE": "irNE"}, True, True, 84)
IRRECIST_N13 = Additive("irRECIST", False, 30, 20, 0, IR_CODES | {"NE": "irNE"}, False, True, 84)
IMRECIST = Additive("imRECIST", False, 30, 20, 500, {}, False, False)


def additive(course: Course, rule: Additive) -> list[Response]:
    """One response per time point; the new lesions join from their first measurable time point and then stay."""
    size = course.reading.size
    scale = 10_000 if rule.bidimensional else 100
    sums = Sums(course, size)
    new = NewLesions(course)
    joined: list[str] = []
    organs: dict[str, str] = {}
    pending: tuple[TimePoint, int | None] | None = None
    confirmed = False
    waiting: TimePoint | None = None
    waited = False
    out: list[Response] = []
    for point in course.followups:
        look = new.look(point)
        new.keep(look)
        joined = _join(course, point, look, joined, organs, rule)
        sums.arrive(point)
        if pending and course.leaves(point):
            pending = pending[0], sums.nadir(before=pending[0])
        lesions = course.present(point)
        now = burden(point, lesions + joined, size)
        other = nontarget(course, point)
        base, nadir = sums.base, pending[1] if pending else sums.nadir()

        def judge(
            seen: Burden, base: int | None = base, nadir: int | None = nadir, has_targets: bool = bool(lesions)
        ) -> str:
            return _total_category(seen, base, nadir, rule, course, has_targets=has_targets)

        target = or_certain(now, sums, judge) if lesions else judge(now)
        category = look.category(look.seen())
        overall = _overall(target, other, look, category, joined, rule, has_targets=bool(lesions))
        worse = _massive(point, look, joined) if overall == "PD" and target != "PD" else []
        shown = earliest(
            now.last_scan() if target == "PD" else None,
            other.date if overall == "PD" and target != "PD" and other.category == "PD" else None,
            *(row["assessment_date"] for row in worse),
        )
        out.append(
            {
                "timepoint": point.number,
                "assessment_date": point.date,
                "target_response": target,
                "nontarget_response": other.category,
                "new_lesion": category,
                "overall_response": rule.codes.get(overall, overall),
                "target_sum": now.total / scale if now.sizes else None,
                "complete": now.complete,
                "baseline_sum": None if base is None else base / scale,
                "nadir_sum": None if nadir is None else nadir / scale,
                "progression_date": shown if overall == "PD" else None,
                "flags": "",
            }
        )
        sums.keep(point, now, joined)
        if rule.late_after is not None and not waited and overall != "NE":
            if waiting is None:
                waiting = point if overall == "PD" else None
            elif point.date - waiting.date >= timedelta(days=28):
                late = point.date - waiting.date > timedelta(days=rule.late_after)
                out[-1]["flags"] = "LATE_CONFIRM" if late else ""
                waited = overall == "PD"
                waiting = None
        if rule.nadir_frozen_while_pending and not confirmed and overall != "NE":
            if pending is None:
                pending = (point, nadir) if target == "PD" and nadir is not None else None
            elif point.date - pending[0].date >= timedelta(days=28):
                if overall == "PD":
                    confirmed = True
                pending = None
    return out


def _join(
    course: Course, point: TimePoint, look: Look, joined: list[str], organs: dict[str, str], rule: Additive
) -> list[str]:
    candidates = []
    for lesion in look.seen():
        row = point.rows[lesion]
        size = _measurable_product(row, rule) if rule.bidimensional else measurable_diameter(row, course.reading)
        if size is not None and row["countable"]:
            candidates.append((size, lesion, course.reading.organ(row)))
    return join_new_lesions(joined, candidates, _irrc_slots if rule.bidimensional else five_and_two, organs)


def _measurable_product(row: Row, rule: Additive) -> int | None:
    """IRC-03: at least 5 x 5 mm, or the sizes of `irrc_new_min`."""
    both = axes(row)
    if row["state"] in ("ABSENT", "MERGED", "NOT_EVALUABLE", "NOT_DONE") or both is None or min(both) == 0:
        return None
    decisive = both[0] if rule.new_by_longest and not row["is_node"] else min(both)
    least = rule.new_least_node if row["is_node"] else rule.new_least
    return both[0] * both[1] if decisive >= least else None


def _irrc_slots(taken: list[str], organ: str) -> bool:
    """IRC-03: five per organ; five cutaneous and ten visceral."""
    skin = taken.count("skin")
    free = skin < 5 if organ == "skin" else len(taken) - skin < 10
    return free and taken.count(organ) < 5


def _progressing(now: Burden, nadir: int, rule: Additive, course: Course) -> bool:
    if nadir == 0 and rule.absolute == 0:
        return any(row is not None and _measurable_again(row, rule, course) for row in now.rows.values())
    return grown(now.total, nadir, percent=rule.increase, absolute=rule.absolute, strict=rule.strict)


def _measurable_again(row: Row, rule: Additive, course: Course) -> bool:
    """IRC-11: after a nadir of zero any measurable lesion is progression; one that is missing may be measurable."""
    if row.get("assumed"):
        return True
    if not row.get("countable"):
        return False
    if rule.bidimensional:
        return _measurable_product(row, rule) is not None
    return measurable_diameter(row, course.reading) is not None


def _total_category(
    now: Burden, base: int | None, nadir: int | None, rule: Additive, course: Course, *, has_targets: bool
) -> str:
    if not has_targets:
        progressing = nadir is not None and rule.name != "irRC" and _progressing(now, nadir, rule, course)
        return "PD" if progressing else "NA"
    if base is None or nadir is None:
        return "NE"
    if now.gone(course.reading):
        return "CR"
    if _progressing(now, nadir, rule, course):
        return "PD"
    found = "PR" if shrunk(now.total, base, percent=rule.partial) else "SD"
    return found if now.complete else "NE"


def _massive(point: TimePoint, look: Look, joined: list[str]) -> list[Row]:
    """New lesions outside the sum that the reader calls unequivocally worse."""
    return [
        point.rows[lesion]
        for lesion in look.seen()
        if lesion not in joined and point.rows[lesion]["state"] == "UNEQUIVOCAL_PROGRESSION"
    ]


def _overall(
    target: str,
    other: NonTarget,
    look: Look,
    category: str,
    joined: list[str],
    rule: Additive,
    *,
    has_targets: bool,
) -> str:
    if target == "PD":
        return "PD"
    if look.point.not_done() or (rule.targets_needed and not has_targets and other.category != "NA"):
        return "NE"
    massive = bool(_massive(look.point, look, joined))
    if rule.nontarget_progression and (rule.name != "irRC" or not has_targets) and (other.category == "PD" or massive):
        return "PD"
    if has_targets:
        return _with_targets(target, other, look, category)
    return _without_targets(other, look, category, joined)


def _with_targets(target: str, other: NonTarget, look: Look, category: str) -> str:
    if target != "CR":
        return target
    if other.category not in ("CR", "NA") or look.left():
        return "PR"
    return "NE" if category == "NE" else "CR"


def _without_targets(other: NonTarget, look: Look, category: str, joined: list[str]) -> str:
    if set(look.left()) & set(joined):
        return "NON-CR/NON-PD"
    if other.category == "NE":
        return "NE"
    if look.left() or other.category in ("PD", "NON-CR/NON-PD"):
        return "NON-CR/NON-PD"
    if category == "NE":
        return "NE"
    return "NED" if other.category == "NA" else "CR"
