"""Fetching from a real Orthanc: by DICOMweb and by its feed of changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from ingestion.blobs import hash_of
from ingestion.dicom.index import ScanFile, index_files
from ingestion.fetching import Fetched
from ingestion.kinds import received_files
from tests.ingestion_servers.conftest import Fetcher, write_slices
from tests.ingestion_servers.orthanc_process import Orthanc


def names(paths: Sequence[Path]) -> list[str]:
    from pydicom import dcmread

    read = [dcmread(path, stop_before_pixels=True) for path in paths]
    return sorted(f"dicomweb/{s.StudyInstanceUID}/{s.SeriesInstanceUID}/{s.SOPInstanceUID}" for s in read)


def came(fetched: Fetched) -> list[str]:
    return fetched.events["source_name"].to_list()


def ways(orthanc: Orthanc) -> dict[str, dict[str, str]]:
    return {"search": {"url": orthanc.dicomweb}, "changes": {"url": orthanc.dicomweb, "changes": orthanc.url}}


@pytest.mark.parametrize("way", ["search", "changes"])
def test_what_is_new_on_the_server_lands_as_it_was_sent_and_only_once(
    orthanc: Orthanc, fetcher: Fetcher, tmp_path: Path, way: str
) -> None:
    config = ways(orthanc)[way]
    first = [*write_slices(tmp_path / "sent", range(5)), *write_slices(tmp_path / "sent", range(3), "01-002")]
    orthanc.upload(*first)
    fetched = fetcher.fetch(**config)
    assert came(fetched) == names(first)
    assert fetched.rejects.is_empty()
    assert fetcher.contents() == {path.read_bytes() for path in first}
    assert set(fetched.manifest["container"]) == {"DICOMWEB"}

    assert came(fetcher.fetch(**config)) == []

    later = write_slices(tmp_path / "sent", range(5, 7))
    orthanc.upload(*later)
    orthanc.stop()
    orthanc.start()
    assert came(fetcher.fetch(**config)) == names(later)
    assert fetcher.contents() == {path.read_bytes() for path in (*first, *later)}


@pytest.mark.parametrize("way", ["search", "changes"])
def test_a_lost_server_leaves_everything_as_it_was_and_says_so(
    orthanc: Orthanc, fetcher: Fetcher, tmp_path: Path, way: str
) -> None:
    config = ways(orthanc)[way]
    orthanc.upload(*write_slices(tmp_path / "sent", range(2)))
    fetcher.fetch(**config)
    before, answered = fetcher.manifest, fetcher.feed["answered_at"][0]
    orthanc.stop()
    lost = fetcher.fetch(**config)
    assert lost.manifest.equals(before)
    assert lost.events.is_empty()
    (reject,) = lost.rejects.to_dicts()
    assert reject["reason"] == f"{orthanc.url} cannot be reached"
    assert reject["remedy"] == "nothing is lost: refresh again later"
    assert (lost.feed["answered_at"][0], lost.feed["problem"][0]) == (answered, reject["reason"])
    orthanc.start()
    later = write_slices(tmp_path / "sent", range(2, 4))
    orthanc.upload(*later)
    again = fetcher.fetch(**config)
    assert came(again) == names(later)
    assert again.feed["problem"][0] is None


def test_only_studies_that_match_the_search_are_fetched(orthanc: Orthanc, fetcher: Fetcher, tmp_path: Path) -> None:
    ours = write_slices(tmp_path / "sent", range(2), "01-001")
    orthanc.upload(*ours, *write_slices(tmp_path / "sent", range(2), "99-009"))
    assert came(fetcher.fetch(url=orthanc.dicomweb, search={"PatientID": "01-*"})) == names(ours)


def test_the_feed_begins_anew_with_a_server_that_was_set_up_anew(
    orthanc: Orthanc, fetcher: Fetcher, tmp_path: Path
) -> None:
    config = ways(orthanc)["changes"]
    orthanc.upload(*write_slices(tmp_path / "sent", range(6)))
    fetcher.fetch(**config)
    orthanc.forget()
    other = write_slices(tmp_path / "sent", range(1), "01-003")
    orthanc.upload(*other)
    assert came(fetcher.fetch(**config)) == names(other)
    assert fetcher.manifest.filter("current").height == 7


def test_a_wrong_password_is_named_with_what_to_check(orthanc: Orthanc, fetcher: Fetcher) -> None:
    environment = {"PACS_USER": "reader", "PACS_PASSWORD": "wrong"}
    (reject,) = fetcher.fetch(environment, url=orthanc.dicomweb).rejects.to_dicts()
    assert reject["reason"] == f"{orthanc.dicomweb} does not let us in (401)"
    assert "environment variables" in reject["remedy"]
    assert "wrong" not in str(reject)


def test_an_address_without_dicomweb_is_named(orthanc: Orthanc, fetcher: Fetcher) -> None:
    (reject,) = fetcher.fetch(url=f"{orthanc.url}/nowhere").rejects.to_dicts()
    assert reject["reason"].startswith(f"{orthanc.url}/nowhere answers 404")


def test_a_variable_that_is_not_set_is_named(fetcher: Fetcher) -> None:
    (reject,) = fetcher.fetch({}, url="http://127.0.0.1:9/dicom-web").rejects.to_dicts()
    assert reject["reason"] == "the environment variable PACS_USER is not set"


def test_a_transfer_through_orthanc_equals_the_one_from_a_folder(
    orthanc: Orthanc, fetcher: Fetcher, shared: Callable[[str], Path], tmp_path: Path
) -> None:
    """The same rows of core.instance, but for the names: real CT, PET, SR and SEG (shared data)."""
    paths = [*sorted(shared("pet_ct_acrin").rglob("*.dcm"))[::20], *sorted(shared("dicom_sr").glob("*.dcm"))]
    orthanc.upload(*paths)
    fetched = fetcher.fetch(url=orthanc.dicomweb)
    assert fetched.rejects.is_empty()
    by_server = received_files("S", tmp_path, fetched.manifest).scans
    by_folder = [ScanFile(path, path.name, hash_of(path)) for path in paths]
    rows = [
        index_files("S", files).frame.drop("source_name").sort("sop_instance_uid") for files in (by_server, by_folder)
    ]
    assert rows[0].height == len(paths)
    assert_frame_equal(*rows)
