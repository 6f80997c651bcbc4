"""The worklist for injection: eligibility by size and a stated score (metabolic rule book HI-1 to HI-5).

The facts of a lesion are those of the injection candidates (morphologic rule book 7.4), to which PET adds avidity and
necrosis. It is a worklist, never a decision.
"""

from __future__ import annotations

import polars as pl

from criteria.injection_agents import DEFAULT, InjectionOptions
from criteria.injection_candidates import LARGEST_MM, SMALLEST_MM, SMALLEST_NODE_MM
from criteria.injection_tables import INJECTION_WORKLIST
from criteria.metabolic.comparison import at_least
from criteria.metabolic.lesions import limit
from criteria.metabolic.percist import PERCIST
from criteria.pattern_tables import LESION_KEY, presence
from criteria.vocabulary import ReferenceRegion

EPS = 1e-9
NECROTIC_BELOW = 0.3
POINTS = {
    "avid": (2, "FDG-avid"),
    "growing": (2, "new or growing"),
    "invasive": (1, "locally invasive"),
    "superficial": (1, "superficial"),
    "necrotic": (-2, "mostly necrotic"),
    "bleeding": (-2, "bleeding risk"),
    "large": (-1, "above 50 mm"),
}
"""What a lesion gets points for (HI-3 to HI-5)."""
FACTORS = {"growing": ("growth", 1), "invasive": ("aggressiveness", 1), "superficial": ("access", 1)}


def injection_worklist(
    candidates: pl.DataFrame,
    factors: pl.DataFrame,
    measurements: pl.DataFrame,
    pet_lesions: pl.DataFrame,
    references: pl.DataFrame,
    options: InjectionOptions = DEFAULT,
) -> pl.DataFrame:
    """Every candidate lesion with its eligibility, points and place, a frame of analysis.injection_worklist.

    ``candidates`` and ``factors`` are analysis.injection_candidate and analysis.injection_factor; ``measurements``,
    ``pet_lesions`` and ``references`` are core.measurement, core.pet_lesion and core.pet_reference.
    """
    rows = candidates.join(_facts(factors), on=LESION_KEY, how="left")
    rows = rows.join(_on_pet(pet_lesions, references), on=["study_id", "subject_id", "lesion_id"], how="left")
    rows = rows.join(_longest(measurements), on=[*LESION_KEY, "timepoint"], how="left")
    size = pl.col("size_mm")
    if options.hitit_node_axis == "LONGEST":
        size = pl.when("is_node").then("longest_mm").otherwise("size_mm")
    least = pl.when("is_node").then(SMALLEST_NODE_MM).otherwise(SMALLEST_MM)
    large_enough = size >= least - EPS if options.hitit_inclusive else size > least + EPS
    given = [
        pl.when(pl.col(fact).fill_null(False)).then(pl.lit(f"{points:+d} {words}"))
        for fact, (points, words) in POINTS.items()
    ]
    return INJECTION_WORKLIST.conform(
        rows.with_columns(size_mm=size, large=size > LARGEST_MM + EPS)
        .with_columns(
            eligible=presence(large_enough),
            caution="large",
            necrotic=pl.coalesce("necrotic", "necrotic_read"),
            score=pl.sum_horizontal(
                pl.col(fact).fill_null(False).cast(pl.Int32) * points for fact, (points, _) in POINTS.items()
            ),
            explanation=pl.concat_str(given, separator=", ", ignore_nulls=True),
            clause=pl.lit("HI-5"),
        )
        .sort(
            *LESION_KEY[:3],
            "score",
            "size_mm",
            "lesion_id",
            descending=[False] * 3 + [True, True, False],
            nulls_last=True,
        )
        .with_columns(place=pl.int_range(1, pl.len() + 1).over(LESION_KEY[:3]))
        .select(INJECTION_WORKLIST.schema.keys())
        .sort(LESION_KEY)
    )


def _facts(factors: pl.DataFrame) -> pl.DataFrame:
    """What the candidates' factors say, as true or false."""

    def contribution(factor: str) -> pl.Expr:
        return pl.col("contribution").filter(pl.col("factor") == factor).first()

    return factors.group_by(LESION_KEY).agg(
        *((contribution(factor) == points).alias(fact) for fact, (factor, points) in FACTORS.items()),
        bleeding=contribution("bleeding") < 0,
        necrotic_read=contribution("necrosis") == 0,
    )


def _on_pet(lesions: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """Avidity by the measurability limit (PE-2) and necrosis by MMVR, at the lesion's last PET scan."""
    at = ("study_id", "subject_id", "evaluator", "timepoint")

    def of(region: ReferenceRegion, column: str) -> pl.Expr:
        return pl.col(column).filter((pl.col("region") == region) & pl.col("usable").fill_null(True)).first()

    regions = references.group_by(at).agg(
        liver_mean=of(ReferenceRegion.LIVER, "sul_mean"),
        liver_sd=of(ReferenceRegion.LIVER, "sul_sd"),
        blood_mean=of(ReferenceRegion.BLOOD_POOL, "sul_mean"),
        blood_sd=of(ReferenceRegion.BLOOD_POOL, "sul_sd"),
    )
    volume = pl.when(pl.col("ct_volume_ml") > 0).then(pl.col("mtv_ml") / pl.col("ct_volume_ml"))
    return (
        lesions.sort("assessment_date", "timepoint", "evaluator")
        .group_by("study_id", "subject_id", "lesion_id", maintain_order=True)
        .last()
        .join(regions, on=at, how="left")
        .select(
            "study_id",
            "subject_id",
            "lesion_id",
            avid=at_least(pl.col("sul_peak"), limit(PERCIST), EPS),
            necrotic=volume < NECROTIC_BELOW,
        )
    )


def _longest(measurements: pl.DataFrame) -> pl.DataFrame:
    return measurements.group_by(*LESION_KEY, "timepoint").agg(longest_mm=pl.col("longest_diameter_mm").max())
