"""The oncology study as canonical forms and as the responses of the engine; read once per folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from criteria.registry import CRITERIA
from criteria.side_by_side import all_best_responses, all_timepoint_responses
from ingestion.forms.canonical import Forms, canonical
from ingestion.forms.received import read_forms
from ingestion.forms.transfers import gather
from ingestion.reject import Source

COMMON = ("dm", "ds", "ex", "cm", "suppdm")
MAIN = ("tu_onco", "tr_onco", "rs_onco")
SMALL = ("tu_onco_recist", "tr_onco_recist", "rs_onco_recist")
IRECIST = ("rs_onco_irecist",)
DATA_SETS = (*COMMON, *MAIN, *SMALL, *IRECIST)
EXPECTED = ("adrs_onco", "adtr_onco", "adtte_onco")
READ = ["subject_id", "evaluator", "timepoint"]


@dataclass(frozen=True)
class Study:
    """Where the SDTM data sets (CSV) and the analysis data sets made from them elsewhere (Parquet) lie."""

    sdtm: Path
    analysis: Path

    def received(self, names: tuple[str, ...]) -> dict[str, pl.DataFrame]:
        return _received(self.sdtm, names)

    def forms(self, names: tuple[str, ...]) -> Forms:
        return _forms(self.sdtm, names)

    def expected(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.analysis / f"{name}.parquet")

    def responses(self, names: tuple[str, ...]) -> pl.DataFrame:
        """Time point responses, derived and recorded, under every registered criterion."""
        return _responses(self.sdtm, names)

    def best(self, names: tuple[str, ...]) -> pl.DataFrame:
        """Best responses of the same."""
        return _best(self.sdtm, names)


@cache
def _received(folder: Path, names: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    forms = [
        form for name in (*COMMON, *names) for form in read_forms(folder / f"{name}.csv", Source(f"{name}.csv", name))
    ]
    return gather("ONCO", forms)[0]


@cache
def _forms(folder: Path, names: tuple[str, ...]) -> Forms:
    return canonical("ONCO", _received(folder, names))


@cache
def _responses(folder: Path, names: tuple[str, ...]) -> pl.DataFrame:
    forms = _forms(folder, names)
    return all_timepoint_responses(
        forms.measurement.frame, forms.recorded_response.frame, forms.subject.frame, list(CRITERIA.values())
    )


@cache
def _best(folder: Path, names: tuple[str, ...]) -> pl.DataFrame:
    return all_best_responses(_responses(folder, names), _forms(folder, names).subject.frame, list(CRITERIA.values()))
