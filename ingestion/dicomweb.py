"""Scans of a DICOMweb server: what it has (QIDO-RS) and what is new of it (WADO-RS), PS3.18 sections 10.4 and 10.6."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ingestion.server import PAGE, RefusedError, Server, answering
from protocol.sources import DicomWeb

PREFIX = "dicomweb"
ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_UID = re.compile(r"[0-9.]{1,64}")
_STUDY, _SERIES, _INSTANCE = "0020000D", "0020000E", "00080018"
_OF_STUDY, _OF_SERIES = "00201208", "00201209"


class Instance(NamedTuple):
    """An instance by the UIDs of its study, its series and itself."""

    study: str
    series: str
    instance: str

    @property
    def name(self) -> str:
        """Its name in landing."""
        return f"{PREFIX}/{self.study}/{self.series}/{self.instance}"


class DicomWebSource:
    """The studies of a server that match the protocol's filters."""

    def __init__(self, config: DicomWeb, server: Server) -> None:
        self._url = config.url.rstrip("/")
        self._search = dict(config.search)
        self._server = server
        self._client = server.dicomweb(self._url)

    def new(self, known: frozenset[str]) -> Iterator[Instance]:
        """The instances whose names are not ``known``, study by study.

        A study or series that holds as many instances as are known of it is passed over.
        """
        counts = _counts(known)
        for study in self._pages(self._client.search_for_studies, _STUDY, _OF_STUDY, search_filters=self._search):
            if study.instances == counts.get((study.uid,), 0):
                continue
            of_study = {"study_instance_uid": study.uid}
            for series in self._pages(self._client.search_for_series, _SERIES, _OF_SERIES, **of_study):
                if series.instances == counts.get((study.uid, series.uid), 0):
                    continue
                of_series = {**of_study, "series_instance_uid": series.uid}
                for one in self._pages(self._client.search_for_instances, _INSTANCE, "", **of_series):
                    instance = Instance(study.uid, series.uid, one.uid)
                    if instance.name not in known:
                        yield instance

    def content(self, instance: Instance) -> bytes:
        """The file of an instance, as the server keeps it; raises `RefusedError` when it does not give it."""
        url = f"{self._url}/studies/{instance.study}/series/{instance.series}/instances/{instance.instance}"
        response = self._server.content(url, ACCEPT)
        return _single_part(response.headers.get("Content-Type", ""), response.content)

    def _pages(self, search: Any, uid_tag: str, count_tag: str, **given: Any) -> Iterator[_Found]:
        """All that a search finds, page by page."""
        seen: set[str] = set()
        while True:
            with answering(self._url):
                page = [_Found.of(item, uid_tag, count_tag) for item in search(**given, limit=PAGE, offset=len(seen))]
            fresh = [found for found in page if found.uid not in seen]
            yield from fresh
            seen.update(found.uid for found in fresh)
            if len(page) < PAGE or not fresh:
                return


class _Found(NamedTuple):
    uid: str
    instances: int | None

    @classmethod
    def of(cls, item: Mapping[str, Any], uid_tag: str, count_tag: str) -> _Found:
        (uid,) = item[uid_tag]["Value"]
        if not _UID.fullmatch(uid):
            raise ValueError(f"{uid!r} is no UID")
        count = item.get(count_tag, {}).get("Value", [None])[0]
        return cls(uid, None if count is None else int(count))


def _counts(known: frozenset[str]) -> Mapping[tuple[str, ...], int]:
    """How many instances are known of each study, and of each series."""
    uids = [name.split("/")[1:3] for name in known]
    return Counter([*((study,) for study, _ in uids), *((study, series) for study, series in uids)])


def _single_part(content_type: str, body: bytes) -> bytes:
    """The one part of a multipart answer; a body that is no multipart one is the file itself."""
    if not content_type.lower().startswith("multipart/"):
        return body
    found = re.search(r'boundary="?([^";]+)', content_type)
    if found is None:
        raise RefusedError("an answer of several parts without their boundary")
    boundary = b"--" + found[1].encode("ascii", "replace")
    start, end = body.find(b"\r\n\r\n"), body.rfind(b"\r\n" + boundary)
    if not body.lstrip().startswith(boundary) or start < 0 or end < start + 4:
        raise RefusedError("an answer that ends before its content does")
    return body[start + 4 : end]
