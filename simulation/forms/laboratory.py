"""LB: laboratory results."""

from __future__ import annotations

import polars as pl

from simulation.clinic import LAB_TESTS, laboratory
from simulation.forms.tables import Value, dataset, iso, study_day, with_reference
from simulation.trial import Trial

NAMES = {**{test.code: test.name for test in LAB_TESTS}, "WBC": "Leukocytes"}


def lb(trial: Trial) -> pl.DataFrame:
    """LB in standard units."""
    rows = with_reference(laboratory(trial), trial)
    numbered = trial.visit.select("subject_id", "visit", "visit_number", "planned_day")
    rows = rows.join(numbered, on=["subject_id", "visit"], how="left", maintain_order="left")
    cells = pl.col("test").is_in(["NEUT", "LYM", "PLAT", "WBC"])
    columns: dict[str, Value] = {
        "LBTESTCD": pl.col("test"),
        "LBTEST": pl.col("test").replace_strict(NAMES),
        "LBCAT": pl.when(cells).then(pl.lit("HEMATOLOGY")).otherwise(pl.lit("CHEMISTRY")),
        "LBORRES": pl.col("value_received"),
        "LBORRESU": pl.col("unit_received"),
        "LBSTRESC": pl.col("value").cast(pl.String),
        "LBSTRESN": pl.col("value"),
        "LBSTRESU": pl.col("unit"),
        "LBSTNRLO": pl.col("lower_limit"),
        "LBSTNRHI": pl.col("upper_limit"),
        "LBSTAT": pl.lit(None, pl.String),
        "VISITNUM": pl.col("visit_number"),
        "VISIT": pl.col("visit"),
        "VISITDY": pl.col("planned_day"),
        "LBDTC": iso("collection_date"),
        "LBDY": study_day("collection_date"),
    }
    return dataset(trial, "LB", rows, columns, ("visit_number", "test"))
