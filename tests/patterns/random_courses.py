"""Random subjects with scans before the baseline, sizes that hug the thresholds, and gaps in what was read."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from tests.spec.table import DAY_1, Row

FACTORS = (0.0, 0.5, 0.69, 0.7, 0.71, 0.9, 1.0, 1.0, 1.19, 1.2, 1.21, 1.4, 1.5, 1.51, 2.0)
GAPS = (14, 26, 27, 28, 29, 30, 56, 57)
BEFORE = (10, 13, 14, 30, 60, 100)
ORGANS = ("liver", "lung", "bone", "skin")


def subject(number: int, seed: int) -> tuple[list[Row], Row, list[Row]]:
    """Measurement rows, the subject's dates and performance status of one subject."""
    dice = random.Random(seed * 100_003 + number)
    own = {"study_id": "STUDY", "subject_id": f"S{number:05d}", "evaluator": "INVESTIGATOR"}
    pre = sorted(dice.sample(BEFORE, dice.choice((0, 1, 1, 2))), reverse=True)
    scans = [(place - len(pre), -gap) for place, gap in enumerate(pre)]
    if dice.random() < 0.97:
        scans.append((0, dice.choice((-7, 0))))
    at = 0
    for timepoint in range(1, dice.randint(0, 5) + 1):
        at += dice.choice(GAPS)
        scans.append((timepoint, at))
    rows = [row for scan in _lesions(dice, scans) for row in scan]
    start = DAY_1
    dates: dict[str, Any] = {
        "reference_date": start,
        "discontinuation_date": start + timedelta(days=dice.choice((58, 59, 60, 61, 200)))
        if dice.random() < 0.6
        else None,
        "death_date": start + timedelta(days=dice.choice((40, 59, 60, 300))) if dice.random() < 0.2 else None,
        "last_alive_date": start + timedelta(days=dice.choice((50, 59, 60, 61, 300))) if dice.random() < 0.7 else None,
        "new_therapy_date": start + timedelta(days=dice.randint(20, 200)) if dice.random() < 0.15 else None,
    }
    visits = [
        {"subject_id": own["subject_id"], "date": start + timedelta(days=on), "ecog": dice.choice((0, 1, 1, 2, 3))}
        for on in (0, 30, 60, 61)
        if dice.random() < 0.6
    ]
    return [own | row for row in rows], own | dates, visits


def _lesions(dice: random.Random, scans: list[tuple[int, int]]) -> list[list[Row]]:
    missed = {timepoint for timepoint, _ in scans if timepoint > 0 and dice.random() < 0.06}
    found = [_target(dice, f"T{place:02d}", scans, missed) for place in range(dice.randint(0, 3))]
    found += [_nontarget(dice, f"NT{place:02d}", scans, missed) for place in range(dice.randint(0, 1))]
    found += [_new(dice, f"NEW{place:02d}", scans, missed) for place in range(dice.choice((0, 0, 1, 2, 3)))]
    return found


def _row(scan: tuple[int, int], lesion: str, role: str, organ: str, state: str, size: float | None) -> Row:
    node = organ == "node"
    return {
        "timepoint": scan[0],
        "assessment_date": DAY_1 + timedelta(days=scan[1]),
        "lesion_id": lesion,
        "role": role,
        "organ": organ,
        "is_node": node,
        "state": state,
        "longest_diameter_mm": None if size is None else (round(size * 1.5, 1) if node else size),
        "short_axis_mm": size if node else None,
        "perpendicular_mm": size,
    }


def _target(dice: random.Random, lesion: str, scans: list[tuple[int, int]], missed: set[int]) -> list[Row]:
    organ = dice.choice((*ORGANS, "node"))
    base = dice.choice((10.0, 15.0, 20.0, 30.0, 60.0))
    rows = []
    for scan in scans:
        state, size = "MEASURED", base if scan[0] == 0 else round(base * dice.choice(FACTORS), 1)
        if scan[0] < 0:
            size = round(base * dice.choice((0.5, 0.7, 0.8, 0.9, 1.0, 1.1)), 1)
        if scan[0] in missed:
            state = "NOT_DONE"
        elif scan[0] != 0 and dice.random() < 0.08:
            state = dice.choice(("NOT_EVALUABLE", "TOO_SMALL", "ABSENT"))
        elif scan[0] < 0 and dice.random() < 0.1:
            continue
        rows.append(_row(scan, lesion, "TARGET", organ, state, size if state == "MEASURED" else None))
    return rows


def _nontarget(dice: random.Random, lesion: str, scans: list[tuple[int, int]], missed: set[int]) -> list[Row]:
    organ, states = dice.choice(ORGANS), ("PRESENT", "PRESENT", "ABSENT", "INCREASED", "UNEQUIVOCAL_PROGRESSION")
    return [
        _row(
            scan,
            lesion,
            "NON-TARGET",
            organ,
            "PRESENT" if scan[0] <= 0 else "NOT_DONE" if scan[0] in missed else dice.choice(states),
            None,
        )
        for scan in scans
    ]


def _new(dice: random.Random, lesion: str, scans: list[tuple[int, int]], missed: set[int]) -> list[Row]:
    organ, first = dice.choice((*ORGANS, "node")), dice.randint(1, 3)
    return [
        _row(
            scan,
            lesion,
            "NEW",
            organ,
            "NOT_DONE" if scan[0] in missed else dice.choice(("UNEQUIVOCAL", "UNEQUIVOCAL", "EQUIVOCAL", "ABSENT")),
            dice.choice((None, 9.9, 10.0, 20.0)),
        )
        for scan in scans
        if scan[0] >= first
    ]
