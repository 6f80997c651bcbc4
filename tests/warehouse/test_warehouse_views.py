"""The statisticians' views: the analysis tables in ADaM names (rule book 13.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from criteria.table import Table
from warehouse.ddl import sql_type
from warehouse.releases import Releases, open_release
from warehouse.store import Warehouse
from warehouse.tables import VIEWS, View

MANIFEST = {"code_version": "0.1.0", "protocol_sha256": "0" * 64}


@pytest.fixture(scope="module")
def release(
    tmp_path_factory: pytest.TempPathFactory, tables: tuple[Table, ...], fill: Callable[[Warehouse], None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("study")
    with Warehouse(folder / "warehouse.duckdb", tables, study_id="demo") as warehouse:
        warehouse.create()
        fill(warehouse)
        published = Releases(folder / "releases").publish(
            warehouse, release_id="20240304T060000Z", input_fingerprint="f", manifest=MANIFEST
        )
    connection = open_release(published)
    yield connection
    connection.close()


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return connection.sql(sql).fetchall()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.table.name)
def test_a_view_gives_the_declared_columns_types_and_key(release: duckdb.DuckDBPyConnection, view: View) -> None:
    relation = release.sql(f"SELECT * FROM {view.table.name}")
    assert relation.columns == list(view.table.schema)
    assert [str(found) for found in relation.types] == [sql_type(column.dtype) for column in view.table.columns]
    frame = relation.pl()
    assert frame.height > 0
    assert view.table.conform(frame).equals(frame)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.table.name)
def test_a_view_and_its_columns_carry_their_meaning(release: duckdb.DuckDBPyConnection, view: View) -> None:
    name = view.table.name.split(".")[1]
    sql = f"SELECT count(*), count(comment) FROM duckdb_columns() WHERE table_name = '{name}'"
    assert rows(release, sql) == [(len(view.table.columns), len(view.table.columns))]
    sql = f"SELECT comment FROM duckdb_views() WHERE view_name = '{name}'"
    assert rows(release, sql) == [(view.table.meaning,)]
    sql = f"SELECT count(*) FROM audit.dictionary WHERE table_name = '{name}'"
    assert rows(release, sql) == [(len(view.table.columns),)]


def test_adtte_names_the_parameters_and_codes_the_censoring(release: duckdb.DuckDBPyConnection) -> None:
    found = rows(release, "SELECT PARCAT3, PARAMCD, CNSR, CNSDTDSC FROM analysis.adtte ORDER BY ALL")
    assert found == [
        ("RECIST 1.1", "OS", 1, "Alive"),
        ("RECIST 1.1", "PFS", 0, None),
        ("iRECIST", "IPFS", 2, "New anticancer therapy"),
        ("iRECIST", "IRSD", 6, "Lost to follow-up"),
        ("imRECIST", "MTTR", 4, "No baseline assessment"),
        ("imRECIST", "OS", 1, "Alive"),
    ]
    assert rows(release, "SELECT PARAM, AVAL, EVNTDESC FROM analysis.adtte WHERE CNSR = 0") == [
        ("Progression-Free Survival by RECIST 1.1", 113, "Disease progression")
    ]


def test_adrs_has_one_parameter_for_each_question_and_criterion(release: duckdb.DuckDBPyConnection) -> None:
    found = rows(release, "SELECT PARCAT3, list(DISTINCT PARAMCD ORDER BY PARAMCD) FROM analysis.adrs GROUP BY ALL")
    assert dict(found) == {
        "RECIST 1.1": ["BCP", "BOR", "CBCP", "CBOR", "CRSP", "OVR", "PD", "RSP"],
        "iRECIST": ["IBCP", "IBOR", "ICBCP", "ICBOR", "ICPD", "ICRSP", "IOVR", "IRSP", "IUPD"],
        "imRECIST": ["MBCP", "MBOR", "MCBCP", "MCBOR", "MCRSP", "MOVR", "MPD", "MRSP"],
    }


def test_adrs_orders_responses_by_severity(release: duckdb.DuckDBPyConnection) -> None:
    found = rows(release, "SELECT DISTINCT AVALC, AVAL FROM analysis.adrs ORDER BY AVAL DESC, AVALC")
    assert found == [
        ("NE", 8),
        ("PR", 5),
        ("iPR", 5),
        ("SD", 4),
        ("NON-iCR/NON-iUPD", 3),
        ("iUPD", 2),
        ("PD", 1),
        ("Y", 1),
        ("N", 0),
    ]


def test_adrs_dates_unconfirmed_and_confirmed_progression_apart(release: duckdb.DuckDBPyConnection) -> None:
    found = rows(release, "SELECT PARAMCD, AVALC, ADT FROM analysis.adrs WHERE PARAMCD LIKE '%PD' ORDER BY PARAMCD")
    assert found == [
        ("ICPD", "N", None),
        ("IUPD", "Y", date(2024, 2, 26)),
        ("MPD", "N", None),
        ("PD", "Y", date(2024, 4, 22)),
    ]


def test_adrs_counts_days_without_a_day_zero(release: duckdb.DuckDBPyConnection) -> None:
    assert rows(release, "SELECT ADY, ANL01FL FROM analysis.adrs WHERE PARAMCD = 'OVR' ORDER BY AVISITN") == [
        (57, "Y"),
        (113, "Y"),
    ]


def test_adrs_leaves_the_flag_blank_from_new_therapy_on(filled: Warehouse, tmp_path: Path) -> None:
    subject = filled.frame("core.subject").with_columns(new_therapy_date=date(2024, 4, 22))
    filled.put("core.subject", subject)
    published = Releases(tmp_path / "releases").publish(
        filled, release_id="20240304T060000Z", input_fingerprint="f", manifest=MANIFEST
    )
    connection = open_release(published)
    flags = rows(connection, "SELECT ANL01FL FROM analysis.adrs WHERE PARAMCD = 'OVR' ORDER BY AVISITN")
    connection.close()
    assert flags == [("Y",), (None,)]


def test_adtr_follows_each_lesion_with_a_node_by_its_short_axis(release: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        release,
        "SELECT PARAMCD, AVISITN, AVAL, AVALC, BASE, CHG, NADIR, CHGNAD, PCHGNAD FROM analysis.adtr "
        "WHERE PARCAT3 = 'ALL' ORDER BY ALL",
    )
    assert found == [
        ("LDIAM1", 0, 30.0, None, 30.0, None, None, None, None),
        ("LDIAM1", 1, 20.0, None, 30.0, -10.0, 30.0, -10.0, pytest.approx(-100 / 3)),
        ("LDIAM1", 2, 25.0, None, 30.0, -5.0, 20.0, 5.0, 25.0),
        ("NLDIAM2", 0, 20.0, None, 20.0, None, None, None, None),
        ("NLDIAM2", 1, None, "NOT_EVALUABLE", 20.0, None, 20.0, None, None),
        ("NLDIAM2", 2, 21.0, None, 20.0, 1.0, 20.0, 1.0, 5.0),
    ]


def test_adtr_gives_each_criterion_its_sum_from_baseline_on(release: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        release,
        "SELECT AVISITN, ADT, AVAL, PCHG, PDFL, ABLFL FROM analysis.adtr "
        "WHERE PARAMCD = 'SDIAM' AND PARCAT3 = 'RECIST 1.1' ORDER BY AVISITN",
    )
    assert found == [
        (0, date(2023, 12, 20), 50.0, None, None, "Y"),
        (1, date(2024, 2, 26), None, None, None, None),
        (2, date(2024, 4, 22), 46.0, -8.0, "Y", None),
    ]


def test_a_percentage_of_zero_is_empty_and_not_infinite(filled: Warehouse, tmp_path: Path) -> None:
    gone = pl.when(pl.col("longest_diameter_mm").is_not_null()).then(0.0).alias("longest_diameter_mm")
    filled.put("core.measurement", filled.frame("core.measurement").with_columns(gone))
    published = Releases(tmp_path / "releases").publish(
        filled, release_id="20240304T060000Z", input_fingerprint="f", manifest=MANIFEST
    )
    connection = open_release(published)
    found = rows(connection, "SELECT PCHG, PCHGNAD FROM analysis.adtr WHERE PARAMCD = 'LDIAM1' AND AVISITN > 0")
    connection.close()
    assert found == [(None, None), (None, None)]


def test_the_views_work_under_any_name_that_the_file_is_attached_by(release: duckdb.DuckDBPyConnection) -> None:
    path = rows(release, "SELECT path FROM duckdb_databases() WHERE database_name = 'release'")[0][0]
    with duckdb.connect() as other:
        other.execute(f"ATTACH '{path}' AS trial (READ_ONLY)")
        for view in VIEWS:
            assert rows(other, f"SELECT count(*) > 0 FROM trial.{view.table.name}") == [(True,)]
