"""The tables of the scans: one row a file, one row a series."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from criteria.vocabulary import values
from ingestion.dicom.series_kind import Kind

DATETIME = pl.Datetime("us")

_STUDY = Column("study_id", pl.String, "study (the name of its folder)")

_UIDS = (
    Column("study_instance_uid", pl.String, "Study Instance UID"),
    Column("frame_of_reference_uid", pl.String, "Frame of Reference UID: equal in series that share coordinates"),
)

_IDENTITY = (
    Column("modality", pl.String, "Modality: CT, MR, PT, SEG, SR, RTSTRUCT, ..."),
    Column("sop_class", pl.String, "name of the SOP class, null when the standard does not list it"),
    Column("transfer_syntax_uid", pl.String, "Transfer Syntax UID of the file meta information"),
    Column("patient_id", pl.String, "Patient ID"),
    Column("clinical_trial_subject_id", pl.String, "Clinical Trial Subject ID (0012,0040)"),
    Column("clinical_trial_protocol_id", pl.String, "Clinical Trial Protocol ID (0012,0020)"),
    Column("clinical_trial_site_id", pl.String, "Clinical Trial Site ID (0012,0030)"),
    Column("clinical_trial_timepoint_id", pl.String, "Clinical Trial Time Point ID (0012,0050)"),
    Column("patient_sex", pl.String, "Patient's Sex: M, F, O"),
    Column("patient_age_years", pl.Float64, "Patient's Age", unit="a"),
    Column("patient_weight_kg", pl.Float64, "Patient's Weight as recorded", unit="kg"),
    Column("patient_size_m", pl.Float64, "Patient's Size as recorded", unit="m"),
    Column("study_description", pl.String, "Study Description"),
    Column("series_description", pl.String, "Series Description"),
    Column("protocol_name", pl.String, "Protocol Name"),
    Column("series_number", pl.Int64, "Series Number"),
    Column("body_part", pl.String, "Body Part Examined"),
)

_PRIVACY = (
    Column("patient_identity_removed", pl.String, "Patient Identity Removed: YES or NO"),
    Column("deidentification_method", pl.String, "De-identification Method"),
    Column("burned_in_annotation", pl.String, "Burned In Annotation: YES or NO"),
)

_DATES = (
    Column("study_date", pl.Date, "Study Date"),
    Column("study_time", pl.Time, "Study Time"),
    Column("series_date", pl.Date, "Series Date"),
    Column("series_time", pl.Time, "Series Time"),
)

_SCANNER = (
    Column("manufacturer", pl.String, "Manufacturer"),
    Column("manufacturer_model", pl.String, "Manufacturer's Model Name"),
    Column("device_serial_number", pl.String, "Device Serial Number"),
    Column("station_name", pl.String, "Station Name"),
    Column("software_versions", pl.String, "Software Versions"),
)

_GEOMETRY = (
    Column("rows", pl.Int32, "Rows", unit="pixel"),
    Column("columns", pl.Int32, "Columns", unit="pixel"),
    Column("row_spacing_mm", pl.Float64, "distance between the rows (first value of Pixel Spacing)", unit="mm"),
    Column("column_spacing_mm", pl.Float64, "distance between the columns (second value)", unit="mm"),
    Column("slice_thickness_mm", pl.Float64, "Slice Thickness", unit="mm"),
    Column("spacing_between_slices_mm", pl.Float64, "Spacing Between Slices as recorded", unit="mm"),
    Column("gantry_tilt_deg", pl.Float64, "Gantry/Detector Tilt", unit="deg"),
)

_ACQUISITION = (
    Column("convolution_kernel", pl.String, "Convolution Kernel"),
    Column("kvp", pl.Float64, "peak tube voltage", unit="kV"),
    Column("contrast_agent", pl.String, "Contrast/Bolus Agent; null = none recorded"),
    Column("contrast_route", pl.String, "Contrast/Bolus Route"),
    Column("magnetic_field_strength_t", pl.Float64, "Magnetic Field Strength", unit="T"),
    Column("mr_acquisition_type", pl.String, "MR Acquisition Type: 2D or 3D"),
    Column("scanning_sequence", pl.String, "Scanning Sequence"),
    Column("repetition_time_ms", pl.Float64, "Repetition Time", unit="ms"),
    Column("echo_time_ms", pl.Float64, "Echo Time", unit="ms"),
    Column("lossy_image_compression", pl.String, "Lossy Image Compression: 01 = has been lossy at some time"),
)

_PET = (
    Column("units", pl.String, "Units of the voxels: BQML, GML, CNTS, ..."),
    Column("suv_type", pl.String, "SUV Type where Units = GML: BW, LBM, ..."),
    Column("series_type", pl.String, "Series Type: STATIC, DYNAMIC, WHOLE BODY, ... and IMAGE or REPROJECTION"),
    Column("decay_correction", pl.String, "Decay Correction: START, ADMIN or NONE"),
    Column("corrected_image", pl.String, "Corrected Image: ATTN, DECY, SCAT, ..."),
    Column("reconstruction_method", pl.String, "Reconstruction Method"),
    Column("attenuation_correction_method", pl.String, "Attenuation Correction Method"),
    Column("radiopharmaceutical", pl.String, "Radiopharmaceutical, by name else by code meaning"),
    Column("radionuclide", pl.String, "Radionuclide Code Sequence, code meaning"),
    Column("radionuclide_total_dose_bq", pl.Float64, "Radionuclide Total Dose as recorded", unit="Bq"),
    Column("radionuclide_half_life_s", pl.Float64, "Radionuclide Half Life", unit="s"),
    Column("injection_datetime", DATETIME, "Radiopharmaceutical Start DateTime, UTC offset left out"),
    Column("injection_time", pl.Time, "Radiopharmaceutical Start Time"),
    Column("rescale_intercept", pl.Float64, "Rescale Intercept"),
)

INSTANCE = Table(
    name="core.instance",
    meaning="One row per DICOM file: what its header says; text values with several parts are separated by \\",
    key=("study_id", "source_name"),
    columns=(
        _STUDY,
        Column("source_name", pl.String, "path of the file below incoming/"),
        Column("sha256", pl.String, "SHA-256 of the file"),
        Column("size", pl.Int64, "size of the file", unit="byte"),
        Column(
            "sop_instance_uid", pl.String, "SOP Instance UID; the file meta information's where the data set has none"
        ),
        Column("sop_class_uid", pl.String, "SOP Class UID; the file meta information's where the data set has none"),
        Column("series_instance_uid", pl.String, "Series Instance UID"),
        *_UIDS,
        *_IDENTITY,
        *_PRIVACY,
        *_DATES,
        Column("acquisition_date", pl.Date, "Acquisition Date, else the date of Acquisition DateTime"),
        Column("acquisition_time", pl.Time, "Acquisition Time, else the time of Acquisition DateTime"),
        Column("content_date", pl.Date, "Content Date"),
        Column("content_time", pl.Time, "Content Time"),
        Column("timezone_offset", pl.String, "Timezone Offset From UTC, as +0100"),
        Column("acquisition_number", pl.Int64, "Acquisition Number"),
        Column("instance_number", pl.Int64, "Instance Number"),
        Column("image_type", pl.String, "Image Type"),
        Column("number_of_frames", pl.Int32, "Number of Frames, 1 where the file has pixels and does not say"),
        Column("pixel_data", pl.Boolean, "the file carries pixel data"),
        *_SCANNER,
        *_GEOMETRY,
        Column("position_x_mm", pl.Float64, "Image Position (Patient), x, of the first frame", unit="mm"),
        Column("position_y_mm", pl.Float64, "Image Position (Patient), y, of the first frame", unit="mm"),
        Column("position_z_mm", pl.Float64, "Image Position (Patient), z, of the first frame", unit="mm"),
        Column("image_orientation", pl.String, "Image Orientation (Patient): cosines of the row, then of the column"),
        Column("frame_positions", pl.String, "enhanced multi-frame: every frame's place along the normal", unit="mm"),
        *_ACQUISITION,
        Column("contrast_start_time", pl.Time, "Contrast/Bolus Start Time"),
        *_PET,
        Column("rescale_slope", pl.Float64, "Rescale Slope"),
        Column("actual_frame_duration_ms", pl.Float64, "Actual Frame Duration", unit="ms"),
        Column("frame_reference_time_ms", pl.Float64, "Frame Reference Time", unit="ms"),
        Column("decay_factor", pl.Float64, "Decay Factor"),
        Column("referenced_series_uids", pl.String, "series that a SEG, SR, RTSTRUCT, ... names as its source"),
        Column("referenced_sop_instance_uids", pl.String, "instances that it names as its source"),
        Column("remarks", pl.String, "values that could not be understood and other oddities, separated by '; '"),
    ),
)

AGREED = (*_UIDS, *_IDENTITY, *_PRIVACY, *_SCANNER, *_GEOMETRY, *_ACQUISITION, *_PET)
"""Columns in which the instances of a series should agree."""

SERIES = Table(
    name="core.series",
    meaning=(
        "One row per DICOM series: what an imaging charter checks. Where instances differ, texts are joined by \\, "
        "numbers are the largest, dates and times the earliest, and `varying` names the column"
    ),
    key=("study_id", "series_instance_uid"),
    columns=(
        _STUDY,
        Column("series_instance_uid", pl.String, "Series Instance UID"),
        Column("subject_label", pl.String, "subject as the files name it: Clinical Trial Subject ID, else Patient ID"),
        Column("kind", pl.String, "what the series is; a reader reads an IMAGE", allowed=values(Kind)),
        Column("kind_reason", pl.String, "what in the files says so; null for images"),
        Column("scan_date", pl.Date, "first date of acquisition, else series, content or study date"),
        *_DATES,
        Column("first_acquisition", DATETIME, "earliest acquisition date and time"),
        Column("last_acquisition", DATETIME, "latest acquisition date and time"),
        Column("files", pl.Int64, "files of the series"),
        Column("instances", pl.Int64, "distinct SOP Instance UIDs"),
        Column("conflicting_instances", pl.Int64, "SOP Instance UIDs that came with different contents"),
        Column("instances_without_pixels", pl.Int64, "images (Rows given) whose file has no pixel data"),
        Column("frames", pl.Int64, "frames with pixel data of all instances"),
        Column("total_bytes", pl.Int64, "size of all files", unit="byte"),
        Column("uniform_orientation", pl.Boolean, "all slices lie parallel (cosines within 0.001)"),
        Column("positions", pl.Int64, "distinct slice positions along the normal (0.01 mm apart or more)"),
        Column("duplicate_positions", pl.Int64, "slices at a position that another slice has already"),
        Column("slice_spacing_mm", pl.Float64, "median distance between neighbouring positions", unit="mm"),
        Column("smallest_spacing_mm", pl.Float64, "smallest such distance", unit="mm"),
        Column("largest_spacing_mm", pl.Float64, "largest such distance", unit="mm"),
        Column("uniform_spacing", pl.Boolean, "all such distances lie within 1 % of the median (G-4)"),
        Column("missing_slices", pl.Int64, "slices that would fill the gaps at the median distance"),
        Column("interslice_gap_mm", pl.Float64, "slice_spacing_mm - slice_thickness_mm; negative = overlap", unit="mm"),
        Column("coverage_mm", pl.Float64, "distance between the first and the last position", unit="mm"),
        *AGREED,
        Column("referenced_series_uids", pl.String, "series that a SEG, SR, RTSTRUCT, ... names as its source"),
        Column("varying", pl.String, "columns in which the instances differ, separated by commas"),
        Column("files_with_remarks", pl.Int64, "files with remarks in core.instance"),
    ),
)

VISIT_SCAN = Table(
    name="core.visit_scan",
    meaning="Scans against the protocol's visits: one row per subject, visit and series received, or scan expected",
    key=("study_id", "subject_id", "visit", "modality", "scan_id"),
    columns=(
        _STUDY,
        Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
        Column("timepoint", pl.Int32, "time point of the visit, as in core.visit; null for an unscheduled scan"),
        Column("visit", pl.String, "visit of the protocol or of the forms; UNSCHEDULED where none fits"),
        Column("modality", pl.String, "Modality: CT, MR, PT, ...; UNKNOWN where no header says it"),
        Column(
            "scan_id", pl.String, "Series Instance UID; the unreadable file's name; the planned date where no scan came"
        ),
        Column("kind", pl.String, "what the series is; only an IMAGE makes a visit complete", allowed=values(Kind)),
        Column("body_part", pl.String, "Body Part Examined"),
        Column("series_instance_uid", pl.String, "Series Instance UID; null where no scan came"),
        Column("scan_date", pl.Date, "date of the scan"),
        Column("planned_date", pl.Date, "planned date of the visit"),
        Column("window_start", pl.Date, "first date of the visit's window"),
        Column("window_end", pl.Date, "last date of the visit's window"),
        Column("days_off", pl.Int32, "scan_date - planned_date", unit="d"),
        Column(
            "status",
            pl.String,
            "what became of the scan",
            allowed=("RECEIVED", "EARLY", "LATE", "MISSING", "NOT_DUE", "UNSCHEDULED", "UNREADABLE"),
        ),
        Column("reason", pl.String, "why it has that status"),
    ),
)

UNMATCHED_SCAN = Table(
    name="core.unmatched_scan",
    meaning="Series and files that belong to no subject of the study, each with the reason and a remedy",
    key=("study_id", "scan_id"),
    columns=(
        _STUDY,
        Column("scan_id", pl.String, "Series Instance UID, or the name of a file without a series"),
        Column("series_instance_uid", pl.String, "Series Instance UID; null for a file without a series"),
        Column("subject_label", pl.String, "subject as the files name it"),
        Column("modality", pl.String, "Modality: CT, MR, PT, SEG, SR, ..."),
        Column("kind", pl.String, "what the series is", allowed=values(Kind)),
        Column("scan_date", pl.Date, "date of the scan"),
        Column("files", pl.Int64, "files of the series"),
        Column("source_name", pl.String, "path below incoming/ of the first file by name"),
        Column("reason", pl.String, "why it belongs to no subject"),
        Column("remedy", pl.String, "what to do about it"),
    ),
)

TABLES = (INSTANCE, SERIES, VISIT_SCAN, UNMATCHED_SCAN)
