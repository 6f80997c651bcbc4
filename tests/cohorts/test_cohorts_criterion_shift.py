"""Who is reclassified between two criteria, and the rules of the time point where they part."""

from __future__ import annotations

from datetime import date

import polars as pl

from cohorts.criterion_shift import criterion_shift
from criteria.tables import BEST_RESPONSE, TIMEPOINT_RESPONSE

CRITERIA = ("RECIST 1.1", "iRECIST", "imRECIST")
READ = {"study_id": "ST-1", "evaluator": "SITE", "origin": "DERIVED"}
W8, W16 = date(2024, 2, 26), date(2024, 4, 22)


def courses(text: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines 'subject | criterion | w8 response clause, w16 response clause | best | progression (- none, w8, w16)'."""
    seen, best = [], []
    dates = {"w8": W8, "w16": W16, "-": None}
    for line in text.strip().splitlines():
        subject, criterion, visits, response, progressed = (part.strip() for part in line.split("|"))
        course = READ | {"subject_id": subject, "criterion": criterion}
        best.append(course | {"best_response": response, "progression_date": dates[progressed]})
        for number, visit in enumerate(visits.split(","), 1):
            overall, clause = visit.split()
            seen.append(course | {"timepoint": number, "overall_response": overall, "clause": clause})
    return (
        TIMEPOINT_RESPONSE.conform(pl.DataFrame(seen, schema_overrides={"timepoint": pl.Int32})),
        BEST_RESPONSE.conform(pl.DataFrame(best, schema_overrides={"progression_date": pl.Date})),
    )


PSEUDOPROGRESSION = """
01 | RECIST 1.1 | PD R11-NL-01, PD R11-NL-01  | PD  | w8
01 | iRECIST    | iUPD IR-02, iPR IR-09       | iPR | -
01 | imRECIST   | SD IM-02, PR IM-02          | PR  | -
"""


def test_each_pair_stands_once_in_the_order_of_the_study() -> None:
    found = criterion_shift(*courses(PSEUDOPROGRESSION), CRITERIA)
    assert found.select("criterion", "other_criterion").rows() == [
        ("RECIST 1.1", "iRECIST"),
        ("RECIST 1.1", "imRECIST"),
    ]


def test_the_rules_are_those_of_the_first_time_point_that_differs_in_plain_categories() -> None:
    """iUPD and PD are both progression: RECIST 1.1 and iRECIST part at the second time point only."""
    immune, additive = criterion_shift(*courses(PSEUDOPROGRESSION), CRITERIA).iter_rows(named=True)
    assert (immune["timepoint"], immune["clause"], immune["other_clause"]) == (2, "R11-NL-01", "IR-09")
    assert (additive["timepoint"], additive["clause"], additive["other_clause"]) == (1, "R11-NL-01", "IM-02")
    assert immune["explanation"] == ("time point 2: PD by R11-NL-01 under RECIST 1.1, iPR by IR-09 under iRECIST")


def test_a_progression_that_moves_is_a_shift_although_the_best_response_stays() -> None:
    found = criterion_shift(
        *courses(
            """
            02 | RECIST 1.1 | PD R11-NL-01, PD R11-NL-01 | PD | w8
            02 | imRECIST   | SD IM-02, PD IM-04         | PD | w16
            """
        ),
        CRITERIA,
    )
    assert found.select("best_response", "other_best_response", "days_later", "timepoint").rows() == [
        ("PD", "PD", 56, 1)
    ]


def test_the_same_response_and_date_are_no_shift() -> None:
    same = courses(
        """
        03 | RECIST 1.1 | PR R11-TL-06, PD R11-NL-01 | PR  | w16
        03 | iRECIST    | iPR IR-01, iUPD IR-02      | iPR | w16
        """
    )
    assert criterion_shift(*same, CRITERIA).is_empty()


def test_responses_that_part_in_the_best_response_alone_have_no_rule() -> None:
    """imRECIST does not count the SD between a progression and its confirmation (IM-06)."""
    found = criterion_shift(
        *courses(
            """
            04 | RECIST 1.1 | PD R11-NL-01, SD R11-TL-07 | PD | w8
            04 | imRECIST   | PD IM-04, SD IM-02         | SD | w8
            """
        ),
        CRITERIA,
    )
    assert found.select("best_response", "other_best_response", "timepoint", "clause").rows() == [
        ("PD", "SD", None, None)
    ]
