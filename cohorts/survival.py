"""Time-to-event tables of a study: Kaplan-Meier estimates by group and the comparison of the groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from cohorts.comparison import hazard_ratios, logrank
from cohorts.groups import ALL, by_group, with_stratum
from cohorts.kaplan_meier import (
    SCALES,
    KaplanMeier,
    kaplan_meier,
    landmarks,
    limits,
    quantile,
    quantile_limits,
    restricted_mean,
)
from cohorts.tables import ENDPOINT_KEY, SURVIVAL_CURVE, SURVIVAL_LANDMARK, SURVIVAL_SUMMARY
from criteria.table import Table

COMPARED = ENDPOINT_KEY[:-1]
MONTHS = (6.0, 12.0, 18.0, 24.0)


class SurvivalTables(NamedTuple):
    """The three mart tables of time to event."""

    summary: pl.DataFrame
    landmark: pl.DataFrame
    curve: pl.DataFrame


def survival_tables(
    event_time: pl.DataFrame,
    subject: pl.DataFrame,
    subgroups: pl.DataFrame | None = None,
    *,
    months: Sequence[float] = MONTHS,
    restricted_until: float | None = None,
    reference: Mapping[str, str] | None = None,
    strata: Sequence[str] = (),
    confidence: float = 0.95,
) -> SurvivalTables:
    """Kaplan-Meier quartiles, landmarks and curves, log-rank tests and Cox hazard ratios (rule book 11.2).

    ``event_time`` is `analysis.event_time` (rows without a time or an event flag do not count), ``subject`` is
    `core.subject`, ``subgroups`` `core.subject_group`; times are months. ``months`` are the landmarks, the restricted
    mean is taken up to ``restricted_until``, without it up to the smallest of the compared groups' last times.
    ``reference`` names the group that hazard ratios compare with, e.g. ``{"ARM": "Placebo"}``; the first group of the
    study in sort order where it does not. The row of the reference group itself has no hazard ratio. ``strata`` are
    groupings of the protocol for the stratified test and model. Returns `mart.survival_summary`,
    `mart.survival_landmark` and `mart.survival_curve`, each in the order of its key. Raises ValueError when a named
    reference group is not there.
    """
    observed = event_time.filter(pl.col("months") >= 0, pl.col("event").is_not_null())
    stratified = with_stratum(
        observed.select(*COMPARED[:-1], "subject_id", "months", "event"), subject, subgroups, strata
    )
    grouped = by_group(stratified, subject, subgroups)
    against = reference_groups(grouped, reference or {})
    summary: list[dict[str, Any]] = []
    landmark: list[pl.DataFrame] = []
    curve: list[pl.DataFrame] = []
    for key, sample in grouped.partition_by(COMPARED, as_dict=True, include_key=False).items():
        compared = dict(zip(COMPARED, key, strict=True))
        base = against[compared["study_id"], compared["group_by"]]
        comparison = _comparison(sample, base, strata, confidence)
        until = restricted_until or _shortest_follow_up(sample)
        for (name,), group in sample.partition_by("group_value", as_dict=True).items():
            estimate = kaplan_meier(group["months"].to_numpy(), group["event"].to_numpy())
            number = len(summary)
            summary.append(
                compared
                | {"group_value": name}
                | _quartiles(estimate, confidence)
                | _follow_up(group, confidence)
                | _restricted(estimate, until)
                | comparison[str(name)]
            )
            landmark.append(_landmark_rows(number, estimate, months, confidence))
            curve.append(_curve_rows(number, estimate, confidence))
    if not summary:
        return SurvivalTables(SURVIVAL_SUMMARY.empty(), SURVIVAL_LANDMARK.empty(), SURVIVAL_CURVE.empty())
    rows = pl.DataFrame(summary, schema={name: SURVIVAL_SUMMARY.schema[name] for name in summary[0]})
    keys = rows.select(ENDPOINT_KEY).with_row_index("number").with_columns(pl.col("number").cast(pl.Int64))
    return SurvivalTables(
        _finished(rows, SURVIVAL_SUMMARY),
        _finished(keys.join(pl.concat(landmark), on="number").drop("number"), SURVIVAL_LANDMARK),
        _finished(keys.join(pl.concat(curve), on="number").drop("number"), SURVIVAL_CURVE),
    )


def reference_groups(grouped: pl.DataFrame, named: Mapping[str, str]) -> dict[tuple[str, str], str | None]:
    """The group that the others of a study and grouping are compared with; None for ALL.

    Raises ValueError when a ``named`` group is not among the values of its grouping.
    """
    against: dict[tuple[str, str], str | None] = {}
    choices = grouped.group_by("study_id", "group_by").agg(pl.col("group_value").unique().sort())
    for study, group_by, groups in choices.sort("study_id", "group_by").iter_rows():
        if group_by in named and named[group_by] not in groups:
            raise ValueError(
                f"study {study}: reference group {named[group_by]!r} is not a value of {group_by}; "
                f"choose one of {', '.join(map(repr, groups))}"
            )
        against[study, group_by] = None if group_by == ALL else named.get(group_by, groups[0])
    return against


def _comparison(
    sample: pl.DataFrame, reference: str | None, strata: Sequence[str], confidence: float
) -> dict[str, dict[str, Any]]:
    names = [str(name) for name in sample["group_value"].unique().to_list()]
    plain = _compared(sample, names, reference, None, confidence)
    stratum = sample["stratum"].to_numpy() if strata else None
    within = _compared(sample, names, reference if strata else None, stratum, confidence)
    return {
        name: {
            "reference_group": reference,
            **plain[name],
            "strata": ", ".join(strata) or None,
            **{f"stratified_{column}": value for column, value in within[name].items()},
        }
        for name in names
    }


def _compared(
    sample: pl.DataFrame, names: Sequence[str], reference: str | None, stratum: Any, confidence: float
) -> dict[str, dict[str, float | None]]:
    """The log-rank test of all groups, and each group's hazard ratio; all null without a reference group."""
    if reference is None:
        nothing = dict.fromkeys(("logrank_p", "hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"))
        return dict.fromkeys(names, nothing)
    times, events, groups = (sample[name].to_numpy() for name in ("months", "event", "group_value"))
    test = logrank(times, events, groups.astype(str), stratum)
    ratios = hazard_ratios(times, events, groups, reference, confidence, stratum)
    compared = {}
    for name in names:
        ratio = ratios.get(name)
        compared[name] = {
            "logrank_p": test.p_value if test else None,
            "hazard_ratio": ratio.ratio if ratio else None,
            "hazard_ratio_lower": ratio.lower if ratio else None,
            "hazard_ratio_upper": ratio.upper if ratio else None,
        }
    return compared


