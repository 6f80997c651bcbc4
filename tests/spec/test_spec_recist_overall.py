"""RECIST 1.1, section 2.5: the overall response for every combination of categories."""

from __future__ import annotations

from itertools import product

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import table

TARGET = {"CR": "0", "PR": "30", "SD": "50", "PD": "70", "NE": "NE", "NA": None}
NON_TARGET = {"CR": "0", "NON-CR/NON-PD": "+", "PD": "!!", "NE": "NE", "NA": None}
NEW = {"Y": "12", "N": "0", "EQUIVOCAL": "?", "NE": "NE"}

TABLE_2_5 = {
    ("CR", "CR"): "CR",
    ("CR", "NA"): "CR",
    ("CR", "NON-CR/NON-PD"): "PR",
    ("CR", "NE"): "PR",
    ("PR", "CR"): "PR",
    ("PR", "NON-CR/NON-PD"): "PR",
    ("PR", "NE"): "PR",
    ("PR", "NA"): "PR",
    ("SD", "CR"): "SD",
    ("SD", "NON-CR/NON-PD"): "SD",
    ("SD", "NE"): "SD",
    ("SD", "NA"): "SD",
    ("NE", "CR"): "NE",
    ("NE", "NON-CR/NON-PD"): "NE",
    ("NE", "NE"): "NE",
    ("NE", "NA"): "NE",
    ("PD", "CR"): "PD",
    ("PD", "NON-CR/NON-PD"): "PD",
    ("PD", "NE"): "PD",
    ("PD", "NA"): "PD",
    ("PD", "PD"): "PD",
    ("CR", "PD"): "PD",
    ("PR", "PD"): "PD",
    ("SD", "PD"): "PD",
    ("NE", "PD"): "PD",
    ("NA", "CR"): "CR",
    ("NA", "NON-CR/NON-PD"): "NON-CR/NON-PD",
    ("NA", "NE"): "NE",
    ("NA", "PD"): "PD",
    ("NA", "NA"): "NED",
}


def expected_overall(target: str, nontarget: str, new: str) -> str:
    """Rows 1 to 11; a new lesion is progression, one not evaluable only blocks CR and NED (R11-NL-05)."""
    if new == "Y":
        return "PD"
    overall = TABLE_2_5[target, nontarget]
    return "NE" if new == "NE" and overall in ("CR", "NED") else overall


def test_the_table_is_complete() -> None:
    assert set(TABLE_2_5) == set(product(TARGET, NON_TARGET))


@pytest.mark.parametrize(("target", "nontarget", "new"), list(product(TARGET, NON_TARGET, NEW)))
def test_overall_response(evaluate: Evaluate, target: str, nontarget: str, new: str) -> None:
    lines = ["lesion | BL | d57"]
    if TARGET[target] is not None:
        lines.append(f"T01 liver | 50 | {TARGET[target]}")
    if NON_TARGET[nontarget] is not None:
        lines.append(f"NT01 bone | + | {NON_TARGET[nontarget]}")
    lines.append(f"NEW01 lung | - | {NEW[new]}")

    response = evaluate.timepoint_responses(table("\n".join(lines)), "RECIST 1.1")[0]

    found = (response["target_response"], response["nontarget_response"], response["new_lesion"])
    assert found == (target, nontarget, new)
    assert response["overall_response"] == expected_overall(target, nontarget, new)
