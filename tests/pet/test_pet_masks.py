"""Segmentations and structure sets on the grid of the PET series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from criteria.vocabulary import LesionNature, ReferenceRegion
from ingestion.dicom.index import ScanFile
from pet.drawn import drawings
from pet.naming import Lesion, meaning_of
from pet.reading import read_scan
from pet.refusal import Flag, NotQuantifiedError, Refusal
from pet.region import Code, Region
from pet.segmentations import segmentation_regions
from pet.structure_sets import structure_set_regions
from pet.volume import Grid
from protocol.pet_options import DEFAULT
from tests.pet.phantom import body, sphere, write_pet, write_rtstruct, write_seg

SHAPE = (24, 40, 40)
FIRST, SECOND = sphere(SHAPE, (8, 12, 14), 12.0), sphere(SHAPE, (16, 26, 22), 9.0)
MASKS = {"L01": FIRST, "L02": SECOND}


@pytest.fixture(scope="module")
def pet(tmp_path_factory: pytest.TempPathFactory) -> tuple[ScanFile, ...]:
    return write_pet(tmp_path_factory.mktemp("pet"), body(SHAPE))


@pytest.fixture(scope="module")
def grid(pet: tuple[ScanFile, ...]) -> Grid:
    return read_scan([file.path for file in pet], DEFAULT).volume.grid


def whole(region: Region) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[region.box] = region.mask
    return mask


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_every_kind_of_segmentation(tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid, kind: str) -> None:
    file = write_seg(tmp_path / "seg.dcm", pet, MASKS, kind)
    regions = {each.label: each for each in segmentation_regions(pydicom.dcmread(file.path), grid, 0.5)}
    assert set(regions) == set(MASKS)
    for label, mask in MASKS.items():
        assert (whole(regions[label]) == mask).all()
        assert (regions[label].flags, regions[label].tracking_id) == ((), label)


def test_a_fractional_segment_has_a_least_share(tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid) -> None:
    shares = np.where(FIRST, 0.4, 0.0) + np.where(sphere(SHAPE, (8, 12, 14), 6.0), 0.5, 0.0)
    dataset = pydicom.dcmread(write_seg(tmp_path / "seg.dcm", pet, {"L01": shares}, "FRACTIONAL").path)
    sizes = {least: int(next(segmentation_regions(dataset, grid, least)).mask.sum()) for least in (0.0, 0.3, 0.5, 0.95)}
    assert sizes[0.0] == sizes[0.3] == FIRST.sum()
    assert sizes[0.5] == sphere(SHAPE, (8, 12, 14), 6.0).sum()
    assert sizes[0.95] == 0


def without_sources(dataset: Dataset, shift: float = 0.0) -> None:
    for group in dataset.PerFrameFunctionalGroupsSequence:
        if "DerivationImageSequence" in group:
            del group.DerivationImageSequence
        position = group.PlanePositionSequence[0]
        x, y, z = position.ImagePositionPatient
        position.ImagePositionPatient = [x, y, z + shift]


@pytest.mark.parametrize(("shift", "flags"), [(0.0452, (Flag.POSITION_MATCHED,)), (0.39, (Flag.POSITION_MATCHED,))])
def test_frames_fall_back_to_their_position(
    tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid, shift: float, flags: tuple[Flag, ...]
) -> None:
    file = write_seg(tmp_path / "seg.dcm", pet, {"L01": FIRST}, change=lambda seg: without_sources(seg, shift))
    region = next(segmentation_regions(pydicom.dcmread(file.path), grid, 0.5))
    assert region.flags == flags
    assert (whole(region) == FIRST).all()


def test_frames_between_slices_are_left_out(tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid) -> None:
    file = write_seg(tmp_path / "seg.dcm", pet, {"L01": FIRST}, change=lambda seg: without_sources(seg, 0.41))
    region = next(segmentation_regions(pydicom.dcmread(file.path), grid, 0.5))
    assert (region.empty, region.flags) == (True, (Flag.REGIONS_LEFT_OUT,))
    found, unusable = drawings([file], grid, DEFAULT)
    assert found == []
    assert [each.error.code for each in unusable] == [Refusal.REGION_NOT_MAPPED]


def test_a_segmentation_on_another_grid_is_refused(tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid) -> None:
    def wider(dataset: Dataset) -> None:
        measures = dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        measures.PixelSpacing = ["2", "2"]

    file = write_seg(tmp_path / "seg.dcm", pet, {"L01": FIRST}, change=wider)
    with pytest.raises(NotQuantifiedError, match=r"REGION_GRID_DIFFERS.*2\.0"):
        list(segmentation_regions(pydicom.dcmread(file.path), grid, 0.5))


def square(low: float, high: float) -> list[list[float]]:
    return [[low, low], [high, low], [high, high], [low, high]]


def test_contours_take_the_voxels_whose_centre_they_hold(tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid) -> None:
    """Voxels of 4 mm: a contour from 7 to 30 mm holds the centres 8 ... 28, six a side; a hole from 13 to 22 two."""
    contours = [(5, square(7, 30)), (6, square(7, 30)), (6, square(13, 22))]
    file = write_rtstruct(tmp_path / "rt.dcm", pet, {"GTV": contours})
    region = next(structure_set_regions(pydicom.dcmread(file.path), grid))
    assert region.mask.sum(axis=(1, 2)).tolist() == [36, 32]
    assert not whole(region)[6, 4:6, 4:6].any()
    assert (region.box[0], region.flags) == (slice(5, 7), ())


@pytest.mark.parametrize(
    ("shift", "flags", "empty"),
    [(0.3, (Flag.POSITION_MATCHED,), False), (1.2, (Flag.REGIONS_LEFT_OUT,), True)],
)
def test_contours_without_references_go_by_position(
    tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid, shift: float, flags: tuple[Flag, ...], empty: bool
) -> None:
    file = write_rtstruct(tmp_path / "rt.dcm", pet, {"GTV": [(5, square(7, 30))]}, references=False, shift=shift)
    region = next(structure_set_regions(pydicom.dcmread(file.path), grid))
    assert (region.flags, region.empty) == (flags, empty)


def test_readers_and_their_newest_version(tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid) -> None:
    def dated(date: str) -> object:
        return lambda seg: setattr(seg, "ContentDate", date)

    old = write_seg(tmp_path / "a.dcm", pet, {"L01": FIRST}, change=dated("20240111"))  # type: ignore[arg-type]
    new = write_seg(tmp_path / "b.dcm", pet, {"L01": SECOND}, change=dated("20240112"))  # type: ignore[arg-type]
    other = write_seg(tmp_path / "c.dcm", pet, {"L01": FIRST}, creator=None)
    found, _ = drawings([new, other, old], grid, DEFAULT)
    assert {each.evaluator: each.source.source_name for each in found} == {"READER ONE": "b.dcm", "IMAGING": "c.dcm"}


def test_segments_of_one_name_are_told_apart(tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid) -> None:
    def renamed(seg: Dataset) -> None:
        for segment in seg.SegmentSequence:
            segment.SegmentLabel = "Lesion"

    file = write_seg(tmp_path / "seg.dcm", pet, MASKS, tracked=False, change=renamed)
    found, _ = drawings([file], grid, DEFAULT)
    assert [each.meaning.lesion_id for each in found if isinstance(each.meaning, Lesion)] == ["Lesion 1", "Lesion 2"]


@pytest.mark.parametrize("content", [b"", b"no DICOM at all", None])
def test_a_damaged_segmentation_is_a_coded_reject(
    tmp_path: Path, pet: tuple[ScanFile, ...], grid: Grid, content: bytes | None
) -> None:
    file = write_seg(tmp_path / "seg.dcm", pet, MASKS)
    file.path.write_bytes(file.path.read_bytes()[:-900] if content is None else content)
    found, unusable = drawings([file], grid, DEFAULT)
    assert found == []
    assert [each.error.code for each in unusable] == [Refusal.NOT_READABLE]


def drawn(label: str, category: str | None = None, kind: str | None = None, interpreted: str | None = None) -> Region:
    codes = {name: Code(value, "SCT", value) if value else None for name, value in (("c", category), ("k", kind))}
    empty, box = np.zeros((1, 1, 1), bool), (slice(0, 1),) * 3
    return Region("SEG", 1, label, empty, box, category=codes["c"], kind=codes["k"], interpreted=interpreted)


@pytest.mark.parametrize(
    ("region", "meaning"),
    [
        (drawn("Liver"), ReferenceRegion.LIVER),
        (drawn("ref_liver"), ReferenceRegion.LIVER),
        (drawn("thoracic aorta"), ReferenceRegion.BLOOD_POOL),
        (drawn("spleen"), ReferenceRegion.SPLEEN),
        (drawn("L3"), ReferenceRegion.MARROW),
        (drawn("a", "123037004", "10200004"), ReferenceRegion.LIVER),
        (drawn("a", "123037004", "64033007"), None),
        (drawn("bladder"), None),
        (drawn("left kidney"), None),
        (drawn("BODY", interpreted="EXTERNAL"), None),
        (drawn("Liver", "49755003"), LesionNature.TUMOUR),
        (drawn("Liver GTV", interpreted="GTV"), LesionNature.TUMOUR),
        (drawn("L01"), LesionNature.TUMOUR),
        (drawn("T01"), LesionNature.TUMOUR),
        (drawn("thyroiditis"), LesionNature.IRAE),
        (drawn("abscess right"), LesionNature.INFECTION),
    ],
)
def test_lesions_and_references_are_told_apart(region: Region, meaning: object) -> None:
    found = meaning_of(region, DEFAULT)
    assert (found.nature if isinstance(found, Lesion) else found) == meaning
