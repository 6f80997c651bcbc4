"""PET through the refresh: quantified once, published with pictures, damaged scans as statuses."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from pydicom.dataset import Dataset

from assets.tables import TABLES
from ingestion.dicom.tables import VISIT_SCAN
from ingestion.pet_tables import PET_LESION
from pet.refusal import Refusal
from protocol.study import Study
from tests.assets.refreshing import current, refresh
from tests.assets.small_study import make_study
from tests.pet.phantom import write_pet, write_seg
from tests.pet.small_pet_study import LESIONS, LIVER, uptake
from warehouse.releases import open_release
from warehouse.store import Warehouse

pytestmark = pytest.mark.xdist_group("assets_pet")

DATES = {"SCREENING": "20240105", "WEEK 8": "20240306"}


def put_scan(folder: Path, visit: str, *, damaged: bool = False) -> None:
    """The PET of S-01 at a visit with its lesions drawn; a damaged one lacks its attenuation correction."""
    timepoint = list(DATES).index(visit)

    def change(dataset: Dataset, number: int) -> None:
        dataset.PatientID = dataset.PatientName = "S-01"
        dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = DATES[visit]
        if damaged:
            dataset.CorrectedImage = ["DECY"]

    pet = write_pet(folder / visit, uptake(timepoint), visit, change=change)
    masks = {**LESIONS, "Liver": LIVER} if timepoint == 0 else LESIONS
    write_seg(folder / visit / "drawn.dcm", pet, masks)


def place_scans(study: Study) -> None:
    """Say which visit the series belong to."""
    with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
        series = warehouse.frame("core.series").filter(pl.col("modality") == "PT")
        named = {"20240105": (0, "SCREENING"), "20240306": (1, "WEEK 8")}
        rows = []
        for uid, date in series.select("series_instance_uid", "series_date").iter_rows():
            timepoint, visit = named[f"{date:%Y%m%d}"]
            place = {"study_id": study.name, "subject_id": "S-01", "timepoint": timepoint, "visit": visit}
            rows.append(
                {**place, "modality": "PT", "scan_id": uid, "series_instance_uid": uid, "scan_date": date}
                | {"status": "RECEIVED"}
            )
        placed = pl.DataFrame(rows, schema_overrides={"timepoint": pl.Int32})
        warehouse.put("core.visit_scan", VISIT_SCAN.conform(placed))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = make_study(tmp_path_factory.mktemp("home"), name="PET")
    put_scan(study.incoming / "dicom", "SCREENING")
    put_scan(study.incoming / "dicom", "WEEK 8")
    refresh(study)
    place_scans(study)
    return study


def test_lesions_are_published_with_their_pictures(study: Study) -> None:
    (study.incoming / "note.txt").write_text("STUDYID\n")
    refreshed = refresh(study)
    assert "pet" not in refreshed.failed
    with open_release(current(study)) as release:
        lesions = release.sql("SELECT * FROM core.pet_lesion ORDER BY timepoint, lesion_id").pl()
        pictures = release.sql("SELECT path, shows FROM core.picture").pl()
        scans = release.sql("SELECT status FROM core.pet_scan").pl()
    assert lesions.select("subject_id", "timepoint", "lesion_id").rows() == [
        ("S-01", timepoint, name) for timepoint in (0, 1) for name in LESIONS
    ]
    assert scans["status"].to_list() == ["QUANTIFIED"] * 2
    assert pictures.height == 6
    assert all((study.path / path).is_file() for path in pictures["path"])


def test_a_form_row_stays_and_a_damaged_scan_is_a_status(study: Study) -> None:
    form = {
        "study_id": study.name,
        "subject_id": "S-02",
        "evaluator": "INVESTIGATOR",
        "timepoint": 0,
        "lesion_id": "L9",
    }
    with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
        warehouse.put(
            "core.form_pet_lesion",
            PET_LESION.conform(pl.DataFrame([{**form, "suv_max": 4.2}])),
        )
        before = dict(warehouse.frame("core.pet_scan").select("timepoint", "input_hash").iter_rows())
    put_scan(study.incoming / "dicom", "WEEK 8", damaged=True)
    refreshed = refresh(study)
    assert "pet" not in refreshed.failed
    with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
        scans = warehouse.frame("core.pet_scan").sort("timepoint")
        lesions = warehouse.frame("core.pet_lesion")
    assert scans["status"].to_list() == ["QUANTIFIED", Refusal.NOT_QUANTITATIVE]
    assert scans["input_hash"][0] == before[0]
    assert set(lesions.select("subject_id", "timepoint").iter_rows()) == {("S-01", 0), ("S-02", 0)}
