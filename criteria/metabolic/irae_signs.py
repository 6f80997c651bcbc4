"""Signs of immune activation and immune-related adverse events on PET (metabolic rule book section 10).

They are found whether or not an adverse event is recorded (IRAE-8). Signs on CT alone, such as a reversed halo, are
not received; a lung focus that the reader takes for an irAE stands for them (IRAE-2).
"""

from __future__ import annotations

import polars as pl

from criteria.metabolic.comparison import above
from criteria.metabolic.lesions import AT
from criteria.metabolic.marker_options import MarkerOptions
from criteria.vocabulary import LesionNature, ReferenceRegion

HILAR, MEDIASTINAL = "(?i)hilar|hilus|hilum", "(?i)mediastin|subcarin|paratrach|hilar|hilus|hilum"
ORGANS = {
    "PNEUMONITIS": ("IRAE-2", "(?i)lung|pulmon"),
    "ADRENALITIS": ("IRAE-3", "(?i)adrenal"),
    "HYPOPHYSITIS": ("IRAE-5", "(?i)pituit|hypophys"),
    "THYROIDITIS": ("IRAE-6", "(?i)thyroid"),
    "COLITIS": ("IRAE-6", "(?i)colon|bowel|rectum|sigmoid"),
    "HEPATITIS": ("IRAE-6", "(?i)liver"),
    "PANCREATITIS": ("IRAE-6", "(?i)pancrea"),
    "ARTHRITIS_MYOSITIS": ("IRAE-6", "(?i)joint|muscle|synov"),
    "MYOCARDITIS": ("IRAE-6", "(?i)heart|myocard"),
    "GASTRITIS": ("IRAE-6", "(?i)stomach|gastric"),
    "IMMUNE_ACTIVATION": ("IRAE-7", "(?i)spleen|marrow"),
}
"""Organs whose new uptake may be an irAE, each with its rule."""
TUMOUR_SITES = ("PNEUMONITIS", "HEPATITIS", "COLITIS")
"""Organs where metastases are common: only what the reader takes for an irAE is a sign."""
DIFFUSE_NODES = 5


def symmetric_nodes(courses: pl.DataFrame) -> pl.DataFrame:
    """Scans with new nodes: whether all are hilar or mediastinal, on both hila, and right over left 0.5 to 2 (LG-7)."""
    side = pl.coalesce("side", pl.col("organ").str.to_uppercase().str.extract(r"\b(LEFT|RIGHT)\b"))
    organ, new = pl.col("organ").fill_null(""), pl.col("new")
    node = new & pl.col("is_node")
    hilar = node & organ.str.contains(HILAR)

    def hottest(which: str) -> pl.Expr:
        return pl.col("value").filter(hilar & (pl.col("side_read") == which)).max()

    found = (
        courses.with_columns(side_read=side)
        .group_by(AT)
        .agg(
            pl.col("assessment_date").max(),
            right=hottest("RIGHT"),
            left=hottest("LEFT"),
            nodes=node.sum(),
            central=(node & organ.str.contains(MEDIASTINAL)).sum(),
            mediastinal=(node & organ.str.contains(MEDIASTINAL) & ~organ.str.contains(HILAR)).sum(),
            new_others=(new & ~pl.col("is_node") & ~pl.col("suspect")).sum(),
            others_progressing=(pl.col("progressing") & ~new).sum(),
            lesions=pl.col("lesion_id").filter(node).sort().str.join(", "),
            sites=pl.col("organ").filter(node).drop_nulls().unique().sort().str.join(", "),
        )
        .filter(pl.col("nodes") > 0)
    )
    ratio = pl.when(pl.col("left") > 0).then(pl.col("right") / pl.col("left"))
    both = ratio.is_between(0.5, 2.0).fill_null(False)
    central = (pl.col("central") == pl.col("nodes")) & (pl.col("mediastinal") > 0)
    return found.with_columns(symmetric=both & central, value=ratio)


def irae_signs(courses: pl.DataFrame, references: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """The signs of every scan after the baseline, in the columns of analysis.pet_pattern."""
    tumour = pl.col("existed") & ~pl.col("suspect")
    hottest = courses.filter(tumour).group_by(AT).agg(hottest=pl.col("value").max())
    new = courses.filter("new").join(hottest, on=AT, how="left")
    frames = [_of_organ(new, sign, clause, organ) for sign, (clause, organ) in ORGANS.items()]
    sarcoid = symmetric_nodes(courses).filter("symmetric")
    diffuse = symmetric_nodes(courses).filter(pl.col("nodes") >= DIFFUSE_NODES)
    frames += [
        _sign(sarcoid, "SARCOID_LIKE", "IRAE-1", pl.format("new hilar nodes right {}, left {}", "right", "left")),
        _sign(diffuse, "DIFFUSE_NODES", "IRAE-4", pl.format("{} new nodes", "nodes")),
        _spleen(references, options),
    ]
    return pl.concat(frames, how="diagonal_relaxed")


def _of_organ(new: pl.DataFrame, sign: str, clause: str, organ: str) -> pl.DataFrame:
    """New uptake in an organ: taken for an irAE by the reader, or of no stated nature and no hotter than the tumour."""
    read = (pl.col("nature") == LesionNature.IRAE).fill_null(False)
    mild = (pl.col("nature").is_null() | (pl.col("nature") == LesionNature.UNCERTAIN)) & (
        pl.col("value") <= pl.col("hottest")
    ).fill_null(False)
    counts = read if sign in TUMOUR_SITES else read | mild
    rows = (
        new.filter(~pl.col("is_node") & pl.col("organ").fill_null("").str.contains(organ) & counts)
        .group_by(AT)
        .agg(
            pl.col("assessment_date").max(),
            lesions=pl.col("lesion_id").sort().str.join(", "),
            sites=pl.col("organ").unique().sort().str.join(", "),
            value=pl.col("value").max(),
        )
    )
    return _sign(rows, sign, clause, pl.format("new uptake in {}, SULpeak up to {}", "sites", "value"))


def _spleen(references: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """A spleen-to-liver ratio that rises above its cut-off (IRAE-7)."""

    def of(region: ReferenceRegion) -> pl.Expr:
        usable = pl.col("usable").fill_null(True)
        return pl.col(f"suv_{options.slr_stat.lower()}").filter(usable & (pl.col("region") == region)).first()

    ratio = references.group_by(AT).agg(
        pl.col("assessment_date").max(),
        value=pl.when(of(ReferenceRegion.LIVER) > 0).then(of(ReferenceRegion.SPLEEN) / of(ReferenceRegion.LIVER)),
    )
    baseline = ratio.filter(pl.col("timepoint") == 0).select(*AT[:3], first="value")
    rows = ratio.filter(pl.col("timepoint") > 0).join(baseline, on=AT[:3])
    rises = above(pl.col("value"), options.slr_cutoff, options.cmp_eps) & (pl.col("value") > pl.col("first"))
    return _sign(
        rows.filter(rises.fill_null(False)),
        "SPLEEN_TO_LIVER_RISE",
        "IRAE-7",
        pl.format("SLR {} from {}", pl.col("value").round(3), pl.col("first").round(3)),
    )


def _sign(rows: pl.DataFrame, pattern: str, clause: str, explanation: pl.Expr) -> pl.DataFrame:
    return rows.select(
        *AT,
        "assessment_date",
        *(name for name in ("lesions", "sites", "value") if name in rows.columns),
        pattern=pl.lit(pattern),
        present=pl.lit("Y"),
        clause=pl.lit(clause),
        explanation=explanation.fill_null("not measured"),
    )
