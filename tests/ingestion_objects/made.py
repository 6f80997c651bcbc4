"""Objects as programs make them, by highdicom: a small CT, SEG, RTSTRUCT and TID 1500 reports about it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from ingestion.dicom.index import ScanFile

MAKER = {
    "manufacturer": "Example",
    "manufacturer_model_name": "Example",
    "software_versions": "1",
    "device_serial_number": "1",
}


def uid(*names: object) -> str:
    return generate_uid(entropy_srcs=[str(name) for name in names])


def ct(subject: str = "A1", day: str = "20240311", slices: int = 4, **attributes: Any) -> list[FileDataset]:
    """The slices of one CT series; further keywords set attributes."""
    made = []
    for number in range(slices):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = uid(subject, day, attributes, number)
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        one = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
        one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        one.StudyInstanceUID, one.SeriesInstanceUID = uid(subject, day), uid(subject, day, attributes, "CT")
        one.FrameOfReferenceUID = uid(subject, day, "frame")
        one.PatientID, one.PatientName = subject, f"{subject}^"
        one.PatientBirthDate, one.PatientSex, one.Modality = "", "", "CT"
        one.StudyDate = one.SeriesDate = one.AcquisitionDate = one.ContentDate = day
        one.StudyTime = one.SeriesTime = one.AcquisitionTime = one.ContentTime = "100000"
        one.StudyID, one.AccessionNumber, one.ReferringPhysicianName = "1", "", ""
        one.SeriesNumber, one.InstanceNumber = 1, number + 1
        one.Manufacturer = "Example"
        one.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        one.SliceThickness, one.PixelSpacing = "5", ["1", "1"]
        one.ImagePositionPatient, one.ImageOrientationPatient = [0, 0, 5 * number], [1, 0, 0, 0, 1, 0]
        one.Rows = one.Columns = 16
        one.SamplesPerPixel, one.PhotometricInterpretation, one.PixelRepresentation = 1, "MONOCHROME2", 0
        one.BitsAllocated, one.BitsStored, one.HighBit = 16, 16, 15
        one.PixelData = np.zeros((16, 16), dtype="<u2").tobytes()
        for keyword, value in attributes.items():
            setattr(one, keyword, value)
        made.append(one)
    return made


def seg(images: Sequence[Dataset], labels: Sequence[str] = ("Lesion 1", "Lesion 2")) -> Dataset:
    """A binary SEG: segment n is drawn on the first n images."""
    described = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=label,
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Neoplasm,
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
            tracking_id=label,
            tracking_uid=uid(images[0].PatientID, label),
        )
        for number, label in enumerate(labels, 1)
    ]
    mask = np.zeros((len(images), 16, 16, len(labels)), dtype=np.uint8)
    for number in range(len(labels)):
        mask[: number + 1, 4 * number : 4 * number + 3, :3, number] = 1
    return hd.seg.Segmentation(
        source_images=list(images),
        pixel_array=mask,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=described,
        series_instance_uid=uid(images[0].SeriesInstanceUID, "SEG"),
        series_number=2,
        sop_instance_uid=uid(images[0].SeriesInstanceUID, "SEG", 1),
        instance_number=1,
        omit_empty_frames=True,
        content_label="LESIONS",
        **MAKER,
    )


def rtstruct(images: Sequence[Dataset], names: Sequence[str] = ("GTV 1",)) -> FileDataset:
    """An RTSTRUCT: every region has one contour on each image."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = RTStructureSetStorage
    meta.MediaStorageSOPInstanceUID = uid(images[0].SeriesInstanceUID, "RTSTRUCT", names)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = RTStructureSetStorage, meta.MediaStorageSOPInstanceUID
    made.Modality, made.PatientID, made.PatientName = "RTSTRUCT", images[0].PatientID, images[0].PatientID
    made.StudyInstanceUID = images[0].StudyInstanceUID
    made.SeriesInstanceUID = uid(images[0].SeriesInstanceUID, "RTSTRUCT")
    made.StudyDate, made.StructureSetDate = images[0].StudyDate, "20240401"
    series = Dataset()
    series.SeriesInstanceUID = images[0].SeriesInstanceUID
    series.ContourImageSequence = [_reference(image) for image in images]
    study = Dataset()
    study.RTReferencedSeriesSequence = [series]
    frame = Dataset()
    frame.FrameOfReferenceUID = images[0].FrameOfReferenceUID
    frame.RTReferencedStudySequence = [study]
    made.ReferencedFrameOfReferenceSequence = [frame]
    made.StructureSetROISequence, made.ROIContourSequence, made.RTROIObservationsSequence = [], [], []
    for number, name in enumerate(names, 1):
        region = Dataset()
        region.ROINumber, region.ROIName, region.ROIGenerationAlgorithm = number, name, "MANUAL"
        region.ReferencedFrameOfReferenceUID = images[0].FrameOfReferenceUID
        drawn = Dataset()
        drawn.ReferencedROINumber = number
        drawn.ContourSequence = []
        for image in images:
            contour = Dataset()
            contour.ContourImageSequence = [_reference(image)]
            contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 3
            contour.ContourData = [0, 0, 0, 4, 0, 0, 4, 4, 0]
            drawn.ContourSequence.append(contour)
        seen = Dataset()
        seen.ObservationNumber, seen.ReferencedROINumber, seen.RTROIInterpretedType = number, number, "GTV"
        made.StructureSetROISequence.append(region)
        made.ROIContourSequence.append(drawn)
        made.RTROIObservationsSequence.append(seen)
    return made


