"""Sums of diameters as the readers recorded them (core.recorded_sum), for comparison with the derived ones."""

from __future__ import annotations

import polars as pl

from ingestion.forms import codes
from ingestion.forms.dates import date_checks
from ingestion.forms.results import diameter_checks, interpreted, sift_conflicts, sift_dates, status_checks
from ingestion.forms.sifting import join_rejects, sift, source
from ingestion.reject import Parsed
from ingestion.tables import RECORDED_SUM

STAGE = "core.recorded_sum"
LARGEST_MM = 5000
READ = ("USUBJID", "evaluator", "visit_number")


def percentages(tr: pl.DataFrame) -> pl.DataFrame:
    """The recorded changes of sums, in percent, by subject, evaluator and visit (PCBSD, PCNSD of TR)."""
    test, value = codes.code("TRTESTCD"), pl.coalesce(codes.number("TRSTRESN"), codes.number("TRORRES"))
    of_test = {name: value.filter(test == code).drop_nulls().first() for code, name in codes.PERCENT_TESTS.items()}
    return tr.filter(test.is_in(list(codes.PERCENT_TESTS))).group_by(READ).agg(**of_test)


def recorded_sums(rows: pl.DataFrame, visits: pl.DataFrame, percents: pl.DataFrame, *, study_id: str) -> Parsed:
    """`ingestion.tables.RECORDED_SUM` from SUMDIAM rows of TR, mm, with their `percentages`; not done is null."""
    dated, misdated = sift(rows, date_checks("TRDTC"), study_id=study_id, stage=STAGE)
    one_date, of_other_date = sift_dates(dated, READ, study_id=study_id, stage=STAGE)
    checks = (*status_checks(), *diameter_checks(LARGEST_MM))
    valued, without_value = sift(interpreted(one_date), checks, study_id=study_id, stage=STAGE)
    said = pl.coalesce(pl.format("{} mm", pl.col("mm")), "word", "kind")
    single, conflicting = sift_conflicts(valued, "TRSTRESN", READ, said, study_id=study_id, stage=STAGE)
    numbered = visits.select("timepoint", "visit_number", USUBJID="subject_id")
    changed = single.join(percents, on=READ, how="left", maintain_order="left")
    frame = changed.join(numbered, on=["USUBJID", "visit_number"], maintain_order="left").select(
        pl.lit(study_id).alias("study_id"),
        pl.col("USUBJID").alias("subject_id"),
        *("evaluator", "reader_role", "accepted", "timepoint"),
        pl.col("mm").alias("sum_mm"),
        *codes.PERCENT_TESTS.values(),
        *source(),
    )
    return Parsed(
        RECORDED_SUM.conform(frame.sort(RECORDED_SUM.key)),
        join_rejects([misdated, of_other_date, without_value, conflicting]),
    )
