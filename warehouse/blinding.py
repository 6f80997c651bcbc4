"""What a blinded release holds instead: no arm, nothing by arm, and no name of a study treatment."""

from __future__ import annotations

import polars as pl

from warehouse.store import Warehouse

BY_ARM = (
    "mart.response_rate",
    "mart.response_difference",
    "mart.survival_summary",
    "mart.survival_landmark",
    "mart.survival_curve",
    "mart.review_metrics",
)
MEDIAN_OF_ARM = "durable_alt"
"""The definition of a durable response that compares with the median of the subject's own arm."""


def blinded(warehouse: Warehouse) -> dict[str, pl.DataFrame]:
    """The tables of a blinded release that differ from the working file's, by name.

    Findings and rejects keep their rows; a reject's value is withheld where it could name the treatment (the domains
    DM and EX).
    """
    subject = warehouse.frame("core.subject").with_columns(arm=pl.lit(None, dtype=pl.String))
    therapy = warehouse.frame("core.therapy").with_columns(
        therapy=pl.when(pl.col("category") != "STUDY TREATMENT").then("therapy")
    )
    reject = warehouse.frame("raw.reject").with_columns(
        value=pl.when(~pl.col("field").fill_null("").str.contains("^(ARM|ACTARM|EX)")).then("value")
    )
    pattern = warehouse.frame("analysis.pattern").filter(pl.col("definition") != MEDIAN_OF_ARM)
    by_arm = {name: warehouse.frame(name).filter(pl.col("group_by") != "ARM") for name in BY_ARM}
    return {
        "core.subject": subject,
        "core.therapy": therapy,
        "raw.reject": reject,
        "analysis.pattern": pattern,
        **by_arm,
        "mart.subgroup_effect": warehouse.frame("mart.subgroup_effect").clear(),
    }