def _reference(image: Dataset) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    return reference


def write(folder: Path, *datasets: Dataset) -> list[ScanFile]:
    """The data sets as files below a folder, as the index takes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for dataset in datasets:
        pydicom.dcmwrite(folder / f"{dataset.Modality}-{dataset.SOPInstanceUID}.dcm", dataset)
    return scan_files(folder)


def scan_files(folder: Path) -> list[ScanFile]:
    """All files below a folder as the index takes them."""
    return [
        ScanFile(path, path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def report(
    images: Sequence[FileDataset],
    lesions: Sequence[dict[str, Any]],
    observer: str = "Reader^One",
    number: int = 1,
    kind: type = hd.sr.ComprehensiveSR,
    at: str = "20240401 120000",
    device: bool = False,
) -> Dataset:
    """A TID 1500 report of one observer: each lesion has id, long, short, site and category."""
    identified = (
        hd.sr.DeviceObserverIdentifyingAttributes(uid=uid(observer), name=observer)
        if device
        else hd.sr.PersonObserverIdentifyingAttributes(name=observer)
    )
    context = hd.sr.ObserverContext(
        observer_type=codes.DCM.Device if device else codes.DCM.Person, observer_identifying_attributes=identified
    )
    groups = [_group(images[0], lesion) for lesion in lesions]
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(
            observer_person_context=None if device else context, observer_device_context=context if device else None
        ),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=groups,
    )
    made = kind(
        evidence=list(images),
        content=content[0],
        series_number=3,
        series_instance_uid=uid(images[0].SeriesInstanceUID, observer, "SR"),
        sop_instance_uid=uid(images[0].SeriesInstanceUID, observer, number, "SR"),
        instance_number=number,
        manufacturer="Example",
        is_complete=True,
        is_final=True,
    )
    made.ContentDate, made.ContentTime = at.split()
    return made


def _group(image: FileDataset, lesion: dict[str, Any]) -> hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations:
    region = hd.sr.ImageRegion(
        graphic_type=hd.sr.GraphicTypeValues.POLYLINE,
        graphic_data=np.array([[1.0, 1.0], [5.0, 5.0]]),
        source_image=hd.sr.SourceImageForRegion(image.SOPClassUID, image.SOPInstanceUID),
    )
    sizes = (("long", codes.SCT.LongAxis), ("short", codes.SCT.ShortAxis))
    return hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        referenced_region=region,
        tracking_identifier=hd.sr.TrackingIdentifier(uid=uid(image.PatientID, lesion["id"]), identifier=lesion["id"]),
        finding_type=codes.SCT.Neoplasm,
        finding_sites=[hd.sr.FindingSite(lesion.get("site", codes.SCT.Liver))],
        measurements=[
            hd.sr.Measurement(name=name, value=lesion[size], unit=lesion.get("unit", codes.UCUM.Millimeter))
            for size, name in sizes
            if size in lesion
        ],
    )
