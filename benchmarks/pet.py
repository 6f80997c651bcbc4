"""PET: SUV, lesions with SULpeak, MTV and TLG of one scan, against decoding its pixels alone with pydicom."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from benchmarks.measure import Cost, cost, in_child
from benchmarks.report import Section
from ingestion.dicom.index import ScanFile
from pet.header import PET_IMAGE
from pet.quantify import nothing_known, quantify
from pet.scan import ScanTask, quantified
from protocol.pet_options import DEFAULT

SIZES = ((136, 11, 1), (136, 11, 6), (272, 11, 1), (545, 1, 1), (545, 11, 1), (545, 44, 1))
QUICK_SIZES = ((40, 3, 1), (40, 3, 2))
MATRIX = 200
SPACING_MM = (2.0, 4.0, 4.0)
LESION_MM = 14.0
GOAL, GOAL_SIZE = 2.0, (545, 11, 1)
REPEATS = 3
RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one size took: quantifying, decoding alone, and the lesions of a scan that came of it."""

    quantified: Cost
    decoded: Cost
    lesions: int


def run(quick: bool) -> Section:
    """Measure several lengths, numbers of lesions and numbers of scans, each in a process of its own."""
    rows, ratio = [], float("nan")
    for size in QUICK_SIZES if quick else SIZES:
        found, gigabytes = in_child(_measured, *size)
        times = found.quantified.cpu / found.decoded.cpu
        if size == GOAL_SIZE:
            ratio = times
        rows.append(
            (
                f"{size[2]}, {size[0]}, {found.lesions}",
                f"{found.quantified.wall:.2f}",
                f"{found.quantified.cpu:.2f}",
                f"{found.decoded.cpu:.2f}",
                f"{times:.2f}",
                f"{gigabytes:.2f}",
            )
        )
    verdict = "not judged at this size" if quick else "reached" if ratio <= GOAL else "missed"
    return Section(
        title="PET: from the scanner's counts to lesions",
        intro=(
            f"A whole-body scan of {MATRIX} x {MATRIX} pixels, its SUVbw volume, and the lesions of a structure set "
            "with SULpeak, MTV by every method and TLG, from files to rows. Reference: `dcmread(...).pixel_array` of "
            "the same files, nothing else. Peak memory is that of the whole process, libraries included; one scan at a "
            "time is in it."
        ),
        header=(
            "scans, slices, lesions",
            "wall, s",
            "CPU, s",
            "decoding, CPU s",
            "times the decoding",
            "peak memory, GB",
        ),
        rows=tuple(rows),
        outcome=f"Goal: at most {GOAL:g} times the decoding for 545 slices and 11 lesions; {verdict}.",
    )


def _measured(slices: int, lesions: int, scans: int) -> Measured:
    with tempfile.TemporaryDirectory() as name:
        tasks = []
        for number in range(scans):
            folder = Path(name) / str(number)
            folder.mkdir()
            *images, drawn = _scan(folder, slices, lesions)
            subject = f"S-{number:02d}"
            tasks.append(ScanTask("BENCH", subject, 0, "BASELINE", None, "1.2.3", tuple(images), (drawn,)))
        rows = quantify(tasks, DEFAULT, nothing_known()).lesion
        if rows.height != lesions * scans or rows["sul_peak"].null_count():
            raise RuntimeError(f"{rows.height} lesions of {lesions * scans} were measured")
        files = [file.path for task in tasks for file in task.files]
        decoded = cost(lambda: _decode(files), REPEATS)
        return Measured(cost(lambda: _quantify(tasks), REPEATS), decoded, lesions)


def _decode(files: Sequence[Path]) -> None:
    for path in files:
        _ = pydicom.dcmread(path).pixel_array


def _quantify(tasks: Sequence[ScanTask]) -> None:
    for task in tasks:
        quantified(task, DEFAULT)


