"""The tables of PET reads: scans with what their SUV rests on, lesions, and reference regions."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from criteria.table import Column, Table
from criteria.vocabulary import LesionNature, LesionStatus, ReferenceRegion, Role, values
from ingestion.tables import READER, SOURCE, SUBJECT_KEY

_PLACE = (
    Column("timepoint", pl.Int32, "0 = baseline, 1 = first assessment after it; negative = before baseline"),
    Column("visit", pl.String, "visit name"),
    Column("assessment_date", pl.Date, "date of the scan"),
)

_ORIGIN = (
    Column("series_instance_uid", pl.String, "PET series that the values were measured on, where known"),
    Column("flags", pl.String, "reservations by their codes (rule book section 3), separated by commas"),
)

_MADE = (
    Column("settings", pl.String, "the configuration that the values rest on, as JSON (Q-17)"),
    Column("input_hash", pl.String, "hash of the images, regions, settings and code behind the row; null: a form"),
)
COVERAGES = ("VERTEX_TO_FEET", "VERTEX_TO_THIGH", "SKULL_BASE_TO_THIGH", "NECK_TO_THIGH", "LIMITED")
"""LIMITED: an organ with a lesion is not in the field."""

PET_SCAN = Table(
    name="core.pet_scan",
    meaning="One row per subject, time point and PET scan: what its SUV rests on, or why it has none (3.1 to 3.5)",
    key=("study_id", "subject_id", "timepoint", "scan_id"),
    columns=(
        *SUBJECT_KEY,
        Column("scan_id", pl.String, "Series Instance UID, or the scan's name in a form"),
        *_PLACE,
        Column("status", pl.String, "QUANTIFIED, or the coded refusal: NOT_QUANTITATIVE, UNITS_UNSUPPORTED, ..."),
        Column("status_reason", pl.String, "the refusal in words, with the values that it rests on"),
        Column("units", pl.String, "Units of the voxels: BQML, GML, CNTS, ..."),
        Column("decay_correction", pl.String, "Decay Correction: START, ADMIN or NONE"),
        Column("radiopharmaceutical", pl.String, "radiopharmaceutical"),
        Column("injection_datetime", pl.Datetime("us"), "when it was administered, after the rules of 3.3"),
        Column("reference_datetime", pl.Datetime("us"), "what the decay correction refers to (3.3)"),
        Column("uptake_min", pl.Float64, "start of the scan after the injection", unit="min"),
        Column("injected_activity_mbq", pl.Float64, "administered activity", unit="MBq"),
        Column("half_life_s", pl.Float64, "half-life of the radionuclide", unit="s"),
        Column("weight_kg", pl.Float64, "body weight", unit="kg"),
        Column("height_m", pl.Float64, "body height", unit="m"),
        Column("lbm_formula", pl.String, "lean body mass formula (3.5)"),
        Column("lbm_kg", pl.Float64, "lean body mass", unit="kg"),
        Column("suv_factor", pl.Float64, "SUVbw per rescaled voxel value of the first slice (3.4)"),
        Column("sul_factor", pl.Float64, "SUL per SUVbw (3.5)"),
        Column("glucose_mmol_l", pl.Float64, "serum glucose at the injection (Q-03)", unit="mmol/L"),
        Column("fasting_h", pl.Float64, "hours of fasting before the injection (Q-04)", unit="h"),
        Column("cycles_before", pl.Int32, "cycles of therapy before the scan (EO-11, Q-18)"),
        Column("therapy_class", pl.String, "kind of immunotherapy (Q-18)"),
        Column("coverage", pl.String, "part of the body in the field (Q-13)", allowed=COVERAGES),
        Column("harmonised", pl.Boolean, "scanner and reconstruction are harmonised, e.g. by EARL (Q-05)"),
        Column("manufacturer", pl.String, "Manufacturer"),
        Column("manufacturer_model", pl.String, "Manufacturer's Model Name"),
        Column("station", pl.String, "Device Serial Number, else Station Name"),
        Column("reconstruction", pl.String, "Reconstruction Method"),
        Column("voxel_mm", pl.String, "voxel size: column, row and slice spacing, separated by x", unit="mm"),
        Column("slices", pl.Int64, "slices of the volume"),
        Column("body_median_suv", pl.Float64, "median SUVbw of the body, voxels above 0.1 (G-8)", unit="g/ml"),
        *_MADE,
        *_ORIGIN,
        *SOURCE,
    ),
)

PET_LESION = Table(
    name="core.pet_lesion",
    meaning="One row per subject, evaluator, time point and lesion on PET: what was measured of it (3.7 to 3.9)",
    key=("study_id", "subject_id", "evaluator", "timepoint", "lesion_id"),
    columns=(
        *SUBJECT_KEY,
        *READER,
        *_PLACE,
        Column("lesion_id", pl.String, "lesion identifier, the same at every time point"),
        Column("role", pl.String, "role the reader gave the lesion; null: the criterion selects", allowed=values(Role)),
        Column("organ", pl.String, "organ or site"),
        Column("side", pl.String, "side of the body", allowed=("LEFT", "RIGHT", "MIDLINE")),
        Column("is_node", pl.Boolean, "lymph node"),
        Column("injected", pl.Boolean, "injected at or before this time point (intratumoural therapy)"),
        Column("status", pl.String, "seen, gone, or not evaluable", allowed=values(LesionStatus)),
        Column("nature", pl.String, "what the reader takes the focus for", allowed=values(LesionNature)),
        Column("above_background", pl.Boolean, "uptake visually above the surrounding background"),
        Column("suv_max", pl.Float64, "largest SUVbw of a voxel", unit="g/ml"),
        Column("suv_mean", pl.Float64, "mean SUVbw of the region", unit="g/ml"),
        Column("suv_peak", pl.Float64, "SUVpeak by the configured kernel, search and containment", unit="g/ml"),
        Column("sul_max", pl.Float64, "largest SUL of a voxel", unit="g/ml"),
        Column("sul_mean", pl.Float64, "mean SUL of the region", unit="g/ml"),
        Column("sul_peak", pl.Float64, "SULpeak", unit="g/ml"),
        Column("suv_mean_bsa", pl.Float64, "mean SUV by body surface area (EO-2)", unit="cm2/ml"),
        Column("mtv_ml", pl.Float64, "metabolic tumour volume by mtv_method", unit="ml"),
        Column("mtv_method", pl.String, "MTV_41, MTV_42, MTV_F25, MTV_F40, MTV_PL, MTV_L2 or MASK (3.8)"),
        Column("mtv_41_ml", pl.Float64, "metabolic tumour volume at 41 % of the lesion's SUVmax", unit="ml"),
        Column("mtv_42_ml", pl.Float64, "metabolic tumour volume at 42 % of the lesion's SUVmax", unit="ml"),
        Column("mtv_f25_ml", pl.Float64, "metabolic tumour volume at SUVbw >= 2.5", unit="ml"),
        Column("mtv_f40_ml", pl.Float64, "metabolic tumour volume at SUVbw >= 4.0", unit="ml"),
        Column("mtv_pl_ml", pl.Float64, "metabolic tumour volume at PERCIST's measurability (3.8)", unit="ml"),
        Column("mtv_l2_ml", pl.Float64, "metabolic tumour volume at liver mean + 2 SD of SUL", unit="ml"),
        Column("region_ml", pl.Float64, "volume of the region as drawn", unit="ml"),
        Column("tlg_g", pl.Float64, "total lesion glycolysis in the volume of mtv_method", unit="g"),
        Column("tlg_basis", pl.String, "what its mean is of", allowed=("SUV", "SUL")),
        Column("functional_diameter_mm", pl.Float64, "longest axis of the uptake (3.8)", unit="mm"),
        Column("longest_diameter_mm", pl.Float64, "longest diameter on CT", unit="mm"),
        Column("short_axis_mm", pl.Float64, "short axis on CT", unit="mm"),
        Column("ct_volume_ml", pl.Float64, "volume on CT (MMVR, 3.9)", unit="ml"),
        Column("peak_x_mm", pl.Float64, "place of the peak in patient coordinates, x", unit="mm"),
        Column("peak_y_mm", pl.Float64, "place of the peak in patient coordinates, y", unit="mm"),
        Column("peak_z_mm", pl.Float64, "place of the peak in patient coordinates, z", unit="mm"),
        Column("measured_from", pl.String, "how it was measured", allowed=("SEG", "RTSTRUCT", "SR", "FORM")),
        Column("region_number", pl.Int32, "Segment Number or ROI Number in the source"),
        *_MADE,
        *_ORIGIN,
        *SOURCE,
    ),
)

PET_REFERENCE = Table(
    name="core.pet_reference",
    meaning="One row per subject, evaluator, time point and reference region on PET (3.6)",
    key=("study_id", "subject_id", "evaluator", "timepoint", "region"),
    columns=(
        *SUBJECT_KEY,
        *READER,
        *_PLACE,
        Column("region", pl.String, "reference region", allowed=values(ReferenceRegion)),
        Column("usable", pl.Boolean, "false when diseased or not in the field"),
        Column("suv_mean", pl.Float64, "mean SUVbw", unit="g/ml"),
        Column("suv_sd", pl.Float64, "sample standard deviation of SUVbw", unit="g/ml"),
        Column("suv_max", pl.Float64, "largest SUVbw", unit="g/ml"),
        Column("sul_mean", pl.Float64, "mean SUL", unit="g/ml"),
        Column("sul_sd", pl.Float64, "sample standard deviation of SUL", unit="g/ml"),
        Column("voxels", pl.Int64, "voxels of the region"),
        Column("centre_x_mm", pl.Float64, "centre in patient coordinates, x", unit="mm"),
        Column("centre_y_mm", pl.Float64, "centre in patient coordinates, y", unit="mm"),
        Column("centre_z_mm", pl.Float64, "centre in patient coordinates, z", unit="mm"),
        Column("frame_of_reference_uid", pl.String, "Frame of Reference UID that the centre is in"),
        *_MADE,
        *_ORIGIN,
        *SOURCE,
    ),
)

PET_BURDEN = Table(
    name="core.pet_burden",
    meaning="One row per subject, evaluator and time point: the union of all tumour lesions, each voxel once (3.8)",
    key=("study_id", "subject_id", "evaluator", "timepoint", "scan_id"),
    columns=(
        *SUBJECT_KEY,
        Column("evaluator", pl.String, "who drew the lesions, as in core.pet_lesion"),
        *_PLACE,
        Column("scan_id", pl.String, "Series Instance UID of the PET series"),
        Column("lesions", pl.Int64, "lesions taken for tumour"),
        Column("tmtv_ml", pl.Float64, "total metabolic tumour volume by mtv_method", unit="ml"),
        Column("ttlg_g", pl.Float64, "total lesion glycolysis in it", unit="g"),
        Column("tlg_basis", pl.String, "what its mean is of", allowed=("SUV", "SUL")),
        Column("mtv_method", pl.String, "MTV_41, MTV_42, MTV_F25, MTV_F40, MTV_PL, MTV_L2 or MASK (3.8)"),
        Column("tmtv_f40_ml", pl.Float64, "total metabolic tumour volume at SUVbw >= 4.0", unit="ml"),
        Column("sensitivity_tmtv_ml", pl.Float64, "the same with foci of any other nature than tumour", unit="ml"),
        Column("sensitivity_ttlg_g", pl.Float64, "the same with foci of any other nature than tumour", unit="g"),
        *_MADE,
        Column("flags", pl.String, "reservations by their codes (rule book section 3), separated by commas"),
    ),
)

PICTURE = Table(
    name="core.picture",
    meaning="One row per picture of a PET scan or of a lesion on it, made once and kept by its content",
    key=("study_id", "subject_id", "evaluator", "timepoint", "scan_id", "lesion_id", "shows"),
    columns=(
        *SUBJECT_KEY,
        Column("evaluator", pl.String, "who drew the lesions"),
        *_PLACE,
        Column("scan_id", pl.String, "Series Instance UID of the PET series"),
        Column("lesion_id", pl.String, "lesion; * for a picture of all lesions of the scan"),
        Column("shows", pl.String, "what it shows", allowed=("PROJECTION", "PEAK_SLICE", "CT_SLICE")),
        Column("path", pl.String, "PNG file below the study's folder"),
        Column("sha256", pl.String, "SHA-256 of the file"),
        Column("caption", pl.String, "what is seen, with the numbers"),
        Column("input_hash", pl.String, "hash of images, regions, settings and code that it was made from"),
    ),
)

PET_RADIOMIC = Table(
    name="core.pet_radiomic",
    meaning="One row per lesion on PET and IBSI feature, where `pet.radiomics` asks for them (RA-1 to RA-4)",
    key=("study_id", "subject_id", "evaluator", "timepoint", "scan_id", "lesion_id", "feature"),
    columns=(
        *SUBJECT_KEY,
        Column("evaluator", pl.String, "who drew the lesion, as in core.pet_lesion"),
        *_PLACE,
        Column("scan_id", pl.String, "Series Instance UID of the PET series"),
        Column("lesion_id", pl.String, "lesion identifier, the same at every time point"),
        Column("feature", pl.String, "feature and aggregation by the names of mirp, as rlm_sre_3d_v_mrg"),
        Column("value", pl.Float64, "its value; intensities in g/ml, lengths in mm"),
        Column("verified", pl.Boolean, "it has reference values on the digital phantom, and the software gave them"),
        Column("software", pl.String, "software and version"),
        Column("settings", pl.String, "resampling, discretisation, aggregation, resegmentation, mask, as JSON (RA-2)"),
        Column("input_hash", pl.String, "hash of images, regions, settings, code and software that it was made from"),
    ),
)

PET_REPORT = Table(
    name="core.pet_report",
    meaning="One row per value of a structured report on a lesion that was measured from its region, compared (3.11)",
    key=("study_id", "subject_id", "evaluator", "timepoint", "lesion_id", "sop_instance_uid", "field"),
    columns=(
        *SUBJECT_KEY,
        Column("evaluator", pl.String, "who drew the lesion, as in core.pet_lesion"),
        _PLACE[0],
        Column("lesion_id", pl.String, "lesion identifier: Tracking Identifier of the report"),
        Column("sop_instance_uid", pl.String, "SOP Instance UID of the report"),
        Column("field", pl.String, "column of core.pet_lesion that holds the same quantity"),
        Column("reported_by", pl.String, "the report's observer as evaluator; null: a device without a name here"),
        Column("reported", pl.Float64, "value of the report, in the unit of the column"),
        Column("recomputed", pl.Float64, "value measured from the region; of tlg_g mean x volume of the region"),
        Column("difference_pct", pl.Float64, "reported against recomputed", unit="%"),
        Column("flag", pl.String, "REPORTED_DIFFERS above 1 %", allowed=("REPORTED_DIFFERS",)),
        *SOURCE,
    ),
)

FORM_TABLES = tuple(
    replace(table, name=table.name.replace("core.", "core.form_"), meaning=f"As received in forms. {table.meaning}")
    for table in (PET_SCAN, PET_LESION, PET_REFERENCE)
)
"""What forms say of PET; the core tables hold it beside what was measured from the images."""

IMAGE_TABLES = tuple(
    replace(table, name=table.name.replace("core.", "core.image_"), meaning=f"As measured from images. {table.meaning}")
    for table in (PET_SCAN, PET_LESION, PET_REFERENCE)
)
"""What images say of PET, before forms complete it: what the next refresh need not measure again."""

TABLES = (
    *(PET_SCAN, PET_LESION, PET_REFERENCE, PET_REPORT, PET_BURDEN, PET_RADIOMIC, PICTURE),
    *FORM_TABLES,
    *IMAGE_TABLES,
)
