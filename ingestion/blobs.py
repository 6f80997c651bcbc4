"""Contents that are kept once each, under the SHA-256 of their bytes: ``landing/ab/abcdef...``."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, NamedTuple

RECEIVING = ".receiving"
CHUNK = 1 << 20
READ_ONLY = 0o444
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class LandingError(RuntimeError):
    """The received files cannot be kept: the folder is missing or the disk is full."""


class Kept(NamedTuple):
    """A content that is kept: its hash, its size, and whether it was not there before."""

    sha256: str
    size: int
    is_new: bool


class Blobs:
    """The folder of the contents; a content is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def receiving(self) -> Path:
        """Where contents are written before they get their name."""
        return self.folder / RECEIVING

    @contextmanager
    def open(self) -> Iterator[None]:
        """A place to receive into, empty at the beginning and gone at the end."""
        shutil.rmtree(self.receiving, ignore_errors=True)
        self.receiving.mkdir(parents=True)
        try:
            yield
        finally:
            shutil.rmtree(self.receiving, ignore_errors=True)

    def path(self, sha256: str) -> Path:
        """Where the content of that hash lies, or would."""
        return self.folder / sha256[:2] / sha256

    def keep_file(self, path: Path, name: str, size: int) -> Kept:
        """Keep a file's content if it is not there yet. Raises `OSError` when it is unreadable."""
        with path.open("rb") as source:
            sha256 = _digest(source)
            if self.path(sha256).exists():
                return Kept(sha256, size, is_new=False)
            source.seek(0)
            return self.keep(chunks_of(source), name, size)

    def keep(self, chunks: Iterable[bytes], name: str, size: int | None = None) -> Kept:
        """Keep a content that comes in chunks; its hash is that of the bytes kept.

        What the chunks raise goes through and leaves nothing behind; `LandingError` when there is no room.
        """
        digest, length = hashlib.sha256(), 0
        partial = self.receiving / hashlib.sha256(name.encode()).hexdigest()
        try:
            with self._storing(name, size):
                copy = partial.open("wb")
            with copy:
                for chunk in chunks:
                    digest.update(chunk)
                    length += len(chunk)
                    with self._storing(name, size):
                        copy.write(chunk)
                with self._storing(name, size):
                    copy.flush()
                    os.fsync(copy.fileno())
            with self._storing(name, size):
                is_new = self._take(partial, self.path(digest.hexdigest()))
        finally:
            partial.unlink(missing_ok=True)
        return Kept(digest.hexdigest(), length, is_new)

    def make_durable(self, hashes: Iterable[str]) -> None:
        """Make the names of new contents durable."""
        for folder in {self.path(sha256).parent for sha256 in hashes}:
            if folder.exists():
                _sync_folder(folder)
        _sync_folder(self.folder)

    @staticmethod
    def _take(partial: Path, blob: Path) -> bool:
        if blob.exists():
            return False
        partial.chmod(READ_ONLY)
        blob.parent.mkdir(exist_ok=True)
        partial.replace(blob)
        return True

    @contextmanager
    def _storing(self, name: str, size: int | None) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LandingError(self._no_room(name, size, error)) from error

    def _no_room(self, name: str, size: int | None, error: OSError) -> str:
        if error.errno not in DISK_FULL:
            return f"cannot keep {name} in {self.folder}: {error.strerror}"
        needs = f"needs {size:,} bytes in" if size is not None else "does not fit into"
        free = shutil.disk_usage(self.folder).free
        return (
            f"the disk is full: {name} {needs} {self.folder}, {free:,} are free; "
            "free some space and refresh again, files kept so far stay"
        )


def hash_of(path: Path) -> str:
    """The SHA-256 of a file; raises `OSError` when it is unreadable."""
    with path.open("rb") as source:
        return _digest(source)


def _digest(source: BufferedReader) -> str:
    return hashlib.file_digest(source, "sha256").hexdigest()


def chunks_of(source: IO[bytes]) -> Iterator[bytes]:
    """The content of an open file, some at a time."""
    while chunk := source.read(CHUNK):
        yield chunk


def _sync_folder(folder: Path) -> None:
    """Make renames in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
