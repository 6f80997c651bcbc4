"""Lesions as candidates for intratumoural injection: hard rules and a transparent score (rule book section 7.4).

The score orders what is known of the lesions for the people who choose; it never selects one. Each factor adds a
number from -1 to 1 or, where nothing is known, nothing; high vascularity counts twice, as activity and as a risk.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from criteria.lesion_sizes import READ_KEY, lesion_sizes
from criteria.pattern_tables import INJECTION_CANDIDATE, INJECTION_FACTOR, presence
from criteria.plain_responses import RECIST_FAMILY
from criteria.reads import HUNDREDTHS
from criteria.tables import BEST_RESPONSE
from criteria.vocabulary import Change, Role, State

LESION_KEY = (*READ_KEY, "lesion_id")
SUPERFICIAL = "(?i)skin|cutis|cutan|muscle|soft tissue|breast|axill|inguin|cervical|supraclav|subcut"
SURGICAL = "(?i)brain|cns|cereb|mening|spinal|periton"
UNPLACED = "(?i)^(lymph )?nodes?$"
SMALLEST_MM, SMALLEST_NODE_MM, LARGEST_MM = 10, 15, 50
FEATURES = MappingProxyType(
    {
        "visible": "seen on ultrasound, CT or MRI for guidance",
        "necrotic": "mostly necrotic",
        "vascular": "highly vascular",
        "near_vessels": "close to larger vessels",
        "critical_path": "the path crosses critical structures",
        "dissectable": "displaceable structures can be kept away (hydro- or carbodissection)",
        "viable": "avid, enhancing or with viable cells",
        "invasive": "local invasion",
        "treated_locally": "local therapy recently",
    }
)
"""What can be known of a lesion beside its measurements: columns of true, false or null."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: its number in section 7.4, what it counts for, the finding in words and the contribution."""

    name: str
    number: int
    part: str
    finding: pl.Expr
    contribution: pl.Expr


def _yes_no(fact: str, yes: str, no: str) -> pl.Expr:
    return pl.when(pl.col(fact)).then(pl.lit(yes)).when(~pl.col(fact)).then(pl.lit(no))


def _weighed(fact: str, yes: float, no: float) -> pl.Expr:
    return pl.when(pl.col(fact)).then(pl.lit(yes)).when(~pl.col(fact)).then(pl.lit(no))


