"""Lesion measurements of structured reports as reads: rows of `core.measurement`, merged with those of the forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from criteria.vocabulary import Role, State
from ingestion.objects.tables import MEASUREMENT_CONFLICT
from ingestion.tables import MEASUREMENT, REJECT

STAGE = "core.sr_read"
AXES = ("LONG_AXIS", "SHORT_AXIS", "LENGTH")
READ = ("study_id", "subject_id", "evaluator", "timepoint")
LESION = ("study_id", "subject_id", "evaluator", "lesion_id")
KEY = (*READ, "lesion_id")
METHODS = {"CT": "CT SCAN", "MR": "MRI", "PT": "PET SCAN", "US": "ULTRASOUND"}
SAME_MM = 0.05
INDEPENDENT, INVESTIGATOR = "INDEPENDENT ASSESSOR", "INVESTIGATOR"


class Reads(NamedTuple):
    """All reads (`MEASUREMENT`), where the sources differ (`MEASUREMENT_CONFLICT`), and groups that are no reads."""

    frame: pl.DataFrame
    conflicts: pl.DataFrame
    rejects: pl.DataFrame


def merged_reads(
    forms: pl.DataFrame,
    reports: pl.DataFrame,
    scans: pl.DataFrame,
    observers: Mapping[str, str],
) -> Reads:
    """The lesions of the forms and of structured reports.

    ``forms`` fits `MEASUREMENT`, ``reports`` is core.sr_measurement, ``scans`` core.visit_scan; ``observers`` maps
    the observers of reports to evaluators. A group with a long or a short axis is a read when its subject, time point,
    tracking identifier and observer are known; a device is an evaluator only when ``observers`` names it. Of several
    reports on one lesion and time point the latest content date and time counts. On the same key the form wins, and
    sizes that differ by more than 0.05 mm are a conflict. Where the forms have an evaluator's read of a time point, a
    lesion of which they never speak is not added to it: under another name it would count twice.
    """
    groups = _groups(reports, observers)
    usable, rejects = _sifted(groups)
    latest = usable.sort("content_date", "content_time", "sop_instance_uid", "group_number").unique(
        KEY, keep="last", maintain_order=True
    )
    reads, strangers = _beside_forms(_reads(latest, forms, scans), forms)
    added = reads.join(forms.select(KEY), on=KEY, how="anti")
    together = pl.concat([forms.select(MEASUREMENT.schema.keys()), added], how="diagonal")
    frame = MEASUREMENT.conform(together.sort(MEASUREMENT.key))
    return Reads(frame, _conflicts(forms, reads), pl.concat([rejects, strangers]))


def evaluator_of(observers: Mapping[str, str]) -> pl.Expr:
    """The evaluator of a row of core.sr_measurement: by ``observers``, else the person named; null for a device."""
    plain = pl.col("observer").str.replace_all(r"\^+", " ").str.strip_chars()
    mapped = pl.col("observer").replace_strict(dict(observers), default=None, return_dtype=pl.String)
    return pl.coalesce(mapped, pl.when(pl.col("observer_type") == "PERSON").then(plain))


def _groups(reports: pl.DataFrame, observers: Mapping[str, str]) -> pl.DataFrame:
    """One row per measurement group with axes, and the evaluator."""
    axes = reports.filter(pl.col("group_number").is_not_null() & pl.col("quantity").is_in(AXES))
    value = {axis: pl.col("value").filter(pl.col("quantity") == axis).drop_nulls() for axis in AXES}
    about = [name for name in reports.columns if name not in ("study_id", "source_sha256", "group_number")]
    return (
        axes.group_by("study_id", "source_sha256", "group_number", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in about),
            long=pl.coalesce(value["LONG_AXIS"].max(), value["LENGTH"].max()),
            short=value["SHORT_AXIS"].max(),
        )
        .with_columns(evaluator=evaluator_of(observers), lesion_id="tracking_id")
    )


def _sifted(groups: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    decided = [
        (pl.col("subject_id").is_null(), "the report's subject is not known", "name the subject in the report's files"),
        (pl.col("lesion_id").is_null(), "no tracking identifier", "name the lesion in the Tracking Identifier"),
        (
            pl.col("evaluator").is_null(),
            "no person observed",
            "name the reader, or the device under imaging.observers in protocol.yaml",
        ),
        (
            pl.col("timepoint").is_null(),
            "the scan that it refers to is at no visit of the subject",
            "send the scan, or check its date",
        ),
        (
            pl.col("long").is_null() & pl.col("short").is_null(),
            "no usable axis",
            "check the measurement where it was made",
        ),
    ]
    reason, remedy = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.String)
    for wrong, said, advice in reversed(decided):
        reason = pl.when(wrong).then(pl.lit(said)).otherwise(reason)
        remedy = pl.when(wrong).then(pl.lit(advice)).otherwise(remedy)
    judged = groups.with_columns(reason=reason, advice=remedy)
    rejects = judged.filter(pl.col("reason").is_not_null()).select(
        *("study_id", "source_name", "source_sha256", "source_record", "subject_id", "reason"),
        stage=pl.lit(STAGE),
        field=pl.format("measurement group {}", "group_number"),
        value="lesion_id",
        remedy="advice",
    )
    return judged.filter(pl.col("reason").is_null()), REJECT.conform(rejects)


def _beside_forms(reads: pl.DataFrame, forms: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The reads without the lesions that are strange to a read that the forms have, and those as rejects."""
    of_forms = reads.join(forms.select(READ).unique(), on=READ, how="semi")
    strange = of_forms.join(forms.select(LESION).unique(), on=LESION, how="anti")
    rejects = strange.select(
        *("study_id", "source_name", "source_sha256", "source_record", "subject_id"),
        stage=pl.lit(STAGE),
        field=pl.lit("Tracking Identifier"),
        value="lesion_id",
        reason=pl.format("the forms have {}'s read of {} and no such lesion", "evaluator", "visit"),
        remedy=pl.lit("name the lesion in report and forms alike, or add it to the forms"),
    )
    return reads.join(strange.select(KEY), on=KEY, how="anti", maintain_order="left"), REJECT.conform(rejects)


