"""iRECIST (Seymour 2017, Lancet Oncol 18:e143; RECIST working group answers; rule book section 5)."""

from __future__ import annotations

from dataclasses import replace

from criteria.declaration import Endpoints, NewLesions, Unconfirmed
from criteria.recist_1_1 import RECIST_1_1
from criteria.settings import first_day_of_window, last_day_of_window

IRECIST = replace(
    RECIST_1_1,
    name="iRECIST",
    source="Seymour 2017, Lancet Oncol 18:e143",
    new_lesions=NewLesions.SEPARATE,
    confirmation=Unconfirmed(after_days=28, by_days=56, growth_mm=5),
    best_response_clause="IR-17",
    endpoints=Endpoints("iPFS", "iDOR", "iTTR"),
    codes={
        "CR": "iCR",
        "PR": "iPR",
        "SD": "iSD",
        "PD": "iUPD",
        "UPD": "iUPD",
        "CPD": "iCPD",
        "NON-CR/NON-PD": "NON-iCR/NON-iUPD",
    },
    settings={"icpd_min_days": first_day_of_window(28), "icpd_max_days": last_day_of_window(56)},
)
