"""The DICOM files of the subjects with scans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydicom.dataset import Dataset

from simulation.faults.catalogue import ScanPlanter
from simulation.faults.scans import Objects
from simulation.pet import Pet, pet_of
from simulation.scans.anatomy import Place, placed_lesions
from simulation.scans.derived import report, segmentation
from simulation.scans.header import Scan, scan_at, scanned_visits
from simulation.scans.images import ct_series, ct_time, ct_volume, lesion_masks, pet_series, suv_volume
from simulation.trial import Trial

SEGMENTED_BY = "RADIOLOGIST 1"
REPORTED_BY = ("RADIOLOGIST 1", "RADIOLOGIST 2")


def visit_objects(scan: Scan, pet: Pet, places: Sequence[Place]) -> dict[str, Dataset]:
    """The DICOM objects of a visit by the path of their file below incoming/dicom.

    A CT with a report of the diameters by each central reader, and where the subject has PET, the PET with a
    segmentation of what takes up FDG; without PET the segmentation is one of the CT.
    """
    folder = f"{scan.subject_id}/{scan.visit.replace(' ', '_')}"
    masks = lesion_masks(scan, places)
    ct = ct_series(scan, ct_volume(scan, masks), ct_time(scan, pet))
    objects: dict[str, Dataset] = {f"{folder}/CT/{number:03d}.dcm": image for number, image in enumerate(ct, start=1)}
    images, modality = ct, "CT"
    if pet.has[scan.subject, scan.visit_index]:
        images, modality = pet_series(scan, pet, suv_volume(scan, pet, masks)), "PT"
        objects |= {f"{folder}/PT/{number:03d}.dcm": image for number, image in enumerate(images, start=1)}
    if modality == "PT":
        masks = {place: mask for place, mask in masks.items() if pet.suv[scan.subject, scan.visit_index, place] > 0}
    segments = segmentation(scan, SEGMENTED_BY, images, masks, modality)
    if segments is not None:
        objects[f"{folder}/SEG/{modality}_{SEGMENTED_BY.replace(' ', '_')}.dcm"] = segments
    for reader in REPORTED_BY:
        made = report(scan, reader, ct, places)
        if made is not None:
            objects[f"{folder}/SR/{reader.replace(' ', '_')}.dcm"] = made
    return objects


def write_scans(trial: Trial, folder: Path, planter: ScanPlanter) -> int:
    """Write the scans of the first subjects into ``folder``, with planted faults; the number of files."""
    pet, count = pet_of(trial), 0
    for subject in range(trial.settings.scans):
        places = placed_lesions(trial, subject)
        for index in scanned_visits(trial, subject):
            objects: Objects = {**visit_objects(scan_at(trial, subject, index), pet, places)}
            planter.plant(objects)
            for name, made in objects.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(made, bytes):
                    path.write_bytes(made)
                else:
                    made.save_as(path, enforce_file_format=True)
            count += len(objects)
    return count
