"""SUVbw per rescaled voxel value: the unit and the decay branches (3.2 to 3.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from pet.body import Body, body
from pet.decay import growth, in_frame_factor
from pet.header import SeriesHeader, SliceHeader
from pet.injection_time import injection_time
from pet.lean_body import body_surface_area, ideal_body_weight, james, james_120, janmahasatian, of_sex
from pet.reference_time import earliest_acquisition, reference_time
from pet.refusal import Flag, NotQuantifiedError, Refusal
from protocol.pet_options import PetOptions

PHILIPS_TOLERANCE = 0.01
NORMALISED_BY: dict[str, Callable[[float, float, str], float]] = {
    "LBM": james_120,
    "LBMJAMES128": james,
    "LBMJANMA": janmahasatian,
    "IBW": ideal_body_weight,
}


@dataclass(frozen=True, slots=True)
class Suv:
    """SUVbw per rescaled value of every slice, and the times that it rests on (null where they do not enter)."""

    factors: NDArray[np.float64]
    injection: datetime | None
    reference: datetime | None
    flags: tuple[Flag, ...]


def suv_factors(series: SeriesHeader, slices: Sequence[SliceHeader], options: PetOptions) -> Suv:
    """SUVbw of a voxel = factor of its slice x Rescale Slope of its slice x stored value.

    ``slices`` are all slices of the series. Raises `NotQuantifiedError` with the code of the branch that ended.
    """
    person = body(series)
    if person.weight is None:
        raise NotQuantifiedError(Refusal.WEIGHT_MISSING, f"Patient's Weight is {series.weight}")
    match series.units:
        case "GML":
            suv = _constant(_gml(series, person), len(slices))
        case "CM2ML":
            suv = _constant(_cm2ml(series, person), len(slices))
        case "BQML":
            suv = _activity(series, slices, person, options)
        case "CNTS":
            suv = _counts(series, slices, person, options)
        case units:
            raise NotQuantifiedError(Refusal.UNITS_UNSUPPORTED, f"Units is {units}")
    return Suv(suv.factors, suv.injection, suv.reference, (*person.flags, *suv.flags))


def timed(suv: Suv, series: SeriesHeader, slices: Sequence[SliceHeader], options: PetOptions) -> Suv:
    """The same with injection and reference time, which the uptake time needs, where the factor did without them."""
    half_life = body(series).half_life
    if suv.injection is not None or half_life is None:
        return suv
    try:
        reference = reference_time(series, slices, half_life, options)
        injected = injection_time(series, reference.at, earliest_acquisition(slices), options.max_uptake_h)
    except NotQuantifiedError:
        return suv
    return Suv(suv.factors, injected.at, reference.at, (*suv.flags, *injected.flags))


def _constant(factor: tuple[float, list[Flag]], slices: int) -> Suv:
    return Suv(np.full(slices, factor[0]), None, None, tuple(factor[1]))


def _gml(series: SeriesHeader, person: Body) -> tuple[float, list[Flag]]:
    kind = series.suv_type or "BW"
    if kind == "BW":
        return 1.0, []
    if kind not in NORMALISED_BY:
        raise NotQuantifiedError(Refusal.UNITS_UNSUPPORTED, f"Units GML with SUV Type {kind}")
    mass, flags = of_sex(NORMALISED_BY[kind], person.weight or 0.0, _height(person, kind), person.sex)
    return (person.weight or 0.0) / mass, flags


def _cm2ml(series: SeriesHeader, person: Body) -> tuple[float, list[Flag]]:
    if series.suv_type not in (None, "BSA"):
        raise NotQuantifiedError(Refusal.UNITS_UNSUPPORTED, f"Units CM2ML with SUV Type {series.suv_type}")
    weight = person.weight or 0.0
    return 1000 * weight / (1e4 * body_surface_area(weight, _height(person, "BSA"))), []


def _height(person: Body, kind: str) -> float:
    if person.height is None:
        raise NotQuantifiedError(Refusal.HEIGHT_MISSING, f"voxels hold SUV by {kind}; Patient's Size is missing")
    return person.height


def _counts(series: SeriesHeader, slices: Sequence[SliceHeader], person: Body, options: PetOptions) -> Suv:
    suv = _per_slice(each.philips_suv for each in slices)
    activity = _per_slice(each.philips_activity for each in slices)
    if suv is not None:
        return Suv(suv, None, None, _philips_check(suv, activity, series, slices, person, options))
    if activity is None:
        raise NotQuantifiedError(
            Refusal.CNTS_NO_FACTOR, "Units CNTS; (7053,1000) and (7053,1009) are absent, zero or no number in a slice"
        )
    found = _activity(series, slices, person, options)
    return Suv(activity * found.factors, found.injection, found.reference, found.flags)


def _per_slice(values: object) -> NDArray[np.float64] | None:
    """The factors of all slices; null unless every slice has one."""
    found = list(values)  # type: ignore[call-overload]
    return np.array(found, dtype=float) if found and all(value is not None for value in found) else None


def _philips_check(
    suv: NDArray[np.float64],
    activity: NDArray[np.float64] | None,
    series: SeriesHeader,
    slices: Sequence[SliceHeader],
    person: Body,
    options: PetOptions,
) -> tuple[Flag, ...]:
    """The cross-check of both Philips factors (within 1 %), where what it needs is there."""
    if activity is None:
        return ()
    try:
        expected = activity * _activity(series, slices, person, options).factors
    except NotQuantifiedError:
        return ()
    agree = bool((np.abs(suv / expected - 1) <= PHILIPS_TOLERANCE).all())
    return () if agree else (Flag.PHILIPS_FACTORS_DISAGREE,)


def _activity(series: SeriesHeader, slices: Sequence[SliceHeader], person: Body, options: PetOptions) -> Suv:
    """From Bq/ml: the dose at the time that the voxels refer to, by Decay Correction."""
    if person.dose is None:
        raise NotQuantifiedError(Refusal.DOSE_MISSING, f"Radionuclide Total Dose is {series.dose}")
    if person.half_life is None:
        raise NotQuantifiedError(Refusal.HALF_LIFE_MISSING, f"Radionuclide Half Life is {series.half_life}")
    if series.decay_correction not in ("START", "ADMIN", "NONE"):
        raise NotQuantifiedError(
            Refusal.DECAY_CORRECTION_MISSING, f"Decay Correction is {series.decay_correction}; it is never assumed"
        )
    at_injection = np.full(len(slices), 1000 * (person.weight or 0.0) / person.dose)
    if series.decay_correction == "ADMIN":
        return timed(Suv(at_injection, None, None, ()), series, slices, options)
    if series.decay_correction == "NONE":
        return _not_corrected(at_injection, series, slices, person.half_life, options)
    reference = reference_time(series, slices, person.half_life, options)
    injected = injection_time(series, reference.at, earliest_acquisition(slices), options.max_uptake_h)
    decayed = growth(person.half_life, (reference.at - injected.at).total_seconds())
    return Suv(at_injection * decayed, injected.at, reference.at, (*reference.flags, *injected.flags))


def _not_corrected(
    at_injection: NDArray[np.float64],
    series: SeriesHeader,
    slices: Sequence[SliceHeader],
    half_life: float,
    options: PetOptions,
) -> Suv:
    first = earliest_acquisition(slices)
    if first is None or any(each.acquisition is None for each in slices):
        raise NotQuantifiedError(Refusal.REFERENCE_TIME_MISSING, "Decay Correction NONE and no acquisition time")
    if any(not each.duration or each.duration <= 0 for each in slices):
        raise NotQuantifiedError(Refusal.FRAME_DURATION_MISSING, "Decay Correction NONE needs it in every slice")
    injected = injection_time(series, first, first, options.max_uptake_h)
    back = [
        in_frame_factor(half_life, each.duration or 0.0)
        * growth(half_life, ((each.acquisition or first) - injected.at).total_seconds())
        for each in slices
    ]
    return Suv(at_injection * np.array(back), injected.at, first, injected.flags)
