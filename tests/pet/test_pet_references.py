"""Reference regions (3.6): spheres and cylinders where they were drawn, their statistics, and G-8 of the liver."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from criteria.vocabulary import ReferenceRegion
from pet.references import reference_at, reference_in
from pet.refusal import Flag
from pet.region import Region, boxed
from protocol.pet_options import DEFAULT
from tests.pet.phantom import sphere
from tests.pet.test_pet_peak import volume

SHAPE = (40, 40, 40)
LIVER, BLOOD, SPLEEN, MARROW = ReferenceRegion


def noisy(level: float = 2.0) -> np.ndarray:
    return np.clip(np.random.default_rng(5).normal(level, 0.2, SHAPE), 0, None)


def region(mask: np.ndarray, label: str = "Liver") -> Region:
    inner, box = boxed(mask)
    return Region("SEG", 1, label, inner, box)


def test_the_liver_is_a_sphere_of_3_cm_REF_L() -> None:
    suv, drawn = noisy(), sphere(SHAPE, (20, 18, 22), 16.0)
    found = reference_in(volume(suv), LIVER, [region(drawn)], DEFAULT)
    inside = np.round(suv, 3)[sphere(SHAPE, (20, 18, 22), 15.0)]
    assert (found.usable, found.flags, found.voxels) == (True, (), inside.size)
    assert (found.mean, found.sd, found.maximum) == pytest.approx((inside.mean(), inside.std(ddof=1), inside.max()))
    assert found.centre == pytest.approx((22 * 4.0, 18 * 4.0, 20 * 4.0))
    population = dataclasses.replace(DEFAULT, ref_sd_ddof=0)
    assert reference_in(volume(suv), LIVER, [region(drawn)], population).sd == pytest.approx(inside.std())


def test_in_a_whole_organ_the_sphere_lies_away_from_its_edges_REF_L() -> None:
    organ = sphere(SHAPE, (20, 12, 12), 40.0) | sphere(SHAPE, (20, 28, 12), 14.0)
    found = reference_in(volume(noisy()), LIVER, [region(organ)], DEFAULT)
    assert found.usable
    assert found.centre == pytest.approx((12 * 4.0, 12 * 4.0, 20 * 4.0), abs=4.1)


def test_less_than_80_percent_in_the_liver_is_not_usable_REF_L() -> None:
    slab = np.zeros(SHAPE, bool)
    slab[18:22, 10:30, 10:30] = True
    found = reference_in(volume(noisy()), LIVER, [region(slab)], DEFAULT)
    assert not found.usable
    assert Flag.REFERENCE_NOT_CONTAINED in found.flags


@pytest.mark.parametrize(("level", "flagged"), [(0.8, True), (2.0, False), (5.0, True)])
def test_the_liver_is_looked_at_G_8(level: float, flagged: bool) -> None:
    found = reference_in(volume(noisy(level)), LIVER, [region(sphere(SHAPE, (20, 20, 20), 16.0))], DEFAULT)
    assert (Flag.LIVER_IMPLAUSIBLE in found.flags) is flagged


def test_blood_pool_is_a_cylinder_of_1_by_2_cm_REF_B() -> None:
    found = reference_at(volume(noisy()), BLOOD, np.array([80.0, 80.0, 80.0]), DEFAULT)
    assert found.voxels == 5 * 5, "five slices of 4 mm within 10 mm, five voxels within 5 mm"
    assert found.usable


def test_a_small_spleen_takes_the_largest_sphere_that_fits_REF_S() -> None:
    whole = reference_in(volume(noisy()), SPLEEN, [region(sphere(SHAPE, (20, 20, 20), 30.0), "spleen")], DEFAULT)
    thin = np.zeros(SHAPE, bool)
    thin[16:25, 5:35, 5:35] = True
    small = reference_in(volume(noisy()), SPLEEN, [region(thin, "spleen")], DEFAULT)
    assert whole.usable and whole.voxels == sphere(SHAPE, (20, 20, 20), 15.0).sum()
    narrow = dataclasses.replace(DEFAULT, spleen_sphere_mm=60.0)
    fitted = reference_in(volume(noisy()), SPLEEN, [region(thin, "spleen")], narrow)
    assert fitted.usable and small.usable
    assert 4 / 3 * np.pi * 16**3 / 64 * 0.8 < fitted.voxels < 4 / 3 * np.pi * 20.1**3 / 64


def test_marrow_is_the_mean_of_the_vertebrae_REF_M() -> None:
    suv = np.full(SHAPE, 1.0)
    drawn = []
    for number, value in enumerate((1.0, 2.0, 3.0, 6.0)):
        mask = sphere(SHAPE, (6 + 9 * number, 20, 20), 10.0)
        suv[mask] = value
        drawn.append(region(mask, f"L{number + 1}"))
    found = reference_in(volume(suv), MARROW, drawn, DEFAULT)
    assert (found.mean, found.maximum, found.flags) == (pytest.approx(3.0), pytest.approx(3.0), ())
    fewer = reference_in(volume(suv), MARROW, drawn[:3], DEFAULT)
    assert (fewer.mean, fewer.flags) == (pytest.approx(2.0), (Flag.MARROW_FEWER_VERTEBRAE,))


@pytest.mark.parametrize("centre", [(-300.0, 80.0, 80.0), (80.0, 80.0, 500.0)])
def test_a_centre_outside_of_the_image_is_not_usable(centre: tuple[float, float, float]) -> None:
    found = reference_at(volume(noisy()), LIVER, np.array(centre), DEFAULT)
    assert (found.usable, found.mean) == (False, None)
    assert found.flags == (Flag.REFERENCE_OUT_OF_IMAGE,)


def test_a_sphere_cut_by_the_image_is_not_usable() -> None:
    found = reference_at(volume(noisy()), LIVER, np.array([80.0, 80.0, 2.0]), DEFAULT)
    assert (found.usable, found.flags) == (False, (Flag.REFERENCE_OUT_OF_IMAGE,))
