"""CT and PET series: slices with spheres of true diameter and true uptake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence as Items

from simulation.draws import Booleans, Floats, stream
from simulation.pet import BACKGROUND_SUV, HALF_LIFE_S, REGIONS, SCANNERS, Pet
from simulation.scans.anatomy import (
    ORIGIN,
    PIXEL_MM,
    SHAPE,
    SLICE_MM,
    Place,
    body,
    reference_regions,
    sphere,
)
from simulation.scans.header import Scan, image_dataset, scan_times

CT_IMAGE, PET_IMAGE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.128"
AIR_HU, BODY_HU, LIVER_HU, LESION_HU, INTERCEPT = -1000, 40, 60, 110, -1024
FRAME_MS = 180_000
LARGEST_STORED = 32_000
BECQUEREL_PER_MBQ = 1e6


def lesion_masks(scan: Scan, places: Sequence[Place]) -> dict[int, Booleans]:
    """Voxels of each lesion that is there at the visit, by its place."""
    sizes = scan.trial.true[scan.subject, scan.visit_index]
    return {each.place: sphere(each.centre, float(sizes[each.place])) for each in places if sizes[each.place] > 0}


def ct_volume(scan: Scan, masks: dict[int, Booleans]) -> Floats:
    """Hounsfield units of the visit."""
    volume = np.where(body(), float(BODY_HU), float(AIR_HU))
    for mask in masks.values():
        volume[mask] = LESION_HU
    noise = scan.trial.settings.voxel_noise
    if noise:
        volume += noise * 100 * _noise(scan, "ct noise")
    return volume


def suv_volume(scan: Scan, pet: Pet, masks: dict[int, Booleans]) -> Floats:
    """SUVbw of the visit: background, reference regions and lesions, each uniform, plus the stated noise."""
    at = (scan.subject, scan.visit_index)
    volume = np.where(body(), BACKGROUND_SUV, 0.0)
    for place, mask in masks.items():
        volume[mask] = pet.suv[at][place] or BACKGROUND_SUV
    for number, region in enumerate(REGIONS):
        volume[reference_regions()[region]] = pet.reference[at][number]
    noise = scan.trial.settings.voxel_noise
    return np.maximum(volume * (1 + noise * _noise(scan, "pet noise")), 0) if noise else volume


def _noise(scan: Scan, purpose: str) -> Floats:
    return stream(scan.trial.settings.seed, purpose, scan.subject, scan.visit_index).standard_normal(SHAPE)


def ct_series(scan: Scan, volume: Floats, at: datetime) -> list[FileDataset]:
    """The CT of a visit, contrast enhanced."""
    slices = []
    for number, plane in enumerate(volume, start=1):
        dataset = image_dataset(scan, CT_IMAGE, "CT", number, at)
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.SeriesDescription, dataset.BodyPartExamined = "CT CHEST ABDOMEN CONTRAST", "CHESTABDOMEN"
        dataset.KVP, dataset.ConvolutionKernel, dataset.AcquisitionNumber = "120", "STANDARD", 1
        dataset.PatientPosition = "HFS"
        dataset.ContrastBolusAgent = "IODINATED CONTRAST"
        dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = str(INTERCEPT), "1", "HU"
        _pixels(dataset, np.clip(np.round(plane) - INTERCEPT, 0, 4095), number)
        slices.append(dataset)
    return slices


def pet_series(scan: Scan, pet: Pet, volume: Floats) -> list[FileDataset]:
    """The attenuation-corrected PET of a visit in Bq/ml, decay-corrected to its start; a slope for every slice."""
    at = (scan.subject, scan.visit_index)
    injected, start = scan_times(scan, pet.injected_at_min[at], pet.uptake_min[at])
    dose = pet.activity_mbq[at] * BECQUEREL_PER_MBQ
    weight = float(f"{scan.trial.people.weight_kg[scan.subject]:.1f}")
    per_suv = dose * 0.5 ** ((start - injected).total_seconds() / HALF_LIFE_S) / (weight * 1000)
    drug = _radiopharmaceutical(injected, dose)
    scanner = SCANNERS[int(scan.trial.people.site[scan.subject]) % len(SCANNERS)]
    slices = []
    for number, plane in enumerate(volume * per_suv, start=1):
        dataset = image_dataset(scan, PET_IMAGE, "PT", number, start)
        slope = float(f"{max(float(plane.max()), 1.0) / LARGEST_STORED:.8g}")
        dataset.ImageType = ["ORIGINAL", "PRIMARY"]
        dataset.SeriesDescription, dataset.BodyPartExamined = "PET WB AC", "CHESTABDOMEN"
        dataset.SeriesType, dataset.Units, dataset.CountsSource = ["WHOLE BODY", "IMAGE"], "BQML", "EMISSION"
        dataset.NumberOfSlices, dataset.CorrectedImage = SHAPE[0], ["DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM"]
        dataset.DecayCorrection, dataset.AttenuationCorrectionMethod = "START", "CT"
        dataset.ScatterCorrectionMethod, dataset.ReconstructionMethod = "MODEL", scanner.reconstruction
        dataset.CollimatorType, dataset.RandomsCorrectionMethod = "NONE", "DLYD"
        dataset.ActualFrameDuration, dataset.FrameReferenceTime = FRAME_MS, "0"
        dataset.DecayFactor, dataset.ImageIndex = "1", number
        dataset.RadiopharmaceuticalInformationSequence = Items([drug])
        dataset.PatientOrientationCodeSequence = Items([_code("102538003", "recumbent")])
        dataset.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = Items(
            [_code("40199007", "supine")]
        )
        dataset.PatientGantryRelationshipCodeSequence = Items([_code("102540001", "headfirst")])
        dataset.RescaleIntercept, dataset.RescaleSlope = "0", f"{slope:.8g}"
        _pixels(dataset, np.round(plane / slope), number)
        slices.append(dataset)
    return slices


def _radiopharmaceutical(injected: datetime, dose_bq: float) -> Dataset:
    drug = Dataset()
    drug.Radiopharmaceutical = "Fluorodeoxyglucose F^18^"
    drug.RadiopharmaceuticalStartTime = injected.strftime("%H%M%S")
    drug.RadiopharmaceuticalStartDateTime = injected.strftime("%Y%m%d%H%M%S")
    drug.RadionuclideTotalDose, drug.RadionuclideHalfLife = f"{dose_bq:.0f}", f"{HALF_LIFE_S}"
    drug.RadionuclidePositronFraction = "0.97"
    drug.RadionuclideCodeSequence = Items([_code("77004003", "^18^Fluorine")])
    drug.RadiopharmaceuticalCodeSequence = Items([_code("35321007", "Fluorodeoxyglucose F^18^")])
    return drug


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item


def _pixels(dataset: Dataset, stored: Floats, number: int) -> None:
    dataset.Rows, dataset.Columns = stored.shape
    dataset.PixelSpacing = [str(PIXEL_MM), str(PIXEL_MM)]
    dataset.SliceThickness, dataset.SpacingBetweenSlices = str(SLICE_MM), str(SLICE_MM)
    height = ORIGIN[2] + SLICE_MM * (number - 1)
    dataset.ImagePositionPatient = [str(ORIGIN[0]), str(ORIGIN[1]), str(height)]
    dataset.ImageOrientationPatient, dataset.SliceLocation = ["1", "0", "0", "0", "1", "0"], str(height)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.BurnedInAnnotation, dataset.LossyImageCompression = "NO", "00"
    dataset.PixelData = stored.astype("<u2").tobytes()


def ct_time(scan: Scan, pet: Pet) -> datetime:
    """When the CT was made: right before the PET where there is one, else in the morning."""
    at = (scan.subject, scan.visit_index)
    if not pet.has[at]:
        return datetime.combine(scan.day, datetime.min.time()) + timedelta(hours=10)
    return scan_times(scan, pet.injected_at_min[at], pet.uptake_min[at])[1] - timedelta(minutes=4)
