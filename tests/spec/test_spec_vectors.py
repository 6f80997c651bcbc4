"""The lesion-level vectors that stand beside the rule book."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.spec.evaluate import Evaluate
from tests.spec.table import day, read_cell

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "rules" / "vectors_morphologic.jsonl"
NAMES = {"RECIST_1.1": "RECIST 1.1", "WHO_1981": "WHO"}
IDS = [
    "WHO-E1",
    "WHO-E2",
    "WHO-E2b",
    "R-E1",
    "R-E3",
    "R-E6a",
    "IRC-E1",
    "IRC-E3",
    "IRR-E1-nishino2013",
    "IRR-E1-bohnsack2014",
    "IRR-E3",
    "I-E1",
    "I-E4",
    "I-E13",
    "IM-E1",
    "IM-E2",
    "IT-E1",
]


def load_vector(name: str) -> dict[str, Any]:
    if not VECTORS.is_file():
        pytest.skip("the rule book's vectors are not beside the checkout")
    vectors = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    return next(vector for vector in vectors if vector["id"] == name)


def test_every_vector_is_run() -> None:
    if not VECTORS.is_file():
        pytest.skip("the rule book's vectors are not beside the checkout")
    names = [json.loads(line)["id"] for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    assert names == IDS


@pytest.mark.parametrize("name", IDS)
def test_vector(evaluate: Evaluate, name: str) -> None:
    vector = load_vector(name)
    rows = []
    for lesion in vector["lesions"]:
        organ = "node" if lesion.get("nodal") else lesion["organ"]
        for timepoint, (on, value) in enumerate(zip([1, *vector["days"]], lesion["v"], strict=True)):
            row = read_cell(f"{lesion['id']} {organ}", timepoint, on, str(value))
            if row is not None:
                row["injected"] = timepoint > lesion.get("injected_from_tp", 99)
                rows.append(row)
    criterion = NAMES.get(vector["criterion"], vector["criterion"])
    options = {"irrecist_variant": vector["variant"]} if "variant" in vector else {}

    responses = evaluate.timepoint_responses(rows, criterion, **options)
    best = evaluate.best_response(responses, criterion, **options)

    assert [r["overall_response"] for r in responses] == vector["expected_tpr"]
    assert best["best_response"] == vector["best"]
    expected = vector["pd_event_day"]
    assert best["progression_date"] == (None if expected is None else day(expected))
