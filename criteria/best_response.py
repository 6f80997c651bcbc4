"""Best overall response, without and with confirmation (R11-BOR-01 to -04, IR-17 to IR-19, imBOR of section 6).

With it the dates of response and progression, clinical benefit and durable response (11.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from criteria.decision import CATEGORIES, CPD, CR, NE, NED, NN, PD, PR, SD, UPD
from criteria.declaration import Immediate, Judged, SecondLook, Unconfirmed
from criteria.lasting_response import clinical_benefit, durable_response, follow_up
from criteria.progression import Progression, counted_progression, without_undecided
from criteria.reads import Booleans, Integers
from criteria.response_courses import FAR, KEY, ResponseCourses, read_responses
from criteria.tables import BEST_RESPONSE

MISSING = len(CATEGORIES)
PROGRESSIONS = {
    "IMMEDIATE": "progression",
    "CONFIRMED": "confirmed progression",
    "UNCONFIRMED": "unconfirmed progression",
}


@dataclass(frozen=True, slots=True)
class Best:
    """Category of the best response per course and the position that first showed it (0 = no assessment)."""

    category: Integers
    position: Integers


def best_responses(
    timepoint_responses: pl.DataFrame,
    declared: Judged,
    subjects: pl.DataFrame,
    clinical_status: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Best responses of every subject and evaluator under one criterion, a frame of analysis.best_response.

    ``timepoint_responses`` (analysis.timepoint_response) holds the responses of this criterion, derived or recorded;
    ``subjects`` is core.subject, ``clinical_status`` core.clinical_status (IRC-12). Subjects with a reference date but
    without an assessment are MISSING, or not evaluable with ``missing_as_ne`` (R11-BOR-04).
    """
    responses = timepoint_responses.filter(pl.col("criterion") == declared.name)
    if responses.is_empty():
        return BEST_RESPONSE.empty()
    courses = read_responses(responses, subjects, declared, clinical_status)
    courses = without_undecided(courses, declared)
    progression = counted_progression(courses, declared.confirmation)
    window = _window(courses, progression, declared)
    confirmed = confirmed_responses(courses, window, declared)
    counted = _counted(courses, window, confirmed, declared)
    after = follow_up(courses, subjects, progression)
    best, confirmed_best = _both_best(courses, progression, declared)
    frame = courses.keys.select(KEY).with_columns(
        best_response=_names(best, declared),
        best_response_date=_dates(courses, best.position),
        confirmed_best_response=_names(confirmed_best, declared),
        confirmed_date=_dates(courses, confirmed_best.position),
        first_response_date=_dates(courses, _first(counted)),
        confirmed_first_response_date=_dates(courses, _first(confirmed)),
        progression_date=_dates(courses, progression.first, courses.progression_day),
        progression_timepoint=_timepoints(courses, progression.first),
        progression_status=_status(progression, declared),
        clinical_benefit=clinical_benefit(courses, window, counted, after, declared),
        durable_response=durable_response(courses, window, counted, after, declared),
        assessments=courses.exists.sum(axis=1),
    )
    frame = frame.with_columns(
        pl.col("best_response", "confirmed_best_response").replace(dict(declared.codes)),
        criterion=pl.lit(declared.name),
    ).with_columns(clause=pl.lit(declared.best_response_clause), explanation=_explanation())
    return BEST_RESPONSE.conform(frame.drop("assessments"))


def _window(courses: ResponseCourses, progression: Progression, declared: Judged) -> Booleans:
    """Assessments that count: up to the counted progression, before new anticancer therapy (R11-BOR-01, GEN-08)."""
    if isinstance(declared.confirmation, Unconfirmed):
        last = np.where(progression.confirmed, progression.decided, courses.positions)
    elif isinstance(declared.confirmation, Immediate) or declared.options.imbor_ignore_between_pd_and_confirmation:
        last = np.where(progression.first > 0, progression.first, courses.positions)
    else:
        last = np.where(progression.first > 0, progression.decided, courses.positions)
    position = np.arange(courses.positions)[None, :]
    window = courses.exists & (position <= last[:, None]) & (courses.day < courses.new_therapy_day[:, None])
    shown_day = courses.progression_day[np.arange(len(last)), progression.first]
    late = (progression.first > 0)[:, None] & (courses.day > shown_day[:, None])
    window &= ~late | np.isin(courses.code, (PD, UPD, CPD))
    if isinstance(declared.confirmation, SecondLook):
        negated = (courses.code == PD) & (position != progression.first[:, None])
        window &= ~negated
    return window


def _counted(courses: ResponseCourses, window: Booleans, confirmed: Booleans, declared: Judged) -> Booleans:
    return confirmed if declared.response_needs_confirmation else window & np.isin(courses.code, (CR, PR))


def _both_best(courses: ResponseCourses, progression: Progression, declared: Judged) -> tuple[Best, Best]:
    """The best responses without and with confirmation, over the assessments that count for them.

    With `imbor_stop_at_confirmed_pd` False these go on after a progression that was confirmed (IM-06).
    """
    window = _window(courses, progression, declared)
    if isinstance(declared.confirmation, SecondLook) and not declared.options.imbor_stop_at_confirmed_pd:
        position = np.arange(courses.positions)[None, :]
        after = courses.exists & (position > progression.decided[:, None]) & (courses.code != PD)
        window |= after & progression.confirmed[:, None] & (courses.day < courses.new_therapy_day[:, None])
    confirmed = confirmed_responses(courses, window, declared)
    counted = _counted(courses, window, confirmed, declared)
    return _best(courses, window, counted, declared), _best(courses, window, confirmed, declared)


