"""From rows of core.pet_lesion to lesions followed over the scans: known at baseline or new, target or other.

A record whose nature is left out counts as not there; a lesion of the baseline without a value at a later scan, be it
not evaluable or without a record, is unknown there. Nodes count as one organ (like R11-BL-03).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from criteria.metabolic.comparison import at_least
from criteria.metabolic.declaration import Metabolic, Quantity
from criteria.vocabulary import LesionStatus, ReferenceRegion, Role

KEY = ("study_id", "subject_id", "evaluator")
AT = (*KEY, "timepoint")
LESION = (*KEY, "lesion_id")
TOP5 = (5, 2)
MEASURES = ("value", "tlg_g", "tlg_method", "functional_diameter_mm", "size_mm")


@dataclass(frozen=True, slots=True)
class Followed:
    """``scans``: one row per course and scan after the baseline; ``grid``: one row per such scan and lesion.

    Grid columns: ``existed`` (known at baseline), ``target``, ``new``, ``recorded``, ``present``, ``not_evaluable``,
    ``at_background``, ``value`` (0 when gone, null when unknown) and the other measures, each also ``*_baseline``.
    """

    scans: pl.DataFrame
    grid: pl.DataFrame


def followed(
    lesions: pl.DataFrame,
    references: pl.DataFrame,
    declared: Metabolic,
    left_out: Collection[str],
) -> Followed:
    """The lesions of every course at every scan after the baseline.

    ``lesions`` and ``references`` have the columns of core.pet_lesion and core.pet_reference; records with a nature
    in ``left_out`` do not count. Scans without a date are not in the result.
    """
    lesions, references = (frame.filter(pl.col("timepoint") >= 0) for frame in (lesions, references))
    scans = _scans(lesions, references)
    regions = _regions(references)
    rows = _values(lesions, regions, declared, left_out)
    baseline = rows.filter(pl.col("timepoint") == 0)
    limits = _limits(scans, regions, declared)
    targets = _targets(baseline, limits, declared)
    members = _members(rows, targets)
    after = scans.filter(pl.col("timepoint") > 0)
    course = after.select(KEY).unique().join(limits, on=KEY, how="left")
    after = after.join(course, on=KEY, how="left").join(regions.select(*AT, "background"), on=AT, how="left")
    return Followed(after, _grid(after, members, rows, baseline, declared))


def _scans(lesions: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    columns = (*AT, "visit", "assessment_date")
    return (
        pl.concat([lesions.select(columns), references.select(columns)])
        .group_by(AT)
        .agg(pl.col("visit").drop_nulls().first(), pl.col("assessment_date").max())
        .filter(pl.col("assessment_date").is_not_null())
        .sort(*KEY, "assessment_date", "timepoint")
    )


def _regions(references: pl.DataFrame) -> pl.DataFrame:
    """Mean and standard deviation of liver and blood pool per scan; null where not usable."""
    usable = pl.col("usable").fill_null(True)

    def of(region: ReferenceRegion, column: str) -> pl.Expr:
        return pl.col(column).filter(usable & (pl.col("region") == region)).first()

    return (
        references.group_by(AT)
        .agg(
            liver_mean=of(ReferenceRegion.LIVER, "sul_mean"),
            liver_sd=of(ReferenceRegion.LIVER, "sul_sd"),
            blood_mean=of(ReferenceRegion.BLOOD_POOL, "sul_mean"),
            blood_sd=of(ReferenceRegion.BLOOD_POOL, "sul_sd"),
        )
        .with_columns(background=pl.coalesce("liver_mean", "blood_mean"))
    )


def _values(
    lesions: pl.DataFrame, regions: pl.DataFrame, declared: Metabolic, left_out: Collection[str]
) -> pl.DataFrame:
    measured = pl.col(declared.quantity.value)
    resolved = (pl.col("status") == LesionStatus.RESOLVED).fill_null(False)
    present = pl.col("status").is_null() & (measured > 0).fill_null(False)
    present |= (pl.col("status") == LesionStatus.PRESENT).fill_null(False)
    unseen = (pl.col("above_background") == pl.lit(False)).fill_null(False)
    value = pl.when(resolved).then(0.0).when(present).then(measured)
    low = (pl.col("value") < pl.col("background")).fill_null(True)
    with_liver = declared.below_liver and declared.quantity is Quantity.SUL_PEAK
    counted = ~pl.col("nature").is_in(list(left_out))
    return (
        lesions.join(regions.select(*AT, "background"), on=AT, how="left")
        .select(
            *AT,
            "lesion_id",
            "role",
            "organ",
            "nature",
            pl.col("is_node").fill_null(False),
            present=present,
            resolved=resolved,
            not_evaluable=(pl.col("status") == LesionStatus.NOT_EVALUABLE).fill_null(False),
            counted=counted.fill_null(True),
            unseen=unseen,
            value=value,
            tlg_g=pl.when(resolved).then(0.0).otherwise("tlg_g"),
            tlg_method=pl.when(~resolved).then(
                pl.concat_str("mtv_method", "tlg_basis", separator="/", ignore_nulls=True)
            ),
            functional_diameter_mm=_diameter(declared),
            size_mm=pl.when("is_node").then("short_axis_mm").otherwise("longest_diameter_mm"),
            site=_site(),
            background="background",
        )
        .with_columns(at_background=pl.col("resolved") | (pl.col("unseen") & (pl.lit(not with_liver) | low)))
    )


def _diameter(declared: Metabolic) -> pl.Expr:
    if declared.counts is not None and declared.counts.diameter == "EQUIV_SPHERE":
        return 10 * (6 * pl.col("mtv_ml") / 3.141592653589793) ** (1 / 3)
    return pl.col("functional_diameter_mm")


def _site() -> pl.Expr:
    organ = pl.col("organ").str.strip_chars().str.to_uppercase()
    organ = pl.when(organ != "").then(organ)
    return (
        pl.when(pl.col("is_node").fill_null(False))
        .then(pl.lit("LYMPH NODES"))
        .otherwise(pl.coalesce(organ, pl.format("lesion {}", "lesion_id")))
    )


def _limits(scans: pl.DataFrame, regions: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    """The least uptake of a measurable lesion of each course with a baseline (PE-2, PE-3)."""
    baseline = scans.filter(pl.col("timepoint") == 0).select(*AT, baseline_date="assessment_date")
    return (
        baseline.join(regions, on=AT, how="left")
        .with_columns(limit=limit(declared))
        .with_columns(limit_region=pl.when(pl.col("limit").is_not_null()).then(limit_region()))
        .select(*KEY, "baseline_date", "limit", "limit_region", has_baseline=pl.lit(True))
    )


def limit(declared: Metabolic) -> pl.Expr:
    """The measurability limit from the columns liver_mean, liver_sd, blood_mean and blood_sd of one scan."""
    liver, liver_sd, blood, blood_sd = (pl.col(c) for c in ("liver_mean", "liver_sd", "blood_mean", "blood_sd"))
    by_liver = 1.5 * liver + 2 * liver_sd if declared.liver_formula == "A" else 1.5 * (liver + 2 * liver_sd)
    by_blood = 2 * blood + 2 * blood_sd if declared.bloodpool_formula == "A" else 2 * blood
    return pl.coalesce(by_liver, by_blood)


def limit_region() -> pl.Expr:
    """Which region gave the limit."""
    return (
        pl.when(pl.col("liver_mean").is_not_null() & pl.col("liver_sd").is_not_null())
        .then(pl.lit(ReferenceRegion.LIVER.value))
        .when(pl.col("blood_mean").is_not_null())
        .then(pl.lit(ReferenceRegion.BLOOD_POOL.value))
    )


def _targets(baseline: pl.DataFrame, limits: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    """The targets of each course: the hottest, so many in total and an organ; where readers chose, among theirs."""
    chosen = pl.col("role") == Role.TARGET
    wanted = (
        pl.when(chosen.fill_null(False).any().over(KEY))
        .then(chosen.fill_null(False))
        .otherwise((pl.col("role") != Role.NON_TARGET).fill_null(True))
    )
    eligible = baseline.filter("counted", "present", ~pl.col("unseen"), pl.col("value").is_not_null())
    eligible = eligible.join(limits.select(*KEY, "limit"), on=KEY, how="left").with_columns(wanted=wanted)
    measurable = at_least(pl.col("value"), pl.col("limit"), declared.cmp_eps).fill_null(True)
    if declared.selection.measurable:
        eligible = eligible.filter(measurable)
    first = _ranked(eligible.filter("wanted"), declared.selection.total, declared.selection.per_organ)
    top5 = _ranked(eligible, *TOP5)
    return first.select(LESION, target=pl.lit(True)).join(
        top5.select(LESION, top5_baseline=pl.lit(True)), on=LESION, how="full", coalesce=True
    )


def _ranked(lesions: pl.DataFrame, total: int, per_organ: int) -> pl.DataFrame:
    ordered = lesions.sort(*KEY, "value", "lesion_id", descending=[False, False, False, True, False])
    in_organ = pl.int_range(pl.len()).over(*KEY, "site") < per_organ
    return ordered.filter(in_organ).filter(pl.int_range(pl.len()).over(KEY) < total)


def _members(rows: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """Lesions of a course: those known at baseline, and those that appear later without a reader's baseline role."""
    at_baseline = (pl.col("timepoint") == 0) & ~pl.col("resolved")
    by_role = pl.col("role").is_in([Role.TARGET.value, Role.NON_TARGET.value]).fill_null(False)
    return (
        rows.sort(*LESION, "timepoint")
        .group_by(LESION, maintain_order=True)
        .agg(
            pl.col("organ").drop_nulls().first(),
            pl.col("is_node").first(),
            pl.col("site").first(),
            existed=(at_baseline | by_role).any(),
            from_baseline=(at_baseline & pl.col("counted")).any(),
        )
        .join(targets, on=LESION, how="left")
        .with_columns(pl.col("target", "top5_baseline").fill_null(False))
    )


