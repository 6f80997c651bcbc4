"""Releases: immutable folders that users read, and the link ``current`` to the newest good one.

A release is built in a hidden folder beside its place, made durable, renamed into place, and only then is ``current``
swapped: whatever breaks off leaves ``current`` as it was, and the next publishing cleans up. One publisher at a time
(it holds the working file); any number of readers.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingestion.tables import LANDING_FILE
from warehouse.audit import check_chain
from warehouse.connection import connect_read_only
from warehouse.ddl import identifier
from warehouse.errors import DiskFullError, WarehouseError
from warehouse.files import point, seal_folder, sha256_of, sync
from warehouse.snapshot import Content, snapshot
from warehouse.store import Warehouse
from warehouse.tables import EVENT, RELEASE, SOURCE

SCHEMAS = ("core", "analysis", "mart", "quality", "audit")
CURRENT = "current"
BUILDING = ".building-"
REMOVING = ".removing-"
DATABASE = "release.duckdb"
MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
STAMP = "%Y%m%dT%H%M%S"


def release_id_at(moment: datetime) -> str:
    """The release id of a moment: sortable, in UTC, e.g. ``20240304T060000Z``."""
    return moment.astimezone(UTC).strftime(f"{STAMP}Z")


class ReleaseError(WarehouseError):
    """A release cannot be published or found."""


Problems = list[str]


@dataclass(frozen=True, slots=True)
class Release:
    """One published release: its id and its folder."""

    release_id: str
    folder: Path

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / DATABASE

    @property
    def published_at(self) -> datetime:
        """The moment of publishing, in UTC."""
        return _moment(self.release_id)

    def manifest(self) -> dict[str, Any]:
        """What the release was made from and what it holds, as written in ``manifest.json``."""
        manifest: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return manifest

    @property
    def input_fingerprint(self) -> str:
        """The fingerprint of the inputs (`warehouse.fingerprint`)."""
        return str(self.manifest()["input_fingerprint"])


def open_release(release: Release) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the release, for the caller to close; raises `warehouse.errors.WarehouseError`."""
    return connect_read_only(release.database)


