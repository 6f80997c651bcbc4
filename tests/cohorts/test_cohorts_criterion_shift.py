"""Who is reclassified between two criteria, and the rules of the time point where they part."""

from __future__ import annotations

from datetime import date

import polars as pl

from cohorts.criterion_shift import criterion_shift
from criteria.tables import BEST_RESPONSE, TIMEPOINT_RESPONSE

CRITERIA = ("RECIST 1.1", "iRECIST", "imRECIST")
READ = {"study_id": "ST-1", "evaluator": "SITE", "origin": "DERIVED"}
PROGRESSION = {"progression_date": pl.Date, "progression_timepoint": pl.Int32}
W8, W16 = date(2024, 2, 26), date(2024, 4, 22)


def courses(text: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines 'subject | criterion | w8 response clause, w16 response clause | best | progression (- none, w8, w16)'."""
    seen, best = [], []
    dates = {"w8": W8, "w16": W16, "-": None}
    for line in text.strip().splitlines():
        subject, criterion, visits, response, progressed = (part.strip() for part in line.split("|"))
        course = READ | {"subject_id": subject, "criterion": criterion}
        counts = {"w8": 1, "w16": 2, "-": None}[progressed]
        best.append(
            course | {"best_response": response, "progression_date": dates[progressed], "progression_timepoint": counts}
        )
        for number, visit in enumerate(visits.split(","), 1):
            overall, clause = visit.split()
            seen.append(course | {"timepoint": number, "overall_response": overall, "clause": clause})
    return (
        TIMEPOINT_RESPONSE.conform(pl.DataFrame(seen, schema_overrides={"timepoint": pl.Int32})),
        BEST_RESPONSE.conform(
            pl.DataFrame(best, schema_overrides={"progression_date": pl.Date, "progression_timepoint": pl.Int32})
        ),
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


def test_the_rules_are_those_of_the_first_time_point_that_differs() -> None:
    """A PD counts at once, an iUPD waits: RECIST 1.1 and iRECIST part where the new lesion is first seen."""
    immune, additive = criterion_shift(*courses(PSEUDOPROGRESSION), CRITERIA).iter_rows(named=True)
    assert (immune["timepoint"], immune["clause"], immune["other_clause"]) == (1, "R11-NL-01", "IR-02")
    assert (additive["timepoint"], additive["clause"], additive["other_clause"]) == (1, "R11-NL-01", "IM-02")
    assert immune["explanation"] == ("time point 1: PD by R11-NL-01 under RECIST 1.1, iUPD by IR-02 under iRECIST")


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


def test_same_responses_that_count_otherwise_have_the_rules_of_the_progression_that_counts() -> None:
    """The PD is negated under imRECIST (IM-05) and stands under RECIST 1.1."""
    found = criterion_shift(
        *courses(
            """
            04 | RECIST 1.1 | PD R11-NL-01, SD R11-TL-07 | PD | w8
            04 | imRECIST   | PD IM-04, SD IM-02         | SD | -
            """
        ),
        CRITERIA,
    )
    assert found.select("best_response", "other_best_response", "timepoint", "clause").rows() == [
        ("PD", "SD", 1, "R11-NL-01")
    ]
