"""Dissociated response by every morphologic definition of section 9.2."""

from __future__ import annotations

from typing import Any

import pytest

from tests.patterns.study import course, present
from tests.spec.table import day

KEYS = ("seed_any", "tazdait2018", "bernard_tessier2020", "tozuka2020", "sato2021")


def answers(text: str, dates: dict[str, int] | None = None, **options: Any) -> dict[str, str]:
    found = present(course(text, **(dates or {})).dissociated(**options))
    assert tuple(sorted(found)) == tuple(sorted(KEYS))
    return found


def two(liver: float, lung: float, **options: Any) -> dict[str, str]:
    """A liver target of 30 mm and a lung target of 20 mm at the baseline."""
    return answers(f"lesion | BL | d57\nT01 liver | 30 | {liver}\nT02 lung | 20 | {lung}", **options)


def yes(found: dict[str, str]) -> set[str]:
    assert set(found.values()) <= {"Y", "N"}
    return {key for key, answer in found.items() if answer == "Y"}


def test_9_2_D_E1_dissociated_by_all() -> None:
    table = "lesion | BL | d57\nT01 liver | 30 | 18\nT02 lung | 15 | 22"
    assert yes(answers(table)) == set(KEYS)
    found = course(table).dissociated()["bernard_tessier2020"]
    assert (found["onset_date"], found["value"], found["threshold"], found["chosen"]) == (day(57), 7.0, 5.0, True)
    assert found["criterion"] == "ALL"
    assert "smallest change -40.0 %, largest +46.67 %" in found["explanation"]
    assert course(table).responses["overall_response"].to_list() == ["SD"]


def test_9_2_D_E2_less_than_5_mm_of_growth() -> None:
    found = answers("lesion | BL | d57\nT01 liver | 30 | 18\nT02 node | 15 | 19")
    assert (found["tazdait2018"], found["bernard_tessier2020"]) == ("Y", "N")


def test_9_2_D_E3_only_seed_any() -> None:
    assert yes(answers("lesion | BL | d57\nT01 liver | 30 | 20\nT02 lung | 15 | 15\nT03 node | 15 | 15")) == {
        "seed_any"
    }


@pytest.mark.parametrize(("liver", "strict", "inclusive"), [(20.9, "Y", "Y"), (21, "N", "Y"), (21.1, "N", "N")])
def test_9_2_tazdait2018_bernard_tessier2020_decrease_of_more_than_30_percent(
    liver: float, strict: str, inclusive: str
) -> None:
    for key in ("tazdait2018", "bernard_tessier2020"):
        assert two(liver, 30)[key] == strict
        assert two(liver, 30, dissociated_inclusive=True)[key] == inclusive


@pytest.mark.parametrize(("lung", "strict", "inclusive"), [(23.9, "N", "N"), (24, "N", "Y"), (24.1, "Y", "Y")])
def test_9_2_tazdait2018_increase_of_more_than_20_percent(lung: float, strict: str, inclusive: str) -> None:
    assert two(18, lung)["tazdait2018"] == strict
    assert two(18, lung, dissociated_inclusive=True)["tazdait2018"] == inclusive


@pytest.mark.parametrize(("lung", "expected"), [(24.9, "N"), (25, "Y"), (25.1, "Y")])
def test_9_2_bernard_tessier2020_growth_of_5_mm(lung: float, expected: str) -> None:
    assert two(18, lung)["bernard_tessier2020"] == expected


@pytest.mark.parametrize(("bone", "expected"), [(12.4, "N"), (12.5, "Y")])
def test_9_2_bernard_tessier2020_the_growing_lesions_add_up(bone: float, expected: str) -> None:
    table = f"lesion | BL | d57\nT01 liver | 30 | 18\nT02 lung | 10 | 12.5\nT03 bone | 10 | {bone}\nT04 skin | 20 | 24"
    assert answers(table)["bernard_tessier2020"] == expected


@pytest.mark.parametrize(("liver", "expected"), [(21, "Y"), (21.1, "N")])
def test_9_2_seed_any_response_of_30_percent_beside_stable_disease(liver: float, expected: str) -> None:
    assert two(liver, 20)["seed_any"] == expected
    assert two(liver, 10)["seed_any"] == ("N" if liver == 21 else "Y")


def test_9_2_tozuka2020_any_shrinkage_beside_any_growth() -> None:
    assert two(29.9, 20.1)["tozuka2020"] == "Y"
    assert two(30, 20.1)["tozuka2020"] == "N"
    assert two(29.9, 20)["tozuka2020"] == "N"


@pytest.mark.parametrize(
    ("liver", "lung", "expected"),
    [(21, 25, "Y"), (21.1, 25, "N"), (21, 24.9, "N")],
)
def test_9_2_sato2021_response_in_one_organ_progression_in_another(liver: float, lung: float, expected: str) -> None:
    assert two(liver, lung)["sato2021"] == expected


def test_9_2_sato2021_organs_are_judged_by_their_sums() -> None:
    same = "lesion | BL | d57\nT01 liver | 30 | 18\nT02 liver | 15 | 22"
    assert answers(same)["sato2021"] == "N"
    nodes = "lesion | BL | d57\nT01 node | 30 | 18\nT02 node | 15 | 22"
    assert answers(nodes)["sato2021"] == "N"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("NT01 bone | + | !!", "Y"),
        ("NT01 bone | + | ++", "Y"),
        ("NT01 bone | + | +^", "Y"),
        ("NT01 bone | + | +", "N"),
        ("NEW01 liver | - | !", "Y"),
        ("NEW01 liver | - | ?", "N"),
    ],
)
def test_9_2_sato2021_all_organs_respond_but_a_new_or_worsening_lesion(other: str, expected: str) -> None:
    table = f"lesion | BL | d57\nT01 liver | 30 | 18\nT02 lung | 20 | 10\n{other}"
    assert answers(table)["sato2021"] == expected


