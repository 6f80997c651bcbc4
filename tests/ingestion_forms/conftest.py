"""Ways to read written files and the shared oncology study."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import polars as pl
import pytest

from ingestion.forms.canonical import Forms, canonical
from ingestion.forms.received import Received, read_forms
from ingestion.forms.transfers import gather
from ingestion.reject import Source


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Received]:
    """Writes a file and reads it as a received form."""

    def write_and_read(content: str | bytes, name: str = "tr.csv") -> Received:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        (form,) = read_forms(path, Source(name, "sha"))
        return form

    return write_and_read


@lru_cache
def load(folder: Path, names: tuple[str, ...]) -> tuple[Forms, dict[str, pl.DataFrame]]:
    files = ["dm", "ds", "ex", "cm", "suppdm", *names]
    received, rejects = gather(
        "S", [form for n in files for form in read_forms(folder / f"{n}.csv", Source(f"{n}.csv", n))]
    )
    assert rejects.is_empty()
    return canonical("S", received), received


@pytest.fixture
def onco(shared: Callable[[str], Path]) -> Callable[[tuple[str, ...]], tuple[Forms, dict[str, pl.DataFrame]]]:
    """The shared oncology study with one of its sets of tumour files: canonical forms and received frames."""
    return partial(load, shared("sdtm_onco"))
