"""The tables of what readers and programs made from scans: segments and contours, measurements of reports."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from criteria.table import Column, Table
from ingestion.objects.quantities import DERIVATIONS, NAMES
from ingestion.tables import MEASUREMENT, SOURCE, SUBJECT_KEY

_STUDY = Column("study_id", pl.String, "study (the name of its folder)")

_PLACE = (
    Column("subject_id", pl.String, "subject of the series referred to, else of the object's own label"),
    Column("timepoint", pl.Int32, "time point of the scan referred to, as in core.visit_scan"),
    Column("visit", pl.String, "visit of the scan referred to, as in core.visit_scan"),
    Column("scan_date", pl.Date, "date of the scan referred to"),
)

_OBJECT = (
    Column("series_instance_uid", pl.String, "Series Instance UID of the object itself"),
    Column("study_instance_uid", pl.String, "Study Instance UID of the object itself"),
    Column("content_date", pl.Date, "Content Date, else Structure Set Date: when it was made"),
)

_REFERENCES = (
    Column("referenced_series_uids", pl.String, "series it refers to, separated by \\"),
    Column("referenced_sop_instance_uids", pl.String, "instances it refers to, separated by \\"),
)

SEGMENTATION = Table(
    name="core.segmentation",
    meaning="One row per segment of a SEG and region of an RTSTRUCT, with what it refers to and whether that is here",
    key=("study_id", "source_sha256", "segment_number"),
    columns=(
        _STUDY,
        *_PLACE,
        Column("object", pl.String, "kind of object", allowed=("SEG", "RTSTRUCT")),
        Column("sop_instance_uid", pl.String, "SOP Instance UID of the object"),
        *_OBJECT,
        Column("segment_number", pl.Int32, "Segment Number, or ROI Number"),
        Column("label", pl.String, "Segment Label, or ROI Name"),
        Column("description", pl.String, "Segment Description, or ROI Description"),
        Column("tracking_id", pl.String, "Tracking ID"),
        Column("tracking_uid", pl.String, "Tracking UID"),
        Column("category", pl.String, "Segmented Property Category, or RT ROI Interpreted Type"),
        Column("property", pl.String, "Segmented Property Type, or RT ROI Identification: code meaning"),
        Column("property_code", pl.String, "its code, as SCHEME:VALUE"),
        Column("anatomic_region", pl.String, "Anatomic Region: code meaning"),
        Column("algorithm_type", pl.String, "Segment Algorithm Type, or ROI Generation Algorithm"),
        Column("algorithm_name", pl.String, "Segment Algorithm Name, or ROI Generation Description"),
        Column("segmentation_type", pl.String, "Segmentation Type: BINARY, FRACTIONAL, LABELMAP; null for RTSTRUCT"),
        Column("frames", pl.Int32, "frames of the segment; null for LABELMAP and RTSTRUCT"),
        Column("contours", pl.Int32, "contours of the region; null for SEG"),
        Column("contour_types", pl.String, "Contour Geometric Types, separated by \\; null for SEG"),
        Column("frame_of_reference_uid", pl.String, "Frame of Reference UID of the coordinates"),
        *_REFERENCES,
        Column("referenced_instances", pl.Int32, "instances it refers to"),
        Column("instances_here", pl.Int32, "of these, instances that were received"),
        Column("series_here", pl.Boolean, "every series it refers to was received"),
        Column("remarks", pl.String, "values that could not be understood, separated by '; '"),
        *SOURCE,
    ),
)

SR_MEASUREMENT = Table(
    name="core.sr_measurement",
    meaning="One row per measurement of a structured report (TID 1500): long and short axis, SUV, volume, TLG, ...",
    key=("study_id", "source_sha256", "measurement_number"),
    columns=(
        _STUDY,
        *_PLACE,
        Column("sop_instance_uid", pl.String, "SOP Instance UID of the report"),
        *_OBJECT,
        Column("content_time", pl.Time, "Content Time"),
        Column("title", pl.String, "title of the report"),
        Column("completion", pl.String, "Completion Flag: PARTIAL or COMPLETE"),
        Column("verification", pl.String, "Verification Flag: UNVERIFIED or VERIFIED"),
        Column("measurement_number", pl.Int32, "place of the measurement in the report, 1 = first"),
        Column("group_number", pl.Int32, "measurement group in the report, 1 = first; null outside of groups"),
        Column("tracking_id", pl.String, "Tracking Identifier: the lesion's name"),
        Column("tracking_uid", pl.String, "Tracking Unique Identifier"),
        Column("finding", pl.String, "Finding: code meaning"),
        Column("finding_category", pl.String, "Finding category: code meaning"),
        Column("finding_site", pl.String, "Finding Site: code meaning"),
        Column("time_point", pl.String, "Protocol or Subject Time Point Identifier"),
        Column("name", pl.String, "what is measured: code meaning"),
        Column("name_code", pl.String, "its code, as SCHEME:VALUE"),
        Column("quantity", pl.String, "what is measured in nadir's words; null for others", allowed=NAMES),
        Column("derivation", pl.String, "Derivation: code meaning"),
        Column(
            "statistic",
            pl.String,
            "derivation in nadir's words; null for others",
            allowed=tuple(name for name, _ in DERIVATIONS),
        ),
        Column("method", pl.String, "Measurement Method: code meaning"),
        Column("value", pl.Float64, "value in `unit`; null when there is none or it was refused"),
        Column("value_received", pl.String, "value as it stands in the report"),
        Column("unit", pl.String, "UCUM unit: mm, mm2 and ml for lengths, areas and volumes, else as in the report"),
        Column("coordinates", pl.String, "kind of coordinates: SCOORD or SCOORD3D"),
        Column(
            "line",
            pl.String,
            "ends of the line measured on an image: column, row, column, row of pixels, separated by \\",
        ),
        Column("refusal", pl.String, "why the value cannot be used"),
        Column("observer", pl.String, "Person Observer Name, else Device Observer Name"),
        Column("observer_type", pl.String, "who observed", allowed=("PERSON", "DEVICE")),
        Column("observer_role", pl.String, "the person's role in the procedure, else in the organisation"),
        *_REFERENCES,
        Column("referenced_frames", pl.String, "frames it refers to, separated by \\"),
        Column("referenced_segments", pl.String, "segments it refers to, separated by \\"),
        Column("source_series_uid", pl.String, "Source Series for Segmentation"),
        Column("evidence_series_uids", pl.String, "series that the whole report rests on, separated by \\"),
        Column("remarks", pl.String, "what in the report could not be understood, separated by '; '"),
        *SOURCE,
    ),
)

MEASUREMENT_CONFLICT = Table(
    name="core.measurement_conflict",
    meaning="Lesions whose size differs between the forms and a structured report; the forms' size is used",
    key=("study_id", "subject_id", "evaluator", "timepoint", "lesion_id", "field"),
    columns=(
        *SUBJECT_KEY,
        Column("evaluator", pl.String, "who read, as in core.measurement"),
        Column("timepoint", pl.Int32, "0 = baseline, 1 = first assessment after it"),
        Column("visit", pl.String, "visit name as received"),
        Column("lesion_id", pl.String, "lesion identifier"),
        Column("field", pl.String, "column of core.measurement that differs"),
        Column("form_value", pl.Float64, "size in the forms", unit="mm"),
        Column("report_value", pl.Float64, "size in the report", unit="mm"),
        Column("form_source", pl.String, "form that the size came from"),
        Column("report_sop_instance_uid", pl.String, "SOP Instance UID of the report"),
    ),
)

FORM_MEASUREMENT = replace(
    MEASUREMENT,
    name="core.form_measurement",
    meaning="The lesions as the forms have them; core.measurement has those of structured reports too",
)

TABLES = (SEGMENTATION, SR_MEASUREMENT, MEASUREMENT_CONFLICT, FORM_MEASUREMENT)
