"""A study of one subject with two PET visits, as its frames stand in the warehouse before quantification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl

from ingestion.dicom.index import ScanFile, index_files
from ingestion.dicom.tables import VISIT_SCAN
from ingestion.tables import LANDING_FILE
from pet.quantify import Pictures, Quantities, nothing_known, quantify
from pet.tasks import scan_tasks
from protocol.pet_options import DEFAULT, PetOptions
from tests.pet.phantom import body, sphere, write_pet, write_seg

SHAPE = (30, 48, 48)
LIVER = sphere(SHAPE, (15, 30, 14), 22.0)
LESIONS = {"L01": sphere(SHAPE, (8, 14, 30), 13.0), "L02": sphere(SHAPE, (22, 16, 16), 11.0)}
LEVELS = {0: {"L01": 8.0, "L02": 6.0}, 1: {"L01": 5.0, "L02": 7.0}}
LIVER_LEVEL = 2.0
DATES = {0: dt.date(2024, 1, 10), 1: dt.date(2024, 3, 6)}


def uptake(timepoint: int) -> np.ndarray:
    suv = body(SHAPE)
    suv[LIVER] = LIVER_LEVEL
    for name, mask in LESIONS.items():
        suv[mask] = LEVELS[timepoint][name]
    return suv


@dataclass
class PetStudy:
    """Files below ``folder`` and the frames that describe them."""

    folder: Path
    files: list[ScanFile] = field(default_factory=list)
    options: PetOptions = DEFAULT

    def add(self, files: Sequence[ScanFile]) -> None:
        self.files += [replace(file, sha256=sha256(file.path.read_bytes()).hexdigest()) for file in files]

    def instances(self) -> pl.DataFrame:
        return index_files("S", self.files).frame

    def manifest(self) -> pl.DataFrame:
        rows = [
            {"source_name": f.source_name, "sha256": f.sha256, "landed_path": str(f.path.relative_to(self.folder))}
            for f in self.files
        ]
        return LANDING_FILE.conform(pl.DataFrame(rows).with_columns(study_id=pl.lit("S"), current=pl.lit(True)))

    def visit_scans(self, timepoints: Mapping[str, int | None] | None = None) -> pl.DataFrame:
        found = self.instances().filter(pl.col("modality") == "PT").select("series_instance_uid", "patient_id").unique()
        rows = []
        for uid, name in found.sort("patient_id").iter_rows():
            timepoint = (timepoints or {}).get(name, int(name[-1]) if name[-1].isdigit() else None)
            rows.append(
                {
                    "study_id": "S",
                    "subject_id": "P-01",
                    "timepoint": timepoint,
                    "visit": "UNSCHEDULED" if timepoint is None else ("SCREENING", "WEEK 8")[timepoint],
                    "modality": "PT",
                    "scan_id": uid,
                    "series_instance_uid": uid,
                    "scan_date": DATES.get(timepoint if timepoint is not None else 0),
                    "status": "RECEIVED",
                }
            )
        return VISIT_SCAN.conform(pl.DataFrame(rows, schema_overrides={"timepoint": pl.Int32}))

    def quantities(self, known: Quantities | None = None, pictures: Pictures | None = None) -> Quantities:
        tasks, _ = scan_tasks("S", self.folder, self.manifest(), self.instances(), self.visit_scans())
        return quantify(tasks, self.options, known or nothing_known(), pictures)


def two_visits(folder: Path) -> PetStudy:
    """Baseline with lesions and liver drawn, a follow-up with the lesions alone."""
    study = PetStudy(folder)
    for timepoint in LEVELS:
        name = f"VISIT-{timepoint}"
        pet = write_pet(folder / name, uptake(timepoint), name)
        study.add(pet)
        masks = {**LESIONS, "Liver": LIVER} if timepoint == 0 else LESIONS
        study.add([write_seg(folder / f"{name}.seg.dcm", pet, masks)])
    return study
