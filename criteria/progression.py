"""Which progression counts: at once, unless negated, or when confirmed (IM-05, IR-20 to IR-22, imPFS of section 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from criteria.courses import Booleans, Integers
from criteria.decision import CPD, NE, PD, UPD
from criteria.declaration import Confirmation, Immediate, SecondLook
from criteria.response_courses import ResponseCourses


@dataclass(frozen=True, slots=True)
class Progression:
    """Per course: position at which the counted progression was first seen (0 = none), and how it stands.

    ``decided`` is the position at which it was confirmed, the last position where it never was.
    """

    first: Integers
    decided: Integers
    confirmed: Booleans


def counted_progression(courses: ResponseCourses, confirmation: Confirmation) -> Progression:
    """The progression that the criterion counts.

    New anticancer therapy between a progression and a later assessment ends the search for a confirmation: the
    progression stands, since it can no longer be confirmed or negated (section 6 and 11.3).
    """
    n, positions = courses.code.shape
    first = np.zeros(n, dtype=np.int64)
    decided = np.zeros(n, dtype=np.int64)
    done = np.zeros(n, dtype=bool)
    confirmed = np.zeros(n, dtype=bool)
    rows = np.arange(n)
    for k in range(1, positions):
        code, day = courses.code[:, k], courses.day[:, k]
        first_day = courses.day[rows, first]
        pending = first > 0
        done |= (
            courses.exists[:, k] & pending & (first_day <= courses.new_therapy_day) & (courses.new_therapy_day <= day)
        )
        live = courses.exists[:, k] & ~done
        progresses = np.isin(code, (PD, UPD, CPD))
        if isinstance(confirmation, Immediate):
            confirms = live & ~pending & progresses
            negates = np.zeros(n, dtype=bool)
        elif isinstance(confirmation, SecondLook):
            later = live & pending & (day - first_day >= confirmation.after_days) & (code != NE)
            confirms, negates = later & progresses, later & ~progresses
        else:
            confirms = live & (code == CPD)
            negates = live & pending & ~progresses & (code != NE)
        opens = live & ~pending & progresses
        first[opens] = k
        first[negates] = 0
        decided[confirms] = k
        confirmed |= confirms
        done |= confirms
    decided = np.where((first > 0) & ~confirmed, positions - 1, decided)
    return Progression(first, decided, confirmed)
