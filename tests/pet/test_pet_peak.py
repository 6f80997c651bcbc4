"""SUVpeak (3.7): the kernel against its volume and analytic spheres, the IBSI phantom, search, containment, rules."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pet.peak import RADIUS_MM, Peak, kernel, peak, peak_flags
from pet.refusal import Flag
from pet.region import Region, boxed
from pet.volume import Grid, Volume
from protocol.pet_options import DEFAULT
from tests.pet.phantom import sphere

NOT_IN_ROI = np.nan
IBSI = np.array(
    [
        [[1, 4, 4, 1, 1], [1, 4, 6, 1, 1], [4, 1, 6, 4, 1], [4, 4, 6, 4, 1]],
        [[1, 4, 4, 1, 1], [1, 1, 6, 1, 1], [NOT_IN_ROI, 1, 3, 1, 1], [4, 4, 6, 1, 1]],
        [[1, 4, 4, NOT_IN_ROI, NOT_IN_ROI], [1, 1, 1, 1, 1], [1, 1, NOT_IN_ROI, 1, 1], [1, 1, 6, 1, 1]],
        [[1, 4, 4, NOT_IN_ROI, NOT_IN_ROI], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 6, 1, 1]],
    ]
)
HOLE = (2, 2, 2)
Spacing = tuple[float, float, float]
CUBES = (4.0, 4.0, 4.0)


def volume(suv: np.ndarray, spacing: tuple[float, float, float] = (4.0, 4.0, 4.0)) -> Volume:
    positions = np.array([[0.0, 0.0, spacing[0] * number] for number in range(len(suv))])
    grid = Grid(
        positions=positions,
        across=np.array([1.0, 0, 0]),
        down=np.array([0, 1.0, 0]),
        spacing=spacing,
        shape=(suv.shape[0], suv.shape[1], suv.shape[2]),
        instances=tuple(f"1.{number}" for number in range(len(suv))),
    )
    return Volume(np.round(suv * 1000).astype(np.int32), np.full(len(suv), 0.001), grid)


def region(mask: np.ndarray) -> Region:
    inner, box = boxed(mask)
    return Region("SEG", 1, "LESION 1", inner, box)


def found(suv: np.ndarray, mask: np.ndarray, spacing: Spacing = CUBES, **options: Any) -> Peak:
    return peak(volume(suv, spacing), region(mask), dataclasses.replace(DEFAULT, **options))


@pytest.mark.parametrize(
    "spacing",
    [(3.27, 4.6875, 4.6875), (3.27, 5.47, 5.47), (2.025, 4.07, 4.07), (5.0, 2.0, 2.0), (1.0, 1.0, 1.0), CUBES],
)
def test_the_kernel_has_one_millilitre_3_7(spacing: tuple[float, float, float]) -> None:
    sphere_of = kernel(spacing, "FRACTIONAL")
    assert sphere_of.volume_ml == pytest.approx(1.000, abs=0.002)
    assert sphere_of.weights.sum() == pytest.approx(1)


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.floats(1.0, 8.0)] * 3), st.floats(4.0, 15.0))
def test_fractional_weights_sum_to_any_sphere(spacing: tuple[float, float, float], radius: float) -> None:
    expected = 4 / 3 * np.pi * radius**3 / 1000
    assert kernel(spacing, "FRACTIONAL", radius).volume_ml == pytest.approx(expected, rel=0.002)


def test_fractional_weights_against_supersampling() -> None:
    spacing = np.array([3.27, 4.6875, 4.6875])
    steps = (np.arange(41) + 0.5) / 41 - 0.5
    fine = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3) * spacing
    exact = kernel((3.27, 4.6875, 4.6875), "FRACTIONAL")
    counted = [(np.linalg.norm(offset * spacing + fine, axis=1) <= RADIUS_MM).mean() for offset in exact.offsets]
    shares = exact.weights * exact.volume_ml * 1000 / np.prod(spacing)
    assert np.abs(shares - counted).max() < 0.004


def test_the_centre_kernel_of_coarse_voxels_is_too_small_3_7() -> None:
    assert kernel((3.27, 5.47, 5.47), "CENTRE").volume_ml == pytest.approx(0.685, abs=0.001)


def test_ibsi_phantom_statistics_3_10_f() -> None:
    values = IBSI[~np.isnan(IBSI)]
    assert (values.size, np.median(values), values.max()) == (74, 1, 6)
    assert (values.mean(), values.var()) == (pytest.approx(2.15, abs=0.005), pytest.approx(3.05, abs=0.005))
    assert (values**2).sum() == 567


@pytest.mark.parametrize(("weighting", "local", "overall"), [("CENTRE", 2.600, 3.1034), ("FRACTIONAL", 2.619, 2.900)])
def test_ibsi_phantom_peaks_3_7(weighting: str, local: float, overall: float) -> None:
    """The sphere is larger than the phantom: its mean is over the voxels there are; outside the ROI lie 1 and 9."""
    image = np.where(np.isnan(IBSI), 1.0, IBSI)
    image[HOLE] = 9.0
    sphere_of = kernel((2.0, 2.0, 2.0), weighting)
    around = np.pad(image, 3, constant_values=np.nan)
    peaks = {}
    for place in np.argwhere(~np.isnan(IBSI)):
        values = around[tuple((sphere_of.offsets + place + 3).T)]
        there = ~np.isnan(values)
        peaks[tuple(place)] = (values * sphere_of.weights)[there].sum() / sphere_of.weights[there].sum()
    assert max(value for place, value in peaks.items() if IBSI[place] == 6) == pytest.approx(local, abs=5e-4)
    assert max(peaks.values()) == pytest.approx(overall, abs=5e-4)


def test_the_middle_of_a_large_sphere_is_its_uptake() -> None:
    mask = sphere((15, 15, 15), (7, 7, 7), 20.0)
    assert found(np.where(mask, 8.0, 0.5), mask).value == pytest.approx(8.0)


@pytest.mark.parametrize(("radius", "activity"), [(4.0, 8.0), (5.0, 8.0), (6.0, 4.0)])
def test_a_small_sphere_loses_what_its_volume_lacks(radius: float, activity: float) -> None:
    """A sphere of radius r < R in air: the peak is activity x (r / R)^3, to 2 % with voxels of 0.5 mm."""
    spacing = (0.5, 0.5, 0.5)
    mask = sphere((41, 41, 41), (20, 20, 20), radius, spacing)
    value = found(np.where(mask, activity, 0.0), mask, spacing).value
    assert value == pytest.approx(activity * (radius / RADIUS_MM) ** 3, rel=0.02)


def test_global_search_finds_the_hottest_millilitre_and_local_the_hottest_voxel_3_7() -> None:
    suv = np.full((15, 25, 15), 1.0)
    suv[7, 5, 7] = 12.0
    suv[5:10, 16:21, 5:10] = 9.0
    mask = np.ones_like(suv, bool)
    everywhere, there = found(suv, mask), found(suv, mask, peak_search="LOCAL")
    assert everywhere.centre == (7, 18, 7)
    assert there.centre == (7, 5, 7)
    assert everywhere.value is not None and there.value is not None and everywhere.value > there.value


def test_containment_in_the_mask_fails_for_small_lesions_3_7() -> None:
    mask = sphere((15, 15, 15), (7, 7, 7), 6.0)
    suv = np.where(mask, 5.0, 0.5)
    assert found(suv, mask, peak_contain="MASK") == Peak(None, None, (Flag.PEAK_NOT_CONTAINED,))
    large = sphere((15, 15, 15), (7, 7, 7), 16.0)
    inside = found(np.where(large, 5.0, 0.5), large, peak_contain="MASK")
    assert inside.value == pytest.approx(5.0)


def test_the_sphere_never_leaves_the_image_3_7() -> None:
    suv, mask = np.full((9, 9, 9), 1.0), np.zeros((9, 9, 9), bool)
    mask[0, 0, 0] = True
    assert found(suv, mask).flags == (Flag.PEAK_NOT_CONTAINED,)


def test_a_hotter_neighbour_is_seen_3_7() -> None:
    suv = np.full((15, 15, 15), 1.0)
    suv[:, 8:, :] = 40.0
    mask = np.zeros_like(suv, bool)
    mask[5:9, 5:8, 5:9] = True
    spilled = found(suv, mask)
    assert (spilled.value, spilled.flags) == (None, (Flag.PEAK_GT_MAX, Flag.PEAK_INVALID))


@pytest.mark.parametrize(
    ("value", "mean", "maximum", "small", "flags", "valid"),
    [
        (5.0, 4.0, 6.0, False, (), True),
        (6.2, 4.0, 6.0, False, (Flag.PEAK_GT_MAX,), True),
        (6.31, 4.0, 6.0, False, (Flag.PEAK_GT_MAX, Flag.PEAK_INVALID), False),
        (3.9, 4.0, 6.0, False, (Flag.PEAK_INVALID,), False),
        (3.99, 4.0, 4.01, False, (), True),
        (3.9, 4.0, 6.0, True, (Flag.BELOW_PEAK_VOLUME,), True),
        (7.7e-42, 0.0, 1.9, False, (), True),
        (0.0, 0.0, 1.9, False, (Flag.PEAK_INVALID,), False),
        (7.7e-42, 1.5, 1.9, False, (Flag.PEAK_INVALID,), False),
    ],
)
def test_rules_of_a_peak_3_7(
    value: float, mean: float, maximum: float, small: bool, flags: tuple[Flag, ...], valid: bool
) -> None:
    assert peak_flags(value, mean, maximum, small=small) == (flags, valid)
