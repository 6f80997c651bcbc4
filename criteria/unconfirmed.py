"""The course of an unconfirmed progression: opened, confirmed, kept open or reset (iRECIST, rule book 5.2 and 5.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from criteria.components import Burden, NonTargetResult, increased, unknown_if_hidden
from criteria.courses import Courses
from criteria.decision import CPD, CR, NA, NE, NED, NN, PD, PR, SD, UPD, Codes
from criteria.declaration import Morphologic, Unconfirmed
from criteria.flags import Flag, mark
from criteria.further_growth import any_increase, confirming, falls, follow, rises, sizes
from criteria.lesions import any_lesion
from criteria.new_lesions import Look, NewLesionMemory, followed
from criteria.reads import NO_DATE, NO_SIZE, Booleans, Integers

CONFIRMATIONS = ("C-T", "C-NT", "C-NLT", "C-NLNT", "C-NLN", "C-X")
"""The ways to a confirmed progression, in the order in which they are named (rule book 5.2)."""

IMPROVEMENT = np.full(16, -1, dtype=np.int8)
IMPROVEMENT[PD] = 0
IMPROVEMENT[[SD, NN]] = 1
IMPROVEMENT[PR] = 2
IMPROVEMENT[CR] = 3


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything one position shows."""

    position: int
    now: Burden
    target: Codes
    nontarget: NonTargetResult
    look: Look


@dataclass(frozen=True, slots=True)
class Step:
    """What one position came to, per course; ``episode`` is the position at which its progression opened, else -1."""

    overall: Codes
    table_row: Codes
    confirmed_by: Codes
    episode: Integers
    progression_day: Integers
    flags: Integers


