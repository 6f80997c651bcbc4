"""The gate (G-1 to G-8) on damaged, truncated, mixed, uncorrected, other-tracer and other-modality input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from ingestion.dicom.index import ScanFile
from pet.gate import spacing
from pet.header import ENHANCED_PET_IMAGE
from pet.reading import read_scan
from pet.refusal import Flag, NotQuantifiedError, Refusal
from pet.scan import ScanResult, ScanTask, quantified
from protocol.pet_options import DEFAULT
from tests.pet.phantom import body, write_pet

SMALL = body((6, 24, 24))
Change = Callable[[Dataset, int], None]


def result_of(files: tuple[ScanFile, ...]) -> ScanResult:
    return quantified(ScanTask("S", "P-01", 0, "BASELINE", None, "1.2.3", files), DEFAULT)


def setting(keyword: str, value: object, only: int | None = None) -> Change:
    """Set (or with null delete) an attribute, in every slice or in one."""

    def change(dataset: Dataset, number: int) -> None:
        if only is None or number == only:
            place = dataset
            if keyword.startswith(("Radio", "Radionuclide")) and "Sequence" not in keyword:
                place = dataset.RadiopharmaceuticalInformationSequence[0]
            if value is None:
                del place[keyword]
            else:
                setattr(place, keyword, value)

    return change


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (setting("SOPClassUID", CTImageStorage), Refusal.NOT_PET),
        (setting("Modality", "NM"), Refusal.NOT_PET),
        (setting("Modality", "NM", only=3), Refusal.NOT_PET),
        (setting("SOPClassUID", ENHANCED_PET_IMAGE), Refusal.NOT_READABLE),
        (setting("CorrectedImage", ["DECY", "SCAT"]), Refusal.NOT_QUANTITATIVE),
        (setting("CorrectedImage", ["ATTN"]), Refusal.NOT_QUANTITATIVE),
        (setting("CorrectedImage", None), Refusal.NOT_QUANTITATIVE),
        (setting("Units", "PROPCNTS"), Refusal.UNITS_UNSUPPORTED),
        (setting("Units", "CNTS", only=2), Refusal.MIXED_SERIES),
        (setting("SeriesInstanceUID", "1.2.9", only=2), Refusal.MIXED_SERIES),
        (setting("PatientWeight", "71", only=5), Refusal.MIXED_SERIES),
        (setting("PatientWeight", None, only=5), Refusal.MIXED_SERIES),
        (setting("RadionuclideTotalDose", "1e8", only=4), Refusal.MIXED_SERIES),
        (setting("RadionuclideHalfLife", "6588", only=4), Refusal.MIXED_SERIES),
        (setting("DecayCorrection", "ADMIN", only=4), Refusal.MIXED_SERIES),
        (setting("RescaleIntercept", "-1024"), Refusal.INTERCEPT_NOT_ZERO),
        (setting("RescaleIntercept", "3", only=1), Refusal.INTERCEPT_NOT_ZERO),
        (setting("RescaleSlope", None, only=1), Refusal.RESCALE_MISSING),
        (setting("RescaleSlope", "0", only=1), Refusal.RESCALE_MISSING),
        (setting("PatientWeight", None), Refusal.WEIGHT_MISSING),
        (setting("PatientWeight", ""), Refusal.WEIGHT_MISSING),
        (setting("RadionuclideTotalDose", None), Refusal.DOSE_MISSING),
        (setting("RadiopharmaceuticalInformationSequence", None), Refusal.DOSE_MISSING),
        (setting("DecayCorrection", None), Refusal.DECAY_CORRECTION_MISSING),
        (setting("ImagePositionPatient", ["-50", "-40", "-30"]), Refusal.DUPLICATE_POSITION),
        (setting("ImagePositionPatient", ["-50", "-40", "300"], only=5), Refusal.SPACING_NOT_UNIFORM),
        (setting("ImagePositionPatient", None, only=5), Refusal.GEOMETRY_MISSING),
        (setting("ImageOrientationPatient", None), Refusal.GEOMETRY_MISSING),
        (setting("ImageOrientationPatient", ["0", "1", "0", "0", "0", "-1"], only=2), Refusal.MIXED_SERIES),
        (setting("PixelSpacing", None), Refusal.GEOMETRY_MISSING),
        (setting("PixelData", b"\0" * 100, only=2), Refusal.NOT_READABLE),
        (setting("PixelData", None), Refusal.NOT_READABLE),
    ],
)
def test_each_defect_ends_in_its_status(tmp_path: Path, change: Change, status: Refusal) -> None:
    result = result_of(write_pet(tmp_path, SMALL, change=change))
    assert result.scan_row["status"] == status
    assert result.scan_row["status_reason"]
    assert (result.lesion_rows, result.reference_rows, result.burden_rows) == ([], [], [])


def test_a_healthy_series_is_quantified(tmp_path: Path) -> None:
    result = result_of(write_pet(tmp_path, SMALL))
    assert (result.scan_row["status"], result.scan_row["flags"]) == ("QUANTIFIED", None)
    assert result.scan_row["uptake_min"] == 60
    assert result.scan is not None
    assert np.abs(result.scan.volume.suv() - SMALL).max() < 1e-3


@pytest.mark.parametrize("keep", [0, 100, 400, 1500])
def test_a_truncated_file_ends_in_its_status(tmp_path: Path, keep: int) -> None:
    files = write_pet(tmp_path, SMALL)
    files[3].path.write_bytes(files[3].path.read_bytes()[:keep])
    assert result_of(files).scan_row["status"] in (Refusal.NOT_READABLE, Refusal.NOT_PET, Refusal.MIXED_SERIES)


def test_no_file_at_all_and_a_single_slice(tmp_path: Path) -> None:
    assert result_of(()).scan_row["status"] == Refusal.NOT_PET
    assert result_of(write_pet(tmp_path, SMALL[:1])).scan_row["status"] == Refusal.GEOMETRY_MISSING


def test_a_missing_slice_is_not_bridged_G_4(tmp_path: Path) -> None:
    files = write_pet(tmp_path, SMALL)
    assert result_of((*files[:3], *files[4:])).scan_row["status"] == Refusal.SPACING_NOT_UNIFORM


def test_no_decay_correction_needs_no_DECY_G_2(tmp_path: Path) -> None:
    def change(dataset: Dataset, number: int) -> None:
        dataset.CorrectedImage, dataset.DecayCorrection = ["ATTN"], "NONE"

    assert result_of(write_pet(tmp_path, SMALL, change=change)).scan_row["status"] == "QUANTIFIED"


def lutetium(dataset: Dataset, number: int) -> None:
    drug = dataset.RadiopharmaceuticalInformationSequence[0]
    drug.RadionuclideHalfLife, drug.Radiopharmaceutical = "574300", "Lu-177 DOTATATE"
    del drug.RadionuclideCodeSequence
    dataset.DecayCorrection = "ADMIN"


@pytest.mark.parametrize(
    "change",
    [lutetium, setting("Radiopharmaceutical", "PSMA-1007"), setting("RadionuclideHalfLife", "4062.6")],
    ids=["lutetium", "F-18 PSMA", "gallium half-life"],
)
def test_other_tracers_get_SUV_and_no_FDG_criterion_G_3(tmp_path: Path, change: Change) -> None:
    row = result_of(write_pet(tmp_path, SMALL, change=change)).scan_row
    assert row["status"] == "QUANTIFIED"
    assert Flag.NOT_FDG in row["flags"].split(",")


@pytest.mark.parametrize("half_life", ["6586.2", "6588"])
@pytest.mark.parametrize("name", ["FDG", "Fluorodeoxyglucose", "FDG -- fluorodeoxyglucose", "18F-FDG"])
def test_FDG_by_any_of_its_names_G_3(tmp_path: Path, name: str, half_life: str) -> None:
    def change(dataset: Dataset, number: int) -> None:
        drug = dataset.RadiopharmaceuticalInformationSequence[0]
        drug.Radiopharmaceutical, drug.RadionuclideHalfLife = name, half_life

    assert result_of(write_pet(tmp_path, SMALL[:2], change=change)).scan_row["flags"] is None


def test_distances_of_real_scanners_pass_under_a_flag_G_4() -> None:
    """STS_001 has distances of 3.19 to 3.29 mm around 3.27 mm, and all its slices."""
    even = np.cumsum([0, 3.27, 3.27, 3.27, 3.27])
    assert spacing(even, DEFAULT) == (pytest.approx(3.27), [])
    bumpy = np.cumsum([0, 3.27, 3.19, 3.27, 3.29, 3.27, 3.27])
    assert spacing(bumpy, DEFAULT) == (pytest.approx(3.27), [Flag.SPACING_VARIES])
    with pytest.raises(NotQuantifiedError, match=r"SPACING_NOT_UNIFORM.*3\.50 mm among slices 3\.27 mm"):
        spacing(np.cumsum([0, 3.27, 3.50, 3.27, 3.27]), DEFAULT)


@pytest.mark.parametrize(("scale", "flagged"), [(1.0, False), (0.25, True), (3.0, True)])
def test_the_median_of_the_body_is_looked_at_G_8(tmp_path: Path, scale: float, flagged: bool) -> None:
    row = result_of(write_pet(tmp_path, SMALL * scale)).scan_row
    assert (row["flags"] == Flag.BODY_MEDIAN_IMPLAUSIBLE) is flagged


def private(value: object, vr: str, creator: str | None) -> Change:
    def change(dataset: Dataset, number: int) -> None:
        dataset.Units = "CNTS"
        if creator is not None:
            dataset.add_new(0x70530010, "LO", creator)
        dataset.add_new(0x70531000, vr, value)

    return change


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        (private("0.0005", "DS", "Philips PET Private Group"), 0.0005),
        (private(b"0.0005 ", "UN", "Philips PET Private Group"), 0.0005),
        (private("0.0005", "DS", None), 0.0005),
        (private(b"0.0005", "UN", None), 0.0005),
        (private("0.0005", "DS", "Somebody else"), None),
        (private("0", "DS", "Philips PET Private Group"), None),
        (private(b"\x01\x02\xff\xfe", "UN", "Philips PET Private Group"), None),
        (private(b"", "UN", "Philips PET Private Group"), None),
    ],
)
def test_private_factors_as_text_and_as_unknown_bytes_3_2(tmp_path: Path, change: Change, factor: float | None) -> None:
    row = result_of(write_pet(tmp_path, SMALL[:3], change=change)).scan_row
    assert row.get("suv_factor") == factor
    assert row["status"] == ("QUANTIFIED" if factor else Refusal.CNTS_NO_FACTOR)


def test_slopes_are_applied_slice_by_slice_G_5(tmp_path: Path) -> None:
    suv = SMALL * np.array([1, 2, 4, 8, 16, 3])[:, None, None]
    scan = read_scan([file.path for file in reversed(write_pet(tmp_path, suv))], DEFAULT)
    assert len(set(scan.volume.factors.tolist())) == len(suv)
    assert scan.volume.suv() == pytest.approx(suv, abs=2e-3)
