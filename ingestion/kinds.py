"""What kind of file each received file is: a form, a scan, or neither."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from ingestion.dicom.index import ScanFile
from ingestion.dicom.signature import looks_like_dicom
from ingestion.forms.readers.formats import SUFFIXES as FORM_SUFFIXES
from ingestion.reject import Source
from ingestion.tables import REJECT

SCAN_SUFFIXES = (".dcm", ".dicom", ".ima")
STAGE = "raw.kind"


@dataclass(frozen=True, slots=True)
class FormFile:
    """A received form: where its content lies, and the name it was received under."""

    path: Path
    source: Source


@dataclass(frozen=True, slots=True)
class Received:
    """Current files by kind; files of no known kind are rejects."""

    forms: tuple[FormFile, ...]
    scans: tuple[ScanFile, ...]
    rejects: pl.DataFrame


def received_forms(folder: Path, manifest: pl.DataFrame) -> tuple[FormFile, ...]:
    """The current forms of a study, known by their suffixes; no file is opened."""
    files = ((folder / landed, Source(name, sha256)) for name, sha256, landed in _current(manifest))
    return tuple(FormFile(path, source) for path, source in files if _suffix(source.name) in FORM_SUFFIXES)


def form_history(manifest: pl.DataFrame) -> pl.DataFrame:
    """The rows of the manifest (landing.file) that are forms by their suffixes, superseded contents included."""
    suffixes = [suffix.removeprefix(".") for suffix in FORM_SUFFIXES]
    suffix = pl.col("source_name").str.to_lowercase().str.extract(r"\.([a-z0-9]+)$")
    return manifest.filter(suffix.is_in(suffixes).fill_null(False))


def _current(manifest: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    current = manifest.filter(pl.col("current") & pl.col("landed_path").is_not_null()).sort("source_name")
    yield from current.select("source_name", "sha256", "landed_path").iter_rows()


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def received_files(study_id: str, folder: Path, manifest: pl.DataFrame, known_scans: Collection[str] = ()) -> Received:
    """The current files of a study by kind, from the manifest (landing.file).

    ``folder`` is the study's folder. A file is a form by its suffix and a scan by its suffix or content; content
    whose SHA-256 is in ``known_scans`` has been read as a scan before and is not looked at again.
    """
    scans, unknown = [], []
    for name, sha256, landed in _current(manifest):
        path, suffix = folder / landed, _suffix(name)
        if suffix in FORM_SUFFIXES:
            continue
        if suffix in SCAN_SUFFIXES or sha256 in known_scans or looks_like_dicom(path):
            scans.append(ScanFile(path=path, source_name=name, sha256=sha256))
        else:
            unknown.append((name, sha256))
    rejects = pl.DataFrame(unknown, schema={"source_name": pl.String, "source_sha256": pl.String}, orient="row")
    rejects = rejects.with_columns(
        study_id=pl.lit(study_id),
        stage=pl.lit(STAGE),
        reason=pl.lit("neither a form nor a DICOM file"),
        remedy=pl.lit(f"send forms as {', '.join(FORM_SUFFIXES)} and scans as DICOM files"),
    )
    return Received(received_forms(folder, manifest), tuple(scans), REJECT.conform(rejects))
