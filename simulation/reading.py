"""What a reader sees: lesions chosen at the baseline, their sizes and states at every visit, and new lesions.

Arrays have the shape (subjects, visits, places) of `simulation.growth`, of lesions (subjects, places).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from criteria.vocabulary import Change, Role, State
from simulation.draws import Booleans, Draws, Floats, Integers
from simulation.lesions import BASELINE, FRAGMENT, MIMIC, ORGANS, PLACES, Lesions
from simulation.schedule import BASELINE_VISIT, FIRST, PRE_BASELINE, Visits
from simulation.settings import PERFECT, ReaderErrors

STATES, CHANGES, ROLES = tuple(State), tuple(Change), tuple(Role)
NOTHING = -1
TARGETS, PER_ORGAN = 5, 2
TARGET_MM, TARGET_NODE_MM, NODE_MM, SEEN_MM, NEW_MM = 10, 15, 10, 5, 6
WORSE_RATIO, WORSE_MM = 1.4, 8
CHANGED_RATIO, CHANGED_MM = 1.1, 2


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: name (evaluator), role (--EVAL), prefix of the lesion identifiers, and how far from the truth."""

    name: str
    role: str
    prefix: str
    errors: ReaderErrors


@dataclass(frozen=True, slots=True)
class Read:
    """One reader's record of a trial.

    ``role`` indexes `ROLES` (-1: not a lesion to this reader), ``number`` counts lesions of a role from 1, ``state``
    indexes `STATES` (-1: no record), ``change`` `CHANGES`. ``size`` is what counts (a node's short axis), ``longest``
    and ``across`` the two diameters; not a number where none is given.
    """

    role: Integers
    number: Integers
    state: Integers
    change: Integers
    size: Floats
    longest: Floats
    across: Floats


def truth_reader() -> Reader:
    """The reader without any error."""
    return Reader("TRUTH", "TRUTH", "", PERFECT)


def read(reader: Reader, draws: Draws, lesions: Lesions, visits: Visits, true: Floats, joined: Booleans) -> Read:
    """Read all visits. ``true`` are the true sizes, ``joined`` where a lesion has merged into another one."""
    measured = _measured(reader, draws, true)
    role, rank = _chosen(reader, draws, lesions, measured[:, BASELINE_VISIT], true[:, BASELINE_VISIT])
    exists, occurred = visits.exists[:, :, None], (visits.exists & visits.occurred)[:, :, None]
    target, nontarget = role == ROLES.index(Role.TARGET), role == ROLES.index(Role.NON_TARGET)
    state = np.full(true.shape, NOTHING)
    state = np.where(target[:, None, :], _target_states(lesions, true, joined), state)
    hidden = _not_evaluable(reader, draws, visits) & target[:, None, :] & (lesions.partner < 0)[:, None, :]
    hidden[:, :, FRAGMENT] = False
    state = np.where(hidden, _code(State.NOT_EVALUABLE), state)
    worse = _unequivocally_worse(reader, draws, true, occurred[:, :, 0])
    state = np.where(nontarget[:, None, :], _nontarget_states(true, joined, worse), state)
    since, doubtful = _new_lesions(reader, draws, lesions, measured, true, occurred)
    new = since < true.shape[1]
    role = np.where(new, ROLES.index(Role.NEW), role)
    state = np.where(new[:, None, :], _new_states(true, since, doubtful), state)
    state = np.where(exists & ~occurred & (state != NOTHING), _code(State.NOT_DONE), state)
    fragment = _fragment_since(lesions, true, occurred[:, :, 0], target[:, 0])
    role[:, FRAGMENT] = np.where(fragment < true.shape[1], ROLES.index(Role.TARGET), NOTHING)
    state[:, :, FRAGMENT] = _fragment_states(true[:, :, FRAGMENT], fragment, occurred[:, :, 0])
    first = np.where(new, since, np.where(np.arange(PLACES) == FRAGMENT, fragment[:, None], 0))
    position = np.arange(true.shape[1])[None, :, None]
    recorded = exists & (role != NOTHING)[:, None, :] & (position >= first[:, None, :])
    state = np.where(recorded, state, NOTHING)
    size, longest, across = _diameters(reader, draws, lesions, measured, state, nontarget)
    return Read(
        role=role,
        number=_numbers(role, rank, first),
        state=state,
        change=_changes(true, state, role),
        size=size,
        longest=longest,
        across=across,
    )


def _code(state: State) -> int:
    return STATES.index(state)


def _measured(reader: Reader, draws: Draws, true: Floats) -> Floats:
    errors = reader.errors
    bias = draws.normal(f"{reader.name} bias", true.shape[2])[:, None, :] * errors.lesion_bias
    noise = draws.normal(f"{reader.name} noise", *true.shape[1:]) * errors.scan_noise
    return np.where(true > 0, np.maximum(np.round(true * np.exp(bias + noise), 1), 0.1), 0)


