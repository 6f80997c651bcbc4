"""A folder of files: every one ends as a row of core.instance or as a reject."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pydicom
import pydicom.data
import pytest
from polars.testing import assert_frame_equal

from ingestion.dicom import index
from ingestion.dicom.index import ScanFile, index_files
from ingestion.dicom.series import series
from ingestion.dicom.tables import INSTANCE
from ingestion.reject import Parsed

Writer = Callable[..., Path]
Files = Callable[[Path], list[ScanFile]]

TEXTS = {
    "SOPClassUID": "sop_class_uid",
    "StudyInstanceUID": "study_instance_uid",
    "SeriesInstanceUID": "series_instance_uid",
    "FrameOfReferenceUID": "frame_of_reference_uid",
    "Modality": "modality",
    "PatientID": "patient_id",
    "PatientSex": "patient_sex",
    "SeriesDescription": "series_description",
    "Manufacturer": "manufacturer",
    "ManufacturerModelName": "manufacturer_model",
    "ConvolutionKernel": "convolution_kernel",
    "BodyPartExamined": "body_part",
    "Units": "units",
}
NUMBERS = {
    "Rows": "rows",
    "Columns": "columns",
    "InstanceNumber": "instance_number",
    "SeriesNumber": "series_number",
    "SliceThickness": "slice_thickness_mm",
    "KVP": "kvp",
    "PatientWeight": "patient_weight_kg",
    "PatientSize": "patient_size_m",
    "RescaleSlope": "rescale_slope",
    "EchoTime": "echo_time_ms",
}
DATES = {"StudyDate": "study_date", "SeriesDate": "series_date", "ContentDate": "content_date"}


@pytest.fixture(scope="module")
def packaged() -> Parsed:
    folder = Path(pydicom.data.__file__).parent
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in (".py", ".pyc")]
    return index_files("PYDICOM", [ScanFile(path, str(path), path.name) for path in paths])


def test_every_file_of_pydicom_is_a_row_or_a_reject(packaged: Parsed) -> None:
    folder = Path(pydicom.data.__file__).parent
    files = {str(path) for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    rows, rejects = set(packaged.frame["source_name"]), set(packaged.rejects["source_name"])
    assert rows | rejects == files
    assert not rows & rejects
    assert len(rows) > 180
    assert packaged.rejects["reason"].null_count() == packaged.rejects["remedy"].null_count() == 0


def test_values_equal_those_of_pydicom(packaged: Parsed) -> None:
    for row in packaged.frame.iter_rows(named=True):
        differences = _differences(row)
        assert not differences, row["source_name"]


def _differences(row: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    with pydicom.config.disable_value_validation():
        scan = pydicom.dcmread(row["source_name"], stop_before_pixels=True, force=True)
    expected = {}
    for keyword, column in TEXTS.items():
        expected[column] = str(scan.get(keyword) or "").strip() or None
    for keyword, column in NUMBERS.items():
        value = scan.get(keyword)
        expected[column] = None if value is None else float(value)
    for keyword, column in DATES.items():
        text = scan.get(keyword) or ""
        row[column] = row[column].strftime("%Y%m%d") if row[column] else None
        expected[column] = text.replace(".", "") or None
    if scan.get("SOPClassUID") is None:
        expected.pop("sop_class_uid")  # taken from the file meta information
    if "SharedFunctionalGroupsSequence" in scan:
        expected.pop("slice_thickness_mm")  # taken from the functional groups
    return [(name, row[name], value) for name, value in expected.items() if row[name] != value]


def test_a_file_that_is_no_scan_is_rejected_and_the_rest_goes_on(
    tmp_path: Path, write_slice: Writer, scan_files: Files
) -> None:
    write_slice("a.dcm")
    (tmp_path / "b.dcm").write_text("not a scan at all, but named as one")
    found = index_files("S", scan_files(tmp_path))
    assert found.frame["source_name"].to_list() == ["a.dcm"]
    assert found.rejects.select("study_id", "stage", "source_name", "reason").rows() == [
        ("S", "core.instance", "b.dcm", "not a DICOM file")
    ]


def test_files_known_by_name_and_hash_are_not_read_again(
    tmp_path: Path, write_slice: Writer, scan_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.dcm", "b.dcm", "gone.dcm"):
        write_slice(name)
    first = index_files("S", scan_files(tmp_path)).frame
    (tmp_path / "gone.dcm").unlink()
    write_slice("b.dcm", PatientID="changed")
    write_slice("c.dcm")
    read: list[str] = []
    monkeypatch.setattr(
        index, "read_header", lambda path, original=index.read_header: read.append(path.name) or original(path)
    )
    again = index_files("S", scan_files(tmp_path), first).frame
    assert read == ["b.dcm", "c.dcm"]
    assert again["source_name"].to_list() == ["a.dcm", "b.dcm", "c.dcm"]
    assert again["patient_id"].to_list() == ["01-001", "changed", "01-001"]
    assert_frame_equal(again, index_files("S", scan_files(tmp_path)).frame)


def test_no_files_give_empty_frames_of_the_declared_columns() -> None:
    found = index_files("S", [])
    assert found.frame.schema == pl.Schema(INSTANCE.schema)
    assert series(found.frame).is_empty()


def test_the_pet_scan_and_its_contours(shared: Callable[[str], Path], scan_files: Files) -> None:
    found = index_files("S", scan_files(shared("pet_sts001")))
    assert (found.frame.height, found.rejects.height) == (268, 0)
    pet, contours = series(found.frame).sort("modality").rows(named=True)
    assert (pet["modality"], pet["instances"], pet["positions"], pet["duplicate_positions"]) == ("PT", 267, 267, 0)
    assert (pet["units"], pet["decay_correction"], pet["subject_label"]) == ("BQML", "START", "STS_001")
    assert (pet["patient_weight_kg"], pet["patient_size_m"]) == (71.0, 1.63)
    assert pet["radionuclide_total_dose_bq"] == pytest.approx(388.777472e6, abs=1)
    assert str(pet["injection_time"]) == "10:35:00"
    assert pet["injection_datetime"] is None
    assert str(pet["first_acquisition"]) == str(pet["last_acquisition"]) == "2000-09-07 11:20:11"
    assert (pet["slice_spacing_mm"], pet["row_spacing_mm"]) == (pytest.approx(3.27), 4.6875)
    assert (contours["modality"], contours["referenced_series_uids"]) == ("RTSTRUCT", pet["series_instance_uid"])
    assert found.frame.filter(pl.col("modality") == "PT")["rescale_slope"].n_unique() == 267


def test_the_compressed_pet_ct(shared: Callable[[str], Path], scan_files: Files) -> None:
    found = index_files("S", scan_files(shared("pet_ct_acrin")))
    assert (found.frame.height, found.rejects.height) == (270, 0)
    ct, pet = series(found.frame).sort("modality").rows(named=True)
    assert ct["study_instance_uid"] == pet["study_instance_uid"]
    assert (ct["instances"], ct["frames"], ct["rows"], ct["slice_thickness_mm"]) == (135, 135, 512, 3.75)
    assert (pet["instances"], pet["frames"], pet["rows"], pet["slice_thickness_mm"]) == (
        135,
        135,
        128,
        pytest.approx(3.27),
    )
    assert (ct["patient_size_m"], pet["patient_size_m"]) == (None, pytest.approx(1.88))
    assert ct["interslice_gap_mm"] == pytest.approx(-0.48)


def test_the_nine_digital_reference_objects(shared: Callable[[str], Path], scan_files: Files) -> None:
    found = index_files("S", [file for file in scan_files(shared("suv_dro")) if file.path.suffix == ".dcm"])
    assert (found.frame.height, found.rejects.height) == (189, 0)
    pets = series(found.frame).filter(pl.col("modality") == "PT")
    assert pets["instances"].to_list() == [20] * 9
    assert sorted(pets["units"]) == ["BQML"] * 6 + ["CNTS"] + ["GML"] * 2
    assert pets.filter(pl.col("radionuclide_total_dose_bq") < 1e5).height == 1
    assert pets.filter(pl.col("injection_datetime").is_null()).height == 1
    assert pets.filter(pl.col("injection_time").is_null()).height == 1
    assert pets["uniform_spacing"].all()


def test_structured_report_segmentation_and_value_map(shared: Callable[[str], Path], scan_files: Files) -> None:
    found = index_files("S", scan_files(shared("dicom_sr")))
    rows = {row["modality"]: row for row in series(found.frame).iter_rows(named=True)}
    assert set(rows) == {"SR", "SEG", "RWV"}
    assert (rows["SEG"]["frames"], rows["SEG"]["positions"], rows["SEG"]["uniform_spacing"]) == (13, 13, True)
    assert rows["SEG"]["referenced_series_uids"] in rows["SR"]["referenced_series_uids"]
    assert rows["SEG"]["series_instance_uid"] in rows["SR"]["referenced_series_uids"]
    assert found.frame["remarks"].null_count() == 3
