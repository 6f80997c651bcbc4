"""New lesions along a course: which are shown for the first time, still there, doubtful, or followed by size."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from criteria.courses import Courses
from criteria.decision import NEW_EQUIVOCAL, NEW_N, NEW_NE, NEW_Y, Codes
from criteria.lesions import Lesions, any_lesion, first_day
from criteria.measures import Selection
from criteria.reads import Booleans, Integers
from criteria.selection import largest_within


@dataclass(frozen=True, slots=True)
class Look:
    """What one position shows of the new lesions, with the shape (courses, lesions) unless said otherwise.

    ``first_shown``: counted for the first time; ``seen``: counted and visible on these scans; ``remaining``: counted
    and not shown to have gone (one that was not assessed counts as it was last seen). ``doubt`` (courses) is the
    new-lesion category without counted lesions.
    """

    position: int
    first_shown: Booleans
    seen: Booleans
    remaining: Booleans
    left: Booleans
    doubt: Codes

    @property
    def category(self) -> Codes:
        """New-lesion category of the time point (R11-NL-01 to R11-NL-05), per course."""
        return np.where(any_lesion(self.seen), NEW_Y, self.doubt).astype(np.int8)


@dataclass(slots=True)
class NewLesionMemory:
    """What earlier positions left behind of the new lesions; `look` at a position, then `keep` what counts of it."""

    courses: Courses
    shown: Booleans = field(init=False)
    visible: Booleans = field(init=False)
    noticed: Booleans = field(init=False)

    def __post_init__(self) -> None:
        for name in ("shown", "visible", "noticed"):
            setattr(self, name, np.zeros(self.lesions.known_from.shape, dtype=bool))

    @property
    def lesions(self) -> Lesions:
        """The lesions with the role NEW."""
        return self.courses.new

    def look(self, k: int) -> Look:
        """What position ``k`` shows, without remembering it."""
        lesions = self.lesions
        looked, left = lesions.looked[:, k], lesions.left[:, k]
        counted = lesions.known_from <= k
        first_shown = counted & left & ~self.shown
        shown = self.shown | first_shown
        remaining = shown & np.where(looked, left, self.visible)
        hidden = lesions.recorded[:, k] & ~looked & ~self.noticed & ~self.shown
        doubt = np.select(
            [any_lesion(hidden) | self.courses.not_done[:, k], any_lesion(left & ~counted)],
            [NEW_NE, NEW_EQUIVOCAL],
            default=NEW_N,
        )
        return Look(k, first_shown, shown & left, remaining, left, doubt.astype(np.int8))

    def keep(self, look: Look, where: Booleans) -> None:
        """Remember what a position showed, for the courses in ``where``."""
        here = where[:, None]
        self.shown |= here & look.first_shown
        self.visible = np.where(here, look.remaining, self.visible)
        self.noticed |= here & look.left

    def day(self, k: int, which: Booleans) -> Integers:
        """Earliest scan of position ``k`` that shows one of the lesions; `NO_DATE` for none."""
        return first_day(which & self.lesions.recorded[:, k], self.lesions.day[:, k])


def followed(candidates: Booleans, k: int, taken: Booleans, lesions: Lesions, selection: Selection) -> Booleans:
    """The new lesions followed by size, with those of ``candidates`` that are measurable and find a free place.

    ``taken`` and the result have the shape (courses, lesions) (IR-03, IM-02, IRC-03).
    """
    wanted = candidates & lesions.measurable[:, k] & ~taken
    affected = np.flatnonzero(any_lesion(wanted))
    if not affected.size:
        return taken
    apart = lesions.cutaneous[affected] & (selection.cutaneous is not None)
    more = taken.copy()
    more[affected] = largest_within(
        wanted[affected], lesions.size[affected, k], lesions.organ[affected], apart, taken[affected], selection
    )
    return more
