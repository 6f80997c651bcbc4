"""The injection log against the agent's table, the schedule and the imaging rules (metabolic rule book 8.2, 8.3).

Visits without a number are numbered by their dates. There is no rule on how many lesions may be injected (HL-5).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from criteria.injection_agents import DEFAULT, Agent, InjectionOptions
from criteria.injection_tables import INJECTION_DEVIATION, INJECTION_PLAN

SUBJECT = ("study_id", "subject_id")
VISIT = (*SUBJECT, "agent", "visit_number")
ALL = "ALL"
EPS = 1e-9
SMALLEST_MM, SMALLEST_NODE_MM, LARGEST_MM = 10.0, 15.0, 50.0


def injection_plan(injections: pl.DataFrame, options: InjectionOptions = DEFAULT) -> pl.DataFrame:
    """Volume by the table for every lesion of every visit of a known agent, a frame of analysis.injection_plan.

    ``injections`` is core.injection. Visit 1 takes the largest lesion first, later visits new lesions first and then
    by size; the last volume may be a part of what the table allows.
    """
    frames = (_planned(_log(injections, options), agent) for agent in options.agents)
    return INJECTION_PLAN.conform(pl.concat([INJECTION_PLAN.empty(), *frames]).sort(INJECTION_PLAN.key))


def most_ml(diameter: pl.Expr, agent: Agent) -> pl.Expr:
    """The largest volume that the agent's table allows for a diameter in mm; a band includes its upper bound."""
    volume: pl.Expr = pl.lit(None, pl.Float64)
    for band in reversed(agent.bands):
        fits = pl.lit(True) if band.up_to_mm is None else diameter <= band.up_to_mm + EPS
        volume = pl.when(fits & diameter.is_not_null()).then(band.volume_ml).otherwise(volume)
    return volume


def _log(injections: pl.DataFrame, options: InjectionOptions) -> pl.DataFrame:
    """The log by visit: agents by the protocol's spelling, the date of each visit, and its number."""
    names = {_spelled(agent.name): agent.name for agent in options.agents}
    said = pl.col("agent").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    aliases = {"TALIMOGENELAHERPAREPVEC": "TVEC", "IMLYGIC": "TVEC"}
    named = said.replace(aliases).replace_strict(names, default=None, return_dtype=pl.String)
    date = pl.col("injection_datetime").dt.date()
    return injections.with_columns(
        known=named.is_not_null(), agent=pl.coalesce(named, "agent", pl.lit("not stated")), visit_date=date
    ).with_columns(visit_number=pl.coalesce("visit_number", date.rank("dense").over(*SUBJECT, "agent")).cast(pl.Int32))


def _spelled(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalnum())


def _planned(log: pl.DataFrame, agent: Agent) -> pl.DataFrame:
    rows = log.filter(pl.col("agent") == agent.name).with_columns(
        pl.col("lesion_diameter_mm").max().over(*VISIT, "lesion_id")
    )
    lesions = rows.group_by(*VISIT, "lesion_id").agg(
        pl.col("visit_date").min(),
        pl.col("lesion_diameter_mm").first(),
        new=pl.col("is_new_lesion").fill_null(False).any(),
        delivered_ml=pl.col("delivered_volume_ml").sum(),
    )
    first = pl.col("visit_number") == 1
    ordered = lesions.with_columns(
        group=(pl.col("new") & ~first).cast(pl.Int32),
        most_ml=most_ml(pl.col("lesion_diameter_mm"), agent),
        concentration=pl.when(first).then(agent.first_concentration).otherwise(agent.later_concentration),
    ).sort(
        *VISIT,
        "group",
        "lesion_diameter_mm",
        "lesion_id",
        descending=[False] * 4 + [True, True, False],
        nulls_last=True,
    )
    before = pl.col("most_ml").fill_null(0.0).cum_sum().over(VISIT) - pl.col("most_ml").fill_null(0.0)
    room = (agent.visit_total_ml - before).clip(0.0)
    return (
        ordered.with_columns(
            place=pl.int_range(1, pl.len() + 1).over(VISIT), planned_ml=pl.min_horizontal("most_ml", room)
        )
        .with_columns(
            planned_ml=pl.when(pl.col("most_ml").is_not_null()).then("planned_ml"),
        )
        .with_columns(planned_dose=pl.col("planned_ml") * pl.col("concentration"))
        .select(pl.col(name).cast(dtype) for name, dtype in INJECTION_PLAN.schema.items())
    )


