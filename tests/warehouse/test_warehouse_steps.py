"""Versions of the working tables, and the memory of steps."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from criteria.table import Column, Table
from warehouse.steps import Trace, record_step, results_of_unchanged, versions
from warehouse.store import Warehouse

A, B = (
    Table(f"core.{name}", "a table", (Column("key", pl.Int64, "key"), Column("value", pl.String, "value")), ("key",))
    for name in "ab"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def rows(*values: str | None) -> pl.DataFrame:
    return pl.DataFrame({"key": range(len(values)), "value": values}, schema=A.schema)


def opened(path: Path) -> Warehouse:
    return Warehouse(path, (A, B), study_id="S")


def test_a_version_rises_only_with_other_rows(folder: Path) -> None:
    seen = []
    with opened(folder) as warehouse:
        warehouse.create()
        for frame in (rows("x"), rows("x"), rows("y"), rows("y", None), rows("y", None), rows()):
            warehouse.put(A.name, frame)
            seen.append(versions(warehouse.connection)[A.name])
        warehouse.create()
        assert versions(warehouse.connection)[A.name] == seen[-1]
    assert seen == [1, 1, 2, 3, 3, 4]


def test_received_domains_have_versions_too(folder: Path) -> None:
    with opened(folder) as warehouse:
        warehouse.create()
        for frame in (pl.DataFrame({"X": ["1"]}), pl.DataFrame({"X": ["1"]}), pl.DataFrame({"Y": ["1"]})):
            warehouse.put_received("tr", frame)
        assert versions(warehouse.connection)["raw.tr"] == 2
        warehouse.keep_received(["tr"])
        before = versions(warehouse.connection)["raw"]
        warehouse.keep_received([])
        assert versions(warehouse.connection)["raw"] == before + 1


def step(path: Path, key: str = "k", *, query: bool = False) -> bool:
    """A step that copies A to B; whether it had to run."""
    with opened(path) as warehouse:
        known = results_of_unchanged(warehouse.connection, "copy", key)
    if known is not None:
        assert known == [["done"]]
        return False
    with opened(path) as warehouse:
        warehouse.put(B.name, warehouse.query(f"FROM {A.name}") if query else warehouse.frame(A.name))
        trace = warehouse.trace
    with opened(path) as warehouse:
        record_step(warehouse.connection, "copy", key, trace, [["done"]])
    return True


@pytest.fixture
def filled(folder: Path) -> Path:
    with opened(folder) as warehouse:
        warehouse.create()
        warehouse.put(A.name, rows("x"))
    return folder


def put(path: Path, name: str, frame: pl.DataFrame) -> None:
    with opened(path) as warehouse:
        warehouse.put(name, frame)


def test_a_step_runs_again_when_what_it_read_or_wrote_or_its_key_is_another(filled: Path) -> None:
    assert [step(filled), step(filled)] == [True, False]
    put(filled, A.name, rows("y"))
    assert [step(filled), step(filled)] == [True, False]
    put(filled, B.name, rows("spoiled"))
    assert [step(filled), step(filled)] == [True, False]
    assert [step(filled, "other"), step(filled, "other")] == [True, False]


def test_a_step_that_asks_by_a_query_always_runs(filled: Path) -> None:
    assert [step(filled, query=True), step(filled, query=True)] == [True, True]


def test_a_cleared_trace_has_seen_nothing() -> None:
    trace = Trace({"a"}, {"b"}, exact=False)
    trace.clear()
    assert trace == Trace()