def confirmed_responses(courses: ResponseCourses, window: Booleans, declared: Judged) -> Booleans:
    """CR and PR that a later assessment confirms (R11-BOR-03): per course and position.

    A CR needs a CR, a PR a CR or PR, at least ``confirm_min_days`` later, with nothing worse and at most
    ``max_nr_ne`` not evaluable assessments between, and no PR after a CR.
    """
    options = declared.options
    longest = options.confirm_max_days if options.confirm_max_days is not None else int(FAR)
    code, day = courses.code, courses.day
    confirmed = np.zeros_like(window)
    for start in range(1, courses.positions):
        complete = window[:, start] & (code[:, start] == CR)
        partial = window[:, start] & (code[:, start] == PR)
        not_evaluable = np.zeros(len(complete), dtype=np.int64)
        seen_complete = np.zeros_like(complete)
        for later in range(start + 1, courses.positions):
            here, now = window[:, later], code[:, later]
            is_complete, is_partial = here & (now == CR), here & (now == PR)
            gap = day[:, later] - day[:, start]
            timely = (gap >= options.confirm_min_days) & (gap <= longest)
            partial &= ~(is_partial & seen_complete)
            confirmed[:, start] |= timely & ((complete & is_complete) | (partial & (is_complete | is_partial)))
            seen_complete |= is_complete
            not_evaluable += here & (now == NE)
            tolerated = (not_evaluable <= options.max_nr_ne) & np.isin(now, (CR, PR, NE))
            if options.accept_sd_between_pr:
                tolerated |= now == SD
            absent = ~courses.exists[:, later]
            complete &= absent | (is_complete | (here & (now == NE) & (not_evaluable <= options.max_nr_ne)))
            partial &= absent | (here & tolerated)
            if not (complete.any() or partial.any()):
                break
    return confirmed


def _best(courses: ResponseCourses, window: Booleans, responses: Booleans, declared: Judged) -> Best:
    """The highest category in the order of R11-BOR-02 and IR-17, ``responses`` being the CR and PR that count.

    Other CR and PR are stable disease, and stable disease needs its minimum time; after a CR it is progression where
    the criterion has no second look at a progression (CR-01).
    """
    code = courses.code
    long_enough = courses.day - courses.reference_day[:, None] >= declared.options.min_sd_days
    stable = window & (np.isin(code, (CR, PR, SD)) & ~responses)
    lasting = stable | (window & (code == NN))
    earlier_complete = np.cumsum(window & (code == CR), axis=1) - (window & (code == CR)) > 0
    relapse = lasting & ~long_enough & earlier_complete & isinstance(declared.confirmation, Immediate)
    ladder = (
        (CR, responses & (code == CR)),
        (PR, responses & (code == PR)),
        (SD, stable & long_enough),
        (NN, window & long_enough & (code == NN)),
        (NED, window & (code == NED)),
        (CPD, window & (code == CPD)),
        (PD, (window & (code == PD)) | relapse),
        (UPD, window & (code == UPD)),
        (NE, window),
    )
    reached = np.stack([mask.any(axis=1) for _, mask in ladder])
    rung = np.where(reached.any(axis=0), reached.argmax(axis=0), len(ladder))
    categories = np.array([*(int(category) for category, _ in ladder), MISSING])
    first = np.stack([*(_first(mask) for _, mask in ladder), np.zeros(len(code), dtype=np.int64)])
    return Best(categories[rung], first[rung, np.arange(len(code))])


def _first(mask: Booleans) -> Integers:
    return np.where(mask.any(axis=1), mask.argmax(axis=1), 0)


def _names(best: Best, declared: Judged) -> pl.Series:
    names = (*CATEGORIES, "NE" if declared.options.missing_as_ne else "MISSING")
    return pl.Series(names, dtype=pl.String).gather(best.category)


def _dates(courses: ResponseCourses, position: Integers, days: Integers | None = None) -> pl.Series:
    days = courses.day if days is None else days
    at = days[np.arange(len(position)), position].astype(np.int32)
    dates = pl.DataFrame({"date": pl.Series(at).cast(pl.Date), "known": position > 0})
    return dates.select(pl.when("known").then("date").alias("date"))["date"]


def _timepoints(courses: ResponseCourses, position: Integers) -> pl.Series:
    at = courses.timepoint[np.arange(len(position)), position]
    return pl.DataFrame({"at": at}).select(pl.when(pl.col("at") >= 0).then("at").alias("at"))["at"]


def _status(progression: Progression, declared: Judged) -> pl.Series:
    immediate = isinstance(declared.confirmation, Immediate)
    status = np.where(progression.confirmed, 1 if immediate else 2, 3)
    names = pl.Series([None, "IMMEDIATE", "CONFIRMED", "UNCONFIRMED"], dtype=pl.String)
    return names.gather(np.where(progression.first > 0, status, 0))


def _explanation() -> pl.Expr:
    best = (
        pl.when(pl.col("assessments") == 0)
        .then(pl.lit("no assessment"))
        .otherwise(pl.format("{} first on {}, assessments: {}", "best_response", "best_response_date", "assessments"))
    )
    confirmed = pl.when(pl.col("confirmed_first_response_date").is_not_null()).then(
        pl.format("response of {} confirmed", "confirmed_first_response_date")
    )
    unconfirmed = pl.when(
        pl.col("first_response_date").is_not_null() & pl.col("confirmed_first_response_date").is_null()
    ).then(pl.lit("response not confirmed"))
    progressed = pl.when(pl.col("progression_date").is_not_null()).then(
        pl.format("{} of {}", pl.col("progression_status").replace_strict(PROGRESSIONS), "progression_date")
    )
    return pl.concat_str([best, confirmed, unconfirmed, progressed], separator="; ", ignore_nulls=True)
