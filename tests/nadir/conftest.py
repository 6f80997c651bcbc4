"""One small study, refreshed once by the command line and only read by the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.study import Study
from tests.assets.small_study import make_study
from tests.nadir.command_line import Said, nadir


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the studies."""
    return tmp_path_factory.mktemp("studies")


@pytest.fixture(scope="package")
def first_refresh(home: Path) -> Said:
    """What `nadir refresh SMALL` said."""
    make_study(home)
    return nadir(home, "refresh", "SMALL")


@pytest.fixture(scope="package")
def small(home: Path, first_refresh: Said) -> Study:
    """The refreshed study."""
    assert first_refresh.code == 0, first_refresh
    return Study(home / "SMALL")
