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

    def baseline_row(self, lesion: str) -> Row | None:
        """The row of a lesion at baseline."""
        return self.baseline.rows.get(lesion) if self.baseline else None

    def known(self, lesions: Iterable[str], at: TimePoint) -> list[str]:
        """The lesions that have had a row by this time point; later ones are not known yet."""
        return [lesion for lesion in lesions if self.first_row_at[lesion] <= (at.date, at.number)]


def hundredths(value: Any) -> int | None:
    """A length in exact hundredths of a millimetre (GEN-02)."""
    return None if value is None else int((Decimal(str(value)) * 100).to_integral_value())


def diameter(row: Row | None) -> int | None:
    """The diameter that RECIST adds, in 0.01 mm: a node's short axis, else the longest; None = not evaluable."""
    if row is None or row["state"] in NOT_ASSESSED:
        return None
    if row["state"] in ("ABSENT", "MERGED"):
        return 0
    value = hundredths(row["short_axis_mm"] if row["is_node"] else row["longest_diameter_mm"])
    return TOO_SMALL if value is None and row["state"] == "TOO_SMALL" else value


def axes(row: Row) -> tuple[int, int] | None:
    """Longest diameter and its perpendicular in 0.01 mm, when both were measured."""
    longest = hundredths(row["longest_diameter_mm"])
    across = hundredths(row["perpendicular_mm"])
    if across is None and row["is_node"]:
        across = hundredths(row["short_axis_mm"])
    return None if longest is None or across is None else (longest, across)


def product(row: Row | None) -> int | None:
    """The product of the two diameters in 0.0001 mm2 (WHO-01); too small = 5 x 5 mm (WHO-08)."""
    if row is None or row["state"] in NOT_ASSESSED:
        return None
    if row["state"] in ("ABSENT", "MERGED"):
        return 0
    both = axes(row)
    if both is None:
        return TOO_SMALL * TOO_SMALL if row["state"] == "TOO_SMALL" else None
    return both[0] * both[1]


def there(row: Row | None, size: int | None) -> bool | None:
    """Whether anything of the lesion was seen, however small; None = not assessed."""
    if row is None or row["state"] in NOT_ASSESSED:
        return None
    if row["state"] == "ABSENT":
        return False
    return row["state"] == "MERGED" or size is None or size > 0


def diseased(row: Row | None, size: int | None, *, nodes_by_short_axis: bool) -> bool | None:
    """Whether disease is left in the lesion: a node below 10 mm short axis is normal; None = not assessed."""
    seen = there(row, size)
    if not seen or row is None or row["state"] == "MERGED" or size is None:
        return seen
    if nodes_by_short_axis and row["is_node"]:
        return size >= NODE_NORMAL_BELOW
    return True


def organ_of(row: Row) -> str:
    """The organ that a lesion counts for: all nodes are one organ (R11-BL-03)."""
    return "node" if row["is_node"] else str(row["organ"])


def read_course(rows: Iterable[Row]) -> Course:
    """Arrange the rows of one course; rows before baseline and lesions called NEW at baseline are left out."""
    rows = [row for row in rows if row["timepoint"] >= 0]
    wrong = {
        row["lesion_id"] for row in rows if row["role"] == "NEW" and row["timepoint"] == 0 and there(row, diameter(row))
    }
    rows = [
        row for row in rows if row["lesion_id"] not in wrong and not (row["role"] == "NEW" and row["timepoint"] == 0)
    ]
    by_number: dict[int, dict[str, Row]] = {}
    for row in rows:
        by_number.setdefault(row["timepoint"], {})[row["lesion_id"]] = row
    points = [
        TimePoint(number, max(row["assessment_date"] for row in seen.values()), seen)
        for number, seen in by_number.items()
    ]
    baseline = next((point for point in points if point.number == 0), None)
    followups = sorted((p for p in points if p.number > 0), key=lambda p: (p.date, p.number))
    first: dict[str, Row] = {}
    first_row_at: dict[str, tuple[date, int]] = {}
    for point in ([baseline] if baseline else []) + followups:
        for lesion, row in point.rows.items():
            if lesion not in first:
                first[lesion] = row
                first_row_at[lesion] = (date.min, 0) if point is baseline else (point.date, point.number)
    by_role: dict[str, list[str]] = {"TARGET": [], "NON-TARGET": [], "NEW": []}
    for lesion in sorted(first):
        by_role[first[lesion]["role"]].append(lesion)
    fragments = [
        lesion
        for lesion in by_role["TARGET"]
        if first[lesion]["timepoint"] > 0 and (first[lesion]["state"] == "SPLIT" or first[lesion]["other_lesion_id"])
    ]
    targets = [lesion for lesion in by_role["TARGET"] if lesion not in fragments]
    return Course(baseline, followups, targets, fragments, by_role["NON-TARGET"], by_role["NEW"], first_row_at)