def _reads(groups: pl.DataFrame, forms: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    site = pl.concat_str("finding_site", "finding", separator=" ", ignore_nulls=True).str.to_uppercase()
    nodal = site.str.contains(r"LYMPH NODE|NODAL|\bNODE\b")
    lesions = forms.sort("timepoint").group_by(LESION, maintain_order=True)
    known = lesions.agg(
        *(pl.col(name).drop_nulls().first().alias(f"form_{name}") for name in ("role", "organ", "is_node")),
        first_injected=pl.col("timepoint").filter(pl.col("injected")).min(),
    )
    roles = forms.group_by("evaluator").agg(pl.col("reader_role").drop_nulls().first().alias("form_reader"))
    modality = (
        scans.filter(pl.col("series_instance_uid").is_not_null())
        .group_by("series_instance_uid")
        .agg(pl.col("modality").first().alias("scanned"))
    )
    joined = (
        groups.join(known, on=LESION, how="left")
        .join(roles, on="evaluator", how="left")
        .with_columns(series_instance_uid=pl.col("referenced_series_uids").str.split("\\").list.first())
        .join(modality, on="series_instance_uid", how="left")
        .with_columns(node=pl.coalesce("form_is_node", nodal).fill_null(False))
    )
    size = pl.when("node").then(pl.coalesce("short", "long")).otherwise(pl.coalesce("long", "short"))
    role = pl.when(pl.col("evaluator") == INVESTIGATOR).then(pl.lit(INVESTIGATOR)).otherwise(pl.lit(INDEPENDENT))
    return joined.select(
        "study_id",
        "subject_id",
        "evaluator",
        pl.coalesce("form_reader", role).alias("reader_role"),
        pl.lit(False).alias("accepted"),
        "timepoint",
        "visit",
        pl.col("scan_date").alias("assessment_date"),
        pl.col("scan_date").cast(pl.String).alias("assessment_dtc"),
        "lesion_id",
        pl.coalesce("form_role", _role()).alias("role"),
        pl.coalesce("form_organ", pl.col("finding_site").str.to_uppercase()).alias("organ"),
        pl.col("node").alias("is_node"),
        (pl.col("first_injected") <= pl.col("timepoint")).fill_null(False).alias("injected"),
        pl.when(size == 0).then(pl.lit(State.ABSENT.value)).otherwise(pl.lit(State.MEASURED.value)).alias("state"),
        pl.col("long").alias("longest_diameter_mm"),
        pl.when("node").then("short").alias("short_axis_mm"),
        pl.col("short").alias("perpendicular_mm"),
        pl.lit(None, dtype=pl.String).alias("change_from_previous"),
        pl.lit(None, dtype=pl.String).alias("other_lesion_id"),
        pl.col("scanned").replace_strict(METHODS, default=None, return_dtype=pl.String).alias("method"),
        pl.lit(None, dtype=pl.String).alias("not_done_reason"),
        "source_sha256",
        "source_name",
        "source_record",
    )  # fmt: skip


def _role() -> pl.Expr:
    """The role by the finding's coding, else by the tracking identifier as SDTM names lesions (T01, NT01, NEW01)."""
    coded = pl.concat_str("finding_category", "finding", separator=" ", ignore_nulls=True).str.to_uppercase()
    named = pl.col("tracking_id").str.to_uppercase().str.strip_chars()
    return (
        pl.when(coded.str.contains(r"NON[- ]?TARGET"))
        .then(pl.lit(Role.NON_TARGET.value))
        .when(coded.str.contains(r"\bNEW\b"))
        .then(pl.lit(Role.NEW.value))
        .when(coded.str.contains(r"\bTARGET\b"))
        .then(pl.lit(Role.TARGET.value))
        .when(named.str.contains(r"^(?:NT\d|NON[- ]?TARGET)"))
        .then(pl.lit(Role.NON_TARGET.value))
        .when(named.str.contains(r"^(?:NEW|NL\d)"))
        .then(pl.lit(Role.NEW.value))
        .when(named.str.contains(r"^(?:T\d|TARGET)"))
        .then(pl.lit(Role.TARGET.value))
    )


def _conflicts(forms: pl.DataFrame, reads: pl.DataFrame) -> pl.DataFrame:
    sizes = ("longest_diameter_mm", "short_axis_mm", "perpendicular_mm")
    both = forms.join(reads.select(*KEY, *sizes, "source_record"), on=KEY, suffix="_report")
    parts = [
        both.filter((pl.col(size) - pl.col(f"{size}_report")).abs() > SAME_MM).select(
            *KEY,
            "visit",
            field=pl.lit(size),
            form_value=size,
            report_value=f"{size}_report",
            form_source=pl.format("{} row {}", "source_name", "source_record"),
            report_sop_instance_uid="source_record_report",
        )
        for size in sizes
    ]
    return MEASUREMENT_CONFLICT.conform(pl.concat(parts).sort(MEASUREMENT_CONFLICT.key))
