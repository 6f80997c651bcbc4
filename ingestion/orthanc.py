"""The feed of changes of an Orthanc server: what it received since a number, and the files of that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingestion.server import PAGE, Server, answering
from protocol.sources import DicomWeb

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}")


class Change(NamedTuple):
    """An entry of the feed: its number, and the instance that came with it, if one did."""

    number: int
    instance: str | None


class OrthancFeed:
    """What an Orthanc received, in the order of its feed."""

    def __init__(self, config: DicomWeb, server: Server) -> None:
        self._url = (config.changes or "").rstrip("/")
        self._server = server

    def since(self, last: int) -> Iterator[Change]:
        """The changes after number ``last``; all of them when the server, set up anew, has not come so far."""
        with answering(self._url):
            newest = int(self._server.json(f"{self._url}/changes", last="")["Last"])
        last = last if newest >= last else 0
        done = False
        while not done:
            page = self._server.json(f"{self._url}/changes", since=last, limit=PAGE)
            with answering(self._url):
                changes = [_change(entry) for entry in page["Changes"]]
                done = bool(page["Done"]) or not changes
            yield from changes
            last = changes[-1].number if changes else last

    def content(self, instance: str) -> bytes:
        """The file of an instance; raises `RefusedError` when the server does not give it."""
        return self._server.content(f"{self._url}/instances/{instance}/file", "application/dicom").content


def _change(entry: dict[str, object]) -> Change:
    number = int(str(entry["Seq"]))
    if entry["ChangeType"] != "NewInstance":
        return Change(number, None)
    instance = str(entry["ID"])
    if not _ID.fullmatch(instance):
        raise ValueError(f"{instance!r} is no id of an instance")
    return Change(number, instance)