def injection_deviations(
    injections: pl.DataFrame,
    subjects: pl.DataFrame,
    measurements: pl.DataFrame,
    options: InjectionOptions = DEFAULT,
) -> pl.DataFrame:
    """What the log of injections departs in, a frame of analysis.injection_deviation.

    ``injections``, ``subjects`` and ``measurements`` are core.injection, core.subject and core.measurement.
    """
    log = _log(injections, options).join(
        subjects.select(*SUBJECT, "first_dose_date", "discontinuation_date", "discontinuation_reason"),
        on=SUBJECT,
        how="left",
    )
    nodes = measurements.group_by(*SUBJECT, "lesion_id").agg(pl.col("is_node").any())
    log = log.join(nodes, on=[*SUBJECT, "lesion_id"], how="left").with_columns(pl.col("is_node").fill_null(False))
    frames = [INJECTION_DEVIATION.empty(), *_of_images(log, options), *_of_lesions(log), *_of_course(log, options)]
    frames += [frame for agent in options.agents for frame in _of_agent(log.filter(agent=agent.name), agent, options)]
    frames.append(_status(measurements, log))
    found = pl.concat(frames, how="diagonal_relaxed").unique(INJECTION_DEVIATION.key, keep="first", maintain_order=True)
    return INJECTION_DEVIATION.conform(found.sort(INJECTION_DEVIATION.key))


def _found(
    rows: pl.DataFrame,
    code: str,
    wrong: pl.Expr,
    clause: str,
    message: pl.Expr,
    *,
    severity: str = "ERROR",
    value: pl.Expr | None = None,
    limit: float | None = None,
    unit: str | None = None,
) -> pl.DataFrame:
    return rows.filter(wrong.fill_null(False)).select(
        *VISIT,
        "visit_date",
        "lesion_id",
        code=pl.lit(code),
        severity=pl.lit(severity),
        value=pl.lit(None, pl.Float64) if value is None else value.cast(pl.Float64),
        limit=pl.lit(limit, pl.Float64),
        value_unit=pl.lit(unit, pl.String),
        clause=pl.lit(clause),
        message=message,
    )


