"""The version of the code that made a release: the package's version and a hash over its sources."""

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("assets", "quality", "warehouse", "pet", "ingestion", "cohorts", "protocol", "criteria")
SOURCES = (".py", ".sql", ".csv")


@cache
def code_version() -> str:
    """Such as ``0.1.0+4f1c0a9be2d7``; it changes when any source file does, released or not."""
    root = Path(__file__).resolve().parent.parent
    digest = sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in SOURCES:
                digest.update(str(path.relative_to(root)).encode())
                digest.update(path.read_bytes())
    return f"{version('nadir')}+{digest.hexdigest()[:12]}"
