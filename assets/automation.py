"""The refresh job, its daily schedule, and the sensor that sees new files in incoming/."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from assets.partitions import studies
from assets.session import StudySession, study_session
from protocol.study import Study, list_studies
from warehouse.failures import Failure, remember

REFRESH = "refresh"
DAILY = "0 5 * * *"


@dg.failure_hook(required_resource_keys={"session"}, name="failure_noted")
def failure_noted(context: dg.HookContext) -> None:
    """Notes why the refresh failed where the study's users look."""
    session: StudySession = context.resources.session
    error = context.op_exception
    said = error.description if isinstance(error, dg.Failure) else str(error)
    remember(session.study, Failure(datetime.now(UTC), context.op.name, said or type(error).__name__))


refresh = dg.define_asset_job(
    REFRESH,
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Ingest, check, derive and publish one study, in one process",
    hooks={failure_noted},
)


def _register(context: dg.SensorEvaluationContext | dg.ScheduleEvaluationContext, home: str) -> list[Study]:
    found = list_studies(Path(home))
    known = set(context.instance.get_dynamic_partitions(studies.name or ""))
    new = [study.name for study in found if study.name not in known]
    if new:
        context.instance.add_dynamic_partitions(studies.name or "", new)
    return found


@dg.schedule(job=refresh, cron_schedule=DAILY, name="daily_refresh")
def daily_refresh(
    context: dg.ScheduleEvaluationContext, study_home: dg.ResourceParam[str]
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Every study once a day, new files or not."""
    found = _register(context, study_home)
    if not found:
        yield dg.SkipReason(f"no study in {study_home}")
    for study in found:
        yield dg.RunRequest(
            run_key=f"{study.name}-{context.scheduled_execution_time:%Y-%m-%d}", partition_key=study.name
        )


@dg.sensor(job=refresh, minimum_interval_seconds=60, name="incoming_files")
def incoming_files(
    context: dg.SensorEvaluationContext, study_home: dg.ResourceParam[str]
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A study whose incoming/ or protocol changed, once the files are the same at two looks (a transfer has ended)."""
    seen: dict[str, dict[str, str]] = json.loads(context.cursor or "{}")
    requested = 0
    for study in _register(context, study_home):
        before, now = seen.get(study.name, {}), incoming_state(study)
        settled = before.get("looked") == now
        if settled and before.get("refreshed") != now:
            requested += 1
            seen[study.name] = {"looked": now, "refreshed": now}
            yield dg.RunRequest(run_key=f"{study.name}-{now}", partition_key=study.name)
        else:
            seen[study.name] = {**before, "looked": now}
    context.update_cursor(json.dumps(seen))
    if not requested:
        yield dg.SkipReason("no new files in any study")


def incoming_state(study: Study) -> str:
    """A hash over names, sizes and times of what lies in incoming/, and the protocol; costs a stat a file."""
    files = [study.protocol_file, *(path for path in study.incoming.rglob("*") if path.is_file())]
    listing = sorted(
        (str(path.relative_to(study.path)), path.stat().st_size, path.stat().st_mtime_ns) for path in files
    )
    return hashlib.sha256(json.dumps(listing).encode()).hexdigest()


def resources(home: Path) -> dict[str, object]:
    """The resources of assets, schedule and sensor for the studies below ``home``."""
    return {"session": study_session.configured({"home": str(home)}), "study_home": str(home)}
