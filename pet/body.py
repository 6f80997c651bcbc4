"""Weight, size and activity in the units that the formulae ask for, whatever units they were recorded in (G-6, G-7)."""

from __future__ import annotations

from dataclasses import dataclass

from pet.header import SeriesHeader
from pet.lean_body import FORMULAE, james_out_of_range, of_sex
from pet.refusal import Flag
from protocol.pet_options import PetOptions

GRAMS_FROM = 1000.0
CENTIMETRES_FROM = 3.0
MEGABECQUEREL_BELOW = 1e5
MALE_TERM = {"JAMES128": 128.0, "JAMES120": 120.0}


@dataclass(frozen=True, slots=True)
class Body:
    """Weight in kg, height in m, activity in Bq, half-life in s; null where missing or not positive."""

    weight: float | None
    height: float | None
    sex: str | None
    dose: float | None
    half_life: float | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class LeanBody:
    """Lean body mass in kg and SUL per SUVbw; null where height or sex are missing."""

    mass: float | None
    sul_factor: float | None
    flags: tuple[Flag, ...]


def body(series: SeriesHeader) -> Body:
    """The recorded values in kg, m, Bq and s, flagged where another unit was taken for granted."""
    flags: list[Flag] = []
    weight, height, dose = (_positive(value) for value in (series.weight, series.size, series.dose))
    if weight is not None and weight >= GRAMS_FROM:
        weight, flags = weight / 1000, [*flags, Flag.WEIGHT_IN_GRAMS]
    if height is not None and height > CENTIMETRES_FROM:
        height, flags = height / 100, [*flags, Flag.SIZE_IN_CM]
    if dose is not None and dose < MEGABECQUEREL_BELOW:
        dose, flags = dose * 1e6, [*flags, Flag.DOSE_IN_MBQ]
    return Body(weight, height, series.sex, dose, _positive(series.half_life), tuple(flags))


def lean_body(person: Body, options: PetOptions) -> LeanBody:
    """Lean body mass by ``options.lbm``, and what a SUVbw is to be multiplied with for SUL (3.5)."""
    if person.weight is None:
        return LeanBody(None, None, ())
    if person.height is None:
        if options.sul_missing_height == "USE_SUVBW_FLAGGED":
            return LeanBody(None, 1.0, (Flag.SUL_FROM_SUVBW,))
        return LeanBody(None, None, (Flag.HEIGHT_MISSING,))
    if person.sex not in ("M", "F") and options.sex_other == "NE":
        return LeanBody(None, None, (Flag.SEX_MISSING,))
    mass, flags = of_sex(FORMULAE[options.lbm], person.weight, person.height, person.sex)
    term = MALE_TERM.get(options.lbm)
    if term is not None and james_out_of_range(person.weight, person.height, person.sex, term):
        flags = [*flags, Flag.JAMES_OUT_OF_RANGE]
    return LeanBody(mass, mass / person.weight, tuple(flags))


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None
