"""Differences of rates between groups: Newcombe's interval, and Mantel-Haenszel over the strata of the protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import confint_proportions_2indep

from cohorts.groups import ALL, by_group, with_stratum
from cohorts.response_rate import counted
from cohorts.survival import reference_groups
from cohorts.tables import READS_KEY, RESPONSE_DIFFERENCE

COMPARED = (*READS_KEY, "measure", "group_by")


class Difference(NamedTuple):
    """A difference of two rates with its confidence limits; NaN where it is undefined."""

    difference: float
    lower: float
    upper: float


class Association(NamedTuple):
    """Mantel-Haenszel odds ratio and Cochran-Mantel-Haenszel test; NaN where they are undefined."""

    odds_ratio: float
    p_value: float


def newcombe(responders: int, subjects: int, others: int, other_subjects: int, confidence: float = 0.95) -> Difference:
    """Difference of two independent rates with the hybrid score interval (Newcombe 1998, method 10)."""
    lower, upper = confint_proportions_2indep(
        responders, subjects, others, other_subjects, method="newcomb", compare="diff", alpha=1 - confidence
    )
    return Difference(responders / subjects - others / other_subjects, float(lower), float(upper))


def mantel_haenszel(tables: ArrayLike, confidence: float = 0.95) -> Difference:
    """Mantel-Haenszel difference of two rates over strata with Sato's variance (Sato 1989, Biometrics 45:1323).

    ``tables``: strata x 2 groups x (responders, others). Strata without one of the groups carry no weight.
    """
    responders, totals, weight = _both_groups(tables)
    if weight.size == 0:
        return Difference(np.nan, np.nan, np.nan)
    (a, c), (n, m) = responders.T, totals.T
    difference = float((a * m - c * n) @ (1 / (n + m)) / weight.sum())
    p = (n**2 * c - m**2 * a + n * m * (m - n) / 2) / (n + m) ** 2
    q = (a * (m - c) + c * (n - a)) / (2 * (n + m))
    variance = (difference * p.sum() + q.sum()) / weight.sum() ** 2
    width = float(ndtri(0.5 + confidence / 2) * np.sqrt(max(variance, 0.0)))
    return Difference(difference, max(difference - width, -1.0), min(difference + width, 1.0))


def cochran_mantel_haenszel(tables: ArrayLike) -> Association:
    """Common odds ratio and the test of no association over strata, without continuity correction."""
    responders, totals, _ = _both_groups(tables)
    if totals.shape[0] == 0 or responders.sum() in (0, totals.sum()):
        return Association(np.nan, np.nan)
    counts = np.stack([responders, totals - responders], axis=2)
    stratified = StratifiedTable(np.moveaxis(counts, 0, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Association(
            float(stratified.oddsratio_pooled), float(stratified.test_null_odds(correction=False).pvalue)
        )


def _both_groups(tables: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    counts = np.asarray(tables, dtype=np.float64)
    totals = counts.sum(axis=2)
    used = (totals > 0).all(axis=1)
    counts, totals = counts[used], totals[used]
    return counts[:, :, 0], totals, totals.prod(axis=1) / totals.sum(axis=1)


def response_difference(
    best_response: pl.DataFrame,
    subject: pl.DataFrame,
    subgroups: pl.DataFrame | None = None,
    *,
    reference: Mapping[str, str] | None = None,
    strata: Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Every rate of `mart.response_rate` against the reference group of its grouping.

    ``best_response`` is `analysis.best_response`, ``subject`` `core.subject`, ``subgroups`` `core.subject_group`;
    ``reference`` and ``strata`` as in `cohorts.survival.survival_tables`. Returns `mart.response_difference` in the
    order of its key; raises ValueError when a named reference group is not there.
    """
    rows = by_group(with_stratum(counted(best_response), subject, subgroups, strata), subject, subgroups)
    rows = rows.filter(pl.col("group_by") != ALL)
    against = reference_groups(rows, reference or {})
    found: list[dict[str, Any]] = []
    for key, sample in rows.partition_by(COMPARED, as_dict=True, include_key=False).items():
        compared = dict(zip(COMPARED, key, strict=True))
        base = against[compared["study_id"], compared["group_by"]]
        cells = sample.group_by("group_value", "stratum").agg(
            subjects=pl.len(), responders=pl.col("responds").sum().cast(pl.Int64)
        )
        found.extend(
            compared | {"group_value": name} | _against(cells, str(name), str(base), strata, confidence)
            for name in cells["group_value"].unique().sort()
            if name != base and base in cells["group_value"]
        )
    frame = pl.DataFrame(found, schema_overrides=RESPONSE_DIFFERENCE.schema) if found else RESPONSE_DIFFERENCE.empty()
    return RESPONSE_DIFFERENCE.conform(frame.with_columns(pl.selectors.float().fill_nan(None))).sort(
        RESPONSE_DIFFERENCE.key
    )


def _against(
    cells: pl.DataFrame, name: str, base: str, strata: Sequence[str], confidence: float
) -> dict[str, float | int | str | None]:
    responders, subjects = _sums(cells, name)
    others, other_subjects = _sums(cells, base)
    plain = newcombe(responders, subjects, others, other_subjects, confidence)
    tables = _tables(cells, name, base)
    pooled = mantel_haenszel(tables, confidence) if strata else Difference(np.nan, np.nan, np.nan)
    association = cochran_mantel_haenszel(tables)
    return {
        "reference_group": base,
        "subjects": subjects,
        "responders": responders,
        "reference_subjects": other_subjects,
        "reference_responders": others,
        "difference": plain.difference,
        "lower": plain.lower,
        "upper": plain.upper,
        "strata": ", ".join(strata) or None,
        "stratified_difference": pooled.difference,
        "stratified_lower": pooled.lower,
        "stratified_upper": pooled.upper,
        "odds_ratio": association.odds_ratio,
        "cmh_p": association.p_value,
        "confidence": confidence,
    }


def _sums(cells: pl.DataFrame, name: str) -> tuple[int, int]:
    group = cells.filter(pl.col("group_value") == name)
    return int(group["responders"].sum()), int(group["subjects"].sum())


def _tables(cells: pl.DataFrame, name: str, base: str) -> NDArray[np.float64]:
    """Strata x (group, reference) x (responders, others)."""
    tables = []
    for stratum in cells.partition_by("stratum"):
        sums = [_sums(stratum, group) for group in (name, base)]
        tables.append([[responders, subjects - responders] for responders, subjects in sums])
    return np.array(tables, dtype=np.float64)
