"""Which progression counts: at once, unless negated, or when confirmed (IM-05, IR-20 to IR-22, imPFS of section 6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from criteria.decision import CPD, NE, PD, UPD
from criteria.declaration import Confirmation, Immediate, Judged, SecondLook
from criteria.reads import Booleans, Integers
from criteria.response_courses import FAR, ResponseCourses


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
    progression stands, since it can no longer be confirmed or negated (section 6 and 11.3). Where the criterion says
    so, rapid clinical decline before the second look confirms it (IRC-12).
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
        if isinstance(confirmation, SecondLook) and confirmation.ends_by_decline:
            declined = (
                courses.exists[:, k]
                & pending
                & ~done
                & _declined(courses, first)
                & (courses.decline_day[rows, first] <= day)
            )
            decided[declined] = first[declined]
            confirmed |= declined
            done |= declined
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
    if isinstance(confirmation, SecondLook) and confirmation.ends_by_decline:
        declined = (first > 0) & ~done & _declined(courses, first)
        decided[declined] = first[declined]
        confirmed |= declined
    decided = np.where((first > 0) & ~confirmed, positions - 1, decided)
    return Progression(first, decided, confirmed)


def _declined(courses: ResponseCourses, first: Integers) -> Booleans:
    """Rapid clinical decline on or after the progression and before new anticancer therapy."""
    decline = courses.decline_day[np.arange(len(first)), first]
    return (decline < FAR) & (decline < courses.new_therapy_day)


def without_undecided(courses: ResponseCourses, declared: Judged) -> ResponseCourses:
    """The courses with progressions that nothing could decide as not evaluable, where the options say so.

    Options of a criterion with a second look: `unconfirmed_pd_no_followup` = ne for a progression without any later
    assessment (IRC-10), `impfs_only_early_followup` = ignore for one that only early or not evaluable assessments
    follow (section 6). With new anticancer therapy on or after it a progression stands (11.3).
    """
    options = declared.options
    not_followed = options.unconfirmed_pd_no_followup == "ne"
    followed_early = options.impfs_only_early_followup == "ignore"
    if not isinstance(declared.confirmation, SecondLook) or not (not_followed or followed_early):
        return courses
    progression = counted_progression(courses, declared.confirmation)
    position = np.arange(courses.positions)[None, :]
    later = np.any(courses.exists & (position > progression.first[:, None]), axis=1)
    first_day = courses.day[np.arange(len(progression.first)), progression.first]
    untreated = (courses.new_therapy_day == FAR) | (courses.new_therapy_day < first_day)
    undecided = (progression.first > 0) & ~progression.confirmed & untreated
    undecided &= np.where(later, followed_early, not_followed)
    void = undecided[:, None] & (position >= progression.first[:, None]) & (courses.code == PD)
    return replace(courses, code=np.where(void, NE, courses.code))
