"""Simulated scans: valid DICOM with true diameters and uptake, de-identified, tied to the readers' lesions."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import defaultdict
from io import BytesIO
from pathlib import Path

import highdicom as hd
import numpy as np
import polars as pl
import pydicom
import pytest

from simulation.faults.catalogue import FAULTS, ScanPlanter
from simulation.faults.fault import Stage
from simulation.faults.scans import Objects
from simulation.pet import REGIONS, pet_of
from simulation.records import lesion_ids
from simulation.scans.anatomy import SPHERES, placed_lesions
from simulation.scans.write import write_scans
from simulation.settings import Settings
from simulation.trial import Trial, simulate

VALIDATOR = Path(sys.executable).with_name("dciodvfy")
LANDMARK = {"LIVER": (-99.0, 3.0, 105.0), "SPLEEN": (99.0, 27.0, 115.0)}


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trial, Path]:
    """One subject with scans of the baseline and the next visit, without noise."""
    trial = simulate(Settings(subjects=4, seed=5, pet=1.0, scans=1, scan_visits=2, missed=0.0, multi_day=0.0))
    folder = tmp_path_factory.mktemp("scans")
    write_scans(trial, folder, ScanPlanter(()))
    return trial, folder


def _series(folder: Path, visit: str, modality: str) -> list[pydicom.FileDataset]:
    files = sorted(folder.glob(f"*/{visit}/{modality}/*.dcm"))
    return sorted((pydicom.dcmread(file) for file in files), key=lambda image: float(image.ImagePositionPatient[2]))


def _naive_suv(images: list[pydicom.FileDataset]) -> np.ndarray:
    """SUVbw by the plain formula: voxel x slope, dose decayed from injection to the start, weight in g."""
    volume = []
    for image in images:
        drug = image.RadiopharmaceuticalInformationSequence[0]
        clock = [image.SeriesTime, drug.RadiopharmaceuticalStartTime]
        scan, injection = (int(t[:2]) * 3600 + int(t[2:4]) * 60 + int(t[4:6]) for t in clock)
        dose = float(drug.RadionuclideTotalDose) * math.exp(
            -math.log(2) * (scan - injection) / float(drug.RadionuclideHalfLife)
        )
        stored = np.frombuffer(image.PixelData, "<u2").reshape(image.Rows, image.Columns)
        volume.append(stored * float(image.RescaleSlope) * 1000 * float(image.PatientWeight) / dose)
    return np.array(volume)


def _voxel(images: list[pydicom.FileDataset], centre: tuple[float, float, float]) -> tuple[int, int, int]:
    first = images[0]
    x, y, z = (c - float(p) for c, p in zip(centre, first.ImagePositionPatient, strict=True))
    across, down = float(first.PixelSpacing[1]), float(first.PixelSpacing[0])
    return round(z / float(first.SliceThickness)), round(y / down), round(x / across)


def test_every_kind_of_object_is_valid(scanned: tuple[Trial, Path]) -> None:
    """No error of dciodvfy in the first file of every folder."""
    firsts = {file.parent: file for file in sorted(scanned[1].rglob("*.dcm"), reverse=True)}
    assert {folder.name for folder in firsts} == {"CT", "PT", "SEG", "SR"}
    for file in firsts.values():
        said = subprocess.run([VALIDATOR, file], capture_output=True, text=True, check=False)
        errors = [line for line in (said.stderr + said.stdout).splitlines() if line.startswith("Error")]
        assert errors == [], file


def test_uptake_of_spheres_is_the_true_one(scanned: tuple[Trial, Path]) -> None:
    """SUV by an independent formula: every voxel of a lesion, and the liver, has the true SUV."""
    trial, folder = scanned
    pet = pet_of(trial)
    compared = 0
    for visit, index in (("SCREENING", 1), ("WEEK_8", 2)):
        images = _series(folder, visit, "PT")
        suv = _naive_suv(images)
        for each in placed_lesions(trial, 0):
            true = pet.suv[0, index, each.place]
            if true == 0 or trial.true[0, index, each.place] == 0:
                continue
            assert suv[_voxel(images, each.centre)] == pytest.approx(true, rel=2e-4)
            compared += 1
        for region in ("LIVER", "SPLEEN"):
            number = next(i for i, known in enumerate(REGIONS) if known.value == region)
            assert suv[_voxel(images, LANDMARK[region])] == pytest.approx(pet.reference[0, index, number], rel=2e-4)
    assert compared >= 5
    assert {region.value for region in SPHERES} >= set(LANDMARK)


def test_diameters_on_ct_are_the_true_ones(scanned: tuple[Trial, Path]) -> None:
    """The extent of a lesion on the CT differs from its true diameter by two voxels at most."""
    trial, folder = scanned
    images = _series(folder, "SCREENING", "CT")
    volume = np.array(
        [np.frombuffer(i.PixelData, "<u2").reshape(i.Rows, i.Columns) + float(i.RescaleIntercept) for i in images]
    )
    for each in placed_lesions(trial, 0):
        true = trial.true[0, 1, each.place]
        if true < 10:
            continue
        z, y, x = _voxel(images, each.centre)
        row = volume[z, y] == volume[z, y, x]
        left, right = x, x
        while left > 0 and row[left - 1]:
            left -= 1
        while right < len(row) - 1 and row[right + 1]:
            right += 1
        assert abs((right - left + 1) * 6.0 - true) <= 12


def test_segments_are_the_readers_lesions(scanned: tuple[Trial, Path]) -> None:
    trial, folder = scanned
    seg = hd.seg.segread(next(folder.glob("*/SCREENING/SEG/*.dcm")))
    tracked = {str(description.TrackingID) for description in seg.SegmentSequence}
    seen = trial.reads["RADIOLOGIST 1"]
    place = np.nonzero((seen.state[0, :2] >= 0).any(axis=0))[0]
    place = place[pet_of(trial).suv[0, 1, place] > 0]
    lesions = set(lesion_ids(trial.readers["RADIOLOGIST 1"], seen, np.zeros_like(place), place).to_list())
    assert len(lesions) >= 2
    assert tracked - lesions == {region.value for region in REGIONS}


def test_reports_hold_what_the_reader_measured(scanned: tuple[Trial, Path]) -> None:
    """TID 1500: long and short axis of each lesion, as in the reader's form."""
    trial, folder = scanned
    report = hd.sr.srread(next(folder.glob("*/SCREENING/SR/RADIOLOGIST_2.dcm")))
    groups = report.content.get_image_measurement_groups()
    rows = trial.measurement.filter(
        (pl.col("evaluator") == "RADIOLOGIST 2") & (pl.col("timepoint") == 0) & (pl.col("subject") == 0)
    ).filter(pl.col("longest_diameter_mm") > 0)
    expected = {
        lesion: (longest, across)
        for lesion, longest, across in rows.select("lesion_id", "longest_diameter_mm", "perpendicular_mm").iter_rows()
    }
    found = {
        group.tracking_identifier: tuple(measurement.value for measurement in group.get_measurements())
        for group in groups
    }
    assert found == expected
    assert len(found) >= 2


