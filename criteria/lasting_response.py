"""Benefit that lasts: clinical benefit and durable response of every course (rule book 11.2, CBR and DRR)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from criteria.decision import CR, NE, NED, NN, PR, SD
from criteria.declaration import Judged
from criteria.progression import Progression
from criteria.reads import Booleans, Integers
from criteria.response_courses import FAR, ResponseCourses
from criteria.tables import VERDICTS

DAYS_OF_10_000_MONTHS = 304_375


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What ends a course besides new therapy: counted progression or death as days, and whether it may still go on."""

    treatment_day: Integers
    event_day: Integers
    ongoing: Booleans


def follow_up(courses: ResponseCourses, subjects: pl.DataFrame, progression: Progression) -> FollowUp:
    """The follow-up of every course; ``subjects`` is core.subject.

    Treatment starts with the first dose, else at the reference date. A course is ongoing without counted progression,
    death, new anticancer therapy and end of study.
    """
    dates = courses.keys.select("study_id", "subject_id", "reference_date").join(
        subjects.select("study_id", "subject_id", "first_dose_date", "death_date", "end_of_study_date"),
        on=["study_id", "subject_id"],
        how="left",
        maintain_order="left",
    )
    progression_day = courses.progression_day[np.arange(len(progression.first)), progression.first]
    event_day = np.minimum(np.where(progression.first > 0, progression_day, FAR), _days(dates, pl.col("death_date")))
    left = dates["end_of_study_date"].is_not_null().to_numpy()
    return FollowUp(
        treatment_day=_days(dates, pl.coalesce("first_dose_date", "reference_date")),
        event_day=event_day,
        ongoing=(event_day == FAR) & (courses.new_therapy_day == FAR) & ~left,
    )


def clinical_benefit(
    courses: ResponseCourses, window: Booleans, responses: Booleans, after: FollowUp, declared: Judged
) -> pl.Series:
    """Y: a response, or stable disease ``cbr_days`` or more after the reference date (CBR).

    PENDING: the last evaluable assessment of an ongoing course is stable, but not that late yet. Disease that is
    neither CR nor PD counts as stable, as in the disease control rate, and so does a response that does not count.
    """
    stable = window & np.isin(courses.code, (CR, PR, SD, NN))
    late = courses.day - courses.reference_day[:, None] >= declared.options.cbr_days
    benefit = np.any(responses | (stable & late), axis=1)
    evaluable = courses.exists & (courses.code != NE)
    last = courses.positions - 1 - evaluable[:, ::-1].argmax(axis=1)
    still_stable = np.any(evaluable, axis=1) & stable[np.arange(len(last)), last]
    return _verdict(benefit, after.ongoing & still_stable)


def durable_response(
    courses: ResponseCourses, window: Booleans, responses: Booleans, after: FollowUp, declared: Judged
) -> pl.Series:
    """Y: a response that began in time and lasted ``drr_days`` without a time point worse than PR between (DRR).

    A response begins at a counted CR or PR (``responses``) at most ``drr_onset_months`` months of 30.4375 days after
    the start of treatment. It lasts to its last CR or PR, and where the counted progression or death follows with
    nothing worse than PR between and no new therapy before, to that date. Assessments that are not evaluable do not
    end it, nor does a progression that was voided (IR-24) or negated. All lengths are plain differences of days.
    PENDING: it is shorter, and the course is ongoing.
    """
    options = declared.options
    latest_onset = options.drr_onset_months * DAYS_OF_10_000_MONTHS
    in_time = (courses.day - after.treatment_day[:, None]) * 10_000 <= latest_onset
    response = window & np.isin(courses.code, (CR, PR))
    worse = window & np.isin(courses.code, (SD, NN, NED))
    onset = np.full(len(courses.code), FAR)
    durable = np.zeros(len(courses.code), dtype=bool)
    for k in range(1, courses.positions):
        onset = np.where(worse[:, k], FAR, onset)
        onset = np.where(responses[:, k] & in_time[:, k] & (onset == FAR), courses.day[:, k], onset)
        durable |= response[:, k] & (courses.day[:, k] - onset >= options.drr_days)
    lasts = onset < FAR
    ended = (after.event_day < FAR) & (after.event_day <= courses.new_therapy_day)
    durable |= lasts & ended & (after.event_day - onset >= options.drr_days)
    return _verdict(durable, lasts & after.ongoing)


def _verdict(reached: Booleans, pending: Booleans) -> pl.Series:
    return pl.Series(VERDICTS, dtype=pl.String).gather(np.where(reached, 0, np.where(pending, 2, 1)))


def _days(dates: pl.DataFrame, date: pl.Expr) -> Integers:
    return dates.select(date.cast(pl.Date).to_physical().cast(pl.Int64).fill_null(int(FAR))).to_series().to_numpy()
