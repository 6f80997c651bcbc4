"""A study that fetches its scans from a real Orthanc, through `nadir refresh`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assets.refreshing import ask, current
from tests.assets.small_study import make_study
from tests.ingestion_servers.conftest import ENVIRONMENT, write_slices
from tests.ingestion_servers.orthanc_process import Orthanc
from tests.nadir.command_line import complaint, nadir

SECTION = """  dicomweb:
    url: {dicomweb}
    changes: {url}
    user_variable: PACS_USER
    password_variable: PACS_PASSWORD
    retries: 0
"""


@pytest.mark.slow
def test_scans_of_a_server_reach_the_release_and_a_lost_server_stops_nothing(
    orthanc: Orthanc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    home = tmp_path / "studies"
    section = SECTION.format(dicomweb=orthanc.dicomweb, url=orthanc.url)
    study = make_study(home, protocol={"  dicomweb: null ": f"{section}  # "})
    orthanc.upload(*write_slices(tmp_path / "sent", range(4), "S-01"))
    assert nadir(home, "refresh", "SMALL").code == 0
    series = ask(current(study), "SELECT subject_label, files FROM core.series ORDER BY series_instance_uid")
    assert series.rows() == [("S-01", 2), ("S-01", 2)]
    arrived = ask(current(study), "FROM landing.event WHERE source_name LIKE 'dicomweb/%' AND event = 'ARRIVED'")
    assert arrived.height == 4

    orthanc.stop()
    lost = nadir(home, "refresh", "SMALL")
    assert (lost.code, "Nothing new" in lost.out) == (0, True)
    assert f"Not all scans were fetched: {orthanc.url} cannot be reached" in " ".join(lost.err.split())

    orthanc.start()
    orthanc.upload(*write_slices(tmp_path / "sent", range(4, 5), "S-01"))
    assert "Published release" in nadir(home, "refresh", "SMALL").out
    assert ask(current(study), "FROM core.instance").height == 5


def test_a_password_in_the_protocol_is_refused(tmp_path: Path) -> None:
    make_study(tmp_path, protocol={"  dicomweb: null ": "  dicomweb: {url: 'http://me:secret@127.0.0.1/'}  # "})
    said = complaint(nadir(tmp_path, "refresh", "SMALL"))
    assert "an address must not hold a password; name an environment variable instead" in said
