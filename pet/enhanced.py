"""Enhanced PET (multi-frame): every frame as the PET Image that it would be alone (PS3.3 A.56)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydicom.dataset import Dataset

from ingestion.dicom.attributes import items, text_of
from ingestion.dicom.values import moment, real
from pet.header import ENHANCED_PET_IMAGE, SliceHeader, slice_header
from pet.refusal import NotQuantifiedError, Refusal

COPIED = (
    *("SOPClassUID", "Modality", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID", "Rows", "Columns"),
    *("PatientWeight", "PatientSize", "PatientSex", "RadiopharmaceuticalInformationSequence"),
    *("Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "StationName"),
)
CORRECTIONS = {
    "AttenuationCorrected": "ATTN",
    "DecayCorrected": "DECY",
    "ScatterCorrected": "SCAT",
    "DeadTimeCorrected": "DTIM",
    "RandomsCorrected": "RAN",
}
UNITS: dict[str, tuple[str, str | None]] = {
    "Bq/ml": ("BQML", None),
    "Bq/mL": ("BQML", None),
    **dict.fromkeys(("{SUVbw}g/ml", "{SUVbw}g/mL", "g/ml{SUVbw}", "g/mL{SUVbw}"), ("GML", "BW")),
}
"""UCUM units of Real World Value Mapping as Units and SUV Type of a PET Image; activity comes before SUV."""


def is_enhanced(dataset: Dataset) -> bool:
    """Whether it is an Enhanced PET Image."""
    return text_of(dataset, "SOPClassUID") == ENHANCED_PET_IMAGE


def instance_name(uid: str, frame: int) -> str:
    """A frame as the instance of its slice in `pet.volume.Grid`."""
    return f"{uid}#{frame}"


def frames(dataset: Dataset) -> Iterator[tuple[Dataset, SliceHeader]]:
    """Every frame with the attributes of a PET Image, in the order of the pixels, and its header.

    Places and directions come from the functional groups of the frame, else the shared ones; slope, intercept and
    units from Real World Value Mapping (Bq/ml, else SUVbw). Decay correction is NONE, or ADMIN where it refers to the
    administration, else START, with Decay Correction DateTime in place of the series' time. Raises NOT_READABLE when
    frames are not described, UNITS_UNSUPPORTED when no mapping gives activity or SUV.
    """
    shared = (items(dataset, "SharedFunctionalGroupsSequence", []) or [Dataset()])[0]
    groups = items(dataset, "PerFrameFunctionalGroupsSequence", [])
    if not groups or len(groups) != int(text_of(dataset, "NumberOfFrames") or 0):
        reason = f"{text_of(dataset, 'NumberOfFrames')} frames, but {len(groups)} descriptions of frames"
        raise NotQuantifiedError(Refusal.NOT_READABLE, reason)
    base = _base(dataset)
    for number, group in enumerate(groups, start=1):
        frame = Dataset()
        frame.update(base)
        for keyword, attribute in (
            ("PlanePositionSequence", "ImagePositionPatient"),
            ("PlaneOrientationSequence", "ImageOrientationPatient"),
            ("PixelMeasuresSequence", "PixelSpacing"),
        ):
            found = _group(group, shared, keyword)
            if attribute in found:
                setattr(frame, attribute, found[attribute].value)
        content = _group(group, shared, "FrameContentSequence")
        if text_of(content, "FrameAcquisitionDateTime"):
            frame.AcquisitionDateTime = text_of(content, "FrameAcquisitionDateTime")
        duration = _number(content, "FrameAcquisitionDuration")
        if duration is not None:
            frame.ActualFrameDuration = str(round(duration))
        yield frame, _header(frame, group, shared, number)


def _base(dataset: Dataset) -> Dataset:
    base = Dataset()
    for keyword in COPIED:
        if keyword in dataset:
            base[keyword] = dataset[keyword]
    base.CorrectedImage = [code for name, code in CORRECTIONS.items() if text_of(dataset, name) == "YES"]
    if text_of(dataset, "DecayCorrected") == "NO":
        base.DecayCorrection = "NONE"
    referred = text_of(dataset, "DecayCorrectionDateTime")
    if text_of(dataset, "DecayCorrected") == "YES" and referred:
        drug = (items(dataset, "RadiopharmaceuticalInformationSequence", []) or [Dataset()])[0]
        at_administration = referred == text_of(drug, "RadiopharmaceuticalStartDateTime")
        base.DecayCorrection = "ADMIN" if at_administration else "START"
        when = moment(referred)
        base.SeriesDate, base.SeriesTime = f"{when:%Y%m%d}", f"{when:%H%M%S.%f}"
    return base


def _header(frame: Dataset, group: Dataset, shared: Dataset, number: int) -> SliceHeader:
    """The frame's header; its Units and SUV Type are set by the mapping that slope and intercept come from."""
    mapped = items(group, "RealWorldValueMappingSequence", []) or items(shared, "RealWorldValueMappingSequence", [])
    by_unit = {_unit(each): each for each in mapped}
    unit = next((name for name in UNITS if name in by_unit), None)
    if unit is None:
        given = ", ".join(filter(None, by_unit)) or "nothing"
        reason = f"Real World Value Mapping is to {given}, neither to Bq/ml nor to SUVbw"
        raise NotQuantifiedError(Refusal.UNITS_UNSUPPORTED, reason)
    frame.Units, suv_type = UNITS[unit]
    if suv_type is not None:
        frame.SUVType = suv_type
    slope, intercept = (_number(by_unit[unit], name) for name in ("RealWorldValueSlope", "RealWorldValueIntercept"))
    uid = text_of(frame, "SOPInstanceUID") or ""
    return replace(slice_header(frame), sop_instance_uid=instance_name(uid, number), slope=slope, intercept=intercept)


def _unit(mapping: Dataset) -> str | None:
    codes = items(mapping, "MeasurementUnitsCodeSequence", [])
    return text_of(codes[0], "CodeValue") if codes else None


def _number(dataset: Dataset, keyword: str) -> float | None:
    text = text_of(dataset, keyword)
    return None if text is None else real(text)


def _group(group: Dataset, shared: Dataset, keyword: str) -> Dataset:
    """The first item of a functional group, of the frame or shared; an empty data set without any."""
    return (items(group, keyword, []) or items(shared, keyword, []) or [Dataset()])[0]
