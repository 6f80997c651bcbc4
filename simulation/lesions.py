"""The lesions of every subject: where they are, what they measure at the start and how they will grow.

Arrays have the shape (subjects, places). The places of a subject are `BASELINE` lesions of the baseline, `NEW` possible
new ones, one possible fragment of another lesion and one benign finding that can be taken for a lesion. ``organ`` is an
index into `ORGANS`; sizes are in mm, of nodes the short axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.classes import COURSES, LatentClass, Range
from simulation.draws import Booleans, Draws, Floats, Integers
from simulation.population import CLASSES, Population
from simulation.settings import Settings

BASELINE, NEW = 8, 3
FRAGMENT = BASELINE + NEW
MIMIC = FRAGMENT + 1
PLACES = MIMIC + 1

ORGANS = ("LUNG", "LIVER", "LYMPH NODE", "ADRENAL GLAND", "SKIN", "BONE", "PLEURA")
LUNG, LIVER, NODE, ADRENAL, SKIN, BONE, PLEURA = range(len(ORGANS))
UNMEASURABLE = (BONE, PLEURA)
FIRST_ORGAN = (0.4, 0.28, 0.0, 0.07, 0.25, 0.0, 0.0)
OTHER_ORGAN = (0.28, 0.19, 0.22, 0.05, 0.12, 0.08, 0.06)
NEW_ORGAN = (0.35, 0.3, 0.15, 0.05, 0.15, 0.0, 0.0)

NORMAL_NODE_MM = 6.0
HALVING_PLACE = np.arange(PLACES) % 2 == 1
FAR = 1e6


@dataclass(frozen=True, slots=True)
class Lesions:
    """Lesions and the parameters of their growth.

    ``size`` is the size on day 0 of a baseline lesion, the size at first appearance of a new one; ``appears`` the day
    of the latter. ``transient`` lesions swell and vanish. ``partner`` is the place a lesion merges into, or a fragment
    splits from, from day ``joins`` on; -1 without one.
    """

    present: Booleans
    organ: Integers
    left: Booleans
    node: Booleans
    measurable: Booleans
    size: Floats
    aspect: Floats
    shrink: Floats
    grow: Floats
    before: Floats
    swell: Floats
    peak: Floats
    appears: Floats
    transient: Booleans
    partner: Integers
    joins: Floats
    suv: Floats

    @property
    def is_new(self) -> Booleans:
        """Places of lesions that are not there at the baseline."""
        return self.appears > -FAR


def lesions(settings: Settings, draws: Draws, people: Population) -> Lesions:
    """All lesions of all subjects.

    The first is measurable and no node, so that every subject has measurable disease; first diameters spread as
    those of the trials that Ghaffari Laleh 2022 (PLoS Comput Biol 18:e1009822) collected: median 35 mm, quartiles
    22 and 53 mm.
    """
    n = draws.subjects
    organ = draws.choice("organ", OTHER_ORGAN, PLACES)
    organ[:, 0] = draws.choice("first organ", FIRST_ORGAN)
    organ[:, BASELINE:] = draws.choice("new organ", NEW_ORGAN, PLACES - BASELINE)
    organ[:, FRAGMENT] = organ[:, 0]
    organ[:, MIMIC] = LUNG
    node = organ == NODE
    count = 2 + draws.choice("lesion count", (0.15, 0.2, 0.2, 0.17, 0.13, 0.09, 0.06))
    present = np.arange(PLACES)[None, :] < np.minimum(count, BASELINE)[:, None]
    present[:, BASELINE:FRAGMENT] = _new_lesions(draws, people)
    present[:, MIMIC] = draws.chance("benign finding", settings.mimics)
    rates = _rates(draws, people)
    transient = np.zeros((n, PLACES), dtype=bool)
    transient[:, BASELINE:FRAGMENT] = _of_class(people, "transient")[:, None] > 0
    transient[:, MIMIC] = True
    organ = np.where(transient & node, LIVER, organ)
    node &= ~transient
    size = _first_sizes(draws, node)
    partner, joins = _merges_and_splits(draws, people, present)
    _beside_the_first(partner[:, 1] == 0, organ, node, size)
    present[:, FRAGMENT] = partner[:, FRAGMENT] >= 0
    return Lesions(
        present=present,
        organ=organ,
        left=draws.chance("side", 0.5, PLACES),
        node=node,
        measurable=~np.isin(organ, UNMEASURABLE),
        size=size,
        aspect=draws.uniform("aspect", PLACES, low=0.62, high=0.92),
        appears=_appearance(draws, transient),
        transient=transient,
        partner=partner,
        joins=joins,
        suv=np.clip(np.exp(np.log(7.5) + 0.4 * draws.normal("suv", PLACES)), 3.0, 20.0),
        peak=np.broadcast_to(draws.uniform("peak", 1, low=44, high=52), (n, PLACES)),
        **rates,
    )


def _of_class(people: Population, name: str) -> Floats:
    return np.array([getattr(COURSES[latent], name) for latent in CLASSES])[people.latent]


def _rates(draws: Draws, people: Population) -> dict[str, Floats]:
    """Rates of each lesion: those of its subject, spread by a tenth within the range of the class."""
    at = np.clip(draws.uniform("rate", 1) + 0.15 * draws.normal("rate of lesion", PLACES), 0, 1)

    def within(*names: str) -> Floats:
        ranges: list[list[Range]] = [
            [getattr(COURSES[latent], name) or getattr(COURSES[latent], names[0]) for latent in CLASSES]
            for name in names
        ]
        low, high = np.array(ranges).transpose(2, 0, 1)
        second = HALVING_PLACE.astype(int) if len(names) > 1 else np.zeros(PLACES, dtype=int)
        low, high = low[second][:, people.latent].T, high[second][:, people.latent].T
        return low + (high - low) * at

    rates = {"before": within("before"), "swell": within("swell")}
    rates |= {"shrink": within("shrink", "other_shrink"), "grow": within("grow", "other_grow")}
    for name in ("shrink", "grow", "swell"):
        rates[name][:, MIMIC] = 0
    rates["swell"][:, BASELINE:] = 0
    return rates


def _new_lesions(draws: Draws, people: Population) -> Booleans:
    chance = _of_class(people, "new_lesions") + _of_class(people, "transient")
    return draws.uniform("new lesion", NEW) < chance[:, None]


def _appearance(draws: Draws, transient: Booleans) -> Floats:
    """The day on which a lesion appears; transient ones come early, others within the first year."""
    early, late = draws.uniform("appears early", PLACES, high=12), draws.uniform("appears", PLACES, low=15, high=330)
    appears = np.where(transient, early, late)
    appears[:, MIMIC] = draws.uniform("benign appears", low=60, high=400)
    appears[:, :BASELINE] = -FAR
    appears[:, FRAGMENT] = -FAR
    return appears


def _first_sizes(draws: Draws, node: Booleans) -> Floats:
    z = draws.normal("size", PLACES)
    size = np.where(node, np.exp(np.log(17) + 0.3 * z), np.exp(np.log(20) + 0.5 * z))
    size[:, 0] = np.clip(np.exp(np.log(35) + 0.55 * z[:, 0]), 16, 140)
    size[:, 1:BASELINE] = np.clip(size[:, 1:BASELINE], np.where(node[:, 1:BASELINE], 10.5, 6.0), 90)
    size[:, BASELINE:] = np.where(node[:, BASELINE:], 9.0, 5.0)
    return size


def _merges_and_splits(draws: Draws, people: Population, present: Booleans) -> tuple[Integers, Floats]:
    """In a few stable subjects the second lesion grows into the first one, in a few others the first one splits."""
    partner = np.full(present.shape, -1)
    joins = np.full(present.shape, FAR)
    stable = people.latent == CLASSES.index(LatentClass.STABLE)
    together = stable & draws.chance("merge", 0.1) & present[:, 1]
    apart = stable & ~together & draws.chance("split", 0.1)
    partner[together, 1] = 0
    partner[apart, FRAGMENT] = 0
    day = draws.uniform("joins", low=70, high=200)
    joins[:, 1] = np.where(together, day, FAR)
    joins[:, FRAGMENT] = np.where(apart, day, FAR)
    return partner, joins


def _beside_the_first(merging: Booleans, organ: Integers, node: Booleans, size: Floats) -> None:
    """A lesion that will merge lies in the organ of the first one and is the smaller of the two."""
    organ[:, 1] = np.where(merging, organ[:, 0], organ[:, 1])
    node[:, 1] &= ~merging
    size[:, 1] = np.where(merging, np.clip(size[:, 1], 11, 0.8 * size[:, 0]), size[:, 1])
