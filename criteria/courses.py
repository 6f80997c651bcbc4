"""From lesion rows to courses: dense arrays of subjects by time points by lesions that the engine walks.

A *course* is one subject read by one evaluator. Arrays have the shape (courses, positions) or (courses, positions,
lesions); position 0 is the baseline, positions 1.. are the later time points in order of their dates. Sizes are
integers, in hundredths of a millimetre or their products, so that every threshold is compared exactly (GEN-01,
GEN-02); dates are days since 1970-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from criteria.declaration import HUNDREDTHS, SKIN, Morphologic
from criteria.vocabulary import Change, Role, State

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

KEY = ("study_id", "subject_id", "evaluator")
LESION = ("course", "lesion_id")
NO_DATE = np.int64(np.iinfo(np.int32).max)
NO_SIZE = np.int64(-1)
UNSEEN = (State.NOT_EVALUABLE, State.NOT_DONE)


@dataclass(frozen=True)
class Lesions:
    """The lesions of one role, with the shape (courses, positions, lesions) unless said otherwise.

    ``recorded``: there is a record; ``looked``: it says what was seen; ``left``: disease is left in the lesion (a node:
    at least its smallest pathological short axis); ``sure``: without doubt; ``size``: `NO_SIZE` where nothing was
    measured. ``known_from`` (courses, lesions) is the position from which the lesion counts, beyond the last one for
    unused places; ``organ`` (courses, lesions) a number for its organ, ``cutaneous`` whether that is the skin.
    """

    recorded: Booleans
    looked: Booleans
    left: Booleans
    size: Integers
    day: Integers
    progressed: Booleans
    grown: Booleans
    merged: Booleans
    known_from: Integers
    measurable: Booleans
    sure: Booleans
    organ: Integers
    cutaneous: Booleans

    @cached_property
    def known(self) -> Booleans:
        """Lesions that count at each position."""
        return np.arange(self.recorded.shape[1])[None, :, None] >= self.known_from[:, None, :]

    @cached_property
    def last_day(self) -> Integers:
        """Date of the last record at each position (courses, positions); `NO_DATE` without any."""
        return last_day(self.recorded, self.day)


@dataclass(frozen=True)
class Courses:
    """All courses of a set of reads."""

    keys: pl.DataFrame
    timepoints: pl.DataFrame
    exists: Booleans
    day: Integers
    not_done: Booleans
    targets: Lesions
    nontargets: Lesions
    new: Lesions

    @property
    def shape(self) -> tuple[int, int]:
        """Number of courses and of positions."""
        return self.exists.shape[0], self.exists.shape[1]

    @property
    def has_baseline(self) -> Booleans:
        """Courses with an adequate baseline: disease was read there, and every target has a size (GEN-03)."""
        missing = self.targets.known[:, 0] & (self.targets.size[:, 0] == NO_SIZE)
        disease = any_lesion(self.targets.known[:, 0]) | any_lesion(self.nontargets.known[:, 0])
        return self.exists[:, 0] & disease & ~any_lesion(missing)


def any_lesion(where: Booleans) -> Booleans:
    """Whether the condition holds for any lesion, the last axis."""
    return np.logical_or.reduce(where, axis=-1)


def last_day(where: Booleans, day: Integers) -> Integers:
    """The latest date over the lesions where the condition holds; `NO_DATE` where it never does."""
    latest = np.where(where, day, np.int64(-1)).max(axis=2, initial=-1)
    return np.where(latest < 0, NO_DATE, latest)


def first_day(where: Booleans, day: Integers) -> Integers:
    """The earliest date over the last axis where the condition holds; `NO_DATE` where it never does."""
    return np.where(where, day, NO_DATE).min(axis=-1, initial=NO_DATE)


def dense(frame: pl.DataFrame, column: str, shape: tuple[int, ...], empty: int = 0) -> Integers:
    """A column of a frame keyed by course and position as an array of that shape."""
    array = np.full(shape, empty, dtype=np.int64)
    array[frame["course"].to_numpy(), frame["position"].to_numpy()] = frame[column].fill_null(empty).to_numpy()
    return array


def read_courses(measurements: pl.DataFrame, declared: Morphologic) -> Courses:
    """Lesion rows (columns of core.measurement) as courses under the criterion's measure.

    Rows before the baseline (negative time points) serve growth kinetics only and are left out, as are lesions called
    new that were there at the baseline.
    """
    rows = measurements.filter(pl.col("timepoint") >= 0)
    keys = rows.select(KEY).unique().sort(KEY).with_row_index("course")
    rows = rows.join(keys, on=KEY, how="inner")
    timepoints = _order_timepoints(rows)
    rows = rows.join(timepoints.select("course", "timepoint", "position"), on=["course", "timepoint"])
    rows = _with_lesion_facts(_interpreted(rows, declared))
    last = timepoints["position"].max()
    shape = (keys.height, int(last) + 1)  # type: ignore[arg-type]
    return Courses(
        keys=keys,
        timepoints=timepoints,
        exists=dense(timepoints.with_columns(exists=pl.lit(1)), "exists", shape).astype(bool),
        day=dense(timepoints, "day", shape),
        not_done=dense(timepoints, "not_done", shape).astype(bool),
        targets=_lesions(rows.filter(pl.col("role") == Role.TARGET), shape),
        nontargets=_lesions(rows.filter(pl.col("role") == Role.NON_TARGET), shape),
        new=_lesions(_certainty(rows.filter(pl.col("role") == Role.NEW), declared), shape),
    )


def _order_timepoints(rows: pl.DataFrame) -> pl.DataFrame:
    """Time points in date order, the date being the latest scan of each (DT-01, GEN-07)."""
    timepoints = (
        rows.group_by("course", "timepoint")
        .agg(
            pl.col("visit").drop_nulls().min(),
            pl.col("assessment_date").max(),
            not_done=(pl.col("state") == State.NOT_DONE).all().cast(pl.Int64),
        )
        .sort("course", "timepoint")
        .with_columns(pl.col("assessment_date").forward_fill().over("course"))
        .sort("course", pl.col("timepoint") != 0, "assessment_date", "timepoint")
    )
    no_baseline = (pl.col("timepoint") != 0).all().over("course").cast(pl.Int32)
    return timepoints.with_columns(
        day=pl.col("assessment_date").to_physical().cast(pl.Int64),
        position=pl.int_range(pl.len(), dtype=pl.Int32).over("course") + no_baseline,
    )


def _interpreted(rows: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """What each record says: its size under the criterion's measure, and what is left (R11-FU-01 to R11-FU-05)."""
    state, size = pl.col("state"), pl.col("size")
    is_node = pl.col("is_node").fill_null(False)
    stated = declared.measure.stated_size(is_node)
    measured = (
        pl.when(state.is_in(UNSEEN))
        .then(None)
        .when(state.is_in([State.ABSENT, State.MERGED]))
        .then(0)
        .when(state == State.TOO_SMALL)
        .then(stated.fill_null(declared.measure.of_side(declared.options.tstm_value_mm)))
        .otherwise(stated)
    )
    rows = rows.with_columns(size=measured, is_node=is_node, day=pl.col("assessment_date").to_physical().cast(pl.Int64))
    merged = state == State.MERGED
    looked = ~state.is_in(UNSEEN)
    there = looked & (state != State.ABSENT) & (merged | size.is_null() | (size > 0))
    normal = declared.measure.is_normal_node(is_node, size) & ~merged
    said = (pl.col("change_from_previous") == Change.INCREASED).fill_null(False)
    progressed = state == State.UNEQUIVOCAL_PROGRESSION
    return rows.with_columns(
        sure=pl.lit(True),
        looked=looked,
        there=there,
        normal=normal,
        left=there & ~normal,
        merged=merged,
        progressed=progressed,
        grown=(state == State.INCREASED) | (said & looked & (state != State.ABSENT)),
        measurable=declared.measure.is_measurable(is_node, size, declared.new_selection).fill_null(False) & ~merged,
        organ=declared.measure.organ(is_node),
    ).with_columns(organ=pl.col("organ").sort_by("position").drop_nulls().first().over(LESION))


