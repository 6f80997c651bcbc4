"""Forms, scans and other files are told apart by suffix and content."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from ingestion.kinds import FORM_SUFFIXES, Received, received_files
from ingestion.landing import land
from ingestion.tables import LANDING_FILE
from tests.assets.small_study import write_slice

NOW = datetime(2024, 3, 4, tzinfo=UTC)


def manifest_of(folder: Path, before: pl.DataFrame | None = None) -> pl.DataFrame:
    known = LANDING_FILE.empty() if before is None else before
    return land("S", folder / "incoming", folder / "landing", known, NOW).manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study's folder with one file of each kind."""
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    (incoming / "dm.CSV").write_text("USUBJID\nS-01\n")
    (incoming / "tr.xpt").write_bytes(b"HEADER RECORD")
    write_slice(incoming / "IM0001", "S-01", 1)
    (incoming / "cut.dcm").write_bytes(b"nothing")
    (incoming / "letter.docx").write_bytes(b"PK\x03\x04")
    (incoming / "empty").write_bytes(b"")
    return tmp_path


def names(received: Received) -> tuple[list[str], list[str], list[str]]:
    return (
        [form.source.name for form in received.forms],
        [scan.source_name for scan in received.scans],
        received.rejects["source_name"].to_list(),
    )


def test_each_file_is_of_one_kind(folder: Path) -> None:
    forms, scans, unknown = names(received_files("S", folder, manifest_of(folder)))
    assert forms == ["dm.CSV", "tr.xpt"]
    assert scans == ["IM0001", "cut.dcm"], "a scan without suffix is known by its content, a broken one by its suffix"
    assert unknown == ["empty", "letter.docx"]


def test_a_file_of_no_known_kind_says_what_can_be_sent(folder: Path) -> None:
    rejects = received_files("S", folder, manifest_of(folder)).rejects
    assert rejects["source_sha256"].null_count() == 0
    for row in rejects.iter_rows(named=True):
        assert row["reason"] == "neither a form nor a DICOM file"
        assert all(suffix in row["remedy"] for suffix in FORM_SUFFIXES)


def test_contents_are_taken_from_landing_and_only_current_ones(folder: Path) -> None:
    before = manifest_of(folder)
    (folder / "incoming" / "dm.CSV").write_text("USUBJID\nS-01\nS-02\n")
    (folder / "incoming" / "tr.xpt").unlink()
    received = received_files("S", folder, manifest_of(folder, before))
    (form,) = received.forms
    assert form.path.is_relative_to(folder / "landing")
    assert form.path.read_text() == "USUBJID\nS-01\nS-02\n"


def test_a_scan_that_is_known_is_not_opened_again(folder: Path) -> None:
    manifest = manifest_of(folder)
    (sha256,) = manifest.filter(pl.col("source_name") == "IM0001")["sha256"]
    (folder / manifest.filter(pl.col("source_name") == "IM0001")["landed_path"].item()).unlink()
    assert "IM0001" in names(received_files("S", folder, manifest, {sha256}))[1]
