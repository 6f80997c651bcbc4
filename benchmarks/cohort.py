"""Synthetic cohorts for load: made by arithmetic on whole columns, the same for the same size."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT

FIRST_DAY = date(2024, 1, 1)
ROLES = ("TARGET", "TARGET", "TARGET", "TARGET", "NON-TARGET", "NEW")
ORGANS = ("LIVER", "LUNG", "LYMPH NODE", "SKIN", "BONE", "LIVER")
INTERVAL_DAYS = 42


def measurements(subjects: int, visits: int = 10, seed: int = 1) -> pl.DataFrame:
    """Lesion rows of that many subjects (columns of core.measurement): a baseline and later visits, six lesions each.

    Four targets (one a node) shrink or grow at a rate of their own, one lesion is non-target, and one is new in a
    third of the subjects. One visit in fifty has a lesion that is not evaluable.
    """
    rng = np.random.default_rng(seed)
    shape = (subjects, visits, len(ROLES))
    rate = rng.normal(-0.03, 0.12, (subjects, 1, 1)) + rng.normal(0, 0.03, (subjects, 1, len(ROLES)))
    size = rng.uniform(15, 50, (subjects, 1, len(ROLES))) * np.exp(rate * np.arange(visits)[None, :, None])
    size = (size * rng.normal(1, 0.03, shape)).round(1)
    state = np.where(rng.random(shape) < 0.02, "NOT_EVALUABLE", np.where(size < 3, "ABSENT", "MEASURED")).astype(object)
    state[:, :, 4] = np.where(rng.random(shape[:2]) < 0.01, "UNEQUIVOCAL_PROGRESSION", "PRESENT")
    state[:, 0, :5] = [*["MEASURED"] * 4, "PRESENT"]
    appears = np.where(rng.random(subjects) < 0.33, rng.integers(1, visits, subjects), visits)
    state[:, :, 5] = np.where(np.arange(visits) < appears[:, None], "ABSENT", "MEASURED")
    subject, visit, lesion = (index.ravel() for index in np.indices(shape))
    longest = pl.Series(np.where(state == "MEASURED", size, np.nan).ravel()).fill_nan(None)
    is_node = lesion == 2
    frame = pl.DataFrame(
        {
            "subject_id": _ids(subject),
            "timepoint": visit.astype(np.int32),
            "days": (visit * INTERVAL_DAYS + rng.integers(-3, 4, shape[:2])[subject, visit] * (visit > 0)),
            "lesion": lesion,
            "is_node": is_node,
            "injected": (lesion == 3) | ((lesion == 1) & (visit > 3)),
            "state": pl.Series(state.ravel(), dtype=pl.String),
            "longest_diameter_mm": longest,
        }
    )
    return _conformed(frame)


def _conformed(frame: pl.DataFrame) -> pl.DataFrame:
    names = pl.DataFrame(
        {
            "lesion": np.arange(len(ROLES)),
            "lesion_id": [f"L{number + 1:02d}" for number in range(len(ROLES))],
            "role": ROLES,
            "organ": ORGANS,
        }
    )
    longest = pl.col("longest_diameter_mm")
    return frame.join(names, on="lesion", how="left", maintain_order="left").select(
        pl.lit("LOAD").alias("study_id"),
        "subject_id",
        pl.lit("INVESTIGATOR").alias("evaluator"),
        "timepoint",
        pl.format("VISIT {}", "timepoint").alias("visit"),
        (pl.lit(FIRST_DAY) + pl.duration(days="days")).cast(pl.Date).alias("assessment_date"),
        *("lesion_id", "role", "organ", "is_node", "injected", "state"),
        "longest_diameter_mm",
        pl.when("is_node").then((longest * 0.8).round(1)).alias("short_axis_mm"),
        (longest * 0.8).round(1).alias("perpendicular_mm"),
        *(
            pl.lit(None, dtype=MEASUREMENT.schema[name]).alias(name)
            for name in ("change_from_previous", "other_lesion_id")
        ),
    )


def subjects(count: int, seed: int = 2) -> pl.DataFrame:
    """Their dates (core.subject): half have died, a fifth got another therapy."""
    rng = np.random.default_rng(seed)
    died, treated = rng.random(count) < 0.5, rng.random(count) < 0.2
    frame = pl.DataFrame(
        {
            "subject_id": _ids(np.arange(count)),
            "death": pl.Series(np.where(died, rng.integers(100, 800, count), -1)),
            "therapy": pl.Series(np.where(treated, rng.integers(60, 500, count), -1)),
        }
    )

    def after(days: str) -> pl.Expr:
        return pl.when(pl.col(days) >= 0).then((pl.lit(FIRST_DAY) + pl.duration(days=days)).cast(pl.Date))

    return SUBJECT.conform(
        frame.select(
            "subject_id",
            study_id=pl.lit("LOAD"),
            reference_date=pl.lit(FIRST_DAY),
            first_dose_date=pl.lit(FIRST_DAY),
            death_date=after("death"),
            new_therapy_date=after("therapy"),
        )
    )


def collected_responses(count: int, visits: int = 10, seed: int = 3) -> pl.DataFrame:
    """Overall responses as a reader recorded them under RECIST 1.1 (core.recorded_response), every visit of each."""
    rng = np.random.default_rng(seed)
    shape = (count, visits)
    codes = np.array(["CR", "PR", "SD", "PD", "NE"])
    subject, visit = (index.ravel() for index in np.indices(shape))
    return RECORDED_RESPONSE.conform(
        pl.DataFrame(
            {
                "study_id": ["LOAD"] * subject.size,
                "subject_id": _ids(subject),
                "evaluator": ["INVESTIGATOR"] * subject.size,
                "criterion": ["RECIST 1.1"] * subject.size,
                "timepoint": visit + 1,
                "days": (visit + 1) * INTERVAL_DAYS,
                "component": ["OVERALL"] * subject.size,
                "response": rng.choice(codes, subject.size, p=[0.08, 0.25, 0.42, 0.15, 0.1]),
            }
        )
        .with_columns(assessment_date=(pl.lit(FIRST_DAY) + pl.duration(days="days")).cast(pl.Date))
        .drop("days")
    )


def _ids(numbers: npt.NDArray[np.int64]) -> pl.Series:
    return pl.DataFrame({"n": numbers}).select(id=pl.format("S{}", pl.col("n").cast(pl.String).str.zfill(6)))["id"]
