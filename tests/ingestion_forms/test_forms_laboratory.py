"""Laboratory results in standard units (metabolic rule book 7: NLR, dNLR, LDH; Q-03: glucose)."""

from __future__ import annotations

import pytest

from tests.ingestion_forms.small_trial import study

HEADER = "USUBJID LBTESTCD LBORRES LBORRESU LBSTRESN LBSTRESU LBSTNRHI LBSTAT LBDTC\n"
ON = "2024-01-02"


def only(line: str):
    forms = study(lb=HEADER + line)
    assert forms.laboratory.rejects.is_empty(), forms.laboratory.rejects
    return forms.laboratory.frame.row(0, named=True)


@pytest.mark.parametrize(
    ("test", "result", "unit", "read_as", "value", "standard"),
    [
        ("NEUT", "4.2", "10^9/L", "NEUT", 4.2, "10^9/L"),
        ("NEUT", "4.2", "10^3/uL", "NEUT", 4.2, "10^9/L"),
        ("NEUT", "4.2", "x10^9/L", "NEUT", 4.2, "10^9/L"),
        ("LYM", "1500", "/uL", "LYM", 1.5, "10^9/L"),
        ("WBC", "8300", "cells/uL", "WBC", 8.3, "10^9/L"),
        ("PLAT", "250", "GI/L", "PLAT", 250.0, "10^9/L"),
        ("NEUT", "63", "%", "NEUTLE", 63.0, "%"),
        ("LYMLE", "0.21", "fraction", "LYMLE", 21.0, "%"),
        ("LDH", "220", "IU/L", "LDH", 220.0, "U/L"),
        ("LDH", "4", "ukat/L", "LDH", 240.0, "U/L"),
        ("LDH", "4", "µkat/L", "LDH", 240.0, "U/L"),
        ("GLUC", "5.5", "mmol/L", "GLUC", 5.5, "mmol/L"),
        ("GLUC", "180.16", "mg/dL", "GLUC", 10.0, "mmol/L"),
        ("CRP", "12", "mg/L", "CRP", 12.0, "mg/L"),
    ],
)
def test_results_are_converted_to_the_standard_unit(test, result, unit, read_as, value, standard) -> None:
    row = only(f"S1 {test} {result} {unit} - - - - {ON}")
    assert (row["test"], row["value"], row["unit"]) == (read_as, value, standard)
    assert (row["value_received"], row["unit_received"]) == (result, unit)


def test_the_standard_result_counts_before_the_original_one_and_limits_are_converted_with_it() -> None:
    row = only(f"S1 GLUC 99 mg/dL 5.5 mmol/L 6.1 - {ON}")
    assert (row["value"], row["upper_limit"]) == (5.5, 6.1)
    row = only(f"S1 LYM - - 1500 /uL 4000 - {ON}")
    assert (row["value"], row["upper_limit"]) == (1.5, 4.0)


@pytest.mark.parametrize("line", [f"S1 LDH <10 U/L - - - - {ON}", f"S1 LDH - - - - - NOT_DONE {ON}"])
def test_a_result_beyond_the_limits_or_not_done_has_no_value(line: str) -> None:
    assert only(line)["value"] is None


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (f"S1 NEUT 4.2 - - - - - {ON}", "LBORRESU", "the result of NEUT has no unit"),
        (f"S1 NEUT 4.2 mg/dL - - - - {ON}", "LBORRESU", "unknown unit of NEUT"),
        (f"S1 NEUT 4,2 10^9/L - - - - {ON}", "LBORRES", "not a number"),
        (f"S1 NEUT - - -4.2 10^9/L - - {ON}", "LBSTRESN", "cannot be negative"),
        (f"S1 NEUT - - 4.x 10^9/L - - {ON}", "LBSTRESN", "not a number"),
        ("S1 NEUT 4.2 10^9/L - - - - -", "LBDTC", "no date of the sample"),
        ("S1 NEUT 4.2 10^9/L - - - - 2024-01", "LBDTC", "the date has no day"),
        (f"S1 - 4.2 10^9/L - - - - {ON}", "LBTESTCD", "no test"),
        (f"S9 NEUT 4.2 10^9/L - - - - {ON}", "USUBJID", "the subject is not in DM"),
        (f"S1 LDH 200 U/L - - - NOT_DONE {ON}", "LBSTAT", "NOT DONE, yet there is a result: 200"),
        (f"S1 LDH 200 U/L - - - DONE {ON}", "LBSTAT", "unknown status"),
    ],
)
def test_a_result_that_cannot_be_used_is_a_reject(line: str, field: str, reason: str) -> None:
    forms = study(lb=HEADER + line)
    assert forms.laboratory.frame.is_empty()
    (reject,) = forms.laboratory.rejects.to_dicts()
    assert (reject["field"], reject["stage"]) == (field, "core.laboratory")
    assert reason in reject["reason"]
