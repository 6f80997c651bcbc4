"""Dissociated response: lesions that shrink beside lesions that grow, at one time point (rule book section 9.2).

Sizes are compared in hundredths of a millimetre. A *unit* is a target lesion or, at the level of organs, the targets
of an organ together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from criteria.explanation import signed
from criteria.lesion_sizes import READ_KEY, lesion_sizes, new_lesions_seen
from criteria.pattern_options import DEFAULT, PatternOptions
from criteria.pattern_tables import ALL, PATTERN, presence
from criteria.reads import HUNDREDTHS
from criteria.vocabulary import Change, Origin, Role, State

NAME = "DISSOCIATED RESPONSE"
POINT = (*READ_KEY, "timepoint")
FIVE_MM = 5 * HUNDREDTHS
WORSE = (State.INCREASED.value, State.UNEQUIVOCAL_PROGRESSION.value)


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition: its condition on one row per time point, given whether a new lesion counts as growth.

    ``new_counts`` is the definition's own reading of new lesions.
    """

    key: str
    source: str
    new_counts: bool
    holds: Callable[[pl.Expr], pl.Expr]
    value: str
    threshold: float | None
    unit: str


LARGEST = "% largest increase of one lesion"
DEFINITIONS = (
    Definition(
        "seed_any",
        "seed review: responding beside non-responding lesions",
        True,
        lambda new: pl.col("responding") & (pl.col("nonresponding") | new),
        *("largest_increase", None, LARGEST),
    ),
    Definition(
        "tazdait2018",
        "Tazdait 2018, Eur J Cancer 88:38 (not re-read)",
        False,
        lambda new: pl.col("fell") & (pl.col("rose") | new),
        *("largest_increase", 20, LARGEST),
    ),
    Definition(
        "bernard_tessier2020",
        "Bernard-Tessier 2020",
        True,
        lambda new: pl.col("fell") & ((pl.col("rose") & (pl.col("rise") >= FIVE_MM)) | new),
        *("rise_mm", 5, "mm increase of the growing lesions"),
    ),
    Definition(
        "tozuka2020",
        "Tozuka 2020",
        True,
        lambda new: pl.col("shrank") & (pl.col("grew") | new),
        *("largest_increase", None, LARGEST),
    ),
    Definition(
        "sato2021",
        "Sato 2021",
        True,
        lambda new: (
            (pl.col("organ_responding") & pl.col("organ_progressing"))
            | (pl.col("organ_responding_apart") & new)
            | (pl.col("organs_all_responding") & (new | pl.col("worsening")))
        ),
        *("largest_organ_increase", 20, "% largest increase of one organ"),
    ),
)


def dissociated_response(
    measurements: pl.DataFrame, subjects: pl.DataFrame, options: PatternOptions = DEFAULT
) -> pl.DataFrame:
    """Every morphologic definition of section 9.2 for every subject and evaluator.

    ``measurements`` has the columns of core.measurement (lengths in mm), ``subjects`` is core.subject: time points on
    or after new anticancer therapy are left out. Decreases are measured from the baseline, increases from
    ``dissociated_ref``. Present when it holds at one time point; not evaluable where at none a target can be compared
    with its baseline. A frame of analysis.pattern with criterion ALL.
    """
    sized = lesion_sizes(measurements.filter(pl.col("timepoint") >= 0))
    therapy = subjects.select("study_id", "subject_id", "new_therapy_date")
    points = _points(sized, therapy)
    units = _lesions(sized) if options.dissociated_level == "lesion" else _organs(sized)
    seen = points.join(_compared(units, options, points), on=POINT)
    seen = seen.join(_organ_calls(_organs(sized), new_lesions_seen(sized), options, points), on=POINT, how="left")
    seen = seen.join(_others(sized), on=POINT, how="left").with_columns(
        pl.col("new", "worsening", *ORGAN_CALLS).fill_null(False)
    )
    courses = measurements.select(READ_KEY).unique()
    frames = (_judged(courses, seen.sort(*READ_KEY, "date"), definition, options) for definition in DEFINITIONS)
    return pl.concat([PATTERN.empty(), *frames])


def _points(sized: pl.DataFrame, therapy: pl.DataFrame) -> pl.DataFrame:
    """Time points in order of their dates, without those under new anticancer therapy (GEN-08)."""
    return (
        sized.filter(pl.col("assessment_date").is_not_null())
        .group_by(POINT)
        .agg(date=pl.col("assessment_date").max())
        .join(therapy, on=["study_id", "subject_id"], how="left")
        .filter((pl.col("timepoint") == 0) | (pl.col("date") < pl.col("new_therapy_date")).fill_null(True))
        .drop("new_therapy_date")
    )


