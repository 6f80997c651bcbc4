"""Hyperprogression and pseudo-hyperprogression under every published definition (rule book section 10).

A definition is a row of `DEFINITIONS`: the facts that must all hold. The facts are columns of one row per course,
true, false or null (not known); sums are compared in hundredths of a millimetre and days, by cross-multiplying.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from criteria.explanation import signed
from criteria.kinetics import DAYS_PER_MONTH, EXPERIMENTAL, REFERENCE, measured_at_both
from criteria.lesion_sizes import READ_KEY, lesion_sizes, new_lesions_seen
from criteria.pattern_options import DEFAULT, PatternOptions
from criteria.pattern_tables import PATTERN, presence
from criteria.plain_responses import PROGRESSION, RECIST_FAMILY, RESPONSES, plain_responses
from criteria.reads import HUNDREDTHS
from criteria.tables import COURSE_KEY
from criteria.vocabulary import Role

TWO_MONTHS = 2 * DAYS_PER_MONTH
EIGHT_WEEKS = 56
HYPERPROGRESSION, PSEUDO = "HYPERPROGRESSION", "PSEUDO-HYPERPROGRESSION"
FACTS = {
    "pd_first": "RECIST progression at the first evaluation",
    "pd_for_tgk": "RECIST progression at the first evaluation (`tgk_requires_pd`)",
    "tgr_doubled": "TGR on treatment at least twice that before",
    "tgr_up_50": "TGR up by more than 50 percentage points a month",
    "tgr_up_100": "TGR up by more than 100 percentage points a month",
    "tgk_doubled": "TGK on treatment at least twice that before",
    "growth_doubled": "TGR or TGK at least twice that before",
    "ttf_short": "treatment lasted less than two months",
    "burden_over_50": "sum of targets up by more than 50 %",
    "pace_over_2": "more than twice the pace before (`kato_pace`)",
    "lo_russo": "progression and three of: treatment shorter than two months, sum up by 50 % or more, two new lesions "
    "in an involved organ, a newly involved organ, worse ECOG performance status (`lo_russo_ecog`)",
    "matos_pd": "progression within 56 days of the start",
    "matos_rise_10": "targets 10 mm or more above the baseline",
    "matos_growth": "sum up by 40 % or more, or by 20 % with new lesions in two organs or more",
    "burden_rule": "an on-treatment rule alone: sum up by 50 % or more, lo_russo2019 or matos2020",
    "growth_unchanged": "TGR ratio within `pseudo_hpd_ratio`",
    "tgr_not_up_50": "TGR up by 50 percentage points a month at most",
    "hyperprogression": "hyperprogression by any definition",
    "responded_later": "CR or PR at a later assessment",
}
"""The facts that definitions are made of, in words."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A published definition: the facts that must all hold.

    A fact that is not known makes it not evaluable, unless ``decided_by_one``: then one fact that does not hold is
    enough to deny it. ``value`` (a column) is reported beside ``threshold``; ``told`` are the sentences that explain.
    """

    key: str
    all_of: tuple[str, ...]
    value: str
    threshold: float
    unit: str
    source: str
    told: tuple[str, ...]
    pattern: str = HYPERPROGRESSION
    decided_by_one: bool = False
    onset: str = "first_date"
    resolution: str | None = None


RATES = ("said_pd", "said_tgr")
KINETICS = ("said_pd", "said_tgk")
DEFINITIONS = (
    Definition(
        "champiat2017",
        ("pd_first", "tgr_doubled"),
        *("tgr_ratio", 2, "TGR ratio"),
        source="Champiat 2017, Clin Cancer Res 23:1920",
        told=RATES,
    ),
    Definition(
        "ferrara2018",
        ("pd_first", "tgr_up_50"),
        *("tgr_difference", 50, "TGR difference, %/mo"),
        source="Ferrara 2018, JAMA Oncol 4:1543",
        told=RATES,
    ),
    Definition(
        "kas2020",
        ("pd_first", "tgr_up_100"),
        *("tgr_difference", 100, "TGR difference, %/mo"),
        source="Kas 2020, JAMA Oncol 6:1039",
        told=RATES,
    ),
    Definition(
        "saada_bouzid2017",
        ("pd_for_tgk", "tgk_doubled"),
        *("tgk_ratio", 2, "TGK ratio"),
        source="Saâda-Bouzid 2017, Ann Oncol 28:1605",
        told=KINETICS,
    ),
    Definition(
        "ferte_tgk",
        ("pd_for_tgk", "tgk_doubled"),
        *("tgk_ratio", 2, "TGK ratio"),
        source="the TGK ratio under Ferté's name (not re-read)",
        told=KINETICS,
    ),
    Definition(
        "kato2017",
        ("ttf_short", "burden_over_50", "pace_over_2"),
        *("pace_ratio", 2, "pace ratio"),
        source="Kato 2017, Clin Cancer Res 23:4242",
        told=("said_ttf", "said_burden", "said_pace"),
    ),
    Definition(
        "lo_russo2019",
        ("lo_russo",),
        *("lo_russo_met", 3, "of 5 criteria"),
        source="Lo Russo 2019, Clin Cancer Res 25:989",
        told=("said_pd", "said_burden", "said_new", "said_ttf", "said_ecog"),
        decided_by_one=True,
    ),
    Definition(
        "matos2020",
        ("matos_pd", "matos_rise_10", "matos_growth"),
        *("matos_percent", 40, "% of the baseline sum"),
        source="Matos 2020, Clin Cancer Res 26:846 (its two organs not re-read)",
        told=("said_matos",),
        decided_by_one=True,
        onset="progression_date",
    ),
    Definition(
        "kim2019",
        ("pd_first", "growth_doubled", "ttf_short"),
        *("growth_ratio", 2, "larger of TGR and TGK ratio"),
        source="Kim 2019, as TTF < 2 mo and a TGK or TGR ratio of 2 (partly re-read; several papers share the label)",
        told=("said_pd", "said_tgr", "said_tgk", "said_ttf"),
    ),
    Definition(
        "unchanged_growth",
        ("burden_rule", "growth_unchanged", "tgr_not_up_50"),
        *("tgr_ratio", 2, "TGR ratio"),
        source="seed review: hyperprogression in appearance, growth rate as before treatment",
        told=("said_burden", "said_matos", "said_tgr"),
        pattern=PSEUDO,
    ),
)
LATER_RESPONSE = Definition(
    "later_response",
    ("hyperprogression", "responded_later"),
    *("definitions_met", 1, "definitions of hyperprogression"),
    source="alternative reading: hyperprogression by any definition, then a response",
    told=("said_definitions", "said_response"),
    pattern=PSEUDO,
    decided_by_one=True,
    resolution="response_date",
)


def hyperprogression(
    measurements: pl.DataFrame,
    kinetics: pl.DataFrame,
    responses: pl.DataFrame,
    best: pl.DataFrame,
    subjects: pl.DataFrame,
    ecog: pl.DataFrame | None = None,
    options: PatternOptions = DEFAULT,
) -> pl.DataFrame:
    """Every definition of section 10 for every course under a criterion whose first progression is RECIST's.

    ``measurements`` is core.measurement (mm), ``kinetics`` the frame of `criteria.kinetics.tumour_kinetics` under the
    same options, ``responses`` analysis.timepoint_response, ``best`` analysis.best_response, ``subjects``
    core.subject; ``ecog`` has the columns subject_id, date and ecog (performance status 0 to 5), its criterion is not
    known without it. A frame of analysis.pattern.
    """
    facts = _facts(measurements, kinetics, responses, best, subjects, ecog, options)
    judged = [_judged(facts, definition) for definition in DEFINITIONS]
    facts = _with_verdicts(facts, judged)
    return pl.concat([PATTERN.empty(), *judged, _judged(facts, LATER_RESPONSE)])


def _judged(facts: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    held = pl.all_horizontal(*definition.all_of)
    if not definition.decided_by_one:
        unknown = pl.any_horizontal(*(pl.col(fact).is_null() for fact in definition.all_of))
        held = pl.when(~unknown).then(held)
    rows = facts.select(
        *COURSE_KEY,
        present=presence(held),
        onset_date=pl.when(held).then(definition.onset),
        resolution_date=pl.when(held).then(definition.resolution) if definition.resolution else pl.lit(None, pl.Date),
        pattern=pl.lit(definition.pattern),
        definition=pl.lit(definition.key),
        value=pl.col(definition.value).cast(pl.Float64),
        threshold=pl.lit(float(definition.threshold)),
        value_unit=pl.lit(definition.unit),
        source=pl.lit(definition.source),
        clause=pl.lit(f"10 {definition.key}"),
        explanation=pl.concat_str(definition.told, separator="; ", ignore_nulls=True),
    )
    return PATTERN.conform(rows)


def _with_verdicts(facts: pl.DataFrame, judged: list[pl.DataFrame]) -> pl.DataFrame:
    """The facts with what the definitions of hyperprogression came to."""
    rows = pl.concat(judged).filter(pl.col("pattern") == HYPERPROGRESSION)
    here = pl.col("present") == "Y"
    verdict = rows.group_by(COURSE_KEY).agg(
        definitions_met=here.sum(),
        hyperprogression=pl.when(here.any())
        .then(pl.lit(True))
        .when((pl.col("present") == "N").all())
        .then(pl.lit(False)),
        said_definitions=pl.when(here.any()).then(pl.col("definition").filter(here).sort().str.join(", ")),
    )
    return facts.join(verdict, on=COURSE_KEY, how="left", maintain_order="left").with_columns(
        pl.col("said_definitions").fill_null("hyperprogression by no definition that could be evaluated")
    )


def _facts(
    measurements: pl.DataFrame,
    kinetics: pl.DataFrame,
    responses: pl.DataFrame,
    best: pl.DataFrame,
    subjects: pl.DataFrame,
    ecog: pl.DataFrame | None,
    options: PatternOptions,
) -> pl.DataFrame:
    plain = plain_responses(responses.filter(pl.col("criterion").is_in(RECIST_FAMILY)), subjects)
    courses = best.filter(pl.col("criterion").is_in(RECIST_FAMILY)).select(COURSE_KEY)
    courses = pl.concat([courses, plain.select(COURSE_KEY)]).unique()
    courses = courses.join(
        subjects.select("study_id", "subject_id", "reference_date"), on=["study_id", "subject_id"], how="left"
    )
    courses = courses.join(_period(kinetics, REFERENCE, "ref"), on=READ_KEY, how="left")
    courses = courses.join(_period(kinetics, EXPERIMENTAL, "exp"), on=READ_KEY, how="left")
    facts = _first_evaluation(courses, responses, plain)
    facts = _first_progression(facts, plain)
    facts = facts.join(_time_to_failure(subjects, measurements), on=["study_id", "subject_id"], how="left")
    facts = facts.join(_performance(ecog, subjects, options), on=["study_id", "subject_id"], how="left")
    facts = _burden(facts, lesion_sizes(measurements))
    facts = _growth(facts, options)
    return _sentences(_composite(facts, options)).sort(COURSE_KEY)


def _period(kinetics: pl.DataFrame, period: str, name: str) -> pl.DataFrame:
    sums = {f"{name}_{end}": (pl.col(f"{end}_sum_mm") * HUNDREDTHS).round().cast(pl.Int64) for end in ("from", "to")}
    return kinetics.filter(pl.col("period") == period).select(
        *READ_KEY,
        pl.when(pl.col("from_sum_mm").is_not_null()).then("days").cast(pl.Int64).alias(f"{name}_days"),
        pl.col("tumour_growth_rate").alias(f"{name}_tgr"),
        pl.col("tumour_growth_kinetics").alias(f"{name}_tgk"),
        pl.col("pace_percent").alias(f"{name}_pace_percent"),
        pl.col("pace_mm").alias(f"{name}_pace_mm"),
        pl.col("to_timepoint").alias(f"{name}_timepoint"),
        pl.col("to_date").alias(f"{name}_date"),
        pl.col("reason").alias(f"{name}_reason"),
        **sums,
    )


def _first_evaluation(courses: pl.DataFrame, responses: pl.DataFrame, plain: pl.DataFrame) -> pl.DataFrame:
    """Whether the first scan on treatment shows RECIST progression, and the first response after it."""
    dated = responses.select(*COURSE_KEY, "assessment_date", exp_timepoint="timepoint")
    untreated = (pl.col("assessment_date") < pl.col("new_therapy_date")).fill_null(True)
    at_first = plain.select(
        *COURSE_KEY,
        "assessment_date",
        pd_first=(pl.col("overall") == PROGRESSION) & untreated,
        shown_date="shown_date",
    )
    courses = courses.join(dated, on=[*COURSE_KEY, "exp_timepoint"], how="left")
    courses = courses.join(at_first, on=[*COURSE_KEY, "assessment_date"], how="left").with_columns(
        first_date=pl.when("pd_first").then("shown_date").otherwise("exp_date")
    )
    responded = pl.col("overall").is_in(RESPONSES)
    later = (
        plain.filter(pl.col("overall").is_not_null() & untreated)
        .join(courses.select(*COURSE_KEY, "exp_date"), on=COURSE_KEY)
        .filter(pl.col("assessment_date") > pl.col("exp_date"))
        .group_by(COURSE_KEY)
        .agg(response_date=pl.col("assessment_date").filter(responded).min(), responded_later=responded.any())
    )
    return courses.join(later, on=COURSE_KEY, how="left")


def _first_progression(facts: pl.DataFrame, plain: pl.DataFrame) -> pl.DataFrame:
    """The first progression before new anticancer therapy, and whether it came within eight weeks of the start."""
    untreated = (pl.col("assessment_date") < pl.col("new_therapy_date")).fill_null(True)
    evaluable = plain.filter(pl.col("overall").is_not_null() & untreated)
    progressed = pl.col("overall") == PROGRESSION
    first = (
        evaluable.sort("assessment_date")
        .group_by(COURSE_KEY)
        .agg(
            pd_timepoint=pl.col("timepoint").filter(progressed).first(),
            progression_date=pl.col("shown_date").filter(progressed).first(),
            evaluated=pl.lit(True),
        )
    )
    within = (pl.col("progression_date") - pl.col("reference_date")).dt.total_days() <= EIGHT_WEEKS
    never = pl.when(pl.col("evaluated") & pl.col("pd_timepoint").is_null()).then(pl.lit(False))
    return facts.join(first, on=COURSE_KEY, how="left").with_columns(matos_pd=pl.coalesce(within, never))


def _time_to_failure(subjects: pl.DataFrame, measurements: pl.DataFrame) -> pl.DataFrame:
    """Whether treatment ended for good, or the subject died, within two months of the start (11.2 TTF).

    Not known for subjects without an end of treatment who were followed for less than that.
    """
    last_scan = measurements.group_by("study_id", "subject_id").agg(last_scan=pl.col("assessment_date").max())
    ended = pl.min_horizontal("discontinuation_date", "death_date")
    followed = pl.max_horizontal("last_alive_date", "last_scan")
    return (
        subjects.join(last_scan, on=["study_id", "subject_id"], how="left")
        .with_columns(ttf_days=_days("reference_date", ended) + 1, followed_days=_days("reference_date", followed) + 1)
        .select(
            "study_id",
            "subject_id",
            "ttf_days",
            ttf_short=pl.when(pl.col("ttf_days").is_not_null())
            .then(pl.col("ttf_days") < TWO_MONTHS)
            .when(pl.col("followed_days") >= TWO_MONTHS)
            .then(pl.lit(False)),
        )
    )


def _days(start: str, end: pl.Expr) -> pl.Expr:
    return (end - pl.col(start)).dt.total_days()


def _performance(ecog: pl.DataFrame | None, subjects: pl.DataFrame, options: PatternOptions) -> pl.DataFrame:
    """Whether the performance status fell within two months of the start (Lo Russo); null where it is not recorded."""
    starts = subjects.select("study_id", "subject_id", "reference_date")
    if ecog is None:
        return starts.select("study_id", "subject_id", pl.lit(None, pl.Boolean).alias("ecog_worse"))
    on = [name for name in ("study_id", "subject_id") if name in ecog.columns]
    rows = ecog.select(*on, "date", "ecog").drop_nulls().join(starts, on=on).sort("date")
    day = _days("reference_date", pl.col("date"))
    before, under = day <= 0, (day > 0) & (day <= TWO_MONTHS)
    rows = rows.group_by("study_id", "subject_id", maintain_order=True).agg(
        before=pl.col("ecog").filter(before).last(),
        worst=pl.col("ecog").filter(under).max(),
    )
    worse = {
        "ps_ge2": (pl.col("worst") >= 2) & (pl.col("worst") > pl.col("before")),
        "drop_ge2": pl.col("worst") - pl.col("before") >= 2,
    }[options.lo_russo_ecog]
    return starts.join(rows, on=["study_id", "subject_id"], how="left").select(
        "study_id", "subject_id", ecog_worse=worse
    )


def _burden(facts: pl.DataFrame, sized: pl.DataFrame) -> pl.DataFrame:
    """RECIST sums and new lesions at the first evaluation and at the first progression, against the baseline."""
    spread = _spread(sized)
    read = sized.select(*READ_KEY, "timepoint").unique().with_columns(read=pl.lit(True))
    for name, timepoint in (("first", "exp_timepoint"), ("matos", "pd_timepoint")):
        pairs = facts.select(*READ_KEY, from_timepoint=pl.lit(0, pl.Int32), to_timepoint=pl.col(timepoint))
        sums = measured_at_both(sized, pairs, "sa").select(
            *READ_KEY,
            pl.col("to_timepoint").alias(timepoint),
            pl.col("from_sum").alias(f"{name}_base"),
            pl.col("to_sum").alias(f"{name}_sum"),
        )
        new = read.join(spread, on=[*READ_KEY, "timepoint"], how="left").select(
            *READ_KEY,
            pl.col("timepoint").alias(timepoint),
            *(pl.col(column).fill_null(0).alias(f"{name}_{column}") for column in NEW),
        )
        facts = facts.join(sums, on=[*READ_KEY, timepoint], how="left").join(new, on=[*READ_KEY, timepoint], how="left")
    return facts


NEW = ("new_organs", "new_in_involved", "newly_involved")


def _spread(sized: pl.DataFrame) -> pl.DataFrame:
    """New lesions of each time point by organ; a new lesion without an organ is not counted."""
    involved = (
        sized.filter((pl.col("timepoint") == 0) & (pl.col("role") != Role.NEW) & pl.col("seen"))
        .select(*READ_KEY, "organ")
        .drop_nulls()
        .unique()
        .with_columns(involved=pl.lit(True))
    )
    by_organ = (
        new_lesions_seen(sized)
        .filter(pl.col("organ").is_not_null())
        .group_by(*READ_KEY, "timepoint", "organ")
        .agg(lesions=pl.len())
        .join(involved, on=[*READ_KEY, "organ"], how="left")
    )
    known = pl.col("involved").fill_null(False)
    return by_organ.group_by(*READ_KEY, "timepoint").agg(
        new_organs=pl.len(),
        new_in_involved=pl.col("lesions").filter(known).max().fill_null(0),
        newly_involved=(~known).sum(),
    )


def _growth(facts: pl.DataFrame, options: PatternOptions) -> pl.DataFrame:
    """Ratios and differences of the two periods, and the comparisons that are exact in sums and days."""
    rise, before = pl.col("exp_to") - pl.col("exp_from"), pl.col("ref_to") - pl.col("ref_from")
    exp_days, ref_days = pl.col("exp_days"), pl.col("ref_days")
    absolute = options.kato_pace == "absolute"
    exp_of, ref_of = (pl.lit(1), pl.lit(1)) if absolute else (pl.col("exp_from"), pl.col("ref_from"))
    pace = "pace_mm" if absolute else "pace_percent"
    exp_tgr, ref_tgr = pl.col("exp_tgr"), pl.col("ref_tgr")
    low, high = options.pseudo_hpd_ratio
    faster = (rise * ref_days * ref_of) > 2 * (before * exp_days * exp_of)
    started = (exp_of > 0) & (ref_of > 0)
    ratio = exp_tgr / ref_tgr
    return facts.with_columns(
        tgr_ratio=pl.when(ref_tgr > 0).then(ratio),
        tgr_difference=exp_tgr - ref_tgr,
        tgk_ratio=pl.when(before > 0).then(pl.col("exp_tgk") / pl.col("ref_tgk")),
        pace_ratio=pl.when((before > 0) & started).then(pl.col(f"exp_{pace}") / pl.col(f"ref_{pace}")),
        tgr_doubled=_over_reference(ref_tgr, exp_tgr, exp_tgr >= 2 * ref_tgr, options),
        tgk_doubled=_over_reference(before, rise, rise * ref_days >= 2 * before * exp_days, options),
        pace_over_2=pl.when(started).then(_over_reference(before, rise, faster, options)),
        tgr_up_50=exp_tgr - ref_tgr > 50,
        tgr_up_100=exp_tgr - ref_tgr > 100,
        tgr_not_up_50=exp_tgr - ref_tgr <= 50,
        growth_unchanged=_over_reference(
            ref_tgr, exp_tgr, (exp_tgr > low * ref_tgr) & (exp_tgr < high * ref_tgr), options, if_accelerated=False
        ),
        burden_over_50=pl.when(pl.col("exp_from") > 0).then(100 * rise > 50 * pl.col("exp_from")),
    ).with_columns(
        growth_doubled=pl.col("tgk_doubled") | pl.col("tgr_doubled"),
        growth_ratio=pl.max_horizontal("tgk_ratio", "tgr_ratio"),
    )


def _over_reference(
    reference: pl.Expr, growth: pl.Expr, held: pl.Expr, options: PatternOptions, if_accelerated: bool = True
) -> pl.Expr:
    """A comparison with a growth that must be positive; else not known, or decided by the later growth alone."""
    shrank: pl.Expr = pl.lit(None, pl.Boolean)
    if options.negative_ref_policy == "accelerated_if_exp_positive":
        shrank = (growth > 0) if if_accelerated else pl.when(growth.is_not_null()).then(pl.lit(False))
    return pl.when(reference > 0).then(held).when(reference <= 0).then(shrank)


def _composite(facts: pl.DataFrame, options: PatternOptions) -> pl.DataFrame:
    """The definitions that count criteria, and the burden rules."""
    rise = pl.col("first_sum") - pl.col("first_base")
    jump = pl.when(pl.col("first_base") > 0).then(100 * rise >= 50 * pl.col("first_base"))
    matos_rise = pl.col("matos_sum") - pl.col("matos_base")
    percent = pl.when(pl.col("matos_base") > 0)
    five = (
        pl.col("ttf_short"),
        jump,
        pl.col("first_new_in_involved") >= 2,
        pl.col("first_newly_involved") >= 1,
        pl.col("ecog_worse"),
    )
    met = pl.sum_horizontal(*(fact.cast(pl.Int32) for fact in five))
    unknown = pl.sum_horizontal(*(fact.is_null().cast(pl.Int32) for fact in five))
    three = pl.when(met >= 3).then(pl.lit(True)).when(met + unknown < 3).then(pl.lit(False))
    progressed = pl.col("pd_first")
    return (
        facts.with_columns(
            pd_for_tgk=progressed if options.tgk_requires_pd else pl.lit(True),
            lo_russo=three & progressed if options.lo_russo_requires_pd else three,
            lo_russo_met=met,
            lo_russo_unknown=unknown,
            burden_jump=jump,
            burden_percent=pl.when(pl.col("first_base") > 0).then(100 * rise / pl.col("first_base")),
            matos_rise_10=matos_rise >= 10 * HUNDREDTHS,
            matos_percent=percent.then(100 * matos_rise / pl.col("matos_base")),
            matos_growth=percent.then(
                (100 * matos_rise >= 40 * pl.col("matos_base"))
                | ((100 * matos_rise >= 20 * pl.col("matos_base")) & (pl.col("matos_new_organs") >= 2))
            ),
        )
        .with_columns(matos=pl.all_horizontal("matos_pd", "matos_rise_10", "matos_growth"))
        .with_columns(burden_rule=pl.any_horizontal("burden_jump", "lo_russo", "matos"))
    )


def _sentences(facts: pl.DataFrame) -> pl.DataFrame:
    def told(known: pl.Expr, otherwise: str | pl.Expr) -> pl.Expr:
        return pl.coalesce(known, pl.lit(otherwise) if isinstance(otherwise, str) else otherwise)

    def number(column: str) -> pl.Expr:
        return signed(pl.col(column))

    reason = pl.concat_str(
        pl.format("before the baseline: {}", "ref_reason"),
        pl.format("on treatment: {}", "exp_reason"),
        separator=", ",
        ignore_nulls=True,
    )
    unknown = pl.format("growth not evaluable ({})", reason)

    def ratio(name: str, said: str) -> pl.Expr:
        defined = pl.format(f"{said} {{}}", pl.col(name).round(2))
        return told(defined, f"{said} undefined, the disease did not grow before the baseline")

    return facts.with_columns(
        said_pd=pl.when("pd_first")
        .then(pl.format("progression at the first evaluation on {}", "exp_date"))
        .when(~pl.col("pd_first"))
        .then(pl.format("no progression at the first evaluation on {}", "exp_date"))
        .otherwise(pl.lit("no evaluable response at the first evaluation")),
        said_tgr=told(
            pl.format(
                "TGR {} to {} % a month, difference {}, {}",
                number("ref_tgr"),
                number("exp_tgr"),
                number("tgr_difference"),
                ratio("tgr_ratio", "ratio"),
            ),
            unknown,
        ),
        said_tgk=told(
            pl.format(
                "TGK {} to {} mm a day, {}", number("ref_tgk"), number("exp_tgk"), ratio("tgk_ratio", "TGK ratio")
            ),
            unknown,
        ),
        said_pace=told(pl.when(pl.col("pace_over_2").is_not_null()).then(ratio("pace_ratio", "pace ratio")), unknown),
        said_burden=told(
            pl.format("sum of targets {} % from the baseline", number("burden_percent")),
            "change of the sum of targets not evaluable",
        ),
        said_new=told(
            pl.format(
                "up to {} new lesions in an involved organ, {} newly involved organs",
                "first_new_in_involved",
                "first_newly_involved",
            ),
            "new lesions not assessed",
        ),
        said_ttf=told(
            pl.format("treatment ended after {} d", "ttf_days"),
            pl.when(pl.col("ttf_short").is_null())
            .then(pl.lit("treatment not known to have lasted two months"))
            .otherwise(pl.lit("treatment went on")),
        ),
        said_ecog=pl.when(pl.col("ecog_worse").is_null())
        .then(pl.lit("ECOG performance status not known"))
        .when("ecog_worse")
        .then(pl.lit("ECOG performance status fell"))
        .otherwise(pl.lit("ECOG performance status did not fall")),
        said_matos=told(
            pl.format(
                "first progression on {}, {} mm and {} % from the baseline, new lesions in {} organs",
                "progression_date",
                signed((pl.col("matos_sum") - pl.col("matos_base")) / HUNDREDTHS),
                number("matos_percent"),
                "matos_new_organs",
            ),
            pl.when(pl.col("evaluated").is_null())
            .then(pl.lit("no evaluable response"))
            .when(pl.col("progression_date").is_null())
            .then(pl.lit("no progression"))
            .otherwise(pl.lit("sum of targets not evaluable at the first progression")),
        ),
        said_response=told(
            pl.format("response on {}", "response_date"),
            pl.when(pl.col("responded_later").is_null())
            .then(pl.lit("no evaluable response later"))
            .otherwise(pl.lit("no response later")),
        ),
    )
