"""Who is reclassified between two criteria, and by which rule: the same reads, another best response or date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cohorts.tables import CRITERION_SHIFT
from criteria.declaration import Judged
from criteria.metabolic.registry import METABOLIC
from criteria.plain_responses import PLAIN
from criteria.registry import CRITERIA

JUDGED: tuple[Judged, ...] = (*CRITERIA.values(), *METABOLIC.values())
UNCONFIRMED = {declared.codes["UPD"] for declared in JUDGED if "UPD" in declared.codes}
CATEGORY = PLAIN | dict.fromkeys(UNCONFIRMED, "UPD")
READ = ("study_id", "subject_id", "evaluator", "origin")
PAIR = (*READ, "criterion", "other_criterion")


def criterion_shift(
    timepoint_response: pl.DataFrame, best_response: pl.DataFrame, criteria: Sequence[str]
) -> pl.DataFrame:
    """Every subject whose best response, or date of progression, differs between two criteria for the same read.

    Frames of `analysis.timepoint_response` and `analysis.best_response`; ``criteria`` are the ids in the order of the
    study: each pair stands once, the earlier one first. Best responses are compared in plain categories (iCPD and PD
    are both progression). The rules are those of the first time point at which the categories differ, where an
    unconfirmed progression (iUPD) is not the same as one that counts (PD); where none does, those of the progression
    that only one of the criteria counts. Returns `mart.criterion_shift` in the order of its key.
    """
    order = pl.DataFrame({"criterion": criteria, "place": range(len(criteria))}, schema_overrides={"place": pl.Int32})
    best = best_response.select(
        *READ,
        "criterion",
        "best_response",
        "progression_date",
        plain=_named(PLAIN, "best_response"),
        counts="progression_timepoint",
    ).join(order, on="criterion")
    moved = _pairs(best).filter(
        pl.col("plain").ne_missing(pl.col("other_plain"))
        | pl.col("progression_date").ne_missing(pl.col("other_progression_date"))
    )
    seen = timepoint_response.select(
        *READ, "criterion", "timepoint", "overall_response", "clause", category=_named(CATEGORY, "overall_response")
    )
    first = _first_difference(moved, seen)
    days = (pl.col("other_progression_date") - pl.col("progression_date")).dt.total_days()
    return CRITERION_SHIFT.conform(
        moved.drop("plain", "other_plain", "place", "other_place", "counts", "other_counts")
        .join(first, on=PAIR, how="left")
        .with_columns(days_later=days)
    ).sort(CRITERION_SHIFT.key)


def _named(names: Mapping[str, str], column: str) -> pl.Expr:
    return pl.col(column).replace_strict(names, default=pl.col(column), return_dtype=pl.String)


def _pairs(best: pl.DataFrame) -> pl.DataFrame:
    other = best.rename({name: f"other_{name}" for name in best.columns if name not in READ})
    return best.join(other, on=READ).filter(pl.col("place") < pl.col("other_place"))


def _first_difference(pairs: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """The time point of each pair whose rules stand behind the shift, its rules and a sentence."""
    other = seen.rename({name: f"other_{name}" for name in seen.columns if name not in (*READ, "timepoint")})
    said = pl.format(
        "time point {}: {} by {} under {}, {} by {} under {}",
        "timepoint",
        "overall_response",
        "clause",
        "criterion",
        "other_overall_response",
        "other_clause",
        "other_criterion",
    )
    differs = pl.col("category").ne_missing(pl.col("other_category"))
    counted = pl.min_horizontal("counts", "other_counts") == pl.col("timepoint")
    return (
        pairs.select(*PAIR, "counts", "other_counts")
        .join(seen, on=[*READ, "criterion"])
        .join(other, on=[*READ, "other_criterion", "timepoint"])
        .filter(differs | counted.fill_null(False))
        .sort(*PAIR, ~differs, "timepoint")
        .unique(PAIR, keep="first", maintain_order=True)
        .select(*PAIR, "timepoint", "clause", "other_clause", explanation=said)
    )
