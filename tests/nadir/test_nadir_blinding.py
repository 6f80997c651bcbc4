"""A blinded study: nobody can tell the arms from the open release; the owner's release has them."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest

from protocol.study import Study
from tests.assets.refreshing import ask, refresh
from tests.assets.small_study import ARM_CODES, ARMS, make_study
from tests.nadir.command_line import nadir
from warehouse.releases import Release, Releases, open_release

pytestmark = pytest.mark.xdist_group("nadir_blinding")

TELLING = tuple(word.lower() for arm in ARMS for word in (arm, arm.split(maxsplit=1)[0]))


@pytest.fixture(scope="module")
def blinded(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A blinded study with a reject of the form that names the treatment, refreshed."""
    study = make_study(tmp_path_factory.mktemp("home"), "BLIND", {"blinded: false": "blinded: true"})
    ex = study.incoming / "forms" / "ex.csv"
    ex.write_text(ex.read_text() + f"EX,S-01,{ARMS[0]},2024-02-31,\n")
    assert refresh(study).failed == {}
    return study


def release_of(folder: Path) -> Release:
    release = Releases(folder).current()
    assert release is not None
    return release


def texts(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Every distinct value of every column of every table and view, as lower-case text."""
    columns = connection.sql(
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
        "WHERE NOT internal AND schema_name <> 'information_schema'"
    ).fetchall()
    return {
        f"{table}.{column}": {
            value
            for (value,) in connection.sql(f'SELECT DISTINCT lower("{column}"::VARCHAR) FROM {table}').fetchall()
            if value is not None
        }
        for table, column in columns
    }


def telling(values: dict[str, set[str]]) -> set[str]:
    """The columns in which an arm or a study treatment is named."""
    codes = {code.lower() for code in ARM_CODES}
    return {
        name
        for name, found in values.items()
        if found & codes or any(word in value for value in found for word in TELLING)
    }


def test_no_arm_is_named_anywhere_in_the_open_release(blinded: Study) -> None:
    connection = open_release(release_of(blinded.releases))
    values = texts(connection)
    connection.close()
    assert len(values) > 200
    assert telling(values) == set()


def test_no_arm_is_named_in_the_files_beside_the_open_release(blinded: Study) -> None:
    folder = release_of(blinded.releases).folder
    parquet = sorted((folder / "parquet").rglob("*.parquet"))
    assert len(parquet) > 20
    connection = duckdb.connect()
    for path in parquet:
        for row in connection.sql(f"SELECT * FROM read_parquet('{path}')").fetchall():
            assert not any(word in str(row).lower() for word in TELLING), (path, row)
    manifest = (folder / "manifest.json").read_text().lower()
    assert not any(word in manifest for word in TELLING)


def test_nothing_in_the_open_release_is_grouped_by_arm(blinded: Study) -> None:
    release = release_of(blinded.releases)
    for table in ("mart.response_rate", "mart.survival_summary", "mart.survival_landmark", "mart.survival_curve"):
        groups = set(ask(release, f"SELECT DISTINCT group_by FROM {table}").to_series())
        assert "ARM" not in groups, table
        assert "ALL" in groups, table


def test_the_reject_of_a_treatment_keeps_its_reason_without_its_value(blinded: Study) -> None:
    query = "SELECT reason, value FROM raw.reject WHERE source_name = 'forms/ex.csv'"
    (reason, value), *others = ask(release_of(blinded.releases), query).iter_rows()
    assert others == []
    assert reason
    assert value is None


def test_the_owners_release_has_the_arms_and_is_closed_to_others(blinded: Study) -> None:
    assert stat.S_IMODE(blinded.unblinded_releases.stat().st_mode) == 0o700
    release = release_of(blinded.unblinded_releases)
    assert set(ask(release, "SELECT DISTINCT arm FROM core.subject").to_series()) == set(ARMS)
    assert "ARM" in set(ask(release, "SELECT DISTINCT group_by FROM mart.response_rate").to_series())
    assert release.manifest()["blinded"] is False
    assert release.release_id == release_of(blinded.releases).release_id
    for folder in (blinded.releases, blinded.unblinded_releases):
        assert Releases(folder).verify(release.release_id) == []


def test_the_command_line_reads_the_owners_release_on_request_only(blinded: Study) -> None:
    arms = ("sql", "BLIND", "SELECT count(arm) AS named FROM core.subject")
    home = blinded.path.parent
    assert nadir(home, *arms).out == "named\n0\n"
    assert nadir(home, *arms, "--unblinded").out == "named\n6\n"
    assert nadir(home, "verify", "BLIND", "--unblinded").code == 0