SIZE = pl.col("size_mm")
NOTHING = pl.lit(None, pl.Float64)
FACTORS = (
    Factor(
        "bleeding",
        1,
        "FEASIBILITY",
        pl.when(~pl.col("near_vessels"))
        .then(pl.lit("away from vessels"))
        .when(pl.col("near_vessels"))
        .then(_yes_no("vascular", "highly vascular near vessels", "near vessels")),
        pl.when(~pl.col("near_vessels")).then(1.0).when(pl.col("near_vessels")).then(_weighed("vascular", -1, 0)),
    ),
    Factor(
        "path",
        2,
        "FEASIBILITY",
        _yes_no("critical_path", "through critical structures", "simple"),
        _weighed("critical_path", -1, 1),
    ),
    Factor(
        "access",
        3,
        "FEASIBILITY",
        pl.col("organ"),
        pl.when(pl.col("organ").str.contains(SUPERFICIAL))
        .then(1.0)
        .when(pl.col("organ").str.contains(SURGICAL))
        .then(-1.0)
        .when(~pl.col("organ").str.contains(UNPLACED))
        .then(0.0),
    ),
    Factor("visible", 4, "HARD RULE", _yes_no("seen", "visible", "not visible"), _weighed("seen", 1, 0)),
    Factor(
        "displaceable structures",
        5,
        "FEASIBILITY",
        _yes_no("dissectable", "dissection feasible", "dissection not feasible"),
        _weighed("dissectable", 1, -1),
    ),
    Factor("smallest size", 6, "HARD RULE", pl.format("{} mm", SIZE), _weighed("large_enough", 1, 0)),
    Factor("size", 7, "BENEFIT", pl.format("{} mm", SIZE), pl.min_horizontal(SIZE / LARGEST_MM, pl.lit(1.0))),
    Factor(
        "largest size",
        8,
        "FEASIBILITY",
        pl.format("{} mm", SIZE),
        pl.when(SIZE > LARGEST_MM).then(-1.0).when(SIZE <= LARGEST_MM).then(0.0),
    ),
    Factor(
        "necrosis", 9, "HARD RULE", _yes_no("necrotic", "mostly necrotic", "not necrotic"), _weighed("necrotic", 0, 1)
    ),
    Factor("viability", 9, "BENEFIT", _yes_no("viable", "viable", "not viable"), _weighed("viable", 1, -1)),
    Factor(
        "activity by vascularity",
        9,
        "BENEFIT",
        _yes_no("vascular", "highly vascular", "not highly vascular"),
        _weighed("vascular", 1, 0),
    ),
    Factor(
        "growth",
        10,
        "BENEFIT",
        pl.when(pl.col("treated_locally"))
        .then(pl.lit("treated locally"))
        .otherwise(_yes_no("growing", "new or enlarging", "not enlarging")),
        pl.when(pl.col("treated_locally")).then(-1.0).otherwise(_weighed("growing", 1, 0)),
    ),
    Factor(
        "aggressiveness", 11, "BENEFIT", _yes_no("invasive", "invades", "does not invade"), _weighed("invasive", 1, 0)
    ),
    Factor(
        "after progression",
        12,
        "BENEFIT",
        pl.when("progressed")
        .then(
            pl.when("progressing")
            .then(pl.lit("progressive or new"))
            .when("responding")
            .then(pl.lit("responding"))
            .otherwise(pl.lit("stable"))
        )
        .otherwise(pl.lit("no progression so far")),
        pl.when("progressed").then(pl.when("progressing").then(1.0).when("responding").then(-1.0).otherwise(0.0)),
    ),
    Factor("histology and earlier response", 13, "PROTOCOL", pl.lit("by the protocol"), NOTHING),
    Factor("operator's experience", 14, "PROTOCOL", pl.lit("by the protocol"), NOTHING),
    Factor("number of lesions", 15, "PROTOCOL", pl.lit("by the protocol"), NOTHING),
)


