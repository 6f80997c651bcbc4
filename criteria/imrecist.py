"""imRECIST (Hodi 2018, J Clin Oncol 36:850; rule book section 6)."""

from __future__ import annotations

from dataclasses import replace

from criteria.decision import DecisionTable, Row
from criteria.declaration import Endpoints, NewLesions, SecondLook
from criteria.irrc import ANY_NEW, with_measured_burden, without_measurable_disease
from criteria.measures import Increase
from criteria.recist_1_1 import NODE_READINGS, RECIST_1_1

TABLE_6 = DecisionTable(
    Row("IM-04", target=("PD",), nontarget=(), new=(), overall="PD"),
    *with_measured_burden("IM-6"),
    *without_measurable_disease("IM-6"),
)
NEW_IS_PROGRESSION = DecisionTable(
    Row("IM-07", target=(), nontarget=(), new=ANY_NEW, overall="PD"),
    *TABLE_6.rows,
)

IMRECIST = replace(
    RECIST_1_1,
    name="imRECIST",
    source="Hodi 2018, J Clin Oncol 36:850",
    new_lesions=NewLesions.ADDED,
    confirmation=SecondLook(after_days=28),
    table=TABLE_6,
    best_response_clause="IM-06",
    endpoints=Endpoints("imPFS", "imDOR", "imTTR"),
    cr_reappearance_is_pd=False,
    readings={
        **NODE_READINGS,
        "imrecist_abs5": {True: {}, False: {"progression": Increase(percent=20)}},
        "imrecist_new_lesion_is_pd": {False: {}, True: {"table": NEW_IS_PROGRESSION}},
    },
)
