"""nadir's own forms: CSV files named after the core tables, with their declared columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from criteria.table import Table
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from ingestion.tables import (
    CLINICAL_STATUS,
    INJECTION,
    LABORATORY,
    MEASUREMENT,
    RECORDED_RESPONSE,
    RECORDED_SUM,
    SUBJECT,
    THERAPY,
    VISIT,
)
from simulation.clinic import clinical_status, laboratory
from simulation.forms.injection_log import injection_log
from simulation.forms.pet_reads import pet_lesions, pet_references, pet_scans
from simulation.forms.subjects import therapy_rows
from simulation.pet import Pet, pet_of
from simulation.records import PLACE
from simulation.trial import Trial


@dataclass(frozen=True, slots=True)
class Template:
    """A form: the table whose rows it holds, how they are made, and whether SDTM has no default encoding for them."""

    table: Table
    rows: Callable[[Trial, Pet], pl.DataFrame]
    always: bool = False


def _with_readers(rows: pl.DataFrame, trial: Trial) -> pl.DataFrame:
    """Rows with the reader's role and whether the reader is the accepted one."""
    roles = pl.DataFrame(
        [(reader.name, reader.role) for reader in trial.readers.values()],
        schema={"evaluator": pl.String, "reader_role": pl.String},
        orient="row",
    )
    marks = trial.accepted.select("subject_id", "evaluator", accepted=True)
    known = rows.drop("reader_role", "accepted", strict=False)
    return (
        known.join(roles, on="evaluator", how="left", maintain_order="left")
        .join(marks, on=["subject_id", "evaluator"], how="left", maintain_order="left")
        .with_columns(pl.col("accepted").fill_null(False))
    )


TEMPLATES: tuple[Template, ...] = (
    Template(SUBJECT, lambda trial, _: trial.core_subject),
    Template(VISIT, lambda trial, _: trial.visit),
    Template(MEASUREMENT, lambda trial, _: trial.measurement.drop(PLACE)),
    Template(RECORDED_RESPONSE, lambda trial, _: _with_readers(trial.response, trial)),
    Template(RECORDED_SUM, lambda trial, _: _with_readers(trial.sum, trial)),
    Template(THERAPY, lambda trial, _: therapy_rows(trial)),
    Template(LABORATORY, lambda trial, _: laboratory(trial)),
    Template(CLINICAL_STATUS, lambda trial, _: clinical_status(trial), always=True),
    Template(INJECTION, lambda trial, _: injection_log(trial)),
    Template(PET_SCAN, pet_scans, always=True),
    Template(PET_LESION, pet_lesions, always=True),
    Template(PET_REFERENCE, pet_references, always=True),
)


def template_forms(trial: Trial, *, all_tables: bool) -> Mapping[str, pl.DataFrame]:
    """The forms that have rows by table; without ``all_tables`` only what SDTM has no default encoding for.

    Columns are the declared ones of the table without study_id and source.
    """
    pet = pet_of(trial)
    forms = {}
    for template in TEMPLATES:
        if not (all_tables or template.always):
            continue
        table, rows = template.table, template.rows(trial, pet)
        missing = [pl.lit(None, dtype).alias(name) for name, dtype in table.schema.items() if name not in rows.columns]
        columns = [name for name in table.schema if name != "study_id" and not name.startswith("source_")]
        form = rows.with_columns(missing).select(columns)
        if form.height:
            forms[table.name.partition(".")[2]] = form
    return forms


def write_template(form: pl.DataFrame, path: Path) -> None:
    """A form as UTF-8 CSV; times of day to the second."""
    form.with_columns(pl.selectors.datetime().dt.to_string("%Y-%m-%dT%H:%M:%S")).write_csv(path)
