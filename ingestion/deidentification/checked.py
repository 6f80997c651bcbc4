"""Every new content is checked once; what it gave is kept by its hash."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from importlib import resources
from typing import NamedTuple

import polars as pl

from ingestion.deidentification.inspect import inspect_file
from ingestion.deidentification.pixels import check_ocr
from ingestion.deidentification.tables import CHECKED_FILE, FINDING_SET
from ingestion.dicom.index import ScanFile
from protocol.imaging import Deidentification

PACKAGE = "ingestion.deidentification"


class Checked(NamedTuple):
    """The contents that were checked (`CHECKED_FILE`) and what was found in them (`FINDING_SET`)."""

    files: pl.DataFrame
    sets: pl.DataFrame


def check_files(
    study_id: str,
    files: Sequence[ScanFile],
    known: Checked,
    rule: Deidentification,
    shown: frozenset[str] = frozenset(),
) -> Checked:
    """Check the contents that were not checked by the same rules before.

    ``known`` is what an earlier run returned. With OCR, the contents in ``shown`` (SHA-256) are also looked at for text
    in their pixels; raises `ingestion.deidentification.pixels.OcrError` when it cannot be had.
    """
    if rule.ocr:
        check_ocr()
    rules = rules_fingerprint(rule)
    by_content = {file.sha256: file for file in files}
    kept = known.files.filter((pl.col("rules") == rules) & pl.col("sha256").is_in(list(by_content)))
    done = set(kept["sha256"])
    rows, sets = [], {}
    for content, file in by_content.items():
        if content in done:
            continue
        ocr = rule.ocr and content in shown
        found = inspect_file(file.path, tuple(rule.options), rule.safe_private_creators, ocr)
        name = sha256(json.dumps(found).encode()).hexdigest()[:16] if found else None
        rows.append((study_id, content, rules, name))
        if name is not None:
            sets[name] = found
    new_sets = [
        {"study_id": study_id, "finding_set": name, "number": number, **one}
        for name, found in sets.items()
        for number, one in enumerate(found, 1)
    ]
    new = pl.DataFrame(rows, schema=CHECKED_FILE.schema, orient="row")
    checked = CHECKED_FILE.conform(pl.concat([kept, new]).sort("sha256"))
    every_set = pl.concat([known.sets, pl.DataFrame(new_sets, schema=FINDING_SET.schema)]).unique(
        FINDING_SET.key, keep="first", maintain_order=True
    )
    used = every_set.join(checked.select("finding_set").unique(), on="finding_set", how="semi")
    return Checked(checked, FINDING_SET.conform(used.sort(FINDING_SET.key)))


def rules_fingerprint(rule: Deidentification) -> str:
    """A hash over what a file is checked by: this package's sources and data, and the protocol's options."""
    digest = sha256(rule.model_dump_json().encode())
    for entry in sorted(resources.files(PACKAGE).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith((".py", ".csv")):
            digest.update(entry.read_bytes())
    return digest.hexdigest()[:16]