class Releases:
    """The releases in one folder, ``<study>/releases``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def publish(
        self,
        warehouse: Warehouse,
        *,
        release_id: str,
        input_fingerprint: str,
        manifest: Mapping[str, Any],
        schemas: Sequence[str] = SCHEMAS,
        instead: Mapping[str, pl.DataFrame] | None = None,
    ) -> Release:
        """Publish the warehouse's tables of the schemas as a new release and make it the current one.

        ``release_id`` is the moment of publishing (`release_id_at`). ``manifest`` holds ``code_version`` and
        ``protocol_sha256``, and whatever else is to be told (check outcomes, ...); inputs, contents and hashes are
        added. Tables in ``instead`` hold those rows and not the warehouse's. Raises `ReleaseError` for an id that is
        malformed or taken, `DiskFullError` when there is no room; then nothing has changed.
        """
        _moment(release_id)
        release = Release(release_id, self.folder / release_id)
        if release.folder.exists():
            raise ReleaseError(f"{release.folder} is already there: publish under a later moment")
        missing = {"code_version", "protocol_sha256"} - manifest.keys()
        if missing:
            raise ReleaseError(f"the manifest of release {release_id} lacks {', '.join(sorted(missing))}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._clean()
        self._record(warehouse)
        building = self.folder / f"{BUILDING}{release_id}"
        sources = _sources(warehouse, release_id)
        replaced = instead or {}
        facts = self._facts(warehouse, schemas, replaced)
        facts |= {"release_id": release_id, "input_fingerprint": input_fingerprint}
        try:
            self._build(building, warehouse, {**manifest, **facts}, {**replaced, SOURCE.name: sources}, schemas)
        except OSError as error:
            shutil.rmtree(building, ignore_errors=True)
            kind = DiskFullError if error.errno in DISK_FULL else ReleaseError
            raise kind(f"release {release_id} was not published: {error.strerror} ({building})") from error
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        building.rename(release.folder)
        sync(self.folder)
        point(self.folder / CURRENT, release_id)
        self._record(warehouse)
        warehouse.put(SOURCE.name, sources)
        return release

    def current(self) -> Release | None:
        """The release that ``current`` names, None before the first one; raises `ReleaseError` if it is gone."""
        link = self.folder / CURRENT
        if not link.is_symlink():
            return None
        release_id = link.readlink().name
        if not (self.folder / release_id / MANIFEST).is_file():
            raise ReleaseError(f"{link} names {release_id}, which is not there: point it to a release of the folder")
        return Release(release_id, (self.folder / release_id).resolve())

    def get(self, release_id: str) -> Release:
        """The release of that id; raises `ReleaseError` with the ids that there are."""
        for release in self.list():
            if release.release_id == release_id:
                return release
        known = ", ".join(release.release_id for release in self.list()) or "none"
        raise ReleaseError(f"there is no release {release_id} in {self.folder}; releases: {known}")

    def verify(self, release_id: str) -> Problems:
        """What is wrong with a release: files missing, added or altered, a broken audit chain; empty = sound."""
        release = self.get(release_id)
        problems = _altered_files(release.folder)
        if problems:
            return problems
        connection = open_release(release)
        try:
            return _broken_chain(connection, release)
        finally:
            connection.close()

    def prune(self, keep: int) -> Problems:
        """Remove all but the ``keep`` newest releases, never the current one; returns the removed ids.

        Readers that have a removed release open keep reading it.
        """
        if keep < 1:
            raise ReleaseError(f"at least one release is kept, not {keep}")
        current = self.current()
        old = [release for release in self.list()[:-keep] if release.release_id != (current and current.release_id)]
        for release in old:
            hidden = self.folder / f"{REMOVING}{release.release_id}"
            release.folder.rename(hidden)
            shutil.rmtree(hidden)
        return [release.release_id for release in old]

    def list(self) -> list[Release]:
        """All releases, oldest first."""
        if not self.folder.is_dir():
            return []
        folders = sorted(path for path in self.folder.iterdir() if _is_stamp(path.name) and (path / MANIFEST).is_file())
        return [Release(folder.name, folder.resolve()) for folder in folders]

    def restore_audit(self, warehouse: Warehouse) -> int:
        """Take the audit chain of the current release over into a working file that has none; returns its length.

        For a working file that was lost and is made anew; one that has events of its own is left alone.
        """
        current = self.current()
        if current is None or not warehouse.frame(EVENT.name).is_empty():
            return 0
        connection = open_release(current)
        try:
            events = _events(connection)
        finally:
            connection.close()
        self._record(warehouse)
        return warehouse.append(EVENT.name, events)

    def _clean(self) -> None:
        """Remove what an earlier publishing or pruning left when it broke off."""
        for path in self.folder.iterdir():
            if path.name.startswith((BUILDING, REMOVING)):
                shutil.rmtree(path)
            elif path.name.startswith(f".{CURRENT}-"):
                path.unlink()

    def _record(self, warehouse: Warehouse) -> None:
        """Append to ``audit.release`` the releases of the folder that it does not know yet."""
        known = set(warehouse.frame(RELEASE.name)["release_id"])
        rows = [_row(release.manifest()) for release in self.list() if release.release_id not in known]
        if rows:
            warehouse.append(RELEASE.name, pl.concat(rows))

    def _facts(
        self, warehouse: Warehouse, schemas: Sequence[str], replaced: Mapping[str, pl.DataFrame]
    ) -> dict[str, Any]:
        tables = [name for name in warehouse.tables if name.split(".", 1)[0] in schemas]
        counted = [name for name in tables if not name.startswith("audit.")]
        current = self.current()
        head = warehouse.query(f"SELECT sequence, hash FROM {EVENT.name} ORDER BY sequence DESC LIMIT 1").to_dicts()
        return {
            "study_id": warehouse.study_id,
            "previous_release_id": current and current.release_id,
            "duckdb_version": duckdb.__version__,
            "tables": len(tables),
            "rows": sum(
                replaced[name].height if name in replaced else warehouse.query(f"SELECT count(*) FROM {name}").item()
                for name in counted
            ),
            "last_audit_event": head[0] if head else None,
        }

    def _build(
        self,
        building: Path,
        warehouse: Warehouse,
        manifest: dict[str, Any],
        given: Mapping[str, pl.DataFrame],
        schemas: Sequence[str],
    ) -> None:
        building.mkdir()
        sources = given[SOURCE.name]
        earlier = warehouse.frame(RELEASE.name).filter(pl.col("release_id") != manifest["release_id"])
        published = pl.concat([earlier, _row(manifest)])
        contents = snapshot(
            warehouse,
            building / DATABASE,
            building / "parquet",
            schemas,
            {**given, RELEASE.name: published},
        )
        whole = {
            **manifest,
            "published_at": _moment(manifest["release_id"]).isoformat(),
            "inputs": sources.select("source_name", "sha256", "size").to_dicts(),
            "contents": {name: asdict(content) for name, content in contents.items()},
            "files": _hashes(building),
        }
        text = json.dumps(whole, indent=2, ensure_ascii=False, default=str)
        (building / MANIFEST).write_text(text + "\n", encoding="utf-8")
        lines = [f"{sha256}  {name}\n" for name, sha256 in _hashes(building).items()]
        (building / CHECKSUMS).write_text("".join(lines), encoding="utf-8")
        seal_folder(building)


def contents(release: Release) -> dict[str, Content]:
    """Rows and content hash of every table and view of a release; equal hashes mean equal rows."""
    return {name: Content(**values) for name, values in release.manifest()["contents"].items()}


def _is_stamp(text: str) -> bool:
    try:
        _moment(text)
    except ReleaseError:
        return False
    return True


def _moment(release_id: str) -> datetime:
    try:
        moment = datetime.strptime(release_id, f"{STAMP}Z").replace(tzinfo=UTC)
    except ValueError as error:
        raise ReleaseError(_malformed(release_id)) from error
    if release_id_at(moment) != release_id:
        raise ReleaseError(_malformed(release_id))
    return moment


def _malformed(release_id: str) -> str:
    return f"{release_id!r} is no release id: it is a moment in UTC such as 20240304T060000Z"


def _row(manifest: Mapping[str, Any]) -> pl.DataFrame:
    """The row of `warehouse.tables.RELEASE` for a manifest."""
    row = {name: manifest.get(name) for name in RELEASE.schema}
    row["published_at"] = _moment(manifest["release_id"])
    return RELEASE.conform(pl.DataFrame([row], schema=RELEASE.schema))


def _sources(warehouse: Warehouse, release_id: str) -> pl.DataFrame:
    if LANDING_FILE.name not in warehouse.tables:
        return SOURCE.empty()
    files = warehouse.frame(LANDING_FILE.name).filter("current").select("source_name", "sha256", "size", "landed_at")
    return SOURCE.conform(files.with_columns(release_id=pl.lit(release_id)).sort("source_name"))


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def _altered_files(folder: Path) -> Problems:
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
        promised = {name: sha256 for sha256, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError) as error:
        return [f"{CHECKSUMS} cannot be read: {error}"]
    found = _hashes(folder)
    del found[CHECKSUMS]
    missing = [f"{name} is missing" for name in promised.keys() - found.keys()]
    added = [f"{name} is not part of the release" for name in found.keys() - promised.keys()]
    altered = [f"{name} was altered" for name in found.keys() & promised.keys() if found[name] != promised[name]]
    return sorted([*missing, *added, *altered])


def _events(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The audit chain of a release; empty when the audit tables were not published."""
    known = connection.sql("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'audit' AND table_name = 'event'")
    if not known.fetchall():
        return EVENT.empty()
    columns = ", ".join(identifier(column) for column in EVENT.schema)
    return EVENT.conform(connection.sql(f"SELECT {columns} FROM {EVENT.name} ORDER BY sequence").pl())


def _broken_chain(connection: duckdb.DuckDBPyConnection, release: Release) -> Problems:
    manifest = release.manifest()
    if EVENT.name not in manifest["contents"]:
        return []
    events = _events(connection)
    last = events.select("sequence", "hash").tail(1).to_dicts()
    problems = check_chain(events)
    if (last[0] if last else None) != manifest["last_audit_event"]:
        problems.append("the audit chain does not end where the manifest says")
    return problems
