"""Laboratory results (core.laboratory) from LB rows, those that scores need in one standard unit each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from ingestion.forms import codes
from ingestion.forms.dates import date_checks, full_date, is_partial
from ingestion.forms.sifting import Check, sift, source, subject_checks
from ingestion.reject import Parsed
from ingestion.tables import LABORATORY

STAGE = "core.laboratory"
MG_DL_PER_MMOL = 18.016
"""Glucose (metabolic rule book, Q-03)."""
UKAT = 60.0
"""1 µkat is 60 U."""

COUNT: Mapping[str, float] = {
    **dict.fromkeys(("10^9/L", "10*9/L", "GI/L", "G/L", "10^3/UL", "10*3/UL", "K/UL", "THOU/UL", "10^3/MM3"), 1.0),
    **dict.fromkeys(("/UL", "CELLS/UL", "/MM3", "CELLS/MM3", "10^6/L", "10*6/L"), 0.001),
    **dict.fromkeys(("/L", "CELLS/L"), 1e-9),
}
SHARE: Mapping[str, float] = {"%": 1.0, "FRACTION": 100.0, "1": 100.0}
ENZYME: Mapping[str, float] = {"U/L": 1.0, "IU/L": 1.0, "UKAT/L": UKAT, "NKAT/L": UKAT / 1000}
GLUCOSE: Mapping[str, float] = {"MMOL/L": 1.0, "MG/DL": 1 / MG_DL_PER_MMOL, "G/L": 100 / MG_DL_PER_MMOL}

STANDARD: Mapping[str, tuple[str, Mapping[str, float]]] = {
    **dict.fromkeys(("WBC", "NEUT", "LYM", "PLAT", "MONO", "EOS", "BASO"), ("10^9/L", COUNT)),
    **dict.fromkeys(("NEUTLE", "LYMLE", "MONOLE", "EOSLE", "BASOLE"), ("%", SHARE)),
    "LDH": ("U/L", ENZYME),
    "GLUC": ("mmol/L", GLUCOSE),
}
"""The tests that scores are made of (NLR, dNLR, PLR, LDH, glucose): standard unit, and factor of every unit read."""

SHARE_OF_LEUKOCYTES = {"NEUT": "NEUTLE", "LYM": "LYMLE", "MONO": "MONOLE", "EOS": "EOSLE", "BASO": "BASOLE"}
"""A count given in per cent is the share of the leukocytes, a test of its own."""

COMPARED = r"^[<>]=?\s*\d"
"""Results beyond the limits of the method, e.g. <0.1: kept as received, without a number."""

LIMITS = {"lower_limit": ("LBSTNRLO", "LBORNRLO"), "upper_limit": ("LBSTNRHI", "LBORNRHI")}


def laboratory(lb: pl.DataFrame, references: pl.DataFrame, *, study_id: str, data_cutoff: date | None = None) -> Parsed:
    """`ingestion.tables.LABORATORY` from LB: LBSTRESN and LBSTRESU count, else LBSTRESC, else LBORRES and LBORRESU.

    Tests of `STANDARD` are converted to their unit, of any other test value and unit stay as received. A result that
    was not done, or lies beyond the method's limits, has no value. ``references`` are the subjects.
    """
    rows = standardised(lb.with_columns(**_received()))
    checks = (
        *subject_checks(references),
        Check("LBTESTCD", pl.col("test").is_null(), "no test", "give the test's code in LBTESTCD"),
        Check("LBDTC", pl.col("LBDTC").is_null(), "no date of the sample", "give the date in LBDTC"),
        *date_checks("LBDTC", data_cutoff),
        Check("LBDTC", is_partial("LBDTC"), "the date has no day", "give the full date of the sample"),
        Check(
            "LBSTAT",
            codes.code("LBSTAT") != codes.NOT_DONE,
            "unknown status",
            "write NOT DONE, or leave LBSTAT empty",
            known=(codes.NOT_DONE,),
        ),
        Check(
            "LBSTAT",
            codes.not_done("LB") & pl.col("_result").is_not_null(),
            pl.format("NOT DONE, yet there is a result: {}", pl.col("_result")),
            "remove the status or the result",
        ),
        Check(
            "LBSTRESN",
            pl.col("LBSTRESN").is_not_null() & codes.number("LBSTRESN").is_null(),
            "not a number",
            "write a plain number with a decimal point in LBSTRESN",
        ),
        *result_checks("LBSTRESN", "LBSTRESU", pl.col("LBSTRESN").is_not_null()),
        *result_checks("LBSTRESC", "LBSTRESU", pl.col("LBSTRESN").is_null() & pl.col("LBSTRESC").is_not_null()),
        *result_checks("LBORRES", "LBORRESU", pl.coalesce("LBSTRESN", "LBSTRESC").is_null()),
    )
    kept, rejects = sift(rows, checks, study_id=study_id, stage=STAGE)
    frame = kept.select(
        pl.lit(study_id).alias("study_id"),
        pl.col("USUBJID").alias("subject_id"),
        pl.col("test"),
        pl.col("VISIT").alias("visit"),
        full_date("LBDTC").alias("collection_date"),
        *("value", "unit"),
        pl.coalesce("LBORRES", "LBSTRESC", "LBSTRESN").alias("value_received"),
        pl.coalesce("LBORRESU", "LBSTRESU").alias("unit_received"),
        *("lower_limit", "upper_limit"),
        *source(),
    )
    return Parsed(LABORATORY.conform(frame.sort(LABORATORY.key)), rejects)


def _received() -> dict[str, pl.Expr]:
    """The result as it is interpreted: number or word, its unit and limits, and whether it is the standard one."""
    standard = pl.coalesce("LBSTRESN", "LBSTRESC")
    limits = {
        name: pl.when(standard.is_not_null()).then(codes.number(st)).otherwise(codes.number(original))
        for name, (st, original) in LIMITS.items()
    }
    same = codes.number("LBORRES") == codes.number("LBSTRESN")
    return {
        "test": codes.code("LBTESTCD"),
        "_result": pl.coalesce("LBSTRESN", "LBSTRESC", "LBORRES"),
        "_unit_received": pl.when(standard.is_not_null())
        .then(pl.coalesce("LBSTRESU", pl.when(same).then("LBORRESU")))
        .otherwise("LBORRESU"),
        **limits,
    }


def standardised(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds ``value`` and ``unit``; ``rows`` have test, `_result` and `_unit_received` as text, and the limits.

    The factor of a known test's unit is in `_factor`, null for a unit that is not read.
    """
    unit = codes.code("_unit_received").str.replace_all(" ", "").str.replace_all("[\u00b5\u03bc\u039c]", "U")
    rows = rows.with_columns(_unit=unit.str.replace("X10", "10", literal=True)).with_columns(
        test=pl.when(pl.col("_unit").is_in(list(SHARE)))
        .then(pl.col("test").replace(SHARE_OF_LEUKOCYTES))
        .otherwise("test")
    )
    known = pl.col("test").is_in(list(STANDARD))
    factor = pl.lit(None, dtype=pl.Float64)
    own = pl.lit(None, dtype=pl.String)
    for test, (standard, factors) in STANDARD.items():
        here = pl.col("test") == test
        found = pl.col("_unit").replace_strict(dict(factors), default=None, return_dtype=pl.Float64)
        factor, own = pl.when(here).then(found).otherwise(factor), pl.when(here).then(pl.lit(standard)).otherwise(own)
    rows = rows.with_columns(_known=known, _factor=factor, _own=own)
    times = pl.when("_known").then("_factor").otherwise(1.0)
    return rows.with_columns(
        value=(codes.number("_result") * times).round(9),
        unit=pl.when("_known").then("_own").otherwise("_unit_received"),
        **{name: (pl.col(name) * times).round(9) for name in LIMITS if name in rows.columns},
    )


