"""What the walk over the visits comes to, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from criteria.courses import Courses
from criteria.decision import Codes
from criteria.reads import NO_DATE, Booleans, Integers


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


def nothing_evaluated(courses: Courses) -> Evaluation:
    """The arrays before the first position is judged."""
    shape = courses.shape

    def codes(empty: int) -> Codes:
        return np.full(shape, empty, dtype=np.int8)

    def numbers(empty: int) -> Integers:
        return np.full(shape, empty, dtype=np.int64)

    def flags() -> Booleans:
        return np.zeros(shape, dtype=bool)

    return Evaluation(
        baseline=numbers(-1),
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
