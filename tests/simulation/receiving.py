"""Simulated forms as nadir receives them, and the present quality rules on them, without a refresh."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from criteria.injection_log import injection_deviations
from criteria.metabolic.quality_checks import pet_checks
from criteria.registry import criterion
from criteria.side_by_side import all_best_responses, all_timepoint_responses
from ingestion.forms.canonical import Forms, canonical
from ingestion.forms.received import read_forms
from ingestion.forms.transfers import gather
from ingestion.reject import Source
from protocol.load import load_protocol
from quality.check_views import INPUTS
from quality.run import CheckRun, run_checks
from quality.visit_windows import visit_windows


def received(study: Path) -> tuple[Forms, pl.DataFrame]:
    """The canonical tables of a study folder's forms, and all rejects."""
    protocol, name = load_protocol(study / "protocol.yaml"), study.name
    incoming = study / "incoming"
    files = sorted(path for path in (incoming / "forms").iterdir())
    sources = [Source(str(path.relative_to(incoming)), path.name) for path in files]
    read = [read_forms(path, source, study_id=name) for path, source in zip(files, sources, strict=True)]
    forms = [form for of_file in read for form in of_file]
    domains, rejects = gather(name, forms)
    tables = canonical(
        name,
        domains,
        cohort_column=protocol.cohorts.column,
        baseline_visits=protocol.visits.baseline,
        data_cutoff=protocol.data_cutoff,
    )
    return tables, pl.concat([rejects, tables.rejects])


def checked(study: Path, tables: Forms) -> CheckRun:
    """All present quality rules on the received forms of a study folder."""
    protocol = load_protocol(study / "protocol.yaml")
    declared = [criterion("RECIST 1.1"), criterion("iRECIST")]
    responses = all_timepoint_responses(
        tables.measurement.frame, tables.recorded_response.frame, tables.subject.frame, declared
    )
    frames = {
        "core.subject": tables.subject.frame,
        "core.visit": tables.visit.frame,
        "core.measurement": tables.measurement.frame,
        "core.recorded_response": tables.recorded_response.frame,
        "core.recorded_sum": tables.recorded_sum.frame,
        "core.therapy": tables.therapy.frame,
        "core.injection": tables.injection.frame,
        "core.laboratory": tables.laboratory.frame,
        "core.clinical_status": tables.clinical_status.frame,
        "core.pet_scan": tables.pet_scan.frame,
        "core.pet_lesion": tables.pet_lesion.frame,
        "core.pet_reference": tables.pet_reference.frame,
        "analysis.injection_deviation": injection_deviations(
            tables.injection.frame, tables.subject.frame, tables.measurement.frame, protocol.injection.declared()
        ),
        "analysis.pet_check": pet_checks(
            tables.pet_scan.frame,
            tables.pet_reference.frame,
            tables.pet_lesion.frame,
            tables.therapy.frame,
            tables.subject.frame,
        ),
        "analysis.timepoint_response": responses,
        "analysis.best_response": all_best_responses(
            responses, tables.subject.frame, declared, tables.clinical_status.frame
        ),
        "quality.visit_window": visit_windows(study.name, protocol.visits),
    }
    with duckdb.connect() as connection:
        for schema in {name.partition(".")[0] for name in INPUTS}:
            connection.execute(f"create schema {schema}")
        for name, frame in frames.items():
            connection.register("given", frame.to_arrow())
            connection.execute(f"create table {name} as select * from given")
            connection.unregister("given")
        return run_checks(lambda sql: connection.sql(sql).pl(), today=protocol.data_cutoff)
