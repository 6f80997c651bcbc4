"""Time points in order, and what each lesion is: facts that hold over a course, taken from its lesion rows."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import LocalTherapy, State

LESION = ("course", "lesion_id")
NODES = "lymph nodes"
SKIN = "(?i)skin|cutis|cutaneous"
REMOVED, TREATED = 1, 2
"""What local therapy did to a lesion: took it out, or treated it where it is (R11-FU-06)."""


def ordered_timepoints(rows: pl.DataFrame) -> pl.DataFrame:
    """Time points in date order, the date being the latest scan of each (DT-01, GEN-07)."""
    timepoints = (
        rows.group_by("course", "timepoint")
        .agg(
            pl.col("visit").drop_nulls().min(),
            pl.col("assessment_date").max(),
            first_scan=pl.col("assessment_date").min().to_physical().cast(pl.Int64),
            not_done=(pl.col("state") == State.NOT_DONE).all().cast(pl.Int64),
        )
        .sort("course", "timepoint")
        .with_columns(pl.col("assessment_date").forward_fill().over("course"))
        .sort("course", pl.col("timepoint") != 0, "assessment_date", "timepoint")
    )
    no_baseline = (pl.col("timepoint") != 0).all().over("course").cast(pl.Int32)
    return timepoints.with_columns(
        day=pl.col("assessment_date").to_physical().cast(pl.Int64),
        first_scan=pl.coalesce("first_scan", pl.col("assessment_date").to_physical().cast(pl.Int64)),
        position=pl.int_range(pl.len(), dtype=pl.Int32).over("course") + no_baseline,
    )


def lesions(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per lesion: its role and place among its like, where it first stands, what it is.

    ``measurable`` is the reader's word, null without one; ``parent`` the place of the lesion that a fragment came from.
    """
    split = (pl.col("state") == State.SPLIT) | pl.col("other_lesion_id").is_not_null()
    organ_or_nodes = pl.when("is_node").then(pl.lit(NODES)).otherwise("organ")
    found = (
        rows.lazy()
        .with_columns(split=split, organ_or_nodes=organ_or_nodes)
        .sort("course", "lesion_id", "position")
        .group_by(LESION, maintain_order=True)
        .agg(
            pl.col("role", "split", "other_lesion_id").first(),
            pl.col("organ", "organ_or_nodes", "measurable").drop_nulls().first(),
            first=pl.col("position").first(),
            treated_before=_treated_before(),
        )
        .select(
            *LESION,
            "role",
            "measurable",
            "treated_before",
            "other_lesion_id",
            pl.col("organ", "organ_or_nodes").fill_null("").rank("dense").cast(pl.Int64),
            pl.col("first").cast(pl.Int64),
            cutaneous=pl.col("organ").str.contains(SKIN).fill_null(False),
            split_off=(pl.col("first") > 0) & pl.col("split"),
            place=pl.int_range(pl.len()).over("course", "role"),
        )
        .collect()
    )
    parents = found.select("course", "role", other_lesion_id="lesion_id", parent="place")
    fragments = found.filter("split_off").join(parents, on=["course", "role", "other_lesion_id"], how="inner")
    return found.drop("other_lesion_id").join(fragments.select(*LESION, "parent"), on=LESION, how="left")


def _treated_before() -> pl.Expr:
    """Treated locally up to the baseline scan, by the reader's word or by a treatment dated before it (R11-BL-05)."""
    at_baseline = pl.col("local_therapy").is_not_null() & (pl.col("position") == 0)
    return (pl.col("prior_local_therapy").fill_null(False) | at_baseline).any()


def record_facts(rows: pl.DataFrame) -> dict[str, pl.Expr]:
    """How a record came about, as numbers: slice thickness, scans by PET and on film, local therapy, second thoughts.

    Each is all null where the study does not say it, so that nothing need be kept for it.
    """
    methods = rows["method"].drop_nulls().unique()
    by_pet = methods.filter(methods.str.contains(r"(?i)\bPET\b"))
    on_film = methods.filter(methods.str.contains(r"(?i)\bX-?RAY"))
    return {
        "by_pet": pl.when(pl.col("method").is_in(by_pet.to_list())).then(pl.lit(True)),
        "on_film": pl.when(pl.col("method").is_in(on_film.to_list())).then(pl.lit(True)),
        "therapy": pl.when(pl.col("local_therapy") == LocalTherapy.SURGERY)
        .then(pl.lit(REMOVED, pl.Int8))
        .when(pl.col("local_therapy").is_not_null())
        .then(pl.lit(TREATED, pl.Int8)),
    }
