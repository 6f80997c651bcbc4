"""One sentence per metabolic response, with the numbers behind it, and the short report (CH-2, PE-14)."""

from __future__ import annotations

import polars as pl

from criteria.explanation import signed
from criteria.metabolic.declaration import Aggregate, Metabolic
from criteria.metabolic.unconfirmed import EARLY, LATE, RESET

WEEKS = pl.col("weeks").round(0).cast(pl.Int64)


def report() -> pl.Expr:
    """Such as ``PMR -35, 9`` or ``PMD +35, 4, new 5``: category, change in percent, weeks, new lesions."""
    change = pl.col("pct_from_baseline").round(0).cast(pl.Int64)
    shown = pl.when(change > 0).then(pl.format("+{}", change)).otherwise(pl.format("{}", change))
    first = pl.concat_str(["printed", shown], separator=" ", ignore_nulls=True)
    new = pl.when(pl.col("n_new") > 0).then(pl.format("new {}", "n_new"))
    return pl.concat_str([first, WEEKS.cast(pl.String), new], separator=", ", ignore_nulls=True)


def explanation(declared: Metabolic) -> pl.Expr:
    """The sentence of every row of the evaluated scans (see `criteria.metabolic.timepoint`)."""
    parts = [_resolution() if declared.aggregate is Aggregate.RESOLVED else _change(declared)]
    if declared.anatomic:
        parts.append(pl.format("RECIST 1.1 {}", pl.col("recist").fill_null("not known")))
    else:
        parts += [_others(), _new(declared)]
    parts += [_course(), pl.col("flags")]
    what = pl.concat_str(parts, separator="; ", ignore_nulls=True)
    return pl.format("{}: {}", what, "report")


def _change(declared: Metabolic) -> pl.Expr:
    what = {
        Aggregate.HOTTEST: f"hottest lesion {declared.quantity.printed}",
        Aggregate.SUM: f"sum of {declared.quantity.printed}",
        Aggregate.WORST: f"worst lesion {declared.quantity.printed}",
    }[declared.aggregate]
    total, week = pl.col("total").round(3), pl.format(", week {}", WEEKS)
    against = pl.format(
        f"{what} {{}} is {{}} % from {{}} of {{}}",
        total,
        signed(pl.col("pct_from_baseline")),
        pl.col("baseline").round(3),
        "baseline_date",
    )
    nadir = pl.when((pl.col("nadir") < pl.col("baseline")).fill_null(False)).then(
        pl.format(" and {} % from the smallest {}", signed(pl.col("pct_from_nadir")), pl.col("nadir").round(3))
    )
    glycolysis = pl.when(pl.col("glycolysis") if declared.tlg_percent is not None else pl.lit(False)).then(
        pl.format(", TLG from {} to {} g", pl.col("tlg_baseline").round(1), pl.col("tlg_now").round(1))
    )
    known = pl.concat_str([against, nadir, glycolysis, week], ignore_nulls=True)
    return (
        pl.when(pl.col("pct_from_baseline").is_not_null())
        .then(known)
        .when(pl.col("n_targets") == 0)
        .then(pl.concat_str([pl.lit("no measurable lesion at baseline"), week], ignore_nulls=True))
        .otherwise(pl.concat_str([pl.lit(f"{what} not known"), week], ignore_nulls=True))
    )


def _resolution() -> pl.Expr:
    week = pl.format(", week {}", WEEKS)
    return pl.concat_str(
        [pl.format("{} of {} lesions of the baseline gone", "n_resolved", pl.col("n_existed").fill_null(0)), week],
        ignore_nulls=True,
    )


def _others() -> pl.Expr:
    words = {
        "PD": "another lesion progresses",
        "CR": "other lesions at background",
        "NON-CR/NON-PD": "other lesions left",
        "NE": "other lesions not evaluable",
    }
    return pl.col("nontarget_response").replace_strict(words, default=None, return_dtype=pl.String)


def _new(declared: Metabolic) -> pl.Expr:
    if declared.counts is None:
        some = pl.format("{} new lesions ({})", "n_new", "new_ids")
    else:
        rule = declared.counts
        some = pl.format(
            f"{{}} new lesions ({{}}), {{}} above {rule.middle_mm:g} mm, {{}} above {rule.large_mm:g} mm",
            "n_new",
            "new_ids",
            "n_middle",
            "n_large",
        )
    one = pl.format("new lesion {}", "new_ids")
    plain = pl.lit(declared.counts is None) & (pl.col("n_new") == 1)
    return pl.when(plain).then(one).when(pl.col("n_new") > 0).then(some).otherwise(pl.lit("no new lesion"))


def _course() -> pl.Expr:
    first = pl.col("run_date")
    return (
        pl.when(pl.col("clinical_date").is_not_null())
        .then(pl.format("the progression first seen on {} is confirmed clinically on {}", first, "clinical_date"))
        .when(pl.col("state_flag") == EARLY)
        .then(pl.format("too early to confirm the progression first seen on {}", first))
        .when(pl.col("state_flag") == LATE)
        .then(pl.format("confirms the progression first seen on {}, after the window", first))
        .when(pl.col("state_flag") == RESET)
        .then(pl.lit("the unconfirmed progression is void"))
        .when(pl.col("overall") == "CPD")
        .then(pl.format("confirms the progression first seen on {}", first))
        .when((pl.col("overall") == "UPD") & (first < pl.col("assessment_date")))
        .then(pl.format("the progression first seen on {} is neither confirmed nor gone", first))
        .when(pl.col("overall") == "UPD")
        .then(pl.lit("progression to be confirmed"))
    )