@dataclass(slots=True)
class Episodes:
    """The open episode of every course, and what is remembered of its new lesions, walked position by position.

    ``reference_target`` and ``reference_new`` (courses, lesions) are the sizes that further growth is compared with;
    ``measured`` marks new lesions with a sum of their own (NLT), fixed when they are first shown (IR-16).
    """

    courses: Courses
    declared: Morphologic
    rule: Unconfirmed
    memory: NewLesionMemory
    open: Booleans = field(init=False)
    ended: Booleans = field(init=False)
    followed_up: Booleans = field(init=False)
    by_target: Booleans = field(init=False)
    by_nontarget: Booleans = field(init=False)
    by_new: Booleans = field(init=False)
    opened_at: Integers = field(init=False)
    opened_day: Integers = field(init=False)
    shown_day: Integers = field(init=False)
    target_at_opening: Codes = field(init=False)
    nontarget_at_opening: Codes = field(init=False)
    reference_target: Integers = field(init=False)
    reference_new: Integers = field(init=False)
    measured: Booleans = field(init=False)
    smallest: Integers = field(init=False)
    last: Integers = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.courses.exists)
        new = self.courses.new.known_from.shape
        for name in ("open", "ended", "followed_up", "by_target", "by_nontarget", "by_new"):
            setattr(self, name, np.zeros(n, dtype=bool))
        for name in ("opened_at", "opened_day", "shown_day"):
            setattr(self, name, np.zeros(n, dtype=np.int64))
        for name in ("target_at_opening", "nontarget_at_opening"):
            setattr(self, name, np.zeros(n, dtype=np.int8))
        self.reference_target = np.full(self.courses.targets.known_from.shape, NO_SIZE)
        for name in ("reference_new", "smallest", "last"):
            setattr(self, name, np.full(new, NO_SIZE))
        self.measured = np.zeros(new, dtype=bool)

    def early(self, k: int) -> Booleans:
        """Scans too soon after the opening of the episode to count for anything (IR-05)."""
        tolerance = self.declared.options.early_tol_days
        return self.open & (self.courses.day[:, k] - self.opened_day < self.rule.after_days - tolerance)

    def step(self, found: Findings, live: Booleans) -> Step:
        """Judge a position of the courses in ``live`` (present, not ended, not early) and move on."""
        k = found.position
        self.reference_target[self.courses.targets.known_until == k] = NO_SIZE
        listed, row = self._listed(found)
        progressed = self._known_new_progressed(found)
        by_new = any_lesion(found.look.first_shown) | progressed
        opens = live & ~self.open & ((found.target == PD) | (found.nontarget.category == PD) | by_new)
        waiting = live & self.open

        confirmed_by = self._confirmed_by(found, progressed)
        late = waiting & ~self.followed_up & (self.courses.day[:, k] - self.opened_day > self.rule.by_days)
        rejected = late & (self.declared.options.late_confirmation == "reject")
        confirmed_by = np.where(rejected, np.int8(-1), confirmed_by)
        confirms = waiting & (confirmed_by >= 0)
        held = self._held(found, progressed) | (rejected & by_new)
        persists = waiting & ~confirms & held & ~self.courses.not_done[:, k]
        resets = waiting & ~confirms & ~persists & (listed != NE)
        overall = np.where(opens | persists, UPD, np.where(confirms, CPD, listed)).astype(np.int8)

        self.measured = np.where(
            live[:, None],
            followed(found.look.first_shown, k, self.measured, self.courses.new, self.declared.new_selection),
            self.measured,
        )
        self._open(found, opens, progressed)
        self._lower_references(found, waiting & persists)
        self._add_categories(found, opens | persists, by_new)
        episode = np.where(self.open | opens, self.opened_at, -1)
        shown_day = np.where(overall == UPD, self.shown_day, np.where(confirms, self.shown_day, NO_DATE))
        followed_up = waiting & (overall != NE)
        late &= followed_up
        self.followed_up |= followed_up
        self._close(opens, confirms, resets)
        self._remember(found, live)
        return Step(
            overall=overall,
            table_row=row,
            confirmed_by=np.where(confirms, confirmed_by, -1).astype(np.int8),
            episode=episode,
            progression_day=shown_day,
            flags=mark(late, Flag.LATE_CONFIRM) | mark(resets, Flag.RESET),
        )

    def _listed(self, found: Findings) -> tuple[Codes, Codes]:
        """The decision table without progression; a remaining new lesion is no complete response (IR-13)."""
        remaining = any_lesion(found.look.remaining)
        doubt = np.where(remaining, 0, found.look.doubt)
        listed, row = self.declared.table.overall(found.target, found.nontarget.category, doubt)
        capped = remaining & np.isin(listed, (CR, NED))
        listed = np.where(capped, np.where(found.target == NA, NN, PR), listed)
        listed = unknown_if_hidden(listed, doubt, self.declared)
        return np.where(self.courses.not_done[:, found.position], NE, listed).astype(np.int8), row

    def _known_new_progressed(self, found: Findings) -> Booleans:
        """Known new lesions that progress by themselves (IR-12, IR-14)."""
        size = self.courses.new.size[:, found.position]
        assessed = np.where(self.measured & (size >= 0), size, 0).sum(axis=1)
        lowest = np.where(self.measured & (self.smallest >= 0), self.smallest, 0).sum(axis=1)
        larger = any_lesion(self.measured) & increased(assessed, lowest, self.declared.progression)
        others = self.memory.shown & ~self.measured & found.look.left
        worse = others & (self.courses.new.progressed[:, found.position] | ~self.memory.visible)
        return larger | any_lesion(worse)

    def _confirmed_by(self, found: Findings, known_progressed: Booleans) -> Codes:
        """Number of the first confirmation that holds, -1 for none (C-T, C-NT, C-NLT, C-NLNT, C-NLN, C-X)."""
        k, rule = found.position, self.rule
        targets, nontargets, new = self.courses.targets, self.courses.nontargets, self.courses.new
        first_shown = any_lesion(found.look.first_shown)
        target_progressed, nontarget_progressed = found.target == PD, found.nontarget.category == PD
        grown = nontargets.known[:, k] & nontargets.grown[:, k] & confirming(nontargets, k, rule)
        smaller = self.memory.shown & ~self.measured & found.look.left & confirming(new, k, rule)
        holds = [
            self.by_target
            & target_progressed
            & rises(self._target_sizes(found), self.reference_target, confirming(targets, k, rule), rule),
            self.by_nontarget & any_lesion(grown),
            self.by_new & rises(new.size[:, k], self.reference_new, confirming(new, k, rule), rule),
            self.by_new & any_lesion(smaller & any_increase(new, k, self.last)),
            self.by_new & first_shown,
            (target_progressed & ~self.by_target)
            | (nontarget_progressed & ~self.by_nontarget)
            | ((first_shown | known_progressed) & ~self.by_new),
        ]
        return np.select(holds, range(len(holds)), default=-1).astype(np.int8)

    def _target_sizes(self, found: Findings) -> Integers:
        return found.now.size[:, : self.reference_target.shape[1]]

    def _held(self, found: Findings, known_progressed: Booleans) -> Booleans:
        """No confirmation, but the progression still stands (IR-10, IR-12)."""
        relieved = self._relieved(found) & ~known_progressed
        standing = self.by_new & any_lesion(found.look.remaining) & ~relieved
        return (found.target == PD) | (found.nontarget.category == PD) | standing

    def _relieved(self, found: Findings) -> Booleans:
        """A remaining new lesion no longer holds the progression open (IR-12, ``nl_persist_rule``)."""
        match self.declared.options.nl_persist_rule:
            case "category_improvement":
                without_targets = found.target == NA
                now = np.where(without_targets, found.nontarget.category, found.target)
                then = np.where(without_targets, self.nontarget_at_opening, self.target_at_opening)
                known = (IMPROVEMENT[now] >= 0) & (IMPROVEMENT[then] >= 0)
                return known & (IMPROVEMENT[now] > IMPROVEMENT[then])
            case "any_shrinkage":
                new = self.courses.new.size[:, found.position]
                return falls(self._target_sizes(found), self.reference_target, self.rule) | falls(
                    new, self.reference_new, self.rule
                )
            case "tl_ntl_only":
                return np.ones_like(self.open)
            case "resolution":
                return np.zeros_like(self.open)

    def _open(self, found: Findings, opens: Booleans, known_progressed: Booleans) -> None:
        k, look = found.position, found.look
        which = np.where(known_progressed[:, None], look.seen, look.first_shown)
        triggers = (
            np.where(found.target == PD, found.now.last_day, NO_DATE),
            np.where(found.nontarget.category == PD, found.nontarget.day, NO_DATE),
            self.memory.day(k, which),
        )
        self.opened_at[opens] = k
        self.opened_day[opens] = self.courses.day[opens, k]
        self.shown_day[opens] = self.courses.shown_day(k, np.minimum.reduce(triggers), self.declared)[opens]
        self.followed_up[opens] = False
        self.target_at_opening[opens] = found.target[opens]
        self.nontarget_at_opening[opens] = found.nontarget.category[opens]
        self.reference_target[opens] = self._target_sizes(found)[opens]
        self.reference_new[opens] = self._measured_sizes(found)[opens]

    def _measured_sizes(self, found: Findings) -> Integers:
        return sizes(self.courses.new, found.position, self.measured & found.look.seen)

    def _lower_references(self, found: Findings, where: Booleans) -> None:
        """The sizes that later growth is compared with, where they follow the course (``icpd_reference``)."""
        rule = self.declared.options.icpd_reference
        if rule == "iupd_first":
            return
        new = sizes(self.courses.new, found.position, self.reference_new >= 0)
        for reference, now in ((self.reference_target, self._target_sizes(found)), (self.reference_new, new)):
            follow(reference, now, where, only_down=rule == "episode_min")

    def _add_categories(self, found: Findings, where: Booleans, by_new: Booleans) -> None:
        joins_target = where & self.open & (found.target == PD) & ~self.by_target
        joins_new = where & self.open & by_new & ~self.by_new
        self.reference_target[joins_target] = self._target_sizes(found)[joins_target]
        self.reference_new[joins_new] = self._measured_sizes(found)[joins_new]
        self.by_target |= where & (found.target == PD)
        self.by_nontarget |= where & (found.nontarget.category == PD)
        self.by_new |= where & by_new

    def _close(self, opens: Booleans, confirms: Booleans, resets: Booleans) -> None:
        self.open = (self.open | opens) & ~(confirms | resets)
        self.ended |= confirms
        self.by_target &= self.open
        self.by_nontarget &= self.open
        self.by_new &= self.open

    def _remember(self, found: Findings, live: Booleans) -> None:
        """Last and smallest sizes of the new lesions shown so far (IR-12, IR-14)."""
        self.memory.keep(found.look, live)
        new = self.courses.new
        size = new.size[:, found.position]
        assessed = live[:, None] & self.memory.shown & new.looked[:, found.position]
        self.last = np.where(assessed, size, self.last)
        smaller = np.where(self.smallest < 0, size, np.minimum(self.smallest, size))
        self.smallest = np.where(assessed & (size >= 0), smaller, self.smallest)
