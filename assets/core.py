"""Core: what was received, in canonical form."""

from collections.abc import Iterator
from dataclasses import fields

import dagster as dg
import polars as pl

from assets.partitions import studies
from assets.received import LANDING
from assets.reporting import materialized, spec
from assets.session import StudySession
from assets.unchanged import unless_unchanged
from ingestion.dicom.index import index_files
from ingestion.dicom.series import series
from ingestion.forms.canonical import Forms, canonical
from ingestion.kinds import STAGE as KINDS_STAGE
from ingestion.kinds import received_files
from protocol.form_names import TEMPLATES, form_of_table

BESIDE_SCANS = ("measurement", "pet_scan", "pet_lesion", "pet_reference")
"""Tables that scans make too: what the forms say of them stands apart, as core.form_*."""
FORM_TABLES = tuple(
    f"core.form_{field.name}" if field.name in BESIDE_SCANS else f"core.{field.name}" for field in fields(Forms)
)
MADE_FROM = {
    "core.subject": ("raw.dm", "raw.ds", "raw.ex", "raw.cm"),
    "core.subject_group": ("raw.dm",),
    "core.visit": ("raw.sv", "raw.tu", "raw.tr", "raw.rs"),
    "core.form_measurement": ("raw.tu", "raw.tr", "raw.sv", "raw.pr"),
    "core.recorded_response": ("raw.rs",),
    "core.recorded_sum": ("raw.tr",),
    "core.therapy": ("raw.cm", "raw.ex", "raw.pr"),
    "core.clinical_status": ("raw.rs", "raw.qs", "raw.ds"),
    "core.laboratory": ("raw.lb",),
    "core.injection": ("raw.pr",),
    "core.form_pet_scan": (),
    "core.form_pet_lesion": ("raw.tr", "raw.tu"),
    "core.form_pet_reference": (),
}
"""The SDTM domains that each table is made from."""
OWN_FORM = {
    table: (f"raw.{field.name}",)
    for table, field in zip(FORM_TABLES, fields(Forms), strict=True)
    if field.name in TEMPLATES
}
"""The template that each table is made from beside them."""
INSTANCE, SERIES = "core.instance", "core.series"


@dg.multi_asset(
    specs=[spec(table, (*MADE_FROM[table], *OWN_FORM.get(table, ())), {"polars", "sdtm"}) for table in FORM_TABLES],
    partitions_def=studies,
    name="core_forms",
)
@unless_unchanged
def core_forms(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Turns received SDTM records and forms into subjects, visits, measurements, responses, therapies and the rest."""
    protocol = session.study.protocol
    with session.warehouse() as warehouse:
        forms = canonical(
            session.study.name,
            {
                form_of_table(table): frame.with_columns(pl.col("_row").cast(pl.UInt32))
                for table, frame in warehouse.received().items()
            },
            cohort_column=protocol.cohorts.column,
            groupings=protocol.cohorts.groupings,
            baseline_visits=protocol.visits.baseline,
            data_cutoff=protocol.data_cutoff,
            default_criterion=protocol.evaluators.default_criterion,
            pd_impute=protocol.dates.pd_impute,
            resp_impute=protocol.dates.resp_impute,
            criterion_names=protocol.forms.criteria,
        )
        for table, field in zip(FORM_TABLES, fields(Forms), strict=True):
            parsed = getattr(forms, field.name)
            warehouse.put_where("raw.reject", parsed.rejects, "stage", f"core.{field.name}")
            yield materialized(table, warehouse.put(table, parsed.frame), parsed.rejects)


@dg.multi_asset(
    specs=[spec(table, (LANDING,), {"dicom"}) for table in (INSTANCE, SERIES)],
    partitions_def=studies,
    name="core_scans",
)
def core_scans(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Indexes the headers of scans that were not indexed before, and assembles the series."""
    study = session.study
    with session.warehouse() as warehouse:
        known = warehouse.frame(INSTANCE)
        received = received_files(study.name, study.path, warehouse.frame(LANDING), set(known["sha256"]))
        indexed = index_files(study.name, received.scans, known)
        warehouse.put_where("raw.reject", received.rejects, "stage", KINDS_STAGE)
        warehouse.put_where("raw.reject", indexed.rejects, "stage", INSTANCE)
        yield materialized(INSTANCE, warehouse.put(INSTANCE, indexed.frame), indexed.rejects)
        yield materialized(SERIES, warehouse.put(SERIES, series(indexed.frame)))
