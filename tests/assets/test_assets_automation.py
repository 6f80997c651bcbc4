"""When studies are refreshed without anybody asking: the sensor on incoming/ and the daily schedule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pytest

from assets.automation import daily_refresh, incoming_files
from assets.definitions import build_definitions
from protocol.study import Study, init_study

Look = Callable[[], list[str] | str]


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as made:
        yield made


@pytest.fixture
def look(instance: dg.DagsterInstance, tmp_path: Path) -> Look:
    """One look of the sensor: the studies that it asks to refresh, or why none."""
    cursor: list[str | None] = [None]

    def looked() -> list[str] | str:
        context = dg.build_sensor_context(instance=instance, cursor=cursor[-1], **loaded(tmp_path))
        (*said,) = cast(Iterator[dg.RunRequest | dg.SkipReason], incoming_files(context))
        cursor.append(context.cursor)
        asked = [str(item.partition_key) for item in said if isinstance(item, dg.RunRequest)]
        return asked or "; ".join(str(item.skip_message) for item in said if isinstance(item, dg.SkipReason))

    return looked


def loaded(home: Path) -> dict[str, Any]:
    """What Dagster gives the sensor and the schedule: the definitions, and the folder of the studies."""
    definitions = build_definitions(home)
    return {"repository_def": definitions.get_repository_def(), "resources": {"study_home": str(home)}}


def receive(study: Study, text: str, name: str = "dm.csv") -> None:
    (study.incoming / "forms" / name).write_text(text)


def test_without_a_study_the_sensor_says_that_nothing_is_new(look: Look) -> None:
    assert look() == "no new files in any study"


def test_files_are_taken_once_they_are_the_same_at_two_looks(look: Look, tmp_path: Path) -> None:
    study = init_study(tmp_path, "A")
    receive(study, "USUBJID\nS-")
    assert look() == "no new files in any study"
    receive(study, "USUBJID\nS-01\n")
    assert look() == "no new files in any study", "the transfer was still running"
    assert look() == ["A"]
    assert look() == "no new files in any study", "what has been refreshed is not refreshed again"


def test_a_changed_form_a_removed_form_and_a_changed_protocol_are_news(look: Look, tmp_path: Path) -> None:
    study = init_study(tmp_path, "A")
    receive(study, "USUBJID\nS-01\n")
    assert [look(), look()] == ["no new files in any study", ["A"]]
    receive(study, "USUBJID\nS-02\nS-03\n")
    assert [look(), look()] == ["no new files in any study", ["A"]]
    study.protocol_file.write_text(study.protocol_file.read_text().replace("window_days: 7", "window_days: 9"))
    assert [look(), look()] == ["no new files in any study", ["A"]]
    (study.incoming / "forms" / "dm.csv").unlink()
    assert [look(), look()] == ["no new files in any study", ["A"]]


def test_one_study_does_not_wait_for_another(look: Look, tmp_path: Path) -> None:
    first, second = init_study(tmp_path, "A"), init_study(tmp_path, "B")
    receive(first, "USUBJID\nS-01\n")
    look()
    receive(second, "USUBJID\nS-01\n")
    assert look() == ["A"]
    assert look() == ["B"]


def test_the_sensor_registers_studies_as_partitions(look: Look, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    init_study(tmp_path, "A")
    init_study(tmp_path, "B")
    look()
    assert sorted(instance.get_dynamic_partitions("study")) == ["A", "B"]


def daily(instance: dg.DagsterInstance, home: Path) -> dg.ScheduleExecutionData:
    context = dg.build_schedule_context(
        instance=instance, scheduled_execution_time=dt.datetime(2024, 3, 4, 5, tzinfo=dt.UTC), **loaded(home)
    )
    return daily_refresh.evaluate_tick(context)


def test_the_schedule_refreshes_every_study_once_a_day(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    for name in ("A", "B"):
        init_study(tmp_path, name)
    asked = {run.run_key: run.partition_key for run in daily(instance, tmp_path).run_requests or []}
    assert asked == {"A-2024-03-04": "A", "B-2024-03-04": "B"}
    assert daily_refresh.cron_schedule == "0 5 * * *"


def test_the_schedule_without_a_study_says_where_it_looked(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    ticked = daily(instance, tmp_path)
    assert not ticked.run_requests
    assert str(tmp_path) in str(ticked.skip_message)