def _with_lesion_facts(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds to every record what its lesion is: role, position from which it counts, place among its like."""
    first = pl.col("position") == pl.col("position").min().over(LESION)
    lesions = (
        rows.filter(first)
        .with_columns(
            split_off=(pl.col("position") > 0)
            & ((pl.col("state") == State.SPLIT) | pl.col("other_lesion_id").is_not_null()),
        )
        .select(
            *LESION,
            "role",
            known_from=pl.when((pl.col("role") == Role.TARGET) & ~pl.col("split_off"))
            .then(0)
            .otherwise("position")
            .cast(pl.Int64),
            not_new=(pl.col("role") == Role.NEW) & (pl.col("position") == 0) & pl.col("there"),
        )
        .filter(~pl.col("not_new"))
        .sort("course", "role", "lesion_id")
        .with_columns(place=pl.int_range(pl.len()).over("course", "role"))
        .drop("not_new")
    )
    rows = rows.drop("role").join(lesions, on=LESION)
    return rows.filter((pl.col("role") != Role.NEW) | (pl.col("position") > 0))


def _certainty(rows: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """From when a new lesion counts: the first sure scan, or an earlier doubtful one (R11-NL-02).

    A node must be pathological and, where an earlier scan showed it, have grown (R11-NL-03, ``new_node_rule``).
    """
    there, size = pl.col("there"), pl.col("size")
    sized_node = pl.col("is_node") & size.is_not_null() & pl.lit(declared.measure.knows_nodes)
    shown_size = pl.when(there & ~pl.col("merged")).then(size)
    before = shown_size.cum_min().forward_fill().shift(1).over(LESION, order_by="position")
    grew = (size - before >= declared.new_node_growth_mm * HUNDREDTHS).fill_null(True)
    enough = {
        "ge10_and_plus5": grew,
        "ge10": pl.lit(True),
        "ge15": size >= declared.targets.minimum_node_mm * HUNDREDTHS,
    }[declared.options.new_node_rule]
    equivocal = pl.col("state") == State.EQUIVOCAL
    shown = there & ~(sized_node & pl.col("normal"))
    sure = (shown & ~equivocal & (~sized_node | enough)).fill_null(False)
    rows = rows.with_columns(sure=sure, shown=shown)
    first_sure = pl.col("position").filter("sure").min()
    first_shown = pl.col("position").filter("shown").min()
    since = first_shown if declared.options.equivocal_backdate else first_sure
    counted = pl.when(first_sure.is_not_null()).then(since).otherwise(np.iinfo(np.int32).max)
    return rows.with_columns(known_from=counted.over(LESION).cast(pl.Int64))


def _lesions(rows: pl.DataFrame, positions: tuple[int, int]) -> Lesions:
    places = rows["place"].max()
    shape = (*positions, int(places) + 1 if places is not None else 0)  # type: ignore[arg-type]
    where = tuple(rows[name].to_numpy() for name in ("course", "position", "place"))
    lesion = (where[0], where[2])

    def scattered(column: str, empty: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        array = np.full(shape, empty, dtype=dtype)
        array[where] = rows[column].fill_null(empty).to_numpy()
        return array

    def of_lesion(column: str, empty: int) -> Integers:
        array = np.full((shape[0], shape[2]), empty, dtype=np.int64)
        array[lesion] = rows[column].to_numpy()
        return array

    recorded = np.zeros(shape, dtype=bool)
    recorded[where] = True
    rows = rows.with_columns(
        organ_number=pl.col("organ").fill_null("").rank("dense").cast(pl.Int64),
        cutaneous=pl.col("organ").str.contains(SKIN).fill_null(False).cast(pl.Int64),
    )
    marks = ("looked", "left", "progressed", "grown", "merged", "measurable", "sure")
    return Lesions(
        recorded=recorded,
        **{name: scattered(name, 0, bool) for name in marks},
        size=scattered("size", int(NO_SIZE), np.int64),
        day=scattered("day", int(NO_DATE), np.int64),
        known_from=of_lesion("known_from", shape[1]),
        organ=of_lesion("organ_number", -1),
        cutaneous=of_lesion("cutaneous", 0).astype(bool),
    )
