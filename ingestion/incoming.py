"""What lies in a study's incoming folder: names, sizes and times, without opening a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

UNFINISHED = (".part", ".tmp")
MEMBER = "!/"
"""Stands between the name of an archive and the name of a file in it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file below ``incoming/``."""

    name: str
    path: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Unusable:
    """What cannot be kept, why, and what to do about it.

    ``archive_sha256`` is the hash of the archive that it is a part of; ``by_limit`` says that a larger limit would do.
    """

    name: str
    reason: str
    remedy: str
    archive_sha256: str | None = None
    by_limit: bool = False

    def row(self) -> tuple[str, str, str, str | None]:
        """Name, reason, remedy and hash."""
        return self.name, self.reason, self.remedy, self.archive_sha256


def look(incoming: Path, unusable: list[Unusable]) -> Iterator[Found]:
    """The files below ``incoming``, folder by folder; what cannot be looked at goes to ``unusable``.

    Hidden files, ``*.part``, ``*.tmp`` and links that leave the folder are passed over.
    """
    root = str(incoming.resolve())
    folders = [("", root)]
    while folders:
        prefix, folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            unusable.append(unreadable(prefix.rstrip("/"), error))
            continue
        for entry in entries:
            if is_passed_over(entry.name) or (entry.is_symlink() and _leaves(entry.path, root)):
                continue
            name = prefix + entry.name
            if not is_text(entry.name):
                unusable.append(Unusable(printable(name), "the file name is not valid UTF-8", "rename the file"))
            elif entry.is_dir(follow_symlinks=False):
                if entry.name.endswith(MEMBER[0]):
                    unusable.append(Unusable(name, "a folder name ends in '!'", "rename the folder"))
                else:
                    folders.append((f"{name}/", entry.path))
            elif entry.is_file():
                status = entry.stat()
                yield Found(name, entry.path, status.st_size, status.st_mtime_ns)


def is_passed_over(name: str) -> bool:
    """Whether a name without its folder is that of a hidden or an unfinished file."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def is_text(name: str) -> bool:
    """Whether a name can be written in UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(name: str) -> str:
    """A name with what is no text in it as \\x.. escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def unreadable(name: str, error: OSError) -> Unusable:
    """The reject of a file or folder that the system does not let us read."""
    return Unusable(name, f"cannot be read: {error.strerror}", "make it readable for the user that runs the refresh")


def _leaves(path: str, root: str) -> bool:
    """A link to outside of ``root`` or to nowhere."""
    target = Path(os.path.realpath(path))
    return not target.is_relative_to(root) or not target.exists()
