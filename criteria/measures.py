"""What a criterion measures: how large a lesion is, how many are chosen, and by how much a sum must change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from criteria.reads import HUNDREDTHS, NO_SIZE, Booleans, Integers, Records

THIN_SLICE_MM = 5
FILM_MM = 20


@dataclass(frozen=True, slots=True)
class Selection:
    """How many lesions may be chosen and how large one must be (R11-BL-01 to R11-BL-03, IRC-02, IRC-03).

    With ``cutaneous`` lesions of the skin, with ``injected`` injected lesions have a limit of their own beside the
    ``total`` of all others; ``total`` and ``per_organ`` None set no limit. A smaller target is no target when
    ``strict``, else it stays one (R11-BL-08). Of two diameters the smaller decides, or the longest with ``by_longest``.
    """

    total: int | None
    per_organ: int | None
    cutaneous: int | None = None
    injected: int | None = None
    minimum_mm: int = 10
    minimum_node_mm: int = 15
    strict: bool = False
    by_longest: bool = False


@dataclass(frozen=True, slots=True)
class Diameters:
    """Unidimensional measure: longest diameter, lymph nodes by their short axis (R11-BL-06)."""

    normal_node_mm: int = 10
    node_2x_slice: bool = False
    """Nodes, too, are measurable from twice the thickness of thick slices (R11-BL-02)."""
    knows_nodes: bool = True
    scale: int = HUNDREDTHS
    unit: str = "mm"

    def stated_size(self, records: Records) -> Integers:
        """The size of every record in hundredths of a millimetre."""
        return np.where(records.is_node, records.short, records.longest)

    def of_side(self, side_mm: int) -> int:
        """The size of a lesion of that diameter."""
        return side_mm * HUNDREDTHS

    def is_normal_node(self, records: Records, size: Integers) -> Booleans:
        """A node below the smallest pathological short axis (R11-TL-02)."""
        return records.is_node & (size >= 0) & (size < self.normal_node_mm * HUNDREDTHS)

    def is_measurable(self, records: Records, size: Integers, selection: Selection) -> Booleans:
        """Large enough to be followed by its size, on those slices or that film (R11-BL-01, R11-BL-02)."""
        enough = size >= np.where(records.is_node, selection.minimum_node_mm, selection.minimum_mm) * HUNDREDTHS
        if records.slices.any():
            by_slice = ~records.is_node | self.node_2x_slice
            thick = by_slice & (records.slices > THIN_SLICE_MM * HUNDREDTHS)
            enough &= ~thick | (size >= 2 * records.slices)
        if records.on_film.any():
            enough &= ~records.on_film | records.is_node | (size >= FILM_MM * HUNDREDTHS)
        return enough

    def organ(self, records: Records) -> Integers:
        """The organ a lesion counts for; all nodes are one organ (R11-BL-03)."""
        return records.organ_or_nodes


@dataclass(frozen=True, slots=True)
class Products:
    """Bidimensional measure: longest diameter times longest perpendicular, nodes like any lesion (WHO-01, IRC-01)."""

    normal_node_mm: int | None = None
    """Short axis below which a node is normal; None: a node must vanish like any lesion (WHO-03, IRC-04)."""
    unidimensional: bool = False
    """A lesion that has no perpendicular at any scan counts its one diameter, times 1 mm (WHO-02)."""
    knows_nodes: bool = False
    scale: int = HUNDREDTHS * HUNDREDTHS
    unit: str = "mm2"

    def stated_size(self, records: Records) -> Integers:
        """The size of every record in ten-thousandths of a square millimetre."""
        longest, across = records.longest, _across(records)
        if self.unidimensional:
            across = np.where((across >= 0).any(axis=1, keepdims=True), across, np.int64(HUNDREDTHS))
        return np.where((longest >= 0) & (across >= 0), longest * across, NO_SIZE)

    def of_side(self, side_mm: int) -> int:
        """The size of a lesion with both diameters of that length (WHO-08)."""
        return (side_mm * HUNDREDTHS) ** 2

    def is_normal_node(self, records: Records, size: Integers) -> Booleans:
        """A node below the smallest pathological short axis, where the criterion has one (WHO-03, IRC-04)."""
        if self.normal_node_mm is None:
            return np.zeros_like(records.is_node)
        short = np.minimum(records.longest, _across(records))
        return records.is_node & (size >= 0) & (short < self.normal_node_mm * HUNDREDTHS)

    def is_measurable(self, records: Records, size: Integers, selection: Selection) -> Booleans:
        """Both diameters large enough, or the longest where that decides; of a node always both (IRC-03)."""
        side = np.minimum(records.longest, _across(records))
        if selection.by_longest:
            side = np.where(records.is_node, side, records.longest)
        least = np.where(records.is_node, selection.minimum_node_mm, selection.minimum_mm) * HUNDREDTHS
        return (side >= least) & (size > 0)

    def organ(self, records: Records) -> Integers:
        """The organ a lesion counts for."""
        return records.organ


def _across(records: Records) -> Integers:
    """The second diameter; of a node its short axis where no perpendicular is given."""
    return np.where((records.across < 0) & records.is_node, records.short, records.across)


@dataclass(frozen=True, slots=True)
class Decrease:
    """Smallest decrease from baseline, in percent, that is a partial response (inclusive, GEN-02)."""

    percent: int


@dataclass(frozen=True, slots=True)
class Increase:
    """Smallest increase over the nadir that is a progression: percent and, where set, millimetres (GEN-02).

    ``of`` is what must grow: the sum, or any single lesion over its own smallest size (WHO-05). ``after_zero`` says
    what counts over a nadir of zero: the threshold itself, or any lesion that is measurable again (IRC-11). With
    ``strict`` the percentage must be exceeded (section 4).
    """

    percent: int
    absolute_mm: int = 0
    of: Literal["sum", "any_lesion"] = "sum"
    after_zero: Literal["threshold", "measurable"] = "threshold"
    strict: bool = False