def test_scans_are_deidentified_and_name_the_trial(scanned: tuple[Trial, Path]) -> None:
    trial, folder = scanned
    subject = trial.subject["subject_id"][0]
    for file in folder.rglob("*.dcm"):
        header = pydicom.dcmread(file, stop_before_pixels=True)
        assert header.PatientIdentityRemoved == "YES"
        assert "113100" in {item.CodeValue for item in header.DeidentificationMethodCodeSequence}
        assert header.PatientID == header.ClinicalTrialSubjectID == subject
        assert header.PatientBirthDate == ""
        assert header.ClinicalTrialProtocolID == "SIM"
        assert not [element for element in header if element.tag.is_private]


def test_scan_faults_are_planted_once_each(scanned: tuple[Trial, Path]) -> None:
    """Every fault of the catalogue changes the object that it names."""
    folder = scanned[1]
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/WEEK_8/*/*.dcm")}
    for fault in FAULTS:
        if fault.stage is not Stage.SCANS:
            continue
        objects: Objects = {
            name: pydicom.dcmread(BytesIO(content)) for name, content in files.items() if f"/{fault.needs}/" in name
        }
        planter = ScanPlanter((fault,))
        planter.plant(objects)
        assert planter.not_planted == {}
        for _, planted in planter.planted:
            name = planted.sheet.removeprefix("dicom/")
            now, before = objects.get(name), files.get(name)
            assert before is None or now is None or now != pydicom.dcmread(BytesIO(before)), fault.id


def test_the_same_seed_gives_the_same_scans(tmp_path: Path) -> None:
    trial = simulate(Settings(subjects=2, seed=6, pet=1.0, scans=1, scan_visits=1, voxel_noise=0.1))
    for name in ("a", "b"):
        write_scans(trial, tmp_path / name, ScanPlanter(()))
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.dcm"))
    assert len(files) > 90
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file
    uids = defaultdict(set)
    for file in files:
        header = pydicom.dcmread(tmp_path / "a" / file, stop_before_pixels=True)
        uids[header.SeriesInstanceUID].add(header.SOPInstanceUID)
    assert sum(map(len, uids.values())) == len(files)
