"""Scans against the study: the visits they belong to, and what was drawn and measured on them."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.core import INSTANCE, SERIES
from assets.partitions import studies
from assets.received import LANDING
from assets.reporting import materialized, spec
from assets.session import StudySession
from ingestion.deidentification.checked import Checked, check_files
from ingestion.deidentification.findings import deidentification_findings
from ingestion.deidentification.pixels import OcrError
from ingestion.dicom.series_kind import shown_frames
from ingestion.imaging.charter import charter_deviations
from ingestion.imaging.visit_scans import visit_scans
from ingestion.kinds import received_files
from ingestion.objects.reads import STAGE as READ_STAGE
from ingestion.objects.reads import merged_reads
from ingestion.objects.reports import sr_measurements
from ingestion.objects.segmentations import segmentations

SUBJECT, VISIT = "core.subject", "core.visit"
SCANS, UNMATCHED, DEVIATION = "core.visit_scan", "core.unmatched_scan", "core.charter_deviation"
SEGMENTATION, REPORTED = "core.segmentation", "core.sr_measurement"
CHECKED, FOUND, FINDING = "raw.deidentification_file", "raw.deidentification_set", "core.deidentification_finding"
FORMS, READS, CONFLICT = "core.form_measurement", "core.measurement", "core.measurement_conflict"


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
            data_cutoff=protocol.data_cutoff,
        )
        warehouse.put_where("raw.reject", found.rejects, "stage", SCANS)
        yield materialized(SCANS, warehouse.put(SCANS, found.frame), found.rejects)
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
    specs=[spec(table, (LANDING, INSTANCE, SERIES, SCANS, SUBJECT), {"dicom"}) for table in (SEGMENTATION, REPORTED)],
    partitions_def=studies,
    name="scan_objects",
)
def scan_objects(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Indexes segments, contours and the measurements of reports with what they refer to."""
    study = session.study
    with session.warehouse() as warehouse:
        instances, series, scans, subjects = (warehouse.frame(name) for name in (INSTANCE, SERIES, SCANS, SUBJECT))
        received = received_files(study.name, study.path, warehouse.frame(LANDING), set(instances["sha256"])).scans
        about = (instances, series, scans, subjects["subject_id"], study.protocol.imaging.subject)
        for table, read in ((SEGMENTATION, segmentations), (REPORTED, sr_measurements)):
            parsed = read(study.name, received, warehouse.frame(table), *about)
            warehouse.put_where("raw.reject", parsed.rejects, "stage", table)
            yield materialized(table, warehouse.put(table, parsed.frame), parsed.rejects)


@dg.multi_asset(
    specs=[spec(table, (FORMS, REPORTED, SCANS), {"polars"}) for table in (READS, CONFLICT)],
    partitions_def=studies,
    name="measurement",
)
def measurement(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Merges the lesions of the forms with those of structured reports; the forms win."""
    observers = session.study.protocol.imaging.observers
    with session.warehouse() as warehouse:
        forms, reports, scans = (warehouse.frame(name) for name in (FORMS, REPORTED, SCANS))
        reads = merged_reads(forms, reports, scans, observers)
        warehouse.put_where("raw.reject", reads.rejects, "stage", READ_STAGE)
        yield materialized(READS, warehouse.put(READS, reads.frame), reads.rejects)
        yield materialized(CONFLICT, warehouse.put(CONFLICT, reads.conflicts))


@dg.multi_asset(
    specs=[spec(table, (LANDING, INSTANCE, SERIES, SUBJECT), {"dicom"}) for table in (CHECKED, FOUND, FINDING)],
    partitions_def=studies,
    name="deidentification",
)
def deidentification(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Checks every new content for what de-identification left, and the transfer for what does not go together."""
    study, imaging = session.study, session.study.protocol.imaging
    with session.warehouse() as warehouse:
        instances, series, subjects = (warehouse.frame(name) for name in (INSTANCE, SERIES, SUBJECT))
        received = received_files(study.name, study.path, warehouse.frame(LANDING), set(instances["sha256"])).scans
        known = Checked(warehouse.frame(CHECKED), warehouse.frame(FOUND))
        try:
            checked = check_files(study.name, received, known, imaging.deidentification, shown_frames(instances))
        except OcrError as error:
            raise dg.Failure(f"protocol.yaml, {error}", allow_retries=False) from error
        yield materialized(CHECKED, warehouse.put(CHECKED, checked.files))
        yield materialized(FOUND, warehouse.put(FOUND, checked.sets))
        found = deidentification_findings(checked, instances, series, subjects, imaging.subject)
        yield materialized(FINDING, warehouse.put(FINDING, found))
