"""What became of each file, refresh by refresh (landing.event)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.landing import Landed
from tests.ingestion_landing.conftest import MONDAY, Inbox


def told(landed: Landed) -> dict[str, tuple[str, str | None]]:
    """Event and other name by file."""
    rows = landed.events.select("source_name", "event", "other_name").iter_rows()
    return {name: (event, other) for name, event, other in rows}


def test_a_first_file_arrived_at_the_moment_of_the_look(inbox: Inbox) -> None:
    inbox.put("tr.csv", "a")
    landed = inbox.look()
    (event,) = landed.events.to_dicts()
    assert (event["event"], event["source_name"], event["landed_at"], event["study_id"]) == (
        "ARRIVED", "tr.csv", MONDAY, "demo",
    )  # fmt: skip
    assert inbox.look().events.is_empty()


def test_a_corrected_file_was_replaced_and_names_the_content_before(inbox: Inbox) -> None:
    inbox.put("tr.csv", "first")
    before = inbox.look().manifest["sha256"][0]
    inbox.put("tr.csv", "corrected")
    (event,) = inbox.look().events.to_dicts()
    assert (event["event"], event["previous_sha256"], event["landed_at"]) == (
        "REPLACED", before, MONDAY + timedelta(days=1),
    )  # fmt: skip


def test_a_moved_file_is_neither_new_nor_deleted(inbox: Inbox) -> None:
    path = inbox.put("scan.dcm", "pixels")
    inbox.look()
    (inbox.incoming / "visit 1").mkdir()
    path.rename(inbox.incoming / "visit 1" / "scan.dcm")
    landed = inbox.look()
    assert told(landed) == {"visit 1/scan.dcm": ("MOVED", "scan.dcm")}
    assert (landed.new, landed.removed) == (["visit 1/scan.dcm"], ["scan.dcm"])


def test_two_equal_files_that_move_are_paired_in_the_order_of_their_names(inbox: Inbox) -> None:
    for name in ("a.dcm", "b.dcm"):
        inbox.put(name, "same")
    inbox.look()
    for name in ("a.dcm", "b.dcm"):
        (inbox.incoming / name).rename(inbox.incoming / f"moved {name}")
    assert told(inbox.look()) == {"moved a.dcm": ("MOVED", "a.dcm"), "moved b.dcm": ("MOVED", "b.dcm")}


def test_a_deleted_file_and_its_return(inbox: Inbox) -> None:
    inbox.put("tr.csv", "a")
    inbox.look()
    (inbox.incoming / "tr.csv").unlink()
    assert told(inbox.look()) == {"tr.csv": ("DELETED", None)}
    inbox.put("tr.csv", "a")
    assert told(inbox.look()) == {"tr.csv": ("RETURNED", None)}
    (inbox.incoming / "tr.csv").unlink()
    inbox.look()
    inbox.put("tr.csv", "another")
    assert told(inbox.look()) == {"tr.csv": ("ARRIVED", None)}


def test_a_copy_of_a_file_that_is_there_is_a_duplicate_of_it(inbox: Inbox) -> None:
    inbox.put("z.dcm", "same")
    inbox.look()
    inbox.put("a.dcm", "same")
    assert told(inbox.look()) == {"a.dcm": ("DUPLICATE", "z.dcm")}


def test_of_equal_files_that_come_together_the_first_by_name_arrived(inbox: Inbox) -> None:
    for name in ("b.dcm", "a.dcm", "c.dcm"):
        inbox.put(name, "same")
    assert told(inbox.look()) == {
        "a.dcm": ("ARRIVED", None), "b.dcm": ("DUPLICATE", "a.dcm"), "c.dcm": ("DUPLICATE", "a.dcm"),
    }  # fmt: skip


Folder = dict[str, str]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz")), min_size=2, max_size=4))
def test_the_events_of_any_looks_lead_from_one_folder_to_the_next(looks: Sequence[Folder]) -> None:
    with TemporaryDirectory() as folder:
        inbox, before = Inbox(Path(folder)), Folder()
        for number, wanted in enumerate(looks):
            for name in before.keys() - wanted.keys():
                (inbox.incoming / name).unlink()
            for name, content in wanted.items():
                if before.get(name) != content:
                    path = inbox.put(name, content)
                    os.utime(path, ns=(number, number))
            assert replayed(before, wanted, inbox.look()) == wanted
            before = wanted


def replayed(before: Folder, wanted: Folder, landed: Landed) -> Folder:
    """The folder before with what the events say; each must be true of the two folders."""
    after = dict(before)
    for name, (event, other) in told(landed).items():
        match event:
            case "DELETED":
                assert name not in wanted
                del after[name]
            case "REPLACED":
                assert before[name] != wanted[name]
                after[name] = wanted[name]
            case "MOVED":
                assert other not in wanted
                assert wanted[name] == before[str(other)]
                after[name] = after.pop(str(other))
            case "DUPLICATE":
                assert name not in before
                assert wanted[str(other)] == wanted[name]
                after[name] = wanted[name]
            case _:
                assert name not in before
                after[name] = wanted[name]
    return after
