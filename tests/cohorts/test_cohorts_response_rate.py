"""Response rates: who is in the numerator, who stays in the denominator, exact intervals."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cohorts.response_rate import response_rate
from cohorts.tables import RESPONSE_RATE
from criteria.tables import BEST_RESPONSE

SUBJECTS_SCHEMA = {"study_id": pl.String, "subject_id": pl.String, "arm": pl.String, "cohort": pl.String}


def study(*lines: str, criterion: str = "RECIST 1.1", origin: str = "DERIVED") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Best responses and subjects of lines 'arm best [confirmed]', - = no value."""
    rows = [[None if word == "-" else word for word in [*line.split(), "-"][:3]] for line in lines]
    subject_id = [f"{number:02}" for number in range(len(rows))]
    best = pl.DataFrame(
        {
            "subject_id": subject_id,
            "best_response": [best for _, best, _ in rows],
            "confirmed_best_response": [confirmed for *_, confirmed in rows],
        },
        schema_overrides={"best_response": pl.String, "confirmed_best_response": pl.String},
    ).with_columns(
        study_id=pl.lit("ST-1"),
        evaluator=pl.lit("RADIOLOGIST 1"),
        criterion=pl.lit(criterion),
        origin=pl.lit(origin),
    )
    subject = pl.DataFrame(
        [("ST-1", who, arm, None) for who, (arm, *_) in zip(subject_id, rows, strict=True)],
        schema=SUBJECTS_SCHEMA,
        orient="row",
    )
    return BEST_RESPONSE.conform(best), subject


def rate(frame: pl.DataFrame, measure: str, group_value: str = "ALL") -> dict[str, Any]:
    found = (pl.col("measure") == measure) & (pl.col("group_value") == group_value)
    return frame.row(by_predicate=found, named=True)


def test_ne_and_missing_stay_in_the_denominator_as_non_responders() -> None:
    orr = rate(response_rate(*study("A CR", "A NE", "A MISSING", "A -")), "ORR")
    assert (orr["responders"], orr["subjects"], orr["rate"]) == (1, 4, 0.25)


@pytest.mark.parametrize(
    ("code", "responds", "controlled"),
    [
        *((code, True, True) for code in ("CR", "PR", "iCR", "iPR", "irCR", "irPR", "CMR", "PMR")),
        *((code, False, True) for code in ("SD", "iSD", "irSD", "SMD", "irNN")),
        *((code, False, True) for code in ("NON-CR/NON-PD", "NON-iCR/NON-iUPD")),
        *((code, False, False) for code in ("PD", "iUPD", "iCPD", "irPD", "PMD", "NE", "NED", "MISSING", "NA")),
    ],
)
def test_codes_of_every_criterion(code: str, responds: bool, controlled: bool) -> None:
    rates = response_rate(*study(f"A {code} {code}"))
    assert rate(rates, "ORR")["responders"] == rate(rates, "CONFIRMED ORR")["responders"] == int(responds)
    assert rate(rates, "DCR")["responders"] == rate(rates, "CONFIRMED DCR")["responders"] == int(controlled)


def test_confirmed_rates_follow_the_confirmed_best_response() -> None:
    rates = response_rate(*study("A CR CR", "A PR SD", "A PR NE", "A PD PD"))
    responders = {name: rate(rates, name)["responders"] for name in ("ORR", "CONFIRMED ORR", "DCR", "CONFIRMED DCR")}
    assert responders == {"ORR": 3, "CONFIRMED ORR": 1, "DCR": 3, "CONFIRMED DCR": 2}


def test_confirmed_null_is_a_non_responder_where_confirmation_was_assessed() -> None:
    confirmed = rate(response_rate(*study("A CR CR", "A PR")), "CONFIRMED ORR")
    assert (confirmed["responders"], confirmed["subjects"]) == (1, 2)


def test_no_confirmed_rates_where_nobody_has_a_confirmed_response() -> None:
    recorded, subject = study("A CR", "A PR", origin="RECORDED")
    derived, _ = study("A CR CR", "A PR PR")
    rates = response_rate(pl.concat([recorded, derived]), subject)
    measures = rates.filter(pl.col("group_by") == "ALL").group_by("origin", maintain_order=True).agg("measure")
    assert dict(measures.iter_rows()) == {
        "DERIVED": ["CONFIRMED DCR", "CONFIRMED ORR", "DCR", "ORR"],
        "RECORDED": ["DCR", "ORR"],
    }


def test_interval_is_clopper_pearson() -> None:
    """7 of 20: 15.39 % to 59.22 %, the textbook's exact limits."""
    orr = rate(response_rate(*study(*["A PR"] * 7, *["A SD"] * 13)), "ORR")
    assert (round(orr["lower"], 4), round(orr["upper"], 4)) == (0.1539, 0.5922)


def test_wilson_interval_stands_beside_it() -> None:
    """15 of 148: 6.24 % to 16.05 %, Newcombe 1998, Stat Med 17:857, table I method 3."""
    orr = rate(response_rate(*study(*["A PR"] * 15, *["A SD"] * 133)), "ORR")
    assert (round(orr["wilson_lower"], 4), round(orr["wilson_upper"], 4)) == (0.0624, 0.1605)


@pytest.mark.parametrize(("code", "lower", "upper"), [("PD", 0.0, 1 - 0.025 ** (1 / 5)), ("CR", 0.025 ** (1 / 5), 1.0)])
def test_interval_of_nobody_and_of_everybody(code: str, lower: float, upper: float) -> None:
    orr = rate(response_rate(*study(*[f"A {code}"] * 5)), "ORR")
    assert (orr["lower"], orr["upper"]) == (pytest.approx(lower), pytest.approx(upper))


def test_confidence_is_stated_and_used() -> None:
    orr = rate(response_rate(*study("A CR"), confidence=0.9), "ORR")
    assert (orr["confidence"], orr["lower"], orr["upper"]) == (0.9, pytest.approx(0.05), 1.0)


def test_rates_by_arm_and_no_cohort_rows_without_cohorts() -> None:
    rates = response_rate(*study("A CR", "A PD", "B PD", "- CR"))
    assert rates["group_by"].unique().sort().to_list() == ["ALL", "ARM"]
    assert [rate(rates, "ORR", group)["rate"] for group in ("ALL", "A", "B")] == [0.5, 0.5, 0.0]


def test_criteria_stay_apart() -> None:
    morphologic, subject = study("A PD")
    immune, _ = study("A iPR", criterion="iRECIST")
    orr = response_rate(pl.concat([morphologic, immune]), subject).filter(
        pl.col("group_by") == "ALL", pl.col("measure") == "ORR"
    )
    assert dict(orr.select("criterion", "responders").iter_rows()) == {"RECIST 1.1": 0, "iRECIST": 1}


def test_empty_input_gives_an_empty_table() -> None:
    found = response_rate(BEST_RESPONSE.empty(), pl.DataFrame(schema=SUBJECTS_SCHEMA))
    assert_frame_equal(found, RESPONSE_RATE.empty())
