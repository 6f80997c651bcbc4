"""The walk over the visits: every course at once, one position after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from criteria.clinical import ClinicalFacts
from criteria.components import (
    Burden,
    NonTargetResult,
    References,
    TargetResult,
    burden,
    nontarget_category,
    target_category,
    unknown_if_hidden,
)
from criteria.courses import Courses
from criteria.decision import CR, NA, NE, NEW_EQUIVOCAL, NEW_MEASURED, NEW_NE, NEW_WORSE, NEW_Y, PD, UPD, Codes
from criteria.declaration import Immediate, Morphologic, NewLesions, SecondLook, Unconfirmed
from criteria.evaluated import Evaluation, nothing_evaluated
from criteria.flags import Flag, mark
from criteria.injected import worst_component
from criteria.lesions import any_lesion
from criteria.new_lesions import Look, NewLesionMemory, followed
from criteria.persistence import with_partial_responses_kept
from criteria.reads import NO_DATE, Booleans
from criteria.references import Sums
from criteria.second_look import Pending
from criteria.unconfirmed import Episodes, Findings


def evaluate(courses: Courses, declared: Morphologic, clinical: ClinicalFacts | None = None) -> Evaluation:
    """Judge all positions of all courses by the declared criterion; ``clinical`` is the status at each of them."""
    walk = _Walk(courses, declared, clinical)
    for k in range(1, courses.shape[1]):
        walk.step(k)
    return with_partial_responses_kept(walk.result, courses, declared)


class _Walk:
    """The state of all courses between two positions."""

    def __init__(self, courses: Courses, declared: Morphologic, clinical: ClinicalFacts | None) -> None:
        n, rule = len(courses.exists), declared.confirmation
        self.courses, self.declared, self.clinical = courses, declared, clinical
        self.memory = NewLesionMemory(courses)
        self.result = nothing_evaluated(courses)
        self.sums = Sums(courses)
        self.pending = Pending(self.sums, rule if isinstance(rule, SecondLook) else None)
        self.joined = np.zeros(courses.new.known_from.shape, dtype=bool)
        self.had_complete_response = np.zeros(n, dtype=bool)
        self.progressed = np.zeros(n, dtype=bool)
        self.worst_component = worst_component(courses, declared)
        self.episodes = Episodes(courses, declared, rule, self.memory) if isinstance(rule, Unconfirmed) else None

    def step(self, k: int) -> None:
        """Judge position ``k`` and move on."""
        courses, declared, result, sums = self.courses, self.declared, self.result, self.sums
        exists, look = courses.exists[:, k], self.memory.look(k)
        adds = declared.new_lesions is NewLesions.ADDED
        if adds:
            self.joined = followed(look.seen, k, self.joined, courses.new, declared.new_selection)
            sums.joined_at = np.where(self.joined, np.minimum(sums.joined_at, k), sums.joined_at)
        self.pending.leave(k, sums.leave(k))
        now = burden(k, courses, self.joined if adds else None)
        has_targets = any_lesion(courses.targets.known[:, k])
        nadir, nadir_at = self.pending.in_force()
        largest = sums.largest[:, : now.size.shape[1]]
        references = References(sums.baseline, nadir, sums.smallest, self.had_complete_response, largest)
        target = target_category(now, has_targets, references, declared)
        if self.worst_component is not None:
            target = replace(target, category=self.worst_component[:, k])
        nontarget = nontarget_category(k, courses.nontargets, self.had_complete_response, declared)
        self._note(k, now, target, nontarget, look)
        result.baseline[:, k], result.nadir[:, k], result.nadir_at[:, k] = sums.baseline, nadir, nadir_at
        if self.episodes is not None:
            counted = self._judge_unconfirmed(self.episodes, Findings(k, now, target.category, nontarget, look))
        else:
            counted = exists
            self._judge(k, now, target.category, nontarget, look)
            self.memory.keep(look, counted)
        overall = result.overall[:, k]
        self.progressed |= exists & (overall == PD)
        self.had_complete_response |= counted & (overall == CR)
        sums.lower(k, now, has_targets, counted)
        result.flags[:, k] |= self.pending.see(k, target.category, overall, nadir, nadir_at)

    def _note(self, k: int, now: Burden, target: TargetResult, nontarget: NonTargetResult, look: Look) -> None:
        result, courses = self.result, self.courses
        result.target[:, k], result.nontarget[:, k] = target.category, nontarget.category
        result.from_zero[:, k], result.reappeared[:, k] = target.from_zero, target.reappeared
        result.new_lesion[:, k] = look.category
        result.total[:, k], result.complete[:, k] = now.total, now.complete
        result.expected[:, k] = now.counted.sum(axis=1)
        result.assessed[:, k] = (now.size >= 0).sum(axis=1)
        unsure = look.first_shown & ~courses.new.sure[:, k]
        result.backdated[:, k] = any_lesion(unsure)
        result.flags[:, k] |= (
            mark(~courses.has_baseline, Flag.NO_BASELINE)
            | mark(courses.not_done[:, k], Flag.NOT_DONE)
            | mark(look.category == NEW_EQUIVOCAL, Flag.EQUIVOCAL_NEW)
            | mark(look.category == NEW_NE, Flag.NEW_NOT_EVALUABLE)
            | mark(result.backdated[:, k], Flag.BACKDATED)
            | mark(any_lesion(unsure & courses.new.by_pet[:, k]), Flag.PET_CONFIRMED)
            | mark(courses.surplus > 0, Flag.SURPLUS_TARGETS)
            | mark(target.partial, Flag.PARTIAL)
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
        if self.declared.targets_needed:
            overall = np.where((target == NA) & (nontarget.category != NA), NE, overall).astype(np.int8)
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
        if self.clinical is not None:
            early &= ~(self.clinical.new_symptoms[:, k] & any_lesion(found.look.first_shown))
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
        if self.clinical is not None:
            result.flags[:, k] |= self.clinical.stability(k, result.overall[:, k] == UPD)
        return counted
