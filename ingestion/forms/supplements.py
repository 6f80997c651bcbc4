"""Supplemental qualifiers (SUPP--): each QNAM becomes a column of the parent record."""

from __future__ import annotations

import polars as pl

from ingestion.forms.sifting import ORDER, PROVENANCE, Check, join_rejects, rejects_of, with_columns_of
from ingestion.reject import Parsed


def with_qualifiers(parent: pl.DataFrame, supplement: pl.DataFrame | None, *, study_id: str, stage: str) -> Parsed:
    """The parent rows with one String column per QNAM (SDTMIG section 8.4).

    Qualifiers are joined by USUBJID and, where IDVAR is given, by the parent's column of that name = IDVARVAL
    (numbers compare without trailing zeros). A column that the parent already has keeps its values where it has any.
    Rejected are qualifiers without parent record, and repeated ones.
    """
    if supplement is None or supplement.is_empty():
        return Parsed(parent, rejects_of(parent.clear(), _ORPHAN, study_id=study_id, stage=stage))
    qualifiers = with_columns_of(supplement, ("USUBJID", "QNAM", "QVAL", "IDVAR", "IDVARVAL")).sort(ORDER)
    qualifiers = qualifiers.with_columns(
        pl.col("IDVAR").str.to_uppercase().fill_null(""), pl.col("QNAM").str.to_uppercase()
    )
    key = ["USUBJID", "IDVAR", "IDVARVAL", "QNAM"]
    first = qualifiers.select(pl.struct(key).is_first_distinct()).to_series()
    rejects = [rejects_of(qualifiers.filter(~first), _REPEATED, study_id=study_id, stage=stage)]
    usable = qualifiers.filter(first & pl.col("QNAM").is_not_null() & ~pl.col("QNAM").is_in([*PROVENANCE, "USUBJID"]))
    for (idvar,), of_idvar in usable.group_by("IDVAR", maintain_order=True):
        by = str(idvar)
        if by and by not in parent.columns:
            rejects.append(rejects_of(of_idvar, _ORPHAN, study_id=study_id, stage=stage))
            continue
        value = _plain_number(pl.col(by)) if by else pl.lit("")
        parent = parent.with_columns(value.alias("_idvarval"))
        group = of_idvar.with_columns((_plain_number(pl.col("IDVARVAL")) if by else pl.lit("")).alias("_idvarval"))
        orphans = group.join(parent, on=["USUBJID", "_idvarval"], how="anti")
        rejects.append(rejects_of(orphans, _ORPHAN, study_id=study_id, stage=stage))
        wide = group.pivot(on="QNAM", index=["USUBJID", "_idvarval"], values="QVAL", aggregate_function="first")
        parent = _coalesced(parent, wide)
    return Parsed(parent, join_rejects(rejects))


def _coalesced(parent: pl.DataFrame, wide: pl.DataFrame) -> pl.DataFrame:
    shared = [name for name in wide.columns if name in parent.columns and name not in ("USUBJID", "_idvarval")]
    joined = parent.join(wide, on=["USUBJID", "_idvarval"], how="left", suffix="_qualifier", maintain_order="left")
    return joined.with_columns(pl.coalesce(name, f"{name}_qualifier") for name in shared).drop(
        "_idvarval", *(f"{name}_qualifier" for name in shared)
    )


def _plain_number(text: pl.Expr) -> pl.Expr:
    return text.str.replace(r"^(\d+)\.0+$", "$1")


_ORPHAN = Check(
    "IDVARVAL",
    pl.lit(True),
    "no parent record for this qualifier",
    "send the parent record, or correct IDVAR and IDVARVAL",
)
_REPEATED = Check("QNAM", pl.lit(True), "the qualifier stands twice for one record", "keep one of the values")
