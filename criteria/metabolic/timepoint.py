"""Metabolic time point responses: from PET lesions to one explained response per course and scan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import polars as pl

from criteria.decision import CATEGORIES, NEW_LESION
from criteria.metabolic.comparison import at_least, percent
from criteria.metabolic.components import components
from criteria.metabolic.declaration import LEFT_OUT, NEVER_COUNTED, Aggregate, Metabolic
from criteria.metabolic.explanation import explanation, report
from criteria.metabolic.lesions import AT, KEY, followed
from criteria.metabolic.tables import METABOLIC_RESPONSE
from criteria.metabolic.unconfirmed import confirmed
from criteria.table import Table
from criteria.tables import TIMEPOINT_RESPONSE
from criteria.vocabulary import Origin

SUBJECT = ("study_id", "subject_id")
LESION_UNIT = "lesions"
RECIST = "RECIST 1.1"
WITH_SUSPECTS = tuple(nature.value for nature in NEVER_COUNTED)
WITHOUT_SUSPECTS = (*WITH_SUSPECTS, *(nature.value for nature in LEFT_OUT))


@dataclass(frozen=True, slots=True)
class PetReads:
    """What metabolic responses rest on, as frames.

    Of core.pet_lesion, core.pet_reference, core.pet_scan, analysis.pet_check, core.clinical_status, core.subject,
    core.recorded_response, and the RECIST 1.1 responses of the same visits (analysis.timepoint_response).
    """

    lesions: pl.DataFrame
    references: pl.DataFrame
    scans: pl.DataFrame
    checks: pl.DataFrame
    clinical: pl.DataFrame
    subjects: pl.DataFrame
    recorded: pl.DataFrame
    responses: pl.DataFrame


class MetabolicResponses(NamedTuple):
    """Frames of analysis.timepoint_response and analysis.metabolic_response, row by row of the same time points."""

    responses: pl.DataFrame
    details: pl.DataFrame


def metabolic_responses(reads: PetReads, declared: Metabolic) -> MetabolicResponses:
    """Responses of every course and scan after the baseline under one metabolic criterion.

    Foci taken for irAE or infection are left out; where a course has such, the response with them counted stands
    beside (section 10).
    """
    judged = _judged(reads, declared, WITHOUT_SUSPECTS)
    suspects = reads.lesions.filter(pl.col("nature").is_in([nature.value for nature in LEFT_OUT])).select(KEY).unique()
    if suspects.height:
        counted = _judged(_only(reads, suspects), declared, WITH_SUSPECTS).select(
            *AT, sensitivity_response="overall_response", sensitivity_explanation="explanation"
        )
        judged = judged.join(counted, on=AT, how="left", maintain_order="left")
    judged = judged.with_columns(
        criterion=pl.lit(declared.name),
        origin=pl.lit(Origin.DERIVED.value),
        criterion_version=pl.lit(declared.version),
        options_sha256=pl.lit(declared.options_sha256),
    )
    return MetabolicResponses(_as(TIMEPOINT_RESPONSE, judged), _as(METABOLIC_RESPONSE, judged))


def _as(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    return table.conform(frame.select(name for name in table.schema if name in frame.columns))


def _only(reads: PetReads, courses: pl.DataFrame) -> PetReads:
    lesions, references = (frame.join(courses, on=KEY, how="semi") for frame in (reads.lesions, reads.references))
    return replace(reads, lesions=lesions, references=references)


def _judged(reads: PetReads, declared: Metabolic, left_out: tuple[str, ...]) -> pl.DataFrame:
    lesions = followed(reads.lesions, reads.references, declared, left_out)
    scans = components(lesions, cycles_before(reads.scans), declared)
    scans = _with_dates(scans, reads.subjects)
    scans = scans.join(_anatomic(reads.responses, scans), on=AT, how="left", maintain_order="left")
    scans = scans.join(_failed(reads.checks, scans), on=AT, how="left", maintain_order="left")
    scans = scans.with_columns(pl.col("qc_failed").fill_null(False))
    if declared.anatomic:
        scans = scans.with_columns(nontarget_response=_recist_category())
    scans = _overall(scans, declared)
    if declared.confirm_after_days is None:
        scans = scans.with_columns(
            state_flag=pl.lit(None, pl.String),
            run_date=pl.lit(None, pl.Date),
            state_clause=pl.lit(None, pl.String),
            clinical_date=pl.lit(None, pl.Date),
        )
    else:
        scans = confirmed(scans, lesions.grid, reads.clinical, reads.subjects, declared)
    return _rows(scans, declared)


def cycles_before(scans: pl.DataFrame) -> pl.DataFrame:
    """Cycles of therapy before each time point (core.pet_scan)."""
    return scans.group_by(*SUBJECT, "timepoint").agg(pl.col("cycles_before").max())


def _with_dates(scans: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """Weeks from the start of treatment, and the study day (CH-2, GEN-06)."""
    dates = subjects.select(*SUBJECT, "reference_date", "first_dose_date")
    start = pl.coalesce("first_dose_date", "reference_date", "baseline_date")
    days = (pl.col("assessment_date") - pl.coalesce("reference_date", "baseline_date")).dt.total_days()
    since = (pl.col("assessment_date") - start).dt.total_days()
    return scans.join(dates, on=SUBJECT, how="left", maintain_order="left").with_columns(
        study_day=days + (days >= 0).cast(pl.Int64), days_since_start=since, weeks=since / 7
    )


def _anatomic(responses: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    """The RECIST 1.1 response of the same visit, derived first: by the same evaluator, else by the only one."""
    recist = responses.filter((pl.col("criterion") == RECIST) & pl.col("overall_response").is_not_null())
    recist = recist.sort("origin").unique([*KEY, "timepoint"], keep="first", maintain_order=True)
    only = recist.filter(pl.len().over(*SUBJECT, "timepoint") == 1)
    same = scans.select(AT).join(recist.select(*AT, recist="overall_response"), on=AT, how="left")
    return (
        same.join(only.select(*SUBJECT, "timepoint", other="overall_response"), on=[*SUBJECT, "timepoint"], how="left")
        .select(*AT, recist=pl.coalesce("recist", "other"))
        .unique(AT)
    )


def _recist_category() -> pl.Expr:
    known = pl.col("recist").is_in(["CR", "PR", "SD", "PD"])
    return (
        pl.when(known)
        .then("recist")
        .when(pl.col("recist") == "NON-CR/NON-PD")
        .then(pl.lit("SD"))
        .otherwise(pl.lit("NE"))
    )


def _failed(checks: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    """Scans of which a quality check failed, by the same evaluator or without one."""
    bad = checks.filter(pl.col("result") == "FAIL").select(*AT).unique()
    every = bad.filter(pl.col("evaluator") == "ALL").drop("evaluator")
    found = pl.concat(
        [
            scans.select(AT).join(bad, on=AT, how="semi"),
            scans.select(AT).join(every, on=[*SUBJECT, "timepoint"], how="semi"),
        ]
    )
    return found.unique().with_columns(qc_failed=pl.lit(True))


def _overall(scans: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    def coded(column: str, names: tuple[str, ...]) -> pl.Series:
        return scans[column].replace_strict({name: n for n, name in enumerate(names)}, return_dtype=pl.Int8)

    target, other = (coded(f"{part}_response", CATEGORIES) for part in ("target", "nontarget"))
    overall, row = declared.table.overall(
        target.to_numpy(), other.to_numpy(), coded("new_lesion", NEW_LESION).to_numpy()
    )
    listed = pl.Series("listed", declared.table.clauses, dtype=pl.String).gather(pl.Series(row).cast(pl.UInt32))
    scans = scans.with_columns(
        listed, overall=pl.Series(CATEGORIES, dtype=pl.String).gather(pl.Series(overall).cast(pl.UInt32))
    )
    no_qc = pl.col("qc_failed") & pl.lit(declared.qc_fail_action == "NE")
    without_targets = (pl.col("target_response") == "NA") & (pl.col("overall") != "PD")
    unjudged = without_targets & pl.lit(declared.nonmeasurable == "NE" and declared.selection.measurable)
    no_baseline = ~pl.col("has_baseline")
    by_target = (pl.col("overall") == "PD") & (pl.col("target_response") == "PD")
    return scans.with_columns(
        overall=pl.when(no_baseline | no_qc | unjudged).then(pl.lit("NE")).otherwise("overall"),
        clause=pl.when(no_baseline)
        .then(pl.lit("GEN-03"))
        .when(no_qc)
        .then(pl.lit("CH-3"))
        .when(unjudged)
        .then(pl.lit("PE-15"))
        .when(by_target & pl.col("target_clause").is_not_null())
        .then("target_clause")
        .otherwise("listed"),
    )


def _rows(scans: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    progressed = pl.col("overall").is_in(["PD", "UPD", "CPD", "CPD_CLINICAL"])
    counts = declared.aggregate is Aggregate.RESOLVED
    if counts:
        scans = scans.with_columns(
            total=pl.col("n_new").cast(pl.Float64),
            baseline=pl.lit(0.0),
            nadir=pl.lit(None, pl.Float64),
            pct_from_baseline=pl.lit(None, pl.Float64),
            pct_from_nadir=pl.lit(None, pl.Float64),
            abs_from_nadir=pl.lit(None, pl.Float64),
        )
    scans = scans.with_columns(
        clause=pl.coalesce("state_clause", "clause"),
        printed=pl.col("overall").replace(dict(declared.codes) | {"CPD_CLINICAL": "CPMD_CLINICAL"}),
        quantity=pl.lit(LESION_UNIT if counts else declared.quantity.printed),
        unit=pl.lit(LESION_UNIT if counts else "g/ml"),
        pct_tlg=percent(pl.col("tlg_baseline"), pl.col("tlg_now")),
        confirm_by=_confirm_by(declared),
        benefit=_benefit(declared),
        flags=_flags(declared),
    ).with_columns(report=report())
    component = {"CPD": "PD"} | dict(declared.codes)
    return scans.with_columns(
        explanation=explanation(declared),
        overall_response="printed",
        target_sum="total",
        baseline_sum="baseline",
        nadir_sum="nadir",
        target_response=pl.col("target_response").replace({} if declared.anatomic else component),
        nontarget_response=pl.col("nontarget_response").replace({} if declared.anatomic else component),
        new_lesion=pl.col("new_lesion").replace({"WORSE": "Y"}),
        progression_date=pl.when(progressed).then(pl.coalesce("run_date", "assessment_date")),
        new_lesions="n_new",
        new_lesion_sites="n_new_sites",
    )


def _confirm_by(declared: Metabolic) -> pl.Expr:
    if declared.confirm_by_days is None:
        return pl.lit(None, pl.Date)
    on_ct = (pl.col("recist") == "PD").fill_null(False)
    progression = (pl.col("overall") == "PD") & ~pl.col("new_visceral").fill_null(False) & ~on_ct
    contradicted = pl.col("overall").is_in(["CR", "PR"]) & on_ct
    return pl.when(progression | contradicted).then(
        pl.col("assessment_date") + pl.duration(days=declared.confirm_by_days)
    )


def _benefit(declared: Metabolic) -> pl.Expr:
    if not declared.benefit:
        return pl.lit(None, pl.String)
    return (
        pl.when(pl.col("overall").is_in(list(declared.benefit)))
        .then(pl.lit("Y"))
        .when(~pl.col("overall").is_in(["NE", "NA", "UPD"]))
        .then(pl.lit("N"))
    )


def _flags(declared: Metabolic) -> pl.Expr:
    """Remarks that do not change the category, by their codes."""
    needs_limit = pl.lit(declared.selection.measurable) & pl.col("has_baseline")
    low = ~at_least(pl.col("baseline"), pl.col("limit"), declared.cmp_eps)
    timing = declared.timing
    outside = pl.lit(False)
    if timing is not None:
        outside = ~pl.col("days_since_start").is_between(timing.earliest_day, timing.latest_day)
    flags = {
        "NO_BASELINE": ~pl.col("has_baseline"),
        "NO_REFERENCE": needs_limit & pl.col("limit").is_null(),
        "BELOW_MEASURABILITY": pl.lit(declared.anatomic) & low,
        "CYCLES_MISSING": pl.lit(declared.first_cycle is not None) & pl.col("cycles_before").is_null(),
        "NEW_WITHOUT_VALUE": pl.col("unknown_new"),
        "QC_FAIL": pl.col("qc_failed"),
        (timing.flag if timing else "OUT_OF_WINDOW"): outside,
    }
    stated = [pl.when(where.fill_null(False)).then(pl.lit(name)) for name, where in flags.items()]
    text = pl.concat_str([*stated, pl.col("state_flag")], separator=",", ignore_nulls=True)
    return pl.when(text != "").then(text)
