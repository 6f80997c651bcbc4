"""The Kaplan-Meier estimate of one group, read the way R's `survival` reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtri
from statsmodels.duration.survfunc import SurvfuncRight

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Scale = Literal["loglog", "log", "plain", "logit", "arcsin"]
SCALES: tuple[Scale, ...] = get_args(Scale)

TOLERANCE = float(np.sqrt(np.finfo(float).eps))


class Limits(NamedTuple):
    """Lower and upper confidence limits; NaN where they do not exist."""

    lower: FloatArray
    upper: FloatArray


class Span(NamedTuple):
    """Lower and upper confidence limits of one time; NaN = not reached."""

    lower: float
    upper: float


class Landmarks(NamedTuple):
    """Estimates at stated times; NaN beyond the last observed time."""

    at_risk: IntArray
    survival: FloatArray
    std_error: FloatArray
    limits: dict[Scale, Limits]


class RestrictedMean(NamedTuple):
    """Mean time without the event up to ``tau``, and its standard error; NaN beyond the last observed time."""

    tau: float
    mean: float
    std_error: float


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """The curve at its distinct observed times, ascending.

    ``at_risk`` counts just before the time, ``survival`` and its standard error (Greenwood) hold from the time on.
    """

    times: FloatArray
    at_risk: IntArray
    events: IntArray
    censored: IntArray
    survival: FloatArray
    std_error: FloatArray


def kaplan_meier(times: ArrayLike, events: ArrayLike) -> KaplanMeier:
    """Kaplan-Meier estimate with Greenwood's standard error.

    ``times``: one per subject, any unit; ``events``: true = event, false = censored. Subjects censored at the time
    of an event are at risk for it. Raises ValueError without subjects or with a time that is not a number.
    """
    observed = np.asarray(times, dtype=np.float64)
    happened = np.asarray(events, dtype=bool)
    if observed.size == 0:
        raise ValueError("a Kaplan-Meier estimate needs at least one subject")
    if not np.isfinite(observed).all():
        raise ValueError("a time to event is missing or infinite: leave such subjects out first")
    distinct, rank = np.unique(observed, return_inverse=True)
    leaving = np.bincount(rank)
    n_events = np.bincount(rank, weights=happened).astype(np.int64)
    estimate = SurvfuncRight(observed, happened.astype(np.float64))
    drops_before = np.searchsorted(estimate.surv_times, distinct, side="right")
    return KaplanMeier(
        times=distinct,
        at_risk=leaving[::-1].cumsum()[::-1],
        events=n_events,
        censored=leaving - n_events,
        survival=np.append(1.0, estimate.surv_prob)[drops_before],
        std_error=np.append(0.0, estimate.surv_prob_se)[drops_before],
    )


def limits(curve: KaplanMeier, scale: Scale, confidence: float = 0.95) -> Limits:
    """Pointwise confidence limits of the survival on a scale, cut to 0..1.

    As in R: none where the survival is 0, and on the log-log, logit and arcsine scales none where it is 1.
    """
    z = float(ndtri(0.5 + confidence / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = ON_SCALE[scale](curve.survival, z * curve.std_error / curve.survival)
    return Limits(np.clip(lower, 0.0, 1.0), np.clip(upper, 0.0, 1.0))


def _plain(survival: FloatArray, width: FloatArray) -> Limits:
    return Limits(survival - width * survival, survival + width * survival)


def _log(survival: FloatArray, width: FloatArray) -> Limits:
    return Limits(survival * np.exp(-width), survival * np.exp(width))


def _loglog(survival: FloatArray, width: FloatArray) -> Limits:
    logarithm = np.log(survival)
    relative = width / np.abs(logarithm)
    return Limits(np.exp(logarithm * np.exp(relative)), np.exp(logarithm * np.exp(-relative)))


def _logit(survival: FloatArray, width: FloatArray) -> Limits:
    odds = survival / (1 - survival)
    spread = width * (1 + odds)
    return Limits(expit(np.log(odds) - spread), expit(np.log(odds) + spread))


def _arcsin(survival: FloatArray, width: FloatArray) -> Limits:
    angle, spread = np.arcsin(np.sqrt(survival)), 0.5 * width * np.sqrt(survival / (1 - survival))
    return Limits(np.sin(np.maximum(0.0, angle - spread)) ** 2, np.sin(np.minimum(np.pi / 2, angle + spread)) ** 2)


ON_SCALE: Mapping[Scale, Callable[[FloatArray, FloatArray], Limits]] = MappingProxyType(
    {"loglog": _loglog, "log": _log, "plain": _plain, "logit": _logit, "arcsin": _arcsin}
)


def restricted_mean(curve: KaplanMeier, tau: float) -> RestrictedMean:
    """Area under the curve up to ``tau`` with Greenwood's standard error, as R's `survfit` prints it."""
    if tau > curve.times[-1]:
        return RestrictedMean(tau, float("nan"), float("nan"))
    before = curve.times < tau
    steps = np.concatenate([[0.0], curve.times[before], [tau]])
    areas = np.diff(steps) * np.append(1.0, curve.survival[before])
    left = areas[::-1].cumsum()[::-1][1:]
    at_risk, events = curve.at_risk[before], curve.events[before]
    survivors = at_risk - events
    hazard = np.divide(events, at_risk * survivors, out=np.zeros(left.size), where=survivors > 0)
    return RestrictedMean(tau, float(areas.sum()), float(np.sqrt((left**2 * hazard).sum())))


def quantile(curve: KaplanMeier, share: float) -> float:
    """Time at which ``share`` of the subjects had the event (0.5: the median); NaN = not reached.

    Where the curve is flat at exactly 1 - share it is the midpoint of the flat stretch, which ends at the last
    observed time if the curve falls no more.
    """
    return _reached(curve.times, curve.survival, share)


def quantile_limits(curve: KaplanMeier, share: float, scale: Scale, confidence: float = 0.95) -> Span:
    """Confidence limits of `quantile`: the same reading of the lower and of the upper band; NaN = not reached."""
    band = limits(curve, scale, confidence)
    return Span(_reached(curve.times, band.lower, share), _reached(curve.times, band.upper, share))


def landmarks(curve: KaplanMeier, at: ArrayLike, confidence: float = 0.95) -> Landmarks:
    """Estimates at the times ``at``; NaN beyond the last observed time, 1 before the first.

    ``at_risk`` counts the subjects whose time is not before the landmark.
    """
    wanted = np.asarray(at, dtype=np.float64)
    beyond = wanted > curve.times[-1]
    passed = np.searchsorted(curve.times, wanted, side="right")

    def read(values: FloatArray, start: float) -> FloatArray:
        return np.where(beyond, np.nan, np.append(start, values)[passed])

    def band(scale: Scale) -> Limits:
        lower, upper = limits(curve, scale, confidence)
        return Limits(read(lower, 1.0), read(upper, 1.0))

    return Landmarks(
        at_risk=np.append(curve.at_risk, 0)[np.searchsorted(curve.times, wanted, side="left")],
        survival=read(curve.survival, 1.0),
        std_error=read(curve.std_error, 0.0),
        limits={scale: band(scale) for scale in SCALES},
    )


def _reached(times: FloatArray, values: FloatArray, share: float) -> float:
    """First time of the first level at or past ``share``; a band that rises again is read by level, as R does."""
    fallen = np.append(0.0, 1.0 - values)
    since = np.append(0.0, times)
    known = ~np.isnan(fallen)
    levels, first = np.unique(fallen[known], return_index=True)
    since = since[known][first]
    at_or_past = int(np.searchsorted(levels, share - TOLERANCE))
    past = int(np.searchsorted(levels, share + TOLERANCE))
    if at_or_past == levels.size:
        return float("nan")
    ends = np.append(since, times[-1] if known[-1] else np.nan)
    return float(since[at_or_past] + ends[past]) / 2
