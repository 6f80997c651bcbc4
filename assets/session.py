"""The resource of every asset: the study of the run, locked for the length of the run."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from assets.tables import TABLES
from protocol.load import ProtocolError, load_protocol
from protocol.study import Study, StudyError, open_study
from quality.operations import Operations, OperationsError, operations_of
from warehouse.errors import WarehouseError
from warehouse.steps import Trace
from warehouse.store import Warehouse

PARTITION_TAG = "dagster/partition"


class RefreshRunningError(RuntimeError):
    """Another refresh of the same study has not ended yet."""


@dataclass(frozen=True)
class StudySession:
    """One study during one run, its working file open; ``started_at`` is the only clock reading of the run."""

    study: Study
    run_id: str
    started_at: datetime
    _warehouse: Warehouse

    @contextmanager
    def traced(self) -> Generator[Trace]:
        """What is read and written in the working file within the block."""
        self._warehouse.trace.clear()
        yield self._warehouse.trace

    @property
    def today(self) -> date:
        """The day up to which scans can be missing: the data cut-off, but not after the start of the run."""
        cutoff = self.study.protocol.data_cutoff
        return min(self.started_at.date(), cutoff or date.max)

    @contextmanager
    def warehouse(self) -> Generator[Warehouse]:
        """The study's working file, open for writing; a failure of the file ends the run without a retry."""
        try:
            yield self._warehouse
        except WarehouseError as error:
            raise dg.Failure(str(error), allow_retries=False) from error

    @contextmanager
    def operations(self) -> Generator[Operations]:
        """What people said about the study's queries; a database that is not there ends the run without a retry."""
        try:
            yield operations_of(self.study)
        except OperationsError as error:
            raise dg.Failure(str(error), allow_retries=False) from error


@contextmanager
def locked(study: Study) -> Generator[None]:
    """Hold the study: two refreshes of one study never run at once, of two studies they may."""
    study.lock_file.parent.mkdir(parents=True, exist_ok=True)
    holder = study.lock_file.with_suffix(".holder")
    lock = FileLock(study.lock_file, timeout=0)
    try:
        with lock:
            holder.write_text(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
            yield
            holder.unlink(missing_ok=True)
    except Timeout as error:
        by = holder.read_text() if holder.exists() else "another process"
        raise RefreshRunningError(
            f"a refresh of study {study.name} is running already ({by}); wait until it has ended, then try again"
        ) from error


@dg.resource(config_schema={"home": str}, description="The study of the run's partition, locked for the run")
def study_session(context: dg.InitResourceContext) -> Generator[StudySession]:
    """The session of the run's study; a missing study, a wrong protocol or a running refresh ends the run."""
    run = context.run
    name = run.tags.get(PARTITION_TAG) if run else None
    if run is None or name is None:
        raise dg.Failure("a run needs the partition of a study", allow_retries=False)
    try:
        study = open_study(Path(context.resource_config["home"]), name)
        load_protocol(study.protocol_file)
        with locked(study), Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
            yield StudySession(study, run.run_id, datetime.now(UTC), warehouse)
    except (StudyError, ProtocolError, RefreshRunningError, WarehouseError) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
