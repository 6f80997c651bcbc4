"""ZIP and TAR archives in incoming/: their files land under names of their own, and no archive does harm."""

from __future__ import annotations

import io
import os
import random
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ingestion.landing import Landed, has_news
from protocol.sources import ArchiveLimits
from tests.ingestion_landing.conftest import Inbox

FILES = {"forms/tr.csv": b"A,B\n1,2\n", "scans/1.dcm": b"pixels" * 1000, "scans/2.dcm": b"other" * 1000}
KINDS = ["t.zip", "t.tar", "t.tar.gz", "t.tgz", "t.tar.bz2", "t.tar.xz"]


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(files: Mapping[str, bytes], compression: str = "") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=f"w:{compression}") as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def packed(name: str, files: Mapping[str, bytes] = FILES) -> bytes:
    if name.endswith(".zip"):
        return zipped(files)
    return tarred(files, {"gz": "gz", "tgz": "gz", "bz2": "bz2", "xz": "xz"}.get(name.rpartition(".")[2], ""))


def reasons(landed: Landed) -> dict[str, str]:
    assert landed.rejects["remedy"].null_count() == 0
    return dict(landed.rejects.select("source_name", "reason").iter_rows())


@pytest.mark.parametrize("name", KINDS)
def test_the_files_of_an_archive_land_under_names_of_their_own(inbox: Inbox, name: str) -> None:
    inbox.put(name, packed(name))
    landed = inbox.look()
    assert landed.new == [name, *(f"{name}!/{member}" for member in FILES)]
    assert {member: inbox.kept(f"{name}!/{member}") for member in FILES} == FILES
    assert set(landed.manifest["container"]) == {None, name}
    assert landed.rejects.is_empty()
    assert inbox.blobs() == len(FILES)


