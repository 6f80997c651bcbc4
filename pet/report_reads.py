"""Lesions of structured reports beside those measured from images: compared where both are, added where none is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from criteria.vocabulary import LesionStatus
from ingestion.pet_tables import PET_LESION, PET_REPORT
from ingestion.tables import REJECT
from pet.naming import NODES, nature_of, side_of
from pet.refusal import Flag
from pet.reported import FIELDS, LESION, STAGE, reported_lesions
from protocol.pet_options import PetOptions

SAME_WITHIN = 0.01
READ = ("study_id", "subject_id", "evaluator", "timepoint")
COURSE = ("study_id", "subject_id", "evaluator", "lesion_id")


class ReportReads(NamedTuple):
    """Lesions of images and reports (`PET_LESION`), how their values compare (`PET_REPORT`), and rejects."""

    lesion: pl.DataFrame
    comparison: pl.DataFrame
    rejects: pl.DataFrame


def beside_reports(
    lesions: pl.DataFrame,
    forms: pl.DataFrame,
    measurements: pl.DataFrame,
    observers: Mapping[str, str],
    options: PetOptions,
) -> ReportReads:
    """The lesions with what reports say of them: flags on those measured, rows for those that only a report has.

    ``lesions`` are those measured from images, ``forms`` core.form_pet_lesion, ``measurements`` core.sr_measurement.
    Of several reports of an evaluator on one lesion and time point the latest counts. A read that images or forms
    have is not added to: there a lesion that it never speaks of would count twice, and is a reject.
    """
    reported, rejects = reported_lesions(measurements, observers)
    newest = reported.sort("content_date", "content_time", "sop_instance_uid").unique(
        [*LESION, "evaluator"], keep="last", maintain_order=True
    )
    comparison = compared(newest, lesions)
    others = pl.concat([lesions.select(*READ, "lesion_id"), forms.select(*READ, "lesion_id")])
    alone = newest.filter(pl.col("evaluator").is_not_null()).join(others, on=[*READ, "lesion_id"], how="anti")
    in_read = alone.join(others.select(READ).unique(), on=READ, how="semi")
    strange = in_read.join(others.select(COURSE).unique(), on=COURSE, how="anti")
    added = alone.join(strange.select(*READ, "lesion_id"), on=[*READ, "lesion_id"], how="anti")
    nameless = newest.filter(pl.col("evaluator").is_null()).join(
        comparison.select(LESION).unique(), on=LESION, how="anti"
    )
    refused = [
        _refused(strange, "images or forms have {}'s read of this visit and no such lesion", "name lesions alike"),
        _refused(nameless, "no person observed", "name the reader, or the device under imaging.observers"),
    ]
    flagged = with_report_flags(lesions, newest, comparison)
    together = pl.concat([flagged, PET_LESION.conform(_rows(added, options))])
    return ReportReads(together.sort(PET_LESION.key), comparison, pl.concat([rejects, *refused]))


def compared(reported: pl.DataFrame, lesions: pl.DataFrame) -> pl.DataFrame:
    """Reported against recomputed values of the same lesion and time point, long: a frame of `PET_REPORT`.

    A report is compared with the lesion as its own evaluator drew it, else with every drawing of it. A TLG is compared
    with mean x volume of the region, since a report's volume is that of its segment. ``flag`` is REPORTED_DIFFERS
    above 1 %.
    """
    recomputed = lesions.with_columns(tlg_g=pl.col("suv_mean") * pl.col("region_ml")).unpivot(
        on=FIELDS, index=[*LESION, "evaluator"], variable_name="field", value_name="recomputed"
    )
    given = reported.unpivot(
        on=FIELDS,
        index=[*LESION, "evaluator", "sop_instance_uid", "source_sha256", "source_name", "source_record"],
        variable_name="field",
        value_name="reported",
    ).rename({"evaluator": "reported_by"})
    both = given.drop_nulls("reported").join(recomputed.drop_nulls("recomputed"), on=[*LESION, "field"])
    own = (pl.col("reported_by") == pl.col("evaluator")).fill_null(value=False)
    chosen = both.filter(own | ~own.any().over([*LESION, "sop_instance_uid"]))
    difference = pl.col("reported") / pl.col("recomputed") - 1
    judged = chosen.with_columns(
        difference_pct=100 * difference,
        flag=pl.when(difference.abs() > SAME_WITHIN).then(pl.lit(Flag.REPORTED_DIFFERS.value)),
    )
    return PET_REPORT.conform(judged.unique(PET_REPORT.key, keep="last", maintain_order=True)).sort(PET_REPORT.key)


def with_report_flags(lesions: pl.DataFrame, reported: pl.DataFrame, comparison: pl.DataFrame) -> pl.DataFrame:
    """Measured lesions with the flags of the reports that they are compared with: inconsistent, invalid, different."""
    drawn = [*LESION, "evaluator"]
    pairs = comparison.select(*drawn, "reported_by").unique(maintain_order=True)
    own = pairs.join(
        reported.select(*LESION, "flags", reported_by="evaluator"), on=[*LESION, "reported_by"], nulls_equal=True
    )
    found = pl.concat([own.select(*drawn, "flags"), comparison.select(*drawn, flags="flag")]).drop_nulls("flags")
    said = (
        found.unique(maintain_order=True)
        .group_by(drawn, maintain_order=True)
        .agg(pl.col("flags").str.join(",").alias("said"))
    )
    joined = lesions.join(said, on=drawn, how="left", maintain_order="left")
    together = pl.concat_str("flags", "said", separator=",", ignore_nulls=True)
    return joined.with_columns(flags=pl.when(together != "").then(together)).drop("said")


def _rows(reported: pl.DataFrame, options: PetOptions) -> pl.DataFrame:
    """Lesions that only a report has, as rows of core.pet_lesion; their volume is that of the report's segment."""
    spoken = pl.concat_str("lesion_id", "finding", "finding_site", separator=" ", ignore_nulls=True)
    rows = reported.with_columns(
        assessment_date=pl.col("scan_date"),
        organ=pl.col("finding_site"),
        side=spoken.map_elements(side_of, return_dtype=pl.String),
        is_node=pl.when(spoken.str.contains(f"(?i){NODES.pattern}")).then(pl.lit(True)),
        status=pl.lit(LesionStatus.PRESENT.value),
        nature=spoken.map_elements(lambda text: nature_of(text, options).value, return_dtype=pl.String),
        mtv_ml=pl.col("region_ml"),
        mtv_method=pl.when(pl.col("region_ml").is_not_null()).then(pl.lit("MASK")),
        tlg_basis=pl.when(pl.col("tlg_g").is_not_null()).then(pl.lit("SUV")),
        measured_from=pl.lit("SR"),
        series_instance_uid=pl.col("referenced_series_uids").str.split("\\").list.first(),
    )
    return rows.select(name for name in PET_LESION.schema if name in rows.columns)


def _refused(rows: pl.DataFrame, reason: str, remedy: str) -> pl.DataFrame:
    said = pl.format(reason, "evaluator") if "{}" in reason else pl.lit(reason)
    return REJECT.conform(
        rows.select(
            *("study_id", "source_name", "source_sha256", "source_record", "subject_id"),
            stage=pl.lit(STAGE),
            field=pl.lit("Tracking Identifier"),
            value="lesion_id",
            reason=said,
            remedy=pl.lit(remedy),
        )
    )
