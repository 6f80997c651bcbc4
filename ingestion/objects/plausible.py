"""Measurements that cannot be: refused with the reason, with those that they contradict."""

from __future__ import annotations

from typing import Any

from ingestion.objects.quantities import NEVER_NEGATIVE

Row = dict[str, Any]
ORDERED = (("MINIMUM", "MEAN"), ("MEAN", "MAXIMUM"), ("MINIMUM", "MEDIAN"))
SLACK = 1e-6


def refusals(rows: list[Row]) -> list[Row]:
    """The rows with ``refusal`` filled and ``value`` empty where a value cannot be.

    A length, area, volume or uptake is never negative; minimum, mean and maximum of one quantity in one group are in
    order; a short axis is not longer than the long axis. Of two values that contradict each other both are refused,
    for nothing says which is wrong. A peak is judged with the lesion that it is of (3.7: up to 1.05 x the maximum).
    """
    for row in rows:
        if row["refusal"] is None and row["quantity"] in NEVER_NEGATIVE and (row["value"] or 0) < 0:
            row["refusal"] = f"{_title(row)} is negative"
    for group in _groups(rows):
        _refuse_disorder(group)
        _refuse_axes(group)
    return [{**row, "value": None if row["refusal"] else row["value"]} for row in rows]


def _groups(rows: list[Row]) -> list[list[Row]]:
    numbers = dict.fromkeys(row["group_number"] for row in rows if row["group_number"] is not None)
    return [[row for row in rows if row["group_number"] == number] for number in numbers]


def _refuse_disorder(group: list[Row]) -> None:
    for quantity in {row["quantity"] for row in group if row["quantity"]}:
        usable = [row for row in group if row["quantity"] == quantity and _usable(row)]
        for low, high in ORDERED:
            for small in (row for row in usable if row["statistic"] == low):
                for large in (row for row in usable if row["statistic"] == high):
                    if small["value"] > large["value"] * (1 + SLACK) + SLACK:
                        said = f"{_title(large)} {large['value']:g} is less than {_title(small)} {small['value']:g}"
                        small["refusal"] = large["refusal"] = said


def _refuse_axes(group: list[Row]) -> None:
    long = [row for row in group if row["quantity"] == "LONG_AXIS" and _usable(row)]
    short = [row for row in group if row["quantity"] == "SHORT_AXIS" and _usable(row)]
    if len(long) == len(short) == 1 and short[0]["value"] > long[0]["value"] + 0.005:
        said = f"the short axis {short[0]['value']:g} mm is longer than the long axis {long[0]['value']:g} mm"
        long[0]["refusal"] = short[0]["refusal"] = said


def _usable(row: Row) -> bool:
    return row["refusal"] is None and row["value"] is not None


def _title(row: Row) -> str:
    return " ".join(str(part) for part in (row["statistic"] or row["derivation"], row["name"]) if part)
