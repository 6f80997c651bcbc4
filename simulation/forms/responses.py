"""RS: responses as the readers recorded them."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import Component
from simulation.forms.tables import Value, dataset, evaluator_columns, iso, study_day, with_reference
from simulation.trial import Trial

TESTS = {
    "TRGRESP": "Target Response",
    "NTRGRESP": "Non-target Response",
    "NEWLIND": "New Lesion Indicator",
    "NEWLPROG": "New Lesion Progression",
    "OVRLRESP": "Overall Response",
}
CODES = {
    Component.TARGET.value: "TRGRESP",
    Component.NON_TARGET.value: "NTRGRESP",
    Component.NEW_LESION.value: "NEWLIND",
    Component.OVERALL.value: "OVRLRESP",
}


def rs(trial: Trial) -> pl.DataFrame:
    """RS: one row a component; an equivocal new lesion is N in NEWLIND and EQUIVOCAL in NEWLPROG."""
    rows = trial.response.with_columns(test=pl.col("component").replace_strict(CODES))
    doubtful = (pl.col("test") == "NEWLIND") & (pl.col("response") == "EQUIVOCAL")
    more = rows.filter(doubtful).with_columns(test=pl.lit("NEWLPROG"))
    rows = pl.concat([rows.with_columns(response=pl.when(doubtful).then(pl.lit("N")).otherwise("response")), more])
    readers = pl.DataFrame(
        [(reader.name, reader.role) for reader in trial.readers.values()],
        schema={"evaluator": pl.String, "reader_role": pl.String},
        orient="row",
    )
    marks = trial.accepted.select("subject_id", "evaluator", _accepted=True)
    numbered = trial.visit.select("subject_id", "timepoint", "visit_number", "planned_day")
    rows = (
        with_reference(rows, trial)
        .join(readers, on="evaluator", how="left", maintain_order="left")
        .join(marks, on=["subject_id", "evaluator"], how="left", maintain_order="left")
        .join(numbered, on=["subject_id", "timepoint"], how="left", maintain_order="left")
        .with_columns(accepted=pl.col("_accepted").fill_null(False), order=pl.col("test").replace_strict(_ORDER))
    )
    columns: dict[str, Value] = {
        "RSLNKGRP": pl.format("A{}", pl.col("timepoint") + 1),
        "RSTESTCD": pl.col("test"),
        "RSTEST": pl.col("test").replace_strict(TESTS),
        "RSCAT": pl.col("criterion"),
        "RSORRES": pl.col("response"),
        "RSSTRESC": pl.col("response"),
        "RSSTAT": pl.lit(None, pl.String),
        **evaluator_columns("RS"),
        "VISITNUM": pl.col("visit_number"),
        "VISIT": pl.col("visit"),
        "VISITDY": pl.col("planned_day"),
        "RSDTC": iso("assessment_date"),
        "RSDY": study_day("assessment_date"),
    }
    return dataset(trial, "RS", rows, columns, ("evaluator", "visit_number", "criterion", "order"))


_ORDER = {code: position for position, code in enumerate(TESTS)}
