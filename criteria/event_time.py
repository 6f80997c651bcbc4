"""Times to event: PFS and TTP in each criterion's sense, duration of and time to response, survival (section 11)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import polars as pl

from criteria.assessment_schedule import Schedule
from criteria.censoring import DEATH, JUDGED, Event, Profile, profile_named
from criteria.declaration import Judged, SecondLook, Unconfirmed
from criteria.response_courses import KEY
from criteria.tables import EVENT_TIME
from criteria.vocabulary import Origin

DAYS_PER_MONTH = 30.4375
ALL = "ALL"
INADEQUATE = ("NE", "irNE", "NA")
RESPONSES = "analysis.timepoint_response"
SUBJECTS = "core.subject"
CLINICAL = "core.clinical_status"


def event_times(
    timepoint_responses: pl.DataFrame,
    best_responses: pl.DataFrame,
    declared: Judged,
    subjects: pl.DataFrame,
    profile: str | Profile = "fda",
    interval_days: int = 56,
    window_days: int = 7,
    *,
    schedule: Schedule | None = None,
    clinical: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """PFS, time to progression, duration of and time to response of one criterion under one profile (11.2, 11.3).

    Frames of analysis.timepoint_response, analysis.best_response and core.subject in, analysis.event_time out;
    every subject with a reference date has a PFS and a TTP (deaths censored at the last adequate assessment),
    responders have the other two. ``schedule`` says what a missed assessment is, else ``interval_days`` and
    ``window_days`` do; ``clinical`` is core.clinical_status. ``profile`` is a declared profile's name or a profile.
    """
    rules = profile_named(profile) if isinstance(profile, str) else profile
    planned = schedule or Schedule(interval_days, window_days)
    responses = timepoint_responses.filter(pl.col("criterion") == declared.name)
    adequate = responses.filter(
        pl.col("overall_response").is_not_null() & ~pl.col("overall_response").is_in(INADEQUATE)
    )
    courses = _courses(best_responses.filter(pl.col("criterion") == declared.name), responses, subjects)
    courses = courses.with_columns(judged=pl.lit(True)).join(
        _clinical_progressions(clinical, subjects), on=["study_id", "subject_id"], how="left"
    )
    courses = courses.with_columns(
        scheduled_date=planned.scheduled(courses["progression_date"], courses["reference_date"])
    )
    adequate = _without_undecided(adequate, courses, declared).select(*KEY, "assessment_date", "timepoint")
    courses = _open_at_therapy(_open_at_cutoff(courses, responses, subjects, declared), declared)
    names = declared.endpoints
    response = "confirmed_first_response_date" if declared.options.orr_confirmed else "first_response_date"
    responders = courses.filter(pl.col(response).is_not_null())
    from_reference = courses.with_columns(
        start_date="reference_date", judged=pl.col("has_baseline") | pl.lit(not rules.needs_baseline)
    )
    from_response = responders.with_columns(start_date=response, has_baseline=pl.lit(True))
    alive = tuple(event for event in rules.events if event is not DEATH)
    ending = partial(_time_to_event, adequate=adequate, profile=rules, schedule=planned)
    frames = (
        ending(from_reference, events=rules.events, endpoint=names.progression_free_survival),
        ending(from_reference, events=alive, endpoint=names.time_to_progression),
        *(ending(courses, events=rules.events, endpoint=name) for name, courses in _durations(from_response, declared)),
        _time_to_response(responders.with_columns(start_date="reference_date"), response, names.time_to_response),
    )
    times = pl.concat([_measured(frame) for frame in frames], how="diagonal")
    return EVENT_TIME.conform(
        times.with_columns(profile=pl.lit(rules.name), criterion=pl.lit(declared.name)).sort("endpoint", *KEY)
    )


def overall_survival(subjects: pl.DataFrame, profile: str | Profile = "fda") -> pl.DataFrame:
    """Overall survival of every subject with a reference date: death, else last known alive (11.2)."""
    died = pl.col("death_date").is_not_null()
    times = subjects.filter(pl.col("reference_date").is_not_null()).select(
        "study_id",
        "subject_id",
        evaluator=pl.lit(ALL),
        origin=pl.lit(Origin.RECORDED.value),
        criterion=pl.lit(ALL),
        endpoint=pl.lit("OS"),
        profile=pl.lit(profile if isinstance(profile, str) else profile.name),
        start_date="reference_date",
        end_date=pl.coalesce("death_date", "last_alive_date", "reference_date"),
        event=died,
        reason=pl.when(died).then(pl.lit("Death")).otherwise(pl.lit("Alive when last known")),
        source_table=pl.lit(SUBJECTS),
        source_key=_subject_key(),
    )
    return EVENT_TIME.conform(_measured(times))


def time_to_treatment_failure(subjects: pl.DataFrame, profile: str | Profile = "fda") -> pl.DataFrame:
    """Time from the start to the permanent end of treatment for any reason, death included (11.2 TTF).

    Subjects on treatment are censored when last known alive.
    """
    ended = pl.min_horizontal("discontinuation_date", "death_date")
    reason = pl.format("Treatment stopped: {}", pl.col("discontinuation_reason").fill_null("no reason given"))
    stopped = (pl.col("discontinuation_date") == ended).fill_null(False)
    times = subjects.filter(pl.col("reference_date").is_not_null()).select(
        "study_id",
        "subject_id",
        evaluator=pl.lit(ALL),
        origin=pl.lit(Origin.RECORDED.value),
        criterion=pl.lit(ALL),
        endpoint=pl.lit("TTF"),
        profile=pl.lit(profile if isinstance(profile, str) else profile.name),
        start_date="reference_date",
        end_date=pl.coalesce(ended, "last_alive_date", "reference_date"),
        event=ended.is_not_null(),
        reason=pl.when(stopped)
        .then(reason)
        .when(ended.is_not_null())
        .then(pl.lit("Death"))
        .otherwise(pl.lit("On treatment when last known")),
        source_table=pl.lit(SUBJECTS),
        source_key=_subject_key(),
    )
    return EVENT_TIME.conform(_measured(times))


def _courses(best: pl.DataFrame, responses: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """One row per course with the dates of its subject; a course is without baseline when its time points say so."""
    without = (
        responses.group_by(KEY)
        .agg(has_baseline=~pl.col("flags").fill_null("").str.contains("NO_BASELINE").any())
        .select(*KEY, "has_baseline")
    )
    dates = subjects.select(
        "study_id",
        "subject_id",
        *("reference_date", "first_dose_date", "death_date", "new_therapy_date", "end_of_study_reason"),
        *("discontinuation_date", "discontinuation_reason"),
    )
    return (
        best.join(dates, on=["study_id", "subject_id"], how="inner")
        .join(without, on=KEY, how="left")
        .with_columns(pl.col("has_baseline").fill_null(True))
        .filter(pl.col("reference_date").is_not_null())
    )


def _without_undecided(adequate: pl.DataFrame, courses: pl.DataFrame, declared: Judged) -> pl.DataFrame:
    """Without the progressions that the options take as not evaluable (`criteria.progression.without_undecided`)."""
    options = declared.options
    as_read = options.unconfirmed_pd_no_followup == "event" and options.impfs_only_early_followup == "event"
    if as_read or not isinstance(declared.confirmation, SecondLook):
        return adequate
    without_progression = courses.filter(pl.col("progression_date").is_null()).select(KEY)
    progressions = adequate.filter(pl.col("overall_response") == declared.codes.get("PD", "PD"))
    void = progressions.join(without_progression, on=KEY, how="semi")
    return adequate.join(void, on=[*KEY, "timepoint"], how="anti")


def _open_at_cutoff(
    courses: pl.DataFrame, responses: pl.DataFrame, subjects: pl.DataFrame, declared: Judged
) -> pl.DataFrame:
    """Marks unconfirmed progressions whose confirmation is not due yet, where the option censors them (IR-22).

    The subject is on treatment and alive without new therapy, and nothing is known of it, neither an assessment nor
    the last date alive, later than the end of the confirmation window.
    """
    confirmation = declared.confirmation
    censors = declared.options.open_iupd_at_cutoff == "censor_last_non_iupd"
    if not censors or not isinstance(confirmation, Unconfirmed):
        return courses.with_columns(open_at_cutoff=pl.lit(False))
    known = responses.group_by(KEY).agg(last_assessed=pl.col("assessment_date").max())
    treated = subjects.select("study_id", "subject_id", "last_alive_date")
    last_known = pl.max_horizontal("last_assessed", "last_alive_date")
    open_at_cutoff = (
        (pl.col("progression_status") == "UNCONFIRMED")
        & pl.all_horizontal(pl.col("discontinuation_date", "death_date", "new_therapy_date").is_null())
        & ((last_known - pl.col("progression_date")).dt.total_days() <= confirmation.by_days)
    )
    return (
        courses.join(known, on=KEY, how="left")
        .join(treated, on=["study_id", "subject_id"], how="left")
        .with_columns(open_at_cutoff=open_at_cutoff.fill_null(False))
    )


def _open_at_therapy(courses: pl.DataFrame, declared: Judged) -> pl.DataFrame:
    """Marks unconfirmed progressions that new therapy left unconfirmed, where the option censors them (11.3)."""
    censors = pl.lit(declared.options.nact_after_iupd == "censor")
    left_open = (pl.col("progression_status") == "UNCONFIRMED") & (
        pl.col("new_therapy_date") >= pl.col("progression_date")
    )
    return courses.with_columns(open_at_therapy=censors & left_open.fill_null(False))


def _clinical_progressions(clinical: pl.DataFrame | None, subjects: pl.DataFrame) -> pl.DataFrame:
    """The first clinical progression of every subject from the reference date on (DT-07)."""
    if clinical is None:
        return subjects.select("study_id", "subject_id", pl.lit(None, pl.Date).alias("clinical_date"))
    starts = subjects.select("study_id", "subject_id", "reference_date")
    return (
        clinical.filter(pl.col("clinical_progression").fill_null(False))
        .join(starts, on=["study_id", "subject_id"])
        .filter(pl.col("assessment_date") >= pl.col("reference_date"))
        .group_by("study_id", "subject_id")
        .agg(clinical_date=pl.col("assessment_date").min())
    )


def _durations(responders: pl.DataFrame, declared: Judged) -> Iterator[tuple[str, pl.DataFrame]]:
    """The durations of response with the courses they run for, from the response or historically (WHO-09)."""
    name = declared.endpoints.duration_of_response
    if declared.endpoints.duration_from == "response":
        yield name, responders
        return
    yield name, responders.with_columns(start_date=pl.coalesce("first_dose_date", "reference_date"))
    complete = pl.col("confirmed_best_response") == declared.codes.get("CR", "CR")
    yield (
        declared.endpoints.duration_of_complete_response,
        responders.filter(complete).with_columns(start_date="confirmed_date"),
    )


def _time_to_event(
    courses: pl.DataFrame,
    *,
    adequate: pl.DataFrame,
    profile: Profile,
    schedule: Schedule,
    events: tuple[Event, ...],
    endpoint: str,
) -> pl.DataFrame:
    clinical = pl.when(pl.col("clinical_date") >= pl.col("start_date")).then("clinical_date")
    courses = courses.with_columns(clinical_date=clinical).with_columns(
        event_date=pl.min_horizontal(event.date for event in events)
    )
    is_event = pl.col("event_date").is_not_null()
    courses = courses.with_columns(
        seen_date=pl.when(is_event).then(pl.min_horizontal("event_date", pl.when(JUDGED).then("progression_date"))),
        of_progression=pl.any_horizontal(event.date == pl.col("event_date") for event in events if event.timepoint)
        & (pl.col("event_date") != pl.col("death_date")).fill_null(True),
    )
    courses = courses.join(_last_adequate(courses, adequate), on=KEY, how="left")
    since = courses.select(pl.coalesce("last_before_event", "start_date"))["last_before_event"]
    seen, reference = courses["seen_date"], courses["reference_date"]
    courses = courses.with_columns(
        missed_since_start=schedule.missed(courses["start_date"], seen, reference, profile.gap_max),
        missed_before_event=schedule.missed(since, seen, reference, profile.gap_max),
    )
    return courses.select(*KEY, "start_date", pl.lit(endpoint).alias("endpoint"), *_ending(profile, events))


def _last_adequate(courses: pl.DataFrame, adequate: pl.DataFrame) -> pl.DataFrame:
    """Last adequate assessment of each course from its start on: overall, before the event, up to new therapy."""
    within = courses.select(*KEY, "start_date", "seen_date", "new_therapy_date").join(adequate, on=KEY)
    date = pl.col("assessment_date")
    within = within.filter(date >= pl.col("start_date")).sort("assessment_date", "timepoint")
    conditions = {
        "last_date": pl.lit(True),
        "last_before_event": date < pl.col("seen_date"),
        "last_before_therapy": date <= pl.col("new_therapy_date"),
    }
    return within.group_by(KEY, maintain_order=True).agg(
        *(date.filter(condition).last().alias(name) for name, condition in conditions.items()),
        *(
            pl.col("timepoint").filter(condition).last().alias(f"{name}_timepoint")
            for name, condition in conditions.items()
        ),
    )


def _ending(profile: Profile, events: tuple[Event, ...]) -> tuple[pl.Expr, ...]:
    """End date, event flag, reason and source record by the profile: the earliest censoring, else the event."""
    dates = [
        pl.when(censoring.applies.fill_null(False)).then(
            pl.coalesce(censoring.at, "start_date") if censoring.at else pl.col("start_date")
        )
        for censoring in profile.censorings
    ]
    censored_at = pl.min_horizontal(dates)
    censored = censored_at.is_not_null()
    reason: pl.Expr = pl.lit(None, dtype=pl.String)
    table, key = reason, reason
    for event in reversed(events):
        happens = (event.date == pl.col("event_date")).fill_null(False)
        reason = pl.when(happens).then(pl.lit(event.reason)).otherwise(reason)
        table = pl.when(happens).then(pl.lit(_source_of(event))).otherwise(table)
        record = _response_key(event.timepoint) if event.timepoint else _subject_key()
        if event.clinical:
            record = pl.format("subject_id={}, assessment_date={}", "subject_id", "clinical_date")
        key = pl.when(happens).then(record).otherwise(key)
    for censoring, date in reversed(list(zip(profile.censorings, dates, strict=True))):
        wins = censored & (date == censored_at).fill_null(False)
        at_assessment = pl.col(censoring.at).is_not_null() if censoring.at else pl.lit(False)
        reason = pl.when(wins).then(pl.lit(censoring.reason)).otherwise(reason)
        table = (
            pl.when(wins)
            .then(pl.when(at_assessment).then(pl.lit(RESPONSES)).otherwise(pl.lit(SUBJECTS)))
            .otherwise(table)
        )
        record = _response_key(f"{censoring.at}_timepoint") if censoring.at else _subject_key()
        key = pl.when(wins).then(pl.when(at_assessment).then(record).otherwise(_subject_key())).otherwise(key)
    return (
        pl.coalesce(censored_at, "event_date").alias("end_date"),
        (~censored).alias("event"),
        reason.alias("reason"),
        table.alias("source_table"),
        key.alias("source_key"),
    )


def _time_to_response(responders: pl.DataFrame, response: str, endpoint: str) -> pl.DataFrame:
    return responders.select(
        *KEY,
        "start_date",
        pl.lit(endpoint).alias("endpoint"),
        pl.col(response).alias("end_date"),
        pl.lit(True).alias("event"),
        pl.lit("Response").alias("reason"),
        pl.lit("analysis.best_response").alias("source_table"),
        pl.format("subject_id={}, evaluator={}", "subject_id", "evaluator").alias("source_key"),
    )


def _source_of(event: Event) -> str:
    return CLINICAL if event.clinical else RESPONSES if event.timepoint else SUBJECTS


def _subject_key() -> pl.Expr:
    return pl.format("subject_id={}", "subject_id")


def _response_key(timepoint: str) -> pl.Expr:
    return pl.format("subject_id={}, evaluator={}, timepoint={}", "subject_id", "evaluator", timepoint)


def _measured(times: pl.DataFrame) -> pl.DataFrame:
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days() + 1
    return times.with_columns(days=days, months=days / DAYS_PER_MONTH)
