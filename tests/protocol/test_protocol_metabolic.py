"""Metabolic criteria, markers and injection in protocol.yaml: options as for the other criteria, errors that help."""

from __future__ import annotations

from pathlib import Path

import pytest

from criteria.metabolic.declaration import Metabolic
from criteria.metabolic.registry import METABOLIC
from protocol.load import ProtocolError, parse_protocol
from protocol.model import Protocol

SHORTEST = "criteria: [RECIST 1.1]\n"


def parsed(text: str) -> Protocol:
    return parse_protocol(text, Path("protocol.yaml"))


def test_metabolic_criteria_stand_beside_the_others() -> None:
    protocol = parsed(f"criteria: [RECIST 1.1, {', '.join(METABOLIC)}]\n")
    assert [declared.name for declared in protocol.morphologic] == ["RECIST 1.1"]
    assert protocol.metabolic == list(METABOLIC.values())


def test_an_option_changes_a_metabolic_criterion_and_its_hash() -> None:
    (declared,) = parsed(
        "criteria:\n  - {name: iPERCIST, options: {ip_confirm_min_d: 21, pmd_reference: NADIR}}\n"
    ).metabolic
    assert isinstance(declared, Metabolic)
    assert (declared.confirm_after_days, declared.reference) == (21, "NADIR")
    assert declared.options_sha256 != METABOLIC["iPERCIST"].options_sha256


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("{percist_liver_formula: C}", "percist_liver_formula cannot be 'C'; it is one of 'A', 'B'"),
        ("{liver: A}", "PERCIST has no option 'liver'"),
        ("{cmp_eps: -1}", "cmp_eps cannot be -1; it is a number from 0 up"),
        ("{percist_pmr_inclusive: 1}", "percist_pmr_inclusive cannot be 1; it is one of True, False"),
        ("{pmd_reference: [BASELINE]}", "pmd_reference cannot be ['BASELINE']"),
    ],
)
def test_a_wrong_metabolic_option_is_named_with_what_is_allowed(options: str, said: str) -> None:
    with pytest.raises(ProtocolError) as error:
        parsed(f"criteria:\n  - {{name: PERCIST, options: {options}}}\n")
    assert said in str(error.value)


def test_agents_carry_their_own_volume_table() -> None:
    agent = (
        "{name: X-1, bands: [{up_to_mm: 20, volume_ml: 1}, {up_to_mm: null, volume_ml: 2}], visit_total_ml: 4, "
        "first_concentration: 1, later_concentration: 1, concentration_unit: mg/mL, second_visit_days: 14, "
        "later_days: 14}"
    )
    declared = parsed(SHORTEST + f"injection: {{agents: [{agent}], visit_window_d: 2}}\n").injection.declared()
    assert (declared.agents[0].name, declared.agents[0].bands[0].volume_ml) == ("X-1", 1)
    assert declared.visit_window_d == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("markers: {idr_reference: NADIR}", "option idr_reference"),
        ("markers: {tmtv: 75}", "unknown option 'tmtv'; allowed: idr_reference"),
        ("injection: {agents: [{name: X}]}", "option agents.0.bands"),
        ("injection: {window: 3}", "unknown option 'window'; allowed: agents"),
    ],
)
def test_wrong_markers_and_injection_are_named(text: str, said: str) -> None:
    with pytest.raises(ProtocolError) as error:
        parsed(SHORTEST + text + "\n")
    assert said in str(error.value)
