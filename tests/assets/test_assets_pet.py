"""PET through the refresh: quantified once, beside reports and forms, with pictures; bad scans are statuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pydicom.dataset import Dataset

from assets.tables import TABLES
from ingestion.dicom.index import ScanFile
from pet.refusal import Refusal
from protocol.study import Study
from tests.assets.refreshing import Refreshed, ask, current, refresh
from tests.assets.small_study import make_study
from tests.pet.pet_report import write_report
from tests.pet.phantom import write_pet, write_seg
from tests.pet.small_pet_study import LESIONS, LEVELS, LIVER, uptake
from warehouse.store import Warehouse

pytestmark = pytest.mark.xdist_group("assets_pet")

DATES = {"SCREENING": "20240105", "WEEK 8": "20240306"}
NUCLEAR_MEDICINE = "1.2.840.10008.5.1.4.1.1.20"
SMALL = np.full((4, 12, 12), 1.5)


def scan(
    folder: Path, subject: str, visit: str, suv: np.ndarray, change: Callable[[Dataset, int], None] | None = None
) -> tuple[ScanFile, ...]:
    """A PET series of a subject's visit."""

    def placed(dataset: Dataset, number: int) -> None:
        dataset.PatientID = dataset.PatientName = subject
        dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = DATES[visit]
        if change is not None:
            change(dataset, number)

    return write_pet(folder / subject / visit, suv, f"{subject} {visit}", change=placed)


def mixed(dataset: Dataset, number: int) -> None:
    if number == 2:
        dataset.PatientWeight = "71"


def damaged(dataset: Dataset, _: int) -> None:
    dataset.PhotometricInterpretation = "YBR_FULL"


def without_attenuation(dataset: Dataset, _: int) -> None:
    dataset.CorrectedImage = ["DECY"]


def other_tracer(dataset: Dataset, _: int) -> None:
    dataset.RadiopharmaceuticalInformationSequence[0].Radiopharmaceutical = "PSMA-1007"


def no_pet(dataset: Dataset, _: int) -> None:
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = NUCLEAR_MEDICINE


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """S-01 with two visits, drawn and reported; every other subject with a baseline that has a fault."""
    study = make_study(tmp_path_factory.mktemp("home"), name="PET")
    dicom, forms = study.incoming / "dicom", study.incoming / "forms"
    for timepoint, visit in enumerate(DATES):
        pet = scan(dicom, "S-01", visit, uptake(timepoint))
        masks = {**LESIONS, "Liver": LIVER} if timepoint == 0 else LESIONS
        seg = write_seg(dicom / f"{visit}.seg.dcm", pet, masks)
        first, second = LEVELS[timepoint].values()
        said = {
            "L01": {"suv_max": first * (1.05 if timepoint else 1.0)},
            "L02": {"suv_mean": second, "suv_peak": 7.7e-42},
        }
        write_report(dicom / f"{visit}.sr.dcm", pet, seg, said)
    for subject, change in (("S-03", mixed), ("S-04", without_attenuation), ("S-05", other_tracer), ("S-06", no_pet)):
        scan(dicom, subject, "SCREENING", SMALL, change)
    scan(dicom, "S-02", "WEEK 8", SMALL, damaged)
    cut = scan(dicom, "S-02", "SCREENING", SMALL)[1].path
    cut.write_bytes(cut.read_bytes()[:-100])
    (forms / "pet_lesion.csv").write_text(
        "subject_id,evaluator,timepoint,visit,assessment_date,lesion_id,suv_max\n"
        "S-02,INVESTIGATOR,0,SCREENING,2024-01-05,L9,4.2\n"
    )
    put_glucose(study, 5.0)
    return study


def put_glucose(study: Study, value: float) -> None:
    (study.incoming / "forms" / "pet_scan.csv").write_text(
        f"subject_id,scan_id,timepoint,visit,assessment_date,glucose_mmol_l\nS-01,1,0,SCREENING,2024-01-05,{value}\n"
    )


@pytest.fixture(scope="module")
def refreshed(study: Study) -> Refreshed:
    return refresh(study)


