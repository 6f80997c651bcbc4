"""Refreshes of a study in this process, as Dagster runs them, with Dagster's record kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dagster as dg
import polars as pl

from assets.automation import REFRESH
from assets.definitions import build_definitions
from protocol.study import Study
from warehouse.releases import Release, Releases, open_release

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Refreshed:
    """One run: what failed and what it said, what was published, which checks did not pass, what was said of tables."""

    failed: dict[str, str]
    release: dict[str, Any]
    failed_checks: dict[str, dg.AssetCheckSeverity]
    rows: dict[str, int]
    metadata: dict[str, dict[str, Any]]


def refresh(study: Study) -> Refreshed:
    """Run the refresh job for the study."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("study", [study.name])
        result = (
            build_definitions(study.path.parent)
            .resolve_job_def(REFRESH)
            .execute_in_process(instance=instance, partition_key=study.name, raise_on_error=False, run_config=QUIET)
        )
    made = [event.step_materialization_data.materialization for event in result.get_asset_materialization_events()]
    metadata = {".".join(item.asset_key.path): {k: v.value for k, v in item.metadata.items()} for item in made}
    return Refreshed(
        failed={event.step_key or "run": _said(event) for event in result.all_events if event.is_failure},
        release=metadata.get("audit.release", {}),
        failed_checks={c.check_name: c.severity for c in result.get_asset_check_evaluations() if not c.passed},
        rows={table: values["dagster/row_count"] for table, values in metadata.items()},
        metadata=metadata,
    )


def _said(event: dg.DagsterEvent) -> str:
    if not event.is_step_failure:
        return str(event.event_specific_data.error)
    error, said = event.step_failure_data.error, event.step_failure_data.user_failure_data
    return said.description if said and said.description else str((error.cause or error).message)


def current(study: Study) -> Release:
    """The current release of the study."""
    release = Releases(study.releases).current()
    assert release is not None
    return release


def ask(release: Release, sql: str) -> pl.DataFrame:
    """The result of a query on a release."""
    connection = open_release(release)
    try:
        return connection.sql(sql).pl()
    finally:
        connection.close()