def test_9_2_sato2021_a_new_lesion_is_progression_of_its_organ() -> None:
    table = "lesion | BL | d57\nT01 liver | 30 | 18\nT02 lung | 20 | 20\nNEW01 {organ} | - | !"
    assert answers(table.format(organ="lung"))["sato2021"] == "Y"
    assert answers(table.format(organ="liver"))["sato2021"] == "N"
    assert answers(table.format(organ="lung"), dissociated_new_counts=False)["sato2021"] == "N"


def test_9_2_new_lesions_count_as_growth_except_for_tazdait2018() -> None:
    table = "lesion | BL | d57\nT01 liver | 30 | 18\nNEW01 lung | - | !"
    assert yes(answers(table)) == set(KEYS) - {"tazdait2018"}
    assert yes(answers(table, dissociated_new_counts=True)) == set(KEYS)
    assert yes(answers(table, dissociated_new_counts=False)) == set()


@pytest.mark.parametrize(("cell", "counts"), [("!9.9", False), ("!10", True), ("?12", False), ("0", False)])
def test_9_2_only_new_lesions_that_are_surely_there_count(cell: str, counts: bool) -> None:
    table = f"lesion | BL | d57\nT01 liver | 30 | 18\nNEW01 node | - | {cell}"
    assert (answers(table)["bernard_tessier2020"] == "Y") is counts


def test_9_2_dissociated_ref_nadir() -> None:
    table = "lesion | BL | d57 | d113\nT01 liver | 30 | 18 | 18\nT02 lung | 30 | 24 | 30"
    assert answers(table)["bernard_tessier2020"] == "N"
    found = course(table).dissociated(dissociated_ref="nadir")["bernard_tessier2020"]
    assert (found["present"], found["onset_date"], found["value"]) == ("Y", day(113), 6.0)


def test_9_2_a_lesion_that_grows_over_its_nadir_is_not_the_one_that_shrinks() -> None:
    table = "lesion | BL | d57 | d113\nT01 liver | 60 | 10 | 30\nT02 lung | 20 | 20 | 20"
    found = answers(table, dissociated_ref="nadir")
    assert (found["tazdait2018"], found["bernard_tessier2020"], found["tozuka2020"]) == ("N", "N", "N")


def test_9_2_organ_level() -> None:
    table = "lesion | BL | d57\nT01 liver | 30 | 18\nT02 liver | 15 | 22\nT03 lung | 20 | 20"
    assert answers(table)["bernard_tessier2020"] == "Y"
    assert answers(table, dissociated_level="organ")["bernard_tessier2020"] == "N"
    apart = "lesion | BL | d57\nT01 liver | 30 | 10\nT02 liver | 20 | 18\nT03 lung | 10 | 12\nT04 lung | 10 | 14"
    assert answers(apart, dissociated_level="organ")["bernard_tessier2020"] == "Y"
    assert course(apart).dissociated(dissociated_level="organ")["bernard_tessier2020"]["value"] == 6.0


def test_9_2_an_organ_with_a_target_that_is_not_assessed_is_not_judged() -> None:
    table = "lesion | BL | d57\nT01 liver | 30 | 10\nT02 liver | 20 | NE\nT03 lung | 20 | 30"
    assert answers(table)["bernard_tessier2020"] == "Y"
    assert answers(table, dissociated_level="organ")["bernard_tessier2020"] == "N"
    assert answers(table)["sato2021"] == "N"


def test_9_2_both_changes_at_one_time_point() -> None:
    apart = "lesion | BL | d57 | d113\nT01 liver | 30 | 18 | 30\nT02 lung | 15 | 15 | 30"
    assert answers(apart)["bernard_tessier2020"] == "N"


def test_9_2_onset_and_resolution() -> None:
    table = "lesion | BL | d57 | d113 | d169\nT01 liver | 30 | 30 | 18 | 18\nT02 lung | 15 | 15 | 22 | 10"
    found = course(table).dissociated()["bernard_tessier2020"]
    assert (found["onset_date"], found["resolution_date"]) == (day(113), day(169))


def test_9_2_time_points_under_new_anticancer_therapy_do_not_count() -> None:
    table = "lesion | BL | d57 | d113\nT01 liver | 30 | 30 | 18\nT02 lung | 15 | 15 | 22"
    assert answers(table, {"new_therapy": 113})["bernard_tessier2020"] == "N"
    assert answers(table, {"new_therapy": 114})["bernard_tessier2020"] == "Y"


def test_9_2_merged_and_split_lesions_have_no_baseline_of_their_own() -> None:
    merged = "lesion | BL | d57\nT01 liver | 30 | 45\nT02 liver | 15 | >T01\nT03 lung | 20 | 12"
    assert answers(merged)["bernard_tessier2020"] == "N"
    split = "lesion | BL | d57\nT01 liver | 30 | 12\nT01a liver | - | s18<T01\nT02 lung | 20 | 26"
    assert answers(split)["bernard_tessier2020"] == "N"


@pytest.mark.parametrize(
    "table",
    [
        "lesion | BL | d57\nT01 liver | 30 | NE",
        "lesion | BL\nT01 liver | 30",
        "lesion | d57 | d113\nT01 liver | 30 | 18",
        "lesion | BL | d57\nNT01 liver | + | !!",
    ],
)
def test_9_2_not_evaluable_where_no_target_can_be_compared(table: str) -> None:
    assert set(answers(table).values()) == {"NOT_EVALUABLE"}
