"""From lesion rows to courses: dense arrays of subjects by time points that the engine walks visit by visit.

A *course* is one subject read by one evaluator. Arrays have the shape (courses, positions); position 0 is the
baseline, positions 1.. are the later time points in order of their dates. Lengths are integer hundredths of a
millimetre, so that every threshold is compared exactly (GEN-01, GEN-02); dates are days since 1970-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from criteria.declaration import Morphologic
from criteria.vocabulary import Change, Role, State

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

KEY = ("study_id", "subject_id", "evaluator")
HUNDREDTHS = 100
NO_DATE = np.int64(np.iinfo(np.int32).max)
UNSEEN = (State.NOT_EVALUABLE, State.NOT_DONE)


@dataclass(frozen=True, slots=True)
class Lesions:
    """Counts per course and position over the lesions of one role.

    ``expected`` lesions are known by then, of which ``assessed`` have a usable record; ``gone`` ones are absent (a
    node: below its normal short axis), ``visible`` ones are not.
    """

    expected: Integers
    assessed: Integers
    gone: Integers
    visible: Integers
    last_date: Integers


@dataclass(frozen=True, slots=True)
class Targets(Lesions):
    """Target lesions; ``total`` is the sum over the assessed ones."""

    total: Integers


@dataclass(frozen=True, slots=True)
class NonTargetLesions(Lesions):
    """Non-target lesions; ``progressed`` and ``grown`` count the reader's words, never millimetres (R11-NT-03)."""

    progressed: Integers
    grown: Integers
    progression_date: Integers


@dataclass(frozen=True, slots=True)
class Courses:
    """All courses of a set of reads."""

    keys: pl.DataFrame
    timepoints: pl.DataFrame
    rows: pl.DataFrame
    exists: Booleans
    day: Integers
    targets: Targets
    nontargets: NonTargetLesions

    @property
    def shape(self) -> tuple[int, int]:
        """Number of courses and of positions."""
        return self.exists.shape[0], self.exists.shape[1]

    @property
    def has_baseline(self) -> Booleans:
        """Courses with an adequate baseline: every target lesion has a size there (GEN-03)."""
        complete = self.targets.assessed[:, 0] == self.targets.expected[:, 0]
        return self.exists[:, 0] & complete


def dense(frame: pl.DataFrame, column: str, shape: tuple[int, int], empty: int = 0) -> Integers:
    """A column of a frame keyed by course and position as an array of that shape."""
    array = np.full(shape, empty, dtype=np.int64)
    array[frame["course"].to_numpy(), frame["position"].to_numpy()] = frame[column].fill_null(empty).to_numpy()
    return array


def read_courses(measurements: pl.DataFrame, declared: Morphologic) -> Courses:
    """Lesion rows (columns of core.measurement) as courses under the criterion's measure.

    Rows before the baseline (negative time points) serve growth kinetics only and are left out.
    """
    rows = measurements.lazy().filter(pl.col("timepoint") >= 0).collect()
    keys = rows.select(KEY).unique().sort(KEY).with_row_index("course")
    rows = rows.join(keys, on=KEY, how="inner")
    timepoints = _order_timepoints(rows)
    rows = _measured(
        rows.join(timepoints.select("course", "timepoint", "position"), on=["course", "timepoint"]), declared
    )
    shape = (keys.height, int(timepoints["position"].max() or 0) + 1)  # type: ignore[arg-type]
    timepoints = timepoints.with_columns(day=pl.col("assessment_date").to_physical())
    return Courses(
        keys=keys,
        timepoints=timepoints,
        rows=rows,
        exists=dense(timepoints.with_columns(exists=pl.lit(1)), "exists", shape).astype(bool),
        day=dense(timepoints, "day", shape),
        targets=_targets(rows.filter(pl.col("role") == Role.TARGET), shape),
        nontargets=_nontargets(rows.filter(pl.col("role") == Role.NON_TARGET), shape),
    )


def _order_timepoints(rows: pl.DataFrame) -> pl.DataFrame:
    """Time points in date order, the date being the latest scan of each (DT-01, GEN-07)."""
    timepoints = (
        rows.group_by("course", "timepoint")
        .agg(pl.col("visit").drop_nulls().min(), pl.col("assessment_date").max())
        .sort("course", "timepoint")
        .with_columns(pl.col("assessment_date").forward_fill().over("course"))
        .sort("course", pl.col("timepoint") != 0, "assessment_date", "timepoint")
    )
    no_baseline = (pl.col("timepoint") != 0).all().over("course").cast(pl.Int32)
    return timepoints.with_columns(
        position=pl.int_range(pl.len(), dtype=pl.Int32).over("course") + no_baseline,
    )


