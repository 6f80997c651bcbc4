"""RECIST 1.1, section 2.2: how a lesion's state becomes a size (R11-FU-01 to R11-FU-05)."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import table


def follow_up(evaluate: Evaluate, first: str, second: str = "20", *, organ: str = "liver") -> dict[str, object]:
    rows = table(f"""
        lesion      | BL | d57
        T01 {organ} | 20 | {first}
        T02 lung    | 20 | {second}
    """)
    return evaluate.timepoint_responses(rows, "RECIST 1.1")[0]


@pytest.mark.parametrize(
    ("rule", "cell", "total"),
    [
        ("R11-FU-01 the true value is recorded even below 5 mm", "3", 23),
        ("R11-FU-02 too small to measure counts 5 mm", "ts", 25),
        ("R11-FU-02 a real value below 5 mm is used", "ts3", 23),
        ("R11-FU-03 absent counts 0 mm", "0", 20),
        ("a measured 0 mm is absent", "0mm", 20),
        ("R11-FU-04 a merged lesion contributes 0 mm", ">T02", 20),
        ("GEN-01 tenths of a millimetre are kept", "10.1", 30.1),
    ],
)
def test_contribution_of_a_state_to_the_sum(evaluate: Evaluate, rule: str, cell: str, total: float) -> None:
    assert follow_up(evaluate, cell)["target_sum"] == pytest.approx(total), rule


def test_R11_FU_02_a_node_too_small_to_measure_counts_5_mm(evaluate: Evaluate) -> None:
    assert follow_up(evaluate, "ts", organ="node")["target_sum"] == pytest.approx(25)


def test_R11_FU_03_an_absent_node_counts_0_mm(evaluate: Evaluate) -> None:
    assert follow_up(evaluate, "0", organ="node")["target_sum"] == pytest.approx(20)


def test_R11_FU_04_a_merged_lesion_is_not_absent(evaluate: Evaluate) -> None:
    response = follow_up(evaluate, ">T02", "0")
    assert response["target_sum"] == pytest.approx(0)
    assert response["target_response"] == "PR"


def test_a_measured_0_mm_allows_complete_response(evaluate: Evaluate) -> None:
    assert follow_up(evaluate, "0mm", "0")["target_response"] == "CR"


def test_R11_FU_04_fragments_of_a_split_lesion_add_to_the_sum(evaluate: Evaluate) -> None:
    rows = table("""
        lesion     | BL | d57    | d113
        T01 liver  | 40 | 15     | 18
        T01a liver | -  | s10<T01| 12
        T02 lung   | 10 | 10     | 18
    """)
    responses = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [r["target_sum"] for r in responses] == pytest.approx([35, 48])
    assert [r["baseline_sum"] for r in responses] == pytest.approx([50, 50])
    assert [r["overall_response"] for r in responses] == ["PR", "PD"]


@pytest.mark.parametrize("cell", ["NE", "ND", "-", "+"])
def test_R11_FU_05_a_target_without_a_usable_value_is_not_evaluable(evaluate: Evaluate, cell: str) -> None:
    assert follow_up(evaluate, cell, "14")["target_response"] == "NE"


def test_GEN_04_an_incomplete_sum_never_becomes_nadir(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57 | d113
        T01 liver | 25 | 10  | 25
        T02 lung  | 25 | NE  | 25
    """)
    responses = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [r["nadir_sum"] for r in responses] == pytest.approx([50, 50])
    assert [r["overall_response"] for r in responses] == ["NE", "SD"]


def test_GEN_09_an_assessment_that_was_not_done_is_not_evaluable_throughout(evaluate: Evaluate) -> None:
    rows = table("""
        lesion    | BL | d57 | d113
        T01 liver | 50 | ND  | 50
        NT01 bone | +  | ND  | +
    """)
    first, second = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert (first["target_response"], first["nontarget_response"], first["new_lesion"]) == ("NE", "NE", "NE")
    assert [first["overall_response"], second["overall_response"]] == ["NE", "SD"]


def test_GEN_01_sums_are_printed_without_the_noise_of_binary_fractions() -> None:
    """22.2 + 22.1 mm is 44.3 mm, in the column and in the sentence, whatever else is in the frame."""
    rows = table("lesion | BL | d57 | d113\nT01 liver | 30 | 22.2 | 22.2\nT02 lung | 30 | 22.1 | 22.1")
    for response in Evaluate("engine").timepoint_responses(rows, "RECIST 1.1"):
        assert response["target_sum"] == 44.3
        assert "44.3 mm" in response["explanation"]
