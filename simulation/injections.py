"""Injections of talimogene laherparepvec: which lesions, when and how much (metabolic rule book 8.1, 8.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.draws import Booleans, Floats, Integers
from simulation.growth import true_sizes
from simulation.lesions import LIVER, NODE, SKIN, Lesions
from simulation.population import Population
from simulation.reading import NOTHING, TARGET_MM, TARGET_NODE_MM, Read
from simulation.schedule import NEVER, Events, Visits

VISITS = 8
SECOND_AFTER, FURTHER_EVERY = 21, 14
VISIT_TOTAL_ML = 4.0
LARGEST_MM = 50
FIRST_CONCENTRATION, CONCENTRATION = 1e6, 1e8
DIAMETERS_MM = np.array([5.0, 15.0, 25.0, 50.0])
VOLUMES_ML = np.array([0.1, 0.5, 1.0, 2.0, 4.0])


@dataclass(frozen=True, slots=True)
class Injections:
    """One element an injection: subject, injection visit from 0, place, day, diameter, whether new, planned and given.

    ``since`` (subjects, places) is the day of a lesion's first injection, `NEVER` without one.
    """

    subject: Integers
    visit: Integers
    place: Integers
    day: Integers
    diameter_mm: Floats
    is_new: Integers
    planned_ml: Floats
    delivered_ml: Floats
    since: Floats


def volume_ml(diameter_mm: Floats) -> Floats:
    """The largest volume for a lesion of this diameter: 8.2, upper bounds included."""
    return VOLUMES_ML[np.searchsorted(DIAMETERS_MM, diameter_mm, side="left")]


def injections(
    people: Population, lesions: Lesions, visits: Visits, happened: Events, investigator: Read
) -> Injections:
    """Injections of the accessible lesions that the investigator follows, three weeks and then every two weeks apart.

    Eligible are lesions of skin and liver over 10 mm and nodes with a short axis over 15 mm (HI-1), up to 50 mm (HI-2).
    The first visit
    takes the largest lesions first, later ones new lesions before the others; a visit gives 4 ml at most.
    """
    day = (people.first_dose - people.start)[:, None] + np.concatenate(
        [[0], SECOND_AFTER + FURTHER_EVERY * np.arange(VISITS - 1)]
    )
    end = np.minimum(happened.treatment_end, happened.last_contact)
    takes_place = (day < end[:, None]) & (people.injected == 1)[:, None]
    size = true_sizes(lesions, day.astype(np.float64))
    known = _known_at(investigator, visits, day)
    accessible = np.isin(lesions.organ, (SKIN, NODE, LIVER)) & (lesions.partner < 0)
    large = size > np.where(lesions.node, TARGET_NODE_MM, TARGET_MM)[:, None, :]
    large &= size <= LARGEST_MM
    eligible = takes_place[:, :, None] & known & accessible[:, None, :] & large
    first_seen = lesions.is_new[:, None, :] & (np.cumsum(eligible, axis=1) == 1)
    first_seen[:, 0] = False
    rank = np.argsort(-np.where(eligible, size + 1000 * first_seen, -1), axis=2, kind="stable")
    wanted = np.take_along_axis(np.where(eligible, volume_ml(size), 0), rank, axis=2)
    before = np.cumsum(wanted, axis=2) - wanted
    given = np.clip(VISIT_TOTAL_ML - before, 0, wanted).round(1)
    delivered = np.zeros_like(given)
    np.put_along_axis(delivered, rank, given, axis=2)
    subject, visit, place = np.nonzero(delivered > 0)
    at = (subject, visit, place)
    since = np.full(lesions.size.shape, NEVER)
    np.minimum.at(since, (subject, place), day[subject, visit])
    return Injections(
        subject=subject,
        visit=visit,
        place=place,
        day=day[subject, visit],
        diameter_mm=size[at],
        is_new=first_seen[at].astype(np.int64),
        planned_ml=delivered[at],
        delivered_ml=delivered[at],
        since=since,
    )


def _known_at(investigator: Read, visits: Visits, day: Integers) -> Booleans:
    """Lesions that the investigator had recorded by the day (subjects, injection visits, places)."""
    recorded = investigator.state != NOTHING
    seen = np.where(recorded, visits.day[:, :, None], NEVER).min(axis=1)
    return (investigator.role != NOTHING)[:, None, :] & (seen[:, None, :] <= day[:, :, None])
