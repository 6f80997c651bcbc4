"""The groups that cohort statistics are given for: all subjects, by arm, by cohort."""

from __future__ import annotations

import polars as pl

SUBJECT = ("study_id", "subject_id")


def by_group(frame: pl.DataFrame, subject: pl.DataFrame) -> pl.DataFrame:
    """The rows once for all subjects, once by arm and once by cohort.

    ``frame`` has study_id and subject_id; ``subject`` is `core.subject` (study_id, subject_id, arm, cohort). Adds
    ``group_by`` (ALL, ARM, COHORT) and ``group_value`` (ALL, the arm, the cohort). A subject without arm or cohort
    counts in ALL alone, so a study without arms (or a blinded one) has no ARM rows.
    """
    named = frame.join(
        subject.select(*SUBJECT, pl.col("arm").cast(pl.String), pl.col("cohort").cast(pl.String)),
        on=SUBJECT,
        how="left",
    )
    groupings = {"ALL": pl.lit("ALL"), "ARM": pl.col("arm"), "COHORT": pl.col("cohort")}
    return pl.concat(
        named.select(*frame.columns, pl.lit(group_by).alias("group_by"), value.alias("group_value"))
        for group_by, value in groupings.items()
    ).filter(pl.col("group_value").is_not_null())
