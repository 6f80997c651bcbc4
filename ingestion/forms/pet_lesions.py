"""Uptake of lesions on PET as forms report it (core.pet_lesion) from TR rows: SUV, SUL, MTV and TLG."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from criteria.vocabulary import LesionStatus
from ingestion.forms import codes
from ingestion.forms.dates import completed, date_checks
from ingestion.forms.results import LESION_VISIT, sift_conflicts, sift_dates, sift_lesions, status_checks
from ingestion.forms.sifting import ORDER, Check, join_rejects, merged_source, sift, with_columns_of
from ingestion.forms.tumours import identified_lesions
from ingestion.pet_tables import PET_LESION
from ingestion.reject import Parsed

STAGE = "core.pet_lesion"
COLUMN_OF = {
    "SUVMAX": "suv_max",
    "SUVPEAK": "suv_peak",
    "SUVMEAN": "suv_mean",
    "SULMAX": "sul_max",
    "SULPEAK": "sul_peak",
    "SULMEAN": "sul_mean",
    "MTV": "mtv_ml",
    "TLG": "tlg_g",
}
UPTAKE: Mapping[str, float] = {"G/ML": 1.0, "1": 1.0, "G/ML SUVBW": 1.0, "G/ML SUL": 1.0, "SUV": 1.0, "SUL": 1.0}
VOLUME: Mapping[str, float] = {"ML": 1.0, "CM3": 1.0, "CC": 1.0, "CM^3": 1.0, "MM3": 0.001, "MM^3": 0.001, "L": 1000.0}
MASS: Mapping[str, float] = {"G": 1.0, "ML": 1.0, "G/ML*ML": 1.0, "KG": 1000.0}
UNITS = {test: VOLUME if test == "MTV" else MASS if test == "TLG" else UPTAKE for test in COLUMN_OF}
LARGEST = {"MTV": 20_000.0, "TLG": 500_000.0}
LARGEST_UPTAKE = 1000.0
NEEDS_UNIT = ("MTV",)
QUALIFIERS = {"mtv_method": "MTVMETH", "tlg_basis": "TLGBASIS"}
"""QNAM of SUPPTR: the threshold of the volume (rule book 3.8), and what TLG is the mean of (SUV or SUL)."""
BASES = ("SUV", "SUL")


def pet_lesions(
    rows: pl.DataFrame, visits: pl.DataFrame, *, tumours: pl.DataFrame, known_dates: pl.DataFrame, study_id: str
) -> Parsed:
    """`ingestion.pet_tables.PET_LESION` and the TR rows that could not be used.

    ``rows`` are PET rows of TR with evaluator, visit_number and test. A lesion with uptake is PRESENT, one of which
    every test is NOT DONE is NE; without uptake nothing is said of it.
    """
    placed, unplaced = sift_lesions(rows, identified_lesions(tumours), study_id=study_id, stage=STAGE)
    dated, misdated = sift(placed, date_checks("TRDTC"), study_id=study_id, stage=STAGE)
    one_date, of_other_date = sift_dates(dated, LESION_VISIT, study_id=study_id, stage=STAGE)
    read = _read(with_columns_of(one_date, QUALIFIERS.values()))
    valued, without_value = sift(read, (*status_checks(), *_checks()), study_id=study_id, stage=STAGE)
    said = pl.coalesce(pl.col("_value").cast(pl.String), pl.lit(codes.NOT_DONE))
    unit = (*LESION_VISIT, "test")
    single, conflicting = sift_conflicts(valued, "TRSTRESC", unit, said, study_id=study_id, stage=STAGE)
    frame = _one_row_a_lesion(completed(single, "TRDTC", known_dates), visits, study_id)
    return Parsed(frame, join_rejects([unplaced, misdated, of_other_date, without_value, conflicting]))


def _read(rows: pl.DataFrame) -> pl.DataFrame:
    standard = pl.coalesce("TRSTRESN", "TRSTRESC").is_not_null()
    rows = rows.with_columns(
        word=pl.coalesce(codes.code("TRSTRESC"), codes.code("TRORRES")),
        _number=pl.when(standard)
        .then(pl.coalesce(codes.number("TRSTRESN"), codes.number("TRSTRESC")))
        .otherwise(codes.number("TRORRES")),
        _not_done=codes.not_done("TR"),
        _unit=pl.when(standard)
        .then(codes.code("TRSTRESU"))
        .otherwise(codes.code("TRORRESU"))
        .str.replace_all(r"\{.*?\}", ""),
        _no_standard=~standard,
    )
    factor = pl.lit(None, dtype=pl.Float64)
    for test, factors in UNITS.items():
        found = pl.col("_unit").replace_strict(dict(factors), default=None, return_dtype=pl.Float64)
        missing = pl.lit(None if test in NEEDS_UNIT else 1.0, dtype=pl.Float64)
        here = pl.when(pl.col("_unit").is_null()).then(missing).otherwise(found)
        factor = pl.when(pl.col("test") == test).then(here).otherwise(factor)
    return rows.with_columns(_factor=factor).with_columns(_value=(pl.col("_number") * pl.col("_factor")).round(9))


def _checks() -> tuple[Check, ...]:
    """What can be wrong with a result: no number, a unit of another kind, negative, larger than can be true."""
    done = ~pl.col("_not_done")
    largest = pl.col("test").replace_strict(LARGEST, default=LARGEST_UPTAKE, return_dtype=pl.Float64)
    fields = (
        ("TRSTRESN", "TRSTRESU", pl.col("TRSTRESN").is_not_null()),
        ("TRSTRESC", "TRSTRESU", pl.col("TRSTRESN").is_null() & pl.col("TRSTRESC").is_not_null()),
        ("TRORRES", "TRORRESU", pl.col("_no_standard")),
    )
    return (
        Check(
            "TRSTRESN",
            done & pl.col("TRSTRESN").is_not_null() & codes.number("TRSTRESN").is_null(),
            "not a number",
            "write a plain number with a decimal point, e.g. 4.2",
        ),
        *(
            check
            for field, unit, chosen in fields
            for check in (
                Check(
                    field,
                    done & chosen & pl.col("_number").is_null(),
                    "not a number",
                    "write a plain number with a decimal point, e.g. 4.2",
                ),
                Check(
                    unit,
                    done & chosen & pl.col("_factor").is_null(),
                    pl.format("no unit of {} that is read", pl.col("test")),
                    "write g/mL for SUV and SUL, mL for MTV, g for TLG",
                ),
                Check(field, done & chosen & (pl.col("_value") < 0), "cannot be negative", "correct the value"),
                Check(
                    field,
                    done & chosen & (pl.col("_value") > largest),
                    pl.format("{} is larger than can be true", pl.col("_value")),
                    "correct the value or its unit",
                ),
            )
        ),
        Check(
            "TLGBASIS",
            pl.col("TLGBASIS").is_not_null() & ~codes.code("TLGBASIS").is_in(BASES),
            "unknown basis of TLG",
            "write SUV or SUL",
            known=BASES,
        ),
    )


def _one_row_a_lesion(rows: pl.DataFrame, visits: pl.DataFrame, study_id: str) -> pl.DataFrame:
    numbered = visits.select("timepoint", "visit", "visit_number", USUBJID="subject_id")
    any_uptake = (pl.col("_value") > 0).any()
    lesions = (
        rows.sort(ORDER)
        .group_by(LESION_VISIT, maintain_order=True)
        .agg(
            *(pl.col("_value").filter(pl.col("test") == test).first().alias(name) for test, name in COLUMN_OF.items()),
            *(pl.col(name).first() for name in ("reader_role", "role", "organ", "is_node")),
            pl.col("accepted").any(),
            pl.when(any_uptake.fill_null(False))
            .then(pl.lit(LesionStatus.PRESENT.value))
            .when(pl.col("_not_done").all())
            .then(pl.lit(LesionStatus.NOT_EVALUABLE.value))
            .alias("status"),
            codes.code("MTVMETH").str.replace_all(" ", "_").drop_nulls().first().alias("mtv_method"),
            codes.code("TLGBASIS").drop_nulls().first().alias("tlg_basis"),
            pl.col("date").min().alias("assessment_date"),
            *merged_source(),
        )
    )
    placed = lesions.join(numbered, on=["USUBJID", "visit_number"], how="inner", maintain_order="left")
    named = placed.drop("visit_number").rename({"USUBJID": "subject_id"})
    return PET_LESION.conform(
        named.with_columns(study_id=pl.lit(study_id), measured_from=pl.lit("FORM")).sort(PET_LESION.key)
    )
