"""Growing lesions that were treated locally, whose shrinkage says nothing of the drug (rule book section 9.1)."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import Role, State

READER = ("study_id", "subject_id", "evaluator")
LESION = (*READER, "lesion_id")
WORSE = (State.INCREASED, State.UNEQUIVOCAL_PROGRESSION, State.UNEQUIVOCAL)


def grown_then_treated(measurements: pl.DataFrame) -> pl.DataFrame:
    """Pairs of time points: a lesion had grown or was new at ``timepoint``, and ``treated`` locally by a later one.

    ``measurements`` is core.measurement (mm). A lesion has grown when it is larger than at its smallest before, or
    when the reader says so. One row per reader, ``timepoint`` and later ``treated`` time point.
    """
    size = pl.coalesce(pl.when("is_node").then("short_axis_mm"), "longest_diameter_mm")
    untreated = measurements.filter(pl.col("local_therapy").is_null()).sort(*LESION, "timepoint")
    before = size.cum_min().forward_fill().shift().over(LESION)
    first = pl.int_range(pl.len()).over(LESION) == 0
    new = (pl.col("role") == Role.NEW) & first & (pl.col("state") != State.ABSENT)
    grown = untreated.filter((size > before).fill_null(False) | new | pl.col("state").is_in(WORSE))
    treated = measurements.filter(pl.col("local_therapy").is_not_null()).select(*LESION, treated="timepoint")
    return (
        grown.select(*LESION, "timepoint")
        .join(treated, on=LESION)
        .filter(pl.col("treated") > pl.col("timepoint"))
        .select(*READER, "timepoint", "treated")
        .unique()
    )
