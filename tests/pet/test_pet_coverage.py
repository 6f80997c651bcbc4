"""The part of the body in the field (Q-13), and scanners that are harmonised (Q-05)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from pet.coverage import coverage
from pet.reading import read_scan
from protocol.pet_options import DEFAULT
from tests.pet.phantom import body, sphere, write_pet, write_seg
from tests.pet.small_pet_study import PetStudy

SHAPE = (24, 40, 40)
LONG = (40.0, 4.0, 4.0)


def field(*, air_above: bool, air_below: bool) -> np.ndarray:
    suv = body(SHAPE)
    if air_above:
        suv[-1] = 0
    if air_below:
        suv[0] = 0
    return suv


@pytest.mark.parametrize(
    ("above", "below", "spacing", "expected"),
    [
        (True, True, (4.0, 4.0, 4.0), "VERTEX_TO_FEET"),
        (True, False, LONG, "VERTEX_TO_THIGH"),
        (True, False, (4.0, 4.0, 4.0), None),
        (False, True, LONG, None),
        (False, False, LONG, None),
    ],
)
def test_air_beyond_the_head_and_the_feet_Q_13(
    tmp_path: Path, above: bool, below: bool, spacing: tuple[float, float, float], expected: str | None
) -> None:
    files = write_pet(tmp_path, field(air_above=above, air_below=below), spacing=spacing)
    assert coverage(read_scan([file.path for file in files], DEFAULT).volume, []) == expected


def test_a_lesion_at_the_edge_is_a_limited_field_and_a_named_scanner_is_harmonised_Q_13_Q_05(tmp_path: Path) -> None:
    def station(dataset: Dataset, _: int) -> None:
        dataset.DeviceSerialNumber = "PET-7"

    suv, lesion = body(SHAPE), sphere(SHAPE, (1, 20, 20), 12.0)
    suv[lesion] = 8.0
    study = PetStudy(tmp_path, options=replace(DEFAULT, harmonised_scanners=("PET-7",)))
    pet = write_pet(tmp_path / "VISIT-0", suv, "VISIT-0", change=station)
    study.add([*pet, write_seg(tmp_path / "drawn.dcm", pet, {"L01": lesion})])
    row = study.quantities().scan.row(0, named=True)
    assert (row["coverage"], row["harmonised"]) == ("LIMITED", True)
