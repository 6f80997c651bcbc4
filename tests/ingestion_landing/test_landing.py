"""Landing keeps every content once, and says what is new, changed, removed and unchanged."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from ingestion.landing import Landed, LandingError, has_news, land
from ingestion.tables import LANDING_FILE, REJECT

MONDAY = datetime(2024, 3, 4, 6, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "incoming" / "forms").mkdir(parents=True)
    return tmp_path


def put(study: Path, name: str, text: str) -> Path:
    path = study / "incoming" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def look(study: Path, manifest: pl.DataFrame | None = None, now: datetime = MONDAY) -> Landed:
    known = LANDING_FILE.empty() if manifest is None else manifest
    return land("demo", study / "incoming", study / "landing", known, now)


def rows(landed: Landed) -> list[tuple[str, str, bool]]:
    """Name, content and whether it is the current one."""
    frame = landed.manifest.select("source_name", "sha256", "current")
    return [(name, sha256[:6], current) for name, sha256, current in frame.iter_rows()]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def blobs(study: Path) -> set[str]:
    return {path.relative_to(study).as_posix() for path in (study / "landing").rglob("*") if path.is_file()}


def test_a_file_lands_under_the_hash_of_its_content(study: Path) -> None:
    put(study, "forms/tr.csv", "a")
    landed = look(study)
    row = landed.manifest.row(0, named=True)
    assert row["landed_path"] == f"landing/{sha('a')[:2]}/{sha('a')}"
    assert (study / row["landed_path"]).read_text() == "a"
    assert (row["study_id"], row["source_name"], row["size"]) == ("demo", "forms/tr.csv", 1)
    assert row["landed_at"] == MONDAY
    assert (landed.new, landed.changed, landed.removed, landed.unchanged) == (["forms/tr.csv"], [], [], [])


def test_a_kept_blob_is_read_only(study: Path) -> None:
    put(study, "tr.csv", "a")
    path = study / look(study).manifest["landed_path"][0]
    assert path.stat().st_mode & 0o777 == 0o444


def test_a_second_look_finds_nothing_new_and_reads_no_file(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.csv", "b.csv"):
        put(study, name, name)
    first = look(study)

    def opened(path: Path, *_: object) -> None:
        raise AssertionError(f"{path} was opened")

    monkeypatch.setattr(Path, "open", opened)
    second = look(study, first.manifest, TUESDAY)
    assert not second.is_news
    assert second.unchanged == ["a.csv", "b.csv"]
    assert second.manifest.equals(first.manifest)


def test_a_touched_file_is_unchanged_and_its_new_time_is_remembered(study: Path) -> None:
    path = put(study, "a.csv", "a")
    first = look(study)
    os.utime(path, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))
    second = look(study, first.manifest, TUESDAY)
    assert (second.is_news, second.unchanged) == (False, ["a.csv"])
    assert second.manifest["modified_ns"].to_list() == [1_700_000_000_000_000_000]
    assert second.manifest["landed_at"].to_list() == [MONDAY]


def test_a_corrected_file_supersedes_the_earlier_and_both_stay(study: Path) -> None:
    put(study, "tr.csv", "first")
    first = look(study)
    put(study, "tr.csv", "corrected")
    second = look(study, first.manifest, TUESDAY)
    assert second.changed == ["tr.csv"]
    assert rows(second) == [("tr.csv", sha("first")[:6], False), ("tr.csv", sha("corrected")[:6], True)]
    assert second.manifest["landed_at"].to_list() == [MONDAY, TUESDAY]
    assert len(blobs(study)) == 2


def test_a_file_that_goes_back_to_an_earlier_content_makes_that_current_again(study: Path) -> None:
    put(study, "tr.csv", "one")
    first = look(study)
    put(study, "tr.csv", "three")
    second = look(study, first.manifest, TUESDAY)
    put(study, "tr.csv", "one")
    third = look(study, second.manifest, WEDNESDAY)
    assert third.changed == ["tr.csv"]
    assert rows(third) == [("tr.csv", sha("one")[:6], True), ("tr.csv", sha("three")[:6], False)]


def test_a_removed_file_keeps_its_rows_and_its_content(study: Path) -> None:
    path = put(study, "tr.csv", "a")
    first = look(study)
    path.unlink()
    second = look(study, first.manifest, TUESDAY)
    assert second.removed == ["tr.csv"]
    assert rows(second) == [("tr.csv", sha("a")[:6], False)]
    assert len(blobs(study)) == 1
    third = look(study, second.manifest, WEDNESDAY)
    assert (third.removed, third.is_news) == ([], False)


def test_a_file_that_comes_back_is_new_and_gets_no_second_row(study: Path) -> None:
    path = put(study, "tr.csv", "a")
    first = look(study)
    path.unlink()
    second = look(study, first.manifest, TUESDAY)
    put(study, "tr.csv", "a")
    third = look(study, second.manifest, WEDNESDAY)
    assert third.new == ["tr.csv"]
    assert rows(third) == [("tr.csv", sha("a")[:6], True)]


def test_the_same_content_under_two_names_is_one_blob_and_two_rows(study: Path) -> None:
    put(study, "a.csv", "same")
    put(study, "copy/a.csv", "same")
    landed = look(study)
    assert rows(landed) == [("a.csv", sha("same")[:6], True), ("copy/a.csv", sha("same")[:6], True)]
    assert len(blobs(study)) == 1


def test_counts_over_several_deliveries(study: Path) -> None:
    for number in range(40):
        put(study, f"dicom/{number:03}.dcm", str(number))
    first = look(study)
    for number in range(5):
        put(study, f"dicom/{number:03}.dcm", f"corrected {number}")
    for number in range(5, 8):
        (study / f"incoming/dicom/{number:03}.dcm").unlink()
    for number in range(40, 44):
        put(study, f"dicom/{number:03}.dcm", str(number))
    second = look(study, first.manifest, TUESDAY)
    counts = [len(names) for names in (second.new, second.changed, second.removed, second.unchanged)]
    assert counts == [4, 5, 3, 32]
    assert second.manifest.height == 49
    assert second.manifest["current"].sum() == 41


def test_hidden_and_unfinished_files_and_links_that_leave_are_passed_over(study: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.csv").write_text("secret")
    put(study, ".DS_Store", "x")
    put(study, ".git/config", "x")
    put(study, "scan.dcm.part", "x")
    put(study, "form.TMP", "x")
    put(study, "real.csv", "real")
    (study / "incoming/leaves.csv").symlink_to(elsewhere / "secret.csv")
    (study / "incoming/folder").symlink_to(elsewhere)
    (study / "incoming/dangling.csv").symlink_to(study / "incoming/nothing")
    (study / "incoming/inside.csv").symlink_to(study / "incoming/real.csv")
    (study / "incoming/loop").symlink_to(study / "incoming")
    os.mkfifo(study / "incoming/pipe")
    landed = look(study)
    assert landed.new == ["inside.csv", "real.csv"]
    assert landed.rejects.is_empty()


def test_a_name_that_is_not_text_is_rejected_with_a_remedy_and_the_rest_lands(study: Path) -> None:
    put(study, "good.csv", "a")
    try:
        (study / "incoming" / os.fsdecode(b"caf\xe9.csv")).write_text("b")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    landed = look(study)
    assert landed.new == ["good.csv"]
    reject = landed.rejects.row(0, named=True)
    assert (reject["stage"], reject["source_name"]) == ("landing.file", "caf\\xe9.csv")
    assert reject["remedy"] == "rename the file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_rejected_and_its_last_content_stays_current(study: Path) -> None:
    path = put(study, "a.csv", "a")
    first = look(study)
    path.write_text("changed")
    path.chmod(0)
    second = look(study, first.manifest, TUESDAY)
    assert second.rejects["source_name"].to_list() == ["a.csv"]
    assert (second.removed, second.changed) == ([], [])
    assert rows(second) == [("a.csv", sha("a")[:6], True)]


def test_an_empty_folder_and_an_empty_file(study: Path) -> None:
    landed = look(study)
    assert landed.manifest.equals(LANDING_FILE.empty())
    assert landed.rejects.equals(REJECT.empty())
    put(study, "empty.csv", "")
    assert look(study).manifest["size"].to_list() == [0]


def test_what_a_broken_off_landing_left_is_cleaned(study: Path) -> None:
    leftover = study / "landing/.receiving/half"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("half")
    put(study, "a.csv", "a")
    look(study)
    assert blobs(study) == {f"landing/{sha('a')[:2]}/{sha('a')}"}


def test_a_missing_folder_is_named(study: Path) -> None:
    shutil.rmtree(study / "incoming")
    with pytest.raises(LandingError, match="incoming: create it"):
        look(study)


def test_the_moment_must_be_in_utc(study: Path) -> None:
    with pytest.raises(ValueError, match="UTC"):
        look(study, now=MONDAY.astimezone(timezone(timedelta(hours=9))))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        path = tmp_path / "small"
        path.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a tmpfs needs root")
        mounted.append(path)
        return path

    yield mount
    for path in mounted:
        subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_full_disk_names_the_file_and_its_need_and_leaves_no_half_blob(
    study: Path, small_disk: Callable[[str], Path]
) -> None:
    landing = small_disk("256k") / "landing"
    put(study, "small.csv", "small")
    put(study, "large.dcm", "x" * 1_000_000)
    with pytest.raises(LandingError, match=r"disk is full: large\.dcm needs 1,000,000 bytes"):
        land("demo", study / "incoming", landing, LANDING_FILE.empty(), MONDAY)
    kept = [path for path in landing.rglob("*") if path.is_file()]
    assert [path.name for path in kept] in ([], [sha("small")])


def test_news_is_seen_without_reading_or_keeping_a_file(tmp_path: Path) -> None:
    incoming, blobs = tmp_path / "incoming", tmp_path / "landing"
    incoming.mkdir()
    (incoming / "tr.csv").write_text("A\n1\n")
    manifest = land("S", incoming, blobs, LANDING_FILE.empty(), datetime(2024, 1, 1, tzinfo=UTC)).manifest
    assert not has_news(incoming, manifest)
    (incoming / "tu.csv").write_text("A\n2\n")
    kept = sorted(blobs.rglob("*"))
    assert has_news(incoming, manifest)
    assert sorted(blobs.rglob("*")) == kept
    (incoming / "tu.csv").unlink()
    (incoming / "tr.csv").unlink()
    assert has_news(incoming, manifest)
