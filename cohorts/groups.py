"""The groups that cohort statistics are given for: all subjects, by arm, by cohort, by the protocol's subgroups."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SUBJECT = ("study_id", "subject_id")
ALL, ARM, COHORT = "ALL", "ARM", "COHORT"

GROUPINGS = {"study_id": pl.String, "subject_id": pl.String, "grouping": pl.String, "value": pl.String}
"""Columns of `core.subject_group`: the subgroups and strata of the protocol."""


def by_group(frame: pl.DataFrame, subject: pl.DataFrame, subgroups: pl.DataFrame | None = None) -> pl.DataFrame:
    """The rows of ``frame`` (study_id, subject_id, ...) once for all subjects and once for each of their groups.

    ``subject`` is `core.subject`, ``subgroups`` `core.subject_group`. Adds ``group_by`` (ALL, ARM, COHORT or a
    subgroup's name) and ``group_value``. A subject without arm or cohort counts in ALL alone, so a study without arms
    (or a blinded one) has no ARM rows.
    """
    everybody = frame.with_columns(group_by=pl.lit(ALL), group_value=pl.lit(ALL))
    groups = _groups(subject, subgroups).rename({"grouping": "group_by", "value": "group_value"})
    return pl.concat([everybody, frame.join(groups, on=SUBJECT).select(everybody.columns)])


def with_stratum(
    frame: pl.DataFrame, subject: pl.DataFrame, subgroups: pl.DataFrame | None, strata: Sequence[str]
) -> pl.DataFrame:
    """The rows with ``stratum``: the values of the ``strata`` (groupings of the protocol) joined by ' / '.

    A subject without one of them has UNKNOWN in its place. Without ``strata`` all are of one stratum.
    """
    groups = _groups(subject, subgroups)
    parts = []
    for name in strata:
        values = groups.filter(pl.col("grouping") == name).select(*SUBJECT, pl.col("value").alias(f"_{name}"))
        frame = frame.join(values, on=SUBJECT, how="left", maintain_order="left")
        parts.append(pl.col(f"_{name}").fill_null("UNKNOWN"))
    stratum = pl.concat_str(parts, separator=" / ") if parts else pl.lit(ALL)
    return frame.with_columns(stratum=stratum).drop([f"_{name}" for name in strata])


def _groups(subject: pl.DataFrame, subgroups: pl.DataFrame | None) -> pl.DataFrame:
    """Arm, cohort and the protocol's subgroups of every subject, in the columns of `GROUPINGS`."""
    rows = [
        subject.select(*SUBJECT, pl.lit(name).alias("grouping"), pl.col(name.lower()).cast(pl.String).alias("value"))
        for name in (ARM, COHORT)
    ]
    given = pl.DataFrame(schema=GROUPINGS) if subgroups is None else subgroups
    return pl.concat([*rows, given.select(list(GROUPINGS))]).filter(pl.col("value").is_not_null())
