"""Lean body mass, ideal body weight and body surface area (3.2, 3.5): weight in kg, height in m, sex M or F."""

from __future__ import annotations

from collections.abc import Callable

from pet.refusal import Flag
from protocol.pet_options import LbmFormula

SEXES = ("M", "F")


def james(weight: float, height: float, sex: str, male_term: float = 128.0) -> float:
    """James (DICOM LBMJAMES128), kg; ``male_term`` 120 is Morgan's misprint (DICOM LBM)."""
    squared = (weight / (100 * height)) ** 2
    return 1.10 * weight - male_term * squared if sex == "M" else 1.07 * weight - 148 * squared


def james_120(weight: float, height: float, sex: str) -> float:
    """The James formula with 120 for men, kg; not for PERCIST."""
    return james(weight, height, sex, male_term=120.0)


def janmahasatian(weight: float, height: float, sex: str) -> float:
    """Janmahasatian (DICOM LBMJANMA), kg."""
    bmi = weight / height**2
    return 9270 * weight / (6680 + 216 * bmi if sex == "M" else 8780 + 244 * bmi)


def ideal_body_weight(weight: float, height: float, sex: str) -> float:
    """Ideal body weight after Sugawara (DICOM IBW), kg; the weight itself does not enter."""
    del weight
    over = 100 * height - 152
    return 48.0 + 1.06 * over if sex == "M" else 45.5 + 0.91 * over


def body_surface_area(weight: float, height: float) -> float:
    """DuBois, m²."""
    return 0.007184 * (100 * height) ** 0.725 * weight**0.425


FORMULAE: dict[LbmFormula, Callable[[float, float, str], float]] = {
    "JANMAHASATIAN": janmahasatian,
    "JAMES128": james,
    "JAMES120": james_120,
}


def of_sex(
    formula: Callable[[float, float, str], float], weight: float, height: float, sex: str | None
) -> tuple[float, list[Flag]]:
    """A body mass for any sex; other or missing takes the mean of both (SEX_AVERAGED)."""
    if sex is not None and sex in SEXES:
        return formula(weight, height, sex), []
    return sum(formula(weight, height, each) for each in SEXES) / 2, [Flag.SEX_AVERAGED]


def james_out_of_range(weight: float, height: float, sex: str | None, male_term: float = 128.0) -> bool:
    """Whether more weight would mean less lean mass: past the maximum of the James parabola."""
    limits = {"M": 1.10 / (2 * male_term), "F": 1.07 / (2 * 148)}
    limit = limits.get(sex or "", min(limits.values()))
    return weight > limit * (100 * height) ** 2
