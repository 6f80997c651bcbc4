"""Where the studies are (NADIR_HOME, else ./studies), and which operations database they use."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "NADIR_HOME"
OPERATIONS_VARIABLE = "NADIR_OPERATIONS"
DEFAULT_HOME = "studies"


def study_home() -> Path:
    """The folder of all studies."""
    return Path(os.environ.get(HOME_VARIABLE, DEFAULT_HOME)).absolute()


def operations_setting() -> str | None:
    """The URL of the operations database of all studies; None: a SQLite file in each study's folder."""
    return os.environ.get(OPERATIONS_VARIABLE) or None
