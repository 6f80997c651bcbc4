"""Structured reports (3.11): the values of one report against each other, against what was recomputed, and alone."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from ingestion.objects.tables import SR_MEASUREMENT
from ingestion.pet_tables import PET_LESION
from pet.refusal import Flag
from pet.report_reads import ReportReads, beside_reports, compared
from pet.reported import reported_lesions
from protocol.pet_options import DEFAULT

QIICR: dict[str, float] = {
    "SUVBW MEAN": 6.01529,
    "SUVBW MAXIMUM": 10.3814,
    "SUVBW PEAK": 9.45534,
    "SUVBW MINIMUM": 2.91136,
    "VOLUME": 33.5824,
    "TLG": 202.008,
    "SAM": 107.283,
}
"""The report of the head-and-neck PET of 3.10 (d)."""
UNITS = {"VOLUME": "ml", "TLG": "g", "SAM": "g"}
METHOD = "SUV body weight calculation method"


def report(lesion: str | None = "primary tumor", uid: str = "1.2.3", **changes: Any) -> pl.DataFrame:
    """core.sr_measurement of one report; ``values`` by quantity and statistic, other changes are columns."""
    values = {**QIICR, **changes.pop("values", {})}
    about = {
        **{"study_id": "S", "subject_id": "S-01", "timepoint": 0, "group_number": 1, "method": METHOD},
        **{"tracking_id": lesion, "sop_instance_uid": uid, "source_sha256": uid, "source_record": uid},
        **{"observer": "READER", "observer_type": "PERSON"},
    }
    rows = [
        {
            **about,
            "measurement_number": number,
            "quantity": (parts := name.split(" "))[0],
            "statistic": parts[1] if len(parts) > 1 else None,
            "unit": UNITS.get(name, "{SUVbw}g/ml"),
            "value": value,
            "value_received": str(value),
            **changes,
        }
        for number, (name, value) in enumerate(values.items(), 1)
        if value is not None
    ]
    return SR_MEASUREMENT.conform(pl.DataFrame(rows, schema_overrides={"timepoint": pl.Int32}))


def one(measurements: pl.DataFrame) -> dict[str, Any]:
    found, rejects = reported_lesions(measurements, {})
    assert rejects.is_empty(), rejects
    (row,) = found.to_dicts()
    return row


def drawn(lesion: str = "primary tumor", evaluator: str = "READER", **values: float) -> pl.DataFrame:
    row = {"study_id": "S", "subject_id": "S-01", "timepoint": 0, "lesion_id": lesion, "evaluator": evaluator}
    given = {"suv_mean": 6.01529, "suv_max": 10.3814, "suv_peak": 9.45534, "region_ml": 33.5824, "tlg_g": 1.0}
    return PET_LESION.conform(pl.DataFrame([{**row, **given, **values, "measured_from": "SEG"}]))


def beside(lesions: pl.DataFrame, *reports: pl.DataFrame, forms: pl.DataFrame | None = None) -> ReportReads:
    return beside_reports(lesions, PET_LESION.empty() if forms is None else forms, pl.concat(reports), {}, DEFAULT)


def test_a_sound_report_3_10_d() -> None:
    row = one(report())
    assert (row["suv_mean"], row["suv_peak"], row["region_ml"], row["tlg_g"]) == (6.01529, 9.45534, 33.5824, 202.008)
    assert (row["lesion_id"], row["evaluator"], row["flags"]) == ("primary tumor", "READER", None)


@pytest.mark.parametrize(("tlg", "flagged"), [(202.008 * 1.0049, False), (202.008 * 1.0051, True), (150.0, True)])
def test_glycolysis_is_mean_times_volume_3_11(tlg: float, flagged: bool) -> None:
    row = one(report(values={"TLG": tlg}))
    assert row["tlg_g"] == tlg
    assert row["flags"] == (Flag.TLG_INCONSISTENT if flagged else None)


def test_a_missing_glycolysis_is_mean_times_volume_3_11() -> None:
    assert one(report(values={"TLG": None}))["tlg_g"] == pytest.approx(202.008, abs=5e-4)


@pytest.mark.parametrize("peak", [7.7e-42, 0.0, 5.5, 10.3814 * 1.06])
def test_a_reported_peak_that_is_none_is_refused_3_7(peak: float) -> None:
    row = one(report(values={"SUVBW PEAK": peak}))
    assert (row["suv_peak"], row["flags"]) == (None, Flag.REPORTED_PEAK_INVALID)
    assert row["suv_max"] == 10.3814


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unit": "cm2/ml"}, "the unit is not g/ml"),
        ({"method": None}, "no measurement method"),
        ({"lesion": None}, "no tracking identifier"),
        ({"timepoint": None}, "at no visit"),
        ({"subject_id": None}, "subject is not known"),
    ],
)
def test_a_value_without_unit_method_or_place_is_a_reject_3_11(changes: dict[str, Any], reason: str) -> None:
    found, rejects = reported_lesions(report(**changes), {})
    assert reason in rejects["reason"][0]
    assert found.drop_nulls("suv_max").is_empty()


def test_a_report_without_uptake_is_no_pet_read() -> None:
    of_ct = report().filter(pl.col("quantity") == "VOLUME")
    assert [frame.height for frame in reported_lesions(of_ct, {})] == [0, 0]


def test_reported_and_recomputed_values_are_compared_3_11() -> None:
    reported, _ = reported_lesions(report(), {})
    found = compared(reported, drawn(suv_max=10.5))
    by_field = {row["field"]: row for row in found.to_dicts()}
    assert set(by_field) == {"suv_max", "suv_mean", "suv_peak", "region_ml", "tlg_g"}
    assert {name for name, row in by_field.items() if row["flag"]} == {"suv_max"}
    assert by_field["suv_max"]["difference_pct"] == pytest.approx(100 * (10.3814 / 10.5 - 1))


def test_a_report_is_compared_with_its_own_readers_drawing_if_there_is_one() -> None:
    reported, _ = reported_lesions(report(), {})
    both = pl.concat([drawn(), drawn(evaluator="ANOTHER")])
    assert compared(reported, both)["evaluator"].unique().to_list() == ["READER"]
    assert compared(reported, both.filter(pl.col("evaluator") == "ANOTHER")).height == 5


def test_lesions_carry_what_their_reports_say() -> None:
    assert beside(drawn(), report()).lesion["flags"].to_list() == [None]
    differing = beside(drawn(suv_max=10.5), report(values={"TLG": 150.0}))
    assert differing.lesion["flags"].to_list() == ["TLG_INCONSISTENT,REPORTED_DIFFERS"]
    assert beside(differing.lesion.with_columns(flags=None), report()).lesion["flags"].to_list() == ["REPORTED_DIFFERS"]


def test_a_lesion_that_only_a_report_has_is_a_row_of_its_own() -> None:
    nodes = {"finding": "Lymph node", "finding_site": "Left axilla"}
    (row,) = beside(PET_LESION.empty(), report("pneumonitis", **nodes)).lesion.to_dicts()
    assert (row["measured_from"], row["evaluator"], row["suv_peak"]) == ("SR", "READER", 9.45534)
    assert (row["mtv_ml"], row["mtv_method"], row["tlg_basis"]) == (33.5824, "MASK", "SUV")
    assert (row["nature"], row["side"], row["is_node"], row["status"]) == ("IRAE", "LEFT", True, "PRESENT")


def test_a_read_of_images_or_forms_is_not_added_to() -> None:
    for forms, lesions in ((drawn(), PET_LESION.empty()), (PET_LESION.empty(), drawn())):
        found = beside(lesions, report("another"), forms=forms)
        assert found.lesion.height == lesions.height
        assert found.rejects["value"].to_list() == ["another"]


def test_of_two_reports_the_later_counts_and_a_device_reads_only_by_name() -> None:
    first, second = report(uid="1"), report(uid="2", values={"SUVBW MAXIMUM": 11.0})
    assert beside(PET_LESION.empty(), first, second).lesion["suv_max"].to_list() == [11.0]
    by_device = beside(PET_LESION.empty(), report(observer="SCANNER", observer_type="DEVICE"))
    assert by_device.lesion.is_empty()
    assert by_device.rejects["reason"].to_list() == ["no person observed"]
