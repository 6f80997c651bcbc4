"""SUV, volume and glycolysis of structured reports (TID 1500), judged against each other (3.11)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingestion.objects.reads import evaluator_of
from ingestion.tables import REJECT
from pet.peak import INVALID_ABOVE, ROUNDING
from pet.refusal import Flag

STAGE = "core.pet_report"
TLG_TOLERANCE = 0.005
LESION = ("study_id", "subject_id", "timepoint", "lesion_id")
ORIGIN = ("sop_instance_uid", "source_sha256", "source_name", "source_record")
REPORTED = {
    ("SUVBW", "MAXIMUM"): "suv_max",
    ("SUVBW", "MEAN"): "suv_mean",
    ("SUVBW", "PEAK"): "suv_peak",
    ("SUVLBM", "MAXIMUM"): "sul_max",
    ("SUVLBM", "MEAN"): "sul_mean",
    ("SUVLBM", "PEAK"): "sul_peak",
    ("VOLUME", None): "region_ml",
    ("TLG", None): "tlg_g",
}
"""Quantity and statistic of core.sr_measurement, and the column of core.pet_lesion that holds the same."""
FIELDS = tuple(REPORTED.values())
UPTAKE = ("SUVBW", "SUVLBM", "TLG")
SUV_UNIT = r"^(\{[^}]*\})?g/m[lL]$"
GIVEN_ONCE = ("visit", "scan_date", "finding", "finding_site", "content_date", "content_time", "referenced_series_uids")


def reported_lesions(measurements: pl.DataFrame, observers: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per report and lesion with an uptake: the values of `FIELDS`, evaluator and ``flags``; and rejects.

    ``measurements`` is core.sr_measurement; ``observers`` maps observers to evaluators, which stay null where no
    person is named. A value without unit or method is a reject, a group without subject, time point or tracking
    identifier too (3.11). A peak that breaks the rules of 3.7 becomes null (REPORTED_PEAK_INVALID); a glycolysis off
    mean x volume by more than 0.5 % is flagged TLG_INCONSISTENT and stays, a missing one is mean x volume.
    """
    group = ["source_sha256", "group_number"]
    of_pet = measurements.filter(pl.col("quantity").is_in(UPTAKE) & pl.col("group_number").is_not_null())
    known = pl.DataFrame(
        [(quantity, statistic, column) for (quantity, statistic), column in REPORTED.items()],
        schema={"quantity": pl.String, "statistic": pl.String, "column": pl.String},
        orient="row",
    )
    values = (
        measurements.join(of_pet.select(group).unique(), on=group, how="semi")
        .filter(pl.col("value").is_not_null())
        .join(known, on=["quantity", "statistic"], nulls_equal=True, maintain_order="left")
        .with_columns(lesion_id=pl.coalesce("tracking_id", "tracking_uid"), evaluator=evaluator_of(observers))
        .with_columns(reason=_reason())
    )
    usable = values.filter(pl.col("reason").is_null())
    columns = [pl.col("value").filter(pl.col("column") == name).first().alias(name) for name in FIELDS]
    once = [pl.col(name).first() for name in (*ORIGIN[1:], *GIVEN_ONCE)]
    wide = usable.group_by([*LESION, "evaluator", "sop_instance_uid"], maintain_order=True).agg(*columns, *once)
    return _judged(wide), _rejects(values.filter(pl.col("reason").is_not_null()))


def _reason() -> pl.Expr:
    of_suv = pl.col("quantity").is_in(("SUVBW", "SUVLBM"))
    decided = [
        (pl.col("subject_id").is_null(), "the report's subject is not known"),
        (pl.col("timepoint").is_null(), "the scan that it refers to is at no visit of the subject"),
        (pl.col("lesion_id").is_null(), "no tracking identifier"),
        (of_suv & ~pl.col("unit").fill_null("").str.contains(SUV_UNIT), "the unit is not g/ml"),
        ((pl.col("quantity") != "TLG") & pl.col("method").is_null(), "no measurement method"),
    ]
    return pl.coalesce(*(pl.when(wrong).then(pl.lit(said)) for wrong, said in decided))


def _rejects(wrong: pl.DataFrame) -> pl.DataFrame:
    return REJECT.conform(
        wrong.select(
            *("study_id", "source_name", "source_sha256", "source_record", "subject_id", "reason"),
            stage=pl.lit(STAGE),
            field=pl.concat_str("tracking_id", "statistic", "name", separator=" ", ignore_nulls=True),
            value="value_received",
            remedy=pl.lit("export the report with lesion, unit and method on scans of the study"),
        )
    )


def _judged(wide: pl.DataFrame) -> pl.DataFrame:
    expected = pl.col("suv_mean") * pl.col("region_ml")
    inconsistent = ((pl.col("tlg_g") - expected).abs() > TLG_TOLERANCE * expected).fill_null(value=False)
    codes = {Flag.TLG_INCONSISTENT: "inconsistent", Flag.REPORTED_PEAK_INVALID: "invalid"}
    said = pl.concat_str(
        *(pl.when(column).then(pl.lit(code.value)) for code, column in codes.items()), separator=",", ignore_nulls=True
    )
    peaks = {f"{kind}_peak": pl.when(~_invalid(kind)).then(f"{kind}_peak") for kind in ("suv", "sul")}
    return (
        wide.with_columns(inconsistent=inconsistent, invalid=_invalid("suv") | _invalid("sul"))
        .with_columns(flags=said, tlg_g=pl.coalesce("tlg_g", expected), **peaks)
        .with_columns(flags=pl.when(pl.col("flags") != "").then("flags"))
        .drop("inconsistent", "invalid")
    )


def _invalid(kind: str) -> pl.Expr:
    """The rules of 3.7 for a reported peak, as far as mean and maximum are reported with it."""
    value, mean, most = (pl.col(f"{kind}_{name}") for name in ("peak", "mean", "max"))
    broken = (value <= 0) | (value > INVALID_ABOVE * most).fill_null(value=False)
    return (broken | (value < mean * (1 - ROUNDING)).fill_null(value=False)).fill_null(value=False)
