"""The working database: what goes in comes out, in the declared types, or not at all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cohorts.tables import TABLES as MART_TABLES
from criteria.table import Column, ContractError, Table
from criteria.tables import TABLES as ANALYSIS_TABLES
from ingestion.tables import REJECT
from ingestion.tables import TABLES as INGESTION_TABLES
from warehouse.ddl import UnsupportedTypeError, sql_type
from warehouse.errors import CorruptFileError, DiskFullError, LockedError, WarehouseError
from warehouse.store import Warehouse

ALL_TABLES = (*INGESTION_TABLES, *ANALYSIS_TABLES, *MART_TABLES)


def every_value(table: Table) -> pl.DataFrame:
    moment = datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=UTC)
    local = moment.replace(tzinfo=None)
    full = {
        "row": 1,
        "text": "µ-'\"ü\n",
        "code": "B",
        "flag": True,
        "small": -128,
        "int16": 2**15 - 1,
        "int32": -(2**31),
        "int64": 2**63 - 1,
        "uint64": 2**64 - 1,
        "float32": 1.5,
        "float64": 0.1 + 0.2,
        "amount": Decimal("123456789.125"),
        "day": date(1, 1, 1),
        "clock": time(23, 59, 59, 999999),
        "moment": moment,
        "local": local,
        "millis": local.replace(microsecond=123000),
        "nanos": local,
        "numbers": [1, None, 3],
        "words": ["a", "", None],
        "days": [date(2024, 2, 29)],
        "nested": [[1.0], [], None],
        "bytes": b"\x00\xff",
    }
    return pl.DataFrame([full, {"row": 2}], schema=table.schema)


def test_every_type_comes_back_as_it_went_in(tmp_path: Path, every_type: Table) -> None:
    frame = every_value(every_type)
    with Warehouse(tmp_path / "w.duckdb", [every_type], study_id="demo") as warehouse:
        warehouse.create()
        assert warehouse.put(every_type.name, frame) == 2
    with Warehouse(tmp_path / "w.duckdb", [every_type], study_id="demo") as warehouse:
        assert_frame_equal(warehouse.frame(every_type.name), frame)


def test_columns_without_any_value_keep_their_type(tmp_path: Path, every_type: Table) -> None:
    frame = every_type.conform(pl.DataFrame({"row": [1, 2]}))
    with Warehouse(tmp_path / "w.duckdb", [every_type], study_id="demo") as warehouse:
        warehouse.create()
        warehouse.put(every_type.name, frame)
        assert_frame_equal(warehouse.frame(every_type.name), frame)
        found = warehouse.query("SELECT data_type FROM duckdb_columns() WHERE table_name = 'every_type'")
    assert found["data_type"].to_list() == [sql_type(column.dtype) for column in every_type.columns]


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_every_declared_table_is_made_and_its_empty_frame_comes_back(tmp_path: Path, table: Table) -> None:
    with Warehouse(tmp_path / "w.duckdb", [table], study_id="demo") as warehouse:
        warehouse.create()
        warehouse.put(table.name, table.empty())
        assert_frame_equal(warehouse.frame(table.name), table.empty())


def test_tables_and_columns_carry_their_meaning_and_unit(warehouse: Warehouse) -> None:
    table = warehouse.query("SELECT comment FROM duckdb_tables() WHERE table_name = 'event_time'").item()
    assert table == "Time to event per subject, evaluator, criterion, endpoint and censoring profile"
    column = warehouse.query("SELECT comment FROM duckdb_columns() WHERE column_name = 'longest_diameter_mm'").item()
    assert column == "longest diameter [mm]"
    without = warehouse.query(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''"
    )
    assert without.is_empty()


def test_the_dictionary_names_every_declared_column(warehouse: Warehouse) -> None:
    dictionary = warehouse.frame("audit.dictionary")
    for table in warehouse.tables.values():
        schema, name = table.name.split(".")
        rows = dictionary.filter(schema_name=schema, table_name=name).sort("position")
        assert rows["column_name"].to_list() == [column.name for column in table.columns]
    row = dictionary.row(by_predicate=pl.col("column_name") == "role", named=True)
    assert (row["type"], row["allowed"]) == ("VARCHAR", "TARGET | NON-TARGET | NEW")


def test_a_type_without_a_column_type_is_refused() -> None:
    with pytest.raises(UnsupportedTypeError, match="Duration"):
        sql_type(pl.Duration("us"))


def test_create_again_keeps_the_rows(tmp_path: Path, every_type: Table) -> None:
    with Warehouse(tmp_path / "w.duckdb", [every_type], study_id="demo") as warehouse:
        warehouse.create()
        warehouse.put(every_type.name, every_value(every_type))
        warehouse.create()
        assert warehouse.frame(every_type.name).height == 2


def test_a_table_whose_columns_changed_is_made_anew(tmp_path: Path) -> None:
    before = Table("core.thing", "things", (Column("a", pl.String, "a"),), key=())
    for columns in (
        (Column("a", pl.Int64, "a"),),
        (Column("a", pl.String, "a"), Column("b", pl.String, "b")),
        (Column("b", pl.String, "b"),),
    ):
        after = replace(before, columns=columns)
        with Warehouse(tmp_path / "w.duckdb", [before], study_id="demo") as warehouse:
            warehouse.create()
            warehouse.put("core.thing", pl.DataFrame({"a": ["1"]}))
        with Warehouse(tmp_path / "w.duckdb", [after], study_id="demo") as warehouse:
            warehouse.create()
            assert_frame_equal(warehouse.frame("core.thing"), after.empty())


def test_a_changed_meaning_changes_the_comment_and_keeps_the_rows(tmp_path: Path) -> None:
    before = Table("core.thing", "things", (Column("a", pl.String, "old"),), key=())
    after = replace(before, columns=(Column("a", pl.String, "new", unit="mm"),))
    with Warehouse(tmp_path / "w.duckdb", [before], study_id="demo") as warehouse:
        warehouse.create()
        warehouse.put("core.thing", pl.DataFrame({"a": ["1"]}))
    with Warehouse(tmp_path / "w.duckdb", [after], study_id="demo") as warehouse:
        warehouse.create()
        assert warehouse.frame("core.thing").height == 1
        assert warehouse.query("SELECT comment FROM duckdb_columns() WHERE column_name = 'a'").item() == "new [mm]"


def test_an_audit_table_gains_columns_and_never_loses_rows(tmp_path: Path) -> None:
    before = Table("audit.visit", "visits", (Column("a", pl.String, "a"), Column("gone", pl.String, "g")), key=("a",))
    after = replace(before, columns=(Column("a", pl.String, "a"), Column("more", pl.Int32, "m")))
    with Warehouse(tmp_path / "w.duckdb", [before], study_id="demo") as warehouse:
        warehouse.create()
        warehouse.append("audit.visit", pl.DataFrame({"a": ["1"], "gone": ["kept"]}))
    with Warehouse(tmp_path / "w.duckdb", [after], study_id="demo") as warehouse:
        warehouse.create()
        assert warehouse.frame("audit.visit").rows() == [("1", None)]
        assert warehouse.query("SELECT gone FROM audit.visit").item() == "kept"


def test_put_replaces_and_a_frame_that_does_not_fit_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.put("core.subject", pl.DataFrame({"study_id": ["demo"], "subject_id": ["S1"]}))
    warehouse.put("core.subject", pl.DataFrame({"subject_id": ["S2", "S3"], "study_id": ["demo", "demo"]}))
    with pytest.raises(ContractError, match="share a key"):
        warehouse.put("core.subject", pl.DataFrame({"study_id": ["demo"] * 2, "subject_id": ["S4"] * 2}))
    assert warehouse.frame("core.subject")["subject_id"].to_list() == ["S2", "S3"]


def test_rows_of_another_study_are_refused(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match=r"core\.subject: rows of study \['other'\]"):
        warehouse.put("core.subject", pl.DataFrame({"study_id": ["other"], "subject_id": ["S1"]}))


def test_put_where_replaces_only_the_rows_of_one_stage(tmp_path: Path) -> None:
    def rejects(stage: str, *reasons: str) -> pl.DataFrame:
        return pl.DataFrame([{"study_id": "demo", "stage": stage, "reason": reason} for reason in reasons])

    with Warehouse(tmp_path / "w.duckdb", [REJECT], study_id="demo") as warehouse:
        warehouse.create()
        warehouse.put_where("raw.reject", rejects("core.subject", "a", "b"), "stage", "core.subject")
        warehouse.put_where("raw.reject", rejects("core.visit", "c"), "stage", "core.visit")
        warehouse.put_where("raw.reject", rejects("core.subject", "d"), "stage", "core.subject")
        assert sorted(warehouse.frame("raw.reject")["reason"]) == ["c", "d"]
        warehouse.put_where("raw.reject", REJECT.empty(), "stage", "core.visit")
        assert warehouse.frame("raw.reject")["reason"].to_list() == ["d"]
        with pytest.raises(WarehouseError, match=r"core\.visit"):
            warehouse.put_where("raw.reject", rejects("core.visit", "e"), "stage", "core.subject")


def test_append_adds_and_refuses_a_known_key(warehouse: Warehouse) -> None:
    warehouse.append("core.subject", pl.DataFrame({"study_id": ["demo"], "subject_id": ["S1"]}))
    warehouse.append("core.subject", pl.DataFrame({"study_id": ["demo"], "subject_id": ["S2"]}))
    with pytest.raises(WarehouseError, match=r"there is already a row with .*'subject_id': 'S1'"):
        warehouse.append("core.subject", pl.DataFrame({"study_id": ["demo"] * 2, "subject_id": ["S3", "S1"]}))
    assert warehouse.frame("core.subject")["subject_id"].to_list() == ["S1", "S2"]


def test_received_domains_stay_as_they_came(warehouse: Warehouse) -> None:
    tr = pl.DataFrame({"USUBJID": ["S1", "S1"], "TRORRES": ["012.50", None], "odd name; --": [1, 2]})
    warehouse.put_received("tr", tr)
    warehouse.put_received("dm", pl.DataFrame({"USUBJID": ["old"], "AGE": ["50"]}))
    warehouse.put_received("dm", pl.DataFrame({"USUBJID": ["S1"]}))
    received = warehouse.received()
    assert list(received) == ["dm", "tr"]
    assert received["dm"].to_dicts() == [{"USUBJID": "S1"}]
    assert_frame_equal(received["tr"], tr.cast(pl.String))
    warehouse.keep_received(["tr"])
    assert list(warehouse.received()) == ["tr"]


def test_received_columns_that_differ_only_in_case_are_named(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match=r"raw\.tr: columns that differ only in case: Visit, VISIT"):
        warehouse.put_received("tr", pl.DataFrame({"Visit": ["1"], "VISIT": ["2"]}))


def test_a_declared_raw_table_is_no_received_domain(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb", [REJECT], study_id="demo") as warehouse:
        warehouse.create()
        assert warehouse.received() == {}
        with pytest.raises(WarehouseError, match=r"raw\.reject is a declared table"):
            warehouse.put_received("reject", pl.DataFrame({"a": ["1"]}))


def test_query_takes_parameters_and_explains_a_mistake(filled: Warehouse) -> None:
    found = filled.query(
        "SELECT lesion_id FROM core.measurement WHERE is_node = $node AND timepoint = 0", {"node": True}
    )
    assert found["lesion_id"].to_list() == ["T2"]
    assert filled.query("SELECT ? + 1 AS n", [1]).to_dicts() == [{"n": 2}]
    with pytest.raises(WarehouseError, match="no_such"):
        filled.query("SELECT * FROM core.no_such")


def test_an_undeclared_table_is_refused_with_the_declared_ones(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match=r"core\.subjekt is not declared; declared are: .*core\.subject"):
        warehouse.put("core.subjekt", pl.DataFrame())


def test_the_connection_is_closed_after_an_error(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "w.duckdb", [], study_id="demo")
    with pytest.raises(KeyError), warehouse:
        raise KeyError
    with pytest.raises(WarehouseError, match="not open"):
        warehouse.query("SELECT 1")
    subprocess.run([sys.executable, "-c", f"import duckdb; duckdb.connect({str(warehouse.path)!r})"], check=True)


def test_a_file_that_another_process_writes_names_that_process(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    script = f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with (
            pytest.raises(LockedError, match=rf"in use by process {writer.pid} .*wait until it has finished"),
            Warehouse(path, [], study_id="demo"),
        ):
            pass
        writer.communicate(b"\n")


def test_a_damaged_file_is_named_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(1000)")
    data = bytearray(path.read_bytes())
    for damaged in (b"hello" * 4000, data[:100] + b"\xff" * 50 + data[150:], data[: len(data) // 2]):
        path.write_bytes(damaged)
        with (
            pytest.raises(CorruptFileError, match=re.escape(str(path)) + ".*put it aside"),
            Warehouse(path, [], study_id="demo"),
        ):
            pass


def test_a_full_disk_leaves_the_rows_as_they_were(small_disk: Callable[[str], Path], every_type: Table) -> None:
    path = small_disk("6m") / "w.duckdb"
    large = pl.DataFrame({"row": pl.int_range(500_000, eager=True)}).with_columns(
        text=pl.col("row").hash().cast(pl.String) + pl.col("row").reverse().hash().cast(pl.String)
    )
    with Warehouse(path, [every_type], study_id="demo") as warehouse:
        warehouse.create()
        warehouse.put(every_type.name, pl.DataFrame({"row": [1, 2, 3]}))
    with (
        Warehouse(path, [every_type], study_id="demo") as warehouse,
        pytest.raises(DiskFullError, match=r"disk of .* is full; nothing was changed"),
    ):
        warehouse.put(every_type.name, large)
    with Warehouse(path, [every_type], study_id="demo") as warehouse:
        assert warehouse.frame(every_type.name)["row"].to_list() == [1, 2, 3]


def test_refreshing_again_and_again_does_not_grow_the_file(tmp_path: Path, every_type: Table) -> None:
    path = tmp_path / "w.duckdb"
    frame = pl.DataFrame({"row": pl.int_range(50_000, eager=True)}).with_columns(
        text=pl.col("row").hash().cast(pl.String)
    )
    sizes = []
    for _ in range(6):
        with Warehouse(path, [every_type], study_id="demo") as warehouse:
            warehouse.create()
            warehouse.put(every_type.name, frame)
        sizes.append(path.stat().st_size)
    assert sizes[-1] <= 2.5 * sizes[0]
    assert sizes[-1] == sizes[-3]
