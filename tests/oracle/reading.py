"""What was seen of each lesion at each time point of one course (rule book sections 0.3, 0.4, 2.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]

NOT_ASSESSED = ("NOT_EVALUABLE", "NOT_DONE")
NODE_NORMAL_BELOW = 1000
TOO_SMALL = 500


@dataclass(frozen=True)
class Reading:
    """How a criterion, with its options, takes what was read: which targets are its own, and what records stand for."""

    bidimensional: bool = False
    total: int | None = 5
    per_organ: int | None = 2
    skin: int | None = None
    injected: int | None = None
    least: int | None = None
    normal_nodes: bool = True
    new_node_rule: bool = True
    pet_needs_anatomy: bool = True
    treated_measurable: bool = False
    unidimensional: bool = False
    """A lesion without a perpendicular at any scan counts its one diameter (WHO-02)."""
    node_2x_slice: bool = False
    target_selection: str = "by_criterion"
    local_therapy_target: str = "ne"
    cr_reappearance: str = "pd"
    partial_pr_ok: bool = False
    too_small: int = TOO_SMALL

    def size(self, row: Row | None) -> int | None:
        """What the lesion adds to the sum."""
        return (product if self.bidimensional else diameter)(row, self.too_small)

    def organ(self, row: Row) -> str:
        """The organ that a lesion counts for."""
        return str(row["organ"]) if self.bidimensional else organ_of(row)


@dataclass(frozen=True)
class TimePoint:
    """One assessment: its number, its date (the latest scan, DT-01) and its rows by lesion."""

    number: int
    date: date
    rows: dict[str, Row]

    def not_done(self) -> bool:
        """GEN-09: nothing of this assessment was performed."""
        return all(row["state"] == "NOT_DONE" for row in self.rows.values())


@dataclass(frozen=True)
class Course:
    """One course: the baseline, the later time points in order, and the lesions by role."""

    baseline: TimePoint | None
    followups: list[TimePoint]
    targets: list[str]
    fragments: list[str]
    nontargets: list[str]
    new: list[str]
    first_row_at: dict[str, tuple[date, int]]
    reading: Reading
    baseline_pet: bool
    left_at: dict[str, tuple[date, int]]

    def present(self, at: TimePoint) -> list[str]:
        """The targets and known fragments that have not left the assessment by this time point (R11-FU-06)."""
        lesions = self.targets + self.known(self.fragments, at)
        return [lesion for lesion in lesions if not self.has_left(lesion, at)]

    def has_left(self, lesion: str, at: TimePoint) -> bool:
        """The lesion was treated locally by this time point and does not count any more."""
        since = self.left_at.get(lesion)
        return since is not None and since <= (at.date, at.number)

    def leaves(self, at: TimePoint) -> bool:
        """Some lesion leaves the assessment at this very time point."""
        return (at.date, at.number) in self.left_at.values()

    def baseline_row(self, lesion: str) -> Row | None:
        """The row of a lesion at baseline."""
        return self.baseline.rows.get(lesion) if self.baseline else None

    def known(self, lesions: Iterable[str], at: TimePoint) -> list[str]:
        """The lesions that have had a row by this time point; later ones are not known yet."""
        return [lesion for lesion in lesions if self.first_row_at[lesion] <= (at.date, at.number)]


def hundredths(value: Any) -> int | None:
    """A length in exact hundredths of a millimetre (GEN-02)."""
    return None if value is None else int((Decimal(str(value)) * 100).to_integral_value())


def diameter(row: Row | None, too_small: int = TOO_SMALL) -> int | None:
    """The diameter that RECIST adds, in 0.01 mm: a node's short axis, else the longest; None = not evaluable."""
    if row is None or row["state"] in NOT_ASSESSED:
        return None
    if row["state"] in ("ABSENT", "MERGED"):
        return 0
    value = hundredths(row["short_axis_mm"] if row["is_node"] else row["longest_diameter_mm"])
    return too_small if value is None and row["state"] == "TOO_SMALL" else value


def axes(row: Row) -> tuple[int, int] | None:
    """Longest diameter and its perpendicular in 0.01 mm, when both were measured; 1 mm for one that never is."""
    longest = hundredths(row["longest_diameter_mm"])
    across = hundredths(row["perpendicular_mm"])
    if across is None and row["is_node"]:
        across = hundredths(row["short_axis_mm"])
    if across is None and row.get("unidimensional"):
        across = 100
    return None if longest is None or across is None else (longest, across)


def product(row: Row | None, too_small: int = TOO_SMALL) -> int | None:
    """The product of the two diameters in 0.0001 mm2 (WHO-01); too small = 5 x 5 mm (WHO-08)."""
    if row is None or row["state"] in NOT_ASSESSED:
        return None
    if row["state"] in ("ABSENT", "MERGED"):
        return 0
    both = axes(row)
    if both is None:
        return too_small * too_small if row["state"] == "TOO_SMALL" else None
    return both[0] * both[1]


def short_axis(row: Row, *, bidimensional: bool) -> int:
    """Short axis of a node that has a size; of one too small to measure 5 mm."""
    if not bidimensional:
        return diameter(row) or 0
    both = axes(row)
    return TOO_SMALL if both is None else min(both)


def there(row: Row | None, size: int | None) -> bool | None:
    """Whether anything of the lesion was seen, however small; None = not assessed."""
    if row is None or row["state"] in NOT_ASSESSED:
        return None
    if row["state"] == "ABSENT":
        return False
    return row["state"] == "MERGED" or size is None or size > 0


def diseased(row: Row | None, size: int | None, reading: Reading) -> bool | None:
    """Whether disease is left in the lesion: a node below 10 mm short axis is normal; None = not assessed."""
    if row is not None and (row.get("assumed") or row.get("overlooked")):
        return True
    seen = there(row, size)
    if not seen or row is None or row["state"] == "MERGED" or size is None:
        return seen
    if reading.normal_nodes and row["is_node"]:
        return short_axis(row, bidimensional=reading.bidimensional) >= NODE_NORMAL_BELOW
    return True


def organ_of(row: Row) -> str:
    """The organ that a lesion counts for: all nodes are one organ (R11-BL-03)."""
    return "node" if row["is_node"] else str(row["organ"])


def is_fragment(first: Row) -> bool:
    """The first row of a lesion says that it split off from another one after the baseline (R11-FU-04)."""
    return first["timepoint"] > 0 and bool(first["state"] == "SPLIT" or first["other_lesion_id"])


def by_pet(row: Row) -> bool:
    """The record was made on a PET."""
    return "PET" in (row.get("method") or "").upper()


def arrange(rows: Iterable[Row]) -> list[TimePoint]:
    """The time points, baseline first and the others by date and number."""
    by_number: dict[int, dict[str, Row]] = {}
    for row in rows:
        by_number.setdefault(row["timepoint"], {})[row["lesion_id"]] = row
    points = [
        TimePoint(number, max(row["assessment_date"] for row in seen.values()), seen)
        for number, seen in by_number.items()
    ]
    return sorted(points, key=lambda p: (p.number != 0, p.date, p.number))
