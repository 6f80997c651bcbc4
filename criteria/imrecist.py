"""imRECIST (Hodi 2018, J Clin Oncol 36:850; rule book section 6)."""

from __future__ import annotations

from dataclasses import replace

from criteria.decision import DecisionTable, Row
from criteria.declaration import Endpoints, NewLesions, SecondLook
from criteria.recist_1_1 import NO_NEW, RECIST_1_1

ANY_NEW = ("Y", "MEASURED")
NOT_COMPLETE = ("NON-CR/NON-PD", "NE", "PD")

TABLE_6 = DecisionTable(
    Row("IM-04", target=("PD",), nontarget=(), new=(), overall="PD"),
    Row("IM-6 row 1", target=("CR",), nontarget=("CR", "NA"), new=NO_NEW, overall="CR"),
    Row("IM-6 row 2", target=("CR",), nontarget=NOT_COMPLETE, new=NO_NEW, overall="PR"),
    Row("IM-6 row 3", target=("CR",), nontarget=(), new=ANY_NEW, overall="PR"),
    Row("IM-6 row 4", target=("PR",), nontarget=(), new=(), overall="PR"),
    Row("IM-6 row 5", target=("SD",), nontarget=(), new=(), overall="SD"),
    Row("IM-6 row 6", target=("NE",), nontarget=(), new=(), overall="NE"),
    Row("IM-6 row 9", target=("NA",), nontarget=(), new=("MEASURED",), overall="NON-CR/NON-PD"),
    Row("IM-6 row 8", target=("NA",), nontarget=("NE",), new=(), overall="NE"),
    Row("IM-6 row 8", target=("NA",), nontarget=("NON-CR/NON-PD", "PD"), new=(), overall="NON-CR/NON-PD"),
    Row("IM-6 row 8", target=("NA",), nontarget=(), new=("Y",), overall="NON-CR/NON-PD"),
    Row("IM-6 row 8", target=("NA",), nontarget=("CR",), new=NO_NEW, overall="CR"),
    Row("IM-6 no disease", target=("NA",), nontarget=("NA",), new=("N", "EQUIVOCAL"), overall="NED"),
    Row("IM-6 no disease", target=("NA",), nontarget=("NA",), new=("NE",), overall="NE"),
)

IMRECIST = replace(
    RECIST_1_1,
    name="imRECIST",
    source="Hodi 2018, J Clin Oncol 36:850",
    new_lesions=NewLesions.ADDED,
    confirmation=SecondLook(after_days=28),
    table=TABLE_6,
    endpoints=Endpoints("imPFS", "imDOR", "imTTR"),
    cr_reappearance_is_pd=False,
)