def _quartiles(curve: KaplanMeier, confidence: float) -> dict[str, float | int]:
    spans = {scale: quantile_limits(curve, 0.5, scale, confidence) for scale in SCALES}
    return {
        "subjects": int(curve.at_risk[0]),
        "events": int(curve.events.sum()),
        "censored": int(curve.censored.sum()),
        "median": quantile(curve, 0.5),
        **{f"median_lower_{scale}": span.lower for scale, span in spans.items()},
        **{f"median_upper_{scale}": span.upper for scale, span in spans.items()},
        "quartile_1": quantile(curve, 0.25),
        "quartile_3": quantile(curve, 0.75),
    }


def _follow_up(group: pl.DataFrame, confidence: float) -> dict[str, float]:
    """Median follow-up by the reverse Kaplan-Meier estimate, in which censoring is the event (Schemper 1996)."""
    reverse = kaplan_meier(group["months"].to_numpy(), ~group["event"].to_numpy())
    span = quantile_limits(reverse, 0.5, "loglog", confidence)
    return {
        "follow_up_median": quantile(reverse, 0.5),
        "follow_up_lower": span.lower,
        "follow_up_upper": span.upper,
    }


def _shortest_follow_up(sample: pl.DataFrame) -> float:
    return float(sample.group_by("group_value").agg(pl.col("months").max()).select(pl.col("months").min()).item())


def _restricted(curve: KaplanMeier, until: float) -> dict[str, float]:
    mean = restricted_mean(curve, until)
    return {
        "restricted_mean_until": mean.tau,
        "restricted_mean": mean.mean,
        "restricted_mean_std_error": mean.std_error,
    }


def _landmark_rows(number: int, curve: KaplanMeier, months: Sequence[float], confidence: float) -> pl.DataFrame:
    read = landmarks(curve, months, confidence)
    return pl.DataFrame(
        {
            "number": np.full(len(months), number),
            "months": np.asarray(months, dtype=np.float64),
            "at_risk": read.at_risk,
            "survival": read.survival,
            **{f"lower_{scale}": band.lower for scale, band in read.limits.items()},
            **{f"upper_{scale}": band.upper for scale, band in read.limits.items()},
        }
    )


def _curve_rows(number: int, curve: KaplanMeier, confidence: float) -> pl.DataFrame:
    bands = {scale: limits(curve, scale, confidence) for scale in SCALES}
    return pl.DataFrame(
        {
            "number": np.full(curve.times.size, number),
            "months": curve.times,
            "at_risk": curve.at_risk,
            "events": curve.events,
            "censored": curve.censored,
            "survival": curve.survival,
            **{f"lower_{scale}": band.lower for scale, band in bands.items()},
            **{f"upper_{scale}": band.upper for scale, band in bands.items()},
        }
    )


def _finished(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    return table.conform(frame.with_columns(pl.selectors.float().fill_nan(None))).sort(table.key)
