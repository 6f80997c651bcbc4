"""iRECIST and itRECIST: unconfirmed and confirmed progression (rule book sections 5 and 7.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

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
    overall_without_progression,
    recist_target,
    says_increased,
)
from tests.oracle.reading import Course, TimePoint, diameter, diseased, organ_of
from tests.oracle.recist import Response, earliest

IRECIST_CODES = {
    "CR": "iCR",
    "PR": "iPR",
    "SD": "iSD",
    "NON-CR/NON-PD": "NON-iCR/NON-iUPD",
    "UPD": "iUPD",
    "CPD": "iCPD",
}
ITRECIST_CODES = {"UPD": "itUPD", "CPD": "itCPD"}
BETTER = {"PD": 0, "SD": 1, "NON-CR/NON-PD": 1, "PR": 2, "CR": 3}


@dataclass(frozen=True)
class Window:
    """When a first follow-up confirms, in days after the first unconfirmed progression (IR-04)."""

    earliest: int = 28
    latest: int = 56
    tolerance: int = 2


@dataclass
class Episode:
    """An open unconfirmed progression."""

    opened: date
    progression_date: date | None
    categories: set[str]
    target: dict[str, int]
    new_sizes: dict[str, int]
    target_category: str
    nontarget_category: str
    followed_up: bool = False


@dataclass
class Memory:
    """What earlier valid time points left behind of the new lesions (5.3, IR-12, IR-14, IR-16)."""

    measurable: list[str]
    organs: dict[str, str]
    smallest: dict[str, int]
    last_size: dict[str, int]


@dataclass(frozen=True)
class Finding:
    """Everything one time point shows."""

    point: TimePoint
    now: Burden
    target: str
    other: NonTarget
    look: Look
    base: int | None


def sizes_of(lesions: list[str], point: TimePoint) -> dict[str, int]:
    """Diameters of the lesions that were assessed with a size."""
    sizes = {lesion: diameter(point.rows.get(lesion)) for lesion in lesions}
    return {lesion: size for lesion, size in sizes.items() if size is not None}


class ImmuneReading:
    """One course through the state machine of section 5.3."""

    def __init__(
        self,
        course: Course,
        *,
        codes: dict[str, str],
        window: Window,
        icpd_reference: str = "iupd_first",
        nl_persist_rule: str = "category_improvement",
        injected_growth: bool = True,
        symptoms: Callable[[TimePoint], bool] = lambda point: False,
    ) -> None:
        self.course = course
        self.codes = codes
        self.window = window
        self.icpd_reference = icpd_reference
        self.nl_persist_rule = nl_persist_rule
        self.injected_growth = injected_growth
        self.symptoms = symptoms
        self.sums = Sums(course, diameter)
        self.new = NewLesions(course)
        self.memory = Memory([], {}, {}, {})
        self.episode: Episode | None = None
        self.confirmed = False
        self.complete_response_before = False

    def responses(self) -> list[Response]:
        """One response per time point, in order."""
        return [self._at(point) for point in self.course.followups]

    def _at(self, point: TimePoint) -> Response:
        self.sums.arrive(point)
        if self.episode:
            self.episode.target = {
                lesion: size for lesion, size in self.episode.target.items() if not self.course.has_left(lesion, point)
            }
        finding = self._find(point)
        if self.confirmed:
            return self._row(finding, "NA", None, "")
        episode = self.episode
        too_early = episode and (point.date - episode.opened).days < self.window.earliest - self.window.tolerance
        if episode and too_early and not (self.symptoms(point) and finding.look.first_shown()):
            return self._row(finding, "UPD", episode.progression_date, "EARLY_SCAN")
        if episode is None:
            overall, shown = self._closed(finding)
            flags = ""
        else:
            overall = self._open(finding, episode)
            shown = episode.progression_date if overall in ("UPD", "CPD") else None
            flags = ""
            if overall != "NE" and not episode.followed_up:
                episode.followed_up = True
                flags = "LATE_CONFIRM" if (point.date - episode.opened).days > self.window.latest else ""
        row = self._row(finding, overall, shown, flags)
        self._remember(finding, overall)
        return row

    def _find(self, point: TimePoint) -> Finding:
        course = self.course
        now = burden(point, course.present(point), diameter)
        base, nadir, after = self.sums.base, self.sums.nadir(), self.complete_response_before

        def judge(seen: Burden) -> str:
            return recist_target(seen, base, nadir, course.reading, after_complete_response=after)

        target = or_certain(now, self.sums, judge)
        other = nontarget(course, point, after_complete_response=self.complete_response_before)
        return Finding(point, now, target, other, self.new.look(point), base)

    def _closed(self, finding: Finding) -> tuple[str, date | None]:
        look = finding.look
        grown_known = self._known_new_lesions_progress(finding)
        triggers = {
            name: shown
            for name, holds, shown in (
                ("T", finding.target == "PD", finding.now.last_scan()),
                ("NT", finding.other.category == "PD", finding.other.date),
                ("NL", bool(look.first_shown()) or grown_known, self._new_lesion_date(finding, grown_known)),
            )
            if holds
        }
        if not triggers:
            return self._table(finding), None
        shown = earliest(*triggers.values())
        lesions = look.first_shown()
        measurable = self._classify(finding)[0]
        self.episode = Episode(
            finding.point.date,
            shown,
            set(triggers),
            {lesion: size for lesion, size in finding.now.sizes.items() if size is not None},
            sizes_of([lesion for lesion in measurable if lesion in look.seen() or lesion in lesions], finding.point),
            finding.target,
            finding.other.category,
        )
        return "UPD", shown

    def _new_lesion_date(self, finding: Finding, grown_known: bool) -> date | None:
        look = finding.look
        return look.shown_on(look.seen() if grown_known else look.first_shown())

    def _open(self, finding: Finding, episode: Episode) -> str:
        if finding.point.not_done():
            return "NE"
        if self._confirms(finding, episode):
            self.confirmed = True
            return "CPD"
        if self._persists(finding, episode):
            self._lower_references(finding, episode)
            return "UPD"
        overall = self._table(finding)
        if overall != "NE":
            self.episode = None
        return overall

    def _confirms(self, finding: Finding, episode: Episode) -> bool:
        """Section 5.2; in a category that did not open the episode, its own progression rule confirms (C-X)."""
        target = finding.target == "PD"
        if "T" in episode.categories:
            target = target and rises(finding.now.sizes, self._confirming(episode.target, finding))
        other = finding.other.category == "PD"
        if "NT" in episode.categories:
            other = any(self._may_confirm(row["lesion_id"], finding) for row in finding.other.growing)
        known_new = self._known_new_lesions_progress(finding)
        if "NL" in episode.categories:
            sizes = {lesion: diameter(finding.point.rows.get(lesion)) for lesion in episode.new_sizes}
            smaller = any(
                self._grows(lesion, finding) for lesion in self._smaller() if self._may_confirm(lesion, finding)
            )
            known_new = rises(sizes, self._confirming(episode.new_sizes, finding)) or smaller
        return bool(finding.look.first_shown()) or target or other or known_new

    def _may_confirm(self, lesion: str, finding: Finding) -> bool:
        """Section 7.3: growth of an injected lesion confirms, unless the option says no."""
        until = [p for p in self.course.followups if (p.date, p.number) <= (finding.point.date, finding.point.number)]
        points = ([self.course.baseline] if self.course.baseline else []) + until
        injected = any(point.rows.get(lesion, {}).get("injected") for point in points)
        return self.injected_growth or not injected

    def _confirming(self, reference: dict[str, int], finding: Finding) -> dict[str, int]:
        return {lesion: size for lesion, size in reference.items() if self._may_confirm(lesion, finding)}

    def _persists(self, finding: Finding, episode: Episode) -> bool:
        if finding.target == "PD" or finding.other.category == "PD":
            return True
        return "NL" in episode.categories and bool(finding.look.left()) and not self._relieved(finding, episode)

    def _relieved(self, finding: Finding, episode: Episode) -> bool:
        """IR-12: static new lesions no longer hold the episode open, by the option's rule."""
        if self._known_new_lesions_progress(finding):
            return False
        if self.nl_persist_rule == "resolution":
            return False
        if self.nl_persist_rule == "tl_ntl_only":
            return True
        if self.nl_persist_rule == "any_shrinkage":
            sizes = {lesion: diameter(finding.point.rows.get(lesion)) for lesion in episode.new_sizes}
            return shrinks(finding.now.sizes, episode.target) or shrinks(sizes, episode.new_sizes)
        before, after = episode.target_category, finding.target
        if finding.target == "NA":
            before, after = episode.nontarget_category, finding.other.category
        return before in BETTER and after in BETTER and BETTER[after] > BETTER[before]

    def _lower_references(self, finding: Finding, episode: Episode) -> None:
        """Option icpd_reference; the default keeps the sums of the opening time point."""
        if self.icpd_reference == "iupd_first":
            return
        now = {lesion: size for lesion, size in finding.now.sizes.items() if size is not None}
        sizes = sizes_of(list(episode.new_sizes), finding.point)
        previous = self.icpd_reference == "previous_tp"
        if now.keys() == episode.target.keys() and (previous or sum(now.values()) < sum(episode.target.values())):
            episode.target = now
        if sizes.keys() == episode.new_sizes.keys() and (
            previous or sum(sizes.values()) < sum(episode.new_sizes.values())
        ):
            episode.new_sizes = sizes

    def _smaller(self) -> list[str]:
        """Known new lesions that are not measured in the separate sum (NLNT)."""
        return [
            lesion for lesion, known in self.new.known.items() if known.shown and lesion not in self.memory.measurable
        ]

    def _grows(self, lesion: str, finding: Finding) -> bool:
        """C-NLNT: any increase against the last assessment, in the reader's word or in size."""
        row = finding.point.rows.get(lesion)
        size = diameter(row)
        if row is None or not diseased(row, size, self.course.reading):
            return False
        if row["state"] in ("INCREASED", "UNEQUIVOCAL_PROGRESSION") or says_increased(row):
            return True
        last = self.memory.last_size.get(lesion)
        return last == 0 if size is None else last is not None and size > last

    def _known_new_lesions_progress(self, finding: Finding) -> bool:
        """IR-12 and IR-14: the separate sum against its own minimum; unequivocal growth or return of a smaller one."""
        memory = self.memory
        if memory.measurable:
            assessed = sum(sizes_of(memory.measurable, finding.point).values())
            lowest = sum(memory.smallest.get(lesion, 0) for lesion in memory.measurable)
            if grown(assessed, lowest, percent=20, absolute=500):
                return True
        for lesion in self._smaller():
            row = finding.point.rows.get(lesion)
            if row is None or not diseased(row, diameter(row), self.course.reading):
                continue
            if row["state"] == "UNEQUIVOCAL_PROGRESSION" or not self.new.known[lesion].visible:
                return True
        return False

    def _table(self, finding: Finding) -> str:
        """Table 2.5 with no new lesion; a visible known one allows no iCR (IR-13)."""
        if finding.point.not_done():
            return "NE"
        category = finding.look.category([])
        left = finding.look.left()
        overall = overall_without_progression(finding.target, finding.other.category, "N" if left else category)
        if left and overall in ("CR", "NED"):
            return "NON-CR/NON-PD" if finding.target == "NA" else "PR"
        return overall

    def _classify(self, finding: Finding) -> tuple[list[str], dict[str, str]]:
        """NLT or NLNT, fixed when a lesion is first shown: measurable, at most five, two an organ (IR-03, IR-16)."""
        organs = dict(self.memory.organs)
        candidates = []
        for lesion in finding.look.first_shown():
            row = finding.point.rows[lesion]
            size = measurable_diameter(row, self.course.reading)
            if size is not None:
                candidates.append((size, lesion, organ_of(row)))
        return join_new_lesions(self.memory.measurable, candidates, five_and_two, organs), organs

    def _remember(self, finding: Finding, overall: str) -> None:
        memory = self.memory
        memory.measurable, memory.organs = self._classify(finding)
        self.new.keep(finding.look)
        for lesion, known in self.new.known.items():
            row = finding.point.rows.get(lesion)
            size = diameter(row)
            if not known.shown or row is None or row["state"] in ("NOT_EVALUABLE", "NOT_DONE"):
                continue
            if size is None:
                memory.last_size.pop(lesion, None)
                continue
            memory.last_size[lesion] = size
            memory.smallest[lesion] = min(size, memory.smallest.get(lesion, size))
        self.sums.keep(finding.point, finding.now)
        self.complete_response_before = self.complete_response_before or overall == "CR"

    def _row(self, finding: Finding, overall: str, shown: date | None, flags: str) -> Response:
        base, nadir = self.sums.base, self.sums.nadir()
        return {
            "timepoint": finding.point.number,
            "assessment_date": finding.point.date,
            "target_response": finding.target,
            "nontarget_response": finding.other.category,
            "new_lesion": finding.look.category(finding.look.seen()),
            "overall_response": self.codes.get(overall, overall),
            "target_sum": finding.now.total / 100 if finding.now.sizes else None,
            "complete": finding.now.complete,
            "baseline_sum": None if base is None else base / 100,
            "nadir_sum": None if nadir is None else nadir / 100,
            "progression_date": shown,
            "flags": flags,
        }


def rises(sizes: dict[str, int | None], reference: dict[str, int]) -> bool:
    """At least 5 mm more in the lesions that the reference measured; an unassessed one adds nothing (IR-15)."""
    if not reference:
        return False
    return sum(sizes.get(lesion) or 0 for lesion in reference) - sum(reference.values()) >= 500


def shrinks(sizes: dict[str, int | None], reference: dict[str, int]) -> bool:
    """At least 5 mm less in the lesions that the reference measured, all of them assessed (IR-12)."""
    now = [sizes.get(lesion) for lesion in reference]
    if not reference or None in now:
        return False
    return sum(reference.values()) - sum(size for size in now if size is not None) >= 500
