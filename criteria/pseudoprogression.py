"""Pseudoprogression: a progression that the next valid assessment does not confirm (rule book section 9.1)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from criteria.local_growth import READER, grown_then_treated
from criteria.pattern_options import DEFAULT, PatternOptions
from criteria.pattern_tables import PATTERN, presence
from criteria.plain_responses import PROGRESSION, RECIST_FAMILY, RESPONSES, plain_responses
from criteria.tables import COURSE_KEY

NAME = "PSEUDOPROGRESSION"
SECOND_LOOK_DAYS = 28
EARLY_DAYS = 84
ORDER = "assessment_date"
HODI_2016 = "Hodi 2016, J Clin Oncol 34:1510 (not re-read)"


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition: whose responses it reads, in which category, and which progressions it looks at.

    ``first_only`` looks at the first progression alone, else every one up to the first that is confirmed counts.
    The onset of a progression of the targets is its assessment, of any other the date of the progression (DT-02).
    ``early`` limits the onset to the first 84 days (True) or the time after them (False). ``then_response`` asks for
    a CR or PR versus the baseline later on.
    """

    key: str
    criteria: tuple[str, ...]
    category: str
    source: str
    first_only: bool = False
    early: bool | None = None
    then_response: bool = False


DEFINITIONS = (
    Definition("not_confirmed", RECIST_FAMILY, "overall", "Seymour 2017, Lancet Oncol 18:e143", first_only=True),
    Definition(
        "subsequent_response",
        RECIST_FAMILY,
        "overall",
        "Park 2020, Radiology 297:87",
        first_only=True,
        then_response=True,
    ),
    Definition("hodi2016_early", ("irRC",), "target", HODI_2016, early=True),
    Definition("hodi2016_late", ("irRC",), "target", HODI_2016, early=False),
    Definition("target_spike", RECIST_FAMILY, "target", "Hodi 2018, J Clin Oncol 36:850"),
)


def pseudoprogression(
    measurements: pl.DataFrame,
    responses: pl.DataFrame,
    best: pl.DataFrame,
    subjects: pl.DataFrame,
    options: PatternOptions = DEFAULT,
) -> pl.DataFrame:
    """Every definition of section 9.1 for the courses under the criteria that it reads.

    ``measurements`` is core.measurement, ``responses`` analysis.timepoint_response, ``best`` analysis.best_response
    (the courses, also those without assessments), ``subjects`` core.subject. The next valid assessment is the first
    evaluable one at least 28 days after the progression; new anticancer therapy up to it excludes the pattern, and so
    does surgery, radiotherapy or other local treatment of a lesion that had grown. A frame of analysis.pattern whose
    ``value`` is the onset in days after the start.
    """
    plain = plain_responses(responses, subjects)
    treated = grown_then_treated(measurements)
    frames = (_judged(plain, treated, best, definition, options) for definition in DEFINITIONS)
    return pl.concat([PATTERN.empty(), *frames])


def _judged(
    plain: pl.DataFrame,
    treated: pl.DataFrame,
    best: pl.DataFrame,
    definition: Definition,
    options: PatternOptions,
) -> pl.DataFrame:
    of_criteria = pl.col("criterion").is_in(definition.criteria)
    rows = (
        plain.filter(of_criteria)
        .with_columns(
            category=definition.category,
            onset_date=ORDER if definition.category == "target" else "shown_date",
        )
        .filter(pl.col("category").is_not_null())
        .sort(*COURSE_KEY, ORDER)
    )
    courses = pl.concat([best.filter(of_criteria).select(COURSE_KEY), plain.filter(of_criteria).select(COURSE_KEY)])
    started = rows.group_by(COURSE_KEY).agg(evaluated=pl.len(), dated=pl.col("reference_date").is_not_null().any())
    found = _looks(rows, treated, definition)
    courses = courses.unique().join(started, on=COURSE_KEY, how="left").join(found, on=COURSE_KEY, how="left")
    needs_start = definition.early is not None
    unknown = pl.col("evaluated").is_null() | (~pl.col("dated") if needs_start else pl.lit(False))
    held = (
        pl.when(unknown)
        .then(pl.lit(None, pl.Boolean))
        .when(pl.col("onsets").is_null())
        .then(pl.lit(False))
        .otherwise("held")
    )
    frame = courses.with_columns(held=held, shown="onset_date").with_columns(
        onset_date=pl.when("held").then("onset_date"), resolution_date=pl.when("held").then("next_date")
    )
    return PATTERN.conform(
        frame.select(
            *COURSE_KEY,
            "onset_date",
            "resolution_date",
            present=presence(pl.col("held")),
            pattern=pl.lit(NAME),
            definition=pl.lit(definition.key),
            chosen=pl.lit(definition.key == options.pseudoprogression_def),
            early=pl.when("held").then(pl.col("onset_day") <= EARLY_DAYS),
            value=pl.when("held").then("onset_day").cast(pl.Float64),
            threshold=pl.lit(float(EARLY_DAYS)),
            value_unit=pl.lit("d from the start to the onset"),
            source=pl.lit(definition.source),
            clause=pl.lit(f"9.1 {definition.key}"),
            explanation=_explanation(definition),
        ).sort(COURSE_KEY)
    )


