"""One plain sentence per time point, with the numbers that decided."""

from __future__ import annotations

import polars as pl

from criteria.clauses import has
from criteria.declaration import Morphologic, NewLesions
from criteria.flags import Flag


def explanation(declared: Morphologic) -> pl.Expr:
    """The sentence of every row of an evaluated frame (see `criteria.timepoint`)."""
    parts = (_verdict(declared), _sum(declared), _nontargets(declared), _new_lesions(), _remark())
    return pl.concat_str(parts, separator="; ", ignore_nulls=True)


def in_units(size: pl.Expr, declared: Morphologic) -> pl.Expr:
    """A size of the engine in the criterion's unit, without the noise of binary fractions (44.3, not 44.30000...4)."""
    return (size / declared.measure.scale).round(4)


def signed(number: pl.Expr) -> pl.Expr:
    """A number with its sign, to two decimals at most."""
    rounded = number.round(2)
    return pl.when(rounded >= 0).then(pl.format("+{}", rounded)).otherwise(pl.format("{}", rounded))


def _printed(column: str, declared: Morphologic) -> pl.Expr:
    return pl.col(column).replace(dict(declared.codes))


def _verdict(declared: Morphologic) -> pl.Expr:
    printed, overall = _printed("overall_response", declared), pl.col("overall_response")
    return (
        pl.when(overall == "CPD")
        .then(pl.format("{}, confirming the progression first seen on {}", printed, pl.col("episode_date")))
        .when(has(Flag.EARLY_SCAN) & (overall == "UPD"))
        .then(pl.format("{}, scan too early to judge the progression first seen on {}", printed, "episode_date"))
        .when((overall == "UPD") & pl.col("opens"))
        .then(pl.format("{}, to be confirmed", printed))
        .when(overall == "UPD")
        .then(pl.format("{}, progression first seen on {} neither confirmed nor gone", printed, "episode_date"))
        .when(has(Flag.RESET))
        .then(pl.format("{}, the unconfirmed progression is void", printed))
        .when((overall == "NA") & has(Flag.POST_PROGRESSION))
        .then(pl.lit("after the confirmed progression, not used"))
        .otherwise(printed)
    )


def _sum(declared: Morphologic) -> pl.Expr:
    of = "targets and measured new lesions" if declared.new_lesions is NewLesions.ADDED else "targets"
    total, unit = in_units(pl.col("total"), declared), declared.measure.unit
    stated = (
        pl.when("complete")
        .then(pl.format(f"sum of {of} {{}} {unit}", "target_sum"))
        .otherwise(
            pl.format(f"{{}} of {{}} {of} assessed, their sum {{}} {unit}", "assessed", "expected", "target_sum")
        )
    )
    over_nadir = pl.format(
        f"{{}} % and {{}} {unit} from the nadir {{}} {unit} of {{}}",
        signed((total - pl.col("nadir_sum")) * 100 / pl.col("nadir_sum")),
        signed(total - pl.col("nadir_sum")),
        "nadir_sum",
        "nadir_date",
    )
    over_zero = pl.format(f"{{}} {unit} from the nadir 0 {unit} of {{}}", signed(total), "nadir_date")
    against_nadir = pl.when(pl.col("nadir") > 0).then(over_nadir).when(pl.col("nadir") == 0).then(over_zero)
    against_baseline = pl.when(pl.col("baseline") > 0).then(
        pl.format(f"{{}} % from the baseline {{}} {unit}", signed(pl.col("pct_from_baseline")), "baseline_sum")
    )
    nothing = pl.when(pl.col("expected") > 0).then(pl.lit("no target assessed"))
    return (
        pl.when(pl.col("sum_known"))
        .then(pl.concat_str([stated, against_baseline, against_nadir], separator=", ", ignore_nulls=True))
        .otherwise(nothing)
    )


def _nontargets(declared: Morphologic) -> pl.Expr:
    known = pl.col("nontarget_response") != "NA"
    return pl.when(known).then(pl.format("non-targets {}", _printed("nontarget_response", declared)))


def _new_lesions() -> pl.Expr:
    words = {
        "N": "no new lesion",
        "Y": "new lesion",
        "EQUIVOCAL": "equivocal new lesion",
        "NE": "new lesions not evaluable",
    }
    return pl.col("new_lesion").replace_strict(words, return_dtype=pl.String)


def _remark() -> pl.Expr:
    remarks = (
        (Flag.NO_BASELINE, pl.lit("no complete baseline")),
        (Flag.NOT_DONE, pl.lit("assessment not performed")),
        (Flag.PET_CONFIRMED, pl.lit("dated back to the PET that first showed it")),
        (Flag.BACKDATED, pl.lit("dated back to the first equivocal scan")),
        (Flag.LATE_CONFIRM, pl.lit("first follow-up later than the confirmation window")),
        (Flag.PARTIAL, pl.lit("the missing targets cannot change it")),
        (Flag.PARTIAL_RESPONSE_KEPT, pl.lit("partial response kept, by the sum stable disease")),
        (Flag.CLINICALLY_STABLE, pl.lit("clinically stable")),
        (Flag.CLINICALLY_UNSTABLE, pl.lit("not clinically stable")),
        (Flag.SURPLUS_TARGETS, pl.format("{} lesions read as targets count as non-targets", "surplus")),
    )
    first = ("NO_BASELINE", "NOT_DONE", "PET_CONFIRMED", "BACKDATED", "LATE_CONFIRM")
    one = pl.coalesce(pl.when(has(flag)).then(text) for flag, text in remarks if flag.name in first)
    others = (pl.when(has(flag)).then(text) for flag, text in remarks if flag.name not in first)
    return pl.concat_str([one, *others], separator="; ", ignore_nulls=True).replace("", None)
