"""Time point responses as dense arrays, whether derived from measurements or recorded by a reader."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from criteria.decision import CATEGORIES, CPD, CR, NA, NE, NED, NN, PD, PR, SD, UPD, Codes
from criteria.declaration import Judged, Unconfirmed
from criteria.flags import Flag
from criteria.reads import Booleans, Integers, dense

KEY = ("study_id", "subject_id", "evaluator", "origin")
WORST_FIRST = (CPD, PD, UPD, NN, NED, SD, PR, CR, NE)
"""Which of two responses of one date is kept (GEN-07, rule book 12.3); not evaluable gives way to all others."""
FAR = np.int64(10**7)


class UnknownResponseError(ValueError):
    """A response that is not a code of the criterion."""


@dataclass(frozen=True, slots=True)
class ResponseCourses:
    """Responses of every course in date order; position 0 is unused so that 0 can mean none.

    ``decline_day`` (courses, positions) is the day of the first rapid clinical decline from each response on (IRC-12).
    """

    keys: pl.DataFrame
    rows: pl.DataFrame
    code: Codes
    exists: Booleans
    day: Integers
    timepoint: Integers
    progression_day: Integers
    decline_day: Integers
    reference_day: Integers
    new_therapy_day: Integers

    @property
    def positions(self) -> int:
        """Number of positions, the unused one included."""
        return self.code.shape[1]


def category_codes(declared: Judged) -> dict[str, int]:
    """Printed response to the engine's category; the criterion's own codes and the plain ones are both read."""
    codes = {name: number for number, name in enumerate(CATEGORIES)}
    codes |= {printed: codes[name] for name, printed in declared.codes.items()}
    if isinstance(declared.confirmation, Unconfirmed):
        codes["PD"] = int(UPD)
    return codes


def literal_response() -> pl.Expr:
    """The overall response by the sum of the time point: one shown as a kept partial response is stable disease.

    Of a frame of analysis.timepoint_response (section 2.3, ``pr_persistence``).
    """
    kept = pl.col("flags").str.contains(str(Flag.PARTIAL_RESPONSE_KEPT.name), literal=True).fill_null(False)
    return pl.when(kept).then(pl.lit("SD")).otherwise("overall_response")


def read_responses(
    responses: pl.DataFrame,
    subjects: pl.DataFrame,
    declared: Judged,
    clinical_status: pl.DataFrame | None = None,
) -> ResponseCourses:
    """Responses of one criterion (columns of analysis.timepoint_response) for every evaluator and subject.

    Subjects with a reference date and without any response are courses without rows, so that they stay in every
    denominator (rule book 11.2). Raises `UnknownResponseError` on a response that the criterion does not have.
    """
    codes = category_codes(declared)
    responses = responses.filter(pl.col("overall_response").is_not_null())
    unknown = responses.filter(~pl.col("overall_response").is_in(list(codes)))["overall_response"].unique().to_list()
    if unknown:
        raise UnknownResponseError(f"{declared.name} has no response {unknown[0]!r}; responses are: {', '.join(codes)}")
    keys = _all_courses(responses, subjects)
    rank = {int(code): place for place, code in enumerate(WORST_FIRST)}
    rows = (
        responses.with_columns(
            code=literal_response().replace_strict(codes, return_dtype=pl.Int64),
            day=pl.col("assessment_date").to_physical().cast(pl.Int64),
        )
        .filter(pl.col("code") != NA)
        .with_columns(rank=pl.col("code").replace_strict(rank, return_dtype=pl.Int64))
        .join(keys.select(*KEY, "course"), on=KEY)
        .sort("course", "day", "rank", "timepoint")
        .unique(["course", "day"], keep="first", maintain_order=True)
        .with_columns(
            position=pl.int_range(pl.len(), dtype=pl.Int32).over("course") + 1,
            progression_day=pl.coalesce("progression_date", "assessment_date").to_physical().cast(pl.Int64),
            exists=pl.lit(1),
        )
    )
    last = rows["position"].max() if rows.height else 0
    shape = (keys.height, int(last) + 1)  # type: ignore[arg-type]
    return ResponseCourses(
        keys=keys,
        rows=rows,
        code=dense(rows, "code", shape).astype(np.int8),
        exists=dense(rows, "exists", shape).astype(bool),
        day=dense(rows, "day", shape),
        timepoint=dense(rows, "timepoint", shape, empty=-1),
        progression_day=dense(rows, "progression_day", shape),
        decline_day=_decline(rows, clinical_status, shape),
        reference_day=_days(keys, "reference_date"),
        new_therapy_day=_days(keys, "new_therapy_date"),
    )


def _decline(rows: pl.DataFrame, status: pl.DataFrame | None, shape: tuple[int, int]) -> Integers:
    if status is None or status.is_empty():
        return np.broadcast_to(FAR, shape)
    declines = status.filter(pl.col("rapid_deterioration").fill_null(False)).select(
        "study_id",
        "subject_id",
        day=pl.col("assessment_date").to_physical().cast(pl.Int64),
        decline=pl.col("assessment_date").to_physical().cast(pl.Int64),
    )
    found = rows.sort("day").join_asof(
        declines.sort("day"), on="day", by=["study_id", "subject_id"], strategy="forward", check_sortedness=False
    )
    return dense(found, "decline", shape, empty=int(FAR))


def _days(keys: pl.DataFrame, column: str) -> Integers:
    return keys[column].to_physical().cast(pl.Int64).fill_null(int(FAR)).to_numpy()


def _all_courses(responses: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    dates = subjects.select("study_id", "subject_id", "reference_date", "new_therapy_date")
    readers = responses.select("study_id", "evaluator", "origin").unique()
    expected = dates.filter(pl.col("reference_date").is_not_null()).join(readers, on="study_id").select(KEY)
    return (
        pl.concat([expected, responses.select(KEY)])
        .unique()
        .sort(KEY)
        .join(dates, on=["study_id", "subject_id"], how="left", maintain_order="left")
        .with_row_index("course")
    )
