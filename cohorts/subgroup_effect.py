"""The effect of each arm against the reference arm within every subgroup: the rows of a forest plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from cohorts.comparison import hazard_ratios
from cohorts.groups import ARM, by_group
from cohorts.response_difference import newcombe
from cohorts.response_rate import counted
from cohorts.tables import READS_KEY, SUBGROUP_EFFECT

SAMPLE = (*READS_KEY, "measure", "profile", "group_by", "group_value")


def subgroup_effect(
    event_time: pl.DataFrame,
    best_response: pl.DataFrame,
    subject: pl.DataFrame,
    subgroups: pl.DataFrame | None = None,
    *,
    reference_arm: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Hazard ratios (Cox, Efron ties) and differences of rates (Newcombe) of every arm, by subgroup.

    Frames of `analysis.event_time`, `analysis.best_response`, `core.subject` and `core.subject_group`; the reference
    is ``reference_arm``, without it the first arm of the study in sort order. A group in which one of the two arms
    has no subject has no row. Returns `mart.subgroup_effect` in the order of its key.
    """
    arms = subject.select("study_id", "subject_id", pl.col("arm").cast(pl.String)).drop_nulls("arm")
    base = {study: reference_arm or first for study, first in arms.group_by("study_id").agg(pl.min("arm")).iter_rows()}
    times = event_time.filter(pl.col("months") >= 0, pl.col("event").is_not_null()).select(
        *READS_KEY, "subject_id", pl.col("endpoint").alias("measure"), "profile", "months", "event"
    )
    rates = counted(best_response).select(
        *READS_KEY, "subject_id", "measure", pl.lit("").alias("profile"), pl.col("responds").alias("event")
    )
    found = [
        *_effects(_by_arm(times, arms, subject, subgroups), base, "HAZARD RATIO", confidence),
        *_effects(_by_arm(rates, arms, subject, subgroups), base, "RATE DIFFERENCE", confidence),
    ]
    frame = pl.DataFrame(found, schema_overrides=SUBGROUP_EFFECT.schema) if found else SUBGROUP_EFFECT.empty()
    return SUBGROUP_EFFECT.conform(frame.with_columns(pl.selectors.float().fill_nan(None))).sort(SUBGROUP_EFFECT.key)


def _by_arm(
    rows: pl.DataFrame, arms: pl.DataFrame, subject: pl.DataFrame, subgroups: pl.DataFrame | None
) -> pl.DataFrame:
    grouped = by_group(rows, subject, subgroups).filter(pl.col("group_by") != ARM)
    return grouped.join(arms, on=["study_id", "subject_id"])


def _effects(rows: pl.DataFrame, base: Mapping[str, str], effect: str, confidence: float) -> Iterator[dict[str, Any]]:
    for key, sample in rows.partition_by(SAMPLE, as_dict=True, include_key=False).items():
        place = dict(zip(SAMPLE, key, strict=True))
        reference = base[place["study_id"]]
        counts = {
            arm: (subjects, events)
            for arm, subjects, events in sample.group_by("arm").agg(pl.len(), pl.col("event").sum()).iter_rows()
        }
        if reference not in counts:
            continue
        estimates = (_ratios if effect == "HAZARD RATIO" else _differences)(sample, counts, reference, confidence)
        for arm in sorted(counts.keys() - {reference}):
            estimate, lower, upper = estimates[arm]
            yield place | {
                "arm": arm,
                "reference_arm": reference,
                "effect": effect,
                "subjects": counts[arm][0],
                "events": counts[arm][1],
                "reference_subjects": counts[reference][0],
                "reference_events": counts[reference][1],
                "estimate": estimate,
                "lower": lower,
                "upper": upper,
                "confidence": confidence,
            }


Counts = Mapping[str, tuple[int, int]]
Estimates = dict[str, tuple[float | None, ...]]


def _ratios(sample: pl.DataFrame, counts: Counts, reference: str, confidence: float) -> Estimates:
    times, events, arms = (sample[name].to_numpy() for name in ("months", "event", "arm"))
    ratios = hazard_ratios(times, events, arms, reference, confidence)
    return {
        arm: (ratio.ratio, ratio.lower, ratio.upper) if ratio else (None, None, None) for arm, ratio in ratios.items()
    }


def _differences(sample: pl.DataFrame, counts: Counts, reference: str, confidence: float) -> Estimates:
    others, other_subjects = counts[reference][1], counts[reference][0]
    return {
        arm: tuple(newcombe(events, subjects, others, other_subjects, confidence))
        for arm, (subjects, events) in counts.items()
    }
