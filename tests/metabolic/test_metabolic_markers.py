"""Markers of PET and blood with their guards (sections 3.9 and 7)."""

from __future__ import annotations

from typing import Any

import pytest

from criteria.metabolic.marker_options import MarkerOptions
from criteria.metabolic.markers import markers
from ingestion.pet_tables import PET_BURDEN, PET_LESION, PET_REFERENCE
from ingestion.tables import LABORATORY
from tests.metabolic.pet_table import COURSE, Row, day, frame, lesions

ONE = "lesion | BL\nL1 lung | 8 mtv={mtv} tlg={tlg} vol=60"


def computed(
    counts: dict[str, float] | None = None,
    references: list[Row] | None = None,
    mtv: float = 42.0,
    tlg: float = 100.0,
    sampled: int = 1,
    units: dict[str, str] | None = None,
    text: str = ONE,
    **options: Any,
) -> dict[str, Row]:
    taken = [
        {"study_id": "STUDY", "subject_id": "1", "test": test, "collection_date": day(sampled), "value": value}
        | {"unit": (units or {}).get(test, "10^9/L"), "source_sha256": "x", "source_record": str(n)}
        for n, (test, value) in enumerate((counts or {}).items())
    ]
    found = markers(
        frame(PET_LESION, lesions(text.format(mtv=mtv, tlg=tlg))),
        frame(PET_REFERENCE, references or []),
        frame(LABORATORY, taken),
        MarkerOptions(**options),
    )
    return {row["marker"]: row for row in found.to_dicts()}


@pytest.mark.parametrize(
    ("neutrophils", "leukocytes", "value", "level"),
    [(6.0, 8.0, 3.0, "FAVOURABLE"), (6.3, 8.3, 3.15, "ADVERSE"), (5.4, 7.2, 3.0, "FAVOURABLE")],
)
def test_dNLR_above_3_is_adverse(neutrophils: float, leukocytes: float, value: float, level: str) -> None:
    """PM-1; 5.4 / (7.2 - 5.4) is 3.0000000000000004 in binary fractions and not above 3."""
    row = computed({"NEUT": neutrophils, "WBC": leukocytes})["dNLR"]
    assert row["value"] == pytest.approx(value)
    assert row["level"] == level


def test_PLR_and_NLR_are_ratios_to_the_lymphocytes() -> None:
    found = computed({"NEUT": 7.1, "LYM": 1.2, "PLAT": 240.0})
    assert found["NLR"]["value"] == pytest.approx(5.9167, abs=1e-4)
    assert found["PLR"]["value"] == pytest.approx(200)


@pytest.mark.parametrize(("mtv", "level"), [(75.0, "FAVOURABLE"), (75.1, "ADVERSE")])
def test_TMTV_above_75_ml_is_adverse(mtv: float, level: str) -> None:
    assert computed(mtv=mtv)["TMTV"]["level"] == level


@pytest.mark.parametrize(
    ("neutrophils", "tlg", "level"),
    [(7.1 / 1.2, 120, "INTERMEDIATE"), (4.9, 100, "INTERMEDIATE"), (3.0, 149.4, "LOW"), (5.0, 149.5, "HIGH")],
)
def test_IMPI_has_three_levels(neutrophils: float, tlg: float, level: str) -> None:
    """PM-3; NLR 4.9 is not below 4.9."""
    assert computed({"NEUT": neutrophils, "LYM": 1.0}, tlg=tlg)["IMPI"]["level"] == level


def regions(spleen: float, liver: float, marrow: float = 2.0) -> list[Row]:
    place = COURSE | {"timepoint": 0, "assessment_date": day(1)}
    values = {"SPLEEN": spleen, "LIVER": liver, "MARROW": marrow}
    return [place | {"region": name, "suv_mean": v, "suv_max": 2 * v, "usable": True} for name, v in values.items()]


@pytest.mark.parametrize(("spleen", "level"), [(1.98, "FAVOURABLE"), (2.00, "ADVERSE")])
def test_PM_2_SLR_above_1_1_is_adverse(spleen: float, level: str) -> None:
    assert computed(references=regions(spleen, 1.80))["SLR"]["level"] == level


def test_PM_4_BLR_has_no_cut_off_of_its_own() -> None:
    row = computed(references=regions(2, 1.8, 1.9))["BLR"]
    assert row["value"] == pytest.approx(1.0556, abs=1e-4)
    assert row["level"] is None
    assert computed(references=regions(2, 1.8, 1.9), blr_cutoff=1.0)["BLR"]["level"] == "ADVERSE"


def test_PM_5_MMVR_is_the_ratio_of_the_volumes_of_a_lesion() -> None:
    row = computed()["MMVR"]
    assert (row["lesion_id"], row["value"]) == ("L1", 0.7)
    assert computed(mtv=80)["MMVR"]["value"] is None


def test_risk_factors_count_the_adverse_ones() -> None:
    """PM-1, and PM-6 in words."""
    row = computed({"NEUT": 6.3, "WBC": 8.3}, mtv=75.1)["RISK_FACTORS"]
    assert row["value"] == 2
    assert "risk of hyperprogression" in row["explanation"]


def test_blood_counts_only_within_14_days_before_the_scan() -> None:
    counts = {"NEUT": 6.3, "WBC": 8.3}
    assert computed(counts, sampled=-13)["dNLR"]["value"] is not None
    assert computed(counts, sampled=-14)["dNLR"]["value"] is None
    assert computed(counts, sampled=2)["dNLR"]["value"] is None


def test_a_denominator_of_zero_and_different_units_give_no_value_but_a_reason() -> None:
    assert computed({"NEUT": 8.0, "WBC": 8.0})["dNLR"]["explanation"] == "the denominator is not above zero"
    other = computed({"NEUT": 6.3, "WBC": 8300.0}, units={"WBC": "/uL"})["dNLR"]
    assert (other["value"], other["explanation"]) == (None, "counts in different units")


def test_the_measured_union_of_all_lesions_stands_over_the_added_volumes() -> None:
    reads = frame(PET_LESION, lesions(ONE.format(mtv=42, tlg=100)))
    burden = frame(PET_BURDEN, [COURSE | {"timepoint": 0, "scan_id": "S", "tmtv_ml": 80.0, "ttlg_g": None}])
    rows = markers(reads, PET_REFERENCE.empty(), LABORATORY.empty(), burden=burden).to_dicts()
    found = {row["marker"]: row["value"] for row in rows}
    assert (found["TMTV"], found["TTLG"]) == (80.0, 100.0)


def test_foci_taken_for_irAE_are_no_tumour_volume() -> None:
    text = ONE + "\nN1 node | 4 IRAE mtv=50 tlg=9\nN2 bone | 4 UNCERTAIN mtv=50 tlg=9"
    assert computed(text=text)["TMTV"]["value"] == 42
    assert computed(text=ONE + "\nN3 bone | 4")["TMTV"]["value"] is None
