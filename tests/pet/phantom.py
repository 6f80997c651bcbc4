"""Small PET series, segmentations and structure sets written as DICOM, with counts that are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from ingestion.dicom.index import ScanFile
from pet.header import PET_IMAGE

SPACING = (4.0, 4.0, 4.0)
HALF_LIFE = 6586.2
DOSE = 370e6
SLOPE = 1.0
BECQUEREL_PER_SUV = 1 / 2.763367206671e-4
"""Bq/ml of SUVbw 1 in 70 kg, 370 MBq of F-18, 60 min: the worked number of section 3.4."""

Change = Callable[[Dataset, int], None]


def code(value: str, meaning: str) -> Items:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return Items([item])


def pet_slice(
    pixels: np.ndarray, number: int, name: str, spacing: Sequence[float] = SPACING, slope: float = SLOPE
) -> FileDataset:
    """One slice in Bq/ml, 70 kg, 1.75 m, male, FDG 370 MBq at 10:00, scanned at 11:00, a slope of its own."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = PET_IMAGE, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[name, str(number)])
    scan = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    scan.SOPClassUID, scan.SOPInstanceUID = PET_IMAGE, meta.MediaStorageSOPInstanceUID
    scan.StudyInstanceUID = generate_uid(entropy_srcs=[name, "study"])
    scan.SeriesInstanceUID = generate_uid(entropy_srcs=[name, "series"])
    scan.FrameOfReferenceUID = generate_uid(entropy_srcs=[name, "frame"])
    scan.PatientID = scan.PatientName = name
    scan.PatientSex, scan.PatientWeight, scan.PatientSize, scan.PatientBirthDate = "M", "70", "1.75", ""
    scan.StudyID, scan.AccessionNumber, scan.ReferringPhysicianName = "", "", ""
    scan.Modality, scan.Manufacturer, scan.SeriesNumber = "PT", "NADIR", 1
    scan.StudyDate = scan.SeriesDate = scan.AcquisitionDate = "20240110"
    scan.StudyTime = scan.SeriesTime = scan.AcquisitionTime = "110000"
    scan.InstanceNumber, scan.SliceThickness = number + 1, str(spacing[0])
    scan.PixelSpacing = [str(spacing[1]), str(spacing[2])]
    scan.ImagePositionPatient = ["-50", "-40", str(-30 + number * spacing[0])]
    scan.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    scan.Rows, scan.Columns = pixels.shape
    scan.SamplesPerPixel, scan.PhotometricInterpretation, scan.PixelRepresentation = 1, "MONOCHROME2", 0
    scan.BitsAllocated, scan.BitsStored, scan.HighBit = 16, 16, 15
    scan.RescaleIntercept, scan.RescaleSlope, scan.Units = "0", f"{slope:.10g}", "BQML"
    scan.CorrectedImage, scan.DecayCorrection = ["ATTN", "DECY", "SCAT"], "START"
    scan.ActualFrameDuration, scan.FrameReferenceTime = "180000", "0"
    drug = Dataset()
    drug.Radiopharmaceutical, drug.RadiopharmaceuticalStartTime = "FDG", "100000"
    drug.RadionuclideTotalDose, drug.RadionuclideHalfLife = str(DOSE), str(HALF_LIFE)
    drug.RadionuclideCodeSequence = code("77004003", "^18^Fluorine")
    scan.RadiopharmaceuticalInformationSequence = Items([drug])
    scan.PixelData = pixels.astype("<u2").tobytes()
    return scan


