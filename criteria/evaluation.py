"""The walk over the visits: every course at once, one position after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from criteria.components import (
    Burden,
    NonTargetResult,
    References,
    baseline_sum,
    burden,
    nontarget_category,
    target_category,
    unknown_if_hidden,
)
from criteria.courses import Courses, any_lesion
from criteria.decision import CR, NA, NE, NEW_EQUIVOCAL, NEW_MEASURED, NEW_NE, NEW_WORSE, NEW_Y, PD, UPD, Codes
from criteria.declaration import Immediate, Morphologic, NewLesions, SecondLook, Unconfirmed
from criteria.flags import Flag, mark
from criteria.injected import worst_component
from criteria.new_lesions import Look, NewLesionMemory, followed
from criteria.reads import NO_DATE, NO_SIZE, Booleans, Integers
from criteria.unconfirmed import Episodes, Findings


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Categories and references of every course and position; position 0 is the baseline and stays empty."""

    baseline: Integers
    target: Codes
    nontarget: Codes
    new_lesion: Codes
    overall: Codes
    table_row: Codes
    confirmed_by: Codes
    from_zero: Booleans
    reappeared: Booleans
    backdated: Booleans
    total: Integers
    complete: Booleans
    expected: Integers
    assessed: Integers
    nadir: Integers
    nadir_at: Integers
    episode: Integers
    progression_day: Integers
    flags: Integers


def evaluate(courses: Courses, declared: Morphologic) -> Evaluation:
    """Judge all positions of all courses by the declared criterion."""
    walk = _Walk(courses, declared)
    for k in range(1, courses.shape[1]):
        walk.step(k)
    return walk.result


def _empty(courses: Courses, baseline: Integers) -> Evaluation:
    shape = courses.shape

    def codes(empty: int) -> Codes:
        return np.full(shape, empty, dtype=np.int8)

    def numbers(empty: int) -> Integers:
        return np.full(shape, empty, dtype=np.int64)

    def flags() -> Booleans:
        return np.zeros(shape, dtype=bool)

    return Evaluation(
        baseline=baseline,
        target=codes(0),
        nontarget=codes(0),
        new_lesion=codes(0),
        overall=codes(0),
        table_row=codes(-1),
        confirmed_by=codes(-1),
        from_zero=flags(),
        reappeared=flags(),
        backdated=flags(),
        total=numbers(0),
        complete=flags(),
        expected=numbers(0),
        assessed=numbers(0),
        nadir=numbers(-1),
        nadir_at=numbers(0),
        episode=numbers(-1),
        progression_day=numbers(int(NO_DATE)),
        flags=numbers(0),
    )