def _of_agent(log: pl.DataFrame, agent: Agent, options: InjectionOptions) -> Iterable[pl.DataFrame]:
    """Volumes, concentrations and intervals by the agent's table (8.2)."""
    by_lesion = log.group_by(*VISIT, "lesion_id", "visit_date").agg(
        pl.col("delivered_volume_ml").sum(), pl.col("lesion_diameter_mm").max(), pl.col("concentration").first()
    )
    lesions = by_lesion.with_columns(most=most_ml(pl.col("lesion_diameter_mm"), agent))
    delivered = pl.col("delivered_volume_ml")
    yield _found(
        lesions,
        "VOLUME_EXCEEDS_TABLE",
        delivered > pl.col("most") + EPS,
        "8.2",
        pl.format("{} ml into a lesion of {} mm; the table allows {} ml", delivered, "lesion_diameter_mm", "most"),
        value=delivered,
        unit="ml",
    )
    wanted = pl.when(pl.col("visit_number") == 1).then(agent.first_concentration).otherwise(agent.later_concentration)
    yield _found(
        lesions,
        "WRONG_CONCENTRATION",
        (pl.col("concentration") - wanted).abs() > 0.01 * wanted,
        "8.2",
        pl.format(
            "{} {}; visit {} asks for {}", "concentration", pl.lit(agent.concentration_unit), "visit_number", wanted
        ),
        value=pl.col("concentration"),
        unit=agent.concentration_unit,
    )
    visits = (
        lesions.group_by(VISIT)
        .agg(delivered.sum().alias("total"), pl.col("visit_date").min())
        .with_columns(lesion_id=pl.lit(ALL))
        .sort(*SUBJECT, "agent", "visit_number")
    )
    yield _found(
        visits,
        "VISIT_TOTAL_EXCEEDED",
        pl.col("total") > agent.visit_total_ml + EPS,
        "8.2",
        pl.format("{} ml over all lesions; {} ml are allowed", pl.col("total").round(3), pl.lit(agent.visit_total_ml)),
        value=pl.col("total"),
        limit=agent.visit_total_ml,
        unit="ml",
    )
    gap = (pl.col("visit_date") - pl.col("visit_date").shift(1).over(*SUBJECT, "agent")).dt.total_days()
    visits = visits.with_columns(
        gap=gap, planned=pl.when(pl.col("visit_number") == 2).then(agent.second_visit_days).otherwise(agent.later_days)
    )
    text = pl.format(
        "{} d after the visit before; {} ± {} d are planned", "gap", "planned", pl.lit(options.visit_window_d)
    )
    days = {"value": pl.col("gap"), "unit": "d"}
    early = pl.col("gap") < pl.col("planned") - options.visit_window_d
    late = pl.col("gap") > pl.col("planned") + options.visit_window_d
    yield _found(visits, "INTERVAL_SHORT", early, "8.2", text, **days)  # type: ignore[arg-type]
    yield _found(visits, "INTERVAL_LONG", late, "8.2", text, severity="WARN", **days)  # type: ignore[arg-type]


def _of_images(log: pl.DataFrame, options: InjectionOptions) -> Iterable[pl.DataFrame]:
    """Key images of the baseline and before each injection, and their dates (HL-1, HL-2)."""
    lacking = pl.concat_str(
        pl.when(pl.col("key_image_uid_baseline").is_null()).then(pl.lit("baseline")),
        pl.when(pl.col("key_image_uid_pre").is_null()).then(pl.lit("before the injection")),
        separator=" and ",
        ignore_nulls=True,
    )
    yield _found(log, "KEYIMAGE_MISSING", lacking != "", "HL-1", pl.format("no key image: {}", lacking))
    start = pl.coalesce("first_dose_date", pl.col("visit_date").min().over(SUBJECT))
    yield _found(
        log,
        "KEYIMAGE_BASELINE_LATE",
        pl.col("key_image_baseline_date") > start,
        "HL-2",
        pl.format("baseline key image of {} is after the first dose", "key_image_baseline_date"),
    )
    days = (pl.col("visit_date") - pl.col("key_image_pre_date")).dt.total_days()
    yield _found(
        log,
        "KEYIMAGE_DATE",
        ~days.is_between(0, options.keyimage_window_d),
        "HL-2",
        pl.format("key image of {} for the injection of {}", "key_image_pre_date", "visit_date"),
        value=days,
        limit=float(options.keyimage_window_d),
        unit="d",
    )


