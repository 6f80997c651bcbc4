"""The SDTM datasets of a simulated trial, and their files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pyreadstat

from simulation.forms.laboratory import lb
from simulation.forms.procedures import pr, supppr, supptu
from simulation.forms.responses import rs
from simulation.forms.subjects import cm, dm, ds, ex, suppdm, sv
from simulation.forms.tumour_results import tr, tu
from simulation.trial import Trial

DATASETS: Mapping[str, Callable[[Trial], pl.DataFrame]] = {
    "DM": dm,
    "SUPPDM": suppdm,
    "SV": sv,
    "EX": ex,
    "CM": cm,
    "DS": ds,
    "PR": pr,
    "SUPPPR": supppr,
    "LB": lb,
    "TU": tu,
    "SUPPTU": supptu,
    "TR": tr,
    "RS": rs,
}
TIMESTAMP = re.compile(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d")
FIXED_TIME = b"01JAN25:00:00:00"
HEADER_BYTES = 960


def sdtm_datasets(trial: Trial) -> dict[str, pl.DataFrame]:
    """All SDTM datasets that have rows, by domain."""
    made = {domain: make(trial) for domain, make in DATASETS.items()}
    return {domain: frame for domain, frame in made.items() if frame.height}


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """A dataset as UTF-8 CSV; missing values are empty."""
    frame.write_csv(path)


def write_transport(frame: pl.DataFrame, path: Path, domain: str) -> None:
    """A dataset as SAS transport file (version 5), with a fixed time in place of the time of writing."""
    text = frame.with_columns(pl.selectors.string().fill_null(""))
    pyreadstat.write_xport(text.to_pandas(), str(path), table_name=domain, file_format_version=5)
    content = path.read_bytes()
    header = TIMESTAMP.sub(FIXED_TIME, content[:HEADER_BYTES])
    path.write_bytes(header + content[HEADER_BYTES:])