class _Walk:
    """The state of all courses between two positions."""

    def __init__(self, courses: Courses, declared: Morphologic) -> None:
        n = len(courses.exists)
        self.courses, self.declared = courses, declared
        self.memory = NewLesionMemory(courses)
        baseline = baseline_sum(courses)
        self.result = _empty(courses, baseline)
        self.nadir, self.nadir_at = baseline.copy(), np.zeros(n, dtype=np.int64)
        self.joined = np.zeros(courses.new.known_from.shape, dtype=bool)
        self.smallest = np.where(courses.targets.known[:, 0], courses.targets.size[:, 0], NO_SIZE)
        self.had_complete_response = np.zeros(n, dtype=bool)
        self.progressed = np.zeros(n, dtype=bool)
        self.second_look_over = np.zeros(n, dtype=bool)
        self.pending_since = np.full(n, NO_DATE)
        self.pending_nadir, self.pending_nadir_at = baseline.copy(), np.zeros(n, dtype=np.int64)
        self.worst_component = worst_component(courses, declared)
        rule = declared.confirmation
        self.episodes = Episodes(courses, declared, rule, self.memory) if isinstance(rule, Unconfirmed) else None

    def step(self, k: int) -> None:
        """Judge position ``k`` and move on."""
        courses, declared, result = self.courses, self.declared, self.result
        exists, look = courses.exists[:, k], self.memory.look(k)
        adds = declared.new_lesions is NewLesions.ADDED
        if adds:
            self.joined = followed(look.seen, k, self.joined, courses.new, declared.new_selection)
        now = burden(k, courses, self.joined if adds else None)
        has_targets = any_lesion(courses.targets.known[:, k])
        nadir, nadir_at = self._nadir_in_force()
        references = References(result.baseline, nadir, self.smallest, self.had_complete_response)
        target = target_category(now, has_targets, references, declared)
        if self.worst_component is not None:
            target = replace(target, category=self.worst_component[:, k])
        nontarget = nontarget_category(k, courses.nontargets, self.had_complete_response, declared)
        self._note(k, now, target.category, nontarget, look)
        result.from_zero[:, k], result.reappeared[:, k] = target.from_zero, target.reappeared
        result.nadir[:, k], result.nadir_at[:, k] = nadir, nadir_at
        if self.episodes is not None:
            counted = self._judge_unconfirmed(self.episodes, Findings(k, now, target.category, nontarget, look))
        else:
            counted = exists
            self._judge(k, now, target.category, nontarget, look)
            self.memory.keep(look, counted)
        self.progressed |= exists & (result.overall[:, k] == PD)
        self.had_complete_response |= counted & (result.overall[:, k] == CR)
        self._lower_nadir(k, now, has_targets, counted)
        self._await_second_look(k, nadir, nadir_at, target.category)

    def _note(self, k: int, now: Burden, target: Codes, nontarget: NonTargetResult, look: Look) -> None:
        result, courses = self.result, self.courses
        result.target[:, k], result.nontarget[:, k] = target, nontarget.category
        result.new_lesion[:, k] = look.category
        result.total[:, k], result.complete[:, k] = now.total, now.complete
        result.expected[:, k] = now.counted.sum(axis=1)
        result.assessed[:, k] = (now.size >= 0).sum(axis=1)
        result.backdated[:, k] = any_lesion(look.first_shown & ~courses.new.sure[:, k])
        result.flags[:, k] |= (
            mark(~courses.has_baseline, Flag.NO_BASELINE)
            | mark(courses.not_done[:, k], Flag.NOT_DONE)
            | mark(look.category == NEW_EQUIVOCAL, Flag.EQUIVOCAL_NEW)
            | mark(look.category == NEW_NE, Flag.NEW_NOT_EVALUABLE)
            | mark(result.backdated[:, k], Flag.BACKDATED)
        )

    def _judge(self, k: int, now: Burden, target: Codes, nontarget: NonTargetResult, look: Look) -> None:
        """The overall response by the decision table, and the scan that showed a progression (DT-02, DT-03)."""
        result, courses, table = self.result, self.courses, self.declared.table
        progressed_new = look.seen
        new = look.category
        if self.declared.new_lesions is NewLesions.ADDED:
            progressed_new = look.seen & ~self.joined & courses.new.progressed[:, k]
            new = self._added_new(look, progressed_new)
        overall, row = table.overall(target, nontarget.category, new)
        overall = np.where(courses.not_done[:, k] & (overall != PD), NE, overall)
        overall = unknown_if_hidden(overall, look.category, self.declared)
        by_sum = target == PD
        by_others = overall == PD
        if self.declared.new_lesions is NewLesions.ADDED:
            by_others &= ~by_sum
        triggers = (
            np.where(by_sum, now.last_day, NO_DATE),
            np.where(by_others & (nontarget.category == PD), nontarget.day, NO_DATE),
            np.where(by_others, self.memory.day(k, progressed_new), NO_DATE),
        )
        result.overall[:, k], result.table_row[:, k] = overall, row
        result.progression_day[:, k] = courses.shown_day(k, np.minimum.reduce(triggers), self.declared)
        if isinstance(self.declared.confirmation, Immediate):
            result.flags[:, k] |= mark(self.progressed, Flag.POST_PROGRESSION)

    def _added_new(self, look: Look, worse: Booleans) -> Codes:
        """The new-lesion result for a table of a criterion that adds new lesions to the sum."""
        remaining = any_lesion(look.remaining)
        measured = any_lesion(look.remaining & self.joined)
        new = np.where(measured, NEW_MEASURED, np.where(remaining, NEW_Y, look.doubt))
        if self.declared.table.tells("WORSE"):
            new = np.where(any_lesion(worse), NEW_WORSE, new)
        return new.astype(np.int8)

    def _judge_unconfirmed(self, episodes: Episodes, found: Findings) -> Booleans:
        k, result = found.position, self.result
        exists = self.courses.exists[:, k]
        early = exists & ~episodes.ended & episodes.early(k)
        after = exists & episodes.ended
        counted = exists & ~early & ~after
        shown_day, opened_at = episodes.shown_day.copy(), episodes.opened_at.copy()
        step = episodes.step(found, counted)
        result.overall[:, k] = np.select([early, after], [UPD, NA], default=step.overall)
        result.table_row[:, k] = step.table_row
        result.confirmed_by[:, k] = np.where(counted, step.confirmed_by, -1)
        result.episode[:, k] = np.where(early, opened_at, step.episode)
        result.progression_day[:, k] = np.where(early, shown_day, step.progression_day)
        result.flags[:, k] |= mark(early, Flag.EARLY_SCAN) | mark(after, Flag.POST_PROGRESSION)
        result.flags[:, k] |= np.where(counted, step.flags, 0)
        return counted

    def _lower_nadir(self, k: int, now: Burden, has_targets: Booleans, counted: Booleans) -> None:
        """A complete sum becomes the nadir when it is the smallest so far (GEN-04)."""
        lower = counted & now.complete & ((self.nadir < 0) | (now.total < self.nadir))
        lower &= ~has_targets | (self.result.baseline >= 0)
        self.nadir = np.where(lower, now.total, self.nadir)
        self.nadir_at = np.where(lower, k, self.nadir_at)
        targets = now.size[:, : self.smallest.shape[1]]
        measured = counted[:, None] & (targets >= 0) & ~now.merged[:, : self.smallest.shape[1]]
        smaller = np.where(self.smallest < 0, targets, np.minimum(self.smallest, targets))
        self.smallest = np.where(measured, smaller, self.smallest)

    def _nadir_in_force(self) -> tuple[Integers, Integers]:
        """The nadir; while a second look is awaited, that before the progression (IRC-08)."""
        pending = self.pending_since != NO_DATE
        return np.where(pending, self.pending_nadir, self.nadir), np.where(
            pending, self.pending_nadir_at, self.nadir_at
        )

    def _await_second_look(self, k: int, nadir: Integers, nadir_at: Integers, target: Codes) -> None:
        rule = self.declared.confirmation
        if not (isinstance(rule, SecondLook) and rule.keeps_nadir):
            return
        day, overall = self.courses.day[:, k], self.result.overall[:, k]
        live = self.courses.exists[:, k] & ~self.second_look_over & (overall != NE)
        pending = self.pending_since != NO_DATE
        judged = live & pending & (day - self.pending_since >= rule.after_days)
        starts = live & ~pending & (target == PD) & (nadir >= 0)
        self.second_look_over |= judged & (overall == PD)
        self.pending_since = np.where(starts, day, np.where(judged, NO_DATE, self.pending_since))
        self.pending_nadir = np.where(starts, nadir, self.pending_nadir)
        self.pending_nadir_at = np.where(starts, nadir_at, self.pending_nadir_at)
