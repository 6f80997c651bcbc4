"""Refreshes beside each other and refreshes that are broken off: what users read stays whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from assets.session import locked
from nadir.refresh import _failure
from protocol.study import Study
from tests.assets.refreshing import ask, current, refresh
from tests.assets.small_study import forms, make_study, put_forms
from tests.nadir.command_line import Said, complaint, ended, nadir, start
from warehouse.releases import Releases

pytestmark = [pytest.mark.xdist_group("nadir_together"), pytest.mark.slow]

PATIENCE = 60.0


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Until it happened; a process that ended before has failed the test."""
    until = time.monotonic() + PATIENCE
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


def sound(study: Study) -> bool:
    """The current release is whole."""
    return Releases(study.releases).verify(current(study).release_id) == []


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study, Study]:
    """Two studies of one home, refreshed at the same time by two programs."""
    home = tmp_path_factory.mktemp("studies")
    studies = [make_study(home, name) for name in ("LEFT", "RIGHT")]
    running = [start(home, "refresh", study.name) for study in studies]
    for process in running:
        said = ended(process)
        assert said.code == 0, said
    return home, studies[0], studies[1]


def test_two_studies_refresh_at_once_and_publish_their_own(pair: tuple[Path, Study, Study]) -> None:
    _, *studies = pair
    for study in studies:
        assert sound(study)
        found = ask(current(study), "SELECT DISTINCT study_id FROM core.measurement").to_series().to_list()
        assert found == [study.name]


def test_a_second_refresh_of_the_same_study_is_refused_and_names_the_holder(pair: tuple[Path, Study, Study]) -> None:
    home, left, _ = pair
    with locked(left):
        said = complaint(nadir(home, "refresh", "LEFT"))
        assert "a refresh of study LEFT is running already" in said
        assert f"process {os.getpid()} since" in said
        assert "wait until it has ended" in said
        assert nadir(home, "refresh", "RIGHT").code == 0, "another study does not wait"
    assert nadir(home, "refresh", "LEFT").code == 0, "the lock is given back"


def test_a_lock_left_by_a_killed_refresh_holds_nobody(pair: tuple[Path, Study, Study]) -> None:
    home, left, _ = pair
    left.lock_file.touch()
    left.lock_file.with_suffix(".holder").write_text("process 1 since long ago")
    assert nadir(home, "refresh", "LEFT").code == 0


def test_a_run_that_meets_a_running_refresh_says_so(pair: tuple[Path, Study, Study]) -> None:
    from assets.automation import REFRESH
    from assets.definitions import build_definitions

    home, left, _ = pair
    with dg.DagsterInstance.ephemeral() as instance, locked(left):
        instance.add_dynamic_partitions("study", ["LEFT"])
        job = build_definitions(home).resolve_job_def(REFRESH)
        result = job.execute_in_process(instance=instance, partition_key="LEFT", raise_on_error=False)
    assert not result.success
    assert _failure(result.all_events).startswith("a refresh of study LEFT is running already (process ")


def test_a_refresh_broken_off_in_the_middle_leaves_current_and_the_next_one_works(
    pair: tuple[Path, Study, Study],
) -> None:
    home, study, _ = pair
    before = current(study)
    for sent, code in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        ds = forms()["ds.csv"] + f"DS,S-01,COMPLETED,DISPOSITION EVENT,2024-10-{sent:02d}\n"
        put_forms(study, {"ds.csv": ds})
        said = broken_off(home, study, sent)
        assert said.code == code, said
        assert "Traceback" not in said.out + said.err
        if sent is signal.SIGINT:
            assert said.err == "Interrupted: nothing was published, the current release is as it was\n"
        assert current(study) == before
        assert sound(study)
    assert refresh(study).release["published"] is True
    assert current(study).release_id > before.release_id
    assert sound(study)


def broken_off(home: Path, study: Study, sent: signal.Signals) -> Said:
    """A refresh that gets the signal in its run: after its look at the inputs, and before it publishes."""
    process = start(home, "refresh", study.name)
    holder = study.lock_file.with_suffix(".holder")
    for there in (True, False, True):
        wait_for(lambda there=there: holder.exists() is there, process)
    time.sleep(1)
    process.send_signal(sent)
    return ended(process)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """A file system of 3 MB; only root can make one."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a tmpfs needs root")
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("tmpfs cannot be mounted here")
    return folder


def test_a_full_disk_is_told_and_current_stays(pair: tuple[Path, Study, Study], tiny_disk: Path) -> None:
    home, _, study = pair
    before = current(study)
    kept, landing = study.path / "kept", study.landing
    try:
        landing.rename(kept)
        shutil.copytree(kept, tiny_disk / "landing")
        landing.symlink_to(tiny_disk / "landing")
        (study.incoming / "dicom" / "large.dcm").write_bytes(os.urandom(4 << 20))
        said = complaint(nadir(home, "refresh", study.name))
        assert "the disk is full: dicom/large.dcm needs 4,194,304 bytes" in said
        assert "free some space and refresh again" in said
        assert current(study) == before
    finally:
        landing.unlink()
        kept.rename(landing)
        subprocess.run(["umount", tiny_disk], check=True)
