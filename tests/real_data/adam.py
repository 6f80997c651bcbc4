"""The engine's tables in the parameters of the published ADRS and ADTTE."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import Role
from ingestion.forms.canonical import Forms

RECORD = ["USUBJID", "PARAMCD", "AVISIT", "AVALC", "ADT"]
CONTROLLED = ("CR", "PR", "SD", "NON-CR/NON-PD")


def response_parameters(best: pl.DataFrame, responses: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """ADRS records of one evaluator and criterion from best responses, time point responses and forms."""
    target = forms.measurement.frame.filter(role=Role.TARGET.value, timepoint=0)["subject_id"].implode()
    last = responses.sort("assessment_date").group_by("subject_id").last()
    confirmed = pl.col("confirmed_best_response")
    frames = [
        _flag(best, "PD", "progression_date"),
        _flag(best, "RSP", "first_response_date"),
        _flag(best, "CRSP", "confirmed_first_response_date"),
        _value(best, "BOR", pl.col("best_response"), pl.col("best_response_date")),
        _value(best, "CBOR", confirmed, pl.col("confirmed_date")),
        _told(best, "BCP", pl.col("best_response").is_in(["CR", "PR"]), pl.col("best_response_date")),
        _told(best, "CBCP", confirmed.is_in(["CR", "PR"]), pl.col("confirmed_date")),
        _told(
            best,
            "CB",
            pl.col("best_response").is_in(CONTROLLED),
            pl.min_horizontal("first_response_date", "best_response_date"),
        ),
        _told(best, "CCB", confirmed.is_in(CONTROLLED), pl.col("confirmed_date")),
        _told(best, "MDIS", pl.col("subject_id").is_in(target), pl.lit(None)),
        _value(
            best.join(last, on="subject_id", how="left"), "LSTA", pl.col("overall_response"), pl.col("assessment_date")
        ),
        _flag(forms.subject.frame, "DEATH", "death_date"),
        _value(responses, "OVR", pl.col("overall_response"), pl.col("assessment_date"), pl.col("visit")),
    ]
    return pl.concat(frames)


def time_parameters(times: pl.DataFrame) -> pl.DataFrame:
    """ADTTE records from times to event; those to response, progression and treatment failure have no published one."""
    return times.filter(~pl.col("endpoint").is_in(["TTR", "TTP", "TTF"])).select(
        pl.col("subject_id").alias("USUBJID"),
        pl.col("endpoint").replace("DOR", "RSD").alias("PARAMCD"),
        pl.col("days").cast(pl.Float64).alias("AVAL"),
        pl.col("start_date").alias("STARTDT"),
        pl.col("end_date").alias("ADT"),
        (~pl.col("event")).cast(pl.Int32).alias("CNSR"),
        "reason",
    )


def _value(
    frame: pl.DataFrame, parameter: str, value: pl.Expr, date: pl.Expr, visit: pl.Expr | None = None
) -> pl.DataFrame:
    return frame.select(
        pl.col("subject_id").alias("USUBJID"),
        pl.lit(parameter).alias("PARAMCD"),
        (pl.lit(None) if visit is None else visit).cast(pl.String).alias("AVISIT"),
        value.alias("AVALC"),
        date.cast(pl.Date).alias("ADT"),
    )


def _told(frame: pl.DataFrame, parameter: str, told: pl.Expr, date: pl.Expr) -> pl.DataFrame:
    yes = pl.when(told).then(pl.lit("Y")).otherwise(pl.lit("N"))
    return _value(frame, parameter, yes, pl.when(told).then(date))


def _flag(frame: pl.DataFrame, parameter: str, date: str) -> pl.DataFrame:
    return _told(frame, parameter, pl.col(date).is_not_null(), pl.col(date))
