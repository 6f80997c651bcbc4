"""Patterns on PET (PT), the guideline's prompts (LG) and signs of immune activation (IRAE): sections 6 and 10."""

from __future__ import annotations

from typing import Any

import pytest

from criteria.metabolic.marker_options import MarkerOptions
from criteria.metabolic.patterns import pet_patterns
from criteria.metabolic.percist import PERCIST
from criteria.metabolic.timepoint import metabolic_responses
from tests.metabolic.pet_table import COURSE, Row, day, lesions, reads

HEAD = "lesion | BL | d50 | d92\n"


def found(
    text: str, clinical: list[Row] | None = None, references: list[Row] | None = None, **options: Any
) -> dict[tuple[str, int], Row]:
    given = reads(lesions(text), clinical=clinical or [], references=references or [])
    responses = metabolic_responses(given, PERCIST).responses
    rows = pet_patterns(given.lesions, given.references, responses, given.clinical, MarkerOptions(**options))
    return {(row["pattern"], row["timepoint"]): row for row in rows.to_dicts()}


def patterns(text: str, at: int = 2, **options: Any) -> set[str]:
    kinds = {"PSEUDOPROGRESSION", "IDR", "IPD_HOMOGENEOUS", "HETEROGENEOUS_STABLE"}
    return {
        name for (name, when), row in found(text, **options).items() if when == at and row["present"] == "Y"
    } & kinds


D1 = HEAD + "A lung | 8 | 8 | 4\nB bone | 5 | 9 | 9"
D2 = HEAD + "A lung | 8 | 11 | 11\nB bone | 5 | 7 | 7\nN liver | - | - | 3"
D3 = HEAD + "A lung | 8 | 8 | 8.8\nN liver | - | 3 | 0"
D4 = HEAD + "A lung | 8 | 8 | 6.4\nB bone | 5 | 9 | 9"


@pytest.mark.parametrize(
    ("text", "expected"),
    [(D1, "IDR"), (D2, "IPD_HOMOGENEOUS"), (D3, "PSEUDOPROGRESSION"), (D4, "HETEROGENEOUS_STABLE")],
)
def test_D1_D2_D3_D4_PT_1_PT_2_PT_3_PT_4_the_second_look(text: str, expected: str) -> None:
    assert patterns(text) == {expected}


def test_PT_1_clinical_worsening_excludes_pseudoprogression() -> None:
    worse = [{"assessment_date": day(60), "clinical_progression": True}]
    row = found(D3, clinical=worse)["PSEUDOPROGRESSION", 2]
    assert (row["present"], row["clause"]) == ("N", "PT-1")


def test_PT_3_PT_4_the_numbers_and_the_reference_are_options() -> None:
    assert patterns(D1, idr_min_responding=2) == {"HETEROGENEOUS_STABLE"}
    text = HEAD + "A lung | 8 | 12 | 7\nB bone | 5 | 9 | 9"
    assert patterns(text) == {"HETEROGENEOUS_STABLE"}
    assert patterns(text.replace("9 | 9", "9 | 12.5"), idr_reference="PREVIOUS") == {"IDR"}


def test_PT_5_PT_6_PT_7_sites_and_number_of_progressing_lesions() -> None:
    row = found(D1)["OLIGOPROGRESSION", 1]
    assert (row["present"], row["lesions"], row["sites"], row["value"]) == ("Y", "B", "bone", 1)
    assert found(D1, oligo_max=0)["OLIGOPROGRESSION", 1]["present"] == "N"
    assert "second cancer, irAE, sarcoid-like" in found(D1)["IDR", 2]["explanation"]


def new(*organs: str) -> str:
    lines = [f"N{n} {organ} | - | 3 TUMOUR | 3 TUMOUR" for n, organ in enumerate(organs)]
    return "\n".join([HEAD.strip(), "A lung | 8 | 5 | 5", *lines])


def test_LG_1_LG_8_number_and_sites_of_new_lesions() -> None:
    five = found(new("bone", "bone", "liver", "skin", "skin"))
    assert five["NEW_LESIONS", 1]["explanation"] == "5 in 3 sites"
    assert five["MANY_NEW_LESIONS", 1]["present"] == "Y"
    assert found(new("bone", "bone", "liver", "skin"))["MANY_NEW_LESIONS", 1]["present"] == "N"