def _grid(
    scans: pl.DataFrame, members: pl.DataFrame, rows: pl.DataFrame, baseline: pl.DataFrame, declared: Metabolic
) -> pl.DataFrame:
    counted = rows.filter("counted")
    states = ("present", "resolved", "not_evaluable", "unseen", "at_background", "nature")
    now = counted.select(*AT, "lesion_id", *states, *MEASURES, recorded=pl.lit(True))
    before = counted.filter(pl.col("timepoint") == 0).select(
        *LESION, *(pl.col(name).alias(f"{name}_baseline") for name in MEASURES)
    )
    flags = ("recorded", "present", "resolved", "not_evaluable", "unseen", "at_background")
    uncertain = pl.lit(declared.count_uncertain) | (pl.col("nature") != "UNCERTAIN").fill_null(True)
    return (
        scans.select(*AT, "limit")
        .join(members, on=KEY)
        .join(now, on=[*AT, "lesion_id"], how="left")
        .join(before, on=LESION, how="left")
        .with_columns(pl.col(flags).fill_null(False))
        .with_columns(new=~pl.col("existed") & pl.col("present") & ~pl.col("unseen") & uncertain)
        .with_columns(existed=pl.col("existed") & (pl.col("from_baseline") | pl.col("recorded")))
        .filter(pl.col("existed") | pl.col("new"))
        .with_columns(unknown=_unknown())
    )


def _unknown() -> pl.Expr:
    """Whether nothing is known of a lesion of the baseline at this scan."""
    known = pl.col("resolved") | pl.col("present")
    return pl.col("existed") & ~known
