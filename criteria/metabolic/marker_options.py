"""How markers and patterns on PET are read: the options of sections 3.9, 6, 7 and 11."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class MarkerOptions:
    """Named readings with the rule book's defaults.

    Cut-offs are compared strictly, as published: TMTV in ml, TLG in g. ``blr_cutoff`` None: the value alone is given.
    """

    idr_reference: Literal["BASELINE", "PREVIOUS"] = "BASELINE"
    idr_min_responding: int = 1
    idr_min_progressing: int = 1
    oligo_max: int = 3
    lopci_confirm_min_d: int = 29
    nml_more_than: int = 4
    slr_stat: Literal["MEAN", "MAX"] = "MEAN"
    blr_stat: Literal["MEAN", "MAX"] = "MAX"
    slr_cutoff: float = 1.1
    blr_cutoff: float | None = None
    tmtv_cutoff_ml: float = 75.0
    dnlr_cutoff: float = 3.0
    impi_nlr: float = 4.9
    impi_tlg_g: float = 149.5
    lab_window_d: int = 14
    cmp_eps: float = 1e-9


DEFAULT = MarkerOptions()
