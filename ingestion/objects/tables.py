"""The tables of what readers and programs made from scans: segments and contours, measurements of reports."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from ingestion.tables import SOURCE

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

TABLES = (SEGMENTATION,)