def test_an_archive_seen_before_costs_a_stat(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox.put("t.zip", packed("t.zip"))
    first = inbox.look()

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the archive was opened")

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(zipfile, "ZipFile", opened)
    second = inbox.look()
    assert (second.is_news, second.manifest.equals(first.manifest)) == (False, True)
    assert not has_news(inbox.incoming, second.manifest)


def test_a_touched_archive_is_hashed_and_not_unpacked_again(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    path = inbox.put("t.zip", packed("t.zip"))
    inbox.look()
    os.utime(path, ns=(5, 5))
    monkeypatch.delattr(zipfile, "ZipFile")
    assert not inbox.look().is_news
    assert not has_news(inbox.incoming, inbox.manifest)


def test_a_replaced_archive_replaces_only_the_files_that_differ(inbox: Inbox) -> None:
    inbox.put("t.zip", packed("t.zip"))
    inbox.look()
    inbox.put("t.zip", zipped({"forms/tr.csv": b"corrected", "scans/1.dcm": FILES["scans/1.dcm"]}))
    landed = inbox.look()
    assert (landed.new, landed.changed) == ([], ["t.zip", "t.zip!/forms/tr.csv"])
    assert landed.removed == ["t.zip!/scans/2.dcm"]
    assert landed.unchanged == ["t.zip!/scans/1.dcm"]
    assert inbox.kept("t.zip!/forms/tr.csv") == b"corrected"


def test_a_removed_archive_takes_its_files_with_it_and_their_contents_stay(inbox: Inbox) -> None:
    path = inbox.put("t.zip", packed("t.zip"))
    inbox.look()
    path.unlink()
    assert inbox.look().removed == ["t.zip", *(f"t.zip!/{member}" for member in FILES)]
    assert (inbox.current(), inbox.blobs()) == ([], 3)


def test_a_file_that_came_before_and_comes_in_an_archive_is_a_duplicate(inbox: Inbox) -> None:
    inbox.put("scan.dcm", FILES["scans/1.dcm"])
    inbox.look()
    inbox.put("t.zip", packed("t.zip"))
    events = dict(inbox.look().events.select("source_name", "event").iter_rows())
    assert events["t.zip!/scans/1.dcm"] == "DUPLICATE"
    assert inbox.blobs() == 3


def test_archives_within_an_archive_are_opened_as_deep_as_the_limit(inbox: Inbox) -> None:
    deepest = zipped({"deep.dcm": b"deep"})
    middle = tarred({"inner.zip": deepest, "middle.dcm": b"middle"})
    inbox.put("t.zip", zipped({"middle.tar": middle, "outer.dcm": b"outer"}))
    landed = inbox.look()
    assert inbox.current() == ["t.zip", "t.zip!/middle.tar!/middle.dcm", "t.zip!/outer.dcm"]
    assert reasons(landed) == {"t.zip!/middle.tar!/inner.zip": "an archive within 2 archives"}
    again = inbox.look(limits=ArchiveLimits(max_nesting=2))
    assert again.new == ["t.zip!/middle.tar!/inner.zip!/deep.dcm"]
    assert again.rejects.is_empty()


@pytest.mark.parametrize(
    ("name", "landed"),
    [
        ("../escape.csv", False),
        ("/etc/escape.csv", False),
        ("C:\\escape.csv", False),
        ("a/../../escape.csv", False),
        ("forms\\tr.csv", True),
        ("a\x07b.csv", False),
        ("folder!/tr.csv", False),
    ],
)
def test_no_name_leaves_the_archive(inbox: Inbox, name: str, landed: bool) -> None:
    inbox.put("t.zip", zipped({name: b"x", "good.csv": b"y"}))
    look = inbox.look()
    expected = [f"t.zip!/{name}".replace("\\", "/")] if landed else []
    assert inbox.current() == sorted(["t.zip", "t.zip!/good.csv", *expected])
    assert look.rejects.height == (0 if landed else 1)
    outside = {path.name for path in inbox.folder.rglob("*escape*")} | {
        path.name for path in inbox.folder.parent.glob("*.csv")
    }
    assert outside == set()


def test_links_and_devices_are_refused_and_the_rest_goes_on(inbox: Inbox) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("null", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("good.csv")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    inbox.put("t.tar", made.getvalue())
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive_:
        archive_.writestr(link, "/etc/passwd")
    inbox.put("t.zip", made.getvalue())
    found = reasons(inbox.look())
    assert set(found) == {"t.tar!/link", "t.tar!/hard", "t.tar!/null", "t.zip!/link"}
    assert set(found.values()) == {"a link or a device, not a file"}
    assert inbox.current() == ["t.tar", "t.tar!/good.csv", "t.zip"]


def test_hidden_files_of_an_archive_are_passed_over(inbox: Inbox) -> None:
    inbox.put(
        "t.zip", zipped({".DS_Store": b"x", "__MACOSX/._a": b"x", "a/.git/b": b"x", "a/b.dcm.part": b"x", "a/c": b"y"})
    )
    assert inbox.look().rejects.is_empty()
    assert inbox.current() == ["t.zip", "t.zip!/a/c"]


def test_an_encrypted_file_is_refused_with_a_remedy(inbox: Inbox) -> None:
    content = bytearray(zipped({"secret.csv": b"x", "open.csv": b"y"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + offset] |= 1
    inbox.put("t.zip", bytes(content))
    landed = inbox.look()
    assert reasons(landed) == {"t.zip!/secret.csv": "encrypted"}
    assert inbox.current() == ["t.zip", "t.zip!/open.csv"]
    assert reasons(inbox.look()) == {"t.zip!/secret.csv": "encrypted"}


def test_a_damaged_file_is_refused_and_the_rest_goes_on(inbox: Inbox) -> None:
    content = bytearray(zipped(FILES, zipfile.ZIP_STORED))
    content[content.find(b"pixels")] ^= 1
    inbox.put("t.zip", bytes(content))
    assert list(reasons(inbox.look())) == ["t.zip!/scans/1.dcm"]
    assert inbox.current() == ["t.zip", "t.zip!/forms/tr.csv", "t.zip!/scans/2.dcm"]


MANY = {f"{number}.dcm": random.Random(number).randbytes(20_000) for number in range(10)}


@pytest.mark.parametrize("end", [0.5, 0.52, 1 - 10240 / 215_040])
def test_a_cut_tar_gives_what_stands_before_the_cut_and_says_so(inbox: Inbox, end: float) -> None:
    whole = tarred(MANY)
    inbox.put("t.tar", whole[: int(len(whole) * end)])
    landed = inbox.look()
    assert 1 <= len(inbox.current()) - 1 <= 10
    assert all(kept == MANY[member] for member, kept in contents(inbox, "t.tar").items())
    assert "damaged" in reasons(landed)["t.tar"]
    assert landed.rejects["source_sha256"].null_count() == 0


@pytest.mark.parametrize("damage", ["cut", "flip"])
@pytest.mark.parametrize("name", ["t.tar.gz", "t.tar.bz2", "t.tar.xz"])
def test_a_damaged_compressed_tar_gives_nothing_since_any_of_its_files_may_be_wrong(
    inbox: Inbox, name: str, damage: str
) -> None:
    whole = bytearray(packed(name, MANY))
    if damage == "cut":
        del whole[len(whole) // 2 :]
    else:
        whole[len(whole) // 2] ^= 1
    inbox.put("outer.zip", zipped({name: bytes(whole), "good.csv": b"x"}))
    inbox.put(name, bytes(whole))
    landed = inbox.look()
    assert set(reasons(landed)) == {name, f"outer.zip!/{name}"}
    assert (inbox.current(), inbox.blobs()) == (["outer.zip", "outer.zip!/good.csv", name], 1)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_no_archive_is_refused_once_and_not_read_again(inbox: Inbox, name: str) -> None:
    inbox.put(name, b"this is no archive" * 100)
    (reason,) = reasons(inbox.look()).values()
    assert reason.startswith(("no ZIP archive", "no TAR archive"))
    assert not has_news(inbox.incoming, inbox.manifest)
    assert list(reasons(inbox.look())) == [name]


def test_the_files_of_an_archive_stay_when_a_broken_one_takes_its_place(inbox: Inbox) -> None:
    inbox.put("t.zip", packed("t.zip"))
    inbox.look()
    inbox.put("t.zip", b"broken")
    landed = inbox.look()
    assert list(reasons(landed)) == ["t.zip"]
    assert landed.removed == []
    assert inbox.current() == ["t.zip", *(f"t.zip!/{member}" for member in FILES)]
    inbox.put("t.zip", packed("t.zip"))
    assert inbox.look().rejects.is_empty()


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ArchiveLimits(max_files=2), "it holds more than 2 files"),
        (ArchiveLimits(max_gigabytes=1e-5), "it holds more than 1e-05 GB"),
    ],
)
@pytest.mark.parametrize("name", ["t.zip", "t.tar.gz"])
def test_an_archive_past_a_limit_gives_nothing_until_the_limit_is_raised(
    inbox: Inbox, name: str, limits: ArchiveLimits, reason: str
) -> None:
    inbox.put(name, packed(name, {**FILES, "more": b"m" * 20_000}))
    landed = inbox.look(limits=limits)
    assert reasons(landed) == {name: reason}
    assert (inbox.current(), inbox.blobs()) == ([name], 0)
    again = inbox.look()
    assert again.new == sorted(f"{name}!/{member}" for member in (*FILES, "more"))
    assert again.rejects.is_empty()
    assert not has_news(inbox.incoming, inbox.manifest)


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.tar.bz2"])
def test_a_bomb_is_refused_by_its_ratio_and_leaves_nothing(inbox: Inbox, name: str) -> None:
    inbox.put(name, packed(name, {"zeros.dcm": bytes(70 << 20)}))
    landed = inbox.look()
    assert reasons(landed) == {name: "it holds more than 200 times its size"}
    assert inbox.blobs() == 0


def test_a_bomb_within_an_archive_counts_against_the_outer_one(inbox: Inbox) -> None:
    inner = zipped({"zeros.dcm": bytes(70 << 20)})
    inbox.put("bomb.zip", zipped({f"{number}.zip": inner for number in range(3)}))
    assert reasons(inbox.look()) == {"bomb.zip": "it holds more than 200 times its size"}


def test_a_tar_header_that_would_fill_the_memory_is_refused(inbox: Inbox) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 33
    inbox.put("t.tar", info.tobuf(tarfile.USTAR_FORMAT if info.size < 1 << 33 else tarfile.GNU_FORMAT) + bytes(10240))
    assert list(reasons(inbox.look())) == ["t.tar"]


def test_a_size_that_lies_does_not_pass_the_limit(inbox: Inbox) -> None:
    content = bytearray(zipped({"zeros.dcm": bytes(70 << 20)}))
    at = content.find(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<L", 100)
    inbox.put("t.zip", bytes(content))
    landed = inbox.look()
    assert landed.rejects.height == 1
    assert inbox.blobs() <= 1


@pytest.mark.parametrize("name", ["t.zip", "t.tar", "t.tgz"])
def test_damaged_archives_never_crash_and_lose_nothing_silently(inbox: Inbox, name: str) -> None:
    chance = random.Random(name)
    whole = packed(name)
    for _ in range(30):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 3, 20))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        inbox.put(name, bytes(damaged[: chance.choice((len(damaged), chance.randrange(len(damaged))))]))
        landed = inbox.look()
        kept = contents(inbox, name)
        whole_ones = sum(kept.get(member) == content for member, content in FILES.items())
        assert whole_ones == len(FILES) or not landed.rejects.is_empty() or name == "t.tar"


def contents(inbox: Inbox, name: str) -> dict[str, bytes]:
    members = (member for member in inbox.current() if member.startswith(f"{name}!/"))
    return {member.removeprefix(f"{name}!/"): inbox.kept(member) for member in members}
