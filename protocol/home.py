"""Where the studies are: NADIR_HOME, else ./studies."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "NADIR_HOME"
DEFAULT_HOME = "studies"


def study_home() -> Path:
    """The folder of all studies."""
    return Path(os.environ.get(HOME_VARIABLE, DEFAULT_HOME)).absolute()
