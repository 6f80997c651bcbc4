"""The same study in every format gives the same core tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from ingestion.forms.canonical import Forms, canonical
from ingestion.forms.received import read_forms
from ingestion.forms.templates.declared import TEMPLATES
from ingestion.forms.transfers import gather
from ingestion.reject import Source
from tests.assets.small_study import forms as small_forms
from tests.ingestion_forms.written import WRITERS

SOURCE = ("source_name", "source_sha256", "source_record")


def canonical_of(folder: Path, names: dict[str, str]) -> tuple[Forms, pl.DataFrame]:
    read = [form for name, sha in names.items() for form in read_forms(folder / name, Source(name, sha))]
    received, rejects = gather("S", read)
    return canonical("S", received), rejects


def without_source(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop([name for name in SOURCE if name in frame.columns]).sort(pl.all())


def told(rejects: pl.DataFrame) -> list[str]:
    """What the rejects say but for the rows and files that they name."""
    reason = pl.col("reason").str.replace(r"row \S+ of \S+", "row")
    return sorted(map(str, rejects.select("subject_id", "field", "value", reason).rows()))


def written(folder: Path, tables: dict[str, pl.DataFrame], suffix: str) -> dict[str, str]:
    names = {}
    for name, frame in tables.items():
        file = f"{name}{suffix}"
        WRITERS[suffix](frame, folder / file, name.split("_")[0].upper() if "_" in name or len(name) == 2 else name)
        names[file] = f"sha of {name}"
    return names


def same_in_every_format(tmp_path: Path, tables: dict[str, pl.DataFrame]) -> None:
    expected, rejected = canonical_of(tmp_path, written(tmp_path, tables, ".csv"))
    for suffix in WRITERS:
        found, rejects = canonical_of(tmp_path, written(tmp_path, tables, suffix))
        assert rejects.height == rejected.height, (suffix, rejects)
        for field in fields(Forms):
            old, new = getattr(expected, field.name), getattr(found, field.name)
            assert without_source(new.frame).equals(without_source(old.frame)), (suffix, field.name)
            assert told(new.rejects) == told(old.rejects), (suffix, field.name)


def test_a_small_study_is_the_same_in_every_format(tmp_path: Path) -> None:
    tables = {name.removesuffix(".csv"): _table(text) for name, text in small_forms().items()}
    same_in_every_format(tmp_path, tables)


def _table(text: str) -> pl.DataFrame:
    return pl.read_csv(text.encode(), infer_schema=False)


def test_the_shared_oncology_study_is_the_same_in_every_format(tmp_path: Path, shared: Callable[[str], Path]) -> None:
    folder = shared("sdtm_onco")
    names = ("tu_onco_recist", "tr_onco_recist", "rs_onco_recist", "ds", "ex")
    tables = {name: pl.read_csv(folder / f"{name}.csv", infer_schema=False) for name in names}
    subjects = tables["tu_onco_recist"].select("USUBJID").unique()
    dm = pl.read_csv(folder / "dm.csv", infer_schema=False)
    tables = {name: frame.join(subjects, on="USUBJID", how="semi") for name, frame in {**tables, "dm": dm}.items()}
    same_in_every_format(tmp_path, tables)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json", ".xml"])
def test_core_tables_written_as_templates_are_read_back_as_they_were(tmp_path: Path, suffix: str) -> None:
    expected, _ = canonical_of(
        tmp_path,
        written(tmp_path, {name.removesuffix(".csv"): _table(text) for name, text in small_forms().items()}, ".csv"),
    )
    sent = ("subject", "visit", "measurement", "recorded_response", "therapy")
    names = {}
    for name in sent:
        frame = getattr(expected, name).frame
        columns = [column.name for column in TEMPLATES[name].columns]
        table = frame.select(pl.col(columns).cast(pl.String))
        WRITERS[suffix](table, tmp_path / f"{name}{suffix}", name)
        names[f"{name}{suffix}"] = f"sha of {name}"
    found, rejects = canonical_of(tmp_path, names)
    assert rejects.is_empty(), rejects
    assert found.rejects.is_empty(), found.rejects
    for name in sent:
        old, new = getattr(expected, name).frame, getattr(found, name).frame
        assert without_source(new).equals(without_source(old)), name
