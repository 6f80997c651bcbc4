"""Agreement on the best response: between criteria for the same read, between evaluators for the same criterion."""

from __future__ import annotations

import numpy as np
import polars as pl
from statsmodels.stats.inter_rater import cohens_kappa

from cohorts.tables import CRITERIA_CONCORDANCE, READER_AGREEMENT

MISSING = "MISSING"


def criteria_concordance(best_response: pl.DataFrame) -> pl.DataFrame:
    """How the best responses of the same subjects move between two criteria, for every ordered pair of criteria.

    ``best_response`` is `analysis.best_response`; a missing response counts as MISSING (R11-BOR-04). Subjects whom
    the evaluator has under both criteria count, with the same origin. Returns `mart.criteria_concordance` in the
    order of its key.
    """
    read = ("study_id", "subject_id", "evaluator", "origin")
    left = best_response.select(*read, "criterion", pl.col("best_response").fill_null(MISSING))
    pairs = left.join(_other(left, "criterion", "best_response"), on=read).filter(
        pl.col("criterion") != pl.col("other_criterion")
    )
    counted = pairs.group_by(CRITERIA_CONCORDANCE.key).agg(pl.len().alias("subjects"))
    return CRITERIA_CONCORDANCE.conform(counted).sort(CRITERIA_CONCORDANCE.key)


def reader_agreement(best_response: pl.DataFrame) -> pl.DataFrame:
    """Agreement of two evaluators on the best response, each unordered pair once, with Cohen's kappa.

    ``best_response`` is `analysis.best_response`; subjects whom both evaluators assessed count, so a response that is
    null or MISSING does not. Kappa is null where it is undefined: both used one and the same response throughout.
    Returns `mart.reader_agreement` in the order of its key.
    """
    read = ("study_id", "subject_id", "criterion", "origin")
    left = best_response.filter(pl.col("best_response") != MISSING).select(*read, "evaluator", "best_response")
    pairs = left.join(_other(left, "evaluator", "best_response"), on=read).filter(
        pl.col("evaluator") < pl.col("other_evaluator")
    )
    agreed = pairs.group_by(READER_AGREEMENT.key).agg(
        pl.len().alias("subjects"),
        (pl.col("best_response") == pl.col("other_best_response")).sum().alias("agreed"),
    )
    kappas = [(*key, _kappa(pair)) for key, pair in pairs.partition_by(READER_AGREEMENT.key, as_dict=True).items()]
    kappa = pl.DataFrame(
        kappas, schema=[*((name, pl.String) for name in READER_AGREEMENT.key), ("kappa", pl.Float64)], orient="row"
    )
    return READER_AGREEMENT.conform(agreed.join(kappa, on=READER_AGREEMENT.key)).sort(READER_AGREEMENT.key)


def _other(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return frame.rename({name: f"other_{name}" for name in columns})


def _kappa(pair: pl.DataFrame) -> float | None:
    codes, used = np.unique(pair.select("best_response", "other_best_response").to_numpy(), return_inverse=True)
    if codes.size < 2:
        return None
    table = np.zeros((codes.size, codes.size))
    np.add.at(table, tuple(used.reshape(-1, 2).T), 1)
    return float(cohens_kappa(table, return_results=False))
