"""Criteria on published single-lesion sizes: 8,560 rows, 1,472 (arm, patient) courses (laleh2022_tumor_size.csv).

One long diameter a visit, no perpendicular, no new lesions, no survival. The numbers were computed from that file by
these tests; a made-up table with the same dirt goes through the same steps.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from criteria.registry import CRITERIA
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses
from ingestion.tables import RECORDED_RESPONSE
from tests.real_data.moves import counts, moves
from tests.real_data.tumour_sizes import DAY_0, measurements, subjects

UNIDIMENSIONAL = ("RECIST 1.1", "irRECIST", "iRECIST", "imRECIST")
BIDIMENSIONAL = ("WHO", "mWHO", "irRC")
NOT_EVALUABLE = ["NE", "irNE"]
TIMEPOINTS = {
    "RECIST 1.1": {"CR": 368, "NE": 69, "PD": 1307, "PR": 1611, "SD": 3725},
    "irRECIST": {"irCR": 368, "irNE": 69, "irPD": 1307, "irPR": 1611, "irSD": 3725},
    "iRECIST": {"NA": 121, "NE": 63, "iCPD": 173, "iCR": 368, "iPR": 1609, "iSD": 3716, "iUPD": 1030},
    "imRECIST": {"CR": 368, "NE": 69, "PD": 1307, "PR": 1611, "SD": 3725},
}
BEST = {
    "RECIST 1.1": {"CR": 63, "NE": 5, "PD": 246, "PR": 342, "SD": 816},
    "irRECIST": {"irCR": 65, "irNE": 5, "irPD": 220, "irPR": 346, "irSD": 836},
    "iRECIST": {"NE": 5, "iCPD": 100, "iCR": 67, "iPR": 349, "iSD": 843, "iUPD": 108},
    "imRECIST": {"CR": 65, "NE": 5, "PD": 220, "PR": 346, "SD": 836},
}
MOVES = {
    "irRECIST": "CR>irCR 63, NE>irNE 5, PD>irPD 220, PD>irPR 5, PD>irSD 21, PR>irCR 2, PR>irPR 340, SD>irPR 1, "
    "SD>irSD 815",
    "iRECIST": "CR>iCR 63, NE>NE 5, PD>iCPD 100, PD>iCR 2, PD>iPR 7, PD>iSD 29, PD>iUPD 108, PR>iCR 2, PR>iPR 340, "
    "SD>iPR 2, SD>iSD 814",
    "imRECIST": "CR>CR 63, NE>NE 5, PD>PD 220, PD>PR 5, PD>SD 21, PR>CR 2, PR>PR 340, SD>PR 1, SD>SD 815",
}
MADE_UP = """
patient,day,diam_raw,arm,study,diam_mm
-7,-20,40,A,S,40.0
-7,-3,30,A,S,30.0
-7,50,NOT EVALUABLE,A,S,
-7,100,20.4,A,S,20.4
-7,100,20.4,A,S,20.4
-7,150,TOO SMALL TO MEASURE,A,S,
-7,200,,A,S,
-7,250,0,A,S,0.0
-7,,12,A,S,12.0
-7,10,50,B,S,50.0
-7,60,60,B,S,60.0
"""


@dataclass(frozen=True)
class Evaluated:
    """The courses of a table of sizes and what all criteria say of them."""

    rows: pl.DataFrame
    responses: pl.DataFrame
    best: pl.DataFrame
    times: pl.DataFrame

    def not_evaluable(self, criterion: str) -> pl.DataFrame:
        return self.responses.filter(pl.col("overall_response").is_in(NOT_EVALUABLE), criterion=criterion)


def evaluated(sizes: pl.DataFrame) -> Evaluated:
    rows, criteria = measurements(sizes), list(CRITERIA.values())
    subject = subjects(rows)
    responses = all_timepoint_responses(rows, RECORDED_RESPONSE.empty(), subject, criteria)
    best = all_best_responses(responses, subject, criteria)
    return Evaluated(rows, responses, best, all_event_times(responses, best, subject, criteria, ["fda"], 56, 7))


@cache
def read(file: Path) -> Evaluated:
    return evaluated(pl.read_csv(file, infer_schema=False))


@pytest.fixture
def published(shared: Callable[[str], Path]) -> Evaluated:
    return read(shared("tumour_sizes") / "laleh2022_tumor_size.csv")


@pytest.fixture
def made_up() -> Evaluated:
    return evaluated(pl.read_csv(io.StringIO(MADE_UP.strip()), infer_schema=False))


def test_all_rows_but_eight_become_measurements(published):
    rows = published.rows
    assert rows.height == 8560 - 7 - 1  # seven repeated days, one row without day
    assert rows["subject_id"].n_unique() == 1472
    assert Counter(rows["state"]) == {
        "MEASURED": 8061,
        "ABSENT": 368,
        "NOT_EVALUABLE": 62,
        "TOO_SMALL": 54,
        "NOT_DONE": 7,
    }
    baseline = rows.filter(timepoint=0)
    assert baseline.height == 1472 and baseline["longest_diameter_mm"].null_count() == 0
    assert baseline.filter(pl.col("assessment_date") > DAY_0).height == 12


def test_every_visit_after_baseline_has_a_response_under_every_criterion(published):
    assert Counter(published.responses["criterion"]) == dict.fromkeys(CRITERIA, 8552 - 1472)
    assert published.responses.select("overall_response", "clause", "explanation").null_count().row(0) == (0, 0, 0)


@pytest.mark.parametrize("criterion", UNIDIMENSIONAL)
def test_timepoint_and_best_responses_of_unidimensional_criteria(published, criterion):
    found = published.responses.filter(criterion=criterion)
    assert dict(sorted(Counter(found["overall_response"]).items())) == TIMEPOINTS[criterion]
    assert counts(published.best, criterion) == BEST[criterion]


@pytest.mark.parametrize("criterion", UNIDIMENSIONAL)
def test_what_is_not_evaluable_is_a_visit_without_size_and_says_so(published, criterion):
    found = published.not_evaluable(criterion)
    unmeasured = published.rows.filter(pl.col("state").is_in(["NOT_EVALUABLE", "NOT_DONE"]))
    assert unmeasured.height == 69
    assert found.join(unmeasured, on=["subject_id", "timepoint"], how="anti").is_empty()
    said = found.with_columns(not_done=pl.col("flags").fill_null("").str.contains("NOT_DONE"))
    row = CRITERIA[criterion].table.clauses
    assert set(said.filter("not_done")["clause"]) == {"GEN-09"} and said.filter("not_done").height == 7
    assert set(said.filter(~pl.col("not_done"))["clause"]) <= set(row)


def test_after_a_confirmed_progression_irecist_judges_no_further(published):
    after = published.responses.filter(criterion="iRECIST", overall_response="NA")
    assert after.height == 121
    assert set(after["clause"]) == {"IR-17"} and set(after["flags"]) == {"POST_PROGRESSION"}


@pytest.mark.parametrize("criterion", BIDIMENSIONAL)
def test_criteria_that_need_a_perpendicular_are_not_evaluable_for_want_of_a_baseline(published, criterion):
    found = published.not_evaluable(criterion)
    assert found.height == 8552 - 1472
    assert set(found["clause"]) == {"GEN-03"} and found["flags"].str.contains("NO_BASELINE").all()
    assert counts(published.best, criterion) == {"NE": 1472}


@pytest.mark.parametrize("criterion", MOVES)
def test_best_responses_move_from_recist(published, criterion):
    assert moves(published.best, criterion) == MOVES[criterion]


def test_every_course_has_a_progression_free_survival_under_every_criterion(published):
    free = published.times.filter(pl.col("endpoint").str.ends_with("PFS"))
    assert free.height == 1472 * len(CRITERIA)
    assert free.filter(pl.col("criterion").is_in(BIDIMENSIONAL))["reason"].unique().to_list() == [
        "No baseline assessment"
    ]


def test_text_repeats_and_missing_days_of_a_made_up_table(made_up):
    rows = made_up.rows.filter(subject_id="A -7")
    assert rows.select("timepoint", "state", "longest_diameter_mm").rows() == [
        (-1, "MEASURED", 40.0),
        (0, "MEASURED", 30.0),
        (1, "NOT_EVALUABLE", None),
        (2, "MEASURED", 20.4),
        (3, "TOO_SMALL", None),
        (4, "NOT_DONE", None),
        (5, "ABSENT", 0.0),
    ]
    recist = made_up.responses.filter(criterion="RECIST 1.1", subject_id="A -7")
    assert recist["overall_response"].to_list() == ["NE", "PR", "PR", "NE", "CR"]


def test_a_course_that_starts_after_day_0_has_its_first_visit_as_baseline(made_up):
    found = made_up.responses.filter(criterion="RECIST 1.1", subject_id="B -7")
    assert found.select("timepoint", "baseline_sum", "overall_response").rows() == [(1, 50.0, "PD")]


@pytest.mark.parametrize("criterion", BIDIMENSIONAL)
def test_made_up_sizes_without_perpendicular_are_not_evaluable(made_up, criterion):
    found = made_up.not_evaluable(criterion)
    assert found.height == 6 and set(found["clause"]) == {"GEN-03"}
