"""MTV by each method, TLG, the union of lesions (3.8), the functional diameter."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pet.burden import burden
from pet.diameter import equivalent_sphere, max_feret
from pet.lesions import measured
from pet.metabolic_volume import METHODS, Liver, metabolic_mask, threshold
from pet.refusal import Flag
from protocol.pet_options import DEFAULT
from tests.pet.phantom import sphere
from tests.pet.test_pet_peak import region, volume

SHAPE = (20, 30, 30)
VOXEL = 0.064


@pytest.mark.parametrize(
    ("method", "suv_max", "liver", "formula", "least"),
    [
        ("MTV_41", 10.0, None, "A", 4.1),
        ("MTV_42", 10.0, None, "A", 4.2),
        ("MTV_F25", 10.0, None, "A", 2.5),
        ("MTV_F40", 10.0, None, "A", 4.0),
        ("MTV_PL", 10.0, Liver(1.40, 0.15), "A", 2.40 / 0.8),
        ("MTV_PL", 10.0, Liver(1.40, 0.15), "B", 2.55 / 0.8),
        ("MTV_L2", 10.0, Liver(1.40, 0.15), "A", 1.70 / 0.8),
        ("MTV_PL", 10.0, None, "A", None),
    ],
)
def test_thresholds_in_suvbw_3_8(
    method: str, suv_max: float, liver: Liver | None, formula: str, least: float | None
) -> None:
    expected = None if least is None else pytest.approx(least)
    assert threshold(method, suv_max, 0.8, liver, formula) == expected


def test_volumes_and_glycolysis_of_nested_shells() -> None:
    suv = np.full(SHAPE, 0.5)
    for radius, value in ((24.0, 2.6), (18.0, 4.15), (12.0, 10.0)):
        suv[sphere(SHAPE, (10, 15, 15), radius)] = value
    counts = [int(sphere(SHAPE, (10, 15, 15), radius).sum()) for radius in (24.0, 18.0, 12.0)]
    found = measured(volume(suv), region(sphere(SHAPE, (10, 15, 15), 28.0)), 0.8, Liver(1.40, 0.15), DEFAULT)
    assert found.maximum == pytest.approx(10.0)
    expected = dict(zip(METHODS, (counts[1], counts[2], counts[0], counts[1], counts[1], counts[0]), strict=True))
    assert {name: round((found.volumes[name] or 0) / VOXEL) for name in METHODS} == expected
    glycolysis = (counts[2] * 10.0 + (counts[1] - counts[2]) * 4.15) * VOXEL
    assert (found.mean_in_volume or 0) * (found.volumes["MTV_41"] or 0) == pytest.approx(glycolysis)


def test_relative_volumes_hang_together_with_the_hottest_voxel_3_8() -> None:
    suv = np.full(SHAPE, 0.5)
    first, second = sphere(SHAPE, (10, 8, 15), 10.0), sphere(SHAPE, (10, 22, 15), 8.0)
    suv[first], suv[second] = 9.0, 8.0
    everything = np.ones(SHAPE, bool)

    def volumes(**options: object) -> dict[str, float | None]:
        return measured(volume(suv), region(everything), None, None, dataclasses.replace(DEFAULT, **options)).volumes

    both, one = (int(mask.sum()) * VOXEL for mask in (first | second, first))
    assert volumes()["MTV_41"] == pytest.approx(one)
    assert volumes()["MTV_F40"] == pytest.approx(both), "a fixed threshold keeps every part of the region"
    assert volumes(mtv_connected="ALL")["MTV_F40"] == pytest.approx(one)
    assert volumes(mtv_connected="NONE")["MTV_41"] == pytest.approx(both)
    assert volumes(mtv_min_ml=1000.0)["MTV_41"] == 0.0


@pytest.mark.parametrize(("neighbours", "voxels"), [(6, 1), (18, 2), (26, 3)])
def test_connectivity_3_8(neighbours: int, voxels: int) -> None:
    suv = np.zeros((3, 3, 3))
    suv[0, 0, 0], suv[0, 1, 1], suv[1, 2, 2] = 5.0, 4.0, 3.0
    assert int(metabolic_mask(suv, np.ones_like(suv, bool), 2.5, neighbours).sum()) == voxels


def test_a_threshold_exactly_met_counts() -> None:
    suv = np.array([[[0.41 * 7.3, 7.3, 0.4]]])
    assert metabolic_mask(suv, np.ones_like(suv, bool), 0.41 * 7.3, 26).tolist() == [[[True, True, False]]]


def test_holes_stay_open() -> None:
    suv = np.full((5, 5, 5), 5.0)
    suv[2, 2, 2] = 0.0
    assert int(metabolic_mask(suv, np.ones_like(suv, bool), 2.0, 26).sum()) == 124


def test_no_liver_leaves_the_volumes_that_rest_on_it_open() -> None:
    suv = np.where(sphere(SHAPE, (10, 15, 15), 12.0), 8.0, 0.5)
    options = dataclasses.replace(DEFAULT, mtv_method="MTV_PL")
    found = measured(volume(suv), region(sphere(SHAPE, (10, 15, 15), 16.0)), 0.8, None, options)
    assert (found.volumes["MTV_PL"], found.core, found.mean_in_volume) == (None, None, None)
    assert Flag.LIVER_MISSING in found.flags


def test_overlapping_lesions_count_once_3_8() -> None:
    suv = np.full(SHAPE, 3.0)
    first, second = sphere(SHAPE, (10, 13, 15), 12.0), sphere(SHAPE, (10, 17, 15), 12.0)
    parts = [(each.box, each.mask) for each in (region(first), region(second))]
    total = burden(volume(suv), parts)
    union = int((first | second).sum()) * VOXEL
    assert (total.volume_ml, total.glycolysis) == (pytest.approx(union), pytest.approx(3.0 * union))
    assert total.lesions == 2
    assert burden(volume(suv), []).volume_ml == 0


@pytest.mark.parametrize("radius", [8.0, 12.0, 20.0])
def test_longest_axis_of_a_sphere(radius: float) -> None:
    mask = sphere((47, 47, 47), (23, 23, 23), radius, (1.0, 1.0, 1.0))
    assert max_feret(mask, (1.0, 1.0, 1.0)) == pytest.approx(2 * radius, abs=1.1)
    assert equivalent_sphere(float(mask.sum()) / 1000) == pytest.approx(2 * radius, abs=0.2)


def test_longest_axis_of_boxes_and_voxels() -> None:
    assert max_feret(np.ones((1, 1, 1), bool), (3.0, 2.0, 2.0)) == pytest.approx(3.0)
    row = np.zeros((3, 3, 12), bool)
    row[1, 1, 1:11] = True
    assert max_feret(row, (4.0, 4.0, 4.0)) == pytest.approx(40.0)
    assert max_feret(np.zeros((2, 2, 2), bool), (1.0, 1.0, 1.0)) == 0.0


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 6)] * 3), min_size=1, max_size=40))
def test_the_hull_loses_no_distance(voxels: list[tuple[int, int, int]]) -> None:
    mask = np.zeros((7, 7, 7), bool)
    mask[tuple(np.array(voxels).T)] = True
    centres = np.argwhere(mask) * np.array([3.0, 2.0, 2.0])
    between = np.linalg.norm(centres[:, None] - centres[None], axis=-1).max()
    assert between <= max_feret(mask, (3.0, 2.0, 2.0)) <= between + np.linalg.norm([3.0, 2.0, 2.0])