def test_lesions_are_published_with_their_pictures(study: Study, refreshed: Refreshed) -> None:
    assert refreshed.failed == {}
    release = current(study)
    lesions = ask(release, "SELECT * FROM core.pet_lesion WHERE subject_id = 'S-01' ORDER BY timepoint, lesion_id")
    pictures = ask(release, "SELECT path, shows FROM core.picture")
    assert lesions.select("timepoint", "lesion_id", "measured_from").rows() == [
        (timepoint, name, "SEG") for timepoint in (0, 1) for name in LESIONS
    ]
    assert pictures.height == 6
    assert all((study.path / path).is_file() for path in pictures["path"])


def test_reported_values_are_compared_with_those_measured_3_11(study: Study, refreshed: Refreshed) -> None:
    release = current(study)
    compared = ask(release, "SELECT timepoint, lesion_id, field, flag FROM core.pet_report ORDER BY ALL")
    assert compared.rows() == [
        *((0, "L01", "suv_max", None), (0, "L02", "suv_mean", None)),
        *((1, "L01", "suv_max", "REPORTED_DIFFERS"), (1, "L02", "suv_mean", None)),
    ]
    flags = ask(release, "SELECT timepoint, lesion_id, flags FROM core.pet_lesion WHERE flags LIKE 'REP%' ORDER BY ALL")
    assert flags.rows() == [
        (0, "L02", "REPORTED_PEAK_INVALID"),
        (1, "L01", "REPORTED_DIFFERS"),
        (1, "L02", "REPORTED_PEAK_INVALID"),
    ]
    findings = ask(release, "SELECT subject_id FROM quality.finding WHERE rule_id = 'PET_REPORT_DIFFERS'")
    assert findings["subject_id"].to_list() == ["S-01"]


def test_every_fault_is_its_code_and_the_refresh_goes_on(study: Study, refreshed: Refreshed) -> None:
    found = ask(current(study), "SELECT subject_id, visit, status, flags FROM core.pet_scan ORDER BY ALL")
    assert found.filter(pl.col("subject_id") != "S-01").select("subject_id", "visit", "status").rows() == [
        ("S-02", "SCREENING", Refusal.SPACING_NOT_UNIFORM),
        ("S-02", "WEEK 8", Refusal.NOT_READABLE),
        ("S-03", "SCREENING", Refusal.MIXED_SERIES),
        ("S-04", "SCREENING", Refusal.NOT_QUANTITATIVE),
        ("S-05", "SCREENING", "QUANTIFIED"),
        ("S-06", "SCREENING", Refusal.NOT_PET),
    ]
    assert "NOT_FDG" in found.filter(pl.col("subject_id") == "S-05")["flags"][0]
    assert found.filter(pl.col("subject_id") == "S-01")["status"].to_list() == ["QUANTIFIED"] * 2
    rejects = ask(current(study), "SELECT source_name FROM raw.reject WHERE reason LIKE 'truncated%'")
    assert rejects["source_name"].to_list() == ["dicom/S-02/SCREENING/S-02 SCREENING-001.dcm"]


def test_corrected_forms_and_scans_take_the_place_of_the_former(study: Study, refreshed: Refreshed) -> None:
    with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
        before = warehouse.frame("core.pet_scan").filter(subject_id="S-01", timepoint=0)
    put_glucose(study, 6.0)
    scan(study.incoming / "dicom", "S-01", "WEEK 8", uptake(1), without_attenuation)
    assert refresh(study).failed == {}
    with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
        scans = warehouse.frame("core.pet_scan").filter(subject_id="S-01").sort("timepoint")
        lesions = warehouse.frame("core.pet_lesion")
    assert (before["glucose_mmol_l"][0], scans["glucose_mmol_l"][0]) == (5.0, 6.0)
    assert scans["status"].to_list() == ["QUANTIFIED", Refusal.NOT_QUANTITATIVE]
    assert scans["input_hash"][0] == before["input_hash"][0]
    measured = lesions.filter(pl.col("measured_from") != "SR").select("subject_id", "timepoint")
    assert set(measured.iter_rows()) == {("S-01", 0), ("S-02", 0)}
