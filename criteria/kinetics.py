"""Tumour kinetics: growth of the targets before and under treatment (KIN-01 to KIN-08)."""

from __future__ import annotations

import math

import polars as pl

from criteria.explanation import signed
from criteria.lesion_sizes import READ_KEY, lesion_sizes
from criteria.pattern_options import DEFAULT, PatternOptions
from criteria.pattern_tables import TUMOUR_KINETICS
from criteria.reads import HUNDREDTHS
from criteria.vocabulary import Role, State

DAYS_PER_MONTH = 30.4375
REFERENCE, EXPERIMENTAL = "REFERENCE", "EXPERIMENTAL"
ENDS = ("from_timepoint", "to_timepoint")


def tumour_kinetics(
    measurements: pl.DataFrame, subjects: pl.DataFrame, options: PatternOptions = DEFAULT
) -> pl.DataFrame:
    """Growth of the targets from the last scan before the baseline, and to the first one after it (KIN-06).

    ``measurements`` has the columns of core.measurement (lengths in mm, negative time points before the baseline),
    ``subjects`` is core.subject: scans on or after new anticancer therapy are no scans on treatment. A frame of
    analysis.tumour_kinetics with two rows per subject and evaluator; rates that cannot be had are null, with a reason.
    """
    sized = lesion_sizes(measurements)
    pairs = _periods(_scans(sized, subjects), options)
    sums = measured_at_both(sized, pairs.select(*READ_KEY, *ENDS), options.tgr_node_axis)
    frame = pairs.join(sums, on=[*READ_KEY, *ENDS], how="left").with_columns(
        reason=pl.coalesce("reason", pl.when(pl.col("lesions").is_null()).then(pl.lit("no target measured at both")))
    )
    return TUMOUR_KINETICS.conform(_rates(frame, options).sort(*READ_KEY, "period"))


def measured_at_both(sized: pl.DataFrame, pairs: pl.DataFrame, node_axis: str) -> pl.DataFrame:
    """Sums of the targets that are measured at both time points of each pair (KIN-02).

    ``sized`` comes from `criteria.lesion_sizes`; ``pairs`` has the keys of a course, ``from_timepoint`` and
    ``to_timepoint``. Nodes count by their short axis (``node_axis`` sa) or by the longest diameter where both ends
    have one (ld). A merged lesion and its partner, a lesion and its fragments count as one. The pairs with a target
    at both ends, with ``lesions``, ``from_sum`` and ``to_sum`` (hundredths of a millimetre).
    """
    targets = sized.filter(pl.col("role") == Role.TARGET).select(
        *READ_KEY, "timepoint", "lesion_id", "other_lesion_id", "state", "is_node", "longest", "short"
    )
    pairs = pairs.drop_nulls().unique()
    at_end = pairs.join(targets, left_on=[*READ_KEY, "to_timepoint"], right_on=[*READ_KEY, "timepoint"])
    joined = pl.col("state").is_in([State.MERGED.value, State.SPLIT.value])
    at_end = at_end.with_columns(
        whole=pl.when(joined).then(pl.coalesce("other_lesion_id", "lesion_id")).otherwise("lesion_id")
    )
    whole = [*READ_KEY, *ENDS, "whole"]
    parts = pl.concat(
        [
            at_end.filter(pl.col("state") != State.SPLIT).select(*whole, "lesion_id"),
            at_end.select(*whole, lesion_id="whole"),
        ]
    ).unique()
    at_start = parts.join(
        targets,
        left_on=[*READ_KEY, "from_timepoint", "lesion_id"],
        right_on=[*READ_KEY, "timepoint", "lesion_id"],
        how="left",
    )
    ends = _whole(at_start, whole, "from").join(_whole(at_end, whole, "to"), on=whole)
    longest = pl.col("from_longest").is_not_null() & pl.col("to_longest").is_not_null()
    by_longest = pl.lit(node_axis == "ld") & longest
    axis = pl.when("is_node").then(pl.when(by_longest).then(pl.lit("longest")).otherwise(pl.lit("short")))
    ends = ends.with_columns(axis=axis.otherwise(pl.lit("longest"))).select(
        *whole,
        *(
            pl.when(pl.col("axis") == "short").then(f"{end}_short").otherwise(f"{end}_longest").alias(f"{end}_size")
            for end in ("from", "to")
        ),
    )
    return (
        ends.drop_nulls()
        .group_by(*READ_KEY, *ENDS)
        .agg(
            lesions=pl.len().cast(pl.Int32),
            from_sum=pl.col("from_size").sum(),
            to_sum=pl.col("to_size").sum(),
        )
    )


