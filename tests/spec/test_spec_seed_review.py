"""Section 14, profile seed_review: the literal reading of the seed review, option by option (A16)."""

from __future__ import annotations

from typing import Any

import pytest

from criteria.option_profiles import OPTION_PROFILES
from criteria.registry import CRITERIA
from tests.spec.evaluate import Evaluate
from tests.spec.table import table

ENGINE = Evaluate("engine")
HEADER = "lesion | BL | d57\n"


@pytest.mark.parametrize(
    ("size", "variant", "default", "strict"),
    [
        ("60", "bohnsack2014", "irPD", "irSD"),
        ("60.01", "bohnsack2014", "irPD", "irPD"),
        ("60", "nishino2013", "irPD", "irSD"),
        ("60.01", "nishino2013", "irPD", "irPD"),
        ("54", "bohnsack2014", "irSD", "irSD"),
    ],
)
def test_irrecist_strict_gt20_needs_more_than_20_percent(size: str, variant: str, default: str, strict: str) -> None:
    rows = table(HEADER + f"T01 liver | 50 | {size}")
    for option, expected in ((False, default), (True, strict)):
        options: dict[str, Any] = {"irrecist_strict_gt20": option, "irrecist_variant": variant}
        assert ENGINE.overall(rows, "irRECIST", **options) == [expected], option


@pytest.mark.parametrize(
    ("criterion", "lesions", "default", "seed"),
    [
        ("irRC", "T01 liver | 20x20 | 20x20\nNEW01 lung | - | 6x6", "irSD", "irPD"),
        ("irRC", "T01 liver | 20x20 | 20x20\nNEW01 lung | - | 12x12", "irPD", "irPD"),
        ("irRECIST", "T01 liver | 50 | 50\nNEW01 lung | - | 12", "irPD", "irPD"),
        ("irRECIST", "T01 liver | 80 | 80\nNEW01 lung | - | 12", "irSD", "irPD"),
        ("irRECIST", "T01 liver | 50 | 60", "irPD", "irSD"),
        ("imRECIST", "T01 liver | 80 | 80\nNEW01 lung | - | 12", "SD", "PD"),
        ("imRECIST", "T01 liver | 20 | 24", "SD", "PD"),
    ],
)
def test_the_profile_seed_review(criterion: str, lesions: str, default: str, seed: str) -> None:
    options = OPTION_PROFILES["seed_review"]
    taken = {name: value for name, value in options.items() if name in CRITERIA[criterion].option_names}
    rows = table(HEADER + lesions)
    assert ENGINE.overall(rows, criterion) == [default]
    assert ENGINE.overall(rows, criterion, **taken) == [seed]
