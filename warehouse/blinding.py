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
TREATMENT_FORMS = ("EX", "SUPPEX", "SUPPDM", "therapy")
"""Forms whose records are known by the treatment, or may carry it in any value."""
MEDIAN_OF_ARM = "durable_alt"
"""The definition of a durable response that compares with the median of the subject's own arm."""


def blinded(warehouse: Warehouse) -> dict[str, pl.DataFrame]:
    """The tables of a blinded release that differ from the working file's, by name.

    Findings, rejects and changes keep their rows; a value is withheld where it could name the treatment: that of an arm
    or a therapy, and a whole row.
    """
    subject = warehouse.frame("core.subject").with_columns(arm=pl.lit(None, dtype=pl.String))
    therapy = warehouse.frame("core.therapy").with_columns(
        therapy=pl.when(pl.col("category") != "STUDY TREATMENT").then("therapy")
    )
    injection = warehouse.frame("core.injection").with_columns(
        pl.lit(None, dtype=pl.String).alias(name) for name in ("agent", "lot")
    )
    reject = warehouse.frame("raw.reject").with_columns(value=pl.when(~_names_treatment()).then("value"))
    of_treatment = pl.col("form").is_in(TREATMENT_FORMS)
    change = warehouse.frame("raw.change").with_columns(
        *(pl.when(~_names_treatment() & ~of_treatment).then(name).alias(name) for name in ("old_value", "new_value")),
        record_key=pl.when(~of_treatment).then("record_key"),
    )
    pattern = warehouse.frame("analysis.pattern").filter(pl.col("definition") != MEDIAN_OF_ARM)
    by_arm = {name: warehouse.frame(name).filter(pl.col("group_by") != "ARM") for name in BY_ARM}
    return {
        "core.subject": subject,
        "core.therapy": therapy,
        "core.injection": injection,
        "raw.reject": reject,
        "raw.change": change,
        "analysis.pattern": pattern,
        **by_arm,
        "mart.subgroup_effect": warehouse.frame("mart.subgroup_effect").clear(),
    }


def _names_treatment() -> pl.Expr:
    """The field is an arm or a therapy; a row without field may hold either."""
    return pl.col("field").fill_null("ARM").str.contains(r"(?i)^(?:ARM|ACTARM|EX|therapy|agent|lot|INJAGENT|INJLOT)")
