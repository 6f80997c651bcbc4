"""Courses under a criterion: what the reads mean for it, as the arrays that the engine walks.

Shapes and units are those of `criteria.reads`; sizes are integers, in hundredths of a millimetre or their products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from criteria.declaration import Morphologic
from criteria.reads import HUNDREDTHS, NO_DATE, NO_SIZE, Booleans, Integers, Reads, Records
from criteria.vocabulary import State

NEVER = np.int64(np.iinfo(np.int32).max)
UNSEEN = (State.NOT_EVALUABLE, State.NOT_DONE)


@dataclass(frozen=True)
class Lesions:
    """The lesions of one role, with the shape (courses, positions, lesions) unless said otherwise.

    ``recorded``: there is a record; ``looked``: it says what was seen; ``left``: disease is left in the lesion (a node:
    at least its smallest pathological short axis); ``sure``: without doubt; ``size``: `NO_SIZE` where nothing was
    measured; ``injected``: then or earlier, since a lesion never ceases to be so (IT-04). ``known_from`` (courses,
    lesions) is the position from which the lesion counts, beyond the last one for unused places; ``organ`` (courses,
    lesions) a number for its organ, ``cutaneous`` whether that is the skin.
    """

    recorded: Booleans
    looked: Booleans
    left: Booleans
    size: Integers
    day: Integers
    progressed: Booleans
    grown: Booleans
    merged: Booleans
    known_from: Integers
    measurable: Booleans
    sure: Booleans
    injected: Booleans
    organ: Integers
    cutaneous: Booleans

    @cached_property
    def known(self) -> Booleans:
        """Lesions that count at each position."""
        return np.arange(self.recorded.shape[1])[None, :, None] >= self.known_from[:, None, :]


@dataclass(frozen=True)
class Courses:
    """All courses of a set of reads.

    ``day`` dates the responses (``tp_response_date``); ``first_scan`` and ``last_scan`` bound the scans of a position.
    """

    keys: pl.DataFrame
    timepoints: pl.DataFrame
    exists: Booleans
    day: Integers
    first_scan: Integers
    last_scan: Integers
    not_done: Booleans
    targets: Lesions
    nontargets: Lesions
    new: Lesions

    @property
    def shape(self) -> tuple[int, int]:
        """Number of courses and of positions."""
        return self.exists.shape[0], self.exists.shape[1]

    def shown_day(self, k: int, by_trigger: Integers, declared: Morphologic) -> Integers:
        """Date of a progression at position ``k``, given its first trigger's scan (`NO_DATE` for none; DT-02)."""
        scan = {
            "by_trigger": by_trigger,
            "earliest_scan_in_tp": self.first_scan[:, k],
            "last_scan_in_tp": self.last_scan[:, k],
        }[declared.options.pd_date_rule]
        return np.where(by_trigger < NO_DATE, scan, NO_DATE)

    @cached_property
    def has_baseline(self) -> Booleans:
        """Courses with an adequate baseline: disease was read there, and every target has a size (GEN-03).

        A fragment of a target that nobody read at the baseline has none either.
        """
        targets = any_lesion(self.targets.known[:, 0])
        missing = any_lesion(self.targets.known[:, 0] & (self.targets.size[:, 0] == NO_SIZE))
        orphaned = ~targets & any_lesion(self.targets.known[:, -1])
        disease = targets | any_lesion(self.nontargets.known[:, 0])
        return self.exists[:, 0] & disease & ~missing & ~orphaned


def any_lesion(where: Booleans) -> Booleans:
    """Whether the condition holds for any lesion, the last axis."""
    return np.logical_or.reduce(where, axis=-1)


def first_day(where: Booleans, day: Integers) -> Integers:
    """The earliest date over the last axis where the condition holds; `NO_DATE` where it never does."""
    return np.where(where, day, NO_DATE).min(axis=-1, initial=NO_DATE)


def read_courses(reads: Reads, declared: Morphologic) -> Courses:
    """The reads under the criterion's measure; lesions called new that were there at the baseline are left out."""
    by_first_scan = declared.options.tp_response_date == "first_scan"
    dated = pl.col("first_scan").cast(pl.Int32).cast(pl.Date) if by_first_scan else pl.col("assessment_date")
    return Courses(
        keys=reads.keys,
        timepoints=reads.timepoints.with_columns(assessment_date=dated),
        exists=reads.exists,
        day=reads.first_scan if by_first_scan else reads.day,
        first_scan=reads.first_scan,
        last_scan=reads.day,
        not_done=reads.not_done,
        targets=_chosen(_Interpreted(reads.targets, declared)),
        nontargets=_called(_Interpreted(reads.nontargets, declared)),
        new=_new(_Interpreted(reads.new, declared), declared),
    )


class _Interpreted:
    """What each record says: its size under the criterion's measure, and what is left (R11-FU-01 to R11-FU-05)."""

    def __init__(self, records: Records, declared: Morphologic) -> None:
        measure = declared.measure
        self.records = records
        self.unseen = records.saw(*UNSEEN)
        self.absent, self.merged = records.saw(State.ABSENT), records.saw(State.MERGED)
        self.looked = (records.state >= 0) & ~self.unseen
        stated = measure.stated_size(records)
        too_small = records.saw(State.TOO_SMALL) & (stated < 0)
        stated = np.where(too_small, measure.of_side(declared.options.tstm_value_mm), stated)
        size = np.where(self.absent | self.merged, 0, np.where(self.unseen, NO_SIZE, stated))
        self.size: Integers = size
        self.there = self.looked & ~self.absent & (self.merged | (size != 0))
        self.normal = measure.is_normal_node(records.is_node, size) & ~self.merged
        self.measurable = measure.is_measurable(records, size, declared.new_selection) & ~self.merged
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
            measurable=self.measurable & where,
            sure=sure & where,
            injected=np.logical_or.accumulate(records.injected, axis=1),
            organ=self.organ,
            cutaneous=records.cutaneous,
        )


def _chosen(found: _Interpreted) -> Lesions:
    """Targets count from the baseline on, fragments of them from their first record."""
    records = found.records
    used = records.first < records.recorded.shape[1]
    known_from = np.where(used & ~records.split_off, 0, records.first)
    return found.lesions(known_from, records.recorded, np.ones_like(records.recorded))


def _called(found: _Interpreted) -> Lesions:
    """Non-targets count from their first record on."""
    records = found.records
    return found.lesions(records.first, records.recorded, np.ones_like(records.recorded))


def _new(found: _Interpreted, declared: Morphologic) -> Lesions:
    """New lesions count from the first sure scan, or an earlier doubtful one (R11-NL-02).

    A node must be pathological and, where an earlier scan showed it, have grown (R11-NL-03, ``new_node_rule``).
    """
    records, size = found.records, found.size
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
    shown = there & ~(sized_node & found.normal)
    sure = shown & ~records.saw(State.EQUIVOCAL) & (~sized_node | enough)
    since = shown if declared.options.equivocal_backdate else sure
    known_from = np.where(sure.any(axis=1), since.argmax(axis=1), NEVER)
    return found.lesions(known_from, sure, where)


def _smallest_before(size: Integers) -> Integers:
    """The smallest size at the earlier positions of each lesion; `NEVER` at the first."""
    before = np.full_like(size, NEVER)
    before[:, 1:] = np.minimum.accumulate(size, axis=1)[:, :-1]
    return before
