"""Enhanced PET (G-1): the same volume and lesions as the single frames that it was made of, and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from ingestion.dicom.index import ScanFile
from pet.reading import PetScan, read_scan
from pet.refusal import NotQuantifiedError, Refusal
from protocol.pet_options import DEFAULT
from tests.pet.enhanced import write_enhanced
from tests.pet.phantom import BECQUEREL_PER_SUV, write_pet, write_seg
from tests.pet.small_pet_study import LESIONS, PetStudy, uptake


@pytest.fixture(scope="module")
def singles(tmp_path_factory: pytest.TempPathFactory) -> tuple[ScanFile, ...]:
    return write_pet(tmp_path_factory.mktemp("singles"), uptake(0), "VISIT-0")


def read(*files: ScanFile) -> PetScan:
    return read_scan([file.path for file in files], DEFAULT)


def same(one: PetScan, two: PetScan) -> bool:
    return bool(np.allclose(one.volume.suv(), two.volume.suv(), rtol=1e-9))


def test_the_volume_is_that_of_the_single_frames_G_1(tmp_path: Path, singles: tuple[ScanFile, ...]) -> None:
    alone, together = read(*singles), read(write_enhanced(tmp_path / "enhanced.dcm", singles))
    assert same(together, alone)
    assert np.array_equal(together.volume.grid.positions, alone.volume.grid.positions)
    assert together.volume.grid.spacing == alone.volume.grid.spacing
    assert (together.suv.reference, together.suv.injection) == (alone.suv.reference, alone.suv.injection)
    assert together.flags == alone.flags == ()


def test_frames_may_come_in_any_order_and_in_several_objects(tmp_path: Path, singles: tuple[ScanFile, ...]) -> None:
    parts = [write_enhanced(tmp_path / f"{n}.dcm", tuple(reversed(singles[n::2]))) for n in (0, 1)]
    assert same(read(*parts), read(*singles))


def test_values_in_SUV_are_taken_as_they_are_3_2(tmp_path: Path, singles: tuple[ScanFile, ...]) -> None:
    made = write_enhanced(tmp_path / "suv.dcm", singles, unit="g/ml{SUVbw}", factor=1 / BECQUEREL_PER_SUV)
    assert np.allclose(read(made).volume.suv(), read(*singles).volume.suv(), rtol=1e-4)


def test_decay_corrected_to_the_administration_is_ADMIN_3_3(tmp_path: Path, singles: tuple[ScanFile, ...]) -> None:
    def to_administration(dataset: Dataset) -> None:
        drug = dataset.RadiopharmaceuticalInformationSequence[0]
        dataset.DecayCorrectionDateTime = drug.RadiopharmaceuticalStartDateTime

    scan = read(write_enhanced(tmp_path / "admin.dcm", singles, change=to_administration))
    assert scan.header.decay_correction == "ADMIN"
    ratio = read(*singles).volume.suv().max() / scan.volume.suv().max()
    assert ratio == pytest.approx(1 / 0.68463292, rel=1e-6)


def test_lesions_drawn_on_frames_are_those_drawn_on_slices(tmp_path: Path, singles: tuple[ScanFile, ...]) -> None:
    measured = []
    for name, pet in (("a", singles), ("b", (write_enhanced(tmp_path / "enhanced.dcm", singles),))):
        study = PetStudy(tmp_path / name)
        study.folder.mkdir()
        copies = [ScanFile(study.folder / file.path.name, file.source_name, file.sha256) for file in pet]
        for file, copy in zip(pet, copies, strict=True):
            copy.path.write_bytes(file.path.read_bytes())
        study.add([*copies, write_seg(study.folder / "drawn.dcm", copies, LESIONS)])
        found = study.quantities()
        assert found.rejects.is_empty(), found.rejects
        measured.append(found.lesion.select("lesion_id", "suv_max", "suv_peak", "mtv_ml", "flags"))
    assert measured[0].height == len(LESIONS)
    assert measured[0].drop("flags").rows() == [
        (name, *(pytest.approx(value) for value in values)) for name, *values in measured[1].drop("flags").rows()
    ]
    assert measured[1]["flags"].to_list() == measured[0]["flags"].to_list()


def cleared(keyword: str, value: str | None = None) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        delattr(dataset, keyword) if value is None else setattr(dataset, keyword, value)

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (cleared("AttenuationCorrected", "NO"), Refusal.NOT_QUANTITATIVE),
        (cleared("DecayCorrectionDateTime"), Refusal.DECAY_CORRECTION_MISSING),
        (cleared("PerFrameFunctionalGroupsSequence"), Refusal.NOT_READABLE),
        (cleared("PatientWeight"), Refusal.WEIGHT_MISSING),
        (cleared("SharedFunctionalGroupsSequence"), Refusal.GEOMETRY_MISSING),
    ],
)
def test_what_is_missing_has_its_code(
    tmp_path: Path, singles: tuple[ScanFile, ...], change: Callable[[Dataset], None], code: Refusal
) -> None:
    with pytest.raises(NotQuantifiedError) as caught:
        read(write_enhanced(tmp_path / "enhanced.dcm", singles, change=change))
    assert caught.value.code == code


def test_counts_alone_have_no_SUV(tmp_path: Path, singles: tuple[ScanFile, ...]) -> None:
    with pytest.raises(NotQuantifiedError, match="UNITS_UNSUPPORTED"):
        read(write_enhanced(tmp_path / "counts.dcm", singles, unit="{propcounts}"))
