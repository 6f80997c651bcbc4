"""Attribution of discordances agrees with the row-by-row reading on pairs of readers made from random courses."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from cohorts.review.discordance import discordance
from cohorts.review.readers import readers
from criteria.best_response import best_responses
from criteria.registry import criterion
from criteria.timepoint import timepoint_responses
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT
from tests.oracle import review
from tests.oracle.courses import many_courses

Row = dict[str, Any]
PAIR = ("RADIOLOGIST 1", "RADIOLOGIST 2")


def reread(rows: list[Row], draw: random.Random) -> list[Row]:
    """The same course as a second reader might have read it."""
    lesions = sorted({row["lesion_id"] for row in rows})
    dropped = draw.choice(lesions) if draw.random() < 0.2 else None
    moved = draw.choice(lesions) if draw.random() < 0.15 else None
    late = timedelta(days=draw.choice((0, 0, 0, 0, 1)))
    out = []
    for row in rows:
        if row["lesion_id"] == dropped:
            continue
        again = dict(row, assessment_date=row["assessment_date"] + (late if row["timepoint"] > 0 else timedelta()))
        if row["lesion_id"] == moved:
            again["organ"] = "adrenal"
        size = again["longest_diameter_mm"]
        if size is not None and draw.random() < 0.25:
            again["longest_diameter_mm"] = max(1.0, size + draw.choice((-6, -2, -1, 1, 2, 6)))
        if again["state"] == "PRESENT" and draw.random() < 0.1:
            again["state"] = draw.choice(("ABSENT", "UNEQUIVOCAL_PROGRESSION", "NOT_EVALUABLE"))
        out.append(again)
    return out


def frame(rows: list[Row], schema: Any) -> pl.DataFrame:
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)


@pytest.fixture(scope="module")
def reads() -> tuple[dict[tuple[str, str], list[Row]], pl.DataFrame, pl.DataFrame]:
    rows, subjects = many_courses(1200, seed=12)
    draw = random.Random(5)
    by_reader: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_reader.setdefault((row["subject_id"], PAIR[0]), []).append({**row, "evaluator": PAIR[0]})
    for subject, reader in list(by_reader):
        again = reread(by_reader[subject, reader], draw)
        by_reader[subject, PAIR[1]] = [row | {"evaluator": PAIR[1]} for row in again]
    together = [row for course in by_reader.values() for row in course]
    return by_reader, frame(together, MEASUREMENT.schema), frame(subjects, SUBJECT.schema)


@pytest.mark.parametrize("name", ["RECIST 1.1", "iRECIST", "imRECIST"])
def test_cause_and_time_point_of_every_discordance_agree(
    reads: tuple[dict[tuple[str, str], list[Row]], pl.DataFrame, pl.DataFrame], name: str
) -> None:
    by_reader, measurements, subjects = reads
    declared = criterion(name)
    responses = timepoint_responses(measurements, declared)
    best = best_responses(responses, declared, subjects)
    found = readers(measurements, RECORDED_RESPONSE.empty())
    engine = {
        row["subject_id"]: (row["cause"], row["timepoint"])
        for row in discordance(responses, best, measurements, found, [declared]).to_dicts()
    }
    of_response: dict[tuple[str, str], list[Row]] = {}
    for row in responses.to_dicts():
        of_response.setdefault((row["subject_id"], row["evaluator"]), []).append(row)
    of_best = {
        (row["subject_id"], row["evaluator"]): row for row in best.to_dicts() if row["best_response"] != "MISSING"
    }
    expected = {}
    for subject in {subject for subject, _ in by_reader}:
        sides = [(subject, reader) for reader in PAIR]
        if all(side in of_best for side in sides):
            cause = review.cause(
                name,
                [of_response.get(side, []) for side in sides],
                [of_best[side] for side in sides],
                [by_reader[side] for side in sides],
            )
            if cause is not None:
                expected[subject] = cause
    differing = {s: (expected.get(s), engine.get(s)) for s in expected | engine if expected.get(s) != engine.get(s)}
    assert not differing, f"{len(differing)} of {len(expected)} differ, e.g. {list(differing.items())[:5]}"
    causes = Counter(cause for cause, _ in expected.values())
    assert {"NOT EVALUABLE", "NEW LESION CALL", "OTHER LESION CHOSEN", "MEASUREMENT ACROSS A THRESHOLD"} <= set(causes)
