"""PET: scans, lesions and reference regions quantified from the images, beside those of forms and reports."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.core import INSTANCE
from assets.partitions import studies
from assets.received import LANDING
from assets.reporting import materialized, spec
from assets.session import StudySession
from ingestion.pet_tables import (
    FORM_TABLES,
    IMAGE_TABLES,
    PET_BURDEN,
    PET_LESION,
    PET_RADIOMIC,
    PET_REFERENCE,
    PET_REPORT,
    PET_SCAN,
)
from ingestion.pet_tables import PICTURE as PICTURES
from pet.merged import merged
from pet.pictures import ct_places, picture_maker
from pet.quantify import LESION_STAGE, TABLES, Quantities, quantify
from pet.radiomics import Mirp
from pet.report_reads import beside_reports
from pet.reported import STAGE as REPORT_STAGE
from pet.tasks import STAGE, scan_tasks
from pet.undrawn import with_undrawn
from protocol.home import radiomics_python
from warehouse.store import Warehouse

SCAN, LESION, REFERENCE, REPORT = PET_SCAN.name, PET_LESION.name, PET_REFERENCE.name, PET_REPORT.name
BURDEN, PICTURE, RADIOMIC = PET_BURDEN.name, PICTURES.name, PET_RADIOMIC.name
VISIT_SCANS, REPORTED = "core.visit_scan", "core.sr_measurement"
FORMS, IMAGES = tuple(table.name for table in FORM_TABLES), tuple(table.name for table in IMAGE_TABLES)


def measured_before(warehouse: Warehouse) -> Quantities:
    """What the last refresh measured from images."""
    tables = dict(zip(TABLES, (*IMAGES, BURDEN, PICTURE, RADIOMIC), strict=True))
    frames = {name: warehouse.frame(table) for name, table in tables.items()}
    return Quantities(**frames, rejects=warehouse.frame("raw.reject").filter(pl.col("stage") == LESION_STAGE))


@dg.multi_asset(
    specs=[
        spec(table, (LANDING, INSTANCE, VISIT_SCANS, REPORTED, FORMS[2]), {"dicom", "numpy"})
        for table in (*IMAGES, BURDEN, PICTURE, RADIOMIC)
    ],
    partitions_def=studies,
    name="pet",
)
def pet(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Quantifies the PET scans that are new or were drawn on anew, one in memory at a time."""
    study = session.study
    with session.warehouse() as warehouse:
        manifest, instances, scans = (warehouse.frame(name) for name in (LANDING, INSTANCE, VISIT_SCANS))
        tasks, strays = scan_tasks(study.name, study.path, manifest, instances, scans, warehouse.frame(REPORTED))
        pictures = picture_maker(study.path, ct_places(study.path, manifest, instances))
        known, references, mirp = measured_before(warehouse), warehouse.frame(FORMS[2]), Mirp(radiomics_python())
        found = quantify(tasks, study.protocol.pet.declared(), known, pictures, references, mirp)
        rejects = pl.concat([strays, found.rejects])
        for stage in (STAGE, LESION_STAGE):
            warehouse.put_where("raw.reject", rejects.filter(pl.col("stage") == stage), "stage", stage)
        for table, frame in zip(IMAGES, (found.scan, found.lesion, found.reference), strict=True):
            yield materialized(table, warehouse.put(table, frame), rejects)
        yield materialized(BURDEN, warehouse.put(BURDEN, found.burden))
        yield materialized(PICTURE, warehouse.put(PICTURE, found.picture))
        yield materialized(RADIOMIC, warehouse.put(RADIOMIC, found.radiomic))


@dg.multi_asset(
    specs=[spec(table, (*IMAGES, *FORMS, REPORTED), {"polars"}) for table in (SCAN, LESION, REFERENCE, REPORT)],
    partitions_def=studies,
    name="pet_reads",
)
def pet_reads(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Merges what images, structured reports and forms say of PET, and compares reported with recomputed values."""
    protocol = session.study.protocol
    with session.warehouse() as warehouse:
        forms = [warehouse.frame(name) for name in FORMS]
        scans, lesions, references = (warehouse.frame(name) for name in IMAGES)
        options, observers = protocol.pet.declared(), protocol.imaging.observers
        drawn = with_undrawn(lesions, references, options)
        reads = beside_reports(drawn, forms[1], warehouse.frame(REPORTED), observers, options)
        warehouse.put_where("raw.reject", reads.rejects, "stage", REPORT_STAGE)
        images = (scans, reads.lesion, references)
        for table, form, image in zip((PET_SCAN, PET_LESION, PET_REFERENCE), forms, images, strict=True):
            yield materialized(table.name, warehouse.put(table.name, merged(table, form, image)))
        yield materialized(REPORT, warehouse.put(REPORT, reads.comparison), reads.rejects)
