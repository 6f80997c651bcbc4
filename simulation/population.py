"""The subjects of a trial: who they are, where and when they are randomised, and what their tumour will do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.classes import LatentClass
from simulation.draws import Draws, Floats, Integers, chosen
from simulation.settings import Settings

CLASSES = tuple(LatentClass)
COHORTS = ("MELANOMA", "NSCLC", "RENAL CELL CARCINOMA")


@dataclass(frozen=True, slots=True)
class Population:
    """Arrays of one value a subject; ``start`` is the day of randomisation (days since 1970-01-01)."""

    site: Integers
    arm: Integers
    latent: Integers
    cohort: Integers
    male: Integers
    age: Integers
    weight_kg: Floats
    height_cm: Floats
    start: Integers
    first_dose: Integers
    injected: Integers


def population(settings: Settings, draws: Draws) -> Population:
    """Subjects of a trial; a subject's latent class is drawn with the shares of its arm."""
    arm = draws.choice("arm", [1.0] * len(settings.arms))
    shares = np.array([[arm.classes.get(latent, 0.0) for latent in CLASSES] for arm in settings.arms])
    male = draws.whole("sex", 0, 1)
    first = (settings.first_enrolment - type(settings.first_enrolment)(1970, 1, 1)).days
    start = first + draws.whole("enrolment", 0, settings.enrolment_days - 1)
    height = np.round(draws.normal("height") * 7 + np.where(male == 1, 177, 164))
    index = draws.normal("body mass index") * 3.6 + 26
    return Population(
        site=draws.whole("site", 1, settings.sites),
        arm=arm,
        latent=chosen(draws.uniform("latent class"), shares[arm]),
        cohort=draws.choice("cohort", [0.5, 0.35, 0.15]),
        male=male,
        age=draws.whole("age", 32, 84),
        weight_kg=np.round(index * (height / 100) ** 2, 1),
        height_cm=height,
        start=start,
        first_dose=start + draws.whole("first dose", 0, 3),
        injected=np.array([arm.injected for arm in settings.arms], dtype=np.int64)[arm],
    )