def _whole(parts: pl.DataFrame, whole: list[str], end: str) -> pl.DataFrame:
    """Lengths of each whole, null where one of its parts has none."""
    there = (pl.col("lesion_id") == pl.col("whole")).any() | (pl.col("state") == State.SPLIT).any()
    known = [
        pl.when((pl.col(axis).null_count() == 0) & there).then(pl.col(axis).sum()).alias(f"{end}_{axis}")
        for axis in ("longest", "short")
    ]
    is_node = [pl.col("is_node").any().alias("is_node")] if end == "to" else []
    return parts.group_by(whole).agg(*known, *is_node)


def _scans(sized: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """Time points at which something was imaged, dated by the last scan of the targets."""
    done = sized.filter((pl.col("state") != State.NOT_DONE) & pl.col("assessment_date").is_not_null())
    therapy = subjects.select("study_id", "subject_id", "new_therapy_date")
    date = pl.col("assessment_date")
    return (
        done.group_by(*READ_KEY, "timepoint")
        .agg(date=pl.coalesce(date.filter(pl.col("role") == Role.TARGET).max(), date.max()))
        .join(therapy, on=["study_id", "subject_id"], how="left")
        .filter((pl.col("timepoint") <= 0) | (pl.col("date") < pl.col("new_therapy_date")).fill_null(True))
    )


def _periods(scans: pl.DataFrame, options: PatternOptions) -> pl.DataFrame:
    """Both periods of every course: their ends, or the reason why there is none (KIN-06)."""
    courses = scans.select(READ_KEY).unique()
    baseline = scans.filter(pl.col("timepoint") == 0).select(
        *READ_KEY, baseline_timepoint="timepoint", baseline_date="date"
    )
    courses = courses.join(baseline, on=READ_KEY, how="left")
    scans = scans.join(baseline, on=READ_KEY).with_columns(
        gap=(pl.col("date") - pl.col("baseline_date")).dt.total_days()
    )
    before = scans.filter(pl.col("timepoint") < 0).with_columns(gap=-pl.col("gap"))
    apart = before.filter(_within("gap", options.ref_gap_min, options.ref_gap_max))
    earlier = apart.sort("date", "timepoint").group_by(READ_KEY).agg(pl.col("timepoint", "date").last())
    later = (
        scans.filter((pl.col("timepoint") > 0) & (pl.col("gap") > 0))
        .sort("date", "timepoint")
        .group_by(READ_KEY)
        .agg(pl.col("timepoint", "date").first())
    )
    no_baseline = pl.when(pl.col("baseline_date").is_null()).then(pl.lit("no baseline scan"))
    missing = pl.col("timepoint").is_null()
    reference = (
        courses.join(earlier, on=READ_KEY, how="left")
        .join(before.select(READ_KEY).unique().with_columns(any_before=pl.lit(True)), on=READ_KEY, how="left")
        .select(
            *READ_KEY,
            period=pl.lit(REFERENCE),
            from_timepoint="timepoint",
            to_timepoint="baseline_timepoint",
            from_date="date",
            to_date="baseline_date",
            reason=pl.coalesce(
                no_baseline,
                pl.when(missing & pl.col("any_before")).then(pl.lit(f"no scan {_limits(options)} before the baseline")),
                pl.when(missing).then(pl.lit("no scan before the baseline")),
            ),
        )
    )
    longest = options.exp_max_days
    gap = (pl.col("date") - pl.col("baseline_date")).dt.total_days()
    too_late = (gap > longest) if longest is not None else pl.lit(False)
    experimental = courses.join(later, on=READ_KEY, how="left").select(
        *READ_KEY,
        period=pl.lit(EXPERIMENTAL),
        from_timepoint="baseline_timepoint",
        to_timepoint="timepoint",
        from_date="baseline_date",
        to_date="date",
        reason=pl.coalesce(
            no_baseline,
            pl.when(missing).then(pl.lit("no scan on treatment")),
            pl.when(too_late).then(pl.lit(f"first scan later than {longest} d after the baseline")),
        ),
    )
    return pl.concat([reference, experimental])


def _within(gap: str, least: int, most: int | None) -> pl.Expr:
    enough = pl.col(gap) >= max(least, 1)
    return enough if most is None else enough & (pl.col(gap) <= most)


def _limits(options: PatternOptions) -> str:
    least, most = options.ref_gap_min, options.ref_gap_max
    return f"at least {least} d" if most is None else f"{least} to {most} d"


def _rates(frame: pl.DataFrame, options: PatternOptions) -> pl.DataFrame:
    usable = pl.col("reason").is_null()
    sums = [pl.when(usable).then(pl.col(f"{end}_sum")).alias(f"{end}_sum") for end in ("from", "to")]
    frame = frame.with_columns(*sums, days=(pl.col("to_date") - pl.col("from_date")).dt.total_days())
    floor = 0 if options.tgr_floor_mm is None else round(options.tgr_floor_mm * HUNDREDTHS)
    start, end = (pl.max_horizontal(pl.col(f"{end}_sum"), pl.lit(floor)) for end in ("from", "to"))
    rise, months = (pl.col("to_sum") - pl.col("from_sum")) / HUNDREDTHS, pl.col("days") / DAYS_PER_MONTH
    vanished = usable & ((start == 0) | (end == 0))
    growth = 3 * (end / start).log(math.e) / months
    return (
        frame.with_columns(
            months=months,
            from_sum_mm=pl.col("from_sum") / HUNDREDTHS,
            to_sum_mm=pl.col("to_sum") / HUNDREDTHS,
            tumour_growth=pl.when(usable & ~vanished).then(growth),
            tumour_growth_kinetics=rise / pl.col("days"),
            pace_percent=pl.when(pl.col("from_sum") > 0).then(100 * rise / (pl.col("from_sum") / HUNDREDTHS) / months),
            pace_mm=rise / months,
            clause=pl.when(~usable).then(pl.lit("KIN-06")).when(vanished).then(pl.lit("KIN-04")),
            reason=pl.coalesce("reason", pl.when(vanished).then(pl.lit("a sum of 0 mm has no growth rate"))),
        )
        .with_columns(
            tumour_growth_rate=100 * (pl.col("tumour_growth").exp() - 1),
            clause=pl.when(pl.col("reason") == "no target measured at both")
            .then(pl.lit("KIN-02"))
            .otherwise(pl.col("clause").fill_null("KIN-05")),
        )
        .with_columns(explanation=_explanation())
        .drop("from_sum", "to_sum")
    )


def _explanation() -> pl.Expr:
    sums = pl.format(
        "{} targets, {} mm on {} and {} mm on {}", "lesions", "from_sum_mm", "from_date", "to_sum_mm", "to_date"
    )
    rate = pl.format(
        "TGR {} % a month, TGK {} mm a day",
        signed(pl.col("tumour_growth_rate")),
        signed(pl.col("tumour_growth_kinetics")),
    )
    why = pl.format("growth rate not evaluable: {}", "reason")
    return pl.concat_str([sums, rate, why], separator="; ", ignore_nulls=True)
