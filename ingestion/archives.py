"""ZIP and TAR archives: their members as contents, one after the other, never unpacked to a path that they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import IO

from ingestion.archive_entries import (
    AGAIN,
    DAMAGE,
    TAR_SUFFIXES,
    ZIP_SUFFIXES,
    Entry,
    UnusableArchiveError,
    said,
    tar_entries,
    zip_entries,
)
from ingestion.blobs import Blobs, LandingError, chunks_of
from ingestion.incoming import MEMBER, Unusable, is_passed_over, is_text, printable
from protocol.sources import ArchiveLimits

SUFFIXES = (*ZIP_SUFFIXES, *TAR_SUFFIXES)
ANY_RATIO_BYTES = 64 << 20
"""What an archive may hold at any ratio."""


class LimitError(UnusableArchiveError):
    """An archive that holds more than it may."""

    def __init__(self, reason: str, limit: str) -> None:
        super().__init__(reason, f"send its files in smaller archives, or raise ingestion.archives.{limit}")


@dataclass(frozen=True, slots=True)
class Member:
    """A file out of an archive, as it was kept."""

    name: str
    sha256: str
    size: int


def is_archive(name: str) -> bool:
    """Whether a file is taken for an archive, by its name."""
    return name.lower().endswith(SUFFIXES)


def unpack(path: Path, name: str, blobs: Blobs, limits: ArchiveLimits, unusable: list[Unusable]) -> list[Member]:
    """Keep every file of an archive as a content; each is named ``archive.zip!/path/inside``.

    What cannot be used of it (encrypted, damaged, links, devices, paths that leave the archive) goes to ``unusable``
    and the rest goes on. Raises `UnusableArchiveError` when it is no archive or passes a limit; then nothing of it
    is kept.
    """
    unpacking = _Unpacking(blobs, limits, path.stat().st_size, unusable)
    try:
        return list(unpacking.members(path, name, nesting=0))
    except UnusableArchiveError:
        unpacking.forget()
        raise


class _Unpacking:
    """One archive with the archives in it, against its limits."""

    def __init__(self, blobs: Blobs, limits: ArchiveLimits, size: int, unusable: list[Unusable]) -> None:
        self.fresh: list[str] = []
        self._blobs = blobs
        self._limits = limits
        self._most_bytes = max(ANY_RATIO_BYTES, limits.max_ratio * size)
        self._unusable = unusable
        self._files = 0
        self._bytes = 0

    def members(self, path: Path, name: str, *, nesting: int) -> Iterator[Member]:
        """The files of the archive at ``path``."""
        zipped = name.lower().endswith(ZIP_SUFFIXES)
        seen: set[str] = set()
        for entry in zip_entries(path) if zipped else tar_entries(path, name, self._unusable):
            self._count_file()
            problem = entry.problem or _problem_of_name(entry.name)
            if problem is None and entry.name in seen:
                problem = ("it stands twice in the archive", "send each file once")
            seen.add(entry.name)
            if problem is not None:
                self._unusable.append(Unusable(printable(f"{name}{MEMBER}{entry.name}"), *problem))
            elif not any(is_passed_over(part) for part in PurePosixPath(entry.name).parts):
                yield from self._member(entry, f"{name}{MEMBER}{entry.name}", nesting)
                continue
            self._count_bytes(entry.skipped_bytes)

    def _member(self, entry: Entry, full: str, nesting: int) -> Iterator[Member]:
        if is_archive(entry.name):
            yield from self._nested(entry, full, nesting + 1)
            return
        try:
            with entry.open() as source:
                kept = self._blobs.keep(self._counted(source), full)
        except (UnusableArchiveError, LandingError):
            raise
        except DAMAGE as error:
            self._unusable.append(Unusable(full, f"damaged: {said(error)}", AGAIN))
            return
        if kept.is_new:
            self.fresh.append(kept.sha256)
        yield Member(full, kept.sha256, kept.size)

    def _nested(self, entry: Entry, full: str, nesting: int) -> list[Member]:
        """The files of an archive in an archive; none when it cannot be used as a whole."""
        if nesting > self._limits.max_nesting:
            remedy = "send it unpacked, or raise ingestion.archives.max_nesting"
            self._unusable.append(Unusable(full, f"an archive within {nesting} archives", remedy, by_limit=True))
            self._count_bytes(entry.skipped_bytes)
            return []
        fresh = len(self.fresh)
        try:
            with entry.open() as source, NamedTemporaryFile(dir=self._blobs.receiving) as copy:
                copy.writelines(self._counted(source))
                copy.flush()
                return list(self.members(Path(copy.name), full, nesting=nesting))
        except (LimitError, LandingError):
            raise
        except UnusableArchiveError as error:
            self._unusable.append(Unusable(full, str(error), error.remedy))
        except DAMAGE as error:
            self._unusable.append(Unusable(full, f"damaged: {said(error)}", AGAIN))
        self.forget(fresh)
        return []

    def forget(self, first: int = 0) -> None:
        """Take away the contents that came new since there were ``first`` of them."""
        for sha256 in self.fresh[first:]:
            self._blobs.path(sha256).unlink(missing_ok=True)
        del self.fresh[first:]

    def _counted(self, source: IO[bytes]) -> Iterator[bytes]:
        for chunk in chunks_of(source):
            self._count_bytes(len(chunk))
            yield chunk

    def _count_file(self) -> None:
        self._files += 1
        if self._files > self._limits.max_files:
            raise LimitError(f"it holds more than {self._limits.max_files:,} files", "max_files")

    def _count_bytes(self, count: int) -> None:
        self._bytes += count
        if self._bytes > self._limits.max_gigabytes * 1e9:
            raise LimitError(f"it holds more than {self._limits.max_gigabytes:g} GB", "max_gigabytes")
        if self._bytes > self._most_bytes:
            raise LimitError(f"it holds more than {self._limits.max_ratio:g} times its size", "max_ratio")


def _problem_of_name(name: str) -> tuple[str, str] | None:
    """Whether a member's name is a path within the archive."""
    if not is_text(name):
        return "the file name is not valid UTF-8", "rename the file"
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or ":" in parts[0] or any(not char.isprintable() for char in name):
        return "its name is no path within the archive", "make the archive with relative names"
    if any(part.endswith(MEMBER[0]) for part in parts[:-1]):
        return "a folder name ends in '!'", "rename the folder"
    return None
