"""Fetching scans from the configured server into landing, as far as they are not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from ingestion.blobs import Blobs
from ingestion.dicom.headers import Unreadable, read_header
from ingestion.dicomweb import DicomWebSource, Instance
from ingestion.landing import DICOMWEB, Seen, check_utc, updated
from ingestion.landing_events import events
from ingestion.orthanc import OrthancFeed
from ingestion.server import RefusedError, Server, ServerError
from ingestion.tables import LANDING_FEED, LANDING_FILE, REJECT
from protocol.sources import DicomWeb


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from the server: manifest and events (`LANDING_FILE`, `LANDING_EVENT`), rejects, state of the feed."""

    manifest: pl.DataFrame
    events: pl.DataFrame
    rejects: pl.DataFrame
    feed: pl.DataFrame
    count: int


def fetch(
    study_id: str,
    config: DicomWeb,
    landing: Path,
    manifest: pl.DataFrame,
    feed: pl.DataFrame,
    now: datetime,
    environment: Mapping[str, str],
) -> Fetched:
    """Keep what the server has and the manifest has not, as ``dicomweb/<study>/<series>/<instance>``.

    ``feed`` (`LANDING_FEED`) says how far an Orthanc's feed of changes was followed. When the connection is lost, what
    came until then is kept, the feed goes on from there at the next time, and a reject says what happened; instances
    that the server refuses to give are rejects too, and asked for again. Nothing is ever taken away because the server
    has it no more.
    """
    check_utc(now)
    fetching = _Fetching(config, Blobs(landing), LANDING_FILE.conform(manifest), LANDING_FEED.conform(feed))
    with fetching.blobs.open():
        fetching.run(environment)
    fetching.blobs.make_durable(file.sha256 for file in fetching.seen.values())
    fetched = pl.col("source_name").is_in(list(fetching.seen))
    elsewhere = ~(pl.col("container").eq_missing(DICOMWEB) & fetched)
    after = updated(fetching.manifest, fetching.seen.values(), study_id, landing.name, now, elsewhere=elsewhere)
    return Fetched(
        manifest=after,
        events=events(study_id, fetching.manifest, after, now),
        rejects=fetching.rejects(study_id),
        feed=fetching.state(study_id, now),
        count=len(fetching.seen),
    )


class _Fetching:
    def __init__(self, config: DicomWeb, blobs: Blobs, manifest: pl.DataFrame, feed: pl.DataFrame) -> None:
        self.blobs = blobs
        self.manifest = manifest
        self.seen: dict[str, Seen] = {}
        self._config = config
        self._address = config.changes or config.url
        self._feed = feed
        before = feed.filter(pl.col("address") == self._address)
        self._last: int = before["last_change"][0] or 0 if before.height else 0
        self._problems: list[tuple[str, str, str]] = []
        self._lost = False

    def run(self, environment: Mapping[str, str]) -> None:
        """Fetch until nothing is left or the server is lost."""
        try:
            server = Server(self._config, environment)
            if self._config.changes:
                self._follow(OrthancFeed(self._config, server))
            else:
                self._search(DicomWebSource(self._config, server))
        except (ServerError, RefusedError) as error:
            self._lost = True
            remedy = error.remedy if isinstance(error, ServerError) else "ask the server's administrator, refresh again"
            self._problems.append((self._address, str(error), remedy))

    def _search(self, source: DicomWebSource) -> None:
        current = self.manifest.filter(pl.col("current") & pl.col("container").eq_missing(DICOMWEB))
        for instance in source.new(frozenset(current["source_name"])):
            try:
                self._keep(source.content(instance), instance)
            except RefusedError as error:
                self._refused(instance.name, error)

    def _follow(self, feed: OrthancFeed) -> None:
        all_given = True
        for change in feed.since(self._last):
            if change.instance is not None:
                try:
                    self._keep_named_by_content(feed.content(change.instance), change.instance)
                except RefusedError as error:
                    self._refused(f"instance {change.instance}", error)
                    all_given = False
            if all_given:
                self._last = change.number

    def _refused(self, name: str, error: RefusedError) -> None:
        self._problems.append((name, str(error), "it is asked for again at the next refresh"))

    def _keep_named_by_content(self, content: bytes, instance: str) -> None:
        kept = self.blobs.keep([content], instance)
        header = read_header(self.blobs.path(kept.sha256))
        values = {} if isinstance(header, Unreadable) else header.values
        uids = [values.get(name) for name in ("study_instance_uid", "series_instance_uid", "sop_instance_uid")]
        if None in uids:
            reason = header.reason if isinstance(header, Unreadable) else "no UID of its study or series"
            self._problems.append((f"instance {instance}", reason, "send it to the server again, whole"))
            return
        self._saw(Instance(*map(str, uids)), kept.sha256, kept.size)

    def _keep(self, content: bytes, instance: Instance) -> None:
        kept = self.blobs.keep([content], instance.name)
        self._saw(instance, kept.sha256, kept.size)

    def _saw(self, instance: Instance, sha256: str, size: int) -> None:
        self.seen[instance.name] = Seen(instance.name, sha256, size, 0, DICOMWEB)

    def rejects(self, study_id: str) -> pl.DataFrame:
        """What the server did not give, and why."""
        schema = {"source_name": pl.String, "reason": pl.String, "remedy": pl.String}
        rows = pl.DataFrame(self._problems, schema=schema, orient="row")
        return REJECT.conform(rows.with_columns(study_id=pl.lit(study_id), stage=pl.lit(LANDING_FEED.name)))

    def state(self, study_id: str, now: datetime) -> pl.DataFrame:
        """The rows of `LANDING_FEED`, of this address as it is now."""
        others = self._feed.filter(pl.col("address") != self._address)
        before = self._feed.filter(pl.col("address") == self._address)
        answered = before["answered_at"][0] if self._lost and before.height else None if self._lost else now
        row = {
            "study_id": study_id,
            "address": self._address,
            "last_change": self._last if self._config.changes else None,
            "answered_at": answered,
            "problem": "; ".join(reason for _, reason, _ in self._problems) or None,
        }
        return LANDING_FEED.conform(pl.concat([others, pl.DataFrame([row], schema=LANDING_FEED.schema)]))
