"""What a scan's results were made from: one hash over images, regions, place, settings and code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

CODE = ("pet", "ingestion/pet_tables.py", "ingestion/dicom/values.py", "protocol/pet_options.py")


@cache
def code_hash() -> str:
    """A hash over the sources that quantities come from: with other code, scans are measured anew."""
    root = Path(__file__).resolve().parent.parent
    digest = sha256()
    for name in CODE:
        path = root / name
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(source.read_bytes())
    return digest.hexdigest()


def input_hash(parts: Iterable[str]) -> str:
    """The hash of the parts in the given order."""
    digest = sha256(code_hash().encode())
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()
