"""Random numbers that belong to a subject: the same for the same seed, however many subjects a trial has.

Every purpose has a stream of its own, spawned from the seed by the purpose's name. Subject *i* owns row *i* of what is
drawn from it, and a stream is drawn from its start, row by row: 20 subjects are the beginning of a trial of 1,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws for ``subjects`` subjects from ``seed``; every array has the shape (subjects, *shape)."""

    seed: int
    subjects: int

    def uniform(self, purpose: str, *shape: int, low: float = 0.0, high: float = 1.0) -> Floats:
        """Uniform numbers in [low, high)."""
        return low + (high - low) * stream(self.seed, purpose).random((self.subjects, *shape))

    def normal(self, purpose: str, *shape: int, limit: float = 2.0) -> Floats:
        """Standard normal numbers, cut at ``limit`` on both sides."""
        return np.clip(stream(self.seed, purpose).standard_normal((self.subjects, *shape)), -limit, limit)

    def chance(self, purpose: str, probability: float | Floats, *shape: int) -> Booleans:
        """True with the probability."""
        return self.uniform(purpose, *shape) < probability

    def whole(self, purpose: str, low: int, high: int, *shape: int) -> Integers:
        """Whole numbers from ``low`` to ``high``, both included."""
        return np.floor(self.uniform(purpose, *shape, low=low, high=high + 1)).astype(np.int64)

    def choice(self, purpose: str, weights: Sequence[float], *shape: int) -> Integers:
        """Index into ``weights``, drawn in proportion to them."""
        return chosen(self.uniform(purpose, *shape), np.asarray(weights))


def chosen(uniform: Floats, weights: Floats) -> Integers:
    """Index of the weight that each uniform number falls on; weights by their last axis."""
    edges = np.cumsum(weights, axis=-1) / weights.sum(axis=-1, keepdims=True)
    return np.minimum((uniform[..., None] >= edges).sum(axis=-1), weights.shape[-1] - 1)


def worded(words: Sequence[str], index: Integers) -> pl.Series:
    """The word of each index; an index of -1 has none."""
    return (
        pl.Series([str(word) for word in words], dtype=pl.String)
        .gather(pl.Series(np.where(index < 0, 0, index)))
        .set(pl.Series(index < 0), None)
    )


def stream(seed: int, purpose: str, *subject: int) -> np.random.Generator:
    """The generator of one purpose, of one subject (and scan) where they are given."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(crc32(purpose.encode()), *subject)))