def result_checks(result: str, unit: str, chosen: pl.Expr) -> tuple[Check, ...]:
    """What can be wrong with the result of a known test: no number, negative, no unit, a unit that is not read.

    ``chosen`` is true where the column ``result`` is the one that counts.
    """
    here = pl.col("_known") & chosen
    number = codes.number("_result")
    beyond = pl.col("_result").str.contains(COMPARED).fill_null(False)
    is_number = here & number.is_not_null()
    readable = sorted({word for _, factors in STANDARD.values() for word in factors})
    return (
        Check(
            result,
            here & pl.col("_result").is_not_null() & number.is_null() & ~beyond,
            "not a number",
            "write a plain number with a decimal point, e.g. 4.2",
        ),
        Check(result, is_number & (number < 0), "cannot be negative", "correct the value"),
        Check(
            unit,
            is_number & pl.col("_unit").is_null(),
            pl.format("the result of {} has no unit", pl.col("test")),
            f"give the unit in {unit}",
        ),
        Check(
            unit,
            is_number & pl.col("_factor").is_null(),
            pl.format("unknown unit of {}", pl.col("test")),
            pl.format("write the unit {}", pl.col("_own")),
            known=tuple(readable),
        ),
    )


def with_standard_unit(rows: pl.DataFrame) -> pl.DataFrame:
    """Text rows of the form of laboratory results, value and limits in the standard unit of a known test.

    The result is ``value`` in ``unit``, else ``value_received`` in ``unit_received``; a cell that is no number stays.
    """
    given = pl.col("value").is_not_null()
    rows = rows.with_columns(
        test=codes.code("test"),
        _result=pl.coalesce("value", "value_received"),
        _unit_received=pl.when(given).then("unit").otherwise("unit_received"),
        value_received=pl.coalesce("value_received", "value"),
        unit_received=pl.coalesce("unit_received", "unit"),
    )
    numbers = standardised(rows.drop(*LIMITS))
    times = pl.when("_known").then("_factor").otherwise(1.0)
    limits = numbers.with_columns(rows[name] for name in LIMITS).with_columns(
        pl.coalesce((codes.number(name) * times).round(9).cast(pl.String), name).alias(name) for name in LIMITS
    )
    given_text = rows["value"].alias("_given")
    return limits.with_columns(given_text).with_columns(value=pl.coalesce(pl.col("value").cast(pl.String), "_given"))


def form_checks(_: pl.DataFrame) -> tuple[Check, ...]:
    """The checks of a known test's unit in the form of laboratory results."""
    return result_checks("value", "unit", pl.lit(True))
