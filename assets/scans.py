"""Scans against the study: the visits they belong to, and what was drawn and measured on them."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.core import INSTANCE, SERIES
from assets.partitions import studies
from assets.received import LANDING
from assets.reporting import materialized, spec
from assets.session import StudySession
from ingestion.dicom.index import ScanFile
from ingestion.imaging.charter import charter_deviations
from ingestion.imaging.visit_scans import visit_scans
from ingestion.kinds import received_files
from ingestion.objects.segmentations import segmentations
from warehouse.store import Warehouse

SUBJECT, VISIT = "core.subject", "core.visit"
SCANS, UNMATCHED, DEVIATION = "core.visit_scan", "core.unmatched_scan", "core.charter_deviation"
SEGMENTATION = "core.segmentation"


def scan_files(session: StudySession, warehouse: Warehouse, instances: pl.DataFrame) -> tuple[ScanFile, ...]:
    """The received scans with the place of their content."""
    study = session.study
    return received_files(study.name, study.path, warehouse.frame(LANDING), set(instances["sha256"])).scans


@dg.multi_asset(
    specs=[spec(table, (INSTANCE, SERIES, SUBJECT, VISIT), {"polars"}) for table in (SCANS, UNMATCHED)],
    partitions_def=studies,
    name="visit_scan",
)
def visit_scan(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Matches scans to subjects and visits, and finds what is missing."""
    protocol = session.study.protocol
    with session.warehouse() as warehouse:
        instances, series, subjects, visits = (warehouse.frame(name) for name in (INSTANCE, SERIES, SUBJECT, VISIT))
        found = visit_scans(
            instances,
            series,
            warehouse.frame("raw.reject").filter(pl.col("stage") == INSTANCE),
            subjects,
            visits,
            schedule=protocol.visits,
            imaging=protocol.imaging,
            today=session.today,
        )
        yield materialized(SCANS, warehouse.put(SCANS, found.frame))
        yield materialized(UNMATCHED, warehouse.put(UNMATCHED, found.unmatched))


@dg.multi_asset(specs=[spec(DEVIATION, (SERIES, SCANS), {"polars"})], partitions_def=studies, name="charter_deviation")
def charter_deviation(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Compares the series with the imaging charter."""
    with session.warehouse() as warehouse:
        found = charter_deviations(
            warehouse.frame(SERIES), warehouse.frame(SCANS), session.study.protocol.imaging.charter
        )
        return materialized(DEVIATION, warehouse.put(DEVIATION, found))


@dg.multi_asset(
    specs=[spec(SEGMENTATION, (LANDING, INSTANCE, SERIES, SCANS, SUBJECT), {"dicom"})],
    partitions_def=studies,
    name="segmentation",
)
def segmentation(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Indexes segments and contours with what they refer to."""
    study = session.study
    with session.warehouse() as warehouse:
        instances, series = warehouse.frame(INSTANCE), warehouse.frame(SERIES)
        parsed = segmentations(
            study.name,
            scan_files(session, warehouse, instances),
            warehouse.frame(SEGMENTATION),
            instances,
            series,
            warehouse.frame(SCANS),
            warehouse.frame(SUBJECT)["subject_id"],
            study.protocol.imaging.subject,
        )
        warehouse.put_where("raw.reject", parsed.rejects, "stage", SEGMENTATION)
        return materialized(SEGMENTATION, warehouse.put(SEGMENTATION, parsed.frame), parsed.rejects)
