"""Clinical status beside the scans: symptoms that led to one, stability, rapid decline (IR-05, IR-07, IRC-12)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from criteria.flags import Flag, mark
from criteria.reads import Booleans, Integers, Reads

SUBJECT = ("study_id", "subject_id")
UNKNOWN, UNSTABLE, STABLE = -1, 0, 1


@dataclass(frozen=True, slots=True)
class ClinicalFacts:
    """The status of the subject at each time point of a course; both of the shape (courses, positions).

    ``new_symptoms``: the scan followed new symptoms or signs; ``stable``: STABLE, UNSTABLE or UNKNOWN.
    """

    new_symptoms: Booleans
    stable: npt.NDArray[np.int8]

    def stability(self, k: int, where: Booleans) -> Integers:
        """The flags that say whether the subject was stable at an unconfirmed progression (IR-07)."""
        stable = self.stable[:, k]
        return mark(where & (stable == STABLE), Flag.CLINICALLY_STABLE) | mark(
            where & (stable == UNSTABLE), Flag.CLINICALLY_UNSTABLE
        )


def clinical_facts(status: pl.DataFrame | None, reads: Reads) -> ClinicalFacts | None:
    """The statuses (core.clinical_status) that belong to each time point; None where there are none.

    Those under the name of its visit, else those dated after the time point before and up to its own date; of several
    that speak of stability the last counts.
    """
    if status is None or status.is_empty():
        return None
    points = (
        reads.timepoints.join(reads.keys.select(*SUBJECT, "course"), on="course")
        .sort("course", "position")
        .with_columns(previous=pl.col("assessment_date").shift(1).over("course"))
        .filter(pl.col("position") > 0)
        .select(*SUBJECT, "course", "position", "visit", "assessment_date", "previous")
    )
    status = status.select(
        *SUBJECT,
        "new_symptoms",
        "clinically_stable",
        status_visit="visit",
        status_date="assessment_date",
    )
    same_visit = (pl.col("status_visit") == pl.col("visit")).fill_null(False)
    visits = reads.timepoints.select("course", status_visit="visit").drop_nulls().unique()
    between = (pl.col("status_date") > pl.col("previous").fill_null(pl.date(1, 1, 1))) & (
        pl.col("status_date") <= pl.col("assessment_date")
    )
    joined = points.join(status, on=SUBJECT, how="inner")
    named = joined.select("course", "status_visit").join(visits, on=["course", "status_visit"], how="semi").unique()
    joined = joined.join(
        named.with_columns(named=pl.lit(True)), on=["course", "status_visit"], how="left", maintain_order="left"
    )
    belongs = joined.filter(same_visit | (pl.col("named").is_null() & between))
    found = (
        belongs.sort("course", "position", "status_date")
        .group_by("course", "position", maintain_order=True)
        .agg(
            pl.col("new_symptoms").fill_null(False).any(),
            pl.col("clinically_stable").drop_nulls().last(),
        )
    )
    shape = reads.exists.shape
    symptoms, stable = np.zeros(shape, dtype=bool), np.full(shape, UNKNOWN, dtype=np.int8)
    where = found["course"].to_numpy(), found["position"].to_numpy()
    symptoms[where] = found["new_symptoms"].to_numpy()
    stable[where] = found["clinically_stable"].cast(pl.Int8).fill_null(UNKNOWN).to_numpy()
    return ClinicalFacts(symptoms, stable)
