"""An Orthanc with a few slices on it, and a study's folder that fetches from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from ingestion.fetching import Fetched, fetch
from ingestion.tables import LANDING_FEED, LANDING_FILE
from protocol.sources import DicomWeb
from tests.ingestion_servers.orthanc_process import PASSWORD, PLUGIN, PROGRAM, USER, Orthanc

ENVIRONMENT = {"PACS_USER": USER, "PACS_PASSWORD": PASSWORD}
CREDENTIALS = {"user_variable": "PACS_USER", "password_variable": "PACS_PASSWORD"}


@pytest.fixture(scope="session")
def orthanc_program() -> None:
    if PROGRAM is None or not PLUGIN.exists():
        pytest.skip("Orthanc is not installed: apt-get install orthanc orthanc-dicomweb")


@pytest.fixture
def orthanc(orthanc_program: None, tmp_path: Path) -> Iterator[Orthanc]:
    server = Orthanc(tmp_path / "orthanc")
    server.start()
    yield server
    server.stop()


def write_slices(folder: Path, numbers: range, patient: str = "01-001") -> list[Path]:
    """CT slices, two to a series, all series of a patient in one study."""
    folder.mkdir(exist_ok=True)
    template = get_testdata_file("CT_small.dcm", download=False)
    paths = []
    for number in numbers:
        scan = dcmread(str(template))
        scan.PatientID = patient
        scan.StudyInstanceUID = f"1.2.3.{sum(patient.encode())}"
        scan.SeriesInstanceUID = f"{scan.StudyInstanceUID}.{number // 2}"
        scan.SOPInstanceUID = scan.file_meta.MediaStorageSOPInstanceUID = f"{scan.SeriesInstanceUID}.{number}"
        scan.InstanceNumber = number
        path = folder / f"{patient}-{number}.dcm"
        scan.save_as(path)
        paths.append(path)
    return paths


class Fetcher:
    """A study's landing, which asks a server once a day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = datetime(2024, 3, 4, 6, tzinfo=UTC)
        self.manifest, self.feed = LANDING_FILE.empty(), LANDING_FEED.empty()

    def fetch(self, environment: Mapping[str, str] = ENVIRONMENT, **config: Any) -> Fetched:
        given = DicomWeb.model_validate({"timeout_seconds": 20, "retries": 0, **CREDENTIALS, **config})
        fetched = fetch("S", given, self.folder / "landing", self.manifest, self.feed, self.now, environment)
        self.manifest, self.feed = fetched.manifest, fetched.feed
        self.now += timedelta(days=1)
        return fetched

    def contents(self) -> set[bytes]:
        return {(self.folder / path).read_bytes() for path in self.manifest.filter("current")["landed_path"]}


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    return Fetcher(tmp_path)