def test_LG_2_LG_3_LG_4_prompts_for_nature_nodes_and_volumes() -> None:
    rows = found(new("bone", "node").replace("3 TUMOUR", "3"))
    assert rows["NEW_LESION_NATURE", 1]["value"] == 2
    assert (rows["NEW_NODES", 1]["present"], rows["NEW_NODES", 1]["lesions"]) == ("Y", "N1")
    assert rows["VOLUME_MISSING", 1]["lesions"] == "A, N0, N1"


@pytest.mark.parametrize(("on", "present"), [(78, "N"), (79, "Y")])
def test_LG_5_a_confirmatory_scan_is_more_than_four_weeks_later(on: int, present: str) -> None:
    text = f"lesion | BL | d50 | d{on}\nA lung | 8 | 12 | 12"
    assert found(text)["CONFIRMATORY_SCAN", 2]["present"] == present


SARCOID = """
lesion            | BL  | d64
A lung            | 8.0 | 5.2
R right_hilar_node  | - | 4.0
L left_hilar_node   | - | 3.6
S subcarinal_node   | - | 3.0
"""


def test_LG_7_IRAE_1_symmetric_new_nodes_ask_for_a_second_look() -> None:
    rows = found(SARCOID)
    assert rows["SARCOID_LIKE_REVIEW", 1]["present"] == "Y"
    assert rows["SARCOID_LIKE_REVIEW", 1]["value"] == pytest.approx(4.0 / 3.6)
    assert ("SARCOID_LIKE", 1) in rows
    one_sided = SARCOID.replace("L left_hilar_node   | - | 3.6\n", "")
    assert found(one_sided)["SARCOID_LIKE_REVIEW", 1]["present"] == "N"
    assert found(SARCOID.replace("| 3.6", "| 1.9"))["SARCOID_LIKE_REVIEW", 1]["present"] == "N"
    assert found(SARCOID.replace("| 5.2", "| 12"))["SARCOID_LIKE_REVIEW", 1]["present"] == "N"
    assert found(SARCOID + "B bone | - | 3\n")["SARCOID_LIKE_REVIEW", 1]["present"] == "N"


@pytest.mark.parametrize(
    ("organ", "cell", "sign"),
    [
        ("lung", "3 IRAE", "PNEUMONITIS"),
        ("left_adrenal", "4 UNCERTAIN", "ADRENALITIS"),
        ("pituitary", "4", "HYPOPHYSITIS"),
        ("thyroid", "4 IRAE", "THYROIDITIS"),
        ("colon", "4 IRAE", "COLITIS"),
        ("spleen", "4", "IMMUNE_ACTIVATION"),
    ],
)
def test_IRAE_2_IRAE_3_IRAE_5_IRAE_6_IRAE_7_IRAE_8_signs_by_organ(organ: str, cell: str, sign: str) -> None:
    assert (sign, 1) in found(f"lesion | BL | d64\nA bone | 8 | 8\nN {organ} | - | {cell}")


def test_IRAE_3_uptake_hotter_than_the_tumour_is_no_adrenalitis() -> None:
    rows = found("lesion | BL | d64\nA bone | 8 | 8\nN left_adrenal | - | 9 UNCERTAIN")
    assert ("ADRENALITIS", 1) not in rows
    assert rows["NEW_LESIONS", 1]["value"] == 1


def test_IRAE_4_many_new_nodes() -> None:
    text = "lesion | BL | d64\nA bone | 8 | 8\n" + "\n".join(f"N{n} node | - | 3" for n in range(5))
    assert found(text)["DIFFUSE_NODES", 1]["clause"] == "IRAE-4"


def test_IRAE_7_a_spleen_to_liver_ratio_that_rises_above_1_1() -> None:
    def regions(at: int, spleen: float) -> list[Row]:
        place = COURSE | {"timepoint": at, "assessment_date": day(1 + 63 * at), "usable": True}
        return [place | {"region": "SPLEEN", "suv_mean": spleen}, place | {"region": "LIVER", "suv_mean": 2.0}]

    text = "lesion | BL | d64\nA bone | 8 | 8"
    assert ("SPLEEN_TO_LIVER_RISE", 1) in found(text, references=regions(0, 1.8) + regions(1, 2.3))
    assert ("SPLEEN_TO_LIVER_RISE", 1) not in found(text, references=regions(0, 1.8) + regions(1, 2.2))
    assert ("SPLEEN_TO_LIVER_RISE", 1) not in found(text, references=regions(0, 2.4) + regions(1, 2.3))