def _lesions(sized: pl.DataFrame) -> pl.DataFrame:
    """Targets by themselves; from a merger or split on, those concerned have no baseline of their own."""
    targets = sized.filter(pl.col("role") == Role.TARGET)
    joined = targets.filter(pl.col("state").is_in([State.MERGED.value, State.SPLIT.value]))
    concerned = pl.concat(
        [
            joined.select(*READ_KEY, "lesion_id", "assessment_date"),
            joined.select(*READ_KEY, "assessment_date", lesion_id="other_lesion_id").select(
                *READ_KEY, "lesion_id", "assessment_date"
            ),
        ]
    )
    since = concerned.drop_nulls().group_by(*READ_KEY, "lesion_id").agg(since=pl.col("assessment_date").min())
    alone = (pl.col("assessment_date") < pl.col("since")).fill_null(True)
    return (
        targets.join(since, on=[*READ_KEY, "lesion_id"], how="left")
        .filter(alone)
        .select(*POINT, "size", unit="lesion_id")
    )


def _organs(sized: pl.DataFrame) -> pl.DataFrame:
    """Sums of the targets of each organ, null where one of those at the baseline is not assessed."""
    targets = sized.filter(pl.col("role") == Role.TARGET).with_columns(unit=pl.col("organ").fill_null(""))
    expected = targets.filter(pl.col("timepoint") == 0).group_by(*READ_KEY, "unit").agg(expected=pl.len())
    at_baseline = targets.filter(pl.col("timepoint") == 0).select(*READ_KEY, "lesion_id", known=pl.lit(True))
    return (
        targets.join(at_baseline, on=[*READ_KEY, "lesion_id"], how="left")
        .group_by(*POINT, "unit")
        .agg(
            assessed=pl.col("known").fill_null(False).sum(),
            total=pl.when(pl.col("size").null_count() == 0).then(pl.col("size").sum()),
        )
        .join(expected, on=[*READ_KEY, "unit"])
        .select(*POINT, "unit", size=pl.when(pl.col("assessed") == pl.col("expected")).then("total"))
    )


def _against(units: pl.DataFrame, options: PatternOptions, points: pl.DataFrame) -> pl.DataFrame:
    """Units after the baseline with ``base`` and ``reference`` beside their size; those that can be compared."""
    base = units.filter(pl.col("timepoint") == 0).select(*READ_KEY, "unit", base="size")
    rows = units.join(points, on=POINT).join(base, on=[*READ_KEY, "unit"])
    rows = rows.filter((pl.col("base") > 0) & pl.col("size").is_not_null())
    rows = rows.sort(*READ_KEY, "unit", pl.col("timepoint") != 0, "date", "timepoint")
    nadir = pl.col("size").cum_min().shift().over([*READ_KEY, "unit"])
    reference = nadir if options.dissociated_ref == "nadir" else pl.col("base")
    return rows.with_columns(reference=reference).filter(pl.col("timepoint") > 0)


def _compared(units: pl.DataFrame, options: PatternOptions, points: pl.DataFrame) -> pl.DataFrame:
    """What the units of each time point do, one row per time point with a unit that can be compared.

    A unit that grows over its nadir does not count as shrinking from its baseline.
    """
    size, base, reference = pl.col("size"), pl.col("base"), pl.col("reference")
    change, rise = size - base, size - reference
    small = 100 * size <= 70 * base
    responding = small & ~_progresses()
    if options.dissociated_inclusive:
        fell, rose = small, (rise > 0) & (100 * rise >= 20 * reference)
    else:
        fell, rose = 100 * size < 70 * base, (rise > 0) & (100 * rise > 20 * reference)
    return (
        _against(units, options, points)
        .group_by(POINT)
        .agg(
            units=pl.len(),
            responding=responding.any(),
            nonresponding=responding.not_().any(),
            fell=(fell & ~rose).any(),
            rose=rose.any(),
            rise=rise.filter(rose).sum(),
            shrank=((change < 0) & (rise <= 0)).any(),
            grew=(rise > 0).any(),
            smallest=(100 * change / base).min(),
            largest_increase=(100 * rise / pl.when(reference > 0).then(reference)).max(),
        )
        .with_columns(rise_mm=pl.col("rise") / HUNDREDTHS)
    )


