"""Diameters that reports measured on CT, to be drawn beside what PET shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import polars as pl

LONGEST = ("LONG_AXIS", "LENGTH")


@dataclass(frozen=True, slots=True)
class Diameter:
    """A lesion's longest diameter in mm, and its ends as column and row on the instance that it was measured on."""

    lesion_id: str
    length_mm: float
    sop_instance_uid: str
    ends: tuple[tuple[float, float], tuple[float, float]]


def diameters(measurements: pl.DataFrame) -> dict[tuple[str, int], tuple[Diameter, ...]]:
    """The diameters with a line on one instance, by subject and time point, of core.sr_measurement."""
    lines = measurements.filter(
        pl.col("quantity").is_in(LONGEST) & ~pl.col("referenced_sop_instance_uids").str.contains(r"\\", literal=False)
    ).drop_nulls(["subject_id", "timepoint", "tracking_id", "value", "line"])
    found: dict[tuple[str, int], list[Diameter]] = defaultdict(list)
    for row in lines.sort("source_sha256", "measurement_number").iter_rows(named=True):
        first, second, third, fourth = (float(part) for part in row["line"].split("\\"))
        ends = ((first, second), (third, fourth))
        made = Diameter(row["tracking_id"], row["value"], row["referenced_sop_instance_uids"], ends)
        found[row["subject_id"], row["timepoint"]].append(made)
    return {place: tuple(several) for place, several in found.items()}
