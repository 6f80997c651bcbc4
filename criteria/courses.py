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
from criteria.reads import NO_SIZE, Booleans, Integers, Reads


@dataclass(frozen=True)
class Courses:
    """All courses of a set of reads.

    ``surplus`` (courses): how many lesions read as targets are non-targets, beyond the criterion's limits.
    """

    keys: pl.DataFrame
    timepoints: pl.DataFrame
    exists: Booleans
    day: Integers
    not_done: Booleans
    targets: Lesions
    nontargets: Lesions
    new: Lesions
    surplus: Integers

    @property
    def shape(self) -> tuple[int, int]:
        """Number of courses and of positions."""
        return self.exists.shape[0], self.exists.shape[1]

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
    return Courses(
        keys=reads.keys,
        timepoints=reads.timepoints,
        exists=reads.exists,
        day=reads.day,
        not_done=reads.not_done,
        targets=targets,
        nontargets=called if others is None else called.beside(others),
        new=new_lesions(reads.new, reads.baseline_pet, declared),
        surplus=np.zeros(len(reads.exists), dtype=np.int64) if others is None else others.known[:, -1].sum(axis=1),
    )
