"""Where the studies are (NADIR_HOME, else ./studies), which operations database they use, where mirp is installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HOME_VARIABLE = "NADIR_HOME"
OPERATIONS_VARIABLE = "NADIR_OPERATIONS"
RADIOMICS_VARIABLE = "NADIR_RADIOMICS_PYTHON"
DEFAULT_HOME = "studies"


def study_home() -> Path:
    """The folder of all studies."""
    return Path(os.environ.get(HOME_VARIABLE, DEFAULT_HOME)).absolute()


def operations_setting() -> str | None:
    """The URL of the operations database of all studies; None: a SQLite file in each study's folder."""
    return os.environ.get(OPERATIONS_VARIABLE) or None


def radiomics_python() -> str:
    """The Python interpreter that has mirp: NADIR_RADIOMICS_PYTHON, else the one that runs nadir."""
    return os.environ.get(RADIOMICS_VARIABLE) or sys.executable
