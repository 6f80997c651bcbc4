"""What an imaging charter checks of a series."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.dicom.index import ScanFile, index_files
from ingestion.dicom.series import series

Writer = Callable[..., Path]
Files = Callable[[Path], list[ScanFile]]


@pytest.fixture
def stack(tmp_path: Path, write_slice: Writer, scan_files: Files) -> Callable[..., list[dict[str, Any]]]:
    """Series of slices written at the given places along z; further keywords as for `write_slice`."""

    def indexed(*slices: dict[str, Any]) -> list[dict[str, Any]]:
        for number, attributes in enumerate(slices):
            write_slice(f"{number:03}.dcm", **attributes)
        found = index_files("S", scan_files(tmp_path))
        assert found.rejects.is_empty()
        return series(found.frame).rows(named=True)

    return indexed


def at(z: float, **attributes: Any) -> dict[str, Any]:
    return {"ImagePositionPatient": ["0", "0", str(z)], **attributes}


def test_a_contiguous_series(stack: Any) -> None:
    (row,) = stack(*(at(5 * number) for number in range(6)))
    expected = {
        "subject_label": "01-001",
        "scan_date": date(2024, 2, 26),
        "files": 6,
        "instances": 6,
        "frames": 6,
        "positions": 6,
        "duplicate_positions": 0,
        "slice_spacing_mm": 5.0,
        "uniform_spacing": True,
        "uniform_orientation": True,
        "missing_slices": 0,
        "interslice_gap_mm": 0.0,
        "coverage_mm": 25.0,
        "convolution_kernel": "B30f",
        "varying": None,
        "first_acquisition": datetime(2024, 2, 26, 10, 15, 30, 250000),  # noqa: DTZ001 - a scanner's clock has no zone
    }
    assert {name: row[name] for name in expected} == expected


def test_a_gap_and_a_duplicate_position_are_counted(stack: Any) -> None:
    (row,) = stack(*(at(z) for z in (0, 5, 10, 10, 25, 30, 35)))
    assert (row["instances"], row["positions"], row["duplicate_positions"]) == (7, 6, 1)
    assert (row["slice_spacing_mm"], row["largest_spacing_mm"], row["missing_slices"]) == (5.0, 15.0, 2)
    assert row["uniform_spacing"] is False


@pytest.mark.parametrize(("step", "uniform"), [(5.04, True), (5.06, False)])
def test_spacing_is_uniform_within_one_percent(stack: Any, step: float, uniform: bool) -> None:
    (row,) = stack(*(at(z) for z in (0, 5, 10, 15, 15 + step)))
    assert row["uniform_spacing"] is uniform


def test_positions_are_measured_along_the_normal_of_oblique_slices(stack: Any) -> None:
    cosines = ["0", "1", "0", "0", "0", "-1"]  # sagittal: normal along -x
    (row,) = stack(
        *(
            {"ImagePositionPatient": [str(3 * number), str(7 * number), "1"], "ImageOrientationPatient": cosines}
            for number in range(4)
        )
    )
    assert (row["positions"], row["slice_spacing_mm"], row["coverage_mm"]) == (4, 3.0, 9.0)


def test_slices_that_are_not_parallel_have_no_spacing(stack: Any) -> None:
    (row,) = stack(at(0), at(5), at(10, ImageOrientationPatient=["1", "0", "0", "0", "0", "-1"]))
    assert row["uniform_orientation"] is False
    assert (row["positions"], row["slice_spacing_mm"]) == (None, None)


def test_one_slice_has_a_position_but_no_spacing(stack: Any) -> None:
    (row,) = stack(at(0))
    assert (row["positions"], row["slice_spacing_mm"], row["uniform_spacing"]) == (1, None, None)


def test_the_same_instance_in_two_files_counts_once(stack: Any) -> None:
    (row,) = stack(at(0, SOPInstanceUID="1.9"), at(0, SOPInstanceUID="1.9"), at(5))
    assert (row["files"], row["instances"], row["duplicate_positions"]) == (3, 2, 0)
    assert row["conflicting_instances"] == 0


def test_one_uid_with_two_contents_is_a_conflict(stack: Any) -> None:
    (row,) = stack(at(0, SOPInstanceUID="1.9"), at(0, SOPInstanceUID="1.9", PatientID="01-002"), at(5))
    assert (row["instances"], row["conflicting_instances"]) == (2, 1)


def test_columns_in_which_slices_differ_are_named(stack: Any) -> None:
    (row,) = stack(
        at(0), at(5, SliceThickness="3", ConvolutionKernel="B70f"), at(10, PatientWeight="70")
    )  # fmt: skip
    assert row["varying"] == "patient_weight_kg, slice_thickness_mm, convolution_kernel"
    assert (row["slice_thickness_mm"], row["convolution_kernel"]) == (5.0, "B30f\\B70f")


def test_the_trials_subject_goes_before_the_patient(stack: Any) -> None:
    (row,) = stack(at(0, ClinicalTrialSubjectID="S-7"))
    assert (row["subject_label"], row["patient_id"]) == ("S-7", "01-001")


def test_images_without_pixels_are_counted(stack: Any) -> None:
    (row,) = stack(at(0), at(5, PixelData=None))
    assert (row["instances_without_pixels"], row["frames"]) == (1, 1)


def test_series_are_kept_apart_and_files_without_series_belong_to_none(stack: Any) -> None:
    rows = stack(at(0), at(0, SeriesInstanceUID="1.2.3.9"), at(0, SeriesInstanceUID=None))
    assert [row["series_instance_uid"] for row in rows] == ["1.2.3.4", "1.2.3.9"]
    assert [row["instances"] for row in rows] == [1, 1]


def test_the_scan_date_falls_back_to_the_series_and_the_study(stack: Any) -> None:
    rows = stack(
        at(0, AcquisitionDate=None, SeriesDate="20240301"),
        at(0, AcquisitionDate=None, SeriesDate=None, SeriesInstanceUID="1.2.3.9"),
    )
    assert [row["scan_date"] for row in rows] == [date(2024, 3, 1), date(2024, 2, 26)]
