"""SUV, volume and glycolysis of structured reports (TID 1500) against each other and against what was recomputed."""

from __future__ import annotations

import polars as pl

from pet.peak import INVALID_ABOVE, ROUNDING
from pet.refusal import Flag

TLG_TOLERANCE = 0.005
SAME_WITHIN = 0.01
LESION = ("subject_id", "timepoint", "lesion_id")
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


def reported_lesions(measurements: pl.DataFrame) -> pl.DataFrame:
    """One row per report, lesion and time point with the values that the report gives, and its ``flags``.

    ``measurements`` is core.sr_measurement; of it the subject, time point, tracking id, quantity, statistic, value and
    SOP Instance UID are read. A peak that breaks the rules of 3.7 becomes null (PEAK_INVALID); a glycolysis off
    mean x volume by more than 0.5 % is flagged TLG_INCONSISTENT and stays as reported (3.11).
    """
    known = pl.DataFrame(
        [(quantity, statistic, column) for (quantity, statistic), column in REPORTED.items()],
        schema={"quantity": pl.String, "statistic": pl.String, "column": pl.String},
        orient="row",
    )
    lesion = pl.coalesce("tracking_id", "tracking_uid").alias("lesion_id")
    values = (
        measurements.with_columns(lesion)
        .filter(pl.col("value").is_not_null() & pl.col("lesion_id").is_not_null() & pl.col("timepoint").is_not_null())
        .join(known, on=["quantity", "statistic"], nulls_equal=True)
    )
    report = [*LESION, "sop_instance_uid"]
    columns = [pl.col("value").filter(pl.col("column") == name).first().alias(name) for name in REPORTED.values()]
    wide = values.group_by(report, maintain_order=True).agg(columns)
    expected = pl.col("suv_mean") * pl.col("region_ml")
    inconsistent = (pl.col("tlg_g") - expected).abs() > TLG_TOLERANCE * expected
    flagged = wide.with_columns(
        inconsistent=inconsistent.fill_null(value=False), invalid=_invalid("suv") | _invalid("sul")
    )
    return flagged.with_columns(
        _flags(inconsistent=Flag.TLG_INCONSISTENT, invalid=Flag.PEAK_INVALID).alias("flags"),
        *(
            pl.when(_invalid(kind)).then(None).otherwise(f"{kind}_peak").alias(f"{kind}_peak")
            for kind in ("suv", "sul")
        ),
    ).drop("inconsistent", "invalid")


def _invalid(kind: str) -> pl.Expr:
    """The rules of 3.7 for a reported peak, as far as mean and maximum are reported with it."""
    value, mean, most = (pl.col(f"{kind}_{name}") for name in ("peak", "mean", "max"))
    broken = (value <= 0) | (value > INVALID_ABOVE * most).fill_null(value=False)
    return (broken | (value < mean * (1 - ROUNDING)).fill_null(value=False)).fill_null(value=False)


def _flags(**codes: Flag) -> pl.Expr:
    """The codes whose column is true, separated by commas; null without any."""
    parts = [pl.when(column).then(pl.lit(code.value)) for column, code in codes.items()]
    joined = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.when(joined == "").then(None).otherwise(joined)


def compared(reported: pl.DataFrame, lesions: pl.DataFrame) -> pl.DataFrame:
    """Reported against recomputed values of the same lesion and time point, long: one row a value.

    Columns: subject_id, timepoint, lesion_id, sop_instance_uid, field, reported, recomputed, evaluator, ``difference``
    (reported / recomputed - 1) and ``flag`` REPORTED_DIFFERS above 1 %. A TLG in the whole region is compared with
    mean x volume of the region, since a report's volume is that of its segment.
    """
    fields = [*REPORTED.values()]
    recomputed = lesions.with_columns(tlg_g=pl.col("suv_mean") * pl.col("region_ml")).unpivot(
        on=fields, index=[*LESION, "evaluator"], variable_name="field", value_name="recomputed"
    )
    given = reported.unpivot(
        on=fields, index=[*LESION, "sop_instance_uid"], variable_name="field", value_name="reported"
    ).drop_nulls("reported")
    both = given.join(recomputed.drop_nulls("recomputed"), on=[*LESION, "field"])
    difference = pl.col("reported") / pl.col("recomputed") - 1
    return both.with_columns(
        difference=difference,
        flag=pl.when(difference.abs() > SAME_WITHIN).then(pl.lit(Flag.REPORTED_DIFFERS.value)),
    ).sort(*LESION, "field", "evaluator")


def with_report_flags(lesions: pl.DataFrame, measurements: pl.DataFrame) -> pl.DataFrame:
    """core.pet_lesion with the flags of the reports on the same lesions: inconsistent, invalid, or different values."""
    if measurements.is_empty() or lesions.is_empty():
        return lesions
    reported = reported_lesions(measurements)
    own = reported.select(*LESION, "flags").drop_nulls("flags")
    other = compared(reported, lesions).select(*LESION, flags="flag").drop_nulls("flags")
    found = pl.concat([own, other]).unique(maintain_order=True)
    said = found.group_by(LESION, maintain_order=True).agg(pl.col("flags").str.join(",").alias("said"))
    joined = lesions.join(said, on=LESION, how="left", maintain_order="left")
    return (
        joined.with_columns(flags=pl.concat_str("flags", "said", separator=",", ignore_nulls=True))
        .with_columns(flags=pl.when(pl.col("flags") != "").then("flags"))
        .drop("said")
    )
