"""Each lesion at each scan by itself: responding, progressing or stable (PT-4)."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from criteria.metabolic.comparison import falls, rises
from criteria.metabolic.declaration import Aggregate, Fall, Rise
from criteria.metabolic.lesions import AT, followed
from criteria.metabolic.marker_options import MarkerOptions
from criteria.metabolic.percist import PERCIST
from criteria.metabolic.timepoint import WITH_SUSPECTS, WITHOUT_SUSPECTS

FALL, RISE = Fall(percent=30, absolute=0.8), Rise(percent=30, absolute=0.8)
DESCRIBED = ("mtv_ml", "side", "nature")


def lesion_courses(lesions: pl.DataFrame, references: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """One row per course, scan after the baseline and lesion that is known at it.

    Foci taken for irAE or infection have a row (``suspect``) and neither respond nor progress; ``new`` has them too.
    ``value`` is SULpeak, ``reference`` that of the baseline, or of the scan before with `idr_reference` PREVIOUS.
    """
    declared = replace(PERCIST, aggregate=Aggregate.HOTTEST, readings={})
    every = followed(lesions, references, declared, WITH_SUSPECTS)
    described = lesions.select(*AT, "lesion_id", *(pl.col(name).alias(f"{name}_now") for name in DESCRIBED))
    dates = every.scans.select(*AT, "assessment_date", "background")
    rows = (
        every.grid.join(dates, on=AT)
        .join(described, on=[*AT, "lesion_id"], how="left")
        .drop("nature")
        .rename({f"{name}_now": name for name in DESCRIBED})
        .sort(*AT[:3], "lesion_id", "assessment_date", "timepoint")
    )
    suspect = pl.col("nature").is_in([name for name in WITHOUT_SUSPECTS if name not in WITH_SUSPECTS]).fill_null(False)
    before = pl.col("value").shift(1).over(*AT[:3], "lesion_id")
    reference = pl.col("value_baseline")
    if options.idr_reference == "PREVIOUS":
        reference = pl.coalesce(before, reference)
    rows = rows.with_columns(suspect=suspect, reference=reference).with_columns(
        fallen=falls(pl.col("reference"), pl.col("value"), FALL, options.cmp_eps).fill_null(False)
        | (pl.col("resolved") & (pl.col("reference") > 0).fill_null(False)),
        risen=rises(pl.col("reference"), pl.col("value"), RISE, options.cmp_eps).fill_null(False),
    )
    judged = pl.col("existed") & ~pl.col("suspect")
    return rows.with_columns(
        responding=judged & pl.col("fallen"),
        progressing=~pl.col("suspect") & (pl.col("new") | (pl.col("existed") & pl.col("risen"))),
    ).with_columns(stable=judged & ~pl.col("responding") & ~pl.col("progressing") & pl.col("value").is_not_null())