def _scan(folder: Path, slices: int, lesions: int) -> list[ScanFile]:
    """A noisy body with hot spheres, and the structure set of the spheres as the last file."""
    generator = np.random.default_rng(7)
    middle = [
        ((number + 0.5) * slices / lesions, *(generator.uniform(0.3, 0.7, 2) * MATRIX)) for number in range(lesions)
    ]
    lines, columns = np.mgrid[:MATRIX, :MATRIX]
    files, contours = [], {number: Items() for number in range(lesions)}
    for place in range(slices):
        plane = generator.gamma(4.0, 500.0, (MATRIX, MATRIX))
        slice_uid = generate_uid(entropy_srcs=["bench", str(slices), str(place)])
        for number, (z, y, x) in enumerate(middle):
            left = LESION_MM**2 - ((place - z) * SPACING_MM[0]) ** 2
            if left > 0:
                plane[((lines - y) ** 2 + (columns - x) ** 2) * SPACING_MM[1] ** 2 <= left] += 20000
                contours[number].append(_contour(slice_uid, place, y, x, (left**0.5) * 1.3))
        path = folder / f"{place:04d}.dcm"
        _slice(plane, place, slice_uid).save_as(path, enforce_file_format=True)
        files.append(ScanFile(path, path.name, path.name))
    drawn = folder / "drawn.dcm"
    _structures(contours).save_as(drawn, enforce_file_format=True)
    return [*files, ScanFile(drawn, drawn.name, drawn.name)]


def _file(sop_class: str, uid: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, uid
    return dataset


def _slice(plane: np.ndarray, place: int, uid: str) -> FileDataset:
    scan = _file(PET_IMAGE, uid)
    scan.SeriesInstanceUID, scan.FrameOfReferenceUID, scan.Modality = "1.2.3", "1.2.4", "PT"
    scan.PatientWeight, scan.PatientSize, scan.PatientSex = "70", "1.75", "M"
    scan.SeriesDate = scan.AcquisitionDate = "20240110"
    scan.SeriesTime = scan.AcquisitionTime = "110000"
    scan.Units, scan.DecayCorrection, scan.CorrectedImage = "BQML", "START", ["ATTN", "DECY"]
    drug = Dataset()
    drug.Radiopharmaceutical, drug.RadiopharmaceuticalStartTime = "FDG", "100000"
    drug.RadionuclideTotalDose, drug.RadionuclideHalfLife = "370000000", "6588"
    scan.RadiopharmaceuticalInformationSequence = Items([drug])
    scan.ImagePositionPatient = ["0", "0", f"{place * SPACING_MM[0]:g}"]
    scan.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    scan.PixelSpacing = [f"{SPACING_MM[1]:g}", f"{SPACING_MM[2]:g}"]
    scan.Rows = scan.Columns = MATRIX
    scan.SamplesPerPixel, scan.PhotometricInterpretation, scan.PixelRepresentation = 1, "MONOCHROME2", 0
    scan.BitsAllocated, scan.BitsStored, scan.HighBit = 16, 16, 15
    slope = float(f"{plane.max() / 60000:.8g}")
    scan.RescaleIntercept, scan.RescaleSlope = "0", f"{slope:.8g}"
    scan.PixelData = np.round(plane / slope).astype("<u2").tobytes()
    return scan


def _contour(uid: str, place: int, row: float, column: float, radius: float) -> Dataset:
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    contour, image = Dataset(), Dataset()
    x, y = column * SPACING_MM[2] + radius * np.cos(angles), row * SPACING_MM[1] + radius * np.sin(angles)
    contour.ContourGeometricType = "CLOSED_PLANAR"
    z = place * SPACING_MM[0]
    contour.ContourData = [f"{value:.6g}" for pair in zip(x, y, strict=True) for value in (*pair, z)]
    image.ReferencedSOPInstanceUID = uid
    contour.ContourImageSequence = Items([image])
    return contour


def _structures(contours: dict[int, Items]) -> FileDataset:
    rt = _file(RTSTRUCT, generate_uid(entropy_srcs=["bench", "drawn"]))
    rt.Modality, rt.StructureSetROISequence, rt.ROIContourSequence = "RTSTRUCT", Items(), Items()
    for number, several in contours.items():
        roi, drawn = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number + 1, f"LESION {number + 1}"
        drawn.ReferencedROINumber, drawn.ContourSequence = number + 1, several
        rt.StructureSetROISequence.append(roi)
        rt.ROIContourSequence.append(drawn)
    return rt
