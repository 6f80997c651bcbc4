"""FDG-PET: true uptake of lesions and reference regions, and how each scan was made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from criteria.vocabulary import ReferenceRegion
from simulation.draws import Booleans, Floats
from simulation.growth import response_factor
from simulation.trial import Trial

VISIT_NUMBERS = (1, 2, 3, 4)
BACKGROUND_SUV, RESOLVED_SUV = 0.6, 1.8
HALF_LIFE_S = 6586.2
PEAK_RADIUS_MM = 6.2035
REGIONS = tuple(ReferenceRegion)
REFERENCE_SUV = (2.3, 1.6, 1.9, 1.3)


@dataclass(frozen=True, slots=True)
class Scanner:
    """A PET/CT scanner as its headers name it."""

    manufacturer: str
    model: str
    reconstruction: str


SCANNERS = (
    Scanner("GE MEDICAL SYSTEMS", "Discovery MI", "VPFX"),
    Scanner("SIEMENS", "Biograph mCT", "PSF+TOF 2i21s"),
    Scanner("Philips Medical Systems", "Vereos PET/CT", "OSEM"),
)


@dataclass(frozen=True, slots=True)
class Pet:
    """PET of a trial, arrays of (subjects, visits).

    ``has`` tells where there is a scan; ``suv`` (subjects, visits, places) is 0 for a resolved lesion, ``reference``
    (subjects, visits, regions) follows `REGIONS`. By scan: activity, uptake time, time of injection in minutes of the
    day, serum glucose, hours of fasting.
    """

    has: Booleans
    suv: Floats
    reference: Floats
    activity_mbq: Floats
    uptake_min: Floats
    injected_at_min: Floats
    glucose_mmol_l: Floats
    fasting_h: Floats


def pet_of(trial: Trial) -> Pet:
    """The true PET of the subjects that have one; uptake follows the size of a lesion, and falls faster than it."""
    draws, visits, growing = trial.draws, trial.visits, trial.lesions
    has = (visits.exists & visits.occurred) & np.isin(visits.number, VISIT_NUMBERS)
    has &= draws.chance("pet", trial.settings.pet)[:, None]
    t = np.where(visits.exists, visits.day, 0)[:, :, None]
    factor = np.where(growing.is_new[:, None, :], trial.true / 12, response_factor(growing, t))
    suv = BACKGROUND_SUV + (growing.suv[:, None, :] - BACKGROUND_SUV) * np.clip(factor, 0, 1.6) ** 1.2
    seen = (trial.true > 0) & growing.present[:, None, :]
    suv = np.where(seen & (suv >= RESOLVED_SUV), suv.round(2), 0)
    shape = visits.day.shape[1]
    own = draws.normal("reference uptake", 1, len(REGIONS)) * 0.1
    reference = np.array(REFERENCE_SUV) * np.exp(own + 0.02 * draws.normal("reference at visit", shape, len(REGIONS)))
    activity = draws.uniform("activity", 1, low=240, high=380) * np.exp(0.03 * draws.normal("activity at visit", shape))
    return Pet(
        has=has,
        suv=suv,
        reference=reference.round(2),
        activity_mbq=activity.round(1),
        uptake_min=draws.whole("uptake", 55, 66, shape).astype(np.float64),
        injected_at_min=draws.whole("injected at", 8 * 60, 13 * 60, shape).astype(np.float64),
        glucose_mmol_l=draws.uniform("pet glucose", shape, low=4.4, high=7.4).round(1),
        fasting_h=draws.whole("fasting", 6, 12, shape).astype(np.float64),
    )


def lean_body_mass_kg(male: Booleans, weight_kg: Floats, height_cm: Floats) -> Floats:
    """Janmahasatian's formula (metabolic rule book 3.5)."""
    index = weight_kg / (height_cm / 100) ** 2
    return np.where(male, 9270 * weight_kg / (6680 + 216 * index), 9270 * weight_kg / (8780 + 244 * index))


def peak_suv(suv: Floats, diameter_mm: Floats) -> Floats:
    """Mean over a sphere of 1 ml about the centre of a sphere of uniform uptake (3.7)."""
    share = np.clip(diameter_mm / 2 / PEAK_RADIUS_MM, 0, 1) ** 3
    return suv * share + BACKGROUND_SUV * (1 - share)
