"""When subjects are scanned, treated, lost, given another therapy, and when they die.

Arrays of visits have the shape (subjects, visits), in order of time: first the scan before the baseline (kinetics of
growth), then the baseline, then the assessments. Days count from the randomisation (0); a visit that a subject does not
have is not finite.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulation.classes import COURSES, LatentClass
from simulation.draws import Booleans, Draws, Floats, Integers
from simulation.growth import true_sizes
from simulation.lesions import ADRENAL, BASELINE, BONE, FRAGMENT, PLACES, Lesions
from simulation.population import CLASSES, Population
from simulation.settings import Settings

PRE_BASELINE, BASELINE_VISIT, FIRST = 0, 1, 2
NEVER = np.inf
Values = Floats | Integers | Booleans
TREATMENT_DAYS = 728
DOSE_INTERVAL = 21
EARLIEST_FUTILITY = 90
"""Injected lesions are given twelve weeks before treatment ends for lack of effect (HL-8)."""
REASONS = ("PROGRESSIVE DISEASE", "ADVERSE EVENT", "COMPLETED", "LOST TO FOLLOW-UP", "WITHDRAWAL BY SUBJECT", "DEATH")
PROGRESSED, TOXICITY, COMPLETED, LOST, WITHDREW, DIED = range(len(REASONS))


@dataclass(frozen=True, slots=True)
class Visits:
    """Assessments: planned and first scan day, days between first and last scan, and whether they took place.

    ``number`` is VISITNUM: 0 before the baseline, 1 the baseline, 2, 3, ... the planned ones, halves unscheduled.
    """

    number: Floats
    planned: Floats
    day: Floats
    lasts: Integers
    occurred: Booleans

    @property
    def exists(self) -> Booleans:
        """The subject has this visit, performed or missed."""
        return np.isfinite(self.day)

    def keep(self, where: Booleans) -> Visits:
        """The visits of which ``where`` holds."""
        return replace(self, day=np.where(where, self.day, NEVER))


@dataclass(frozen=True, slots=True)
class Events:
    """What happens to subjects, in days from the randomisation; `NEVER` where it does not happen before the cut-off.

    ``progression`` is the first assessment at which the true burden has progressed, ``reason`` an index into
    `REASONS` for the end of treatment at ``treatment_end`` (-1: still treated at the cut-off).
    """

    cutoff: Integers
    progression: Floats
    death: Floats
    lost: Floats
    withdrawn: Booleans
    treatment_end: Floats
    reason: Integers
    new_therapy: Floats
    last_contact: Floats


def planned_visits(settings: Settings, draws: Draws, lesions: Lesions) -> tuple[Visits, Floats]:
    """All visits that a subject would have if nothing ended them, and the first true progression (day).

    An unscheduled scan follows four to six weeks after the first true progression in a share of the subjects.
    """
    n, later = draws.subjects, settings.visits
    planned = settings.interval_days * np.arange(1, later + 1, dtype=np.float64)
    lasts = np.where(
        draws.chance("two scan days", settings.multi_day, later + 2), draws.whole("days", 1, 2, later + 2), 0
    )
    lasts[:, :FIRST] = 0
    late = draws.chance("late", settings.late, later)
    delay = np.where(late, draws.whole("delay", 10, 20, later), draws.whole("jitter", -5, 5, later))
    delay[:, 0] = np.maximum(delay[:, 0], -3)
    baseline = -draws.whole("baseline", 4, 24).astype(np.float64)
    has_pre = draws.chance("scan before baseline", 0.8)
    before = np.where(has_pre, baseline - draws.whole("before baseline", 40, 80), -NEVER)
    missed = _missed(settings, draws)
    day = np.column_stack([before, baseline, planned + delay])
    occurred = np.column_stack([np.ones((n, 2), dtype=bool), ~missed])
    visits = Visits(
        number=np.broadcast_to(np.arange(later + 2, dtype=np.float64), day.shape),
        planned=np.column_stack([np.full((n, 2), np.nan), np.broadcast_to(planned, (n, later))]),
        day=day,
        lasts=lasts,
        occurred=occurred,
    )
    progression = first_true_progression(lesions, visits)
    return _with_unscheduled(visits, progression, settings, draws), progression


def _missed(settings: Settings, draws: Draws) -> Booleans:
    """Missed visits, never two in a row: a gap of more than two intervals is a lost subject."""
    missed = draws.chance("missed", settings.missed, settings.visits)
    for visit in range(1, settings.visits):
        missed[:, visit] &= ~missed[:, visit - 1]
    return missed


def _with_unscheduled(visits: Visits, progression: Floats, settings: Settings, draws: Draws) -> Visits:
    n = len(progression)
    wanted = draws.chance("unscheduled", settings.unscheduled) & np.isfinite(progression)
    day = np.where(wanted, progression + draws.whole("unscheduled after", 29, 40), NEVER)
    at = np.argmax(visits.day == progression[:, None], axis=1)
    following = np.column_stack([visits.day, np.full(n, NEVER)])[np.arange(n), at + 1]
    day = np.where(day + 3 < following, day, NEVER)

    def more(values: Values, extra: Floats) -> Floats:
        return np.take_along_axis(np.column_stack([values, extra]), order, axis=1)

    order = np.argsort(np.column_stack([visits.day, day]), axis=1, kind="stable")
    none = np.zeros(n)
    return Visits(
        number=more(visits.number, at + 0.5),
        planned=more(visits.planned, np.full(n, np.nan)),
        day=more(visits.day, day),
        lasts=more(visits.lasts, none).astype(np.int64),
        occurred=more(visits.occurred, none + 1).astype(bool),
    )


def first_true_progression(lesions: Lesions, visits: Visits) -> Floats:
    """The first performed assessment at which the true burden progressed: its day, `NEVER` without one.

    Progression: the five largest measurable lesions together 20 % and 5 mm over their smallest sum (R11-TL-03), or a
    new lesion of 10 mm.
    """
    size = true_sizes(lesions, visits.day)
    at_start = np.where(lesions.measurable & lesions.present, size[:, BASELINE_VISIT, :], 0)[:, :BASELINE]
    chosen = np.argsort(np.argsort(-at_start, axis=1, kind="stable"), axis=1, kind="stable") < 5
    total = np.where(chosen[:, None, :], size[:, :, :BASELINE], 0).sum(axis=2)
    progression = np.full(len(total), NEVER)
    nadir = total[:, BASELINE_VISIT].copy()
    for k in range(FIRST, total.shape[1]):
        seen = visits.occurred[:, k] & np.isfinite(visits.day[:, k])
        rise = total[:, k] - nadir
        worse = (rise >= 0.2 * nadir) & (rise >= 5)
        worse |= (size[:, k, BASELINE:FRAGMENT] >= 10).any(axis=1)
        progression = np.where(seen & worse & ~np.isfinite(progression), visits.day[:, k], progression)
        nadir = np.where(seen, np.minimum(nadir, total[:, k]), nadir)
    return progression


def events(settings: Settings, draws: Draws, people: Population, visits: Visits, progression: Floats) -> Events:
    """Deaths, losses, ends of treatment and new therapies up to the cut-off."""
    epoch = type(settings.data_cutoff)(1970, 1, 1)
    cutoff = (settings.data_cutoff - epoch).days - people.start
    median = np.array([COURSES[latent].survival_days for latent in CLASSES])[people.latent]
    death = np.floor(30 + median * (-np.log(draws.uniform("death", low=1e-9)) / np.log(2)) ** (1 / 1.2))
    leaves = draws.chance("lost", settings.lost)
    lost = np.where(leaves, draws.whole("lost after", 50, 600), NEVER)
    lost = np.where(lost < death, lost, NEVER)
    toxic = draws.chance("adverse event", settings.adverse_events)
    toxicity = np.where(toxic, draws.whole("adverse event after", 15, 300), NEVER)
    stop_at_once = draws.chance("stops at progression", 0.4) | (
        people.latent == CLASSES.index(LatentClass.HYPERPROGRESSOR)
    )
    stop_at_once &= people.latent != CLASSES.index(LatentClass.PSEUDOPROGRESSOR)
    second = _next_visit(visits, progression)
    worse = people.latent != CLASSES.index(LatentClass.PSEUDOPROGRESSOR)
    ends_by = np.where(stop_at_once, progression, np.where(worse, second, NEVER))
    ends_by = ends_by + draws.whole("decision", 1, 12)
    ends_by = np.where(people.injected == 1, np.maximum(ends_by, EARLIEST_FUTILITY), ends_by)
    candidates = np.stack([ends_by, toxicity, np.full(len(death), float(TREATMENT_DAYS)), lost, lost, death])
    withdrawn = leaves & draws.chance("withdraws", 0.35)
    candidates[LOST] = np.where(withdrawn, NEVER, lost)
    candidates[WITHDREW] = np.where(withdrawn, lost, NEVER)
    reason = np.argmin(candidates, axis=0)
    treatment_end = candidates.min(axis=0)
    treats_again = draws.chance("new therapy", 0.55) & (reason == PROGRESSED)
    therapy = np.where(treats_again, treatment_end + draws.whole("new therapy after", 10, 40), NEVER)
    end = np.minimum(np.minimum(death, lost), cutoff)
    therapy = np.where(therapy < end, therapy, NEVER)
    return Events(
        cutoff=cutoff,
        progression=progression,
        death=np.where(death <= np.minimum(cutoff, lost), death, NEVER),
        lost=np.where(lost <= cutoff, lost, NEVER),
        withdrawn=withdrawn,
        treatment_end=np.where(treatment_end <= cutoff, treatment_end, NEVER),
        reason=np.where(treatment_end <= cutoff, reason, -1),
        new_therapy=therapy,
        last_contact=end,
    )


def _next_visit(visits: Visits, day: Floats) -> Floats:
    """The first performed visit after a day."""
    after = np.where(visits.occurred & (visits.day > day[:, None]), visits.day, NEVER)
    return after.min(axis=1)


def kept_visits(visits: Visits, happened: Events, draws: Draws) -> Visits:
    """The visits up to death, loss and cut-off, and up to a treatment's end for progression.

    After the end of treatment for progression nothing more is scanned, but for a fifth of the subjects once more after
    a new therapy. A planned visit counts as missed only if the subject was followed beyond its window.
    """
    end = np.minimum(happened.last_contact, happened.cutoff)
    last_scan = visits.day + visits.lasts
    over = np.where(happened.reason == PROGRESSED, happened.treatment_end, NEVER)
    once_more = np.where(draws.chance("scan after new therapy", 0.2), happened.new_therapy, NEVER)
    again = (visits.day > once_more[:, None]) & (visits.day <= once_more[:, None] + 70) & visits.occurred
    again &= np.cumsum(again, axis=1) == 1
    scanned = (last_scan <= over[:, None]) | again
    followed = np.where(visits.occurred, last_scan, visits.day + 30) <= end[:, None]
    kept = scanned & followed
    kept[:, [PRE_BASELINE, BASELINE_VISIT]] = np.isfinite(visits.day[:, [PRE_BASELINE, BASELINE_VISIT]])
    return visits.keep(kept)


def scan_day(visits: Visits, lesions: Lesions) -> Floats:
    """Day on which each place is scanned (subjects, visits, places): bone and adrenals come on the last scan day."""
    second = np.isin(lesions.organ, (ADRENAL, BONE))[:, None, :]
    day = visits.day[:, :, None] + np.where(second, visits.lasts[:, :, None], 0)
    return np.broadcast_to(day, (*visits.day.shape, PLACES))
