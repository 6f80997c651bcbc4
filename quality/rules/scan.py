"""Rules on scans: what is missing, late, not as the charter asks, identifies a person, or contradicts the forms."""

from __future__ import annotations

from functools import partial

from ingestion.deidentification.tables import DEIDENTIFICATION_FINDING
from ingestion.dicom.tables import SERIES, UNMATCHED_SCAN, VISIT_SCAN
from ingestion.imaging.tables import CHARTER_DEVIATION
from ingestion.objects.tables import MEASUREMENT_CONFLICT, SEGMENTATION
from ingestion.tables import MEASUREMENT
from quality.rule import Category, Rule

_scan = partial(Rule, table=VISIT_SCAN.name, rows="visit_scan", keys=VISIT_SCAN.key)
_charter = partial(
    Rule,
    table=CHARTER_DEVIATION.name,
    rows="charter_deviation",
    keys=CHARTER_DEVIATION.key,
    category=Category.CONFORMANCE,
    source="imaging charter, acquisition",
    field="value",
)
_identity = partial(
    Rule,
    table=DEIDENTIFICATION_FINDING.name,
    rows="deidentification_finding",
    keys=DEIDENTIFICATION_FINDING.key,
    category=Category.CONFORMANCE,
    source="DICOM PS3.15 annex E",
    field="attribute",
    shows=("subject_id",),
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="SCAN_WITHOUT_SUBJECT",
        title="Every scan belongs to a subject of the study",
        table=SERIES.name,
        rows="scan_subject",
        keys=UNMATCHED_SCAN.key,
        category=Category.CONFORMANCE,
        source="imaging charter, inventory of images",
        message="{modality} of {scan_date} ({source_name}), subject as the files name it {subject_label}: {reason}. "
        "Remedy: {remedy}.",
        field="subject_label",
    ),
    _scan(
        id="SCAN_MISSING",
        title="Scans that the charter expects were received",
        category=Category.COMPLETENESS,
        source="imaging charter, expected scans",
        message="Subject {subject_id}, {visit}: no {modality} was received; planned {planned_date}, {reason}. Please "
        "send the scan, or record that it was not done.",
        field="visit",
    ),
    _scan(
        id="SCAN_OUTSIDE_WINDOW",
        title="Scans lie within their visit's window",
        category=Category.TIMING,
        source="visit windows of the protocol",
        message="Subject {subject_id}, {visit}: the {modality} of {scan_date} is outside of the window {window_start} "
        "to {window_end}. Please confirm the date or record the deviation.",
        field="scan_date",
    ),
    _scan(
        id="SCAN_UNSCHEDULED",
        title="Scans belong to a planned visit",
        category=Category.TIMING,
        source="visit windows of the protocol",
        message="Subject {subject_id}: the {modality} of {scan_date} is at no planned visit ({reason}). Please confirm "
        "the date and the reason of the scan.",
        field="scan_date",
    ),
    _scan(
        id="SCAN_UNREADABLE",
        title="Files of scans can be read",
        category=Category.CONFORMANCE,
        source="DICOM PS3.10",
        message="Subject {subject_id}, {visit}: the file {scan_id} cannot be read ({reason}). Please send it again.",
        field="scan_id",
    ),
    _charter(
        id="CHARTER_DEVIATION",
        title="Scans were acquired and reconstructed as the charter asks",
        message="{sentence} Please confirm, or repeat the reconstruction.",
    ),
    _charter(
        id="CHARTER_REMARK",
        title="Scans keep the minor limits of the charter",
        message="{sentence} Please confirm.",
    ),
    _identity(
        id="IDENTIFIER_LEFT",
        title="Scans tell neither who the subject is nor how to reach them",
        message="{files} files, first {source_name}: {sentence}. Please de-identify the scan again and replace it.",
    ),
    _identity(
        id="DEIDENTIFICATION_REMARK",
        title="Scans are marked and de-identified as the profile asks",
        message="{files} files, first {source_name}: {sentence}. Please check the de-identification.",
    ),
    Rule(
        id="SEGMENTATION_WITHOUT_IMAGES",
        title="The images that a segment or region was drawn on were received",
        table=SEGMENTATION.name,
        rows="segmentation",
        keys=SEGMENTATION.key,
        category=Category.COMPLETENESS,
        source="DICOM PS3.3 A.51, A.19",
        message="{object} {source_name}, {label}: {instances_here} of {referenced_instances} images that it was drawn "
        "on were received. Please send the series.",
        field="label",
        shows=("subject_id",),
    ),
    Rule(
        id="REPORT_DIFFERS_FROM_FORM",
        title="Forms and structured reports give one size",
        table=MEASUREMENT.name,
        rows="report_size",
        keys=MEASUREMENT_CONFLICT.key,
        category=Category.RECONCILIATION,
        source="DICOM PS3.16 TID 1500",
        message="Subject {subject_id}, {evaluator}, {visit}, lesion {lesion_id}: {field} is {form_value} mm in the "
        "form and {report_value} mm in the report {report_sop_instance_uid}; the form counts. Please correct one.",
        field="report_value",
    ),
)
