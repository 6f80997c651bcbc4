"""Courses under a criterion: what the reads mean for it, as the arrays that the engine walks.

Shapes and units are those of `criteria.reads`; sizes are integers, in hundredths of a millimetre or their products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from criteria.declaration import Morphologic
from criteria.interpretation import new_lesions, nontargets, targets_and_others
from criteria.lesions import Lesions, any_lesion
from criteria.reads import NO_DATE, NO_SIZE, Booleans, Integers, Reads


@dataclass(frozen=True)
class Courses:
    """All courses of a set of reads.

    ``day`` dates the responses (``tp_response_date``); ``first_scan`` and ``last_scan`` bound the scans of a position.
    ``surplus`` (courses): how many lesions read as targets are non-targets, beyond the criterion's limits.
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
    surplus: Integers

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


def read_courses(reads: Reads, declared: Morphologic) -> Courses:
    """The reads under the criterion's measure; what was read as a target beyond its limits is a non-target."""
    targets, others = targets_and_others(reads.targets, reads.not_done, declared)
    called = nontargets(reads.nontargets, declared)
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
        targets=targets,
        nontargets=called if others is None else called.beside(others),
        new=new_lesions(reads.new, reads.baseline_pet, declared),
        surplus=np.zeros(len(reads.exists), dtype=np.int64) if others is None else others.known[:, -1].sum(axis=1),
    )
