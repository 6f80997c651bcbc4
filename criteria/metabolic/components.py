"""Target, other and new lesions of every scan (metabolic rule book 5.1 to 5.6), one row per course and scan."""

from __future__ import annotations

import polars as pl

from criteria.metabolic.comparison import above, at_least, falls, percent, rises
from criteria.metabolic.declaration import Aggregate, CountRule, Fall, FollowUp, Metabolic, NewLesions
from criteria.metabolic.lesions import AT, KEY, TOP5, Followed

FIRST_CYCLES = "cycles_before"


def components(followed: Followed, cycles: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    """Aggregate, changes and the categories of the parts, for every scan after the baseline.

    ``cycles`` has study_id, subject_id, timepoint and cycles_before. Categories are the engine's names.
    """
    grid = _chosen(followed.grid, declared).with_columns(**_of_lesion(declared))
    parts = grid.group_by(AT).agg(_aggregates(declared))
    scans = (
        followed.scans.join(parts, on=AT, how="left")
        .join(cycles, on=["study_id", "subject_id", "timepoint"], how="left")
        .with_columns(pl.col("has_baseline").fill_null(False))
        .sort(*KEY, "assessment_date", "timepoint")
        .with_columns(pl.col("n_new", "n_targets", "n_others", "n_middle", "n_large", "n_resolved").fill_null(0))
        .with_columns(pl.col("unknown_target", "unknown_new").fill_null(False))
    )
    scans = _with_nadir(scans, declared)
    if declared.aggregate is Aggregate.WORST:
        targets = _worst(grid, scans, declared)
        without = [pl.lit(None, pl.Float64).alias(name) for name in ("nadir", "pct_from_nadir", "abs_from_nadir")]
        scans = scans.drop("total", "baseline").join(targets, on=AT, how="left").with_columns(without)
    elif declared.aggregate is Aggregate.RESOLVED:
        scans = scans.with_columns(target_response=_by_resolution(), target_clause=pl.lit(None, pl.String))
    else:
        scans = scans.with_columns(**_target(declared)).with_columns(**_target_category(declared))
    return scans.with_columns(
        pct_from_baseline=percent(pl.col("baseline"), pl.col("total")),
        nontarget_response=_others(declared),
        new_lesion=_new(declared),
    ).with_columns(pl.col("target_response").fill_null("NA"))


def _chosen(grid: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    """Marks the lesions of each scan that its aggregate is made of, and the five hottest (PE-9)."""
    known, existed, new = pl.col("value").is_not_null(), pl.col("existed"), pl.col("new")
    if declared.new_needs_measurable:
        new &= at_least(pl.col("value"), pl.col("limit"), declared.cmp_eps).fill_null(True)
    candidates = {
        FollowUp.TARGETS: pl.col("target"),
        FollowUp.TARGETS_PLUS_NEW_TOP5: pl.col("target") | new,
        FollowUp.ANY_LESION_TOP5: existed | new,
        FollowUp.BASELINE_TARGETS_PLUS_ALL_NEW: pl.col("target") | new,
    }[declared.follow_up]
    capped = declared.follow_up in (FollowUp.TARGETS_PLUS_NEW_TOP5, FollowUp.ANY_LESION_TOP5)
    marked = grid.with_columns(candidate=candidates & known, known=existed & known).sort(
        *AT, "value", "lesion_id", descending=[False] * 4 + [True, False], nulls_last=True
    )
    in_sum = (
        _top("candidate", declared.selection.total, declared.selection.per_organ) if capped else pl.col("candidate")
    )
    return marked.with_columns(in_sum=in_sum, top5=_top("known", *TOP5))


def _top(among: str, total: int, per_organ: int) -> pl.Expr:
    """The first of the ordered lesions ``among``, so many a scan and an organ of it."""
    in_organ = pl.col(among) & (pl.col(among).cum_sum().over(*AT, "site") <= per_organ)
    return in_organ & (in_organ.cast(pl.Int32).cum_sum().over(AT) <= total)


def _of_lesion(declared: Metabolic) -> dict[str, pl.Expr]:
    """What each lesion does by itself, against its own baseline."""
    eps, value, before = declared.cmp_eps, pl.col("value"), pl.col("value_baseline")
    other = pl.col("existed") & ~pl.col("target")
    size, size_before = pl.col("size_mm"), pl.col("size_mm_baseline")
    width, width_before = pl.col("functional_diameter_mm"), pl.col("functional_diameter_mm_baseline")
    never = pl.lit(False)
    progresses, blocks = never, never
    if declared.others is not None:
        rule = declared.others
        grows = at_least(percent(size_before, size), rule.growth_percent, eps)
        grows &= at_least(size - size_before, rule.growth_mm, eps)
        progresses = rises(before, value, rule.rise, eps).fill_null(False) | grows.fill_null(False)
        if declared.tlg_percent is not None:
            glycolysis = above(percent(pl.col("tlg_g_baseline"), pl.col("tlg_g")), declared.tlg_percent, eps)
            glycolysis &= _same_method() & at_least(percent(before, value), 0.0, eps)
            progresses |= glycolysis.fill_null(False)
        changes = ((before, value), (size_before, size), (width_before, width))
        blocks = pl.any_horizontal(
            above(percent(a, b), rule.blocks_response_percent, eps).fill_null(False) for a, b in changes
        )
    extends = never
    if declared.extent_percent is not None:
        extends = above(percent(width_before, width), declared.extent_percent, eps)
        extends &= at_least(width - width_before, declared.extent_min_mm, eps)
        extends = pl.col("target") & extends.fill_null(False)
    return {
        "other": other,
        "progresses": other & progresses,
        "blocks": other & blocks,
        "extends": extends,
    }


def _same_method() -> pl.Expr:
    now, before = pl.col("tlg_method"), pl.col("tlg_method_baseline")
    return (now == before) | now.is_null() | before.is_null()


def _aggregates(declared: Metabolic) -> list[pl.Expr]:
    value, target, existed, new = (pl.col(name) for name in ("value", "target", "existed", "new"))
    hottest = declared.aggregate is Aggregate.HOTTEST
    counted = (existed & value.is_not_null()) if hottest else pl.col("in_sum")
    total = value.filter(counted)
    lost = target & value.is_null()
    if hottest:
        lost |= existed & pl.col("not_evaluable")
    hottest_value = value.filter(existed & value.is_not_null()).max()
    active_hottest = (existed & ~pl.col("at_background") & (value >= hottest_value)).fill_null(False).any()
    used = pl.col("lesion_id").filter(counted & (value == value.filter(counted).max() if hottest else counted))
    rule = declared.counts or CountRule()
    width = pl.col("functional_diameter_mm").filter(new)
    eps = declared.cmp_eps
    is_middle = at_least(width, rule.middle_mm, eps) if rule.middle_inclusive else above(width, rule.middle_mm, eps)
    is_large = above(width, rule.large_mm, eps)
    scope = (target, target) if declared.tlg_scope == "TARGET" else (pl.col("top5"), pl.col("top5_baseline"))
    return [
        total.max().alias("total") if hottest else pl.when(counted.any()).then(total.sum()).alias("total"),
        pl.when(target.any()).then(pl.col("value_baseline").filter(target).sum()).alias("baseline"),
        used.sort().str.join(", ").alias("lesions"),
        target.sum().alias("n_targets"),
        pl.col("other").sum().alias("n_others"),
        lost.any().alias("unknown_target"),
        (new & value.is_null()).any().alias("unknown_new"),
        (pl.col("at_background").filter(target).all() & ~(pl.lit(hottest) & active_hottest)).alias("target_background"),
        pl.col("at_background").filter("other").all().alias("others_background"),
        pl.col("unknown").filter("other").any().alias("others_unknown"),
        pl.col("progresses").any().alias("others_progress"),
        pl.col("blocks").any().alias("others_block"),
        pl.col("extends").any().alias("target_extends"),
        new.sum().alias("n_new"),
        pl.col("lesion_id").filter(new).sort().str.join(", ").alias("new_ids"),
        pl.coalesce("organ", "site").filter(new).str.to_uppercase().n_unique().alias("n_new_sites"),
        (new & ~_non_visceral()).any().alias("new_visceral"),
        is_middle.fill_null(False).sum().alias("n_middle"),
        is_large.fill_null(False).sum().alias("n_large"),
        existed.sum().alias("n_existed"),
        (existed & pl.col("resolved")).sum().alias("n_resolved"),
        (existed & pl.col("unknown")).sum().alias("n_unknown"),
        *_glycolysis(*scope),
    ]


def _glycolysis(now: pl.Expr, before: pl.Expr) -> tuple[pl.Expr, ...]:
    """Total lesion glycolysis of the scope at both scans, null unless every lesion has it by one method (3.8)."""
    at, then = pl.col("tlg_g").filter(now), pl.col("tlg_g_baseline").filter(before)
    same = (_same_method() | ~(now | before)).all()
    complete = now.any() & before.any() & (at.null_count() == 0) & (then.null_count() == 0) & same
    return (
        pl.when(complete).then(at.sum()).alias("tlg_now"),
        pl.when(complete).then(then.sum()).alias("tlg_baseline"),
    )


def _non_visceral() -> pl.Expr:
    return pl.col("is_node") | non_visceral(pl.col("organ"))


def non_visceral(organ: pl.Expr) -> pl.Expr:
    """Whether a site is none of the viscera: skin, soft tissue, muscle, bone, lymph node (PE-13)."""
    return organ.str.contains("(?i)skin|cutis|cutan|soft tissue|muscle|bone|osseous|skelet|lymph|node").fill_null(False)


def _with_nadir(scans: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    """Smallest complete aggregate before each scan, the baseline included, with its date (GEN-04)."""
    unknown = pl.col("unknown_target")
    if declared.new_lesions is NewLesions.ADDED:
        unknown |= pl.col("unknown_new")
    complete = pl.when(~unknown).then("total")
    earlier = complete.shift(1).cum_min().forward_fill().over(KEY)
    scans = scans.with_columns(nadir=pl.min_horizontal("baseline", earlier))
    reference = "baseline" if declared.reference == "BASELINE" else "nadir"
    return scans.with_columns(
        reference=reference,
        pct_from_nadir=percent(pl.col("nadir"), pl.col("total")),
        abs_from_nadir=pl.col("total") - pl.col("nadir"),
    )


def _fall(declared: Metabolic, baseline: pl.Expr, total: pl.Expr) -> pl.Expr:
    """Whether the fall is a partial response, by the cycles before the scan where these matter (EO-5)."""
    partial = declared.partial or Fall(percent=100.0)
    fallen = falls(baseline, total, partial, declared.cmp_eps)
    if declared.first_cycle is None:
        return fallen
    early = (pl.col(FIRST_CYCLES) <= declared.first_cycle.cycles).fill_null(False)
    after_one = falls(baseline, total, declared.first_cycle.fall, declared.cmp_eps)
    return pl.when(early).then(after_one).otherwise(fallen)


def _target(declared: Metabolic) -> dict[str, pl.Expr]:
    """Whether the targets progress, by the quantity or by their extent, and whether they respond."""
    eps, never = declared.cmp_eps, pl.lit(False)
    up = (
        never
        if declared.progression is None
        else rises(pl.col("reference"), pl.col("total"), declared.progression, eps)
    )
    glycolysis = never
    if declared.tlg_percent is not None:
        glycolysis = above(percent(pl.col("tlg_baseline"), pl.col("tlg_now")), declared.tlg_percent, eps)
        glycolysis &= at_least(percent(pl.col("baseline"), pl.col("total")), 0.0, eps)
    fallen = _fall(declared, pl.col("baseline"), pl.col("total"))
    if declared.others is not None:
        fallen &= ~pl.col("others_block").fill_null(False)
    return {
        "up": up.fill_null(False),
        "extent": pl.col("target_extends").fill_null(False),
        "glycolysis": glycolysis.fill_null(False),
        "fallen": fallen.fill_null(False),
    }


def _target_category(declared: Metabolic) -> dict[str, pl.Expr]:
    gone = pl.col("target_background").fill_null(False)
    lost = pl.col("unknown_target") | pl.col("total").is_null() | pl.col("baseline").is_null()
    if declared.new_lesions is NewLesions.ADDED:
        gone &= pl.col("n_new") == 0
        lost |= pl.col("unknown_new")
    has_targets = pl.col("n_targets") > 0
    progresses = pl.col("up") | pl.col("extent") | pl.col("glycolysis")
    category = (
        pl.when(~has_targets)
        .then(pl.lit("NA"))
        .when(progresses)
        .then(pl.lit("PD"))
        .when(lost)
        .then(pl.lit("NE"))
        .when(gone)
        .then(pl.lit("CR"))
        .when("fallen")
        .then(pl.lit("PR"))
        .otherwise(pl.lit("SD"))
    )
    return {
        "target_response": category,
        "target_clause": pl.when(~pl.col("up") & pl.col("glycolysis")).then(pl.lit("PE-9")),
    }


def _worst(grid: pl.DataFrame, scans: pl.DataFrame, declared: Metabolic) -> pl.DataFrame:
    """Each target judged by itself against its own baseline; the worst category and the largest change (EO-3)."""
    cycles = scans.select(*AT, FIRST_CYCLES)
    each = (
        grid.filter("target")
        .join(cycles, on=AT)
        .sort(*AT, "lesion_id")
        .with_columns(total="value", baseline="value_baseline", reference="value_baseline")
    )
    if declared.reference == "NADIR":
        each = _lesion_nadir(each, scans)
    rise = declared.progression
    up = rises(pl.col("reference"), pl.col("total"), rise, declared.cmp_eps) if rise else pl.lit(False)
    fallen = _fall(declared, pl.col("baseline"), pl.col("total"))
    category = (
        pl.when(up.fill_null(False) | pl.col("extends"))
        .then(4)
        .when(pl.col("value").is_null())
        .then(3)
        .when("at_background")
        .then(0)
        .when(fallen.fill_null(False))
        .then(1)
        .otherwise(2)
    )
    change = percent(pl.col("baseline"), pl.col("total"))
    each = each.with_columns(rank=category, change=change)
    worst = each.sort(*AT, "rank", "change", "lesion_id", descending=[False] * 4 + [True, True, False], nulls_last=True)
    names = dict(enumerate(("CR", "PR", "SD", "NE", "PD")))
    return worst.group_by(AT, maintain_order=True).agg(
        pl.col("total").first(),
        pl.col("baseline").first(),
        target_response=pl.col("rank").first().replace_strict(names, return_dtype=pl.String),
        target_clause=pl.lit(None, pl.String),
    )


def _lesion_nadir(each: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    order = scans.select(*AT, position=pl.int_range(pl.len()).over(KEY))
    lesion = [*KEY, "lesion_id"]
    return (
        each.join(order, on=AT)
        .sort(*lesion, "position")
        .with_columns(
            reference=pl.min_horizontal(
                "value_baseline", pl.col("value").shift(1).cum_min().forward_fill().over(lesion)
            )
        )
        .drop("position")
    )


def _by_resolution() -> pl.Expr:
    """CR: all lesions of the baseline are gone; PR: some are; unknown ones leave it open unless some are gone."""
    some, unknown = pl.col("n_resolved") > 0, pl.col("n_unknown") > 0
    return (
        pl.when(pl.col("n_existed").fill_null(0) == 0)
        .then(pl.lit("NA"))
        .when(pl.col("n_resolved") == pl.col("n_existed"))
        .then(pl.lit("CR"))
        .when(some)
        .then(pl.lit("PR"))
        .when(unknown)
        .then(pl.lit("NE"))
        .otherwise(pl.lit("SD"))
    )


def _others(declared: Metabolic) -> pl.Expr:
    if declared.aggregate is Aggregate.RESOLVED:
        return pl.lit("NA")
    return (
        pl.when(pl.col("n_others") == 0)
        .then(pl.lit("NA"))
        .when("others_progress")
        .then(pl.lit("PD"))
        .when("others_background")
        .then(pl.lit("CR"))
        .when("others_unknown")
        .then(pl.lit("NE"))
        .otherwise(pl.lit("NON-CR/NON-PD"))
    )


def _new(declared: Metabolic) -> pl.Expr:
    some = pl.col("n_new") > 0
    found = pl.when(some).then(pl.lit("Y")).otherwise(pl.lit("N"))
    rule = declared.counts
    if rule is None:
        return found
    total, middle, large = pl.col("n_new"), pl.col("n_middle"), pl.col("n_large")
    if rule.binning == "EXCLUSIVE":
        total, middle = total - middle, middle - large
    many = (total >= rule.any_size) | (middle >= rule.middle) | (large >= rule.large)
    return pl.when(many).then(pl.lit("WORSE")).otherwise(found)