def _looks(rows: pl.DataFrame, treated: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """One row per course with a progression to look at: the one that decides, and what the next assessment showed."""
    progressed = pl.col("category") == PROGRESSION
    opened = progressed & (pl.col("category").shift().over(COURSE_KEY) != PROGRESSION).fill_null(True)
    onsets = rows.filter(opened).with_columns(
        onset_day=(pl.col("onset_date") - pl.col("reference_date")).dt.total_days()
    )
    if definition.first_only:
        onsets = onsets.group_by(COURSE_KEY, maintain_order=True).first()
    onsets = onsets.select(*COURSE_KEY, "timepoint", "new_therapy_date", "onset_day", "onset_date", seen_date=ORDER)
    days = (pl.col(ORDER) - pl.col("seen_date")).dt.total_days()
    following = (
        onsets.select(*COURSE_KEY, "seen_date")
        .join(rows.select(*COURSE_KEY, ORDER, "category", next_timepoint="timepoint"), on=COURSE_KEY)
        .filter(days >= SECOND_LOOK_DAYS)
        .sort(*COURSE_KEY, "seen_date", ORDER)
        .group_by(*COURSE_KEY, "seen_date", maintain_order=True)
        .agg(
            pl.col("next_timepoint").first(),
            next_date=pl.col(ORDER).first(),
            next_category=pl.col("category").first(),
        )
    )
    looks = (
        onsets.join(following, on=[*COURSE_KEY, "seen_date"], how="left")
        .join(
            treated.with_columns(treated_locally=True),
            left_on=[*READER, "timepoint", "next_timepoint"],
            right_on=[*READER, "timepoint", "treated"],
            how="left",
        )
        .with_columns(
            pl.col("treated_locally").fill_null(False),
            new_therapy=(pl.col("new_therapy_date") <= pl.coalesce("next_date", "seen_date")).fill_null(False),
        )
    )
    excluded = pl.col("new_therapy") | pl.col("treated_locally")
    voided = pl.when(excluded).then(pl.lit(False)).otherwise(pl.col("next_category") != PROGRESSION)
    looks = looks.with_columns(held=voided).sort(*COURSE_KEY, "seen_date")
    ends = pl.col("held").not_().fill_null(False).cast(pl.Int32)
    looks = looks.filter(ends.cum_sum().over(COURSE_KEY) - ends == 0)
    if definition.early is not None:
        looks = looks.filter((pl.col("onset_day") <= EARLY_DAYS) == definition.early)
    looks = _with_response(looks, rows)
    if definition.then_response:
        looks = looks.with_columns(held=pl.when("held").then(pl.col("response_date").is_not_null()).otherwise("held"))
    order = pl.when("held").then(0).when(pl.col("held").is_null()).then(1).otherwise(2)
    return (
        looks.with_columns(rank=order)
        .sort(*COURSE_KEY, "rank", "seen_date")
        .group_by(COURSE_KEY, maintain_order=True)
        .agg(pl.all().first(), onsets=pl.len())
    )


def _with_response(looks: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The first CR or PR from the resolution on, before new anticancer therapy (GEN-08)."""
    untreated = (pl.col(ORDER) < pl.col("new_therapy_date")).fill_null(True)
    later = (
        looks.filter("held")
        .select(*COURSE_KEY, "seen_date", "next_date", "new_therapy_date")
        .join(rows.filter(pl.col("overall").is_in(RESPONSES)).select(*COURSE_KEY, ORDER), on=COURSE_KEY)
        .filter((pl.col(ORDER) >= pl.col("next_date")) & untreated)
        .group_by(*COURSE_KEY, "seen_date")
        .agg(response_date=pl.col(ORDER).min())
    )
    return looks.join(later, on=[*COURSE_KEY, "seen_date"], how="left")


def _explanation(definition: Definition) -> pl.Expr:
    looked = pl.format("progression of {}", "shown")
    next_look = (
        pl.when(pl.col("new_therapy").fill_null(False))
        .then(pl.format("new anticancer therapy from {} before it could be judged", "new_therapy_date"))
        .when(pl.col("treated_locally").fill_null(False))
        .then(pl.format("a lesion that had grown was treated locally before {}", "next_date"))
        .when(pl.col("next_date").is_null())
        .then(pl.lit(f"no evaluable assessment {SECOND_LOOK_DAYS} d or more after it"))
        .otherwise(pl.format("{} on {}", "next_category", "next_date"))
    )
    response = pl.when(pl.col("next_category") != PROGRESSION).then(
        pl.coalesce(pl.format("response on {}", "response_date"), pl.lit("no response later"))
    )
    parts = [looked, next_look, *([response] if definition.then_response else [])]
    return (
        pl.when(pl.col("evaluated").is_null())
        .then(pl.lit("no evaluable response"))
        .when(pl.col("onsets").is_null())
        .then(pl.lit("no progression to look at"))
        .otherwise(pl.concat_str(parts, separator="; ", ignore_nulls=True))
    )
