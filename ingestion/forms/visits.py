"""Tumour assessment visits numbered as time points (core.visit): 0 = baseline, shared by all evaluators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from ingestion.forms import codes
from ingestion.forms.dates import date_checks, first_day, full_date
from ingestion.forms.sifting import ORDER, PROVENANCE, Check, sift, source, subject_checks
from ingestion.reject import Parsed
from ingestion.tables import VISIT

STAGE = "core.visit"
DOMAIN_ORDER = {"TR": 0, "RS": 1, "TU": 2, "SV": 3}
KEY = ("USUBJID", "visit_number")


@dataclass(frozen=True, slots=True)
class AssessmentRecords:
    """Records that make a visit a tumour assessment, each sifted: usable subject, visit number and date.

    Every frame has USUBJID, visit_number, VISIT, VISITDY, the domain's --DTC and provenance; SV also SVOCCUR.
    """

    tr: pl.DataFrame
    tu: pl.DataFrame
    rs: pl.DataFrame
    sv: pl.DataFrame

    def dated(self) -> Mapping[str, tuple[pl.DataFrame, str]]:
        """Frame and date column of each domain."""
        return {
            "TR": (self.tr, "TRDTC"),
            "RS": (self.rs, "RSDTC"),
            "TU": (self.tu, "TUDTC"),
            "SV": (self.sv, "SVSTDTC"),
        }

    def known_dates(self) -> pl.DataFrame:
        """Full dates of each subject and visit (USUBJID, visit_number, date) that complete the partial ones."""
        return pl.concat(
            frame.select(*KEY, full_date(dtc).alias("date")) for frame, dtc in self.dated().values()
        ).drop_nulls()


def visit_number_check(domain: str, needed: pl.Expr | None = None) -> Check:
    """A record of an assessment needs a visit number."""
    return Check(
        "VISITNUM",
        codes.number("VISITNUM").is_null() & (pl.lit(True) if needed is None else needed),
        f"the {domain} record has no visit number",
        "give the number of the visit in VISITNUM",
    )


def sift_subject_visits(
    sv: pl.DataFrame, subjects: pl.DataFrame, *, study_id: str, data_cutoff: date | None = None
) -> Parsed:
    """SV rows with a known subject, a visit number and readable dates; ``visit_number`` is added."""
    checks = (
        *subject_checks(subjects),
        visit_number_check("SV"),
        *date_checks("SVSTDTC", data_cutoff),
        *date_checks("SVENDTC"),
        Check(
            "SVOCCUR",
            ~codes.code("SVOCCUR").is_in(["Y", "N"]),
            "not Y or N",
            "write N when the assessment was not performed",
        ),
    )
    kept, rejects = sift(sv, checks, study_id=study_id, stage=STAGE)
    return Parsed(kept.with_columns(visit_number=codes.number("VISITNUM")), rejects)


def number_visits(
    records: AssessmentRecords, subjects: pl.DataFrame, *, study_id: str, baseline_visits: Sequence[str] = ()
) -> pl.DataFrame:
    """`ingestion.tables.VISIT`: the assessment visits of each subject in VISITNUM order (GEN-03, GEN-09).

    Assessment visits are those with TR, TU or RS records of the subject, and those that SV says did not occur
    (SVOCCUR = N) where the visit number is an assessment visit of the study. The baseline (0) is the last visit of a
    subject named in ``baseline_visits``, else the lowest VISITNUM of the study with target or non-target records,
    visits called PRE-BASELINE apart (uptake on PET counts only where nothing else is recorded). Earlier visits have
    negative numbers; without baseline visit a subject's visits count from 1. ``subjects`` (USUBJID, reference_date)
    dates the planned days of visits that did not occur.
    """
    visits = _assessment_visits(records)
    baseline = _baseline_numbers(visits, records.tr, baseline_visits)
    visits = visits.join(baseline, on="USUBJID", how="left", maintain_order="left")
    visits = visits.with_columns(
        before=(pl.col("visit_number") < pl.col("baseline")).fill_null(False) | called_pre_baseline()
    )
    visits = visits.sort("USUBJID", pl.col("before").not_(), "visit_number")
    before = pl.col("before")
    rank = pl.int_range(pl.len(), dtype=pl.Int32).over("USUBJID")
    earlier = before.sum().over("USUBJID").cast(pl.Int32)
    has_baseline = (pl.col("visit_number") == pl.col("baseline")).fill_null(False).any().over("USUBJID")
    after = pl.when(has_baseline).then(rank - earlier).otherwise(rank - earlier + 1)
    visits = visits.with_columns(timepoint=pl.when(before).then(rank - earlier).otherwise(after))
    planned = pl.col("VISITDY").cast(pl.Float64, strict=False).round().cast(pl.Int32, strict=False)
    stated = records.sv.group_by(KEY).agg(full_date("SVSTDTC").drop_nulls().first().alias("stated_date"))
    return VISIT.conform(
        visits.join(stated, on=KEY, how="left", maintain_order="left")
        .join(subjects, on="USUBJID", how="left", maintain_order="left")
        .with_columns(planned_day=planned)
        .with_columns(planned_date=pl.when(~pl.col("occurred")).then(_planned_date()))
        .select(
            pl.lit(study_id).alias("study_id"),
            pl.col("USUBJID").alias("subject_id"),
            "timepoint",
            "visit_number",
            pl.col("VISIT").alias("visit"),
            "planned_day",
            "occurred",
            pl.coalesce("start_date", "planned_date").alias("start_date"),
            pl.coalesce("end_date", "start_date", "planned_date").alias("end_date"),
            "stated_date",
            *source(),
        )
    )


def _assessment_visits(records: AssessmentRecords) -> pl.DataFrame:
    """One row per subject and visit number: name, planned day, whether it occurred, its dates, its first record."""
    parts = [
        frame.select(
            *KEY,
            "VISIT",
            "VISITDY",
            first_day(dtc).alias("start"),
            (first_day("SVENDTC") if domain == "SV" else first_day(dtc)).alias("end"),
            full_date(dtc).is_not_null().alias("full"),
            pl.lit(DOMAIN_ORDER[domain]).alias("order"),
            _says_not_performed(domain).alias("not_performed"),
            *PROVENANCE,
        )
        for domain, (frame, dtc) in records.dated().items()
    ]
    rows = pl.concat(parts).drop_nulls("visit_number").sort("order", *ORDER)
    is_visit = pl.col("order") == DOMAIN_ORDER["SV"]
    of_study = rows.filter(~is_visit).select("visit_number").unique()
    assessed = rows.filter(~is_visit).select(KEY).unique()
    missed = rows.filter(is_visit & pl.col("not_performed")).join(of_study, on="visit_number", how="semi").select(KEY)
    rows = rows.join(pl.concat([assessed, missed]).unique(), on=KEY, how="semi", maintain_order="left")
    leading = (pl.col("order") == pl.col("order").filter(pl.col("start").is_not_null()).min()) & (
        pl.col("full") | ~pl.col("full").any()
    )
    recorded_missed = (is_visit & pl.col("not_performed")).any()
    all_missed = (
        pl.col("not_performed").filter(pl.col("order") == DOMAIN_ORDER["TR"]).all()
        & (pl.col("order") == DOMAIN_ORDER["TR"]).any()
    )
    return rows.group_by(KEY, maintain_order=True).agg(
        pl.col("VISIT").drop_nulls().first(),
        pl.col("VISITDY").drop_nulls().first(),
        pl.col("start").filter(leading).min().alias("start_date"),
        pl.col("end").filter(leading).max().alias("end_date"),
        ~(recorded_missed | all_missed).alias("occurred"),
        *(pl.col(name).first() for name in PROVENANCE),
    )


def _says_not_performed(domain: str) -> pl.Expr:
    if domain == "SV":
        return (codes.code("SVOCCUR") == "N").fill_null(False)
    if domain == "TR":
        return codes.not_done("TR") & scan_not_performed()
    return pl.lit(False)


def scan_not_performed() -> pl.Expr:
    """The reason of a NOT DONE lesion record is that there was no scan."""
    return codes.code("TRREASND").str.contains("NOT PERFORMED", literal=True).fill_null(False)


def _baseline_numbers(visits: pl.DataFrame, tr: pl.DataFrame, baseline_visits: Sequence[str]) -> pl.DataFrame:
    """The visit number that is each subject's baseline (USUBJID, baseline).

    A subject without the baseline visit gets the study's number, so that its earlier visits still count backwards.
    """
    subjects = visits.select("USUBJID").unique()
    if baseline_visits:
        is_named = codes.code("VISIT").is_in([name.strip().upper() for name in baseline_visits])
        named = visits.filter(is_named)
        own = named.group_by("USUBJID").agg(own=pl.col("visit_number").max())
        return (
            subjects.join(named.select(of_study=pl.col("visit_number").min()), how="cross")
            .join(own, on="USUBJID", how="left")
            .select("USUBJID", baseline=pl.coalesce("own", "of_study"))
        )
    chosen = codes.code("TRGRPID").is_null() | (codes.translated("TRGRPID", codes.ROLES) != "NEW").fill_null(False)
    measured = ~pl.col("test").is_in(codes.PET_TESTS)
    number = pl.col("visit_number")
    lowest = tr.filter(chosen & ~called_pre_baseline()).select(
        baseline=pl.coalesce(number.filter(measured).min(), number.min())
    )
    return subjects.join(lowest, how="cross")


def called_pre_baseline() -> pl.Expr:
    """The visit lies before baseline by its name."""
    return codes.code("VISIT").str.starts_with(codes.PRE_BASELINE).fill_null(False)


def _planned_date() -> pl.Expr:
    """Reference date plus planned day; there is no day 0 (GEN-06)."""
    day = pl.col("planned_day")
    return pl.col("reference_date") + pl.duration(days=pl.when(day > 0).then(day - 1).otherwise(day))
