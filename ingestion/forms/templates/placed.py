"""Reads of templates in their study: the visits they make, what was not done, and which lesions were injected."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from criteria.vocabulary import State
from ingestion.forms.measurements import missed_lesions
from ingestion.forms.sifting import ROW, SHEET, SOURCE_NAME, SOURCE_SHA256
from ingestion.reject import Parsed
from ingestion.tables import MEASUREMENT, REJECT, VISIT

READS = ("measurement", "recorded_response", "pet_scan", "pet_lesion", "pet_reference")
PLACE = ("study_id", "subject_id", "timepoint")
Tables = Mapping[str, Parsed]


def with_visits_of_reads(templates: Tables, of_sdtm: pl.DataFrame) -> dict[str, Parsed]:
    """The tables with a visit for every time point that has a read: its dates are those of the reads.

    A time point that has a visit of its own, in the form of visits or in SDTM (``of_sdtm``), keeps that one.
    """
    parts = [
        templates[name].frame.select(
            *PLACE,
            "visit",
            "assessment_date",
            (pl.col("state") != State.NOT_DONE if name == "measurement" else pl.lit(True)).alias("occurred"),
            *("source_sha256", "source_name", "source_record"),
        )
        for name in READS
        if name in templates
    ]
    if not parts:
        return dict(templates)
    own = templates.get("visit", Parsed(VISIT.empty(), REJECT.empty()))
    read = (
        pl.concat(parts)
        .group_by(PLACE, maintain_order=True)
        .agg(
            pl.col("timepoint").first().cast(pl.Float64).alias("visit_number"),
            pl.col("visit").drop_nulls().first(),
            pl.col("occurred").any(),
            pl.col("assessment_date").min().alias("start_date"),
            pl.col("assessment_date").max().alias("end_date"),
            *(pl.col(name).first() for name in ("source_sha256", "source_name", "source_record")),
        )
        .join(own.frame, on=PLACE, how="anti")
        .join(of_sdtm, on=PLACE, how="anti")
    )
    visits = VISIT.conform(pl.concat([own.frame, VISIT.conform(read)]).sort(VISIT.key))
    return {**templates, "visit": Parsed(visits, own.rejects)}


def with_missed_visits(templates: Tables) -> dict[str, Parsed]:
    """The tables with NOT_DONE records of the known lesions at visits that did not occur (GEN-09)."""
    if "measurement" not in templates or "visit" not in templates:
        return dict(templates)
    measurement = templates["measurement"]
    visits = templates["visit"].frame.with_columns(pl.col("timepoint").cast(pl.Float64).alias("visit_number"))
    missed = visits.filter(~pl.col("occurred").fill_null(True)).select(
        "visit_number",
        USUBJID="subject_id",
        SVOCCUR=pl.lit("N"),
        SVREASOC=pl.lit(None, dtype=pl.String),
        SVREASND=pl.lit(None, dtype=pl.String),
        SVSTDTC=pl.col("start_date").cast(pl.String),
        **{
            SOURCE_NAME: pl.col("source_name"),
            SOURCE_SHA256: pl.col("source_sha256"),
            SHEET: pl.lit(None, dtype=pl.String),
            ROW: pl.col("source_record"),
        },
    )
    more = missed_lesions(measurement.frame, visits, missed)
    frame = pl.concat([measurement.frame, more]).sort(MEASUREMENT.key)
    return {**templates, "measurement": Parsed(MEASUREMENT.conform(frame), measurement.rejects)}


def with_own_injections(templates: Tables, of_sdtm: pl.DataFrame) -> dict[str, Parsed]:
    """The lesions of templates with `injected` where the form leaves it open: after the lesion's first injection."""
    if "measurement" not in templates:
        return dict(templates)
    logs = [of_sdtm, *([templates["injection"].frame] if "injection" in templates else [])]
    first = (
        pl.concat(log.select("subject_id", "lesion_id", "injection_datetime") for log in logs)
        .group_by("subject_id", "lesion_id")
        .agg(_first=pl.col("injection_datetime").min().dt.date())
    )
    measurement = templates["measurement"]
    after = (pl.col("assessment_date") > pl.col("_first")).fill_null(False)
    frame = (
        measurement.frame.join(first, on=["subject_id", "lesion_id"], how="left", maintain_order="left")
        .with_columns(injected=pl.coalesce("injected", after), accepted=pl.col("accepted").fill_null(False))
        .drop("_first")
    )
    return {**templates, "measurement": Parsed(MEASUREMENT.conform(frame), measurement.rejects)}
