"""What a release depends on, as one hash: the same fingerprint means that there is nothing new to publish."""

from __future__ import annotations

import hashlib

import polars as pl


def input_fingerprint(landing: pl.DataFrame, protocol_text: str, code_version: str, actions: int = 0) -> str:
    """SHA-256 over the current received files (name and content), the protocol's text, the code and people's answers.

    ``landing`` is a frame of `ingestion.tables.LANDING_FILE`; the order of its rows, superseded and removed files, and
    modification times do not matter. ``actions`` counts what people did to the study's queries.
    """
    digest = hashlib.sha256()
    for part in (protocol_text, code_version, *([str(actions)] if actions else [])):
        digest.update(hashlib.sha256(part.encode()).digest())
    files = landing.filter("current").select("source_name", "sha256").sort("source_name", "sha256")
    for line in files.select(pl.format("{}\0{}\n", "source_name", "sha256")).to_series():
        digest.update(line.encode())
    return digest.hexdigest()
