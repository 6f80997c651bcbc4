"""Landing: every received file is kept once, by its content, and nothing received is ever overwritten.

A blob lies at ``landing/ab/abcdef...`` (its SHA-256); the manifest (`ingestion.tables.LANDING_FILE`) says under which
name, when and in what size it was received, and which content is the newest under each name.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import polars as pl

from ingestion.tables import LANDING_FILE, REJECT

UNFINISHED = (".part", ".tmp")
RECEIVING = ".receiving"
COPIES_AT_ONCE = 8
CHUNK = 1 << 20
READ_ONLY = 0o444
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

SEEN_SCHEMA = {"source_name": pl.String, "sha256": pl.String, "size": pl.Int64, "modified_ns": pl.Int64}


class LandingError(RuntimeError):
    """The received files cannot be kept: the folder is missing or the disk is full."""


@dataclass(frozen=True, slots=True)
class Landed:
    """What one look at ``incoming/`` found.

    ``manifest`` and ``rejects`` are frames of `LANDING_FILE` and `REJECT`; the lists hold names below ``incoming/``:
    new ones, those whose content changed, those no longer there, and those that are as they were.
    """

    manifest: pl.DataFrame
    rejects: pl.DataFrame
    new: list[str]
    changed: list[str]
    removed: list[str]
    unchanged: list[str]

    @property
    def is_news(self) -> bool:
        """Whether any file came, changed or went."""
        return bool(self.new or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    path: Path
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class _Unusable:
    name: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Seen:
    source_name: str
    sha256: str
    size: int
    modified_ns: int


def land(study_id: str, incoming: Path, landing: Path, manifest: pl.DataFrame, now: datetime) -> Landed:
    """Keep what is new in ``incoming`` and bring the manifest up to date; ``now`` is the moment in UTC.

    A file whose name, size and modification time the manifest knows costs a stat; any other is hashed, and copied if
    its content is new. Hidden files, ``*.part``, ``*.tmp`` and links that leave the folder are passed over. A file
    that cannot be read becomes a reject, and its last known content stays current.
    Raises `LandingError` for a missing ``incoming`` and for a full disk; blobs kept until then are found again.
    """
    if now.utcoffset() != timedelta(0):
        raise ValueError(f"the moment of landing must be in UTC, got {now.isoformat()}")
    if not incoming.is_dir():
        raise LandingError(f"there is no folder {incoming}: create it and put the received files there")
    known = LANDING_FILE.conform(manifest)
    current = _current(known)
    unusable: list[_Unusable] = []
    files = list(_files(incoming, unusable))
    as_before = [file for file in files if _is_known(file, current.get(file.name))]
    to_read = [file for file in files if not _is_known(file, current.get(file.name))]
    read = _keep_all(to_read, landing, unusable)
    lost = {item.name for item in unusable} & current.keys()
    seen = [*(current[file.name] for file in as_before), *read, *(current[name] for name in lost)]
    return Landed(
        manifest=_updated(known, seen, study_id, landing.name, now),
        rejects=_rejects(study_id, unusable),
        new=sorted(file.source_name for file in read if file.source_name not in current),
        changed=sorted(file.source_name for file in read if _differs(file, current.get(file.source_name))),
        removed=sorted(current.keys() - {file.source_name for file in seen}),
        unchanged=sorted(
            {file.name for file in as_before}
            | {file.source_name for file in read if _same(file, current.get(file.source_name))}
        ),
    )


def has_news(incoming: Path, manifest: pl.DataFrame) -> bool:
    """Whether some file came, went or may have changed since the manifest was made; costs a stat a file."""
    if not incoming.is_dir():
        return True
    current = _current(LANDING_FILE.conform(manifest))
    unusable: list[_Unusable] = []
    files = list(_files(incoming, unusable))
    same_names = {file.name for file in files} == current.keys()
    return bool(unusable) or not same_names or not all(_is_known(file, current[file.name]) for file in files)


def _current(manifest: pl.DataFrame) -> dict[str, _Seen]:
    rows = manifest.filter("current").select(list(SEEN_SCHEMA)).iter_rows()
    return {row.source_name: row for row in (_Seen(*values) for values in rows)}


def _is_known(file: _Found, before: _Seen | None) -> bool:
    return before is not None and (before.size, before.modified_ns) == (file.size, file.modified_ns)


def _same(file: _Seen, before: _Seen | None) -> bool:
    return before is not None and before.sha256 == file.sha256


def _differs(file: _Seen, before: _Seen | None) -> bool:
    return before is not None and before.sha256 != file.sha256


def _files(incoming: Path, unusable: list[_Unusable]) -> Iterator[_Found]:
    """The files below ``incoming`` in the order of their names; what cannot be looked at goes to ``unusable``."""
    root = incoming.resolve()
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            unusable.append(_unreadable(folder.relative_to(root).as_posix(), error))
            continue
        for entry in entries:
            name = Path(entry.path).relative_to(root).as_posix()
            if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED) or _leaves(entry, root):
                continue
            if not _is_text(name):
                unusable.append(_Unusable(_printable(name), "the file name is not valid UTF-8", "rename the file"))
            elif entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            elif entry.is_file():
                status = entry.stat()
                yield _Found(name, Path(entry.path), status.st_size, status.st_mtime_ns)


def _leaves(entry: os.DirEntry[str], root: Path) -> bool:
    """A link to outside of ``root`` or to nowhere."""
    if not entry.is_symlink():
        return False
    target = Path(os.path.realpath(entry.path))
    return not target.is_relative_to(root) or not target.exists()


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _unreadable(name: str, error: OSError) -> _Unusable:
    return _Unusable(name, f"cannot be read: {error.strerror}", "make it readable for the user that runs the refresh")


def _keep_all(files: Iterable[_Found], landing: Path, unusable: list[_Unusable]) -> list[_Seen]:
    """Hash the files and keep the contents that are not there yet, several at once."""
    files = list(files)
    if not files:
        return []
    receiving = landing / RECEIVING
    shutil.rmtree(receiving, ignore_errors=True)
    receiving.mkdir(parents=True)
    with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
        jobs = [pool.submit(_keep, file, landing) for file in files]
        try:
            results = [job.result() for job in jobs]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        finally:
            shutil.rmtree(receiving, ignore_errors=True)
    for folder in {landing / result.sha256[:2] for result in results if isinstance(result, _Seen)}:
        _sync_folder(folder)
    _sync_folder(landing)
    unusable.extend(result for result in results if isinstance(result, _Unusable))
    return [result for result in results if isinstance(result, _Seen)]


def _keep(file: _Found, landing: Path) -> _Seen | _Unusable:
    try:
        with file.path.open("rb") as source:
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
            if not _blob(landing, sha256).exists():
                source.seek(0)
                sha256 = _copy(source, file, landing)
    except OSError as error:
        return _unreadable(file.name, error)
    return _Seen(file.name, sha256, file.size, file.modified_ns)


def _blob(landing: Path, sha256: str) -> Path:
    return landing / sha256[:2] / sha256


def _copy(source: BinaryIO, file: _Found, landing: Path) -> str:
    """Copy to the blob that the SHA-256 of the copied bytes names, and return that; it is there whole or not at all."""
    digest = hashlib.sha256()
    partial = landing / RECEIVING / hashlib.sha256(file.name.encode()).hexdigest()
    try:
        with partial.open("wb") as copy:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        partial.chmod(READ_ONLY)
        blob = _blob(landing, digest.hexdigest())
        blob.parent.mkdir(exist_ok=True)
        partial.replace(blob)
    except OSError as error:
        raise LandingError(_no_room(file, landing, error)) from error
    return digest.hexdigest()


def _no_room(file: _Found, landing: Path, error: OSError) -> str:
    if error.errno not in DISK_FULL:
        return f"cannot keep {file.name} in {landing}: {error.strerror}"
    free = shutil.disk_usage(landing).free
    return (
        f"the disk is full: {file.name} needs {file.size:,} bytes in {landing}, {free:,} are free; "
        "free some space and refresh again, files kept so far stay"
    )


def _sync_folder(folder: Path) -> None:
    """Make renames in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _updated(known: pl.DataFrame, seen: list[_Seen], study_id: str, folder: str, now: datetime) -> pl.DataFrame:
    """The manifest with the rows of contents never seen under their name, and ``current`` as seen."""
    present = pl.DataFrame([astuple(file) for file in seen], schema=SEEN_SCHEMA, orient="row")
    key = list(LANDING_FILE.key)
    moment = pl.lit(pl.Series([[now]], dtype=LANDING_FILE.schema["changed_at"]))
    before = (
        known.join(
            present.select(*key, pl.col("modified_ns").alias("seen_ns")), on=key, how="left", maintain_order="left"
        )
        .with_columns(
            current=pl.col("seen_ns").is_not_null(),
            changed_at=pl.when(pl.col("current") == pl.col("seen_ns").is_not_null())
            .then("changed_at")
            .otherwise(pl.col("changed_at").fill_null([]).list.concat(moment)),
            modified_ns=pl.coalesce("seen_ns", "modified_ns"),
        )
        .drop("seen_ns")
    )
    arrived = (
        present.join(known, on=key, how="anti")
        .sort(key)
        .with_columns(
            study_id=pl.lit(study_id),
            landed_at=pl.lit(now, dtype=LANDING_FILE.schema["landed_at"]),
            landed_path=pl.format("{}/{}/{}", pl.lit(folder), pl.col("sha256").str.head(2), "sha256"),
            current=pl.lit(True),
        )
    )
    return LANDING_FILE.conform(pl.concat([before, arrived], how="diagonal"))


def _rejects(study_id: str, unusable: list[_Unusable]) -> pl.DataFrame:
    schema = {"source_name": pl.String, "reason": pl.String, "remedy": pl.String}
    frame = pl.DataFrame([astuple(item) for item in unusable], schema=schema, orient="row")
    stage = pl.lit(LANDING_FILE.name).alias("stage")
    return REJECT.conform(frame.with_columns(pl.lit(study_id).alias("study_id"), stage))
