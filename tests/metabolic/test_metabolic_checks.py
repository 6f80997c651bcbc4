"""PET quality checks Q-01 to Q-18, per scan and against the baseline scan (section 4)."""

from __future__ import annotations

from typing import Any

import pytest

from criteria.metabolic.quality_checks import pet_checks
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from ingestion.tables import SUBJECT, THERAPY
from tests.metabolic.pet_table import COURSE, DAY_1, Row, day, frame

GOOD: Row = {
    "uptake_min": 60.0,
    "glucose_mmol_l": 5.5,
    "fasting_h": 6.0,
    "manufacturer": "M",
    "manufacturer_model": "X",
    "station": "1",
    "reconstruction": "OSEM",
    "voxel_mm": "4x4x4",
    "injected_activity_mbq": 300.0,
    "weight_kg": 70.0,
    "height_m": 1.75,
    "lbm_formula": "JANMAHASATIAN",
    "therapy_class": "ANTI-PD-1",
    "cycles_before": 0,
}


def scans(first: Row | None = None, second: Row | None = None) -> list[Row]:
    who = {"study_id": "STUDY", "subject_id": "1"}
    return [
        who | {"scan_id": f"S{at}", "timepoint": at, "assessment_date": day(1 + 56 * at)} | GOOD | (said or {})
        for at, said in ((0, first), (1, second))
    ]


def results(
    rows: list[Row],
    references: list[Row] | None = None,
    therapies: list[Row] | None = None,
    lesions: list[Row] | None = None,
    **subject: Any,
) -> dict[tuple[str, int], Row]:
    who = {"study_id": "STUDY", "subject_id": "1"}
    found = pet_checks(
        frame(PET_SCAN, rows),
        frame(PET_REFERENCE, references or []),
        frame(PET_LESION, lesions or []),
        frame(THERAPY, [who | row for row in therapies or []]),
        frame(SUBJECT, [who | {"first_dose_date": DAY_1} | subject]),
    )
    return {(row["check_id"], row["timepoint"]): row for row in found.to_dicts()}


def result(check: str, first: Row | None = None, second: Row | None = None, at: int = 1) -> str:
    return str(results(scans(first, second))[check, at]["result"])


@pytest.mark.parametrize(
    ("check", "said", "expected"),
    [
        ("Q-01", {"uptake_min": 50.0}, "PASS"),
        ("Q-01", {"uptake_min": 70.0}, "PASS"),
        ("Q-01", {"uptake_min": 70.1}, "WARN"),
        ("Q-01", {"uptake_min": 45.0}, "WARN"),
        ("Q-01", {"uptake_min": 44.9}, "FAIL"),
        ("Q-01", {"uptake_min": 93.8}, "FAIL"),
        ("Q-01", {"uptake_min": None}, "WARN"),
        ("Q-02", {"uptake_min": 75.0}, "PASS"),
        ("Q-02", {"uptake_min": 75.1}, "FAIL"),
        ("Q-02", {"uptake_min": 49.0}, "FAIL"),
        ("Q-03", {"glucose_mmol_l": 11.1}, "PASS"),
        ("Q-03", {"glucose_mmol_l": 200 / 18.016}, "FAIL"),
        ("Q-03", {"glucose_mmol_l": None}, "WARN"),
        ("Q-04", {"fasting_h": 4.0}, "PASS"),
        ("Q-04", {"fasting_h": 3.9}, "FAIL"),
        ("Q-04", {"fasting_h": None}, "WARN"),
        ("Q-05", {}, "PASS"),
        ("Q-05", {"station": "2"}, "WARN"),
        ("Q-05", {"manufacturer_model": "Y"}, "FAIL"),
        ("Q-05", {"voxel_mm": "2x2x2"}, "FAIL"),
        ("Q-05", {"voxel_mm": "2x2x2", "harmonised": True}, "FAIL"),
        ("Q-05", {"voxel_mm": None}, "WARN"),
        ("Q-06", {"injected_activity_mbq": 360.0}, "PASS"),
        ("Q-06", {"injected_activity_mbq": 239.0}, "FAIL"),
        ("Q-14", {}, "PASS"),
        ("Q-14", {"height_m": None}, "WARN"),
        ("Q-14", {"weight_kg": None}, "FAIL"),
        ("Q-17", {}, "PASS"),
        ("Q-17", {"lbm_formula": "JAMES128"}, "FAIL"),
        ("Q-17", {"lbm_formula": None}, "WARN"),
        ("Q-18", {}, "PASS"),
        ("Q-18", {"cycles_before": None}, "FAIL"),
    ],
)
def test_Q_01_Q_02_Q_03_Q_04_Q_05_Q_06_Q_14_Q_17_Q_18_LG_6_limits(check: str, said: Row, expected: str) -> None:
    assert result(check, second=said) == expected


