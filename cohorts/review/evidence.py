"""What each reader recorded of the lesions at a time point, in words: the evidence behind a discordance."""

from __future__ import annotations

import polars as pl

from cohorts.review.readers import SUBJECT
from criteria.vocabulary import Role, State

POINT = (*SUBJECT, "evaluator", "timepoint")
SEEN = {"seen_targets": Role.TARGET, "seen_nontargets": Role.NON_TARGET, "seen_new": Role.NEW}
UNREAD = (State.NOT_EVALUABLE.value, State.NOT_DONE.value)
BY_CAUSE = {
    "NEW LESION CALL": ("new lesions", "seen_new"),
    "NON-TARGET CALL": ("non-targets", "seen_nontargets"),
    "OTHER LESION CHOSEN": ("targets", "seen_targets"),
    "MEASUREMENT ACROSS A THRESHOLD": ("targets", "seen_targets"),
    "NOT EVALUABLE": ("not evaluable", "unread"),
}
COLUMNS = (*SEEN, "unread")


def lesions_seen(measurements: pl.DataFrame) -> pl.DataFrame:
    """Per subject, evaluator and time point the lesions of each role with their sizes or states, as texts.

    ``measurements`` is core.measurement. Columns `COLUMNS`; null where there is no such lesion.
    """
    node = pl.col("is_node").fill_null(False)
    length = pl.when(node).then("short_axis_mm").otherwise("longest_diameter_mm")
    area = pl.format("{} x {} mm", "longest_diameter_mm", "perpendicular_mm")
    size = pl.coalesce(pl.when(~node).then(area), pl.format("{} mm", length))
    state = pl.col("state").str.to_lowercase().str.replace_all("_", " ")
    said = (
        pl.when(pl.col("state") == State.MEASURED)
        .then(pl.coalesce(size, state))
        .otherwise(pl.coalesce(pl.format("{} ({})", state, size), state))
    )
    grown = pl.when(pl.col("change_from_previous") == "INCREASED").then(pl.lit("increased"))
    text = pl.concat_str("lesion_id", "organ", said, grown, separator=" ", ignore_nulls=True)
    rows = measurements.with_columns(text=text).sort(*POINT, "lesion_id")

    def joined(which: pl.Expr) -> pl.Expr:
        found = pl.col("text").filter(which)
        return pl.when(found.len() > 0).then(found.str.join(", "))

    return rows.group_by(POINT, maintain_order=True).agg(
        *(joined(pl.col("role") == role).alias(name) for name, role in SEEN.items()),
        joined(pl.col("state").is_in(UNREAD)).alias("unread"),
    )


def evidence() -> pl.Expr:
    """What both readers saw of the lesions that the cause speaks of, with the sums of the targets."""

    def side(prefix: str, column: str) -> pl.Expr:
        lesions = pl.col(f"{prefix}{column}").fill_null("none")
        if column != "seen_targets":
            return pl.format("{} {}", pl.col(f"{prefix}evaluator"), lesions)
        sums = pl.format(
            "sum {}, nadir {}", *(pl.col(f"{prefix}{name}").round(1) for name in ("target_sum", "nadir_sum"))
        )
        return pl.concat_str(
            pl.format("{} {}", pl.col(f"{prefix}evaluator"), lesions),
            pl.format(" ({})", sums),
            ignore_nulls=True,
        )

    told = [
        pl.when(pl.col("cause") == cause).then(
            pl.format(f"{what}: {{}}; {{}}", side("", column), side("other_", column))
        )
        for cause, (what, column) in BY_CAUSE.items()
    ]
    dates = pl.when(pl.col("cause") == "DATE RULE").then(
        pl.format(
            "dates: {} {}; {} {}",
            "evaluator",
            pl.coalesce("progression_date", "assessment_date").cast(pl.String).fill_null("none"),
            "other_evaluator",
            pl.coalesce("other_progression_date", "other_assessment_date").cast(pl.String).fill_null("none"),
        )
    )
    return pl.when(pl.col("timepoint").is_not_null()).then(pl.coalesce(*told, dates))