def injection_candidates(
    measurements: pl.DataFrame, best: pl.DataFrame | None = None, features: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lesions of each course at its last scan with their scores, and what each factor contributed.

    ``measurements`` has the columns of core.measurement (lengths in mm); ``best`` (analysis.best_response) tells which
    courses progressed; ``features`` has subject_id, lesion_id and any columns of `FEATURES` (true, false, null). Frames
    of analysis.injection_candidate and analysis.injection_factor; a hard rule on something not known leaves the lesion
    NOT_EVALUABLE. Lesions that are gone are left out.
    """
    lesions = _with_features(_lesions(measurements, BEST_RESPONSE.empty() if best is None else best), features)
    judged = pl.concat([INJECTION_FACTOR.empty(), *(_contribution(lesions, factor) for factor in FACTORS)])
    contribution, part = pl.col("contribution"), pl.col("part")
    rules = contribution.filter(part == "HARD RULE")
    totals = judged.group_by(LESION_KEY, maintain_order=True).agg(
        feasibility=contribution.filter(part == "FEASIBILITY").sum(),
        benefit=contribution.filter(part == "BENEFIT").sum(),
        known_factors=contribution.filter(part.is_in(["FEASIBILITY", "BENEFIT"])).count(),
        admissible=presence(pl.when((rules == 0).any()).then(False).when(rules.null_count() == 0).then(True)),
        explanation=pl.concat_str("factor", pl.lit(": "), pl.col("finding").fill_null("not known"))
        .filter(part == "HARD RULE")
        .str.join("; "),
    )
    candidates = (
        lesions.join(totals, on=LESION_KEY)
        .with_columns(score=pl.col("feasibility") + pl.col("benefit"), clause=pl.lit("7.4"))
        .select(INJECTION_CANDIDATE.schema.keys())
    )
    return (
        INJECTION_CANDIDATE.conform(candidates.sort(LESION_KEY)),
        INJECTION_FACTOR.conform(judged.sort(*LESION_KEY, "number", "factor")),
    )


def _contribution(lesions: pl.DataFrame, factor: Factor) -> pl.DataFrame:
    return INJECTION_FACTOR.conform(
        lesions.select(
            *LESION_KEY,
            factor=pl.lit(factor.name),
            number=pl.lit(factor.number),
            part=pl.lit(factor.part),
            finding=factor.finding,
            contribution=factor.contribution.cast(pl.Float64),
            clause=pl.lit(f"7.4 factor {factor.number}"),
        )
    )


def _lesions(measurements: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """Lesions at the last time point with a scan, with their growth."""
    sized = lesion_sizes(measurements.filter(pl.col("timepoint") >= 0))
    done = sized.filter((pl.col("state") != State.NOT_DONE) & pl.col("assessment_date").is_not_null())
    last = (
        done.group_by(*READ_KEY, "timepoint")
        .agg(date=pl.col("assessment_date").max())
        .sort("date", "timepoint")
        .group_by(READ_KEY)
        .agg(pl.col("timepoint").last(), last_date=pl.col("date").last())
    )
    history = done.join(last, on=READ_KEY, suffix="_last").sort(*LESION_KEY, "assessment_date", "timepoint")
    here = pl.col("timepoint") == pl.col("timepoint_last")
    earlier = (
        history.filter(~here & pl.col("size").is_not_null())
        .group_by(LESION_KEY, maintain_order=True)
        .agg(first_size=pl.col("size").first(), nadir=pl.col("size").min(), previous=pl.col("size").last())
    )
    organ = measurements.group_by(LESION_KEY).agg(site=pl.col("organ").drop_nulls().first())
    progressed = (
        best.filter(pl.col("criterion").is_in(RECIST_FAMILY))
        .group_by(READ_KEY)
        .agg(progressed=pl.col("progression_date").is_not_null().any())
    )
    size, rise = pl.col("size"), pl.col("size") - pl.col("nadir")
    said = pl.col("state").is_in([State.INCREASED.value, State.UNEQUIVOCAL_PROGRESSION.value]) | (
        pl.col("change_from_previous") == Change.INCREASED
    ).fill_null(False)
    new = pl.col("role") == Role.NEW
    large = size > pl.when("is_node").then(SMALLEST_NODE_MM).otherwise(SMALLEST_MM) * HUNDREDTHS
    return (
        history.filter(here & ~pl.col("state").is_in([State.ABSENT.value, State.MERGED.value]))
        .drop("organ")
        .join(earlier, on=LESION_KEY, how="left")
        .join(organ, on=LESION_KEY, how="left")
        .join(progressed, on=READ_KEY, how="left")
        .select(
            *LESION_KEY,
            "timepoint",
            "assessment_date",
            "role",
            "is_node",
            organ="site",
            size_mm=size / HUNDREDTHS,
            seen=pl.when(pl.col("state") != State.NOT_EVALUABLE).then("seen"),
            large_enough=large,
            growing=pl.when(new | said).then(pl.lit(True)).otherwise(size > pl.col("previous")),
            progressing=(new | said | ((rise >= 5 * HUNDREDTHS) & (100 * rise >= 20 * pl.col("nadir")))).fill_null(
                False
            ),
            responding=(100 * size <= 70 * pl.col("first_size")).fill_null(False),
            progressed=pl.col("progressed").fill_null(False),
        )
    )


def _with_features(lesions: pl.DataFrame, features: pl.DataFrame | None) -> pl.DataFrame:
    """The lesions with the columns of `FEATURES`; what a reader says of the visibility stands over the record."""
    if features is not None:
        on = [name for name in LESION_KEY if name in features.columns]
        given = features.select(*on, *(pl.col(name).cast(pl.Boolean) for name in FEATURES if name in features.columns))
        lesions = lesions.join(given, on=on, how="left")
    missing = [pl.lit(None, pl.Boolean).alias(name) for name in FEATURES if name not in lesions.columns]
    return lesions.with_columns(missing).with_columns(seen=pl.coalesce("visible", "seen"))
