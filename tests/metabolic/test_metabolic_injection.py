"""Intratumoural therapy: volume table, visits, log and worklist (section 8)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import polars as pl
import pytest

from cohorts.lesion_response import lesion_response_rate
from criteria.injection_agents import T_VEC, Agent, InjectionOptions, VolumeBand
from criteria.injection_candidates import injection_candidates
from criteria.injection_log import injection_deviations, injection_plan, most_ml, with_injected_status
from criteria.injection_worklist import injection_worklist
from ingestion.pet_tables import PET_LESION, PET_REFERENCE
from ingestion.tables import INJECTION, MEASUREMENT, SUBJECT
from tests.metabolic.pet_table import COURSE, DAY_1, Row, day, frame, lesions

WHO = {"study_id": "STUDY", "subject_id": "1"}
IMAGES = {
    "key_image_uid_pre": "1.2",
    "key_image_pre_date": None,
    "key_image_uid_baseline": "1.1",
    "key_image_baseline_date": DAY_1,
}


def visit(number: int, on: int, *rows: tuple[float, bool, float], **more: Any) -> list[Row]:
    """Injections of a visit: diameter in cm, new lesion, delivered volume in ml."""
    return [
        WHO
        | IMAGES
        | {
            "visit_number": number,
            "injection_datetime": datetime.combine(day(on), time()),
            "key_image_pre_date": day(on),
            "lesion_id": f"L{n}",
            "agent": "T-VEC",
            "concentration": 1e6 if number == 1 else 1e8,
            "lesion_diameter_mm": 10 * cm,
            "is_new_lesion": new,
            "delivered_volume_ml": volume,
            "source_sha256": "x",
            "source_record": f"{number}-{n}",
        }
        | more
        for n, (cm, new, volume) in enumerate(rows)
    ]


def planned(rows: list[Row], options: InjectionOptions | None = None) -> list[tuple[str, float]]:
    found = injection_plan(frame(INJECTION, rows), options or InjectionOptions()).sort("place")
    return list(found.select("lesion_id", "planned_ml").iter_rows())


@pytest.mark.parametrize(
    ("cm", "volume"), [(0.3, 0.1), (0.5, 0.1), (0.51, 0.5), (1.5, 0.5), (1.51, 1.0), (2.5, 1.0), (5.0, 2.0), (5.1, 4.0)]
)
def test_volume_by_diameter_upper_bounds_included(cm: float, volume: float) -> None:
    assert pl.select(most_ml(pl.lit(10 * cm), T_VEC)).item() == volume


def test_a_visit_1_takes_the_largest_lesion_first() -> None:
    rows = visit(1, 1, (3.0, False, 0), (6.0, False, 4), (1.2, False, 0))
    assert planned(rows) == [("L1", 4.0), ("L0", 0.0), ("L2", 0.0)]
    assert injection_plan(frame(INJECTION, rows))["planned_dose"].sum() == 4e6


def test_b_later_visits_take_new_lesions_first_and_the_last_volume_may_be_partial() -> None:
    rows = visit(3, 36, (3.0, False, 2), (1.0, True, 0.5), (2.0, False, 1), (1.6, False, 0.5))
    assert planned(rows) == [("L1", 0.5), ("L0", 2.0), ("L2", 1.0), ("L3", 0.5)]
    assert injection_plan(frame(INJECTION, rows))["planned_dose"].sum() == pytest.approx(4e8)


def test_c_visit_2_has_the_higher_concentration() -> None:
    rows = visit(2, 22, (2.5, False, 1.0), (0.5, False, 0.1))
    assert planned(rows) == [("L0", 1.0), ("L1", 0.1)]
    assert injection_plan(frame(INJECTION, rows))["planned_dose"].sum() == pytest.approx(1.1e8)


def test_another_agent_carries_its_own_table() -> None:
    agent = Agent("X-1", (VolumeBand(20.0, 1.0), VolumeBand(None, 3.0)), 10.0, 1.0, 2.0, "mg/mL", 7, 7)
    rows = visit(1, 1, (2.0, False, 1), (2.1, False, 3), agent="x 1")
    assert planned(rows, InjectionOptions(agents=(agent,))) == [("L1", 3.0), ("L0", 1.0)]


def codes(rows: list[Row], reads: list[Row] | None = None, **subject: Any) -> set[str]:
    found = injection_deviations(
        frame(INJECTION, rows),
        frame(SUBJECT, [WHO | {"first_dose_date": DAY_1} | subject]),
        frame(MEASUREMENT, reads or []),
    )
    assert found["message"].null_count() == 0
    return set(found["code"])


def test_a_log_by_the_rules_has_no_deviation() -> None:
    assert codes(visit(1, 1, (3.0, False, 2)) + visit(2, 22, (3.0, False, 2)) + visit(3, 36, (3.0, False, 2))) == set()


def test_d_volumes_concentration_and_interval() -> None:
    assert codes(visit(1, 1, (4.0, False, 3.0))) == {"VOLUME_EXCEEDS_TABLE"}
    assert codes(visit(1, 1, (4.0, False, 2.0), (4.5, False, 2.0), (1.2, False, 0.3))) == {"VISIT_TOTAL_EXCEEDED"}
    assert codes(visit(1, 1, (4.0, False, 2.0), concentration=1e8)) == {"WRONG_CONCENTRATION"}
    first = visit(1, 1, (4.0, False, 2.0))
    assert codes(first + visit(2, 11, (4.0, False, 2.0))) == {"INTERVAL_SHORT"}
    assert codes(first + visit(2, 19, (4.0, False, 2.0))) == codes(first + visit(2, 25, (4.0, False, 2.0))) == set()
    assert codes(first + visit(2, 26, (4.0, False, 2.0))) == {"INTERVAL_LONG"}


def test_HL_1_HL_2_key_images_and_their_dates() -> None:
    one = (4.0, False, 2.0)
    assert codes(visit(1, 1, one, key_image_uid_pre=None)) == {"KEYIMAGE_MISSING"}
    assert codes(visit(1, 1, one, key_image_baseline_date=day(2))) == {"KEYIMAGE_BASELINE_LATE"}
    assert codes(visit(1, 3, one, key_image_pre_date=day(2))) == set()
    assert codes(visit(1, 3, one, key_image_pre_date=day(1))) == {"KEYIMAGE_DATE"}
    assert codes(visit(1, 3, one, key_image_pre_date=day(4))) == {"KEYIMAGE_DATE"}


def test_HL_3_the_dose_is_concentration_times_volume_within_1_percent() -> None:
    assert codes(visit(1, 1, (4.0, False, 2.0), dose=2.019e6)) == set()
    assert codes(visit(1, 1, (4.0, False, 2.0), dose=2.03e6)) == {"DOSE_NOT_AS_COMPUTED"}


def test_HL_4_a_lesion_counts_as_injected_from_its_first_injection_on() -> None:
    reads = [
        COURSE | {"timepoint": n, "lesion_id": "L0", "assessment_date": day(on), "injected": said}
        for n, (on, said) in enumerate(((1, False), (57, None), (113, False)))
    ]
    log = frame(INJECTION, visit(1, 30, (3.0, False, 2)))
    assert with_injected_status(frame(MEASUREMENT, reads), log)["injected"].to_list() == [False, True, True]
    assert "INJECTED_STATUS" in codes(visit(1, 30, (3.0, False, 2)), reads)
    assert "INJECTED_STATUS" not in codes(visit(1, 30, (3.0, False, 2)), reads[:2])


def test_HL_5_the_number_of_lesions_has_no_limit() -> None:
    assert codes(visit(1, 1, *[(1.2, False, 0.1)] * 12)) == set()


def test_HL_6_HL_7_HL_8_HI_1_HI_2_what_is_to_be_asked_about() -> None:
    first = visit(1, 1, (4.0, False, 2.0), operator="A")
    assert codes(first + visit(2, 22, (4.0, False, 2.0), operator="B")) == {"OPERATOR_CHANGED"}
    assert codes(visit(1, 1, (4.0, False, 2.0), measured_on="US")) == {"SIZE_NOT_FROM_CT"}
    ended = {"discontinuation_reason": "PROGRESSIVE DISEASE"}
    assert codes(first, discontinuation_date=day(84), **ended) == {"EARLY_FUTILITY"}
    assert codes(first, discontinuation_date=day(85), **ended) == set()
    assert codes(visit(1, 1, (0.9, False, 0.5))) == {"BELOW_TRIAL_SIZE"}
    assert codes(visit(1, 1, (5.2, False, 4.0))) == {"ABOVE_50_MM"}


def measured(lesion_id: str, organ: str, *sizes: float, node: bool = False, injected: bool = False) -> list[Row]:
    return [
        COURSE
        | {"timepoint": n, "assessment_date": DAY_1 + timedelta(days=56 * n), "lesion_id": lesion_id, "role": "TARGET"}
        | {"organ": organ, "is_node": node, "state": "MEASURED" if size else "ABSENT", "injected": injected}
        | {"short_axis_mm" if node else "longest_diameter_mm": size or None}
        for n, size in enumerate(sizes)
    ]


def worklist(reads: list[Row], pet: str = "lesion | BL\n", **options: Any) -> dict[str, Row]:
    measurements = frame(MEASUREMENT, reads)
    region = COURSE | {"timepoint": 0, "region": "LIVER", "sul_mean": 1.4, "sul_sd": 0.15}
    found = injection_worklist(
        *injection_candidates(measurements),
        measurements,
        frame(PET_LESION, lesions(pet)),
        frame(PET_REFERENCE, [region]),
        InjectionOptions(**options),
    )
    return {row["lesion_id"]: row for row in found.to_dicts()}


def test_HI_1_HI_2_size_is_strict_by_default() -> None:
    reads = [*measured("A", "skin", 9), *measured("B", "node", 15, node=True), *measured("C", "node", 15.1, node=True)]
    found = worklist([*reads, *measured("D", "liver", 52)])
    assert [found[name]["eligible"] for name in "ABCD"] == ["N", "N", "Y", "Y"]
    assert [found[name]["caution"] for name in "ABCD"] == [False, False, False, True]
    assert worklist(reads, hitit_inclusive=True)["B"]["eligible"] == "Y"
    assert worklist(reads, hitit_node_axis="LONGEST")["B"]["eligible"] == "NOT_EVALUABLE"


def test_HI_3_HI_4_HI_5_points_of_what_is_known_and_ties_by_size() -> None:
    reads = [*measured("A", "skin", 20, 30), *measured("B", "liver", 40, 30), *measured("C", "liver", 60, 60)]
    found = worklist(reads, "lesion | BL\nA skin | 3.0\nB liver | 3.0 mtv=1 vol=5\nC liver | 2.0")
    assert {name: row["score"] for name, row in found.items()} == {"A": 5, "B": 0, "C": -1}
    assert {name: row["place"] for name, row in found.items()} == {"A": 1, "B": 2, "C": 3}
    assert found["A"]["explanation"] == "+2 FDG-avid, +2 new or growing, +1 superficial"
    assert found["B"]["explanation"] == "+2 FDG-avid, -2 mostly necrotic"
    assert found["C"]["explanation"] == "-1 above 50 mm"


def test_response_rates_of_injected_and_other_lesions() -> None:
    reads = [
        *measured("A", "skin", 20, 10, injected=True),
        *measured("B", "skin", 20, 0, injected=True),
        *measured("C", "skin", 20, 14),
        *measured("D", "node", 20, 9, node=True),
        *measured("E", "lung", 20, 15),
        *measured("F", "liver", 20),
    ]
    found = {
        row["lesion_group"]: row
        for row in lesion_response_rate(frame(MEASUREMENT, reads), INJECTION.empty()).to_dicts()
    }
    counts = {group: (row["lesions"], row["complete"], row["responding"]) for group, row in found.items()}
    assert counts == {"INJECTED": (2, 1, 2), "NOT INJECTED, NOT VISCERAL": (2, 1, 2), "VISCERAL": (1, 0, 0)}
    assert found["VISCERAL"]["upper"] == pytest.approx(0.975)
