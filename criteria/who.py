"""WHO (WHO handbook 1979; Miller 1981, Cancer 47:207) and mWHO, with a limited number of lesions (section 1)."""

from __future__ import annotations

from dataclasses import replace

from criteria.decision import DecisionTable, Row
from criteria.declaration import Endpoints, Immediate, Morphologic, NewLesions, Options
from criteria.measures import Decrease, Increase, Products, Selection
from criteria.recist_1_1 import NO_NEW, NOT_PROGRESSED
from criteria.settings import (
    MEASURABLE_BY_ONE_DIAMETER,
    NORMAL_NODES,
    SIZE_OF_TOO_SMALL,
    STABLE_DAYS,
    least_size,
    most_lesions,
)

TABLE_1 = DecisionTable(
    Row("WHO-05", target=("PD",), nontarget=(), new=(), overall="PD"),
    Row("WHO-06", target=(), nontarget=("PD",), new=(), overall="PD"),
    Row("WHO-04", target=(), nontarget=(), new=("Y",), overall="PD"),
    Row("WHO-1 row 1", target=("CR",), nontarget=("CR", "NA"), new=NO_NEW, overall="CR"),
    Row("WHO-1 row 2", target=("CR",), nontarget=("NON-CR/NON-PD", "NE"), new=NO_NEW, overall="PR"),
    Row("WHO-1 row 3", target=("PR",), nontarget=NOT_PROGRESSED, new=NO_NEW, overall="PR"),
    Row("WHO-1 row 4", target=("SD",), nontarget=NOT_PROGRESSED, new=NO_NEW, overall="SD"),
    Row("WHO-1 row 5", target=("NE",), nontarget=NOT_PROGRESSED, new=NO_NEW, overall="NE"),
    Row("WHO-1 row 6", target=("NA",), nontarget=("CR",), new=NO_NEW, overall="CR"),
    Row("WHO-1 row 8", target=("NA",), nontarget=("NON-CR/NON-PD",), new=NO_NEW, overall="SD"),
    Row("WHO-1 row 9", target=("NA",), nontarget=("NE",), new=NO_NEW, overall="NE"),
    Row("WHO-1 no disease", target=("NA",), nontarget=("NA",), new=("N", "EQUIVOCAL"), overall="NED"),
    Row("WHO-1 no disease", target=("NA",), nontarget=("NA",), new=("NE",), overall="NE"),
)
ANY = Selection(total=None, per_organ=None, minimum_mm=0, minimum_node_mm=0, strict=True)
ANY_LESION = Increase(percent=25, of="any_lesion")
SUM_OVER_NADIR = Increase(percent=25)

WHO = Morphologic(
    name="WHO",
    source="Miller 1981, Cancer 47:207",
    measure=Products(),
    targets=ANY,
    new_selection=ANY,
    partial=Decrease(percent=50),
    progression=ANY_LESION,
    new_lesions=NewLesions.PROGRESSION,
    confirmation=Immediate(),
    table=TABLE_1,
    best_response_clause="WHO-07",
    endpoints=Endpoints("PFS", "DOR", "TTR"),
    codes={},
    response_needs_confirmation=True,
    treated_lesions_measurable=True,
    pet_needs_anatomy=False,
    readings={
        "who_pd_basis": {"any_lesion": {"progression": ANY_LESION}, "spd_nadir": {"progression": SUM_OVER_NADIR}},
        "who_duration_origin": {
            "first_response": {},
            "treatment_start": {"endpoints": Endpoints("PFS", "DOR", "TTR", "treatment")},
        },
    },
    settings={
        "who_min_mm": least_size(None),
        "who_max_lesions": most_lesions(None),
        "who_node_normal_lt10": NORMAL_NODES,
        "who_unidimensional": MEASURABLE_BY_ONE_DIAMETER,
        "who_tstm_mm": SIZE_OF_TOO_SMALL,
        "who_min_nc_days": STABLE_DAYS,
    },
    options=Options(min_sd_days=28),
)

MWHO = replace(
    WHO,
    name="mWHO",
    source="Wolchok 2009, Clin Cancer Res 15:7412, table 1 (comparator)",
    targets=replace(ANY, total=10, per_organ=5),
    progression=SUM_OVER_NADIR,
    settings={**WHO.settings, "who_max_lesions": most_lesions((10, 5))},
)
