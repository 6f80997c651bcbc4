"""What SUV rests on in the header of a PET slice, as plain values (3.1 to 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import TypeVar

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from ingestion.dicom.attributes import items, text_of
from ingestion.dicom.values import clock, day, moment, real
from pet.private_tags import GE_ADMINISTRATION, GE_SCAN, PHILIPS_ACTIVITY, PHILIPS_SUV, private_text
from pet.raw_values import raw_text

Value = TypeVar("Value")

PET_IMAGE = "1.2.840.10008.5.1.4.1.1.128"
ENHANCED_PET_IMAGE = "1.2.840.10008.5.1.4.1.1.130"


@dataclass(frozen=True, slots=True)
class SeriesHeader:
    """What all slices of a series share; weight, size and dose as recorded, null where absent or no number."""

    units: str | None = None
    suv_type: str | None = None
    decay_correction: str | None = None
    corrected: frozenset[str] = frozenset()
    weight: float | None = None
    size: float | None = None
    sex: str | None = None
    dose: float | None = None
    half_life: float | None = None
    radiopharmaceutical: str | None = None
    nuclide: str | None = None
    series_moment: datetime | None = None
    injection_moment: datetime | None = None
    injection_time: time | None = None
    ge_injection: datetime | None = None
    manufacturer: str | None = None
    model: str | None = None
    station: str | None = None
    reconstruction: str | None = None


@dataclass(frozen=True, slots=True)
class SliceHeader:
    """What is a slice's own; times in seconds, ``frame_reference`` from the reference time of the series."""

    sop_instance_uid: str = ""
    slope: float | None = None
    intercept: float | None = None
    acquisition: datetime | None = None
    frame_reference: float | None = None
    duration: float | None = None
    decay_factor: float | None = None
    philips_suv: float | None = None
    philips_activity: float | None = None
    ge_scan: datetime | None = None


SHARED = tuple(
    Tag(keyword)
    for keyword in (
        "SOPClassUID",
        "Modality",
        "SeriesInstanceUID",
        "Units",
        "SUVType",
        "DecayCorrection",
        "CorrectedImage",
        "PatientWeight",
        "PatientSize",
        "PatientSex",
        "SeriesDate",
        "SeriesTime",
        "RadiopharmaceuticalInformationSequence",
        "Rows",
        "Columns",
        "PixelSpacing",
        "ImageOrientationPatient",
    )
)
"""Attributes that must be equal in all slices of a series (G-4)."""


def series_header(dataset: Dataset) -> SeriesHeader:
    """The shared header from one slice; a value that is no value of its kind is null."""
    given = items(dataset, "RadiopharmaceuticalInformationSequence", [])
    drug = given[0] if given else Dataset()
    nuclides = items(drug, "RadionuclideCodeSequence", [])
    drugs = items(drug, "RadiopharmaceuticalCodeSequence", [])
    nuclide = nuclides[0] if nuclides else Dataset()
    return SeriesHeader(
        units=_code(dataset, "Units"),
        suv_type=_code(dataset, "SUVType"),
        decay_correction=_code(dataset, "DecayCorrection"),
        corrected=frozenset((text_of(dataset, "CorrectedImage") or "").upper().split("\\")) - {""},
        weight=_value(text_of(dataset, "PatientWeight"), real),
        size=_value(text_of(dataset, "PatientSize"), real),
        sex=_code(dataset, "PatientSex"),
        dose=_value(text_of(drug, "RadionuclideTotalDose"), real),
        half_life=_value(text_of(drug, "RadionuclideHalfLife"), real),
        radiopharmaceutical=text_of(drug, "Radiopharmaceutical")
        or (text_of(drugs[0], "CodeMeaning") if drugs else None),
        nuclide=" ".join(filter(None, (text_of(nuclide, "CodeValue"), text_of(nuclide, "CodeMeaning")))) or None,
        series_moment=_moment(dataset, "Series"),
        injection_moment=_value(text_of(drug, "RadiopharmaceuticalStartDateTime"), moment),
        injection_time=_value(text_of(drug, "RadiopharmaceuticalStartTime"), clock),
        ge_injection=_value(private_text(dataset, GE_ADMINISTRATION), moment),
        manufacturer=text_of(dataset, "Manufacturer"),
        model=text_of(dataset, "ManufacturerModelName"),
        station=text_of(dataset, "DeviceSerialNumber") or text_of(dataset, "StationName"),
        reconstruction=text_of(dataset, "ReconstructionMethod"),
    )


def slice_header(dataset: Dataset) -> SliceHeader:
    """The header of one slice; a value that is no value of its kind is null."""
    return SliceHeader(
        sop_instance_uid=raw_text(dataset, "SOPInstanceUID") or "",
        slope=_value(raw_text(dataset, "RescaleSlope"), real),
        intercept=_value(raw_text(dataset, "RescaleIntercept"), real),
        acquisition=_moment(dataset, "Acquisition"),
        frame_reference=_seconds(dataset, "FrameReferenceTime"),
        duration=_seconds(dataset, "ActualFrameDuration"),
        decay_factor=_value(raw_text(dataset, "DecayFactor"), real),
        philips_suv=_value(private_text(dataset, PHILIPS_SUV), _positive),
        philips_activity=_value(private_text(dataset, PHILIPS_ACTIVITY), _positive),
        ge_scan=_value(private_text(dataset, GE_SCAN), moment),
    )


def _code(dataset: Dataset, keyword: str) -> str | None:
    text = text_of(dataset, keyword)
    return text.upper() if text else None


def _moment(dataset: Dataset, kind: str) -> datetime | None:
    """The date and time of a kind, else its DateTime."""
    date = _value(raw_text(dataset, f"{kind}Date"), day)
    hour = _value(raw_text(dataset, f"{kind}Time"), clock)
    if date is not None and hour is not None:
        return datetime.combine(date, hour)
    return _value(raw_text(dataset, f"{kind}DateTime"), moment) if kind == "Acquisition" else None


def _seconds(dataset: Dataset, keyword: str) -> float | None:
    milliseconds = _value(raw_text(dataset, keyword), real)
    return None if milliseconds is None else milliseconds / 1000


def _positive(text: str) -> float:
    number = real(text)
    if number <= 0:
        raise ValueError("is not positive")
    return number


def _value(text: str | None, parse: Callable[[str], Value]) -> Value | None:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError:
        return None
