"""Criteria that add new measurable lesions to the sum: irRC, irRECIST, imRECIST (rule book sections 3, 4, 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.oracle.components import (
    Burden,
    Look,
    NewLesions,
    NonTarget,
    baseline_sum,
    burden,
    five_and_two,
    grown,
    join_new_lesions,
    measurable_diameter,
    nontarget,
    shrunk,
)
from tests.oracle.reading import Course, Row, TimePoint, axes, diameter, organ_of, product
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


IR_CODES = {"CR": "irCR", "PR": "irPR", "SD": "irSD", "PD": "irPD", "NON-CR/NON-PD": "irNN"}
IRRC = Additive("irRC", True, 50, 25, 0, IR_CODES | {"NE": "NE"}, True, True)
IRRECIST_B14 = Additive("irRECIST", False, 30, 20, 500, IR_CODES | {"NE": "irNE"}, True, True)
IRRECIST_N13 = Additive("irRECIST", False, 30, 20, 0, IR_CODES | {"NE": "irNE"}, False, True)
IMRECIST = Additive("imRECIST", False, 30, 20, 500, {}, False, False)


def additive(course: Course, rule: Additive) -> list[Response]:
    """One response per time point; the new lesions join from their first measurable time point and then stay."""
    size = product if rule.bidimensional else diameter
    scale = 10_000 if rule.bidimensional else 100
    base = baseline_sum(course, size)
    complete = [] if base is None else [base]
    new = NewLesions(course, node_rule=not rule.bidimensional)
    joined: list[str] = []
    organs: dict[str, str] = {}
    pending: tuple[TimePoint, int] | None = None
    confirmed = False
    out: list[Response] = []
    for point in course.followups:
        look = new.look(point)
        new.keep(look)
        joined = _join(course, point, look, joined, organs, rule)
        lesions = course.targets + course.known(course.fragments, point)
        now = burden(point, lesions + joined, size)
        other = nontarget(course, point, nodes_by_short_axis=not rule.bidimensional)
        nadir = pending[1] if pending else min(complete, default=None)
        target = _total_category(now, base, nadir, rule, has_targets=bool(lesions))
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
        if now.sizes and now.complete and (base is not None or not lesions):
            complete.append(now.total)
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
        size = _measurable_product(row) if rule.bidimensional else measurable_diameter(row)
        if size is not None:
            candidates.append((size, lesion, str(row["organ"]) if rule.bidimensional else organ_of(row)))
    return join_new_lesions(joined, candidates, _irrc_slots if rule.bidimensional else five_and_two, organs)


def _measurable_product(row: Row) -> int | None:
    """IRC-03: at least 5 x 5 mm."""
    both = axes(row)
    if row["state"] in ("ABSENT", "MERGED", "NOT_EVALUABLE", "NOT_DONE") or both is None or min(both) < 500:
        return None
    return both[0] * both[1]


def _irrc_slots(taken: list[str], organ: str) -> bool:
    """IRC-03: five per organ; five cutaneous and ten visceral."""
    skin = taken.count("skin")
    free = skin < 5 if organ == "skin" else len(taken) - skin < 10
    return free and taken.count(organ) < 5


def _progressing(now: Burden, nadir: int, rule: Additive) -> bool:
    if nadir == 0 and rule.absolute == 0:
        return any(row is not None and _measurable_again(row, rule) for row in now.rows.values())
    return grown(now.total, nadir, percent=rule.increase, absolute=rule.absolute)


def _measurable_again(row: Row, rule: Additive) -> bool:
    """IRC-11: after a nadir of zero any measurable lesion is progression."""
    if rule.bidimensional:
        return _measurable_product(row) is not None
    return measurable_diameter(row) is not None


def _total_category(now: Burden, base: int | None, nadir: int | None, rule: Additive, *, has_targets: bool) -> str:
    if not has_targets:
        progressing = nadir is not None and rule.name != "irRC" and _progressing(now, nadir, rule)
        return "PD" if progressing else "NA"
    if base is None or nadir is None:
        return "NE"
    if now.gone(nodes_by_short_axis=not rule.bidimensional):
        return "CR"
    if _progressing(now, nadir, rule):
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
    if look.point.not_done():
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