def _of_lesions(log: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """Dose, size and source of the size (HL-3, HL-7, HI-1, HI-2)."""
    dose = pl.col("concentration") * pl.col("delivered_volume_ml")
    yield _found(
        log,
        "DOSE_NOT_AS_COMPUTED",
        (pl.col("dose") - dose).abs() > 0.01 * dose,
        "HL-3",
        pl.format("dose {}; concentration times volume is {}", "dose", dose),
        value=pl.col("dose"),
        unit="dose_unit",
    )
    size = pl.col("lesion_diameter_mm")
    least = pl.when("is_node").then(SMALLEST_NODE_MM).otherwise(SMALLEST_MM)
    yield _found(
        log,
        "BELOW_TRIAL_SIZE",
        size <= least + EPS,
        "HI-1",
        pl.format("{} mm; more than {} mm are asked for", size, least),
        severity="WARN",
        value=size,
        unit="mm",
    )
    yield _found(
        log,
        "ABOVE_50_MM",
        size > LARGEST_MM + EPS,
        "HI-2",
        pl.format("{} mm: needs a written justification", size),
        severity="WARN",
        value=size,
        limit=LARGEST_MM,
        unit="mm",
    )
    yield _found(
        log,
        "SIZE_NOT_FROM_CT",
        pl.col("measured_on").str.to_uppercase() != "CT",
        "HL-7",
        pl.format("the volume rests on {}; CT is preferred", "measured_on"),
        severity="WARN",
    )


def _of_course(log: pl.DataFrame, options: InjectionOptions) -> Iterable[pl.DataFrame]:
    """Another operator (HL-6), and an end for lack of effect before a response can be expected (HL-8)."""
    ordered = log.sort(*SUBJECT, "lesion_id", "injection_datetime").with_columns(
        before=pl.col("operator").shift(1).over(*SUBJECT, "lesion_id")
    )
    yield _found(
        ordered,
        "OPERATOR_CHANGED",
        pl.col("operator") != pl.col("before"),
        "HL-6",
        pl.format("operator {}, before {}", "operator", "before"),
        severity="WARN",
    )
    courses = log.group_by(*SUBJECT, "agent").agg(
        pl.col("visit_date").min(), pl.col("discontinuation_date", "discontinuation_reason").first()
    )
    courses = courses.with_columns(lesion_id=pl.lit(ALL), visit_number=pl.lit(0, pl.Int32))
    weeks = (pl.col("discontinuation_date") - pl.col("visit_date")).dt.total_days() / 7
    futile = pl.col("discontinuation_reason").str.contains("(?i)progress|efficacy|futil|lack of")
    yield _found(
        courses,
        "EARLY_FUTILITY",
        futile & (weeks < options.futility_weeks),
        "HL-8",
        pl.format("{} after {} weeks; responses come later", "discontinuation_reason", weeks.round(1)),
        severity="WARN",
        value=weeks,
        limit=float(options.futility_weeks),
        unit="wk",
    )


def injected_from(injections: pl.DataFrame) -> pl.DataFrame:
    """First injection of every lesion: from that date on it counts as injected (HL-4)."""
    return injections.group_by(*SUBJECT, "lesion_id").agg(injected_from=pl.col("injection_datetime").dt.date().min())


def with_injected_status(reads: pl.DataFrame, injections: pl.DataFrame) -> pl.DataFrame:
    """Reads (core.measurement or core.pet_lesion) whose ``injected`` also follows from the log at the scan's date."""
    known = reads.join(injected_from(injections), on=[*SUBJECT, "lesion_id"], how="left", maintain_order="left")
    by_log = (pl.col("injected_from") <= pl.col("assessment_date")).fill_null(False)
    return known.with_columns(injected=pl.when(by_log).then(pl.lit(True)).otherwise("injected")).drop("injected_from")


def _status(measurements: pl.DataFrame, log: pl.DataFrame) -> pl.DataFrame:
    """Reads that call a lesion injected before its first injection, or not injected after it (HL-4)."""
    first = log.group_by(*SUBJECT, "lesion_id").agg(pl.col("agent").first(), injected_from=pl.col("visit_date").min())
    rows = measurements.join(first, on=[*SUBJECT, "lesion_id"]).with_columns(
        visit_number=pl.lit(0, pl.Int32), visit_date="assessment_date"
    )
    wrong = pl.col("injected") != (pl.col("injected_from") <= pl.col("assessment_date"))
    return _found(
        rows,
        "INJECTED_STATUS",
        wrong,
        "HL-4",
        pl.format("injected {} on {}; first injection {}", "injected", "assessment_date", "injected_from"),
        severity="WARN",
    )
