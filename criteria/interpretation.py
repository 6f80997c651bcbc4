"""What each record says under a criterion: the size it stands for, what is left, and from when a lesion counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from criteria.declaration import Morphologic
from criteria.lesion_facts import REMOVED
from criteria.lesions import NEVER, Lesions
from criteria.reads import HUNDREDTHS, NO_DATE, NO_SIZE, Booleans, Integers, Records
from criteria.selection import chosen_targets, countable
from criteria.vocabulary import State

UNSEEN = (State.NOT_EVALUABLE, State.NOT_DONE)


@dataclass(frozen=True, slots=True)
class Treated:
    """What local therapy after the baseline makes of the lesions (R11-FU-06, ``local_therapy_target``).

    ``removed`` and ``unseen`` (courses, positions, lesions): absent from then on, not evaluable from then on;
    ``until`` (courses, lesions): the position from which the lesion is out of the assessment.
    """

    removed: Booleans
    unseen: Booleans
    until: Integers


def treated(records: Records, not_done: Booleans, declared: Morphologic) -> Treated | None:
    """Local therapy by lesion, None where there was none; ``not_done`` (courses, positions) marks missed scans."""
    after = np.where(records.therapy[:, :1] > 0, np.int8(0), records.therapy)
    since = np.logical_or.accumulate(after > 0, axis=1)
    if not since.any():
        return None
    never, nowhere = np.full(since[:, 0].shape, NEVER), np.zeros_like(since)
    match declared.options.local_therapy_target:
        case "ne":
            return Treated(nowhere, since, never)
        case "absent_zero":
            removed = np.logical_or.accumulate(after == REMOVED, axis=1)
            scanned = ~not_done[:, :, None] & ~records.saw(State.NOT_DONE)
            return Treated(removed & scanned, since & ~removed, never)
        case "drop_and_rebaseline":
            return Treated(nowhere, nowhere, np.where(since.any(axis=1), since.argmax(axis=1), never))


class Interpreted:
    """What each record says: its size under the criterion's measure, and what is left (R11-FU-01 to R11-FU-05)."""

    def __init__(self, records: Records, declared: Morphologic, local: Treated | None = None) -> None:
        measure = declared.measure
        self.records, self.declared, self.local = records, declared, local
        self.unseen = records.saw(*UNSEEN)
        self.absent, self.merged = records.saw(State.ABSENT), records.saw(State.MERGED)
        seen = records.state >= 0
        if local is not None:
            self.absent = (self.absent | local.removed) & ~local.unseen
            self.merged &= ~local.removed & ~local.unseen
            self.unseen = (self.unseen | local.unseen) & ~local.removed
            seen |= local.removed
        self.looked = seen & ~self.unseen
        stated = measure.stated_size(records)
        too_small = records.saw(State.TOO_SMALL) & (stated < 0)
        stated = np.where(too_small, measure.of_side(declared.options.tstm_value_mm), stated)
        size = np.where(self.absent | self.merged, 0, np.where(self.unseen, NO_SIZE, stated))
        self.size: Integers = size
        self.there = self.looked & ~self.absent & (self.merged | (size != 0))
        self.normal = measure.is_normal_node(records, size) & ~self.merged
        self.measurable = measure.is_measurable(records, size, declared.new_selection) & ~self.merged
        self.measurable &= countable(records, declared)[:, None]
        self.organ = measure.organ(records)

    def lesions(self, known_from: Integers, sure: Booleans, where: Booleans) -> Lesions:
        """These records as lesions, as far as they stand in ``where``."""
        records = self.records
        said = records.increased & self.looked & ~self.absent
        return Lesions(
            recorded=records.recorded & where,
            looked=self.looked & where,
            left=self.there & ~self.normal & where,
            size=np.where(where, self.size, NO_SIZE),
            day=np.where(where, records.day, NO_DATE),
            progressed=records.saw(State.UNEQUIVOCAL_PROGRESSION) & where,
            grown=(records.saw(State.INCREASED) | said) & where,
            merged=self.merged & where,
            known_from=known_from,
            known_until=np.full(known_from.shape, NEVER) if self.local is None else self.local.until,
            measurable=self.measurable & where,
            sure=sure & where,
            injected=np.logical_or.accumulate(records.injected, axis=1),
            by_pet=records.by_pet,
            organ=self.organ,
            cutaneous=records.cutaneous,
        )


