"""Files that are there whole or not at all: hashes, durable writes and atomic links."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

READ_ONLY = 0o444


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def seal_folder(folder: Path) -> None:
    """Make everything below the folder durable and its files read-only."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            path.chmod(READ_ONLY)
        sync(path)
    sync(folder)


def point(link: Path, target: str) -> None:
    """Let the symbolic link ``link`` name ``target``, in one step and durably."""
    fresh = link.with_name(f".{link.name}-{target}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    sync(link.parent)