def _measured(rows: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """Adds what each record means: size (hundredths of mm), assessed, gone (R11-FU-01 to R11-FU-05)."""
    state, is_node = pl.col("state"), pl.col("is_node").fill_null(False)
    diameter = pl.when(is_node).then("short_axis_mm").otherwise("longest_diameter_mm")
    stated = (diameter * HUNDREDTHS).round().cast(pl.Int64)
    size = (
        pl.when(state.is_in(UNSEEN))
        .then(None)
        .when(state.is_in([State.ABSENT, State.MERGED]))
        .then(0)
        .when(state == State.TOO_SMALL)
        .then(stated.fill_null(declared.options.tstm_value_mm * HUNDREDTHS))
        .otherwise(stated)
    )
    rows = rows.with_columns(is_node=is_node, size=size, day=pl.col("assessment_date").to_physical().cast(pl.Int64))
    normal_node = is_node & (pl.col("size") < declared.measure.normal_node_mm * HUNDREDTHS)
    return rows.with_columns(
        gone=((pl.col("size") == 0) | normal_node).fill_null(False) & (state != State.MERGED),
    )


def _known(rows: pl.DataFrame, shape: tuple[int, int]) -> Integers:
    """How many lesions are known by each position.

    A target belongs to the baseline (without a size there the baseline is incomplete) unless it split off later.
    """
    first = rows.group_by("course", "lesion_id").agg(
        pl.col("position").min(),
        of_baseline=(pl.col("role").first() == Role.TARGET) & ~(pl.col("state") == State.SPLIT).any(),
    )
    first = first.with_columns(position=pl.when("of_baseline").then(0).otherwise("position"))
    counts = first.group_by("course", "position").agg(known=pl.len())
    return np.cumsum(dense(counts, "known", shape), axis=1)


def _counts(rows: pl.DataFrame, usable: pl.Expr, *more: pl.Expr) -> pl.DataFrame:
    gone = pl.col("gone") & usable
    return rows.group_by("course", "position").agg(
        usable.sum().alias("assessed"),
        gone.sum().alias("gone"),
        (usable & ~gone).sum().alias("visible"),
        pl.col("day").max().alias("last_date"),
        *more,
    )


def _common(counts: pl.DataFrame, rows: pl.DataFrame, shape: tuple[int, int]) -> dict[str, Any]:
    return {
        "expected": _known(rows, shape),
        **{name: dense(counts, name, shape) for name in ("assessed", "gone", "visible")},
        "last_date": dense(counts, "last_date", shape, empty=int(NO_DATE)),
    }


def _targets(rows: pl.DataFrame, shape: tuple[int, int]) -> Targets:
    counts = _counts(rows, pl.col("size").is_not_null(), pl.col("size").sum().alias("total"))
    return Targets(**_common(counts, rows, shape), total=dense(counts, "total", shape))


def _nontargets(rows: pl.DataFrame, shape: tuple[int, int]) -> NonTargetLesions:
    """Non-target counts; growth is the reader's word against the previous scan, or a newly called progression."""
    progressed = pl.col("state") == State.UNEQUIVOCAL_PROGRESSION
    newly_progressed = progressed & ~progressed.shift(1).over("course", "lesion_id", order_by="position")
    grown = (
        (pl.col("change_from_previous") == Change.INCREASED) | (pl.col("state") == State.INCREASED) | newly_progressed
    )
    counts = _counts(
        rows.with_columns(grown=grown.fill_null(False)),
        ~pl.col("state").is_in(UNSEEN),
        progressed.sum().alias("progressed"),
        pl.col("grown").sum(),
        pl.col("day").filter(progressed).min().alias("progression_date"),
    )
    return NonTargetLesions(
        **_common(counts, rows, shape),
        progressed=dense(counts, "progressed", shape),
        grown=dense(counts, "grown", shape),
        progression_date=dense(counts, "progression_date", shape, empty=int(NO_DATE)),
    )
