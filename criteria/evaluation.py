"""The walk over the visits: every course at once, one position after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from criteria.components import (
    NO_NADIR,
    Burden,
    burden,
    new_lesion_category,
    nontarget_category,
    target_category,
)
from criteria.courses import Booleans, Courses, Integers
from criteria.decision import CPD, CR, NA, NE, NEW_NE, PD, UPD, Codes
from criteria.declaration import Immediate, Morphologic, Unconfirmed
from criteria.flags import Flag, mark
from criteria.new_lesions import NewLesionCounts, read_new_lesions
from criteria.unconfirmed import Episodes, doubtful


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Categories and references of every course and position; position 0 is the baseline and stays empty."""

    sums: Burden
    new: NewLesionCounts
    target: Codes
    nontarget: Codes
    new_lesion: Codes
    overall: Codes
    table_row: Codes
    confirmed_by: Codes
    from_zero: Booleans
    reappeared: Booleans
    nadir: Integers
    nadir_at: Integers
    episode: Integers
    flags: Integers


def evaluate(courses: Courses, declared: Morphologic) -> Evaluation:
    """Judge all positions of all courses by the declared criterion."""
    new = read_new_lesions(courses, declared)
    sums = burden(courses, new, declared)
    shape = n, positions = courses.shape
    result = Evaluation(
        sums=sums,
        new=new,
        target=np.zeros(shape, dtype=np.int8),
        nontarget=np.zeros(shape, dtype=np.int8),
        new_lesion=np.zeros(shape, dtype=np.int8),
        overall=np.zeros(shape, dtype=np.int8),
        table_row=np.full(shape, -1, dtype=np.int8),
        confirmed_by=np.full(shape, -1, dtype=np.int8),
        from_zero=np.zeros(shape, dtype=bool),
        reappeared=np.zeros(shape, dtype=bool),
        nadir=np.full(shape, NO_NADIR),
        nadir_at=np.zeros(shape, dtype=np.int64),
        episode=np.full(shape, -1, dtype=np.int64),
        flags=_standing_flags(courses, new),
    )
    nadir = np.where(sums.has_targets, sums.baseline, NO_NADIR)
    nadir_at = np.zeros(n, dtype=np.int64)
    had_complete_response = np.zeros(n, dtype=bool)
    progressed = np.zeros(n, dtype=bool)
    rule = declared.confirmation
    episodes = Episodes(courses, sums, new, declared, rule) if isinstance(rule, Unconfirmed) else None
    for k in range(1, positions):
        exists = courses.exists[:, k]
        target = target_category(k, sums, nadir, had_complete_response, declared)
        result.target[:, k] = target.category
        result.from_zero[:, k], result.reappeared[:, k] = target.from_zero, target.reappeared
        result.nontarget[:, k] = nontarget_category(k, courses.nontargets, had_complete_response, declared)
        result.new_lesion[:, k] = new_lesion_category(k, new)
        result.nadir[:, k], result.nadir_at[:, k] = nadir, nadir_at
        counted = exists
        if episodes:
            early = exists & ~episodes.ended & episodes.early(k)
            after = exists & episodes.ended
            counted = exists & ~early & ~after
            _judge_unconfirmed(k, result, episodes, counted, early, after)
        else:
            _judge(k, result, declared)
            if isinstance(rule, Immediate):
                result.flags[:, k] |= mark(progressed, Flag.POST_PROGRESSION)
        _not_evaluable_new_lesions(k, result, declared)
        progressed |= exists & (result.overall[:, k] == PD)
        had_complete_response |= counted & (result.overall[:, k] == CR)
        lower = counted & sums.complete[:, k] & ((nadir < 0) | (sums.total[:, k] < nadir))
        lower &= np.where(sums.has_targets, nadir >= 0, sums.measured_new[:, k])
        nadir = np.where(lower, sums.total[:, k], nadir)
        nadir_at = np.where(lower, k, nadir_at)
    return result


def _judge(k: int, result: Evaluation, declared: Morphologic) -> None:
    result.overall[:, k], result.table_row[:, k] = declared.table.overall(
        result.target[:, k], result.nontarget[:, k], result.new_lesion[:, k]
    )


def _judge_unconfirmed(
    k: int, result: Evaluation, episodes: Episodes, counted: Booleans, early: Booleans, after: Booleans
) -> None:
    step = episodes.step(k, counted, result.target[:, k], result.nontarget[:, k], doubtful(result.new_lesion[:, k]))
    result.overall[:, k] = np.select([early, after], [UPD, NA], default=step.overall)
    result.table_row[:, k] = step.table_row
    result.confirmed_by[:, k] = step.confirmed_by
    result.episode[:, k] = np.where(early, episodes.opened_at, step.episode)
    result.flags[:, k] |= step.flags | mark(early, Flag.EARLY_SCAN)
    result.flags[:, k] |= mark(after, Flag.POST_PROGRESSION)


def _not_evaluable_new_lesions(k: int, result: Evaluation, declared: Morphologic) -> None:
    """New lesions that could not be looked for (R11-NL-05, ``nl_ne_rule``)."""
    unknown = result.new_lesion[:, k] == NEW_NE
    match declared.options.nl_ne_rule:
        case "ne_if_cr":
            hidden = unknown & (result.overall[:, k] == CR)
        case "ne_always":
            hidden = unknown & ~np.isin(result.overall[:, k], (PD, UPD, CPD))
        case "as_no":
            return
    result.overall[hidden, k] = NE


def _standing_flags(courses: Courses, new: NewLesionCounts) -> Integers:
    anything = (courses.targets.assessed > 0) | (courses.nontargets.assessed > 0) | (new.known > 0)
    known = (courses.targets.expected > 0) | (courses.nontargets.expected > 0)
    return (
        mark(~courses.has_baseline, Flag.NO_BASELINE)[:, None]
        | mark(known & ~anything, Flag.NOT_DONE)
        | mark(new.equivocal > 0, Flag.EQUIVOCAL_NEW)
        | mark(new.not_evaluable > 0, Flag.NEW_NOT_EVALUABLE)
        | mark(new.backdated > 0, Flag.BACKDATED)
    )
