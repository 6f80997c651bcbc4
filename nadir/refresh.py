"""Refreshing a study from the command line: Dagster's job in this process, with progress on the terminal."""

from __future__ import annotations

import re
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import dagster as dg
from dagster import DagsterExecutionInterruptedError, DagsterInstance
from filelock import FileLock
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from assets.automation import REFRESH
from assets.definitions import build_definitions
from assets.partitions import studies
from assets.release import release_with_same_inputs
from assets.session import RefreshRunningError, locked
from nadir.errors import UserError
from nadir.settings import dagster_home
from protocol.load import ProtocolError, load_protocol
from protocol.study import Study
from quality.settings import RuleSettingsError
from quality.study_rules import study_rules
from warehouse.failures import forget

CONFIGURATION = "dagster.yaml"
QUERY_INTERRUPTED = "Query interrupted"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Refreshed:
    """How a refresh ended: the release that is current now, and whether this refresh published it.

    ``server_problems`` says what the configured server did not give.
    """

    release_id: str
    published: bool
    server_problems: str = ""


@contextmanager
def dagster_instance(home: Path) -> Generator[DagsterInstance]:
    """Dagster's record of the studies below ``home``, made with nadir's settings when it is not there.

    One process at a time makes or migrates its databases: two that do so at once leave them unusable.
    """
    folder = dagster_home(home)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "setup.lock"):
        if not (folder / CONFIGURATION).exists():
            shutil.copyfile(str(files("nadir").joinpath(CONFIGURATION)), folder / CONFIGURATION)
        instance = DagsterInstance.from_config(str(folder))
    with instance:
        yield instance


def refresh_study(study: Study, console: Console) -> Refreshed:
    """Run the refresh job for one study; a failure becomes a `UserError` that says which step failed and why."""
    current = _release_with_same_inputs(study)
    if current is not None:
        forget(study)
        return Refreshed(release_id=current, published=False)
    home = study.path.parent
    job = build_definitions(home).resolve_job_def(REFRESH)
    steps = [node.name for node in job.nodes]
    with dagster_instance(home) as instance, _progress(instance, study.name, steps, console) as run_id:
        instance.add_dynamic_partitions(str(studies.name), [study.name])
        result = job.execute_in_process(
            instance=instance, partition_key=study.name, raise_on_error=False, run_id=run_id, run_config=QUIET
        )
    if not result.success:
        if _interrupted(result.all_events):
            raise KeyboardInterrupt
        raise UserError(_failure(result.all_events))
    metadata = _metadata(result.asset_materializations_for_node("release"))
    return Refreshed(
        release_id=str(metadata["release"]),
        published=bool(metadata["published"]),
        server_problems=str(_metadata(result.asset_materializations_for_node("landing"))["problems"]),
    )


def _release_with_same_inputs(study: Study) -> str | None:
    """The current release when it was made from the files and the protocol that are there now."""
    try:
        load_protocol(study.protocol_file)
        study_rules(study)
        with locked(study):
            return release_with_same_inputs(study)
    except (ProtocolError, RuleSettingsError, RefreshRunningError) as error:
        raise UserError(str(error)) from error


@contextmanager
def _progress(instance: DagsterInstance, study: str, steps: Sequence[str], console: Console) -> Generator[str]:
    """A progress bar that follows the run; yields the run's id."""
    run_id = str(uuid4())
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[study]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("starting", total=len(steps), study=study)

        def follow(event: Any) -> None:
            happened = event.dagster_event
            if happened is None:
                return
            if happened.is_step_start:
                progress.update(task, description=happened.step_key.replace("_", " "))
            elif happened.is_step_success or happened.is_step_failure:
                progress.advance(task)

        instance.add_event_listener(run_id, follow)
        yield run_id
        progress.update(task, description="done")


def _interrupted(events: Sequence[dg.DagsterEvent]) -> bool:
    """Whether the run was broken off from outside; Dagster records that as the failure of a step."""
    for event in events:
        error: Any = event.step_failure_data.error if event.is_step_failure else None
        while error is not None:
            if error.cls_name == DagsterExecutionInterruptedError.__name__ or QUERY_INTERRUPTED in error.message:
                return True
            error = error.cause
    return False


def _failure(events: Sequence[dg.DagsterEvent]) -> str:
    """The first failure: the step, and what it said without the frames of the program."""
    for event in events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            error = event.step_failure_data.error
            said = event.step_failure_data.user_failure_data
            cause = error.cause if error.cause is not None else error
            return f"{event.step_key}: {said.description if said and said.description else cause.message.strip()}"
    for event in events:
        if event.is_run_failure and event.job_failure_data.error is not None:
            return _first_cause(event.job_failure_data.error)
    return "the refresh failed"


def _first_cause(error: Any) -> str:
    """What the run's own failure said, else the innermost cause; without the name of its type."""
    while error.cause is not None and error.cls_name != dg.Failure.__name__:
        error = error.cause
    return re.sub(r"^[\w.]+: ", "", error.message.strip())


def _metadata(materializations: Sequence[dg.AssetMaterialization]) -> dict[str, Any]:
    return {name: value.value for item in materializations for name, value in item.metadata.items()}
