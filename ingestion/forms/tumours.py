"""Lesions as identified (TU): organ, node, role, and which lesions merged or split."""

from __future__ import annotations

import polars as pl

from ingestion.forms import codes
from ingestion.forms.sifting import ORDER, Check, sift, with_columns_of
from ingestion.reject import Parsed

LESION = ("USUBJID", "evaluator", "lesion_id")
COLUMNS = (
    *("TULNKID", "TUTESTCD", "TUSTRESC", "TUORRES", "TULOC", "TUMETHOD", "TUEVAL", "TUEVALID", "TUDTC"),
    *("INJFL", "MEASIND", "PREVIR", "PREVIRP", "SLICETHK"),
)
"""The last five are qualifiers (SUPPTU): injected, measurable, treated before, progressed since, slice thickness."""
MERGE, SPLIT, MEASURABLE = "TUMERGE", "TUSPLIT", "MEASIND"


def sift_tumours(tu: pl.DataFrame, *, study_id: str, stage: str) -> Parsed:
    """TU rows with a lesion; adds evaluator, lesion_id and role (null for merges, splits and measurability)."""
    tu = with_columns_of(tu, COLUMNS).with_columns(
        codes.evaluator("TU"),
        lesion_id=pl.col("TULNKID"),
        role=pl.coalesce(codes.translated("TUSTRESC", codes.ROLES), codes.translated("TUORRES", codes.ROLES)),
        merges=codes.code("TUTESTCD").is_in([MERGE, SPLIT]).fill_null(False),
        indicates=(codes.code("TUTESTCD") == MEASURABLE).fill_null(False),
        said=pl.coalesce(_measurable("TUSTRESC"), _measurable("TUORRES")),
    )
    field = "TUSTRESC" if tu["TUSTRESC"].null_count() < tu.height else "TUORRES"
    checks = (
        Check(
            "TULNKID", pl.col("TULNKID").is_null(), "no lesion identifier", "give the lesion's identifier in TULNKID"
        ),
        Check(
            field,
            pl.col("role").is_null() & ~pl.col("merges") & ~pl.col("indicates"),
            "unknown role of the lesion",
            "write TARGET, NON-TARGET or NEW",
            known=tuple(codes.ROLES),
        ),
        Check(
            field,
            pl.col("indicates") & pl.col("said").is_null(),
            "it does not say whether the lesion is measurable",
            "write MEASURABLE or NON-MEASURABLE",
            known=tuple(codes.MEASURABLE),
        ),
    )
    return sift(tu, checks, study_id=study_id, stage=stage)


def _measurable(column: str) -> pl.Expr:
    """True, false, or null where the text says neither."""
    return codes.code(column).replace_strict(codes.MEASURABLE, default=None, return_dtype=pl.Boolean)


def identified_lesions(tumours: pl.DataFrame) -> pl.DataFrame:
    """One row per subject, evaluator and lesion: tu_role, organ, is_node, tu_method, injection_planned, tu_slices.

    `LYMPH NODE` in TULOC, or a nodal role, makes a node. The first record of a lesion counts. ``measurable`` is what
    a MEASIND record or qualifier says (R11-BL-04), or that the lesion progressed after its treatment (PREVIRP);
    ``prior_local_therapy`` what PREVIR says (R11-BL-05).
    """
    named = tumours.filter(~pl.col("merges") & ~pl.col("indicates"))
    progressed = pl.when(codes.code("PREVIRP") == "Y").then(pl.lit(True))
    word = pl.coalesce(_measurable("MEASIND"), progressed)
    treated = pl.when(codes.code("PREVIR") == "Y").then(pl.lit(True))
    said = tumours.filter("indicates").sort(ORDER).group_by(LESION, maintain_order=True).agg(pl.col("said").first())
    nodal = codes.code("TULOC").str.contains("LYMPH NODE", literal=True).fill_null(False)
    nodal_role = codes.code("TUSTRESC").is_in(codes.NODAL_ROLES).fill_null(False)
    return (
        named.sort(ORDER)
        .with_columns(is_node=nodal | nodal_role, _word=word, _treated=treated)
        .group_by(LESION, maintain_order=True)
        .agg(
            pl.col("role").first().alias("tu_role"),
            pl.col("TULOC").drop_nulls().first().alias("organ"),
            pl.col("is_node").any(),
            pl.col("TUMETHOD").drop_nulls().first().alias("tu_method"),
            (codes.code("INJFL") == "Y").fill_null(False).any().alias("injection_planned"),
            pl.col("_word").drop_nulls().first(),
            pl.col("_treated").drop_nulls().first().alias("prior_local_therapy"),
            codes.number("SLICETHK").drop_nulls().first().alias("tu_slices"),
        )
        .join(said, on=LESION, how="left", maintain_order="left")
        .with_columns(measurable=pl.coalesce("said", "_word"))
        .drop("said", "_word")
    )


def merged_and_split(tumours: pl.DataFrame) -> pl.DataFrame:
    """Which lesion merged into, or split from, which other lesion, and from which visit on (R11-FU-04).

    The other lesion stands in TUSTRESC or TUORRES. `TULNKID` = `T01/T02` in a TUMERGE record means that T02 merged
    into T01. Columns: USUBJID, evaluator, lesion_id, event (TUMERGE or TUSPLIT), other, since (visit number).
    """
    events = tumours.filter(pl.col("merges")).with_columns(ids=pl.col("lesion_id").str.split("/"))
    named = pl.coalesce("TUSTRESC", "TUORRES")
    is_lesion = ~codes.code("_named").is_in(list(codes.ROLES)) & (pl.col("_named") != pl.col("lesion_id"))
    return (
        events.with_columns(_named=named, _survivor=pl.col("ids").list.first(), _joint=pl.col("ids").list.len() > 1)
        .explode("ids")
        .filter(~pl.col("_joint") | (pl.col("ids") != pl.col("_survivor")))
        .with_columns(other=pl.when("_joint").then("_survivor").when(is_lesion).then("_named"))
        .group_by("USUBJID", "evaluator", pl.col("ids").alias("lesion_id"))
        .agg(
            codes.code("TUTESTCD").sort_by("visit_number").first().alias("event"),
            pl.col("other").sort_by("visit_number").drop_nulls().first(),
            pl.col("visit_number").min().alias("since"),
        )
    )
