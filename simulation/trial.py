"""A whole simulated trial: the truth, and what every reader saw of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from ingestion.tables import SUBJECT
from simulation.draws import Booleans, Draws, Floats, Integers, worded
from simulation.growth import merged, true_sizes
from simulation.injections import Injections, injections
from simulation.lesions import Lesions, lesions
from simulation.population import CLASSES, COHORTS, Population, population
from simulation.reading import Read, Reader, read, truth_reader
from simulation.records import core_measurement, measurement_frame, visit_frame
from simulation.responses import (
    accepted_readers,
    derived_responses,
    recorded_responses,
    recorded_sums,
    wrong_assessments,
)
from simulation.schedule import (
    DIED,
    LOST,
    NEVER,
    REASONS,
    WITHDREW,
    Events,
    Visits,
    events,
    kept_visits,
    planned_visits,
    scan_day,
)
from simulation.settings import Settings

TRUTH = "TRUTH"
CENTRAL = ("RADIOLOGIST 1", "RADIOLOGIST 2")
FROM_THE_START_DAYS = 10
"""Central readers know the lesions that are injected within these days, not those injected later on."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything about a simulated trial.

    ``subject`` is core.subject with the latent class and some demography beside it, ``visit`` one row a visit,
    ``measurement`` the readers' rows of core.measurement with subject, visit_index and place, ``truth`` the same of a
    perfect reader. ``response`` and ``sum`` are what the readers recorded; ``derived`` what the engine makes of the
    measurements of all readers and of the truth; ``accepted`` the accepted central reader of each subject.
    """

    settings: Settings
    draws: Draws
    people: Population
    lesions: Lesions
    visits: Visits
    happened: Events
    true: Floats
    joined: Booleans
    readers: Mapping[str, Reader]
    reads: Mapping[str, Read]
    injected: Injections
    subject: pl.DataFrame
    visit: pl.DataFrame
    measurement: pl.DataFrame
    truth: pl.DataFrame
    response: pl.DataFrame
    sum: pl.DataFrame
    derived: pl.DataFrame
    accepted: pl.DataFrame

    @property
    def core_subject(self) -> pl.DataFrame:
        """The subjects as core.subject."""
        return SUBJECT.conform(self.subject.select(name for name in SUBJECT.schema if name in self.subject.columns))


def simulate(settings: Settings) -> Trial:
    """Simulate a trial; the same settings give the same trial, and a subject does not depend on how many there are."""
    draws = Draws(settings.seed, settings.subjects)
    people = population(settings, draws)
    growing = lesions(settings, draws, people)
    planned, progression = planned_visits(settings, draws, growing)
    happened = events(settings, draws, people, planned, progression)
    visits = kept_visits(planned, happened, draws)
    true, joined = true_sizes(growing, visits.day), merged(growing, visits.day)
    readers = {reader.name: reader for reader in _readers(settings)}
    reads = {name: read(reader, draws, growing, visits, true, joined) for name, reader in readers.items()}
    injected = injections(people, growing, visits, happened, reads["INVESTIGATOR"])
    subject = subject_frame(settings, people, happened)
    visit = visit_frame(visits, people.start, subject["subject_id"], settings.study)
    scans = scan_day(visits, growing)
    rows = {
        name: measurement_frame(reader, reads[name], growing, visit, scans, people.start, _known(injected, name))
        for name, reader in readers.items()
    }
    truth = rows.pop(TRUTH)
    core = SUBJECT.conform(subject.select(name for name in SUBJECT.schema if name in subject.columns))
    derived = derived_responses(core_measurement([*rows.values(), truth]), core)
    accepted = accepted_readers(derived, core, draws)
    marks = accepted.select("subject_id", "evaluator", _accepted=True)
    measurement = (
        pl.concat(rows.values())
        .join(marks, on=["subject_id", "evaluator"], how="left", maintain_order="left")
        .with_columns(accepted=pl.col("_accepted").fill_null(False))
        .drop("_accepted")
    )
    trial = Trial(
        settings=settings,
        draws=draws,
        people=people,
        lesions=growing,
        visits=visits,
        happened=happened,
        true=true,
        joined=joined,
        readers={name: readers[name] for name in rows},
        reads=reads,
        injected=injected,
        subject=subject,
        visit=visit,
        measurement=measurement,
        truth=truth,
        response=pl.DataFrame(),
        sum=pl.DataFrame(),
        derived=derived,
        accepted=accepted,
    )
    return _with_records(trial, derived)


def with_measurements(trial: Trial, measurement: pl.DataFrame) -> Trial:
    """The trial with other measurements, and the responses and sums that its readers record from them."""
    derived = derived_responses(core_measurement([measurement, trial.truth]), trial.core_subject)
    return _with_records(replace(trial, measurement=measurement, derived=derived), derived)


def _with_records(trial: Trial, derived: pl.DataFrame) -> Trial:
    of_readers = derived.filter(pl.col("evaluator") != TRUTH)
    wrong = wrong_assessments(trial.readers, trial.draws, trial.visit, trial.visits.day.shape[1])
    return replace(trial, response=recorded_responses(of_readers, wrong), sum=recorded_sums(of_readers))


def _readers(settings: Settings) -> tuple[Reader, ...]:
    errors = settings.errors
    return (
        Reader("INVESTIGATOR", "INVESTIGATOR", "", errors),
        Reader("RADIOLOGIST 1", "INDEPENDENT ASSESSOR", "R1-", errors),
        Reader("RADIOLOGIST 2", "INDEPENDENT ASSESSOR", "R2-", errors),
        truth_reader(),
    )


def _known(injected: Injections, reader: str) -> Floats:
    """The day from which a reader knows a lesion as injected."""
    if reader not in CENTRAL:
        return injected.since
    return np.where(injected.since <= FROM_THE_START_DAYS, 0.0, NEVER)


def subject_frame(settings: Settings, people: Population, happened: Events) -> pl.DataFrame:
    """Subjects in order: the columns of core.subject, the latent class, and demography."""

    def date(day: Floats | Integers) -> pl.Series:
        known = np.isfinite(day)
        days = pl.Series(people.start + np.where(known, day, 0).astype(np.int64)).cast(pl.Int32).cast(pl.Date)
        return pl.select(pl.when(pl.Series(known)).then(days)).to_series()

    n = settings.subjects
    died = np.isfinite(happened.death)
    left = np.isfinite(happened.lost)
    ended = np.where(died, happened.death, happened.lost)
    reason = np.where(died, DIED, np.where(happened.withdrawn, WITHDREW, LOST))
    frame = pl.DataFrame(
        {
            "subject": np.arange(n),
            "number": np.arange(1, n + 1),
            "site": people.site + 100,
            "cohort": worded(COHORTS, people.cohort),
            "arm": worded([arm.name for arm in settings.arms], people.arm),
            "arm_code": worded([arm.code for arm in settings.arms], people.arm),
            "sex": worded(("F", "M"), people.male),
            "age": people.age,
            "weight_kg": people.weight_kg,
            "height_cm": people.height_cm,
            "latent_class": worded(CLASSES, people.latent),
            "reference_date": date(np.zeros(n)),
            "randomisation_date": date(np.zeros(n)),
            "first_dose_date": date(people.first_dose - people.start),
            "death_date": date(happened.death),
            "last_alive_date": date(np.floor(happened.last_contact)),
            "new_therapy_date": date(happened.new_therapy),
            "discontinuation_date": date(happened.treatment_end),
            "discontinuation_reason": worded(REASONS, happened.reason),
            "end_of_study_date": date(ended),
            "end_of_study_reason": worded(REASONS, np.where(died | left, reason, -1)),
            "true_progression_date": date(happened.progression),
        }
    )
    return frame.with_columns(
        study_id=pl.lit(settings.study),
        site=pl.col("site").cast(pl.String),
        subject_id=pl.format(
            "{}-{}-{}", pl.lit(settings.study), pl.col("site"), pl.col("number").cast(pl.String).str.zfill(5)
        ),
    ).drop("number")
