"""Where each column of `core.instance` stands in a DICOM header, and how its text is understood.

A field names one or more places (sequence keywords, then the attribute's keyword; the first item of a sequence
counts); the first place that has a value gives it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from ingestion.dicom.values import clock, day, integer, moment, orientation, real, string, years

Value = str | int | float | bool | date | time | datetime
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its places, what turns the text into a value, and which part of a multi-valued text it takes."""

    column: str
    places: tuple[Place, ...]
    parse: Callable[[str], Value] = string
    part: int | None = None


def _field(column: str, *keywords: str, parse: Callable[[str], Value] = string) -> Field:
    return Field(column, tuple((keyword,) for keyword in keywords), parse)


def _injection(column: str, *places: Place, parse: Callable[[str], Value] = string) -> Field:
    sequence = "RadiopharmaceuticalInformationSequence"
    return Field(column, tuple((sequence, *place) for place in places), parse)


def _frame(column: str, group: str, keyword: str, parse: Callable[[str], Value], part: int | None = None) -> Field:
    """An attribute of the data set, or of the functional groups of an enhanced multi-frame object."""
    shared = ("SharedFunctionalGroupsSequence", group, keyword)
    first = ("PerFrameFunctionalGroupsSequence", group, keyword)
    return Field(column, ((keyword,), shared, first), parse, part)


