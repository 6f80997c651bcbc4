"""RECIST 1.1 (Eisenhauer 2009, Eur J Cancer 45:228; Schwartz 2016; rule book section 2)."""

from __future__ import annotations

from criteria.decision import DecisionTable, Row
from criteria.declaration import Endpoints, Immediate, Morphologic, NewLesions
from criteria.measures import Decrease, Diameters, Increase, Selection

NOT_PROGRESSED = ("CR", "NON-CR/NON-PD", "NE", "NA")
NO_NEW = ("N", "EQUIVOCAL", "NE")

TABLE_2_5 = DecisionTable(
    Row("R11-TL-03", target=("PD",), nontarget=(), new=(), overall="PD"),
    Row("R11-NT-03", target=(), nontarget=("PD",), new=(), overall="PD"),
    Row("R11-NL-01", target=(), nontarget=(), new=("Y",), overall="PD"),
    Row("R11-2.5 row 1", target=("CR",), nontarget=("CR",), new=NO_NEW, overall="CR"),
    Row("R11-2.5 row 2", target=("CR",), nontarget=("NA",), new=NO_NEW, overall="CR"),
    Row("R11-2.5 row 3", target=("CR",), nontarget=("NON-CR/NON-PD",), new=NO_NEW, overall="PR"),
    Row("R11-2.5 row 4", target=("CR",), nontarget=("NE",), new=NO_NEW, overall="PR"),
    Row("R11-2.5 row 5", target=("PR",), nontarget=NOT_PROGRESSED, new=NO_NEW, overall="PR"),
    Row("R11-2.5 row 6", target=("SD",), nontarget=NOT_PROGRESSED, new=NO_NEW, overall="SD"),
    Row("R11-2.5 row 7", target=("NE",), nontarget=NOT_PROGRESSED, new=NO_NEW, overall="NE"),
    Row("R11-2.5 non-target only", target=("NA",), nontarget=("CR",), new=NO_NEW, overall="CR"),
    Row(
        "R11-2.5 non-target only",
        target=("NA",),
        nontarget=("NON-CR/NON-PD",),
        new=NO_NEW,
        overall="NON-CR/NON-PD",
    ),
    Row("R11-2.5 non-target only", target=("NA",), nontarget=("NE",), new=NO_NEW, overall="NE"),
    Row("R11-2.5 no disease", target=("NA",), nontarget=("NA",), new=("N", "EQUIVOCAL"), overall="NED"),
    Row("R11-2.5 no disease", target=("NA",), nontarget=("NA",), new=("NE",), overall="NE"),
)

NODE_READINGS = {"node_2x_slice": {False: {}, True: {"measure": Diameters(node_2x_slice=True)}}}

RECIST_1_1 = Morphologic(
    name="RECIST 1.1",
    source="Eisenhauer 2009, Eur J Cancer 45:228",
    measure=Diameters(),
    targets=Selection(total=5, per_organ=2),
    new_selection=Selection(total=5, per_organ=2),
    partial=Decrease(percent=30),
    progression=Increase(percent=20, absolute_mm=5),
    new_lesions=NewLesions.PROGRESSION,
    confirmation=Immediate(),
    table=TABLE_2_5,
    best_response_clause="R11-BOR-02",
    endpoints=Endpoints("PFS", "DOR", "TTR"),
    codes={},
    cr_reappearance_is_pd=True,
    readings=NODE_READINGS,
)
