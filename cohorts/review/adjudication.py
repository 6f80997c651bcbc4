"""Adjudication between two central readers: what triggers it, and whose read is accepted (BR-02 to BR-04, BR-07)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import polars as pl

from cohorts.response_rate import RESPONSE
from cohorts.review.readers import SUBJECT, central, read_responses
from cohorts.review.units import by_endpoint, by_timepoint
from cohorts.tables import ADJUDICATION

READ = (*SUBJECT, "criterion", "origin")
CODES: Mapping[str, str] = MappingProxyType({"BOR": "best_response", "RESPONDER": "responder"})
DATES: Mapping[str, str] = MappingProxyType(
    {"RSPDT": "first_response_date", "PDDT": "progression_date", "UPDDT": "first_unconfirmed_date"}
)
DEFAULT = ("BOR", "RSPDT", "PDDT")
UNCONFIRMED = ("iUPD", "itUPD")
VALUES = ("best_response", "responder", "first_response_date", "progression_date", "first_unconfirmed_date")


class UnknownVariableError(ValueError):
    """An adjudication variable that is not known."""


def adjudication(
    best_response: pl.DataFrame,
    timepoint_response: pl.DataFrame,
    found: pl.DataFrame,
    *,
    adj_unit: Literal["subject", "timepoint", "endpoint"] = "subject",
    marks: pl.DataFrame | None = None,
    adj_vars: Sequence[str] = DEFAULT,
    adj_date_tol: int = 0,
    agree_choice: Literal["R1", "random"] = "R1",
    seed: int = 0,
) -> pl.DataFrame:
    """Both central reads of every unit, what triggers adjudication, and the accepted reader.

    Frames of analysis.best_response and analysis.timepoint_response; ``found`` is `readers`. Reader 1 and 2 are the
    first two central readers of the subject by name; a subject with one central reader has no row. ``adj_vars`` (BR-02)
    are BOR, RESPONDER (CR or PR, yes or no), RSPDT (first response), PDDT (counted progression) and UPDDT (first
    unconfirmed progression, always compared under criteria that have one: BR-07). Codes trigger when they differ,
    dates when one is missing or they lie more than ``adj_date_tol`` days apart. ``adj_unit`` (BR-03) is the subject; or
    each time point, triggered by another overall response; or each endpoint, i.e. variable, by itself. The accepted
    reader is the one whose records are marked (of a time point or variable by ``marks``, `units.marked_records`);
    without a mark and without trigger it is reader 1, or one drawn by ``seed`` and subject (BR-04); triggered and not
    marked it is null. Returns `mart.adjudication` in the order of its key. Raises `UnknownVariableError`.
    """
    unknown = [name for name in adj_vars if name not in CODES and name not in DATES]
    if unknown:
        allowed = ", ".join((*CODES, *DATES))
        raise UnknownVariableError(f"unknown adjudication variable {unknown[0]!r}; variables are: {allowed}")
    reads = _reads(best_response, timepoint_response, found)
    one, two = (reads.filter(pl.col("reader") == number).drop("reader") for number in (1, 2))
    pairs = one.join(two, on=READ, suffix="_2")
    pairs = pairs.rename({name: f"{name}_1" for name in (*VALUES, "accepted")})
    pairs = pairs.rename({"evaluator": "reader_1", "evaluator_2": "reader_2"})
    triggers = {name: _trigger(name, name in adj_vars, adj_date_tol) for name in (*CODES, *DATES)}
    if adj_unit == "subject":
        together = pl.concat_str(list(triggers.values()), separator=",", ignore_nulls=True)
        units = pairs.with_columns(unit=pl.lit("SUBJECT"), item=pl.lit("ALL"), triggered_by=together).with_columns(
            triggered_by=pl.when(pl.col("triggered_by") != "").then("triggered_by")
        )
    elif adj_unit == "endpoint":
        chosen = {name: (CODES.get(name) or DATES[name], triggers[name]) for name in adj_vars}
        units = by_endpoint(pairs, chosen, timepoint_response, marks)
    else:
        units = by_timepoint(pairs, timepoint_response, marks)
    return _decided(units, agree_choice, seed)


def _decided(units: pl.DataFrame, agree_choice: Literal["R1", "random"], seed: int) -> pl.DataFrame:
    """The units with their accepted reader and why it is accepted; ``accepted_1`` and ``_2`` are the marks."""
    units = units.with_columns(
        marked=pl.when(pl.col("accepted_1") != pl.col("accepted_2")).then(
            pl.when("accepted_1").then("reader_1").otherwise("reader_2")
        )
    ).with_columns(adjudicated=pl.col("triggered_by").is_not_null())
    is_marked = pl.col("marked").is_not_null()
    accepted = pl.when(is_marked).then("marked").when(~pl.col("adjudicated")).then(_agreed(units, agree_choice, seed))
    basis = (
        pl.when(is_marked)
        .then(pl.lit("MARKED"))
        .when("adjudicated")
        .then(pl.lit("PENDING"))
        .otherwise(pl.lit("AGREED"))
    )
    rows = units.with_columns(accepted_reader=accepted, accepted_by=basis)
    known = [name for name in ADJUDICATION.schema if name in rows.columns]
    return ADJUDICATION.conform(rows.select(known)).sort(ADJUDICATION.key)


def _reads(best_response: pl.DataFrame, timepoint_response: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The compared values of the first two central readers of every subject, numbered 1 and 2."""
    unconfirmed = (
        timepoint_response.filter(pl.col("overall_response").is_in(UNCONFIRMED))
        .group_by(*READ, "evaluator")
        .agg(first_unconfirmed_date=pl.coalesce("progression_date", "assessment_date").min())
    )
    return (
        read_responses(best_response, central(found))
        .join(unconfirmed, on=[*READ, "evaluator"], how="left")
        .with_columns(
            responder=pl.when(pl.col("best_response").is_in(sorted(RESPONSE))).then(pl.lit("Y")).otherwise(pl.lit("N")),
            reader=pl.col("evaluator").rank("ordinal").over(READ),
        )
        .filter(pl.col("reader") <= 2)
        .select(*READ, "evaluator", "reader", "accepted", *VALUES)
    )


def _trigger(name: str, chosen: bool, tolerance: int) -> pl.Expr:
    """The variable's name where the two reads differ in it, else null."""
    value = CODES.get(name) or DATES[name]
    one, two = pl.col(f"{value}_1"), pl.col(f"{value}_2")
    differs = one.ne_missing(two)
    if name in DATES:
        differs &= ((one - two).dt.total_days().abs() > tolerance).fill_null(True)
    return pl.when(differs & pl.lit(chosen or name == "UPDDT")).then(pl.lit(name))


def _agreed(pairs: pl.DataFrame, choice: Literal["R1", "random"], seed: int) -> pl.Series | pl.Expr:
    """Reader 1, or by the parity of a hash of seed and subject, so that other subjects do not change the draw."""
    if choice == "R1":
        return pl.col("reader_1")
    second = [_drawn(seed, *subject) for subject in pairs.select(SUBJECT).iter_rows()]
    return pl.when(pl.Series(second, dtype=pl.Boolean)).then("reader_2").otherwise("reader_1")


def _drawn(seed: int, study_id: str, subject_id: str) -> bool:
    return hashlib.sha256(f"{seed}|{study_id}|{subject_id}".encode()).digest()[0] % 2 == 1
