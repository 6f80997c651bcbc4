"""The SQL page: what reads runs, everything else is refused or stopped."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dashboard.sql import SqlError, run


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release file with one table of 1,000 rows, in a folder whose name needs quoting."""
    folder = tmp_path_factory.mktemp("the study's")
    database = folder / "release.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema mart")
        connection.execute("create table mart.numbers as select range as number from range(1000)")
    (folder / "secret.csv").write_text("a\n1\n")
    return database


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) as n from mart.numbers",
        "from mart.numbers select count(*) as n",
        "with all_of_them as (from mart.numbers) select count(*) as n from all_of_them;",
    ],
)
def test_reading_statements_run(release: Path, statement: str) -> None:
    found = run(release, statement)
    assert (found.rows["n"].to_list(), found.more) == ([1000], False)


def test_rows_are_bounded_and_said_to_be(release: Path) -> None:
    found = run(release, "from mart.numbers", rows=10)
    assert (found.rows.height, found.more) == (10, True)
    assert run(release, "from mart.numbers", rows=1000).more is False


def test_the_plan_can_be_asked_for(release: Path) -> None:
    assert run(release, "explain from mart.numbers").rows.height > 0


@pytest.mark.parametrize(
    "statement",
    [
        "insert into mart.numbers values (1)",
        "delete from mart.numbers",
        "drop table mart.numbers",
        "create table release.mart.other as from mart.numbers",
        "update mart.numbers set number = 0",
        "attach 'other.duckdb' as other",
        "copy mart.numbers to 'numbers.csv'",
        "export database 'folder'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '100GB'",
        "call pragma_version()",
        "begin transaction",
        "checkpoint",
        "",
        "select 1; select 2",
        "select 1; drop table mart.numbers",
    ],
)
def test_statements_that_do_not_read_are_refused(release: Path, statement: str) -> None:
    with pytest.raises(SqlError):
        run(release, statement)
    assert run(release, "select count(*) as n from mart.numbers").rows["n"].to_list() == [1000]


@pytest.mark.parametrize(
    "statement",
    [
        "from read_csv('{folder}/secret.csv')",
        "from '{folder}/secret.csv'",
        "select * from read_text('{folder}/secret.csv')",
        "from read_blob('/etc/passwd')",
        "from glob('{folder}/*')",
        "from read_parquet('https://example.org/x.parquet')",
        "select getenv('HOME')",
        "from duckdb_secrets() where 1 = error('x')",
    ],
)
def test_files_the_network_and_the_environment_are_out_of_reach(release: Path, statement: str) -> None:
    with pytest.raises(SqlError):
        run(release, statement.format(folder=release.parent))


@pytest.mark.parametrize("way_back", ["set enable_external_access = true", "reset enable_external_access"])
def test_the_door_stays_shut(release: Path, way_back: str) -> None:
    with pytest.raises(SqlError):
        run(release, way_back)


def test_an_endless_query_is_stopped(release: Path) -> None:
    endless = "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t"
    with pytest.raises(SqlError, match=r"stopped after 0\.3 seconds"):
        run(release, endless, seconds=0.3)


def test_a_mistake_is_told_in_words(release: Path) -> None:
    with pytest.raises(SqlError, match="Did you mean"):
        run(release, "from mart.number")


def test_a_type_that_cannot_be_shown_is_told_with_the_way_out(release: Path) -> None:
    with pytest.raises(SqlError, match="cast it to varchar"):
        run(release, "select interval 2 days as span")
    assert run(release, "select (interval 2 days)::varchar as span").rows.item() == "2 days"
