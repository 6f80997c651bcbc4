"""Publishing beside readers, and publishing that is killed: every read is of one whole release."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from criteria.table import Column, Table
from warehouse.releases import Release, Releases, release_id_at
from warehouse.store import Warehouse

REPOSITORY = Path(__file__).resolve().parents[2]
START = datetime(2024, 3, 4, tzinfo=UTC)
ROWS = 2000
NUMBERED = (
    Table("core.left", "rows with the number of the release", (Column("number", pl.Int64, "number"),), key=()),
    Table("mart.right", "rows with the number of the release", (Column("number", pl.Int64, "number"),), key=()),
)

READER = """
import json, sys, time
from pathlib import Path
import duckdb
from warehouse.releases import Releases, open_release

releases, stop = Releases(Path(sys.argv[1])), Path(sys.argv[2])
ask = "SELECT count(*), min(number), max(number) FROM {}"
reads, wrong, seen = 0, [], set()
print("ready", flush=True)
while not stop.exists():
    if reads % 2:
        connection = open_release(releases.current())
        left, right = (connection.sql(ask.format(name)).fetchall() for name in ("core.left", "mart.right"))
    else:
        connection = duckdb.connect()
        connection.execute(f"ATTACH '{releases.folder}/current/release.duckdb' AS trial (READ_ONLY)")
        left, right = (connection.sql(ask.format("trial." + name)).fetchall() for name in ("core.left", "mart.right"))
    connection.close()
    time.sleep(0.02)
    reads += 1
    seen.add(left[0][1])
    if left != right or left[0][0] != ROWS or left[0][1] != left[0][2]:
        wrong.append([left, right])
print(json.dumps({"reads": reads, "wrong": wrong, "releases": len(seen)}))
""".replace("ROWS", str(ROWS))

PUBLISHERS = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import pyarrow.dataset
from test_warehouse_concurrency import NUMBERED, publish
from warehouse.releases import Releases
from warehouse.store import Warehouse

def publish_for_ever(first):
    releases = Releases(Path(sys.argv[3]))
    with Warehouse(Path(sys.argv[2]), NUMBERED, study_id="demo") as warehouse:
        warehouse.create()
        print(os.getpid(), flush=True)
        for number in range(first, first + 1000):
            publish(releases, warehouse, number)

for line in sys.stdin:
    process = os.fork()
    if process == 0:
        publish_for_ever(int(line))
    os.waitpid(process, 0)
    print("ended", flush=True)
"""


def publish(releases: Releases, warehouse: Warehouse, number: int) -> Release:
    for table in NUMBERED:
        warehouse.put(table.name, pl.DataFrame({"number": [number] * ROWS}, schema={"number": pl.Int64}))
    return releases.publish(
        warehouse,
        release_id=release_id_at(START + timedelta(minutes=number)),
        input_fingerprint=str(number),
        manifest={"code_version": "0.1.0", "protocol_sha256": "p"},
    )


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that runs the script in the repository."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_readers_always_see_one_whole_release_while_others_are_published(tmp_path: Path) -> None:
    releases, stop = Releases(tmp_path / "releases"), tmp_path / "stop"
    publishes = 30
    with Warehouse(tmp_path / "warehouse.duckdb", NUMBERED, study_id="demo") as warehouse:
        warehouse.create()
        publish(releases, warehouse, 0)
        readers = [run(READER, releases.folder, stop) for _ in range(3)]
        for reader in readers:
            assert line_of(reader) == "ready"
        for number in range(1, publishes):
            publish(releases, warehouse, number)
        stop.touch()
        results = [json.loads(reader.communicate(timeout=60)[0]) for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0, 0]
    assert [result["wrong"] for result in results] == [[], [], []]
    assert sum(result["reads"] for result in results) > publishes, results
    assert all(result["releases"] > 2 for result in results), results


def test_a_publishing_killed_at_any_moment_leaves_current_whole(tmp_path: Path) -> None:
    moments = random.Random(20240304)
    path, releases = tmp_path / "warehouse.duckdb", Releases(tmp_path / "releases")
    with Warehouse(path, NUMBERED, study_id="demo") as warehouse:
        warehouse.create()
        last = publish(releases, warehouse, 0)
    broken_off = 0
    publishers = run(PUBLISHERS, Path(__file__).parent, path, releases.folder)
    assert publishers.stdin is not None
    for attempt in range(1, 16):
        print(attempt * 1000, file=publishers.stdin, flush=True)
        publisher = int(line_of(publishers))
        time.sleep(moments.uniform(0.0, 0.4))
        os.kill(publisher, signal.SIGKILL)
        assert line_of(publishers) == "ended"
        broken_off += any(entry.name.startswith(".") for entry in releases.folder.iterdir())
        current = releases.current()
        assert current is not None
        assert current.release_id >= last.release_id
        assert releases.verify(current.release_id) == []
        last = current
    publishers.communicate()
    assert broken_off > 0
    with Warehouse(path, NUMBERED, study_id="demo") as warehouse:
        warehouse.create()
        assert publish(releases, warehouse, 20_000) == releases.current()
        recorded = warehouse.frame("audit.release")["release_id"].to_list()
    assert sorted(recorded) == [release.release_id for release in releases.list()]
    for release in releases.list():
        assert releases.verify(release.release_id) == []
    assert not [entry for entry in releases.folder.iterdir() if entry.name.startswith(".")]
