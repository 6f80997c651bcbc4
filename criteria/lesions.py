"""Lesions of one role as a criterion sees them, course by course and position by position."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from criteria.reads import NO_DATE, Booleans, Integers

NEVER = np.int64(np.iinfo(np.int32).max)


@dataclass(frozen=True)
class Lesions:
    """The lesions of one role, with the shape (courses, positions, lesions) unless said otherwise.

    ``recorded``: there is a record; ``looked``: it says what was seen; ``left``: disease is left in the lesion (a node:
    at least its smallest pathological short axis); ``sure``: without doubt; ``size``: `NO_SIZE` where nothing was
    measured; ``injected``: then or earlier, since a lesion never ceases to be so (IT-04); ``by_pet``: seen on a PET.

    By lesion (courses, lesions): ``known_from``, the position from which it counts, beyond the last one for unused
    places; ``known_until``, the position from which it has left the assessment; ``organ`` a number for its organ,
    ``cutaneous`` whether that is the skin.
    """

    recorded: Booleans
    looked: Booleans
    left: Booleans
    size: Integers
    day: Integers
    progressed: Booleans
    grown: Booleans
    merged: Booleans
    measurable: Booleans
    sure: Booleans
    injected: Booleans
    by_pet: Booleans
    known_from: Integers
    known_until: Integers
    organ: Integers
    cutaneous: Booleans

    @cached_property
    def known(self) -> Booleans:
        """Lesions that count at each position."""
        position = np.arange(self.recorded.shape[1])[None, :, None]
        return (position >= self.known_from[:, None, :]) & (position < self.known_until[:, None, :])

    def beside(self, others: Lesions) -> Lesions:
        """These lesions and others, as one role."""
        return Lesions(
            **{
                part.name: np.concatenate([getattr(self, part.name), getattr(others, part.name)], axis=-1)
                for part in fields(self)
            }
        )

    def compacted(self, used: Booleans) -> Lesions:
        """Only the places that some course uses, the used ones of each course first; ``used``: (courses, lesions)."""
        width = int(used.sum(axis=1).max(initial=0))
        places = np.argsort(~used, axis=1, kind="stable")[:, :width]

        def moved(name: str) -> np.ndarray:
            array = getattr(self, name)
            return np.take_along_axis(array, places if array.ndim == 2 else places[:, None, :], axis=-1)

        return Lesions(**{part.name: moved(part.name) for part in fields(self)})


def any_lesion(where: Booleans) -> Booleans:
    """Whether the condition holds for any lesion, the last axis."""
    return np.logical_or.reduce(where, axis=-1)


def first_day(where: Booleans, day: Integers) -> Integers:
    """The earliest date over the last axis where the condition holds; `NO_DATE` where it never does."""
    return np.where(where, day, NO_DATE).min(axis=-1, initial=NO_DATE)
