"""Each discordance between two readers attributed to its cause, at the first time point where they differ.

Two readers are discordant in a subject and criterion when their best responses or the dates of the progression that
counts differ. Their time points are laid side by side by number; under criteria whose progression counts at once, time
points after both progressions are left out. The first one whose overall responses differ decides (``NA`` is no
response, a missing response differs from any other):

1. One reader has no response or NE there: NOT EVALUABLE.
2. The component: of new lesion, non-target and target, in this order, the first in which the readers differ and whose
   exchange alone, in either direction, turns one reader's response into the other's by the criterion's decision
   table; where none does, the first in which they differ.
3. The component is NE or missing for one reader: NOT EVALUABLE. New lesion: NEW LESION CALL. Non-target: NON-TARGET
   CALL. Target: where new lesions are added to the sum and the readers differ in them, NEW LESION CALL; where the
   targets of the first assessment lie in other organs or nodes, OTHER LESION CHOSEN; else MEASUREMENT ACROSS A
   THRESHOLD.
4. No component differs (an unconfirmed progression that grew, for instance): what the lesions show there. Another
   number of new lesions: NEW LESION CALL; of non-targets said to increase: NON-TARGET CALL; another sum of targets
   there or before: as in 3; another size of new lesions: NEW LESION CALL; another date there or before: DATE RULE;
   else UNATTRIBUTED.

Where no overall response differs, dates make the difference: DATE RULE at the first time point whose date or date of
progression differs, UNATTRIBUTED where none does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cohorts.review.evidence import COLUMNS as EVIDENCE
from cohorts.review.evidence import evidence, lesions_seen
from cohorts.review.readers import SUBJECT, read_responses
from cohorts.tables import COMPONENTS, DISCORDANCE
from criteria.decision import CATEGORIES, CPD, NEW_LESION, PD, UPD
from criteria.declaration import Immediate, Morphologic, NewLesions
from criteria.response_courses import category_codes

READ = (*SUBJECT, "criterion", "origin")
PAIR = (*READ, "evaluator", "other_evaluator")
VALUES = dict(zip(COMPONENTS, ("new_lesion", "nontarget_response", "target_response"), strict=True))
ABSENT = {"new_lesion": "N", "nontarget_response": "NA", "target_response": "NA"}
FACTS = ("new_lesions", "increased", "new_size")
SEEN = (
    *VALUES.values(),
    "overall_response",
    "assessment_date",
    "progression_date",
    "target_sum",
    "nadir_sum",
    *FACTS,
    *EVIDENCE,
)
SHOWN = ("MEASURED", "TOO_SMALL", "PRESENT", "INCREASED", "UNEQUIVOCAL_PROGRESSION", "UNEQUIVOCAL", "SPLIT")


def discordance(
    timepoint_response: pl.DataFrame,
    best_response: pl.DataFrame,
    measurements: pl.DataFrame,
    found: pl.DataFrame,
    criteria: Sequence[Morphologic],
) -> pl.DataFrame:
    """Every discordant pair of readers with its cause (see the module's text for the rule).

    Frames of analysis.timepoint_response, analysis.best_response and core.measurement; ``found`` is `readers`, whose
    evaluators are compared; ``criteria`` are the study's declarations. Returns `mart.discordance` in the order of its
    key.
    """
    facts, targets = _lesion_facts(measurements), _targets(measurements)
    facts = facts.join(lesions_seen(measurements), on=[*SUBJECT, "evaluator", "timepoint"], how="left")
    frames = [
        _of_criterion(
            timepoint_response.filter(pl.col("criterion") == declared.name).join(
                facts, on=[*SUBJECT, "evaluator", "timepoint"], how="left"
            ),
            read_responses(best_response.filter(pl.col("criterion") == declared.name), found),
            targets,
            declared,
        )
        for declared in criteria
    ]
    return DISCORDANCE.conform(pl.concat([DISCORDANCE.empty(), *frames])).sort(DISCORDANCE.key)


def _lesion_facts(measurements: pl.DataFrame) -> pl.DataFrame:
    """New lesions seen, their size, and non-targets said to increase, by subject, evaluator and time point."""
    new = (pl.col("role") == "NEW") & pl.col("state").is_in(SHOWN)
    increased = (pl.col("role") == "NON-TARGET") & (
        pl.col("state").is_in(["INCREASED", "UNEQUIVOCAL_PROGRESSION"])
        | (pl.col("change_from_previous") == "INCREASED")
    )
    size = pl.when("is_node").then("short_axis_mm").otherwise("longest_diameter_mm")
    return measurements.group_by(*SUBJECT, "evaluator", "timepoint").agg(
        new_lesions=new.fill_null(False).sum(),
        increased=increased.fill_null(False).sum(),
        new_size=(size.filter(new) * 100).round().cast(pl.Int64).sum(),
    )


def _targets(measurements: pl.DataFrame) -> pl.DataFrame:
    """Where each evaluator's targets lie at the first assessment, as one text."""
    place = (
        pl.when("is_node").then(pl.lit("NODE ")).otherwise(pl.lit(""))
        + pl.col("organ").fill_null("").str.strip_chars().str.to_uppercase()
    )
    at_first = pl.col("timepoint") == pl.col("timepoint").min().over(*SUBJECT, "evaluator")
    return (
        measurements.filter(pl.col("timepoint") >= 0)
        .filter(at_first & (pl.col("role") == "TARGET"))
        .group_by(*SUBJECT, "evaluator")
        .agg(targets=place.sort().str.join("; "))
    )


def _of_criterion(
    responses: pl.DataFrame, best: pl.DataFrame, targets: pl.DataFrame, declared: Morphologic
) -> pl.DataFrame:
    pairs = _discordant_pairs(best.join(targets, on=[*SUBJECT, "evaluator"], how="left"))
    sides = _side_by_side(pairs, responses, declared)
    seen = sides.with_columns(
        differs=pl.col("overall_response").ne_missing(pl.col("other_overall_response")),
        dates_differ=_differs("assessment_date") | _differs("progression_date"),
    ).with_columns(dated=_so_far(pl.col("dates_differ")), summed=_so_far(_differs("target_sum")))
    first = _first(seen.filter("differs"))
    by_date = _first(seen.filter("dates_differ").join(first, on=PAIR, how="anti"))
    attributed = pl.concat(
        [
            _attributed(first, declared),
            by_date.with_columns(component=pl.lit(None, dtype=pl.String), cause=pl.lit("DATE RULE")),
        ]
    ).drop([name for name in pairs.columns if name not in PAIR])
    rows = pairs.join(attributed, on=PAIR, how="left").with_columns(pl.col("cause").fill_null("UNATTRIBUTED"))
    rows = rows.with_columns(evidence=evidence())
    return DISCORDANCE.conform(
        rows.with_columns(
            progression_date="counted_date", other_progression_date="other_counted_date", explanation=_explanation()
        ).select(tuple(DISCORDANCE.schema))
    )


def _discordant_pairs(best: pl.DataFrame) -> pl.DataFrame:
    left = best.select(
        *READ,
        "evaluator",
        "best_response",
        pl.col("progression_date").alias("counted_date"),
        pl.col("progression_timepoint").alias("counted_timepoint"),
        "targets",
    )
    right = left.rename({name: f"other_{name}" for name in left.columns if name not in READ})
    differs = [_differs(name) for name in ("best_response", "counted_date")]
    return left.join(right, on=READ).filter(
        (pl.col("evaluator") < pl.col("other_evaluator")) & pl.any_horizontal(differs)
    )


def _side_by_side(pairs: pl.DataFrame, responses: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """One row per pair and time point that either reader has, in order, the other reader's columns named other_."""
    own = responses.select(*READ, "evaluator", "timepoint", *SEEN).with_columns(
        pl.when(pl.col("overall_response") != "NA").then("overall_response"), pl.col(FACTS).fill_null(0)
    )
    others = own.rename({name: f"other_{name}" for name in ("evaluator", *SEEN)})
    known = pl.concat(
        [
            pairs.select(PAIR).join(own.select(*READ, "evaluator", "timepoint"), on=[*READ, "evaluator"]),
            pairs.select(PAIR).join(
                others.select(*READ, "other_evaluator", "timepoint"), on=[*READ, "other_evaluator"]
            ),
        ]
    ).unique()
    sides = (
        pairs.join(known, on=PAIR)
        .join(own, on=[*READ, "evaluator", "timepoint"], how="left")
        .join(others, on=[*READ, "other_evaluator", "timepoint"], how="left")
        .sort(*PAIR, "timepoint")
    )
    if not isinstance(declared.confirmation, Immediate):
        return sides
    both = pl.col("counted_timepoint").is_not_null() & pl.col("other_counted_timepoint").is_not_null()
    last = pl.max_horizontal("counted_timepoint", "other_counted_timepoint")
    return sides.filter(~both | (pl.col("timepoint") <= last))


def _differs(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(f"other_{name}"))


def _so_far(differs: pl.Expr) -> pl.Expr:
    return differs.cum_sum().over(PAIR, order_by="timepoint") > 0


def _first(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(*PAIR, "timepoint").unique(PAIR, keep="first", maintain_order=True)


def _attributed(first: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """The component and the cause at the deciding time point of every pair (steps 1 to 4)."""
    exchanges = _exchanges(first, declared)
    rows = first.with_columns(exchanges)
    explaining = pl.coalesce(
        pl.when(_differs(value) & pl.col(f"{value}_explains")).then(pl.lit(name)) for name, value in VALUES.items()
    )
    differing = pl.coalesce(pl.when(_differs(value)).then(pl.lit(name)) for name, value in VALUES.items())
    return (
        rows.with_columns(component=pl.coalesce(explaining, differing))
        .with_columns(cause=_cause(declared))
        .with_columns(component=pl.when(~_not_assessed("overall_response")).then("component"))
        .select(*first.columns, "component", "cause")
    )


def _exchanges(first: pl.DataFrame, declared: Morphologic) -> list[pl.Series]:
    """For every component whether its exchange alone turns one reader's overall response into the other's."""
    mine = {value: _codes(first[value], value, declared) for value in VALUES.values()}
    theirs = {value: _codes(first[f"other_{value}"], value, declared) for value in VALUES.values()}
    overall = _codes(first["overall_response"], "overall_response", declared)
    other = _codes(first["other_overall_response"], "overall_response", declared)

    def decided(components: dict[str, np.ndarray]) -> np.ndarray:
        row = declared.table.overall(
            components["target_response"], components["nontarget_response"], components["new_lesion"]
        )
        return row[0]

    found = []
    for value in VALUES.values():
        explains = (decided(mine | {value: theirs[value]}) == other) | (
            decided(theirs | {value: mine[value]}) == overall
        )
        found.append(pl.Series(f"{value}_explains", explains & (overall != other), dtype=pl.Boolean))
    return found


def _codes(values: pl.Series, column: str, declared: Morphologic) -> np.ndarray:
    """The engine's codes of printed responses; a progression is PD whether confirmed or not."""
    if column == "new_lesion":
        codes = {name: NEW_LESION.index(name) for name in ("N", "Y", "EQUIVOCAL", "NE")}
    else:
        codes = {name: int(PD) if code in (UPD, CPD) else code for name, code in category_codes(declared).items()}
    absent = ABSENT.get(column, CATEGORIES[0])
    coded = values.fill_null(absent).replace_strict(codes, default=codes[absent], return_dtype=pl.Int8)
    return coded.to_numpy()


def _not_assessed(value: str) -> pl.Expr:
    """One of the readers has no such response, or it is not evaluable."""
    sides = (pl.col(value), pl.col(f"other_{value}"))
    return pl.any_horizontal(side.fill_null("NE").is_in(["NE", "irNE"]) for side in sides)


def _cause(declared: Morphologic) -> pl.Expr:
    targets = (
        pl.when(_differs("targets"))
        .then(pl.lit("OTHER LESION CHOSEN"))
        .otherwise(pl.lit("MEASUREMENT ACROSS A THRESHOLD"))
    )
    added = pl.lit(declared.new_lesions is NewLesions.ADDED) & _differs("new_lesion")
    not_assessed = pl.coalesce(
        pl.when(pl.col("component") == name).then(_not_assessed(value)) for name, value in VALUES.items()
    )
    return (
        pl.when(_not_assessed("overall_response") | not_assessed.fill_null(False))
        .then(pl.lit("NOT EVALUABLE"))
        .when((pl.col("component") == "NEW LESION") | ((pl.col("component") == "TARGET") & added))
        .then(pl.lit("NEW LESION CALL"))
        .when(pl.col("component") == "NON-TARGET")
        .then(pl.lit("NON-TARGET CALL"))
        .when(pl.col("component") == "TARGET")
        .then(targets)
        .when(_differs("new_lesions"))
        .then(pl.lit("NEW LESION CALL"))
        .when(_differs("increased"))
        .then(pl.lit("NON-TARGET CALL"))
        .when("summed")
        .then(targets)
        .when(_differs("new_size"))
        .then(pl.lit("NEW LESION CALL"))
        .when("dated")
        .then(pl.lit("DATE RULE"))
        .otherwise(pl.lit("UNATTRIBUTED"))
    )


def _explanation() -> pl.Expr:
    def side(prefix: str) -> pl.Expr:
        def shown(name: str) -> pl.Expr:
            return pl.col(f"{prefix}{name}").cast(pl.String).fill_null("none")

        return pl.format(
            "{} has {} of {} (target {}, non-target {}, new lesion {})",
            pl.col(f"{prefix}evaluator"),
            shown("overall_response"),
            shown("assessment_date"),
            shown("target_response"),
            shown("nontarget_response"),
            shown("new_lesion"),
        )

    at = pl.format("at time point {} {}, {}", "timepoint", side(""), side("other_"))
    return pl.coalesce(at, pl.lit("no time point differs"))
