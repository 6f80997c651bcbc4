"""Responses as the readers record them: the engine's answer to their own measurements, plus stated human errors."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from criteria.best_response import best_responses
from criteria.registry import criterion
from criteria.side_by_side import all_timepoint_responses
from criteria.vocabulary import Component
from ingestion.tables import RECORDED_RESPONSE, RECORDED_SUM
from simulation.draws import Booleans, Draws
from simulation.reading import Reader

CRITERIA = ("RECIST 1.1", "iRECIST")
MAIN = CRITERIA[0]
CENTRAL = ("RADIOLOGIST 1", "RADIOLOGIST 2")
MISTAKES = {"CR": "PR", "PR": "SD", "SD": "PR", "PD": "SD", "NON-CR/NON-PD": "CR"}
READ = ("study_id", "subject_id", "evaluator", "timepoint")
PARTS = {
    Component.OVERALL: "overall_response",
    Component.TARGET: "target_response",
    Component.NON_TARGET: "nontarget_response",
    Component.NEW_LESION: "new_lesion",
}


def derived_responses(measurements: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """What the engine makes of the measurements under the recorded criteria (analysis.timepoint_response)."""
    declared = [criterion(name) for name in CRITERIA]
    return all_timepoint_responses(measurements, RECORDED_RESPONSE.empty(), subjects, declared)


def recorded_responses(derived: pl.DataFrame, wrong: pl.DataFrame) -> pl.DataFrame:
    """Responses as recorded, a row a component of performed assessments: core.recorded_response without provenance.

    ``wrong`` (subject_id, evaluator, timepoint) are the assessments at which the reader misjudges the overall response.
    """
    performed = derived.filter(
        ~pl.col("flags").fill_null("").str.contains("NOT_DONE") & (pl.col("overall_response") != "NA")
    )
    mistaken = performed.join(wrong.with_columns(wrong=True), on=READ[1:], how="left", maintain_order="left")
    overall = (
        pl.when(pl.col("wrong") & (pl.col("criterion") == MAIN))
        .then(pl.col("overall_response").replace(MISTAKES))
        .otherwise("overall_response")
    )
    parts = [
        mistaken.with_columns(overall_response=overall).select(
            *READ,
            *("criterion", "visit", "assessment_date"),
            component=pl.lit(component.value),
            response=pl.col(column),
        )
        for component, column in PARTS.items()
    ]
    return pl.concat(parts).drop_nulls("response").filter(pl.col("response") != "NA")


def recorded_sums(derived: pl.DataFrame) -> pl.DataFrame:
    """Sums of diameters as recorded: at every time point where all targets were measured, the baseline included."""
    rows = derived.filter(pl.col("criterion") == MAIN)
    baseline = rows.group_by(READ[:3]).agg(timepoint=pl.lit(0, pl.Int32), sum_mm=pl.col("baseline_sum").first())
    later = rows.filter(pl.col("target_response") != "NE").select(*READ, sum_mm="target_sum")
    return RECORDED_SUM.conform(
        pl.concat([baseline.select(later.columns), later]).drop_nulls("sum_mm").sort(RECORDED_SUM.key)
    )


def accepted_readers(derived: pl.DataFrame, subjects: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """The accepted central reader of each subject (BR-02 to BR-04): subject_id, evaluator, adjudicated.

    Where best response, its date or the date of progression differ, the adjudicator takes the reader nearer to the
    truth; where both are as near, one of them by lot. Without a difference it is the first reader.
    """
    best = best_responses(derived, criterion(MAIN), subjects)
    compared = ("best_response", "first_response_date", "progression_date")
    wide = subjects.select("subject_id")
    for name, evaluator in (*((f"r{i}", reader) for i, reader in enumerate(CENTRAL, 1)), ("truth", "TRUTH")):
        own = best.filter(pl.col("evaluator") == evaluator).select(
            "subject_id",
            *(pl.col(column).cast(pl.String).fill_null("").alias(f"{name}_{column}") for column in compared),
        )
        wide = wide.join(own, on="subject_id", how="left", maintain_order="left")

    def agreements(one: str, other: str) -> pl.Expr:
        return pl.sum_horizontal((pl.col(f"{one}_{c}") == pl.col(f"{other}_{c}")).cast(pl.Int32) for c in compared)

    lot = pl.Series(draws.uniform("adjudication"))
    nearer = agreements("r1", "truth") - agreements("r2", "truth")
    first = pl.when(nearer == 0).then(lot < 0.5).otherwise(nearer > 0)
    return wide.with_columns(adjudicated=agreements("r1", "r2") < len(compared)).select(
        "subject_id",
        evaluator=pl.when(pl.col("adjudicated") & ~first).then(pl.lit(CENTRAL[1])).otherwise(pl.lit(CENTRAL[0])),
        adjudicated="adjudicated",
    )


def wrong_assessments(readers: Mapping[str, Reader], draws: Draws, visits: pl.DataFrame, shape: int) -> pl.DataFrame:
    """Assessments (subject_id, evaluator, timepoint) at which a reader misjudges, by the reader's stated rate."""
    subject, index = visits["subject"].to_numpy(), visits["visit_index"].to_numpy()
    parts = []
    for name, reader in readers.items():
        wrong: Booleans = draws.chance(f"{name} wrong response", reader.errors.wrong_response, shape)
        chosen = visits.filter(pl.Series(wrong[subject, index]))
        parts.append(chosen.select("subject_id", pl.lit(name).alias("evaluator"), "timepoint"))
    return pl.concat(parts)
