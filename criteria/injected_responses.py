"""Responses of injected and other lesions as tables: one row per time point, and one per course (IT-02 to IT-12)."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from criteria.courses import Courses, read_courses
from criteria.decision import CATEGORIES, NEW_LESION, NEW_Y
from criteria.declaration import Morphologic
from criteria.explanation import signed
from criteria.injected import PATTERNS, Classes, Component, classes, injected_response, pattern
from criteria.injected_tables import COURSE_KEY, INJECTED_RESPONSE, INJECTED_SUMMARY
from criteria.lesions import any_lesion
from criteria.new_lesions import NewLesionMemory
from criteria.reads import Booleans, Integers, Reads, arranged

NAMES = (*(name for row in PATTERNS for name in row), None)
BEST_FIRST = ("CR", "PR", "SD", "PD", "NE", "NA")


def injected_responses(measurements: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """Components of every time point after the baseline, for courses with an injected lesion (IT-02 to IT-12).

    ``measurements`` has the columns of core.measurement (lengths in mm), ``declared`` is itRECIST with its options; a
    frame of analysis.injected_response.
    """
    parts = (_responses(reads, declared) for reads in arranged(measurements))
    return INJECTED_RESPONSE.conform(pl.concat([INJECTED_RESPONSE.empty(), *parts]))


def injected_summary(responses: pl.DataFrame) -> pl.DataFrame:
    """Per course how often the injected targets responded, and their best change (IT-11).

    A frame of analysis.injected_response in, one of analysis.injected_summary out.
    """
    iterative, cumulative = pl.col("injected_iterative"), pl.col("injected_cumulative")
    best = cumulative.cast(pl.Enum(BEST_FIRST)).min().cast(pl.String)
    return INJECTED_SUMMARY.conform(
        responses.group_by(COURSE_KEY)
        .agg(
            *((iterative == name).sum().alias(f"timepoints_{name.lower()}") for name in ("CR", "PR", "SD", "PD")),
            best_pct_from_baseline=pl.col("injected_pct_from_baseline").min(),
            best_cumulative=best,
        )
        .sort(COURSE_KEY)
    )


def _responses(reads: Reads, declared: Morphologic) -> pl.DataFrame:
    courses = read_courses(reads, declared)
    treated = any_lesion(courses.targets.injected[:, -1]) | any_lesion(courses.nontargets.injected[:, -1])
    if declared.injected_new_lesions:
        treated |= any_lesion(courses.new.injected[:, -1] & (courses.new.known_from < courses.shape[1]))
    memory = NewLesionMemory(courses)
    frames = []
    for k in range(1, courses.shape[1]):
        look = memory.look(k)
        memory.keep(look, courses.exists[:, k])
        frames.append(_frame(k, courses, treated, classes(k, courses, declared), look.category, declared))
    rows = pl.concat(frames) if frames else pl.DataFrame(schema={"course": pl.UInt32, "position": pl.Int32})
    visits = courses.timepoints.select("course", "position", "timepoint", "visit", "assessment_date")
    rows = rows.join(visits, on=["course", "position"]).join(courses.keys, on="course").sort("course", "timepoint")
    if rows.is_empty():
        return INJECTED_RESPONSE.empty()
    rows = rows.with_columns(clause=_clause(declared)).with_columns(explanation=_explanation(declared))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in INJECTED_RESPONSE.schema.items())


def _frame(
    k: int, courses: Courses, treated: Booleans, found: Classes, new: Any, declared: Morphologic
) -> pl.DataFrame:
    scale = declared.measure.scale
    stands = injected_response(found, declared)
    shape = pattern(stands, found.noninjected.cumulative, new == NEW_Y)
    both = found.injected.total + found.noninjected.total
    frame = pl.DataFrame(
        {
            "course": np.arange(len(treated), dtype=np.uint32),
            "position": np.full(len(treated), k, dtype=np.int32),
            "here": courses.exists[:, k] & treated,
            **_columns("injected", found.injected),
            **_columns("noninjected", found.noninjected),
            "newly_injected_targets": found.rotated,
            "target_sum": both,
            "targets_complete": (found.injected.complete | (found.injected.lesions == 0))
            & (found.noninjected.complete | (found.noninjected.lesions == 0)),
            "injected_iterative": _named(found.injected.iterative),
            "injected_cumulative": _named(found.injected.cumulative),
            "injected_response": _named(stands),
            "noninjected_response": _named(found.noninjected.cumulative),
            "nontarget_injected": _named(found.nontarget_injected),
            "nontarget_noninjected": _named(found.nontarget_noninjected),
            "new_lesion": pl.Series(NEW_LESION, dtype=pl.String).gather(new),
            "pattern": pl.Series(NAMES, dtype=pl.String).gather(np.where(shape < 0, len(NAMES) - 1, shape)),
        }
    ).filter("here")
    sums = [name for name in frame.columns if name.endswith("_sum")]
    return (
        frame.with_columns(
            pl.when("injected_complete").then("injected_sum").alias("injected_sum"),
            pl.when("noninjected_complete").then("noninjected_sum").alias("noninjected_sum"),
            pl.when("targets_complete").then("target_sum").alias("target_sum"),
        )
        .with_columns(pl.when(pl.col(name) >= 0).then(pl.col(name) / scale).alias(name) for name in sums)
        .with_columns(
            injected_pct_from_previous=_percent("injected_sum", "injected_previous_sum"),
            injected_pct_from_baseline=_percent("injected_sum", "injected_baseline_sum"),
            noninjected_pct_from_baseline=_percent("noninjected_sum", "noninjected_baseline_sum"),
        )
    )


def _columns(name: str, found: Component) -> dict[str, Integers | Booleans]:
    return {
        f"{name}_targets": found.lesions,
        f"{name}_complete": found.complete,
        f"{name}_sum": found.total,
        f"{name}_previous_sum": found.previous,
        f"{name}_baseline_sum": found.baseline,
        f"{name}_nadir_sum": found.nadir,
    }


def _named(codes: Any) -> pl.Series:
    return pl.Series(CATEGORIES, dtype=pl.String).gather(codes)


def _percent(total: str, reference: str) -> pl.Expr:
    return pl.when(pl.col(reference) > 0).then((pl.col(total) - pl.col(reference)) * 100 / pl.col(reference))


def _clause(declared: Morphologic) -> pl.Expr:
    stands = "IT-09" if declared.injected_reference == "baseline_nadir" else "IT-08"
    none = pl.col("injected_targets") == 0
    return pl.when(none).then(pl.lit("IT-05")).otherwise(pl.lit(stands))


def _explanation(declared: Morphologic) -> pl.Expr:
    unit = declared.measure.unit

    def against(name: str, reference: str, change: str, word: str) -> pl.Expr:
        return pl.when(pl.col(change).is_not_null()).then(
            pl.format(f"{{}} % from {{}} {unit} at the {word}: {{}}", signed(pl.col(change)), reference, name)
        )

    def targets(name: str, words: str, *parts: pl.Expr) -> pl.Expr:
        total = pl.when(pl.col(f"{name}_sum").is_not_null()).then(
            pl.format(f"{words} ({{}}) {{}} {unit}", f"{name}_targets", f"{name}_sum")
        )
        missing = pl.format(f"{words} ({{}}) not all assessed", f"{name}_targets")
        stated = pl.concat_str([pl.coalesce(total, missing), *parts], separator=", ", ignore_nulls=True)
        return pl.when(pl.col(f"{name}_targets") > 0).then(stated).otherwise(pl.lit(f"no {words}"))

    injected = targets(
        "injected",
        "injected targets",
        against("injected_iterative", "injected_previous_sum", "injected_pct_from_previous", "previous time point"),
        against("injected_cumulative", "injected_baseline_sum", "injected_pct_from_baseline", "baseline"),
    )
    others = targets(
        "noninjected",
        "other targets",
        against("noninjected_response", "noninjected_baseline_sum", "noninjected_pct_from_baseline", "baseline"),
    )
    moved = pl.when(pl.col("newly_injected_targets") > 0).then(
        pl.format("{} newly injected since the previous time point", "newly_injected_targets")
    )
    new = pl.when(pl.col("new_lesion") == "Y").then(pl.lit("new lesion"))
    return pl.concat_str([injected, others, moved, new, "pattern"], separator="; ", ignore_nulls=True)
