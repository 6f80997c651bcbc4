"""Prognostic markers of PET and blood (metabolic rule book sections 3.9 and 7); never a response category."""

from __future__ import annotations

import polars as pl

from criteria.metabolic.comparison import above, at_least
from criteria.metabolic.marker_options import DEFAULT, MarkerOptions
from criteria.metabolic.tables import MARKER
from criteria.vocabulary import LesionNature, ReferenceRegion

SUBJECT = ("study_id", "subject_id")
AT = (*SUBJECT, "evaluator", "timepoint")
ALL = "ALL"
TESTS = {"neutrophils": "NEUT", "lymphocytes": "LYM", "leukocytes": "WBC", "platelets": "PLAT"}
SEBAN, CASTELLO, WONG = "Seban 2020", "Castello 2020", "Wong 2020"
MMVR_MOST = 1.2


def markers(
    lesions: pl.DataFrame,
    references: pl.DataFrame,
    laboratory: pl.DataFrame,
    options: MarkerOptions = DEFAULT,
    burden: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """All markers of every scan, a frame of analysis.marker.

    ``lesions``, ``references`` and ``laboratory`` are core.pet_lesion, core.pet_reference and core.laboratory;
    ``burden`` (study_id, subject_id, evaluator, timepoint, tmtv_ml, ttlg_g) where the union of all lesions was
    measured, else the volumes of the lesions are added up. Blood counts are those of the last sample up to
    ``lab_window_d`` days before the scan. A marker that cannot be computed has no value and says why.
    """
    scans = _scans(lesions, references)
    blood = _blood(scans, laboratory, options)
    volume = _burden(scans, lesions, burden)
    base = scans.join(blood, on=AT, how="left").join(volume, on=AT, how="left")
    base = base.join(_ratios(references, options), on=AT, how="left")
    frames = (
        _ratio(base, "NLR", "neutrophils", pl.col("lymphocytes"), None, "", "PM-3"),
        _ratio(
            base,
            "dNLR",
            "neutrophils",
            pl.col("leukocytes") - pl.col("neutrophils"),
            options.dnlr_cutoff,
            SEBAN,
            "PM-1",
            options.cmp_eps,
        ),
        _ratio(base, "PLR", "platelets", pl.col("lymphocytes"), None, "", "3.9"),
        _value(base, "TMTV", "tmtv_ml", "ml", options.tmtv_cutoff_ml, SEBAN, "PM-1", options.cmp_eps),
        _value(base, "TTLG", "ttlg_g", "g", None, "", "LG-4", options.cmp_eps),
        _value(base, "SLR", "slr", "1", options.slr_cutoff, WONG, "PM-2", options.cmp_eps),
        _value(base, "BLR", "blr", "1", options.blr_cutoff, "protocol", "PM-4", options.cmp_eps),
        _risk_factors(base, options),
        _impi(base, options),
        _metabolic_to_morphologic(lesions, options),
    )
    return MARKER.conform(pl.concat(frames, how="diagonal_relaxed").sort(MARKER.key))


def _scans(lesions: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    columns = (*AT, "assessment_date")
    both = pl.concat([lesions.select(columns), references.select(columns)])
    return both.filter(pl.col("timepoint") >= 0).group_by(AT).agg(pl.col("assessment_date").max())


def _blood(scans: pl.DataFrame, laboratory: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """The counts of the last sample in the window, each with its unit (7, guard)."""
    days = (pl.col("assessment_date") - pl.col("collection_date")).dt.total_days()
    in_window = (
        scans.join(laboratory.filter(pl.col("test").is_in(list(TESTS.values()))), on=SUBJECT)
        .filter(days.is_between(0, options.lab_window_d) & pl.col("value").is_not_null())
        .sort("collection_date", "source_record")
    )

    def last(test: str, column: str) -> pl.Expr:
        return pl.col(column).filter(pl.col("test") == test).last()

    return in_window.group_by(AT).agg(
        *(last(test, "value").alias(name) for name, test in TESTS.items()),
        *(last(test, "unit").alias(f"{name}_unit") for name, test in TESTS.items()),
    )


def _burden(scans: pl.DataFrame, lesions: pl.DataFrame, measured: pl.DataFrame | None) -> pl.DataFrame:
    """Total metabolic tumour volume and glycolysis: of the union, else added up where all tumour lesions have them."""
    tumour = pl.col("nature").fill_null(LesionNature.TUMOUR.value) == LesionNature.TUMOUR
    there = lesions.filter(tumour & (pl.col("status").fill_null("PRESENT") == "PRESENT"))
    totals = there.group_by(AT).agg(
        pl.when(pl.col("mtv_ml").null_count() == 0).then(pl.col("mtv_ml").sum()).alias("tmtv_ml"),
        pl.when(pl.col("tlg_g").null_count() == 0).then(pl.col("tlg_g").sum()).alias("ttlg_g"),
    )
    free = lesions.select(AT).unique().join(totals, on=AT, how="anti")
    none = free.with_columns(tmtv_ml=pl.lit(0.0), ttlg_g=pl.lit(0.0))
    added = scans.select(AT).join(pl.concat([totals, none]), on=AT, how="left")
    if measured is None:
        return added
    union = measured.group_by(AT).agg(pl.col("tmtv_ml", "ttlg_g").drop_nulls().first().name.suffix("_union"))
    return added.join(union, on=AT, how="left").select(
        *AT, *(pl.coalesce(f"{name}_union", name).alias(name) for name in ("tmtv_ml", "ttlg_g"))
    )


def _ratios(references: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """Spleen and marrow over liver, the same statistic on both (3.9)."""

    def of(region: ReferenceRegion, statistic: str) -> pl.Expr:
        usable = pl.col("usable").fill_null(True)
        return pl.col(f"suv_{statistic.lower()}").filter(usable & (pl.col("region") == region)).first()

    liver = ReferenceRegion.LIVER
    return (
        references.group_by(AT)
        .agg(
            spleen=of(ReferenceRegion.SPLEEN, options.slr_stat),
            liver_spleen=of(liver, options.slr_stat),
            marrow=of(ReferenceRegion.MARROW, options.blr_stat),
            liver_marrow=of(liver, options.blr_stat),
        )
        .select(
            *AT,
            slr=pl.when(pl.col("liver_spleen") > 0).then(pl.col("spleen") / pl.col("liver_spleen")),
            blr=pl.when(pl.col("liver_marrow") > 0).then(pl.col("marrow") / pl.col("liver_marrow")),
        )
    )


def _ratio(
    base: pl.DataFrame,
    marker: str,
    above_the_line: str,
    below: pl.Expr,
    cut_off: float | None,
    source: str,
    clause: str,
    eps: float = 1e-9,
) -> pl.DataFrame:
    """A ratio of counts of one unit; without a value where a count lacks or the denominator is not above zero."""
    others = {"NLR": "lymphocytes", "dNLR": "leukocytes", "PLR": "lymphocytes"}
    units = pl.col(f"{above_the_line}_unit").eq_missing(pl.col(f"{others[marker]}_unit"))
    rows = base.with_columns(value=pl.when(units & (below > 0)).then(pl.col(above_the_line) / below))
    why = (
        pl.when(pl.col(above_the_line).is_null() | below.is_null())
        .then(pl.lit("counts not known in the window before the scan"))
        .when(~units)
        .then(pl.lit("counts in different units"))
        .otherwise(pl.lit("the denominator is not above zero"))
    )
    return _rows(rows, marker, "1", cut_off, source, clause, eps, why)


def _value(
    base: pl.DataFrame,
    marker: str,
    column: str,
    unit: str,
    cut_off: float | None,
    source: str,
    clause: str,
    eps: float,
) -> pl.DataFrame:
    return _rows(base.with_columns(value=column), marker, unit, cut_off, source, clause, eps, pl.lit("not measured"))


def _rows(
    rows: pl.DataFrame,
    marker: str,
    unit: str,
    cut_off: float | None,
    source: str,
    clause: str,
    eps: float,
    why: pl.Expr,
) -> pl.DataFrame:
    value = pl.col("value")
    level = pl.lit(None, pl.String)
    stated = pl.format(f"{marker} {{}}" + ("" if unit == "1" else f" {unit}"), value.round(3))
    if cut_off is not None:
        high = above(value, cut_off, eps)
        level = pl.when(high).then(pl.lit("ADVERSE")).when(value.is_not_null()).then(pl.lit("FAVOURABLE"))
        stated = pl.format("{}; above {} is adverse", stated, pl.lit(cut_off))
    return rows.select(
        *AT,
        "assessment_date",
        marker=pl.lit(marker),
        lesion_id=pl.lit(ALL),
        value=value.cast(pl.Float64),
        unit=pl.lit(unit),
        cut_off=pl.lit(cut_off, pl.Float64),
        level=level,
        source=pl.lit(source or None, pl.String),
        clause=pl.lit(clause),
        explanation=pl.when(value.is_not_null()).then(stated).otherwise(why),
    )


def _risk_factors(base: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """Number of adverse among TMTV and dNLR (PM-1), and the warning of PM-6 in words."""
    counts = pl.col("leukocytes") - pl.col("neutrophils")
    dnlr = pl.when(counts > 0).then(pl.col("neutrophils") / counts)
    volume = above(pl.col("tmtv_ml"), options.tmtv_cutoff_ml, options.cmp_eps)
    ratio = above(dnlr, options.dnlr_cutoff, options.cmp_eps)
    number = volume.cast(pl.Float64) + ratio.cast(pl.Float64)
    rows = _rows(
        base.with_columns(value=number), "RISK_FACTORS", "1", None, SEBAN, "PM-1", options.cmp_eps, pl.lit("not known")
    )
    both = pl.lit("; high volume with high dNLR: risk of hyperprogression (PM-6)")
    return rows.with_columns(
        explanation=pl.when(pl.col("value") == 2).then(pl.col("explanation") + both).otherwise("explanation")
    )


def _impi(base: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """Immune-metabolic prognostic index: low, intermediate, high (PM-3)."""
    nlr = pl.when(pl.col("lymphocytes") > 0).then(pl.col("neutrophils") / pl.col("lymphocytes"))
    many = at_least(nlr, options.impi_nlr, options.cmp_eps)
    hot = at_least(pl.col("ttlg_g"), options.impi_tlg_g, options.cmp_eps)
    adverse = many.cast(pl.Float64) + hot.cast(pl.Float64)
    rows = _rows(base.with_columns(value=adverse), "IMPI", "1", None, CASTELLO, "PM-3", 0.0, pl.lit("not known"))
    level = pl.col("value").replace_strict({0.0: "LOW", 1.0: "INTERMEDIATE", 2.0: "HIGH"}, default=None)
    stated = pl.format(
        "{}: {} adverse of NLR from {} and TLG from {} g",
        level,
        pl.col("value").cast(pl.Int32),
        pl.lit(options.impi_nlr),
        pl.lit(options.impi_tlg_g),
    )
    return rows.with_columns(
        level=level, explanation=pl.when(pl.col("value").is_not_null()).then(stated).otherwise("explanation")
    )


def _metabolic_to_morphologic(lesions: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """Metabolic over CT volume of each lesion; beyond 0 to 1.2 it is not accepted (3.9, PM-5)."""
    ratio = pl.when(pl.col("ct_volume_ml") > 0).then(pl.col("mtv_ml") / pl.col("ct_volume_ml"))
    accepted = ratio.is_between(0, MMVR_MOST + options.cmp_eps)
    known = lesions.filter((pl.col("timepoint") >= 0) & pl.col("ct_volume_ml").is_not_null())
    return known.select(
        *AT,
        "assessment_date",
        "lesion_id",
        marker=pl.lit("MMVR"),
        value=pl.when(accepted).then(ratio),
        unit=pl.lit("1"),
        clause=pl.lit("PM-5"),
        explanation=pl.when(accepted)
        .then(pl.format("{} ml metabolic of {} ml on CT", "mtv_ml", "ct_volume_ml"))
        .when(ratio.is_null())
        .then(pl.lit("volumes not known, or the CT volume is not above zero"))
        .otherwise(pl.format("ratio {} is outside of 0 to {}", ratio.round(3), pl.lit(MMVR_MOST))),
    )