def _chosen(
    reader: Reader, draws: Draws, lesions: Lesions, measured: Floats, true: Floats
) -> tuple[Integers, Integers]:
    """Roles at the baseline and the rank of each lesion in the reader's preference (R11-BL-01 to R11-BL-03).

    The largest lesions are preferred; a lesion that will merge or split, and its partner, always come first.
    """
    preference = measured * np.exp(draws.normal(f"{reader.name} preference", PLACES) * reader.errors.selection)
    involved = lesions.partner >= 0
    involved[:, 0] |= involved.any(axis=1)
    preference = np.where(involved, preference + 1000, preference)
    at_baseline = lesions.present & (np.arange(PLACES) < BASELINE)
    listed = at_baseline & (true >= SEEN_MM) & (~lesions.node | (measured >= NODE_MM))
    large = np.where(lesions.node, measured >= TARGET_NODE_MM, measured >= TARGET_MM)
    eligible = listed & lesions.measurable & large
    order = np.argsort(-np.where(eligible, preference, -1), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    sorted_eligible = np.take_along_axis(eligible, order, axis=1)
    sorted_organ = np.take_along_axis(lesions.organ, order, axis=1)
    allowed = np.zeros_like(sorted_eligible)
    for organ in range(len(ORGANS)):
        of_organ = sorted_eligible & (sorted_organ == organ)
        allowed |= of_organ & (np.cumsum(of_organ, axis=1) <= PER_ORGAN)
    allowed &= np.cumsum(allowed, axis=1) <= TARGETS
    target = np.take_along_axis(allowed, rank, axis=1)
    overlooked = draws.chance(f"{reader.name} not listed", reader.errors.not_listed, PLACES) & ~involved
    role = np.where(listed & ~overlooked, ROLES.index(Role.NON_TARGET), NOTHING)
    return np.where(target, ROLES.index(Role.TARGET), role), rank


def _target_states(lesions: Lesions, true: Floats, joined: Booleans) -> Integers:
    small = np.where(true < SEEN_MM, _code(State.TOO_SMALL), _code(State.MEASURED))
    state = np.where(lesions.node[:, None, :], _code(State.MEASURED), small)
    state = np.where(true == 0, _code(State.ABSENT), state)
    return np.where(joined, _code(State.MERGED), state)


def _nontarget_states(true: Floats, joined: Booleans, worse: Booleans) -> Integers:
    state = np.where(worse, _code(State.UNEQUIVOCAL_PROGRESSION), _code(State.PRESENT))
    state = np.where(true == 0, _code(State.ABSENT), state)
    return np.where(joined, _code(State.MERGED), state)


def _unequivocally_worse(reader: Reader, draws: Draws, true: Floats, occurred: Booleans) -> Booleans:
    """A growth to 1.4 times the smallest extent and by 8 mm: clearly more than the 73 % of volume of R11-NT-03."""
    ratio = WORSE_RATIO * np.exp(draws.normal(f"{reader.name} worse", PLACES) * reader.errors.calls)
    worse = np.zeros(true.shape, dtype=bool)
    smallest = true[:, BASELINE_VISIT].copy()
    for k in range(FIRST, true.shape[1]):
        worse[:, k] = (true[:, k] >= ratio * smallest) & (true[:, k] - smallest >= WORSE_MM)
        smallest = np.where(occurred[:, k, None], np.minimum(smallest, true[:, k]), smallest)
    return worse


def _not_evaluable(reader: Reader, draws: Draws, visits: Visits) -> Booleans:
    """Targets obscured at single visits, never beside a missed visit or another such one."""
    hidden = draws.chance(f"{reader.name} not evaluable", reader.errors.not_evaluable, visits.day.shape[1], PLACES)
    performed = visits.exists & visits.occurred
    hidden[:, :FIRST] = False
    hidden[:, -1] = False
    hidden[:, 1:-1] &= (performed[:, :-2] & performed[:, 1:-1] & performed[:, 2:])[:, :, None]
    hidden[:, 1:] &= ~np.logical_or.accumulate(hidden, axis=1)[:, :-1]
    return hidden


def _new_lesions(
    reader: Reader, draws: Draws, lesions: Lesions, measured: Floats, true: Floats, occurred: Booleans
) -> tuple[Integers, Booleans]:
    """The visit at which each new lesion is first seen (beyond the last one: never), and which are doubtful then."""
    errors = reader.errors
    seen_from = NEW_MM * np.exp(draws.normal(f"{reader.name} sees", PLACES) * errors.calls)
    seen = np.where(lesions.node[:, None, :], measured >= NODE_MM, true >= seen_from[:, None, :])
    seen &= occurred & lesions.present[:, None, :]
    seen[:, :FIRST] = False
    seen[:, :, :BASELINE] = False
    seen[:, :, FRAGMENT] = False
    seen[:, :, MIMIC] &= draws.chance(f"{reader.name} benign", errors.benign)[:, None]
    since = np.where(seen.any(axis=1), seen.argmax(axis=1), true.shape[1])
    at_first = np.take_along_axis(measured, np.minimum(since, true.shape[1] - 1)[:, None, :], axis=1)[:, 0]
    doubtful = draws.chance(f"{reader.name} equivocal", errors.equivocal, PLACES) & (at_first < TARGET_MM)
    doubtful[:, MIMIC] = True
    return since, doubtful & ~lesions.node


def _new_states(true: Floats, since: Integers, doubtful: Booleans) -> Integers:
    position = np.arange(true.shape[1])[None, :, None]
    unsure = doubtful[:, None, :] & ((position == since[:, None, :]) | (np.arange(PLACES) == MIMIC))
    state = np.where(unsure, _code(State.EQUIVOCAL), _code(State.UNEQUIVOCAL))
    state = np.where((true < SEEN_MM) & ~unsure, _code(State.TOO_SMALL), state)
    return np.where(true == 0, _code(State.ABSENT), state)


def _fragment_since(lesions: Lesions, true: Floats, occurred: Booleans, parent: Booleans) -> Integers:
    split = (true[:, :, FRAGMENT] >= SEEN_MM) & occurred & parent[:, None]
    split[:, :FIRST] = False
    return np.where(split.any(axis=1), split.argmax(axis=1), true.shape[1])


def _fragment_states(true: Floats, since: Integers, occurred: Booleans) -> Integers:
    state = np.where(true < SEEN_MM, _code(State.TOO_SMALL), _code(State.SPLIT))
    state = np.where(true == 0, _code(State.ABSENT), state)
    state = np.where(occurred, state, _code(State.NOT_DONE))
    return np.where(np.arange(true.shape[1])[None, :] >= since[:, None], state, NOTHING)


def _diameters(
    reader: Reader, draws: Draws, lesions: Lesions, measured: Floats, state: Integers, nontarget: Booleans
) -> tuple[Floats, Floats, Floats]:
    """Size that counts, longest diameter and perpendicular, where the reader gives them."""
    sized = np.isin(state, [_code(s) for s in (State.MEASURED, State.SPLIT)])
    sized |= np.isin(state, [_code(s) for s in (State.EQUIVOCAL, State.UNEQUIVOCAL)])
    seen_node = np.isin(state, [_code(s) for s in (State.PRESENT, State.UNEQUIVOCAL_PROGRESSION)])
    node = lesions.node[:, None, :]
    sized |= seen_node & node & nontarget[:, None, :]
    noise = draws.normal(f"{reader.name} aspect", *measured.shape[1:]) * reader.errors.scan_noise
    aspect = np.clip(lesions.aspect[:, None, :] * np.exp(noise), 0.5, 1)
    longest = np.where(node, np.round(measured / aspect, 1), measured)
    across = np.where(node, measured, np.round(measured * aspect, 1))
    longest = np.maximum(longest, across)
    gone = (state == _code(State.ABSENT)) & ~nontarget[:, None, :]
    absent_target = gone & (np.arange(PLACES) < BASELINE)
    absent_target[:, :, FRAGMENT] = gone[:, :, FRAGMENT]
    value = tuple(np.where(sized, given, np.where(absent_target, 0.0, np.nan)) for given in (measured, longest, across))
    return value[0], value[1], value[2]


def _changes(true: Floats, state: Integers, role: Integers) -> Integers:
    """The reader's word against the last scan that showed the lesion: a tenth and 2 mm are a change."""
    looked = (state != NOTHING) & ~np.isin(state, [_code(s) for s in (State.NOT_DONE, State.NOT_EVALUABLE)])
    said = looked & np.isin(role, [ROLES.index(Role.NON_TARGET), ROLES.index(Role.NEW)])[:, None, :]
    change = np.full(true.shape, NOTHING)
    before = np.full((true.shape[0], true.shape[2]), np.nan)
    for k in range(BASELINE_VISIT, true.shape[1]):
        now = true[:, k]
        grown = (now >= CHANGED_RATIO * before) & (now - before >= CHANGED_MM)
        shrunk = (now * CHANGED_RATIO <= before) & (before - now >= CHANGED_MM)
        word = np.where(grown, CHANGES.index(Change.INCREASED), CHANGES.index(Change.UNCHANGED))
        word = np.where(shrunk, CHANGES.index(Change.DECREASED), word)
        tells = said[:, k] & np.isfinite(before) & (state[:, k] != _code(State.ABSENT))
        change[:, k] = np.where(tells, word, NOTHING)
        before = np.where(looked[:, k], now, before)
    change[:, [PRE_BASELINE, BASELINE_VISIT]] = NOTHING
    return change


def _numbers(role: Integers, rank: Integers, first: Integers) -> Integers:
    """Numbers within a role: targets by preference, new lesions by first sight, others by place; fragments last."""
    place = np.arange(PLACES)
    key = np.where(role == ROLES.index(Role.TARGET), rank, place)
    key = np.where(role == ROLES.index(Role.NEW), first * PLACES + place, key)
    key = np.where(place == FRAGMENT, 10 * PLACES, key)
    number = np.zeros(role.shape, dtype=np.int64)
    for code in range(len(ROLES)):
        of_role = np.where(role == code, key, 10**6)
        order = np.argsort(np.argsort(of_role, axis=1, kind="stable"), axis=1, kind="stable")
        number = np.where(role == code, order + 1, number)
    return number
