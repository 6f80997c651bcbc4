"""An Enhanced PET image of a series of single frames: the same voxels, places, times and doses (PS3.3 A.56)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from ingestion.dicom.index import ScanFile
from pet.header import ENHANCED_PET_IMAGE

SHARED_ATTRIBUTES = (
    *("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName", "PatientBirthDate"),
    *("PatientSex", "PatientWeight", "PatientSize", "Modality", "Manufacturer", "SeriesNumber", "StudyDate"),
    *("StudyTime", "SeriesDate", "SeriesTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "Rows"),
    *("Columns", "SamplesPerPixel", "PhotometricInterpretation", "PixelRepresentation", "BitsAllocated", "BitsStored"),
    *("HighBit", "RadiopharmaceuticalInformationSequence"),
)


def item(**attributes: object) -> Items:
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return Items([made])


def mapping(slope: float, unit: str) -> Dataset:
    made = Dataset()
    made.RealWorldValueSlope, made.RealWorldValueIntercept = slope, 0.0
    made.RealWorldValueFirstValueMapped, made.RealWorldValueLastValueMapped = 0, 65535
    made.LUTLabel = unit
    made.MeasurementUnitsCodeSequence = item(CodeValue=unit, CodingSchemeDesignator="UCUM", CodeMeaning=unit)
    return made


def write_enhanced(
    path: Path,
    singles: Sequence[ScanFile],
    *,
    unit: str = "Bq/ml",
    factor: float = 1.0,
    change: Callable[[Dataset], None] | None = None,
) -> ScanFile:
    """One multi-frame object of the series ``singles``; slopes are multiplied by ``factor`` and are in ``unit``."""
    images = [pydicom.dcmread(file.path) for file in singles]
    first = images[0]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = ENHANCED_PET_IMAGE, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[str(path)])
    made = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = ENHANCED_PET_IMAGE, meta.MediaStorageSOPInstanceUID
    for keyword in SHARED_ATTRIBUTES:
        made[keyword] = first[keyword]
    drug = made.RadiopharmaceuticalInformationSequence[0]
    drug.RadiopharmaceuticalStartDateTime = f"{first.SeriesDate}{drug.RadiopharmaceuticalStartTime}"
    del drug.RadiopharmaceuticalStartTime
    made.InstanceNumber, made.NumberOfFrames = 1, len(images)
    made.AttenuationCorrected = made.DecayCorrected = made.ScatterCorrected = "YES"
    made.DecayCorrectionDateTime = f"{first.SeriesDate}{first.SeriesTime}"
    shared = Dataset()
    shared.PixelMeasuresSequence = item(PixelSpacing=first.PixelSpacing, SliceThickness=first.SliceThickness)
    shared.PlaneOrientationSequence = item(ImageOrientationPatient=first.ImageOrientationPatient)
    made.SharedFunctionalGroupsSequence = Items([shared])
    made.PerFrameFunctionalGroupsSequence = Items([_group(image, unit, factor) for image in images])
    made.PixelData = np.stack([image.pixel_array for image in images]).astype("<u2").tobytes()
    if change is not None:
        change(made)
    made.save_as(path, enforce_file_format=True)
    return ScanFile(path, path.name, path.name)


def _group(image: Dataset, unit: str, factor: float) -> Dataset:
    group = Dataset()
    group.PlanePositionSequence = item(ImagePositionPatient=image.ImagePositionPatient)
    group.FrameContentSequence = item(
        FrameAcquisitionDateTime=f"{image.AcquisitionDate}{image.AcquisitionTime}",
        FrameAcquisitionDuration=float(image.ActualFrameDuration),
    )
    group.RealWorldValueMappingSequence = Items(
        [mapping(1.0, "{counts}"), mapping(float(image.RescaleSlope) * factor, unit)]
    )
    return group
