"""From what scans call their subjects to the subjects of the study."""

from __future__ import annotations

from string import Formatter

import polars as pl

from protocol.imaging import SubjectLabels


def subjects_of(labels: pl.Series, subject_ids: pl.Series, rule: SubjectLabels) -> pl.DataFrame:
    """The subject of each label (columns label, subject_id; null where none fits).

    In this order: the protocol's ``known_as``, the label itself, the label through ``pattern`` and ``subject_id``;
    each compared with ``subject_ids`` without regard to case and outer spaces. A label that stands for two subjects
    has none.
    """
    named = pl.DataFrame({"label": labels.drop_nulls().unique().sort()}, schema={"label": pl.String})
    candidates = [
        pl.col("label").replace_strict(rule.known_as, default=None, return_dtype=pl.String).alias("known"),
        pl.col("label").alias("own"),
        _through_pattern(rule).alias("formed"),
    ]
    known = (
        pl.DataFrame({"subject_id": subject_ids.drop_nulls().unique()}, schema={"subject_id": pl.String})
        .group_by(key=_folded(pl.col("subject_id")))
        .agg(pl.when(pl.len() == 1).then(pl.col("subject_id").first()).alias("subject_id").first())
    )
    found = named.with_columns(candidates)
    for name in ("known", "own", "formed"):
        found = found.with_columns(key=_folded(pl.col(name))).join(
            known.rename({"subject_id": f"by_{name}"}), on="key", how="left"
        )
    return found.select("label", subject_id=pl.coalesce("by_known", "by_own", "by_formed")).sort("label")


def _folded(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.to_uppercase()


def _through_pattern(rule: SubjectLabels) -> pl.Expr:
    if rule.pattern is None:
        return pl.lit(None, dtype=pl.String)
    groups = pl.col("label").str.strip_chars().str.extract_groups(rule.pattern)
    parts: list[pl.Expr] = []
    for text, name, _, _ in Formatter().parse(rule.subject_id):
        parts.append(pl.lit(text))
        if name is not None:
            parts.append(groups.struct.field(name))
    return pl.concat_str(parts)