def write_pet(
    folder: Path,
    suv: np.ndarray,
    name: str = "P-01",
    spacing: Sequence[float] = SPACING,
    change: Change | None = None,
) -> tuple[ScanFile, ...]:
    """A series whose voxels are ``suv`` (slices x rows x columns) to about 0.1 %; ``change`` alters each slice."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, plane in enumerate(suv):
        slope = max(float(plane.max()) * BECQUEREL_PER_SUV / 60000, 1e-3) * (1 + number / 1000)
        slope = float(f"{slope:.10g}")
        dataset = pet_slice(np.round(plane * BECQUEREL_PER_SUV / slope), number, name, spacing, slope)
        if change is not None:
            change(dataset, number)
        path = folder / f"{name}-{number:03d}.dcm"
        dataset.save_as(path, enforce_file_format=True)
        files.append(ScanFile(path, path.name, f"{name}{number}"))
    return tuple(files)


def sphere(
    shape: Sequence[int], centre: Sequence[float], radius: float, spacing: Sequence[float] = SPACING
) -> np.ndarray:
    """Voxels whose centre lies in a sphere; centre in voxels, radius in mm."""
    axes = np.meshgrid(*(np.arange(size) for size in shape), indexing="ij")
    away = sum(((axis - c) * s) ** 2 for axis, c, s in zip(axes, centre, spacing, strict=True))
    return away <= radius**2


def write_seg(
    path: Path,
    pet: Sequence[ScanFile],
    masks: Mapping[str, np.ndarray],
    kind: str = "BINARY",
    creator: str | None = "READER^ONE",
    tracked: bool = True,
    change: Callable[[Dataset], None] | None = None,
) -> ScanFile:
    """A segmentation of ``masks`` by label on the PET series, made by highdicom."""
    sources = [pydicom.dcmread(file.path) for file in pet]
    descriptions = [
        hd.seg.SegmentDescription(
            number,
            label,
            codes.SCT.AnatomicalStructure if label == "Liver" else codes.SCT.MorphologicallyAbnormalStructure,
            codes.SCT.Liver if label == "Liver" else codes.SCT.Neoplasm,
            algorithm_type="MANUAL",
            tracking_id=label if tracked else None,
            tracking_uid=generate_uid(entropy_srcs=[label]) if tracked else None,
        )
        for number, label in enumerate(masks, start=1)
    ]
    stacked = np.stack(list(masks.values()), axis=-1)
    pixels: np.ndarray
    if kind == "LABELMAP":
        pixels = (stacked * np.arange(1, stacked.shape[-1] + 1)).max(axis=-1).astype(np.uint8)
    elif kind == "FRACTIONAL":
        pixels = stacked.astype(np.float64)
    else:
        pixels = stacked.astype(np.uint8)
    seg = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=descriptions,
        series_instance_uid=generate_uid(entropy_srcs=[str(path)]),
        series_number=9,
        sop_instance_uid=generate_uid(entropy_srcs=[str(path), "instance"]),
        instance_number=1,
        manufacturer="NADIR",
        manufacturer_model_name="test",
        software_versions="1",
        device_serial_number="1",
        content_creator_name=creator,
    )
    if change is not None:
        change(seg)
    seg.save_as(path)
    return ScanFile(path, path.name, path.name)


def write_rtstruct(
    path: Path,
    pet: Sequence[ScanFile],
    contours: Mapping[str, Sequence[tuple[int, Sequence[Sequence[float]]]]],
    references: bool = True,
    shift: float = 0.0,
) -> ScanFile:
    """A structure set; contours are (slice, points in millimetres from the first voxel as column, row) by name."""
    sources = [pydicom.dcmread(file.path) for file in pet]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = RTStructureSetStorage, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[str(path)])
    rt = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    rt.SOPClassUID, rt.SOPInstanceUID, rt.Modality = RTStructureSetStorage, meta.MediaStorageSOPInstanceUID, "RTSTRUCT"
    rt.StructureSetDate, rt.StructureSetTime = "20240111", "120000"
    rt.StructureSetROISequence, rt.ROIContourSequence = Items(), Items()
    for number, (name, several) in enumerate(contours.items(), start=1):
        roi, drawn = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number, name
        drawn.ReferencedROINumber, drawn.ContourSequence = number, Items()
        for place, points in several:
            x, y, z = (float(value) for value in sources[place].ImagePositionPatient)
            contour = Dataset()
            contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
            contour.ContourData = [f"{v:.6g}" for c, r in points for v in (x + c, y + r, z + shift)]
            if references:
                image = Dataset()
                image.ReferencedSOPClassUID = sources[place].SOPClassUID
                image.ReferencedSOPInstanceUID = sources[place].SOPInstanceUID
                contour.ContourImageSequence = Items([image])
            drawn.ContourSequence.append(contour)
        rt.StructureSetROISequence.append(roi)
        rt.ROIContourSequence.append(drawn)
    rt.save_as(path, enforce_file_format=True)
    return ScanFile(path, path.name, path.name)


def body(shape: tuple[int, int, int] = (24, 40, 40)) -> np.ndarray:
    """A body of SUV 0.6 in air."""
    suv = np.zeros(shape)
    suv[:, 4:-4, 4:-4] = 0.6
    return suv


SCAN_DATE = dt.date(2024, 1, 10)
