"""Time point responses: from lesion rows to one explained response per course and time point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from criteria.clauses import clause
from criteria.clinical import clinical_facts
from criteria.courses import Courses, read_courses
from criteria.decision import CATEGORIES, CPD, NEW_LESION, PD, UPD
from criteria.declaration import Morphologic
from criteria.evaluated import Evaluation
from criteria.evaluation import evaluate
from criteria.explanation import explanation, in_units
from criteria.flags import flag_text
from criteria.lesions import any_lesion
from criteria.reads import KEY, NO_DATE, NO_SIZE, Reads, arranged
from criteria.tables import TIMEPOINT_RESPONSE
from criteria.vocabulary import Origin

PROGRESSIONS = (PD, UPD, CPD)


def timepoint_responses(
    measurements: pl.DataFrame,
    declared: Morphologic,
    subjects: pl.DataFrame | None = None,
    clinical_status: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Responses of every course and time point after the baseline under one criterion.

    ``measurements`` has the columns of core.measurement (lengths in mm), one row per lesion and time point, in any
    order; ``subjects`` (core.subject) gives the reference dates of the study days, else the baseline's date is day 1;
    ``clinical_status`` (core.clinical_status) speaks of early scans and of stability (IR-05, IR-07). The result is a
    frame of analysis.timepoint_response.
    """
    return responses_of(arranged(measurements), declared, subjects, clinical_status)


def responses_of(
    reads: Iterable[Reads],
    declared: Morphologic,
    subjects: pl.DataFrame | None = None,
    clinical_status: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`timepoint_responses` of reads that are arranged already, so that several criteria can share them."""
    parts = (_responses(part, declared, subjects, clinical_status) for part in reads)
    return TIMEPOINT_RESPONSE.conform(pl.concat([TIMEPOINT_RESPONSE.empty(), *parts]))


def _responses(
    reads: Reads, declared: Morphologic, subjects: pl.DataFrame | None, clinical_status: pl.DataFrame | None
) -> pl.DataFrame:
    courses = read_courses(reads, declared)
    result = evaluate(courses, declared, clinical_facts(clinical_status, reads))
    frame = _frame(courses, result, declared)
    frame = frame.with_columns(clause=clause(frame, declared)).with_columns(explanation=explanation(declared))
    frame = _study_day(_codes(frame, declared), courses, subjects)
    frame = frame.with_columns(criterion=pl.lit(declared.name), origin=pl.lit(Origin.DERIVED.value))
    return frame.sort("course", "timepoint").select(
        pl.col(name).cast(dtype) for name, dtype in TIMEPOINT_RESPONSE.schema.items()
    )


def _frame(courses: Courses, result: Evaluation, declared: Morphologic) -> pl.DataFrame:
    """The evaluated positions as rows, categories still by their engine names, sums in millimetres."""
    course, position = np.nonzero(courses.exists)
    after = position > 0
    course, position = course[after], position[after]

    def at(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return array[course, position]

    has_targets = any_lesion(courses.targets.known)
    episode = at(result.episode)
    rows = pl.DataFrame(
        {
            "course": course.astype(np.uint32),
            "position": position.astype(np.int32),
            "total": at(result.total),
            "assessed": at(result.assessed),
            "expected": at(result.expected),
            "sum_known": at(result.assessed) > 0,
            "complete": at(result.complete),
            "baseline": np.where(at(has_targets), at(result.baseline), NO_SIZE),
            "nadir": at(result.nadir),
            "nadir_day": courses.day[course, at(result.nadir_at)],
            "target_response": _named(CATEGORIES, at(result.target)),
            "nontarget_response": _named(CATEGORIES, at(result.nontarget)),
            "new_lesion": _named(NEW_LESION, at(result.new_lesion)),
            "overall_response": _named(CATEGORIES, at(result.overall)),
            "table_row": at(result.table_row),
            "confirmed_by": at(result.confirmed_by),
            "from_zero": at(result.from_zero),
            "reappeared": at(result.reappeared),
            "opens": episode == position,
            "episode_day": courses.day[course, np.maximum(episode, 0)],
            "surplus": courses.surplus[course],
            "bits": at(result.flags),
            "progression_day": np.minimum(at(result.progression_day), NO_DATE),
        }
    ).with_columns(flags=flag_text(at(result.flags)))
    visits = courses.timepoints.filter(pl.col("position") > 0).select("timepoint", "visit", "assessment_date")
    keys = courses.keys.select(pl.col(KEY).gather(course))
    return (
        pl.concat([keys, visits, rows], how="horizontal")
        .with_columns(
            target_sum=pl.when("sum_known").then(in_units(pl.col("total"), declared)),
            baseline_sum=pl.when(pl.col("baseline") >= 0).then(in_units(pl.col("baseline"), declared)),
            nadir_sum=pl.when(pl.col("nadir") >= 0).then(in_units(pl.col("nadir"), declared)),
        )
        .with_columns(
            pct_from_baseline=_percent("baseline"),
            pct_from_nadir=_percent("nadir"),
            abs_from_nadir=pl.when("complete").then(in_units(pl.col("total") - pl.col("nadir"), declared)),
            progression_date=pl.when(pl.col("overall_response").is_in([CATEGORIES[c] for c in PROGRESSIONS])).then(
                pl.when(pl.col("progression_day") < int(NO_DATE))
                .then(_date("progression_day"))
                .otherwise("assessment_date")
            ),
            nadir_date=_date("nadir_day"),
            episode_date=_date("episode_day"),
        )
        .with_columns(abs_from_nadir=pl.when(pl.col("nadir") >= 0).then("abs_from_nadir"))
    )


def _named(names: tuple[str, ...], codes: npt.NDArray[Any]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(codes)


def _date(days: str) -> pl.Expr:
    return pl.col(days).cast(pl.Int32).cast(pl.Date)


def _percent(reference: str) -> pl.Expr:
    known = (pl.col(reference) > 0) & pl.col("complete")
    return pl.when(known).then((pl.col("total") - pl.col(reference)) * 100.0 / pl.col(reference))


def _codes(frame: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    codes = dict(declared.codes)
    return frame.with_columns(pl.col(f"{part}_response").replace(codes) for part in ("target", "nontarget", "overall"))


def _study_day(frame: pl.DataFrame, courses: Courses, subjects: pl.DataFrame | None) -> pl.DataFrame:
    """Days since the reference date, without a day 0 (GEN-06)."""
    if subjects is None:
        baseline = courses.timepoints.filter(pl.col("position") == 0)
        reference = baseline.select("course", reference_date="assessment_date")
        frame = frame.join(reference, on="course", how="left")
    else:
        reference = subjects.select("study_id", "subject_id", "reference_date")
        frame = frame.join(reference, on=["study_id", "subject_id"], how="left")
    days = (pl.col("assessment_date") - pl.col("reference_date")).dt.total_days()
    return frame.with_columns(study_day=days + (days >= 0).cast(pl.Int64))