FIELDS: tuple[Field, ...] = (
    _field("sop_instance_uid", "SOPInstanceUID"),
    _field("sop_class_uid", "SOPClassUID"),
    _field("series_instance_uid", "SeriesInstanceUID"),
    _field("study_instance_uid", "StudyInstanceUID"),
    _field("frame_of_reference_uid", "FrameOfReferenceUID"),
    _field("modality", "Modality"),
    _field("patient_id", "PatientID"),
    _field("clinical_trial_subject_id", "ClinicalTrialSubjectID"),
    _field("clinical_trial_protocol_id", "ClinicalTrialProtocolID"),
    _field("clinical_trial_site_id", "ClinicalTrialSiteID"),
    _field("clinical_trial_timepoint_id", "ClinicalTrialTimePointID"),
    _field("patient_sex", "PatientSex"),
    _field("patient_age_years", "PatientAge", parse=years),
    _field("patient_weight_kg", "PatientWeight", parse=real),
    _field("patient_size_m", "PatientSize", parse=real),
    _field("study_description", "StudyDescription"),
    _field("series_description", "SeriesDescription"),
    _field("protocol_name", "ProtocolName"),
    _field("series_number", "SeriesNumber", parse=integer),
    _field("body_part", "BodyPartExamined"),
    _field("patient_identity_removed", "PatientIdentityRemoved"),
    _field("deidentification_method", "DeidentificationMethod"),
    _field("burned_in_annotation", "BurnedInAnnotation"),
    _field("study_date", "StudyDate", parse=day),
    _field("study_time", "StudyTime", parse=clock),
    _field("series_date", "SeriesDate", parse=day),
    _field("series_time", "SeriesTime", parse=clock),
    _field("acquisition_date", "AcquisitionDate", parse=day),
    _field("acquisition_time", "AcquisitionTime", parse=clock),
    _field("content_date", "ContentDate", parse=day),
    _field("content_time", "ContentTime", parse=clock),
    _field("timezone_offset", "TimezoneOffsetFromUTC"),
    _field("acquisition_number", "AcquisitionNumber", parse=integer),
    _field("instance_number", "InstanceNumber", parse=integer),
    _field("image_type", "ImageType"),
    _field("number_of_frames", "NumberOfFrames", parse=integer),
    _field("manufacturer", "Manufacturer"),
    _field("manufacturer_model", "ManufacturerModelName"),
    _field("device_serial_number", "DeviceSerialNumber"),
    _field("station_name", "StationName"),
    _field("software_versions", "SoftwareVersions"),
    _field("rows", "Rows", parse=integer),
    _field("columns", "Columns", parse=integer),
    _frame("row_spacing_mm", "PixelMeasuresSequence", "PixelSpacing", real, 0),
    _frame("column_spacing_mm", "PixelMeasuresSequence", "PixelSpacing", real, 1),
    _frame("slice_thickness_mm", "PixelMeasuresSequence", "SliceThickness", real),
    _frame("spacing_between_slices_mm", "PixelMeasuresSequence", "SpacingBetweenSlices", real),
    _frame("gantry_tilt_deg", "CTAcquisitionDetailsSequence", "GantryDetectorTilt", real),
    _frame("position_x_mm", "PlanePositionSequence", "ImagePositionPatient", real, 0),
    _frame("position_y_mm", "PlanePositionSequence", "ImagePositionPatient", real, 1),
    _frame("position_z_mm", "PlanePositionSequence", "ImagePositionPatient", real, 2),
    _frame("image_orientation", "PlaneOrientationSequence", "ImageOrientationPatient", orientation),
    _frame("convolution_kernel", "CTReconstructionSequence", "ConvolutionKernel", string),
    _frame("kvp", "CTXRayDetailsSequence", "KVP", real),
    Field("contrast_agent", (("ContrastBolusAgent",), ("ContrastBolusAgentSequence", "CodeMeaning"))),
    _field("contrast_route", "ContrastBolusRoute"),
    _field("contrast_start_time", "ContrastBolusStartTime", parse=clock),
    _field("magnetic_field_strength_t", "MagneticFieldStrength", parse=real),
    _field("mr_acquisition_type", "MRAcquisitionType"),
    _field("scanning_sequence", "ScanningSequence"),
    _frame("repetition_time_ms", "MRTimingAndRelatedParametersSequence", "RepetitionTime", real),
    Field(
        "echo_time_ms",
        (
            ("EchoTime",),
            ("SharedFunctionalGroupsSequence", "MREchoSequence", "EffectiveEchoTime"),
            ("PerFrameFunctionalGroupsSequence", "MREchoSequence", "EffectiveEchoTime"),
        ),
        real,
    ),
    _field("lossy_image_compression", "LossyImageCompression"),
    _field("units", "Units"),
    _field("suv_type", "SUVType"),
    _field("series_type", "SeriesType"),
    _field("decay_correction", "DecayCorrection"),
    _field("corrected_image", "CorrectedImage"),
    _field("reconstruction_method", "ReconstructionMethod"),
    _field("attenuation_correction_method", "AttenuationCorrectionMethod"),
    _injection("radiopharmaceutical", ("Radiopharmaceutical",), ("RadiopharmaceuticalCodeSequence", "CodeMeaning")),
    _injection("radionuclide", ("RadionuclideCodeSequence", "CodeMeaning")),
    _injection("radionuclide_total_dose_bq", ("RadionuclideTotalDose",), parse=real),
    _injection("radionuclide_half_life_s", ("RadionuclideHalfLife",), parse=real),
    _injection("injection_datetime", ("RadiopharmaceuticalStartDateTime",), parse=moment),
    _injection("injection_time", ("RadiopharmaceuticalStartTime",), parse=clock),
    _frame("rescale_intercept", "PixelValueTransformationSequence", "RescaleIntercept", real),
    _frame("rescale_slope", "PixelValueTransformationSequence", "RescaleSlope", real),
    _field("actual_frame_duration_ms", "ActualFrameDuration", parse=real),
    _field("frame_reference_time_ms", "FrameReferenceTime", parse=real),
    _field("decay_factor", "DecayFactor", parse=real),
)

ACQUISITION_DATETIME = _field("acquisition_datetime", "AcquisitionDateTime", parse=moment)

REFERENCE_SEQUENCES = (
    "ReferencedSeriesSequence",
    "ReferencedInstanceSequence",
    "ReferencedSOPSequence",
    "ReferencedImageSequence",
    "CurrentRequestedProcedureEvidenceSequence",
    "PertinentOtherEvidenceSequence",
    "StudiesContainingOtherReferencedInstancesSequence",
    "ReferencedImageRealWorldValueMappingSequence",
    "ReferencedFrameOfReferenceSequence",
    "RTReferencedStudySequence",
    "RTReferencedSeriesSequence",
    "ContourImageSequence",
    "ReferencedRTPlanSequence",
    "ReferencedStructureSetSequence",
)
"""Sequences that lead from a SEG, SR, RTSTRUCT, real-world value map, ... to the series and instances it is about."""
