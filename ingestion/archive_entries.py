"""The entries of ZIP and TAR archives, in their order."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import RawIOBase
from pathlib import Path
from typing import IO, Any

from ingestion.incoming import Unusable, printable

ZIP_SUFFIXES = (".zip",)
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
AGAIN = "make the archive again and send it again"
DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip
"""What the readers of archives raise for damage, passwords and unknown methods."""

_ENCRYPTED = 0x1
_BLOCK = 512
_LONGEST_HEADER = 1 << 20
_LONG_HEADERS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_LONGEST_TAIL = 1 << 20
_COMPRESSIONS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.GzipFile, b"BZh": bz2.BZ2File, b"\xfd7zXZ\0": lzma.LZMAFile,
}  # fmt: skip
_NO_FILE = ("a link or a device, not a file", "put the file itself into the archive")


class UnusableArchiveError(Exception):
    """An archive that cannot be used as a whole, and what to do about it."""

    def __init__(self, reason: str, remedy: str = AGAIN) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Entry:
    """A member that is no folder; ``skipped_bytes`` are read even when it is not used."""

    name: str
    open: Callable[[], IO[bytes]]
    problem: tuple[str, str] | None = None
    skipped_bytes: int = 0


def zip_entries(path: Path) -> Iterator[Entry]:
    """The files of a ZIP archive; the checksum of each is checked when it is read to its end."""
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGE as error:
        raise UnusableArchiveError(f"no ZIP archive, or a damaged one: {said(error)}") from error
    with archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            kind = stat.S_IFMT(info.external_attr >> 16)
            problem = None
            if info.flag_bits & _ENCRYPTED:
                problem = ("encrypted", "send it without a password, over a protected way")
            elif kind not in (0, stat.S_IFREG):
                problem = _NO_FILE
            yield Entry(info.filename.replace("\\", "/"), partial(archive.open, info), problem)


def tar_entries(path: Path, name: str, unusable: list[Unusable]) -> Iterator[Entry]:
    """The files of a TAR archive.

    Of an archive that is not compressed, what stands before a damage can be used, and ``unusable`` says what cannot. A
    compressed one has one checksum for all: it is used whole or not at all, so that a damage found after the last
    entry raises `UnusableArchiveError`, too.
    """
    with path.open("rb") as file:
        start = file.read(6)
    opener = next((opener for magic, opener in _COMPRESSIONS.items() if start.startswith(magic)), None)
    last = ""
    try:
        with path.open("rb") if opener is None else _Decompressed(opener(path)) as source:
            with tarfile.open(fileobj=source, mode="r|", tarinfo=_TarInfo) as archive:
                for info in archive:
                    last = info.name
                    if not info.isdir():
                        opened = partial(_tar_member, archive, info)
                        yield Entry(info.name, opened, None if info.isreg() else _NO_FILE, info.size)
            if opener is not None and len(source.read(_LONGEST_TAIL)) == _LONGEST_TAIL:
                raise UnusableArchiveError("something else follows the end of the archive")
    except DAMAGE as error:
        if not last:
            raise UnusableArchiveError(f"no TAR archive, or a damaged one: {said(error)}") from error
        unusable.append(Unusable(name, f"damaged, nothing after {printable(last)} can be read: {said(error)}", AGAIN))


class _Decompressed(RawIOBase):
    """A compressed stream whose first damage ends the reading of the archive for good."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._damage: UnusableArchiveError | None = None

    def read(self, size: int = -1, /) -> bytes:
        if self._damage is not None:
            raise self._damage
        try:
            return self._source.read(size)
        except DAMAGE as error:
            self._damage = UnusableArchiveError(f"damaged, none of its files is sure to be whole: {said(error)}")
            raise self._damage from error

    def close(self) -> None:
        self._source.close()
        super().close()


class _TarInfo(tarfile.TarInfo):
    """Headers of TAR members; only blocks of zeros end an archive, and no header may fill the memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _TarInfo:
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == _BLOCK and not any(buf):
                raise
            raise tarfile.ReadError("a damaged header, or an end without end mark") from error
        if info.type in _LONG_HEADERS and info.size > _LONGEST_HEADER:
            raise UnusableArchiveError(f"a header of {info.size:,} bytes within the archive")
        return info


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    member = archive.extractfile(info)
    assert member is not None
    return member


def said(error: BaseException) -> str:
    """What an error says, or what it is."""
    return str(error) or type(error).__name__
