"""Releases: whole, immutable, verifiable, and current only when complete."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from criteria.table import Table
from warehouse.audit import Event, record, verify
from warehouse.errors import DiskFullError, WarehouseError
from warehouse.releases import Release, ReleaseError, Releases, contents, open_release, release_id_at
from warehouse.store import Warehouse

MONDAY = datetime(2024, 3, 4, 6, 0, tzinfo=UTC)
MANIFEST: dict[str, Any] = {"code_version": "0.1.0", "protocol_sha256": "p" * 64, "checks": {"keys": "passed"}}


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path / "releases")


def publish(releases: Releases, warehouse: Warehouse, day: int = 0, fingerprint: str = "f") -> Release:
    release_id = release_id_at(MONDAY + timedelta(days=day))
    return releases.publish(warehouse, release_id=release_id, input_fingerprint=fingerprint, manifest=MANIFEST)


def ask(release: Release, sql: str) -> list[tuple[Any, ...]]:
    connection = open_release(release)
    try:
        return connection.sql(sql).fetchall()
    finally:
        connection.close()


def test_a_release_id_is_the_moment_in_utc_and_sorts() -> None:
    tokyo = datetime(2024, 3, 4, 15, 0, tzinfo=timezone(timedelta(hours=9)))
    assert release_id_at(tokyo) == release_id_at(MONDAY) == "20240304T060000Z"


@pytest.mark.parametrize(
    "text", ["", "latest", "2024-03-04", "20240304T060000", "20240304T060000Z/..", "20241304T060000Z"]
)
def test_an_id_that_is_no_moment_is_refused(releases: Releases, filled: Warehouse, text: str) -> None:
    with pytest.raises(ReleaseError, match="no release id: it is a moment in UTC"):
        releases.publish(filled, release_id=text, input_fingerprint="f", manifest=MANIFEST)


def test_before_the_first_release_there_is_none(releases: Releases) -> None:
    assert releases.current() is None
    assert releases.list() == []


def test_a_release_holds_the_tables_their_comments_and_parquet(releases: Releases, filled: Warehouse) -> None:
    release = publish(releases, filled)
    assert ask(release, "SELECT lesion_id FROM core.measurement WHERE timepoint = 0 ORDER BY ALL") == [("T1",), ("T2",)]
    assert ask(release, "SELECT comment FROM duckdb_tables() WHERE table_name = 'subject'") == [
        ("One row per subject: dates and groups that responses and endpoints need",)
    ]
    assert ask(release, "SELECT DISTINCT schema_name FROM duckdb_tables() ORDER BY ALL") == [
        ("analysis",),
        ("audit",),
        ("core",),
    ]
    for name in ("core.measurement", "analysis.event_time", "analysis.adtte", "audit.dictionary"):
        parquet = pl.read_parquet(release.folder / "parquet" / f"{name}.parquet")
        assert [(parquet.height,)] == ask(release, f"SELECT count(*) FROM {name}")


def test_only_the_asked_schemas_are_published(releases: Releases, filled: Warehouse) -> None:
    release = releases.publish(
        filled, release_id="20240304T060000Z", input_fingerprint="f", manifest=MANIFEST, schemas=("core",)
    )
    assert ask(release, "SELECT DISTINCT schema_name FROM duckdb_tables()") == [("core",)]
    assert ask(release, "SELECT count(*) FROM duckdb_views() WHERE NOT internal") == [(0,)]
    assert releases.verify(release.release_id) == []


def test_a_table_given_instead_is_published_in_place_of_the_working_one(releases: Releases, filled: Warehouse) -> None:
    filled.put("core.subject", filled.frame("core.subject").with_columns(arm=pl.lit("ACTIVE")))
    blinded = {"core.subject": filled.frame("core.subject").with_columns(arm=pl.lit(None, dtype=pl.String))}
    release = releases.publish(
        filled, release_id="20240304T060000Z", input_fingerprint="f", manifest=MANIFEST, instead=blinded
    )
    assert ask(release, "SELECT subject_id, arm FROM core.subject") == [("S1", None)]
    assert pl.read_parquet(release.folder / "parquet/core.subject.parquet")["arm"].to_list() == [None]
    assert not [path for path in release.folder.rglob("*") if path.is_file() and b"ACTIVE" in path.read_bytes()]
    assert filled.frame("core.subject")["arm"].to_list() == ["ACTIVE"]


def test_the_manifest_tells_what_it_was_made_from(releases: Releases, filled: Warehouse) -> None:
    release = publish(releases, filled, fingerprint="abc")
    manifest = json.loads((release.folder / "manifest.json").read_text())
    assert manifest["release_id"] == release.release_id == "20240304T060000Z"
    assert manifest["published_at"] == "2024-03-04T06:00:00+00:00"
    assert (manifest["study_id"], manifest["code_version"]) == ("demo", "0.1.0")
    assert manifest["checks"] == {"keys": "passed"}
    assert manifest["inputs"] == [{"source_name": "tr.csv", "sha256": "b" * 64, "size": 7}]
    assert manifest["contents"]["core.measurement"]["rows"] == 6
    database = hashlib.sha256(release.database.read_bytes()).hexdigest()
    assert manifest["files"]["release.duckdb"] == database
    assert release.input_fingerprint == "abc"


def test_a_manifest_without_code_version_or_protocol_is_refused(releases: Releases, filled: Warehouse) -> None:
    with pytest.raises(ReleaseError, match="lacks protocol_sha256"):
        releases.publish(
            filled, release_id="20240304T060000Z", input_fingerprint="f", manifest={"code_version": "0.1.0"}
        )


def test_the_checksums_are_those_of_sha256sum(releases: Releases, filled: Warehouse) -> None:
    release = publish(releases, filled)
    command = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    subprocess.run(command, cwd=release.folder, check=True)


def test_current_is_the_newest_and_each_release_knows_the_one_before(releases: Releases, filled: Warehouse) -> None:
    first, second = publish(releases, filled), publish(releases, filled, day=1)
    assert releases.list() == [first, second]
    assert releases.current() == second
    assert (releases.folder / "current").readlink() == Path(second.release_id)
    history = ask(second, "SELECT release_id, previous_release_id FROM audit.release ORDER BY release_id")
    assert history == [(first.release_id, None), (second.release_id, first.release_id)]
    assert filled.frame("audit.release")["release_id"].to_list() == [first.release_id, second.release_id]
    assert ask(second, "SELECT release_id, source_name, sha256 FROM audit.source") == [
        (second.release_id, "tr.csv", "b" * 64)
    ]


def test_a_release_that_was_read_before_the_swap_stays_as_it_was(releases: Releases, filled: Warehouse) -> None:
    publish(releases, filled)
    before = releases.current()
    assert before is not None
    connection = open_release(before)
    filled.put("core.measurement", filled.frame("core.measurement").filter(pl.col("timepoint") == 0))
    publish(releases, filled, day=1)
    after = releases.current()
    assert after is not None
    assert connection.sql("SELECT count(*) FROM core.measurement").fetchall() == [(6,)]
    assert ask(after, "SELECT count(*) FROM core.measurement") == [(2,)]
    connection.close()


def test_a_release_is_read_only_in_its_file_and_its_connection(releases: Releases, filled: Warehouse) -> None:
    release = publish(releases, filled)
    files = [path for path in release.folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}
    connection = open_release(release)
    with pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("DELETE FROM core.subject")
    connection.close()


def test_the_file_is_in_the_storage_format_that_older_versions_read(releases: Releases, filled: Warehouse) -> None:
    tags = ask(publish(releases, filled), "SELECT tags FROM duckdb_databases() WHERE database_name = 'release'")
    assert tags[0][0]["storage_version"].startswith("v1.2.0")


def test_the_same_rows_have_the_same_hash_in_any_order(releases: Releases, filled: Warehouse) -> None:
    first = publish(releases, filled)
    for name in ("core.measurement", "analysis.timepoint_response"):
        filled.put(name, filled.frame(name).reverse())
    second = publish(releases, filled, day=1)
    same = {name for name, content in contents(first).items() if contents(second)[name] == content}
    assert contents(first).keys() - same == {"audit.release", "audit.source"}
    assert (first.folder / "parquet/core.measurement.parquet").read_bytes() == (
        second.folder / "parquet/core.measurement.parquet"
    ).read_bytes()


def test_one_other_value_is_another_hash(releases: Releases, filled: Warehouse) -> None:
    first = publish(releases, filled)
    filled.put("core.subject", filled.frame("core.subject").with_columns(sex=pl.lit("F")))
    second = publish(releases, filled, day=1)
    assert contents(first)["core.subject"] != contents(second)["core.subject"]
    assert contents(first)["core.measurement"] == contents(second)["core.measurement"]


def test_verify_finds_nothing_in_a_sound_release(releases: Releases, filled: Warehouse) -> None:
    record(filled, [Event(MONDAY, "refresh", "nadir 0.1.0", "release")])
    assert releases.verify(publish(releases, filled).release_id) == []


def test_verify_finds_a_flipped_byte_in_any_file(releases: Releases, filled: Warehouse) -> None:
    release = publish(releases, filled)
    for name in ("release.duckdb", "parquet/core.subject.parquet", "manifest.json", "SHA256SUMS"):
        path = release.folder / name
        path.chmod(0o644)
        whole = path.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 2):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :])
            assert releases.verify(release.release_id) != [], (name, place)
        path.write_bytes(whole)
    assert releases.verify(release.release_id) == []


def test_verify_finds_missing_and_added_files(releases: Releases, filled: Warehouse) -> None:
    release = publish(releases, filled)
    (release.folder / "parquet/core.subject.parquet").unlink()
    (release.folder / "note.txt").write_text("hello")
    assert releases.verify(release.release_id) == [
        "note.txt is not part of the release",
        "parquet/core.subject.parquet is missing",
    ]


def test_verify_finds_a_broken_audit_chain(releases: Releases, filled: Warehouse) -> None:
    record(filled, [Event(MONDAY, "someone", "nadir 0.1.0", "query", new=value) for value in "ab"])
    filled.connection.execute("UPDATE audit.event SET new = 'c' WHERE sequence = 2")
    release = publish(releases, filled)
    assert releases.verify(release.release_id) == ["audit event 2: was changed after it was written"]


def test_a_lost_working_file_gets_its_audit_chain_back(
    releases: Releases, filled: Warehouse, tmp_path: Path, tables: tuple[Table, ...]
) -> None:
    record(filled, [Event(MONDAY, "someone", "nadir 0.1.0", "query", new=value) for value in "ab"])
    release = publish(releases, filled)
    with Warehouse(tmp_path / "anew.duckdb", tables, study_id="demo") as anew:
        anew.create()
        assert releases.restore_audit(anew) == 2
        assert releases.restore_audit(anew) == 0
        record(anew, [Event(MONDAY, "someone", "nadir 0.1.0", "query", new="c")])
        assert verify(anew) == []
        assert anew.frame("audit.event")["new"].to_list() == ["a", "b", "c"]
        assert anew.frame("audit.release")["release_id"].to_list() == [release.release_id]


def test_an_unknown_release_is_named_with_the_known_ones(releases: Releases, filled: Warehouse) -> None:
    publish(releases, filled)
    with pytest.raises(ReleaseError, match=r"no release 20200101T000000Z .* releases: 20240304T060000Z"):
        releases.verify("20200101T000000Z")


def test_an_id_is_taken_once(releases: Releases, filled: Warehouse) -> None:
    release = publish(releases, filled)
    with pytest.raises(ReleaseError, match="publish under a later moment"):
        publish(releases, filled)
    assert releases.current() == release


def test_a_publishing_that_fails_leaves_current_and_nothing_else(
    releases: Releases, tmp_path: Path, tables: tuple[Table, ...], filled: Warehouse
) -> None:
    release = publish(releases, filled)
    filled.connection.execute("DROP TABLE core.measurement")
    with pytest.raises(WarehouseError, match="measurement"):
        publish(releases, filled, day=1)
    assert releases.current() == release
    assert sorted(path.name for path in releases.folder.iterdir()) == [release.release_id, "current"]
    filled.create()
    assert publish(releases, filled, day=1) == releases.current()


def test_what_a_broken_off_publishing_left_is_cleaned_at_the_next(releases: Releases, filled: Warehouse) -> None:
    (releases.folder / ".building-20240101T000000Z" / "parquet").mkdir(parents=True)
    (releases.folder / ".removing-20230101T000000Z").mkdir()
    (releases.folder / ".current-20240101T000000Z").symlink_to("20240101T000000Z")
    release = publish(releases, filled)
    assert sorted(path.name for path in releases.folder.iterdir()) == [release.release_id, "current"]


def test_a_release_that_the_swap_did_not_reach_is_recorded_at_the_next(releases: Releases, filled: Warehouse) -> None:
    first = publish(releases, filled)
    publish(releases, filled, day=1)
    filled.connection.execute("DELETE FROM audit.release WHERE release_id = '20240305T060000Z'")
    (releases.folder / "current").unlink()
    (releases.folder / "current").symlink_to(first.release_id)
    third = publish(releases, filled, day=2)
    assert filled.frame("audit.release")["release_id"].to_list() == [
        "20240304T060000Z",
        "20240305T060000Z",
        "20240306T060000Z",
    ]
    assert ask(third, "SELECT previous_release_id FROM audit.release ORDER BY release_id DESC LIMIT 1") == [
        (first.release_id,)
    ]


def test_a_link_to_nothing_is_told(releases: Releases, filled: Warehouse) -> None:
    publish(releases, filled)
    (releases.folder / "current").unlink()
    (releases.folder / "current").symlink_to("20200101T000000Z")
    with pytest.raises(ReleaseError, match="current names 20200101T000000Z, which is not there"):
        releases.current()


def test_pruning_keeps_the_newest_and_always_the_current_one(releases: Releases, filled: Warehouse) -> None:
    ids = [publish(releases, filled, day=day).release_id for day in range(4)]
    (releases.folder / "current").unlink()
    (releases.folder / "current").symlink_to(ids[0])
    assert releases.prune(keep=2) == [ids[1]]
    assert [release.release_id for release in releases.list()] == [ids[0], ids[2], ids[3]]
    assert releases.prune(keep=10) == []
    with pytest.raises(ReleaseError, match="at least one"):
        releases.prune(keep=0)


def test_a_full_disk_publishes_nothing(
    releases: Releases, filled: Warehouse, small_disk: Callable[[str], Path]
) -> None:
    small = Releases(small_disk("7m") / "releases")
    first = publish(small, filled)
    free = os.statvfs(small.folder)
    filler = small.folder.parent / "filler"
    filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 200_000))
    with pytest.raises(DiskFullError, match=r"disk of .* is full|No space left"):
        publish(small, filled, day=1)
    assert small.current() == first
    assert small.verify(first.release_id) == []
    assert sorted(path.name for path in small.folder.iterdir()) == [first.release_id, "current"]
    filler.unlink()
    assert publish(small, filled, day=1) == small.current()