def test_Q_05_another_reconstruction_is_a_warning_where_both_scans_are_harmonised() -> None:
    other = {"voxel_mm": "2x2x2", "harmonised": True}
    assert result("Q-05", {"harmonised": True}, other) == "WARN"
    assert result("Q-05", {"harmonised": None}, other) == "FAIL"


def regions(region: str, first: float | None, second: float | None, sd: float = 0.1) -> list[Row]:
    return [
        COURSE
        | {"timepoint": at, "assessment_date": day(1 + 56 * at), "region": region, "usable": mean is not None}
        | ({"sul_mean": mean, "sul_sd": sd} if mean is not None else {})
        for at, mean in ((0, first), (1, second))
    ]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(1.50, 1.75, "PASS"), (1.20, 1.45, "FAIL"), (1.90, 2.25, "FAIL"), (1.5, 1.8, "FAIL")],
)
def test_Q_07_the_liver_may_move_by_less_than_20_percent_and_0_3(first: float, second: float, expected: str) -> None:
    found = results(scans(), regions("LIVER", first, second))
    assert found["Q-07", 1]["result"] == expected
    assert ("Q-08", 1) not in found


def test_Q_08_with_a_diseased_liver_the_blood_pool_is_compared() -> None:
    found = results(scans(), [*regions("LIVER", 1.5, None), *regions("BLOOD_POOL", 1.2, 1.3)])
    assert (found["Q-07", 1]["result"], found["Q-08", 1]["result"]) == ("WARN", "PASS")
    worse = results(scans(), [*regions("LIVER", 1.5, None), *regions("BLOOD_POOL", 1.2, 1.45)])
    assert worse["Q-08", 1]["result"] == "FAIL"


@pytest.mark.parametrize(("sd", "expected"), [(0.225, "PASS"), (0.3, "WARN"), (0.376, "FAIL")])
def test_Q_15_noise_of_the_liver(sd: float, expected: str) -> None:
    assert results(scans(), regions("LIVER", 1.5, 1.5, sd))["Q-15", 1]["result"] == expected


@pytest.mark.parametrize(
    ("check", "therapy", "before", "expected"),
    [
        ("Q-09", "CARBOPLATIN", 14, "PASS"),
        ("Q-09", "CARBOPLATIN", 13, "WARN"),
        ("Q-09", "CARBOPLATIN", 9, "FAIL"),
        ("Q-09", "NIVOLUMAB", 1, "PASS"),
        ("Q-10", "Radiotherapy of the lung", 56, "PASS"),
        ("Q-10", "Radiotherapy of the lung", 55, "FAIL"),
        ("Q-11", "PEGFILGRASTIM", 15, "PASS"),
        ("Q-11", "PEGFILGRASTIM", 14, "FAIL"),
        ("Q-12", "Lobectomy", 42, "PASS"),
        ("Q-12", "Lobectomy", 41, "WARN"),
    ],
)
def test_Q_09_Q_10_Q_11_Q_12_time_since_other_therapy(check: str, therapy: str, before: int, expected: str) -> None:
    given = [{"therapy": therapy, "start_date": day(57 - before - 2), "end_date": day(57 - before)}]
    assert results(scans(), therapies=given)[check, 1]["result"] == expected


def test_Q_09_therapy_after_the_scan_does_not_count() -> None:
    given = [{"therapy": "CISPLATIN", "start_date": day(60), "end_date": None}]
    assert results(scans(), therapies=given)["Q-09", 1]["result"] == "PASS"


@pytest.mark.parametrize(("on", "expected"), [(29, "PASS"), (30, "WARN"), (43, "WARN"), (44, "FAIL")])
def test_Q_16_age_of_the_baseline_scan(on: int, expected: str) -> None:
    found = results(scans(), first_dose_date=day(on))
    assert found["Q-16", 0]["result"] == expected
    assert ("Q-16", 1) not in found


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [("VERTEX_TO_FEET", "PASS"), ("NECK_TO_THIGH", "WARN"), ("LIMITED", "FAIL"), (None, "WARN")],
)
def test_Q_13_coverage_of_the_field(coverage: str | None, expected: str) -> None:
    assert result("Q-13", second={"coverage": coverage}) == expected


def test_Q_17_other_settings_of_the_values_fail() -> None:
    lesions = [
        COURSE | {"timepoint": at, "lesion_id": "L", "settings": said} for at, said in ((0, '{"a":1}'), (1, '{"a":2}'))
    ]
    found = results(scans(), lesions=lesions)
    assert found["Q-17", 1]["result"] == "FAIL"
    assert "1 = all equal" in found["Q-17", 1]["message"]


def test_every_check_has_a_row_and_a_sentence_with_its_number() -> None:
    regions_given = [*regions("LIVER", 1.5, 1.6), *regions("BLOOD_POOL", 1.2, 1.2)]
    found = results(scans(), regions_given)
    assert {check for check, _ in found} == {f"Q-{n:02}" for n in range(1, 19)} - {"Q-08"}
    assert found["Q-07", 1]["message"].startswith("liver 6.67 % from the baseline")
