"""Reads as rows of core.measurement, with the lesion's place kept beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from criteria.vocabulary import Role, State
from ingestion.tables import MEASUREMENT
from simulation.draws import Floats, Integers, worded
from simulation.lesions import ORGANS, Lesions
from simulation.reading import CHANGES, NOTHING, ROLES, STATES, Read, Reader
from simulation.schedule import BASELINE_VISIT, Visits

SHORT = {Role.TARGET: "T", Role.NON_TARGET: "NT", Role.NEW: "NEW"}
METHOD = "CONTRAST ENHANCED CT SCAN"
PLACE = ("subject", "visit_index", "place")
REASONS = {State.NOT_EVALUABLE.value: "NOT EVALUABLE", State.NOT_DONE.value: "SCAN NOT PERFORMED"}


def visit_frame(visits: Visits, start: Integers, subject_ids: pl.Series, study_id: str) -> pl.DataFrame:
    """All visits as rows: subject and visit indices, number, name, time point, dates, whether performed."""
    subject, index = np.nonzero(visits.exists)
    number = visits.number[subject, index]
    frame = pl.DataFrame(
        {
            "subject": subject,
            "visit_index": index,
            "visit_number": number,
            "planned": visits.planned[subject, index],
            "day": visits.day[subject, index].astype(np.int64),
            "lasts": visits.lasts[subject, index],
            "occurred": visits.occurred[subject, index],
            "start": start[subject],
        }
    ).with_columns(
        planned=pl.when(pl.col("planned").is_finite()).then("planned").cast(pl.Int32),
        subject_id=subject_ids.gather(subject),
        study_id=pl.lit(study_id),
    )
    before = pl.col("visit_index") < BASELINE_VISIT
    week = ((pl.col("planned") / 7).round().cast(pl.Int32)).cast(pl.String)
    late = pl.int_range(pl.len()).over("subject") - (before.sum().over("subject"))
    return frame.with_columns(
        timepoint=late.cast(pl.Int32),
        visit=pl.when(before)
        .then(pl.lit("PRE-BASELINE"))
        .when(pl.col("visit_index") == BASELINE_VISIT)
        .then(pl.lit("SCREENING"))
        .when(pl.col("planned").is_null())
        .then(pl.format("UNSCHEDULED {}", pl.col("visit_number")))
        .otherwise(pl.format("WEEK {}", week)),
        planned_day=pl.col("planned") + 1,
        start_date=_date(pl.when("occurred").then("day").otherwise("planned")),
        end_date=_date(pl.when("occurred").then(pl.col("day") + pl.col("lasts")).otherwise("planned")),
    ).drop("start")


def _date(day: pl.Expr) -> pl.Expr:
    return (pl.col("start") + day.cast(pl.Int64)).cast(pl.Int32).cast(pl.Date)


def measurement_frame(
    reader: Reader,
    seen: Read,
    lesions: Lesions,
    visits: pl.DataFrame,
    scan_days: Floats,
    start: Integers,
    injected_from: Floats,
) -> pl.DataFrame:
    """One reader's rows of core.measurement with the columns of `PLACE` beside them, in order of `PLACE`.

    ``visits`` comes from `visit_frame`; ``injected_from`` (subjects, places) is the day of the first injection.
    """
    subject, index, place = np.nonzero(seen.state != NOTHING)
    at = (subject, index, place)
    role = seen.role[subject, place]
    node = lesions.node[subject, place]
    partner = lesions.partner[subject, place]
    rows = pl.DataFrame(
        {
            "subject": subject,
            "visit_index": index,
            "place": place,
            "role": worded(ROLES, role),
            "state": worded(STATES, seen.state[at]),
            "lesion_id": lesion_ids(reader, seen, subject, place),
            "organ": worded(ORGANS, lesions.organ[subject, place]),
            "is_node": node,
            "longest_diameter_mm": seen.longest[at],
            "perpendicular_mm": seen.across[at],
            "change_from_previous": worded(CHANGES, seen.change[at]),
            "_partner": lesion_ids(reader, seen, subject, np.maximum(partner, 0)),
            "_scan": (scan_days[at] + start[subject]).astype(np.int64),
            "injected": scan_days[at] > injected_from[subject, place],
        }
    )
    joined = pl.col("state").is_in([State.MERGED.value, State.SPLIT.value])
    rows = rows.with_columns(pl.col("longest_diameter_mm", "perpendicular_mm").fill_nan(None)).with_columns(
        short_axis_mm=pl.when("is_node").then("perpendicular_mm"),
        other_lesion_id=pl.when(joined).then("_partner"),
        evaluator=pl.lit(reader.name),
        reader_role=pl.lit(reader.role),
        accepted=pl.lit(False),
        not_done_reason=pl.col("state").replace_strict(REASONS, default=None, return_dtype=pl.String),
    )
    about = visits.select("subject", "visit_index", "study_id", "subject_id", "timepoint", "visit", "start_date")
    performed = pl.col("state") != State.NOT_DONE
    date = pl.when(performed).then(pl.col("_scan").cast(pl.Int32).cast(pl.Date)).otherwise("start_date")
    return (
        rows.join(about, on=["subject", "visit_index"], how="left", maintain_order="left")
        .with_columns(
            assessment_date=date,
            assessment_dtc=date.dt.to_string("%Y-%m-%d"),
            method=pl.lit(METHOD),
        )
        .select(*PLACE, *(name for name in MEASUREMENT.schema if not name.startswith("source_")))
    )


def lesion_ids(reader: Reader, seen: Read, subject: Integers, place: Integers) -> pl.Series:
    """Identifiers of lesions: role and number with the reader's prefix, e.g. R1-NT02."""
    role, number = seen.role[subject, place], seen.number[subject, place]
    names = pl.DataFrame({"short": worded([SHORT[role] for role in ROLES], role), "number": number})
    return names.select(
        pl.concat_str(pl.lit(reader.prefix), "short", pl.col("number").cast(pl.String).str.zfill(2))
    ).to_series()


def core_measurement(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows of several readers as a frame of core.measurement."""
    return MEASUREMENT.conform(pl.concat(parts).drop(PLACE))
