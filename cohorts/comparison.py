"""Comparison of time to event between groups: the log-rank test and Cox hazard ratios.

Both rest on the same counts: who had the event and who was at risk, by group, at each time with an event. Whether
an estimate exists at all is read off these counts, so degenerate data give None instead of a failed fit.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtri
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff
from statsmodels.tools.sm_exceptions import ConvergenceWarning, HessianInversionWarning

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LogRank:
    """Outcome of a log-rank test."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


@dataclass(frozen=True, slots=True)
class HazardRatio:
    """A Cox hazard ratio against the reference group, with its Wald interval."""

    ratio: float
    lower: float
    upper: float
    std_error: float
    """standard error of log(ratio)"""


class Counts(NamedTuple):
    """Events and subjects at risk by time with an event (row) and group (column)."""

    events: FloatArray
    at_risk: FloatArray


def logrank(times: ArrayLike, events: ArrayLike, groups: ArrayLike, strata: ArrayLike | None = None) -> LogRank | None:
    """Log-rank test of equal survival in all groups, stratified where ``strata`` are given.

    One value per subject in each argument. Groups that were never at risk when an event happened carry no
    information and take no degree of freedom (as in R). None when the test is undefined: fewer than two groups, no
    event, or groups never at risk together when some but not all had the event.
    """
    time, event = np.asarray(times, dtype=np.float64), np.asarray(events, dtype=bool)
    labels, group = np.unique(np.asarray(groups), return_inverse=True)
    stratum = _strata(time.size, strata)
    informed = np.zeros(labels.size, dtype=bool)
    together = np.zeros((labels.size, labels.size))
    for one in np.unique(stratum):
        inside = stratum == one
        counts = _count(time[inside], event[inside], group[inside], labels.size)
        present = counts.at_risk > 0
        informed |= present.any(axis=0)
        undecided = counts.events.sum(axis=1) < counts.at_risk.sum(axis=1)
        shared = present[undecided].astype(np.float64)
        together += shared.T @ shared
    kept = np.flatnonzero(informed)
    if kept.size < 2 or connected_components(together[np.ix_(kept, kept)], directed=False)[0] > 1:
        return None
    use = informed[group]
    statistic, _ = survdiff(time[use], event[use].astype(np.float64), group[use], strata=stratum[use])
    freedom = int(kept.size - 1)
    return LogRank(float(statistic), freedom, float(chi2.sf(statistic, freedom)))


def hazard_ratios(
    times: ArrayLike,
    events: ArrayLike,
    groups: ArrayLike,
    reference: str,
    confidence: float = 0.95,
    strata: ArrayLike | None = None,
) -> dict[str, HazardRatio | None]:
    """Cox hazard ratio of every other group against ``reference``, from one model of all groups, Efron ties.

    One value per subject in the first three arguments and in ``strata``, each of which has a baseline hazard of its
    own; group names are text. None for a group whose ratio is
    infinite, zero or undefined: there must be events on both sides, directly or through other groups, while the
    other was at risk. Groups without a finite ratio drop out of the model of the others, which is its limit.
    """
    time, event = np.asarray(times, dtype=np.float64), np.asarray(events, dtype=bool)
    labels, group = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    found: dict[str, HazardRatio | None] = {str(name): None for name in labels if name != reference}
    if reference not in labels:
        return found
    stratum = _strata(time.size, strata)
    outlived = np.zeros((labels.size, labels.size))
    for one in np.unique(stratum):
        inside = stratum == one
        counts = _count(time[inside], event[inside], group[inside], labels.size)
        outlived += (counts.events > 0).astype(np.float64).T @ (counts.at_risk > 0).astype(np.float64)
    _, component = connected_components(outlived, directed=True, connection="strong")
    base = int(np.flatnonzero(labels == reference)[0])
    comparable = [base, *(int(i) for i in np.flatnonzero(component == component[base]) if i != base)]
    if len(comparable) == 1:
        return found
    use = np.isin(group, comparable)
    beta, covariance = _cox(time[use], event[use], group[use], comparable[1:], stratum[use])
    z = float(ndtri(0.5 + confidence / 2))
    for i, index in enumerate(comparable[1:]):
        error = float(np.sqrt(covariance[i, i]))
        found[str(labels[index])] = HazardRatio(
            ratio=float(np.exp(beta[i])),
            lower=float(np.exp(beta[i] - z * error)),
            upper=float(np.exp(beta[i] + z * error)),
            std_error=error,
        )
    return found


def _strata(size: int, strata: ArrayLike | None) -> Codes:
    """The number of each subject's stratum; all 0 without strata."""
    return np.zeros(size, dtype=np.intp) if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1]


def _count(time: FloatArray, event: BoolArray, group: Codes, size: int) -> Counts:
    moments = np.unique(time[event])
    happened = np.zeros((moments.size, size))
    np.add.at(happened, (np.searchsorted(moments, time[event]), group[event]), 1.0)
    leaving = np.zeros((moments.size + 1, size))
    np.add.at(leaving, (np.searchsorted(moments, time, side="right"), group), 1.0)
    return Counts(happened, leaving[::-1].cumsum(axis=0)[::-1][1:])


def _cox(
    time: FloatArray, event: BoolArray, group: Codes, others: list[int], stratum: Codes
) -> tuple[FloatArray, FloatArray]:
    """Coefficients of the other groups against the rest, and their covariance (statsmodels' PHReg, Efron ties).

    A line search comes first because Newton's method alone can run away on a handful of subjects.
    """
    indicators = (group[:, None] == np.array(others)[None, :]).astype(np.float64)
    model = PHReg(time, indicators, event.astype(np.float64), strata=stratum, ties="efron")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", HessianInversionWarning)
        near = model.fit(method="bfgs", disp=0)
        fit = model.fit(start_params=near.params, disp=0)
    return fit.params, np.atleast_2d(fit.cov_params())
