"""Lean body mass (3.5): the rule book's check values, the guard of James, and what a body is taken for (G-6, G-7)."""

from __future__ import annotations

import dataclasses

import pytest

from pet.body import body, lean_body
from pet.header import SeriesHeader
from pet.lean_body import body_surface_area, ideal_body_weight, james, james_120, james_out_of_range, janmahasatian
from pet.refusal import Flag
from protocol.pet_options import DEFAULT

CHECK = """
M  71 163 53.8143 52.8560
M  70 175 56.5200 55.8571
M  99 174 67.4636 66.7779
F  80 163 49.9494 45.9853
F  60 165 44.6298 39.2868
F 150 160 30.4219 60.2551
"""


@pytest.mark.parametrize("line", CHECK.strip().splitlines())
def test_check_values_3_5(line: str) -> None:
    sex, weight, height, by_james, by_janmahasatian = line.split()
    given = float(weight), float(height) / 100, sex
    assert james(*given) == pytest.approx(float(by_james), abs=5e-5)
    assert janmahasatian(*given) == pytest.approx(float(by_janmahasatian), abs=5e-5)


def test_suvbw_6_in_71_kg_and_163_cm() -> None:
    person = body(SeriesHeader(weight=71, size=1.63, sex="M"))
    by = {name: lean_body(person, dataclasses.replace(DEFAULT, lbm=name)) for name in ("JANMAHASATIAN", "JAMES128")}
    assert 6.0 * (by["JANMAHASATIAN"].sul_factor or 0) == pytest.approx(4.4667, abs=5e-5)
    assert 6.0 * (by["JAMES128"].sul_factor or 0) == pytest.approx(4.5477, abs=5e-5)


def test_the_misprint_differs_for_men_only() -> None:
    assert james_120(70, 1.75, "M") == pytest.approx(1.10 * 70 - 120 * (70 / 175) ** 2)
    assert james_120(70, 1.75, "F") == james(70, 1.75, "F")


def test_ideal_weight_and_surface() -> None:
    assert ideal_body_weight(0, 1.62, "M") == pytest.approx(58.6)
    assert ideal_body_weight(0, 1.62, "F") == pytest.approx(54.6)
    assert body_surface_area(70, 1.75) == pytest.approx(0.007184 * 175**0.725 * 70**0.425)


@pytest.mark.parametrize(
    ("weight", "sex", "beyond"), [(92.4, "F", False), (92.6, "F", True), (109.9, "M", False), (110.1, "M", True)]
)
def test_guard_of_james_at_160_cm(weight: float, sex: str, beyond: bool) -> None:
    assert james_out_of_range(weight, 1.60, sex) is beyond
    lean = lean_body(
        body(SeriesHeader(weight=weight, size=1.60, sex=sex)), dataclasses.replace(DEFAULT, lbm="JAMES128")
    )
    assert (Flag.JAMES_OUT_OF_RANGE in lean.flags) is beyond


def test_sex_other_takes_the_mean_or_nothing() -> None:
    person = body(SeriesHeader(weight=70, size=1.75, sex="O"))
    lean = lean_body(person, DEFAULT)
    assert lean.mass == pytest.approx((janmahasatian(70, 1.75, "M") + janmahasatian(70, 1.75, "F")) / 2)
    assert lean.flags == (Flag.SEX_AVERAGED,)
    refused = lean_body(person, dataclasses.replace(DEFAULT, sex_other="NE"))
    assert (refused.sul_factor, refused.flags) == (None, (Flag.SEX_MISSING,))


def test_height_missing_gives_no_sul_or_suvbw_flagged() -> None:
    person = body(SeriesHeader(weight=70, size=None, sex="M"))
    assert lean_body(person, DEFAULT).sul_factor is None
    assert lean_body(person, DEFAULT).flags == (Flag.HEIGHT_MISSING,)
    kept = lean_body(person, dataclasses.replace(DEFAULT, sul_missing_height="USE_SUVBW_FLAGGED"))
    assert (kept.sul_factor, kept.flags) == (1.0, (Flag.SUL_FROM_SUVBW,))


def test_units_of_weight_size_and_dose_G_6_G_7() -> None:
    person = body(SeriesHeader(weight=70000, size=175, sex="M", dose=368.08, half_life=6588))
    assert (person.weight, person.height, person.dose) == (70.0, 1.75, pytest.approx(368.08e6))
    assert set(person.flags) == {Flag.WEIGHT_IN_GRAMS, Flag.SIZE_IN_CM, Flag.DOSE_IN_MBQ}
    assert body(SeriesHeader(weight=0, size=0, dose=0)).weight is None
