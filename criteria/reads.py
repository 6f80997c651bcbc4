"""What was read, arranged once for all criteria: dense arrays of courses by time points by lesions.

A *course* is one subject read by one evaluator. Arrays have the shape (courses, positions) or (courses, positions,
lesions); position 0 is the baseline, positions 1.. are the later time points in order of their dates. Lengths are
integers, in hundredths of a millimetre, so that every threshold is compared exactly (GEN-01, GEN-02); dates are days
since 1970-01-01. Nothing here depends on a criterion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from criteria.lesion_facts import LESION, lesions, ordered_timepoints, record_facts
from criteria.vocabulary import Change, Role, State

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

KEY = ("study_id", "subject_id", "evaluator")
NO_DATE = np.int64(np.iinfo(np.int32).max)
NO_SIZE = np.int64(-1)
HUNDREDTHS = 100
STATES = tuple(State)
COURSES_AT_ONCE = 10_000
"""Courses arranged and judged together: few enough to stay small in memory, many enough for whole-column work."""

LENGTHS = ("longest_diameter_mm", "short_axis_mm", "perpendicular_mm")
FACTS = ("visit", "assessment_date", "role", "organ", "is_node", "state", "change_from_previous", "other_lesion_id")
OPTIONAL = {
    "injected": pl.Boolean,
    "method": pl.String,
    "measurable": pl.Boolean,
    "prior_local_therapy": pl.Boolean,
    "local_therapy": pl.String,
    "slice_thickness_mm": pl.Float64,
    "indistinct_before": pl.Boolean,
}
"""Columns without which a study can be read as well."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of the lesions of one role, with the shape (courses, positions, lesions) unless said otherwise.

    ``longest``, ``short`` and ``across`` are the two diameters of a lesion and the short axis of a node, `NO_SIZE`
    where not given; ``increased`` is the reader's word against the previous scan. ``slices`` is the thickness of the
    slices in hundredths of a millimetre, 0 where not given; ``therapy`` what local therapy did by then (REMOVED,
    TREATED, 0); ``indistinct_before`` says that the lesion was there when it was called absent.

    By lesion (courses, lesions): ``first``, the position of its first record, beyond the last one for unused places;
    ``split_off`` from another one, ``parent`` its place or -1; ``organ``, a number; ``organ_or_nodes``, the same with
    all lymph nodes as one organ; ``cutaneous``; ``measurable`` by the reader's word (1, 0, -1 without one);
    ``treated_before`` the baseline by local therapy.
    """

    recorded: Booleans
    state: npt.NDArray[np.int8]
    day: Integers
    longest: Integers
    short: Integers
    across: Integers
    is_node: Booleans
    injected: Booleans
    increased: Booleans
    by_pet: Booleans
    on_film: Booleans
    slices: Integers
    therapy: npt.NDArray[np.int8]
    indistinct_before: Booleans
    first: Integers
    split_off: Booleans
    parent: Integers
    organ: Integers
    organ_or_nodes: Integers
    cutaneous: Booleans
    measurable: npt.NDArray[np.int8]
    treated_before: Booleans

    def saw(self, *states: State) -> Booleans:
        """Where a record says one of the states."""
        found = self.state == STATES.index(states[0])
        for state in states[1:]:
            found |= self.state == STATES.index(state)
        return found


@dataclass(frozen=True, slots=True)
class Reads:
    """Courses with all their records; ``timepoints`` has one row per course and position, in that order.

    ``day`` is the last scan of each position, ``first_scan`` its first; ``baseline_pet`` (courses): there was a PET at
    the baseline.
    """

    keys: pl.DataFrame
    timepoints: pl.DataFrame
    exists: Booleans
    day: Integers
    first_scan: Integers
    not_done: Booleans
    baseline_pet: Booleans
    targets: Records
    nontargets: Records
    new: Records


def arranged(measurements: pl.DataFrame, courses_at_once: int = COURSES_AT_ONCE) -> Iterator[Reads]:
    """Lesion rows (columns of core.measurement, lengths in mm, any order) as courses, in parts, sorted by their keys.

    Rows before the baseline (negative time points) serve growth kinetics only and are left out.
    """
    stated = (name for name in OPTIONAL if name in measurements.columns and not _is_empty(measurements[name]))
    rows = measurements.filter(pl.col("timepoint") >= 0).select(
        *KEY, *("timepoint", "lesion_id"), *FACTS, *LENGTHS, *stated
    )
    keys = rows.select(KEY).unique().sort(KEY).with_row_index("course")
    if keys.height <= courses_at_once:
        parts = [(keys, rows)] if keys.height else []
    else:
        part = (pl.col("course") // courses_at_once).alias("part")
        numbered = rows.join(keys.select(*KEY, part), on=KEY, how="inner")
        rows_of = numbered.partition_by("part", as_dict=True, include_key=False)
        keys_of = keys.with_columns(part).partition_by("part", as_dict=True, include_key=False, maintain_order=True)
        parts = [(keys_of[number], rows_of[number]) for number in reversed(keys_of)]
        del numbered, rows_of
    del rows
    while parts:
        some_keys, some_rows = parts.pop()
        yield _arrange(some_keys.drop("course").with_row_index("course"), some_rows)


def _arrange(keys: pl.DataFrame, rows: pl.DataFrame) -> Reads:
    absent = (pl.lit(None, dtype).alias(name) for name, dtype in OPTIONAL.items() if name not in rows.columns)
    rows = rows.join(keys, on=KEY, how="inner").drop(KEY).with_columns(*absent)
    timepoints = ordered_timepoints(rows)
    rows = rows.join(timepoints.select("course", "timepoint", "position"), on=["course", "timepoint"]).with_columns(
        ((pl.col(LENGTHS) * HUNDREDTHS).round().cast(pl.Int64)),
        is_node=pl.col("is_node").fill_null(False),
        state_code=pl.col("state").replace_strict({s.value: n for n, s in enumerate(STATES)}, return_dtype=pl.Int8),
        day=pl.col("assessment_date").to_physical().cast(pl.Int64),
        increased=pl.col("change_from_previous") == Change.INCREASED,
        slices=(pl.col("slice_thickness_mm") * HUNDREDTHS).round().cast(pl.Int64),
        **record_facts(rows),
    )
    rows = rows.join(lesions(rows), on=LESION, suffix="_of_lesion")
    last = timepoints["position"].max()
    shape = (keys.height, int(last) + 1)  # type: ignore[arg-type]
    baseline_pet = np.zeros(keys.height, dtype=bool)
    baseline_pet[rows.filter(pl.col("by_pet") & (pl.col("position") == 0))["course"].to_numpy()] = True
    of_role = {
        role: _records(rows.filter(pl.col("role_of_lesion") == role), shape)
        for role in (Role.TARGET, Role.NON_TARGET, Role.NEW)
    }
    return Reads(
        keys=keys,
        timepoints=timepoints,
        exists=dense(timepoints.with_columns(exists=pl.lit(1)), "exists", shape).astype(bool),
        day=dense(timepoints, "day", shape),
        first_scan=dense(timepoints, "first_scan", shape),
        not_done=dense(timepoints, "not_done", shape).astype(bool),
        baseline_pet=baseline_pet,
        targets=of_role[Role.TARGET],
        nontargets=of_role[Role.NON_TARGET],
        new=of_role[Role.NEW],
    )


def _is_empty(column: pl.Series) -> bool:
    return column.null_count() == column.len()


def dense(frame: pl.DataFrame, column: str, shape: tuple[int, ...], empty: int = 0) -> Integers:
    """A column of a frame keyed by course and position as an array of that shape."""
    array = np.full(shape, empty, dtype=np.int64)
    array[frame["course"].to_numpy(), frame["position"].to_numpy()] = frame[column].fill_null(empty).to_numpy()
    return array


def _records(rows: pl.DataFrame, positions: tuple[int, int]) -> Records:
    places = rows["place"].max()
    shape = (*positions, int(places) + 1 if places is not None else 0)  # type: ignore[arg-type]
    where = tuple(rows[name].to_numpy() for name in ("course", "position", "place"))
    lesion = (where[0], where[2])

    def scattered(column: str, empty: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        if _is_empty(rows[column]):
            return np.broadcast_to(np.array(empty, dtype), shape)
        array = np.full(shape, empty, dtype=dtype)
        array[where] = rows[column].fill_null(empty).to_numpy()
        return array

    def of_lesion(column: str, empty: int, dtype: npt.DTypeLike = np.int64) -> npt.NDArray[Any]:
        array = np.full((shape[0], shape[2]), empty, dtype=dtype)
        array[lesion] = rows[column].fill_null(empty).to_numpy()
        return array

    recorded = np.zeros(shape, dtype=bool)
    recorded[where] = True
    return Records(
        recorded=recorded,
        state=scattered("state_code", -1, np.int8),
        day=scattered("day", int(NO_DATE), np.int64),
        longest=scattered("longest_diameter_mm", int(NO_SIZE), np.int64),
        short=scattered("short_axis_mm", int(NO_SIZE), np.int64),
        across=scattered("perpendicular_mm", int(NO_SIZE), np.int64),
        is_node=scattered("is_node", 0, bool),
        injected=scattered("injected", 0, bool),
        increased=scattered("increased", 0, bool),
        by_pet=scattered("by_pet", 0, bool),
        on_film=scattered("on_film", 0, bool),
        slices=scattered("slices", 0, np.int64),
        therapy=scattered("therapy", 0, np.int8),
        indistinct_before=scattered("indistinct_before", 0, bool),
        first=of_lesion("first", shape[1]),
        split_off=of_lesion("split_off", 0, bool),
        parent=of_lesion("parent", -1),
        organ=of_lesion("organ_of_lesion", -1),
        organ_or_nodes=of_lesion("organ_or_nodes", -1),
        cutaneous=of_lesion("cutaneous", 0, bool),
        measurable=of_lesion("measurable_of_lesion", -1, np.int8),
        treated_before=of_lesion("treated_before", 0, bool),
    )