def _progresses() -> pl.Expr:
    """Growth by both thresholds of RECIST 1.1 (R11-TL-03)."""
    rise = pl.col("size") - pl.col("reference")
    return (rise >= FIVE_MM) & (100 * rise >= 20 * pl.col("reference"))


ORGAN_CALLS = ("organ_responding", "organ_responding_apart", "organ_progressing", "organs_all_responding")


def _organ_calls(
    organs: pl.DataFrame, new: pl.DataFrame, options: PatternOptions, points: pl.DataFrame
) -> pl.DataFrame:
    """Responses of the organs by the thresholds of RECIST 1.1; ``apart`` from organs with a new lesion."""
    rise = pl.col("size") - pl.col("reference")
    progressing = _progresses()
    responding = (100 * pl.col("size") <= 70 * pl.col("base")) & ~progressing
    with_new = new.select(*POINT, unit=pl.col("organ").fill_null("?")).unique().with_columns(has_new=pl.lit(True))
    return (
        _against(organs, options, points)
        .join(with_new, on=[*POINT, "unit"], how="left")
        .group_by(POINT)
        .agg(
            organ_responding=responding.any(),
            organ_responding_apart=(responding & pl.col("has_new").is_null()).any(),
            organ_progressing=progressing.any(),
            organs_all_responding=responding.all(),
            largest_organ_increase=(100 * rise / pl.when(pl.col("reference") > 0).then(pl.col("reference"))).max(),
        )
    )


def _others(sized: pl.DataFrame) -> pl.DataFrame:
    """New lesions, and non-targets that worsen, by time point."""
    new = new_lesions_seen(sized).group_by(POINT).agg(new=pl.lit(True))
    said = (pl.col("change_from_previous") == Change.INCREASED).fill_null(False)
    worse = (pl.col("role") == Role.NON_TARGET) & (pl.col("state").is_in(WORSE) | (said & pl.col("seen")))
    return sized.group_by(POINT).agg(worsening=worse.any()).join(new, on=POINT, how="left")


def _judged(courses: pl.DataFrame, seen: pl.DataFrame, definition: Definition, options: PatternOptions) -> pl.DataFrame:
    counts = definition.new_counts if options.dissociated_new_counts is None else options.dissociated_new_counts
    points = seen.with_columns(held=definition.holds(pl.col("new") & counts), shown=definition.value)
    onset = pl.col("held").arg_max()
    resolved = pl.col("date").filter(~pl.col("held") & (pl.col("date") > pl.col("date").get(onset)))
    told = ("date", "units", "smallest", "largest_increase", "rise_mm", "new", "shown")
    found = points.group_by(READ_KEY, maintain_order=True).agg(
        *(pl.col(name).get(onset).alias(f"at_{name}") for name in told),
        held=pl.col("held").any(),
        points=pl.len(),
        resolution_date=resolved.first(),
    )
    held = pl.col("held")
    frame = courses.join(found, on=READ_KEY, how="left").select(
        *READ_KEY,
        criterion=pl.lit(ALL),
        origin=pl.lit(Origin.DERIVED.value),
        present=presence(held),
        onset_date=pl.when(held).then("at_date"),
        resolution_date=pl.when(held).then("resolution_date"),
        pattern=pl.lit(NAME),
        definition=pl.lit(definition.key),
        chosen=pl.lit(definition.key == options.dissociated_def),
        value=pl.when(held).then("at_shown").cast(pl.Float64),
        threshold=pl.lit(definition.threshold, pl.Float64),
        value_unit=pl.lit(definition.unit),
        source=pl.lit(definition.source),
        clause=pl.lit(f"9.2 {definition.key}"),
        explanation=_explanation(options),
    )
    return PATTERN.conform(frame.sort(READ_KEY))


def _explanation(options: PatternOptions) -> pl.Expr:
    found = pl.format(
        "of {} {}, smallest change {} %, largest {} % (growth {} mm in all)",
        "at_units",
        pl.lit(f"{options.dissociated_level}s compared"),
        signed(pl.col("at_smallest")),
        signed(pl.col("at_largest_increase")),
        "at_rise_mm",
    )
    new = pl.when("at_new").then(pl.lit("new lesion"))
    return (
        pl.when(pl.col("held"))
        .then(pl.concat_str([found, new], separator="; ", ignore_nulls=True))
        .when(~pl.col("held"))
        .then(pl.format("at none of {} time points", "points"))
        .otherwise(pl.lit("no target could be compared with its baseline"))
    )
