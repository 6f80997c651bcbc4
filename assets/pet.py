"""PET: scans, lesions and reference regions quantified from the images, beside those of the forms, with pictures."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.core import INSTANCE
from assets.partitions import studies
from assets.received import LANDING
from assets.reporting import materialized, spec
from assets.session import StudySession
from ingestion.pet_tables import FORM_TABLES, PET_LESION, PET_REFERENCE, PET_SCAN
from pet.merged import merged
from pet.pictures import ct_places, picture_maker
from pet.quantify import LESION_STAGE, Quantities, quantify
from pet.tasks import STAGE, scan_tasks
from warehouse.store import Warehouse

SCAN, LESION, REFERENCE = PET_SCAN.name, PET_LESION.name, PET_REFERENCE.name
BURDEN, PICTURE = "core.pet_burden", "core.picture"
VISIT_SCANS = "core.visit_scan"
FORMS = tuple(table.name for table in FORM_TABLES)


def measured_before(warehouse: Warehouse) -> Quantities:
    """What the last refresh measured from images."""
    images = {
        name: warehouse.frame(table).filter(pl.col("input_hash").is_not_null())
        for name, table in (("scan", SCAN), ("lesion", LESION), ("reference", REFERENCE), ("burden", BURDEN))
    }
    rejects = warehouse.frame("raw.reject").filter(pl.col("stage") == LESION_STAGE)
    return Quantities(**images, picture=warehouse.frame(PICTURE), rejects=rejects)


@dg.multi_asset(
    specs=[
        spec(table, (LANDING, INSTANCE, VISIT_SCANS), {"dicom", "numpy"})
        for table in (SCAN, LESION, REFERENCE, BURDEN, PICTURE)
    ],
    partitions_def=studies,
    name="pet",
)
def pet(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Quantifies the PET scans that are new or were drawn on anew, one in memory at a time."""
    study = session.study
    with session.warehouse() as warehouse:
        manifest, instances, scans = (warehouse.frame(name) for name in (LANDING, INSTANCE, VISIT_SCANS))
        forms = [warehouse.frame(name) for name in FORMS]
        tasks, strays = scan_tasks(study.name, study.path, manifest, instances, scans)
        pictures = picture_maker(study.path, ct_places(study.path, manifest, instances))
        found = quantify(tasks, study.protocol.pet.declared(), measured_before(warehouse), pictures, forms[2])
        rejects = pl.concat([strays, found.rejects])
        for stage in (STAGE, LESION_STAGE):
            warehouse.put_where("raw.reject", rejects.filter(pl.col("stage") == stage), "stage", stage)
        images = (found.scan, found.lesion, found.reference)
        for table, form, image in zip((PET_SCAN, PET_LESION, PET_REFERENCE), forms, images, strict=True):
            yield materialized(table.name, warehouse.put(table.name, merged(table, form, image)), rejects)
        yield materialized(BURDEN, warehouse.put(BURDEN, found.burden))
        yield materialized(PICTURE, warehouse.put(PICTURE, found.picture))
