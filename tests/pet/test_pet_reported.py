"""Structured reports (3.11): the values of one report against each other and against what was recomputed."""

from __future__ import annotations

import polars as pl
import pytest

from pet.refusal import Flag
from pet.reported import compared, reported_lesions, with_report_flags

QIICR = {
    ("SUVBW", "MEAN"): 6.01529,
    ("SUVBW", "MAXIMUM"): 10.3814,
    ("SUVBW", "PEAK"): 9.45534,
    ("SUVBW", "MINIMUM"): 2.91136,
    ("VOLUME", None): 33.5824,
    ("TLG", None): 202.008,
    ("SAM", None): 107.283,
}
"""The report of the head-and-neck PET of 3.10 (d)."""


SUL = ("sul_max", "sul_mean", "sul_peak")


def report(lesion: str = "primary tumor", **changes: float) -> pl.DataFrame:
    values = {**QIICR, **{tuple(name.split("_")): value for name, value in changes.items()}}
    if "TLG" in changes:
        values = {**QIICR, ("TLG", None): changes["TLG"]}
    return pl.DataFrame(
        [
            {
                "subject_id": "S-01",
                "timepoint": 0,
                "tracking_id": lesion,
                "tracking_uid": "1.2",
                "sop_instance_uid": "1.2.3",
                "quantity": quantity,
                "statistic": statistic,
                "value": value,
            }
            for (quantity, statistic), value in values.items()
        ],
        schema_overrides={"timepoint": pl.Int32},
    )


def recomputed(**values: float) -> pl.DataFrame:
    given = {"suv_mean": 6.01529, "suv_max": 10.3814, "suv_peak": 9.45534, "region_ml": 33.5824, **values}
    row = {"subject_id": "S-01", "timepoint": 0, "lesion_id": "primary tumor", "evaluator": "READER", "flags": None}
    return pl.DataFrame(
        [{**row, **given, "sul_max": None, "sul_mean": None, "sul_peak": None, "tlg_g": 1.0}],
        schema_overrides={
            "timepoint": pl.Int32,
            "flags": pl.String,
            **dict.fromkeys(SUL, pl.Float64),
        },
    )


def test_a_sound_report_3_10_d() -> None:
    (row,) = reported_lesions(report()).iter_rows(named=True)
    assert (row["suv_mean"], row["suv_peak"], row["region_ml"], row["tlg_g"]) == (6.01529, 9.45534, 33.5824, 202.008)
    assert (row["lesion_id"], row["flags"]) == ("primary tumor", None)


@pytest.mark.parametrize(("tlg", "flagged"), [(202.008 * 1.0049, False), (202.008 * 1.0051, True), (150.0, True)])
def test_glycolysis_is_mean_times_volume_3_11(tlg: float, flagged: bool) -> None:
    (row,) = reported_lesions(report(TLG=tlg)).iter_rows(named=True)
    assert row["tlg_g"] == tlg
    assert row["flags"] == (Flag.TLG_INCONSISTENT if flagged else None)


@pytest.mark.parametrize("peak", [7.7e-42, 0.0, -1.0, 5.5, 10.3814 * 1.06])
def test_a_reported_peak_that_is_none_is_refused_3_7(peak: float) -> None:
    (row,) = reported_lesions(report(SUVBW_PEAK=peak)).iter_rows(named=True)
    assert (row["suv_peak"], row["flags"]) == (None, Flag.PEAK_INVALID)
    assert row["suv_max"] == 10.3814


def test_reported_and_recomputed_values_are_compared_3_11() -> None:
    found = compared(reported_lesions(report()), recomputed(suv_max=10.5))
    by_field = {row["field"]: row for row in found.iter_rows(named=True)}
    assert set(by_field) == {"suv_max", "suv_mean", "suv_peak", "region_ml", "tlg_g"}
    assert {name for name, row in by_field.items() if row["flag"]} == {"suv_max"}
    assert by_field["suv_max"]["difference"] == pytest.approx(10.3814 / 10.5 - 1)


def test_lesions_carry_what_their_reports_say() -> None:
    assert with_report_flags(recomputed(), report())["flags"].to_list() == [None]
    assert with_report_flags(recomputed(suv_max=10.5), report(TLG=150.0))["flags"].to_list() == [
        "TLG_INCONSISTENT,REPORTED_DIFFERS"
    ]
    other = with_report_flags(recomputed(suv_max=10.5), report("another"))
    assert other["flags"].to_list() == [None]