def targets_and_others(records: Records, not_done: Booleans, declared: Morphologic) -> tuple[Lesions, Lesions | None]:
    """The targets, and the lesions read as targets that are none of this criterion's; None where there is no such.

    Targets count from the baseline on, fragments of them from their first record. ``not_done``: (courses, positions).
    """
    found = Interpreted(records, declared)
    chosen = chosen_targets(records, found.size, found.organ, declared)
    used = records.first < records.recorded.shape[1]
    local = treated(records, not_done, declared)
    as_targets = found if local is None else Interpreted(records, declared, local)
    known_from = np.where(used & chosen & ~records.split_off, 0, np.where(chosen, records.first, NEVER))
    targets = _read(as_targets, known_from, chosen)
    surplus = used & ~chosen
    if not surplus.any():
        return targets, None
    return targets, _read(found, np.where(surplus, records.first, NEVER), surplus).compacted(surplus)


def nontargets(records: Records, declared: Morphologic) -> Lesions:
    """Non-targets count from their first record on."""
    return _read(Interpreted(records, declared), records.first, np.ones_like(records.split_off))


def _read(found: Interpreted, known_from: Integers, among: Booleans) -> Lesions:
    where = np.broadcast_to(among[:, None], found.there.shape)
    lesions = found.lesions(known_from, found.records.recorded, where)
    if found.declared.options.cr_reappearance == "downgrade_first_cr_to_pr":
        return replace(lesions, left=lesions.left | (_overlooked(found) & where))
    return lesions


def _overlooked(found: Interpreted) -> Booleans:
    """Absent at first, but there after all by the reader's later word: no complete response then (CR-01)."""
    said = found.records.indistinct_before & found.there
    overlooked = np.zeros_like(said)
    later = np.zeros_like(said[:, 0])
    for k in reversed(range(said.shape[1])):
        overlooked[:, k] = later & found.absent[:, k]
        later = (later & ~found.there[:, k]) | said[:, k]
    return overlooked


def new_lesions(records: Records, baseline_pet: Booleans, declared: Morphologic) -> Lesions:
    """New lesions count from the first sure scan, or an earlier doubtful one (R11-NL-02); those of the baseline never.

    A node must be pathological and, where an earlier scan showed it, have grown (R11-NL-03, ``new_node_rule``). What
    only PET shows is doubtful until CT or MRI shows it too, where there was no PET at the baseline (R11-NL-04).
    """
    found = Interpreted(records, declared)
    size = found.size
    after_baseline = np.arange(size.shape[1])[None, :, None] > 0
    where = records.recorded & after_baseline & ~found.there[:, :1]
    there = found.there & where
    sized_node = records.is_node & (size >= 0) & declared.measure.knows_nodes
    before = _smallest_before(np.where(there & ~found.merged & (size >= 0), size, NEVER))
    enough = {
        "ge10_and_plus5": (before == NEVER) | (size - before >= declared.new_node_growth_mm * HUNDREDTHS),
        "ge10": np.ones_like(there),
        "ge15": size >= declared.targets.minimum_node_mm * HUNDREDTHS,
    }[declared.options.new_node_rule]
    shown = there & ~found.normal
    sure = shown & ~records.saw(State.EQUIVOCAL) & (~sized_node | enough)
    alone = sure & records.by_pet & ~baseline_pet[:, None, None] & declared.pet_needs_anatomy
    sure &= ~alone
    since = shown if declared.options.equivocal_backdate else sure | alone
    known_from = np.where(sure.any(axis=1), since.argmax(axis=1), NEVER)
    return found.lesions(known_from, sure, where)


def _smallest_before(size: Integers) -> Integers:
    """The smallest size at the earlier positions of each lesion; `NEVER` at the first."""
    before = np.full_like(size, NEVER)
    before[:, 1:] = np.minimum.accumulate(size, axis=1)[:, :-1]
    return before
